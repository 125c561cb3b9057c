"""Progress: what a student is told about each exercise, and how the notebook is found."""

import json
import subprocess
import sys
import types
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import check, notebooks
from course.errors import CourseError
from course.progress import NOT_STARTED, NOT_YET, PASSED, Progress, Row, progress

# Names that the plan of foundations knows: low-rank is core, 20 minutes; init is full, 45 minutes.
LOW_RANK = "def low_rank(n):\n    return n + 1"
LOW_RANK_TEST = '"""Adds one."""\nprint("noise")\ncheck.close(low_rank(1), 2, "Is one <added>?")'
HIDDEN = '### BEGIN HIDDEN TESTS\nraise RuntimeError("hidden tests ran")\n### END HIDDEN TESTS'
INIT = "def init_weights(n):\n    raise NotImplementedError(\"Exercise 'init': write it here\")"
INIT_TEST = 'check.close(init_weights(1), 1, "?")'


def code(source, name, grade=False, points=0):
    header = {"grade_id": name, "grade": grade, "solution": not grade, "locked": grade, "schema_version": 3, "task": False}
    return new_code_cell(source, metadata={"nbgrader": header | ({"points": points} if grade else {})})


def book(*cells):
    return new_notebook(cells=[new_markdown_cell("# A notebook"), new_code_cell("from course import check"), *cells])


NOTEBOOK = book(
    code(LOW_RANK, "low-rank"),
    code(f"{LOW_RANK_TEST}\n{HIDDEN}", "low-rank-test", True, 4),
    code('check.close(low_rank(2), 3, "?")', "low-rank-test-more", True, 2),
    code(INIT, "init"),
    code(INIT_TEST, "init-test", True, 7),
)


def run(nb, **extra):
    """The namespace that the notebook's ungraded cells leave behind."""
    namespace = {}
    for cell in nb.cells:
        if cell.cell_type == "code" and not notebooks.is_graded(cell):
            exec(cell.source, namespace)
    return namespace | extra


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with nothing in it, outside Jupyter."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return tmp_path


def save(nb, path):
    nbformat.write(nb, path)
    return path


def tell(folder, nb, namespace=None):
    return progress(save(nb, folder / "n.ipynb"), run(nb) if namespace is None else namespace)


def test_passed_and_not_started(folder):
    told = tell(folder, NOTEBOOK)
    low_rank, init = told.rows
    assert low_rank == Row("low-rank", "How much of a matrix matters", "core", 6, 6, PASSED, "", 20)
    assert (init.state, init.message, init.points, init.earned, init.minutes) == (NOT_STARTED, "", 7, 0, 45)
    assert (told.points, told.total, told.minutes_left("core"), told.minutes_left("full")) == (6, 13, 0, 45)


def test_hidden_tests_stay_out(folder):
    assert tell(folder, NOTEBOOK).rows[0].state == PASSED  # they would have raised


def test_not_yet_says_what_the_test_says(folder):
    told = tell(folder, NOTEBOOK, run(NOTEBOOK, low_rank=lambda n: 2))
    row = told.rows[0]
    assert (row.state, row.message, row.earned) == (NOT_YET, "?", 4)  # each test cell counts by itself
    assert told.minutes_left("core") == 20 and told.minutes_left() == 65


def test_only_the_first_line_of_a_message(folder):
    row = tell(folder, NOTEBOOK, run(NOTEBOOK, low_rank=lambda n: 0)).rows[0]
    assert row.message == "Is one <added>?" and row.earned == 0


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda n: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda n: sys.exit("bye"), "SystemExit: bye"),
        (lambda n: [][n], "IndexError: list index out of range"),
        (lambda n: undefined_here, "NameError: name 'undefined_here' is not defined"),  # noqa: F821
        (lambda n: (_ for _ in ()).throw(KeyError()), "KeyError"),
    ],
)
def test_code_that_breaks(folder, function, message):
    row = tell(folder, NOTEBOOK, run(NOTEBOOK, low_rank=function)).rows[0]
    assert (row.state, row.message) == (NOT_YET, message)


def test_a_long_message_is_cut(folder):
    def fail(n):
        raise AssertionError("x" * 500)

    message = tell(folder, NOTEBOOK, run(NOTEBOOK, low_rank=fail)).rows[0].message
    assert len(message) == 200 and message.endswith("…")


