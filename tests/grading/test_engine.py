"""One submission through the engine: points, follow-through, and a way on from whatever happens to its kernel."""

import asyncio
import json
import re

import nbformat
import pytest
from conftest import ROOT, needs_sandbox, phases, with_headers

from course import answers, notebooks
from course.grading import classroom, key, plan, warm
from course.grading.engine import MODULES, Grader, Limits
from course.grading.plan import imports

pytestmark = needs_sandbox

NOTEBOOK = '''
# %%
import torch

from course import check

scale = torch.ones(2)

# %% SOLUTION double
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% TEST double-test 3
"""A small tensor."""
check.close(lambda: double(torch.ones(2)), torch.full((2,), 2.0), "Is it doubled?")

# %% TEST double-test-more 2
"""Other numbers."""
### BEGIN HIDDEN TESTS
check.close(lambda: double(torch.full((3,), 7.0)), torch.full((3,), 14.0), "Is every entry doubled?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-table", "locked": true, "schema_version": 3, "solution": false, "task": false}
table = double(torch.arange(3.0)) * scale[0]

# %% SOLUTION total
def total(x):
    """The sum of x, doubled."""
    ### BEGIN SOLUTION
    return double(x).sum()
    ### END SOLUTION

# %% TEST total-test 5
"""The sum of a table that was made before."""
check.close(lambda: total(table), 12.0, "Is it the sum of the doubled?")
check.equal(lambda: tuple(table.shape), (3,), "Is the table left as it was?")
'''

DOUBLE, TOTAL = "def double(x):\n    return x + x", "def total(x):\n    return sum(double(x))"
QUICK = Limits(cell_s=3, times=3, total_s=60, memory_bytes=1 << 29)


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "small.nb.py"
    path.write_text(with_headers(NOTEBOOK), "utf-8")
    return key.material(notebooks.to_notebook(path), "small")


@pytest.fixture(scope="module")
def grader():
    with Grader(QUICK) as found:
        yield found