def test_cells_that_were_not_run(folder):
    ran = run(NOTEBOOK)
    del ran["low_rank"]
    assert tell(folder, NOTEBOOK, ran).rows[0].message == "Run this exercise's cells first: low_rank is not defined."
    assert tell(folder, NOTEBOOK, {}).rows[0].message == "Run the notebook's cells from the top first: check is not defined."


def test_a_stub_called_inside_a_check(folder):
    nb = book(code(INIT, "init"), code('check.close(lambda: init_weights(1), 1, "?")', "init-test", True, 7))
    assert tell(folder, nb).rows[0].state == NOT_STARTED


def test_a_stub_wrapped_in_another_error(folder):
    test = 'try:\n    init_weights(1)\nexcept Exception as error:\n    raise AssertionError("broken") from error'
    assert tell(folder, book(code(INIT, "init"), code(test, "init-test", True, 7))).rows[0].state == NOT_STARTED


def test_an_exercise_that_waits_for_an_earlier_one(folder):
    later = "def optimizers():\n    return init_weights(1)"
    nb = book(
        *(code(INIT, "init"), code(INIT_TEST, "init-test", True, 7)),
        *(code(later, "optimizers"), code('check.close(optimizers(), 1, "?")', "optimizers-test", True, 5)),
    )
    row = tell(folder, nb).rows[1]
    assert (row.state, row.message) == (NOT_YET, "It needs init, which is not written yet.")


def test_half_written(folder):
    nb = book(
        code(f"{LOW_RANK}\n{INIT}", "init"),
        code('check.close(low_rank(1), 2, "?")', "init-test-a", True, 3),
        code(INIT_TEST, "init-test-b", True, 4),
    )
    row = tell(folder, nb).rows[0]
    assert (row.state, row.earned, row.message) == (NOT_YET, 3, "A part of it is not written yet.")


@pytest.mark.parametrize(("solution", "earned"), [(LOW_RANK, 6), (LOW_RANK.replace("+ 1", ""), 0)])
def test_points_of_a_wholly_hidden_test_follow_the_visible_ones(folder, solution, earned):
    nb = book(
        code(solution, "low-rank"),
        code(LOW_RANK_TEST, "low-rank-test", True, 4),
        code(f'"""Larger."""\n# and hidden\n{HIDDEN}', "low-rank-test-large", True, 2),
    )
    assert tell(folder, nb).rows[0].earned == earned


def test_test_cells_of_one_exercise_share_their_names_and_leave_none(folder):
    nb = book(
        *(code(LOW_RANK, "low-rank"), code("x = 1", "low-rank-test", True, 1)),
        code('check.close(low_rank(x), 2, "?")', "low-rank-test-b", True, 1),
        *(code(INIT, "init"), code('check.that("x" in globals(), lambda there: not there, "?")', "init-test", True, 1)),
    )
    namespace = run(nb)
    before = set(namespace)
    assert [row.state for row in tell(folder, nb, namespace).rows] == [PASSED, PASSED]
    assert set(namespace) == before


def test_nothing_is_shown(folder, capsys):
    test = "import sys, matplotlib.pyplot as plt\nprint(1)\nprint(2, file=sys.stderr)\nplt.figure()"
    nb = book(code(LOW_RANK, "low-rank"), code(test, "low-rank-test", True, 1))
    mine = plt.figure()
    try:
        assert tell(folder, nb).points == 1
        assert plt.get_fignums() == [mine.number]
    finally:
        plt.close(mine)
    assert capsys.readouterr() == ("", "")


def test_an_exercise_that_the_plan_does_not_know(folder):
    nb = book(code(LOW_RANK, "my-own"), code('check.close(low_rank(1), 3, "?")', "my-own-test", True, 1))
    told = tell(folder, nb)
    assert (told.rows[0].title, told.rows[0].minutes, told.minutes_left()) == ("", None, 0)


def test_the_phase_can_be_named(folder):
    path = save(NOTEBOOK, folder / "n.ipynb")
    assert progress(path, run(NOTEBOOK), phase="foundations").rows[0].minutes == 20
    with pytest.raises(CourseError, match="no phase called 'x'"):
        progress(path, {}, phase="x")
    with pytest.raises(CourseError, match="choose core or full"):
        progress(path, {}).minutes_left("weekend")


# Where the notebook is.