def submitted(material, double=DOUBLE, total=TOTAL, added=None):
    """The file of a student who wrote this; `added`: (a cell's name, text): a cell of the student's own after that one."""
    nb = json.loads(material.notebook)
    for cell in nb["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = {"double": double, "total": total}.get(name, cell["source"])
    if added:
        place = next(i for i, one in enumerate(nb["cells"]) if one["metadata"].get("nbgrader", {}).get("grade_id") == added[0])
        nb["cells"].insert(place + 1, {"cell_type": "code", "source": added[1], "metadata": {}, "outputs": []})
    return json.dumps(nb).encode()


def states(result):
    return {one.name: (one.state, one.score) for one in result.exercises}


FULL = {"double": ("passed", 5), "total": ("passed", 5)}


def test_what_the_courses_own_cells_import():
    cells = [
        nbformat.v4.new_code_cell("import a.b, c\nfrom d.e import f as g\nfrom . import h"),
        nbformat.v4.new_code_cell("import shown", metadata={"tags": ["explore"]}),
        nbformat.v4.new_code_cell("import mine", metadata={"nbgrader": {"solution": True, "grade": False, "grade_id": "x"}}),
    ]
    text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    assert imports(key.Material("small", text, b"", {})) == ("a.b", "c", "d.e:f")


def test_a_grader_whose_shared_server_has_gone_gets_one_of_its_own(material):
    with warm.Warm(MODULES) as address:
        shared = classroom.grader(QUICK, address=address)
        assert shared.server is None and shared.alive
        assert states(shared.grade(material, submitted(material))) == FULL
    assert not shared.alive
    own = classroom.grader(QUICK, address=address)
    assert own.server and own.alive and classroom.grader(QUICK, address=address) is own
    own.__exit__()


def test_right_answers_score_full(material, grader):
    result = grader.grade(material, submitted(material))
    assert states(result) == FULL and (result.score, result.points) == (10, 10)
    assert result.scores() == {"double-test": 3, "double-test-more": 2, "total-test": 5}
    nb = json.loads(result.notebook)
    assert not any(output["output_type"] == "error" for cell in nb["cells"] for output in cell.get("outputs", []))


def test_a_mistake_costs_its_own_points_and_no_others(material, grader):
    result = grader.grade(material, submitted(material, double="def double(x):\n    return 2 * x if len(x) == 2 else x"))
    assert states(result) == {"double": ("partly", 3), "total": ("passed", 5)}
    assert result.exercises[1].on_reference == ["double"] and not result.exercises[0].on_reference
    (failed,) = result.exercises[0].tests[1].checks
    assert failed.hidden and failed.message == "Is every entry doubled?"  # the hint, and neither 14 nor 7


def test_a_visible_failure_shows_values_and_a_hidden_one_none(material, grader):
    result = grader.grade(material, submitted(material, double="def double(x):\n    return 3 * x"))
    visible, hidden = (test.checks[0] for test in result.exercises[0].tests)
    assert "expected: 2 at [0]" in visible.message and "got: 3" in visible.message
    assert "14" not in hidden.message and "21" not in hidden.message
    page = json.loads(result.notebook)
    shown = [cell for cell in page["cells"] if cell["id"] == "double-test"][0]["outputs"]
    assert shown[-1]["ename"] == "CheckFailed"  # nbgrader's own tools see a failed test


@pytest.mark.parametrize(
    "damage",
    {
        "a function of torch's": "torch.sum = torch.Tensor.sum = lambda *args, **kwargs: 0",
        "the default type": "torch.set_default_dtype(torch.float64)",
        "what was given": "scale.mul_(100)",
        "a given name": "scale = 'mine'",
        "a builtin": "sum = max",
        "a thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "the class of checks": "from course import check as c\nc.close = None",
    }.items(),
    ids=lambda one: one[0],
)
def test_what_a_failed_exercise_leaves_behind_harms_no_other(material, grader, damage):
    result = grader.grade(material, submitted(material, double=f"{damage[1]}\ndef double(x):\n    return x"))
    assert states(result) == {"double": ("failed", 0), "total": ("passed", 5)}


def test_a_failed_exercise_without_traces_keeps_its_kernel(material, grader, monkeypatch):
    from course.grading import engine

    monkeypatch.setattr(engine.Grading, "_replay", None)
    result = grader.grade(material, submitted(material, double="def double(x):\n    return x"))
    assert states(result) == {"double": ("failed", 0), "total": ("passed", 5)}


def test_stubs_score_nothing_and_are_not_run(material, grader):
    raising = "raise NotImplementedError(\"Exercise 'double': write it here\")"
    stub = f'def double(x):\n    """Twice x."""\n    # YOUR CODE HERE\n    {raising}'
    result = grader.grade(material, submitted(material, double=stub))
    assert states(result) == {"double": ("unwritten", 0), "total": ("passed", 5)}
    half = grader.grade(material, submitted(material, double=stub.replace("# YOUR CODE HERE", "x = x + 0")))
    assert states(half) == {"double": ("unwritten", 0), "total": ("passed", 5)}


def test_an_error_says_where(material, grader):
    text = "def double(x):\n    y = x[99]\n    return 2 * y"
    found = grader.grade(material, submitted(material, double=text)).exercises[0]
    assert found.where == "line 2: y = x[99]" and "Your code raised IndexError" in found.tests[0].checks[0].message
    found = grader.grade(material, submitted(material, double="def double(x:\n    return 2")).exercises[0]
    assert found.state == "failed" and "SyntaxError" in found.where
    found = grader.grade(material, submitted(material, double=DOUBLE + "\nprint(1 / 0)")).exercises[0]
    assert found.state == "passed" and found.where.endswith("ZeroDivisionError: division by zero")


DEAF = """while True:
        try:
            while True: pass
        except BaseException: pass"""
ENDS = {
    "exit": ("import os; os._exit(3)", "stopped"),
    "signal": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "stopped"),
    "loop": ("while True: pass", "took more than 3 s"),
    "deaf": (DEAF, "took more than 3 s"),
    "in C": ("9 ** 9 ** 9", "took more than 3 s"),
    "memory": ("big = []\n    while True: big.append(bytearray(50_000_000))", "memory|MemoryError"),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_rest_is_graded_when_a_kernel_is_lost(material, grader, end):
    code, reason = ENDS[end]
    result = grader.grade(material, submitted(material, double=f"def double(x):\n    {code}"))
    first, second = result.exercises
    assert (second.state, second.score) == ("passed", 5) and first.score == 0
    said = first.reason + "".join(check.message for test in first.tests for check in test.checks)
    assert re.search(reason, said), said


def test_an_exercise_that_stops_scores_nothing_whatever_passed_before(material, grader):
    text = "def double(x):\n    import os\n    return 2 * x if len(x) == 2 else os._exit(1)"
    result = grader.grade(material, submitted(material, double=text))
    assert states(result) == {"double": ("stopped", 0), "total": ("passed", 5)} and result.exercises[0].reason


def test_a_submission_has_a_time_of_its_own(material):
    with Grader(Limits(cell_s=30, times=0, total_s=4)) as grader:
        result = grader.grade(material, submitted(material, double="import time\ndef double(x):\n    time.sleep(100)"))
    assert result.seconds < 20 and {one.state for one in result.exercises} == {"stopped"} and result.score == 0
    assert result.points == 10


def test_cells_of_ones_own_run_and_are_not_scored(material, grader):
    helper = ("double-test-more", "def helper(x):\n    return double(x).sum()\nprint('mine')")
    result = grader.grade(material, submitted(material, total="def total(x):\n    return helper(x)", added=helper))
    assert states(result) == FULL and any("of your own (1)" in one for one in result.repairs)
    lost = ("double-test-more", "while True: pass")
    result = grader.grade(material, submitted(material, added=lost))
    assert states(result) == FULL and any("left out" in one for one in result.notes)
    dead = ("given-table", "import os; os._exit(0)")
    result = grader.grade(material, submitted(material, added=dead))
    assert states(result) == FULL and any("left out" in one for one in result.notes)


def test_a_given_cell_that_an_answer_stops_runs_with_the_reference(material, grader):
    text = "def double(x):\n    assert x.sum() != 3, 'not this one'\n    return 2 * x"  # what no test gives, the given cell does
    result = grader.grade(material, submitted(material, double=text))
    assert states(result) == FULL and any("given-table" in one for one in result.notes)


def test_a_file_that_is_no_notebook_is_quarantined(material, grader):
    result = grader.grade(material, b"{")
    assert "not a notebook" in result.quarantined and not result.exercises and result.score == 0


def test_grading_twice_gives_the_same(material, grader):
    data = submitted(material, double="def double(x):\n    return 3 * x")
    one, two = grader.grade(material, data), grader.grade(material, data)
    assert states(one) == states(two)
    assert [t.checks for e in one.exercises for t in e.tests] == [t.checks for e in two.exercises for t in e.tests]


def test_a_running_event_loop_is_no_hindrance(material, grader):
    async def inside():
        return grader.grade(material, submitted(material))

    assert states(asyncio.run(inside())) == FULL


def test_the_key_stays_out_of_a_students_reach(material, tmp_path):
    kept = key.material(notebooks.to_notebook(_text(tmp_path)), "small", tmp_path / key.FOLDER)
    assert (tmp_path / key.FOLDER / "small.key").stat().st_mode & 0o077 == 0
    again = key.material(notebooks.to_notebook(_text(tmp_path)), "small", tmp_path / key.FOLDER)
    assert again.calls == kept.calls and again.seconds == kept.seconds  # the kept one: times never repeat
    changed = notebooks.to_notebook(_text(tmp_path, NOTEBOOK.replace("torch.full((3,), 14.0)", "14 * torch.ones(3)")))
    assert key.material(changed, "small", tmp_path / key.FOLDER).fingerprint != kept.fingerprint
    (tmp_path / key.FOLDER / "small.key").write_bytes(b"cut short")
    assert key.material(notebooks.to_notebook(_text(tmp_path)), "small", tmp_path / key.FOLDER).fingerprint == kept.fingerprint


def test_a_reference_that_fails_its_own_test_makes_no_key(tmp_path):
    from course.errors import CourseError

    wrong = notebooks.to_notebook(_text(tmp_path, NOTEBOOK.replace("torch.full((2,), 2.0)", "torch.full((2,), 5.0)")))
    with pytest.raises(CourseError, match="'double-test'"):
        key.material(wrong, "small")


def _text(folder, text=NOTEBOOK):
    path = folder / "small.nb.py"
    path.write_text(with_headers(text), "utf-8")
    return path


def test_who_builds_on_whom(material):
    found = plan.plan(material)
    assert {name: task.builds_on for name, task in found.tasks.items()} == {"double": [], "total": ["double"]}
    assert found.tests["double-test-more"].hidden == {0} and found.tests["double-test"].hidden == set()
    assert "14" not in found.tests["double-test-more"].probe and "Is every" not in found.tests["double-test-more"].probe


@pytest.mark.slow
@pytest.mark.parametrize("phase", phases())
def test_answers_fare_in_the_engine_as_they_do_in_a_notebook(phase):
    """The k-th right answers to all exercises in one submission score full; the k-th wrong ones fail every exercise."""
    material = key.of_phase(ROOT, phase)
    names = list(plan.plan(material).tasks)
    found = {name: answers.parse(ROOT / "tests" / "answers" / phase / f"{name}.py") for name in names}
    with Grader() as grader:
        # The references and the first wrong ones are what the sample class hands in (tests/test_demo.py).
        for kind, turns in (("right", (0, 1)), ("wrong", (1,))):
            texts = {name: [one for one in found[name] if one.kind == kind] for name in names}
            for turn in turns:
                chosen = {name: texts[name][turn % len(texts[name])] for name in names}
                nb = json.loads(material.notebook)
                for cell in nb["cells"]:
                    name = cell["metadata"].get("nbgrader", {}).get("grade_id")
                    cell["source"] = chosen[name].source if name in chosen else cell["source"]
                result = grader.grade(material, json.dumps(nb).encode())
                assert not result.quarantined
                for one in result.exercises:
                    wanted = one.state == "passed" if kind == "right" else one.state in ("failed", "partly")
                    assert wanted, (one.name, chosen[one.name].label, one.state, one.reason, one.where)


def test_without_a_sandbox_ones_own_work_is_graded_alike(material):
    with Grader(QUICK, sandbox=False) as grader:
        result = grader.grade(material, submitted(material, double="def double(x):\n    return 2 * x if len(x) == 2 else x"))
        assert states(result) == {"double": ("partly", 3), "total": ("passed", 5)}
        lost = grader.grade(material, submitted(material, double="def double(x):\n    while True: pass"))
        assert states(lost) == {"double": ("stopped", 0), "total": ("passed", 5)}