def test_jupyter_names_it(folder, monkeypatch):
    (folder / "sub").mkdir()
    monkeypatch.setenv("JPY_SESSION_NAME", str(save(NOTEBOOK, folder / "sub" / "mine.ipynb")))
    assert progress(namespace=run(NOTEBOOK)).points == 6


def test_vs_code_names_it(folder):
    (folder / "sub").mkdir()
    path = save(NOTEBOOK, folder / "sub" / "mine.ipynb")
    assert progress(namespace=run(NOTEBOOK, __vsc_ipynb_file__=str(path))).points == 6


def test_colab_is_asked(folder, monkeypatch):
    page = json.loads(nbformat.writes(NOTEBOOK))
    asked = types.SimpleNamespace(blocking_request=lambda kind, **_: {"ipynb": page} if kind == "get_ipynb" else None)
    colab = types.ModuleType("google.colab")
    colab._message = asked
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    assert progress(namespace=run(NOTEBOOK)).points == 6
    asked.blocking_request = lambda *_, **__: None  # no answer in time: the other ways are tried
    with pytest.raises(CourseError):
        progress(namespace=run(NOTEBOOK))


def test_the_working_folder_is_searched(folder, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "renamed-since.ipynb"))
    (folder / "broken.ipynb").write_text("{")
    save(new_notebook(cells=[new_code_cell("1")]), folder / "another.ipynb")
    save(book(code("def other():\n    pass", "other"), code("other()", "other-test", True, 50)), folder / "other.ipynb")
    save(NOTEBOOK, folder / "mine.ipynb")
    assert progress(namespace=run(NOTEBOOK)).total == 13  # the one whose names are there


def test_no_notebook(folder):
    with pytest.raises(CourseError) as error:
        progress(namespace={})
    assert str(error.value).endswith("found here: save it and name it, as in progress('foundations.ipynb').")


def test_a_notebook_that_is_none(folder):
    with pytest.raises(CourseError, match="does not exist"):
        progress(folder / "none.ipynb", {})
    (folder / "text.ipynb").write_text("hello")
    with pytest.raises(CourseError, match="is not a notebook"):
        progress(folder / "text.ipynb", {})
    save(new_notebook(), folder / "empty.ipynb")
    with pytest.raises(CourseError, match="holds no exercise"):
        progress(folder / "empty.ipynb", {})


# How it is shown.

ROWS = (
    Row("low-rank", "Best <b>", "core", 6, 6, PASSED, "", 25),
    Row("init", "", "full", 7, 0, NOT_YET, 'x < "y" & z', 45),
    Row("residual", "", "full", 5, 0, NOT_STARTED, "", None),
)


def test_as_text():
    lines = str(Progress(ROWS)).splitlines()
    assert lines[0] == "6 of 18 points in the visible tests · time left: core 0 min, full 45 min"
    assert lines[1] == "█" * 13 + "░" * 27
    assert lines[2].startswith("✓ low-rank    6/6   passed") and lines[3] == '✗ init        0/7   not yet: x < "y" & z'
    assert lines[4].endswith("not started") and "Hidden tests" in lines[5] and len(lines) == 6
    assert repr(Progress(ROWS)) == str(Progress(ROWS))


def test_as_html():
    text = Progress(ROWS)._repr_html_()
    assert "Best &lt;b&gt;" in text and "x &lt; &quot;y&quot; &amp; z" in text and "<b>" not in text
    assert "6 of 18 points" in text and "Hidden tests" in text and "<script" not in text
    assert text.count('scope="row"') == 3 and text.count('scope="col"') == 4 and 'role="img" aria-label=' in text
    assert text.count("linear-gradient") == 3 and "100%" in text


def test_nothing_to_show():
    assert "0 of 0 points" in str(Progress(())) and "0 of 0 points" in Progress(())._repr_html_()


@pytest.mark.slow
def test_in_a_kernel(folder, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(Path(check.__file__).parents[1]))
    nb = notebooks.read(save(NOTEBOOK, folder / "mine.ipynb"))
    nb.cells = [cell for cell in nb.cells if not notebooks.is_graded(cell)]
    nb.cells.append(new_code_cell("from course.progress import progress\nprogress()"))
    client = NotebookClient(nb, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute(stderr=subprocess.DEVNULL)  # the kernel's own words about its transport
    [output] = nb.cells[-1].outputs
    assert "6 of 13 points" in output["data"]["text/html"] and "6 of 13 points" in output["data"]["text/plain"]
