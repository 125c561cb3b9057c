"""Whatever state a submission comes in, the graded notebook is the instructor's with the student's solutions in it."""

import copy
import json
import os
import random

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from course import notebooks
from course.bootstrap import cell as set_up
from course.grading import outputs, reading, stubs
from course.grading.reading import Unreadable, find_submission, read_submission
from course.grading.rebuild import rebuild

TWICE = '''def twice(x):
    """Twice every entry of x, whatever its shape."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''
PAIR = '''UNIT = 1


def above(x):
    """The number after x, in the same type."""
    ### BEGIN SOLUTION
    return x + UNIT
    ### END SOLUTION


def below(x):
    """The number before x, in the same type."""
    ### BEGIN SOLUTION
    return x - UNIT
    ### END SOLUTION'''
TEST = '''"""{0}, on a number."""
check.close({0}(3), {1}, "Is it right on 3?")
### BEGIN HIDDEN TESTS
hidden_{0}
### END HIDDEN TESTS'''
GOOD = {"twice": "return x + x", "above": "return 1 + x", "below": "return -1 + x"}


def header(name, **more):
    base = {"grade": False, "grade_id": name, "locked": True, "schema_version": 3, "solution": False, "task": False}
    return {"nbgrader": base | more}


def make_source():
    test = {"grade": True, "points": 2}
    nb = new_notebook(
        cells=[
            new_markdown_cell("# A toy of two exercises\n\nWritten by the instructor.", id="title"),
            new_code_cell("import math\nfrom course import check", id="given", metadata=header("given")),
            new_markdown_cell("### 1 · Twice, which doubles", id="c-1"),
            new_code_cell(TWICE, id="twice", metadata=header("twice", solution=True, locked=False)),
            new_code_cell(TEST.format("twice", 6), id="twice-test", metadata=header("twice-test", **test)),
            new_code_cell("print('look at this', twice(4))", id="c-2", metadata={"tags": ["explore"]}),
            new_markdown_cell("### 2 · Neighbours of a number", id="c-3"),
            new_code_cell(PAIR, id="pair", metadata=header("pair", solution=True, locked=False)),
            new_code_cell(TEST.format("above", 4), id="pair-test", metadata=header("pair-test", **test)),
            new_code_cell(TEST.format("below", 2), id="pair-test-b", metadata=header("pair-test-b", **test)),
            new_code_cell("twice(5)", id="c-4", metadata={"tags": ["explore"]}),
        ]
    )
    nb.metadata["kernelspec"] = dict(notebooks.KERNEL)
    return nb


SOURCE = make_source()
STUB = {name: stubs.stub(text, name) for name, text in (("twice", TWICE), ("pair", PAIR))}


def released():
    """What the student gets."""
    nb = copy.deepcopy(SOURCE)
    for cell in nb.cells:
        cell.source = STUB.get(cell.id, notebooks.visible(cell.source))
    nb.cells.insert(0, new_code_cell(set_up("https://example.org/course"), id="bootstrap", metadata=header("bootstrap")))
    return nb


def write(stub, **bodies):
    """The stub with bodies written into its functions, in their order."""
    for body in bodies.values():
        head, _, tail = stub.partition("    # YOUR CODE HERE\n")
        stub = f"{head}    {body}\n{tail.partition(chr(10))[2]}".rstrip("\n")
    return stub


DONE = {
    "twice": write(STUB["twice"], twice=GOOD["twice"]),
    "pair": write(STUB["pair"], above=GOOD["above"], below=GOOD["below"]),
}


def handed_in(*done):
    """A released notebook in which the exercises named were solved."""
    nb = released()
    for cell in nb.cells:
        cell.source = DONE[cell.id] if cell.id in done else cell.source
    return nb


def at(nb, name):
    """Where the first cell called so stands."""
    return next(i for i, cell in enumerate(nb.cells) if name in (cell.get("id"), notebooks.grade_id(cell)))


def twin(cell, source, **more):
    """A copy as JupyterLab makes it: a new id, the same metadata."""
    return nbformat.from_dict({**copy.deepcopy(cell), "id": f"copy-{len(source)}", "source": source, **more})


def pack(nb):
    return json.dumps(nb).encode()


def grade(nb):
    return rebuild(SOURCE, nb if isinstance(nb, bytes) else pack(nb))


def strip(nb, ids=True):
    """All metadata gone, and the ids with them."""
    for cell in nb.cells:
        cell.metadata = {}
        if ids:
            del cell["id"]
    return nb


def same_but_solutions(built, added=()):
    """The rebuilt notebook is the instructor's in everything but the solutions' text and the cells added."""
    ids = [cell.id for cell in built.notebook.cells]
    assert [one for one in ids if not one.startswith("added-")] == [cell.id for cell in SOURCE.cells]
    for cell in built.notebook.cells:
        if cell.id.startswith("added-"):
            assert cell.metadata == {}
            continue
        mine = SOURCE.cells[at(SOURCE, cell.id)]
        assert (cell.metadata, cell.cell_type) == (mine.metadata, mine.cell_type)
        assert cell.source == (built.solutions[cell.id] if cell.id in built.solutions else mine.source)
    assert [cell.source for cell in built.notebook.cells if cell.id.startswith("added-")] == list(added)
    nbformat.validate(built.notebook)


def test_released_gives_stubs_and_says_nothing():
    built = grade(released())
    assert built.solutions == STUB and built.repairs == []
    same_but_solutions(built)


def test_solved_is_taken_as_it_is():
    before = copy.deepcopy(SOURCE)
    built = grade(handed_in("twice", "pair"))
    assert built.solutions == DONE and built.repairs == []
    same_but_solutions(built)
    assert before == SOURCE


def test_without_any_metadata():
    built = grade(strip(handed_in("twice", "pair")))
    assert built.solutions == DONE
    same_but_solutions(built)
    assert len(built.repairs) == 1 and "recognized" in built.repairs[0] and "twice, pair" in built.repairs[0]


def test_foreign_metadata_goes():
    nb = handed_in("twice", "pair")
    for cell in nb.cells:
        cell.metadata["colab"] = {"base_uri": "https://localhost"}
        cell.metadata["vscode"] = {"languageId": "python"}
        cell.metadata["tags"] = ["skip-execution", "explore", "raises-exception"]
    nb.metadata = {"kernelspec": {"name": "evil", "display_name": "Julia"}, "colab": {}, "accelerator": "GPU"}
    built = grade(nb)
    assert built.solutions == DONE
    same_but_solutions(built)
    assert built.notebook.metadata["kernelspec"]["name"] == "python3" and "colab" not in built.notebook.metadata
    assert notebooks.tags(built.notebook.cells[at(built.notebook, "c-2")]) == {"explore"}


def test_docstring_alone_and_position_alone():
    nb = strip(handed_in("twice", "pair"))
    nb.cells[4].source = 'def renamed(x):\n    """Twice every entry of x, whatever its shape."""\n    return 2 * x'
    nb.cells[8].source = "abvoe = lambda x: x + 1"
    built = grade(nb)
    assert built.solutions == {"twice": nb.cells[4].source, "pair": nb.cells[8].source}
    same_but_solutions(built)


def test_last_written_duplicate_wins():
    nb = handed_in("twice")
    place = at(nb, "twice")
    again = DONE["twice"].replace("x + x", "x * 2")
    nb.cells.insert(place + 1, twin(nb.cells[place], again))
    built = grade(nb)
    assert built.solutions["twice"] == again
    assert any("2 cells for 'twice'" in one for one in built.repairs)
    same_but_solutions(built)


BLANKS = [
    STUB["twice"],
    "",
    "# nothing yet",
    STUB["twice"].replace("    # YOUR CODE HERE\n", "\n"),
    STUB["twice"].replace("Twice every", "Doubles every"),
    STUB["twice"].replace("    raise", "    print(x)\n    raise"),
]


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("after", [0, 1])
def test_stub_never_beats_what_was_written(blank, after):
    nb = handed_in("twice")
    place = at(nb, "twice")
    nb.cells.insert(place + after, twin(nb.cells[place], blank))
    built = grade(nb)
    assert built.solutions["twice"] == DONE["twice"]
    same_but_solutions(built)


def test_duplicates_in_any_order():
    rng = random.Random(0)
    for _ in range(30):
        nb = handed_in("twice", "pair")
        place = at(nb, "pair")
        texts = [STUB["pair"]] * 3 + [DONE["pair"].replace("1 + x", f"{n} + x") for n in range(3)]
        rng.shuffle(texts)
        nb.cells[place : place + 1] = [twin(nb.cells[place], text, id=f"d{n}") for n, text in enumerate(texts)]
        last = [text for text in texts if text != STUB["pair"]][-1]
        assert grade(nb).solutions == {"twice": DONE["twice"], "pair": last}
        assert grade(strip(nb)).solutions == {"twice": DONE["twice"], "pair": last}


def test_stub_never_beats_a_solution_under_another_name():
    nb = released()
    place = at(nb, "twice")
    nb.cells.insert(place, twin(nb.cells[place], "def doubled(x):\n    return x + x"))
    assert grade(nb).solutions["twice"] == "def doubled(x):\n    return x + x"


def test_cells_in_any_order():
    rng = random.Random(1)
    for _ in range(30):
        nb = handed_in("twice", "pair")
        rng.shuffle(nb.cells)
        built = grade(nb)
        assert built.solutions == DONE
        same_but_solutions(built)


def test_tests_come_back():
    nb = handed_in("twice", "pair")
    nb.cells[at(nb, "twice-test")].source = "pass"
    del nb.cells[at(nb, "pair-test")]
    nb.cells[at(nb, "given")].source = ""
    nb.cells[at(nb, "title")].source = "# Mine"
    built = grade(nb)
    same_but_solutions(built)
    assert any("changed" in one and "given" in one and "twice-test" in one for one in built.repairs)
    assert any("put back: pair-test." in one for one in built.repairs)


def test_edited_test_without_metadata_is_not_run():
    nb = handed_in("twice", "pair")
    test = nb.cells[at(nb, "twice-test")]
    test.source = test.source.replace("6", "7")
    strip(nb)
    same_but_solutions(grade(nb))


def test_split_in_mid_function():
    nb = handed_in("twice")
    place = at(nb, "twice")
    head, tail = DONE["twice"].rsplit("\n", 1)
    for metadata in ({}, copy.deepcopy(nb.cells[place].metadata)):
        cut = copy.deepcopy(nb)
        cut.cells[place].source = head
        cut.cells.insert(place + 1, new_code_cell(tail, metadata=metadata))
        built = grade(cut)
        assert built.solutions["twice"] == DONE["twice"]
        assert any("joined" in one for one in built.repairs)
        same_but_solutions(built)


def test_stub_kept_and_gone_on_below():
    nb = released()
    nb.cells.insert(at(nb, "twice") + 1, new_code_cell("    return x + x"))
    built = grade(nb)
    assert built.solutions["twice"] == DONE["twice"]
    same_but_solutions(built)


@pytest.mark.parametrize("named", [True, False])
def test_two_functions_in_two_cells(named):
    nb = released()
    place = at(nb, "pair")
    nb.cells[place].source = write(STUB["pair"], above=GOOD["above"])
    nb.cells.insert(place + 1, new_code_cell("def below(x):\n    return x - UNIT"))
    built = grade(nb if named else strip(nb))
    space = {}
    exec(built.solutions["pair"], space)
    assert (space["above"](3), space["below"](3)) == (4, 2) and "NotImplementedError" not in built.solutions["pair"]
    assert any("'pair'" in one and "joined" in one for one in built.repairs)
    same_but_solutions(built)


def test_first_cell_has_the_second_function():
    nb = released()
    place = at(nb, "pair")
    nb.cells.insert(place, new_code_cell("import math\n\n\ndef below(x):\n    return x - math.gcd(1)"))
    nb.cells[place + 1].source = write(STUB["pair"], above=GOOD["above"])
    space = {}
    exec(grade(nb).solutions["pair"], space)
    assert (space["above"](3), space["below"](3)) == (4, 2)


def test_solution_below_the_untouched_stub():
    nb = released()
    nb.cells.insert(at(nb, "twice") + 1, new_code_cell("def twice(y):\n    return y + y"))
    built = grade(nb)
    assert built.solutions["twice"] == "def twice(y):\n    return y + y"
    assert any("another cell" in one for one in built.repairs)
    same_but_solutions(built)


def test_given_lines_of_the_stub_stay_when_the_solution_is_below():
    nb = released()
    nb.cells.insert(at(nb, "pair") + 1, new_code_cell("def above(x):\n    return x + UNIT\ndef below(x):\n    return x - UNIT"))
    space = {}
    exec(grade(nb).solutions["pair"], space)
    assert (space["above"](3), space["below"](3)) == (4, 2)


@pytest.mark.parametrize("where", ["twice-test", "given", "pair", "bootstrap"])
def test_solution_in_a_cell_of_the_instructors(where):
    nb = released()
    cell = nb.cells[at(nb, where)]
    cell.source += "\n\ndef twice(x):\n    return x * 2"
    built = grade(nb)
    assert built.solutions["twice"].removeprefix("UNIT = 1\n\n\n") == "def twice(x):\n    return x * 2"
    assert any("another cell" in one for one in built.repairs)
    same_but_solutions(built)


def test_solution_written_over_another_exercises_cell():
    nb = released()
    nb.cells[at(nb, "pair")].source = "def twice(x):\n    return x * 2"
    built = grade(nb)
    assert built.solutions == {"twice": "def twice(x):\n    return x * 2", "pair": STUB["pair"]}
    assert any("'pair' is missing" in one for one in built.repairs)


def test_both_exercises_in_one_cell():
    nb = strip(released())
    nb.cells = [cell for cell in nb.cells if cell.source not in STUB.values()]
    nb.cells.insert(2, new_code_cell(DONE["twice"] + "\n\n\n" + DONE["pair"]))
    solutions = grade(nb).solutions
    assert "def above" not in solutions["twice"] and "def twice" not in solutions["pair"]
    space = {}
    exec(solutions["twice"] + "\n" + solutions["pair"], space)
    assert (space["twice"](3), space["above"](3), space["below"](3)) == (6, 4, 2)


def test_experiment_behind_the_tests_stays_one():
    nb = handed_in("twice")
    nb.cells.append(new_code_cell("def twice(x):\n    return 'an older try'"))
    built = grade(nb)
    assert built.solutions["twice"] == DONE["twice"]
    same_but_solutions(built, ["def twice(x):\n    return 'an older try'"])
    assert built.notebook.cells[-1].id == "added-1"


def test_stub_behind_the_tests_is_not_run_again():
    nb = handed_in("twice", "pair")
    nb.cells.append(new_code_cell(STUB["twice"]))
    nb.cells.append(new_code_cell(STUB["pair"] + "\n# once more"))
    same_but_solutions(grade(nb))


def test_scratch_in_a_copy_of_the_solution_cell_is_not_the_solution():
    nb = handed_in("twice", "pair")
    place = at(nb, "twice")
    nb.cells.insert(place + 1, twin(nb.cells[place], "print(twice(21))"))
    built = grade(nb)
    assert built.solutions == DONE
    same_but_solutions(built, ["print(twice(21))"])


def test_helper_left_in_an_older_copy_is_still_there():
    nb = handed_in("twice", "pair")
    place = at(nb, "twice")
    old = "def double(x):\n    return x + x\n\n\ndef twice(x):\n    return double(double(x))"
    nb.cells[place : place + 1] = [
        twin(nb.cells[place], old, id="old"),
        twin(nb.cells[place], "def twice(x):\n    return double(x)"),
    ]
    built = grade(nb)
    assert "double(double(x))" not in built.solutions["twice"]
    space = {}
    exec(built.solutions["twice"], space)
    assert space["twice"](3) == 6


def test_solution_behind_the_tests_counts_when_there_is_no_other():
    nb = released()
    nb.cells.append(new_code_cell("def twice(x):\n    return x + x"))
    built = grade(nb)
    assert built.solutions["twice"] == "def twice(x):\n    return x + x"
    same_but_solutions(built)


@pytest.mark.parametrize("gone", ["deleted", "emptied"])
def test_deleted_solution_gives_the_stub_back(gone):
    nb = handed_in("twice", "pair")
    if gone == "deleted":
        del nb.cells[at(nb, "twice")]
    else:
        nb.cells[at(nb, "twice")].source = "  \n"
    built = grade(nb)
    assert built.solutions == {**DONE, "twice": STUB["twice"]}
    assert any("'twice'" in one and "scores 0" in one for one in built.repairs)
    same_but_solutions(built)


def test_added_cells_stay_where_they_stood():
    nb = handed_in("twice", "pair")
    nb.cells.insert(at(nb, "pair") + 1, new_code_cell("print(1)", metadata=header("pair-9", grade=True, points=99)))
    nb.cells.insert(at(nb, "twice"), new_code_cell("helper = 3", metadata={"tags": ["skip-execution"]}))
    nb.cells.insert(at(nb, "c-3"), new_markdown_cell("a note of mine"))
    nb.cells.insert(0, new_code_cell("first = 1"))
    nb.cells.append(new_raw_cell("<script>alert(1)</script>"))
    built = grade(nb)
    same_but_solutions(built, ["first = 1", "helper = 3", "a note of mine", "print(1)"])
    order = [cell.id if not cell.id.startswith("added-") else cell.source for cell in built.notebook.cells]
    assert order.index("first = 1") == 0 and order.index("helper = 3") == order.index("twice") - 1
    assert order.index("print(1)") == order.index("pair") + 1 and order.index("a note of mine") == order.index("c-3") - 1
    assert any("(3)" in one and "not scored" in one for one in built.repairs)


def test_imports_added_to_a_given_cell_are_kept():
    nb = handed_in("twice", "pair")
    nb.cells[at(nb, "given")].source += "\nimport itertools\nprint('x')"
    built = grade(nb)
    same_but_solutions(built, ["import itertools"])
    assert built.notebook.cells[at(built.notebook, "given") + 1].source == "import itertools"


def test_set_up_cell_and_its_copies_go():
    nb = handed_in("twice", "pair")
    changed = nb.cells[0].source.replace("--quiet", "--verbose")
    nb.cells.insert(3, new_code_cell(changed))
    same_but_solutions(grade(nb))


def test_solution_turned_into_text():
    nb = handed_in("twice", "pair")
    place = at(nb, "twice")
    nb.cells[place] = new_markdown_cell(DONE["twice"], id="twice", metadata=nb.cells[place].metadata)
    built = grade(nb)
    assert built.solutions == DONE and any("turned into text" in one for one in built.repairs)
    same_but_solutions(built)


@pytest.mark.parametrize("text", ["def twice(x:\n    retur", "%%bash\nrm -rf /", "### BEGIN HIDDEN TESTS", "lambda: (", "é😀"])
def test_any_text_stays_text(text):
    nb = handed_in("pair")
    nb.cells[at(nb, "twice")].source = text
    built = grade(nb)
    assert built.solutions["twice"] == text
    same_but_solutions(built)


def as_lists(nb):
    raw = json.loads(pack(nb))
    for cell in raw["cells"]:
        cell["source"] = cell["source"].splitlines(True)
    return raw


def bare_lines(nb):
    raw = json.loads(pack(nb))
    for cell in raw["cells"]:
        cell["source"] = cell["source"].split("\n")
    return raw


def version(minor):
    def change(nb):
        raw = json.loads(pack(nb))
        raw["nbformat_minor"] = minor
        for cell in raw["cells"]:
            del cell["id"]
        return raw

    return change


def version_3(nb):
    raw = json.loads(pack(nb))
    for cell in raw["cells"]:
        del cell["id"]
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": raw["cells"]}]}


def text(change=lambda text: text, encoding="utf-8"):
    return lambda nb: change(json.dumps(nb, ensure_ascii=False, indent=1)).encode(encoding)


def crlf_inside(nb):
    for cell in nb.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    return nb


STATES = {
    "lists": as_lists,
    "lines without ends": bare_lines,
    **{f"4.{minor}": version(minor) for minor in (*range(5), 99)},
    "3": version_3,
    "no version": lambda nb: {"cells": json.loads(pack(nb))["cells"]},
    "big version": lambda nb: pack(nb).replace(b'"nbformat_minor": 5', b'"nbformat_minor": ' + b"9" * 5000),
    "CRLF": text(lambda text: text.replace("\n", "\r\n")),
    "CRLF in cells": crlf_inside,
    "BOM": text(encoding="utf-8-sig"),
    "UTF-16": text(encoding="utf-16"),
    "UTF-16 without BOM": text(encoding="utf-16-le"),
    "UTF-32": text(encoding="utf-32"),
    "cp1252": text(encoding="cp1252"),
    "zeros at the end": lambda nb: pack(nb) + b"\0" * 512,
    "NUL in a source": lambda nb: pack(nb).replace(b"x + x", b"x\\u0000 + x").replace(b"1 + x", b"1\0 + x"),
    "NaN": lambda nb: pack(nb).replace(b'"execution_count": null', b'"execution_count": NaN'),
    "metadata of a wrong kind": lambda nb: {"cells": [{**cell, "metadata": []} for cell in json.loads(pack(nb))["cells"]]},
}


@pytest.mark.parametrize("state", STATES)
def test_formats_and_encodings(state):
    changed = STATES[state](handed_in("twice", "pair"))
    built = grade(changed if isinstance(changed, bytes) else json.dumps(changed).encode())
    assert built.solutions == DONE
    same_but_solutions(built)


@pytest.mark.parametrize("source", [5, None, {"a": 1}, [1, 2], ["ok", None], "x" * (reading.MAX_SOURCE + 1)])
def test_a_cell_that_cannot_be_read_costs_itself_alone(source):
    raw = json.loads(pack(handed_in("twice", "pair")))
    raw["cells"][at(released(), "twice")]["source"] = source
    raw["cells"].append("no cell at all")
    built = grade(json.dumps(raw).encode())
    assert built.solutions == {**DONE, "twice": STUB["twice"]}
    assert any(one.startswith("Cell 5 ") and "left out" in one for one in built.repairs)
    same_but_solutions(built)


PICTURE = "iVBORw0KGgo="


def shown(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def with_outputs(nb):
    """Every code cell shows its place."""
    for place, cell in enumerate(nb.cells):
        if cell.cell_type == "code":
            cell.outputs = [nbformat.from_dict(shown(f"of {place}"))]
    return nb


def test_outputs_travel_beside_the_notebook():
    nb = with_outputs(handed_in("twice", "pair"))
    nb.cells.insert(at(nb, "twice"), new_code_cell("helper = 3", outputs=[nbformat.from_dict(shown("mine"))]))
    nb.cells[at(nb, "c-4")].source += " + 1"
    built = grade(nb)
    assert built.outputs["twice"] == [shown("of 4")] and built.outputs["pair-test"] == [shown("of 9")]
    assert built.outputs["added-1"] == [shown("mine")] and built.outputs["c-2"] == [shown("of 6")]
    assert "c-4" not in built.outputs  # it was changed: what it showed is not what the course's own cell shows
    assert set(built.outputs) <= {cell.id for cell in built.notebook.cells} and "bootstrap" not in built.outputs
    assert all(cell.outputs == [] for cell in built.notebook.cells if cell.cell_type == "code")
    assert grade(handed_in("twice", "pair")).outputs == {}
    without_outputs = grade(handed_in("twice", "pair"))
    assert grade(with_outputs(handed_in("twice", "pair"))).notebook == without_outputs.notebook


def test_outputs_follow_the_cells_that_were_used():
    nb = with_outputs(strip(handed_in("twice", "pair")))
    place = next(i for i, cell in enumerate(nb.cells) if cell.source == DONE["twice"])
    nb.cells[place : place + 1] = [
        new_code_cell("def twice(x):\n    return half(4 * x)", outputs=[nbformat.from_dict(shown("old"))]),
        new_code_cell(DONE["twice"], outputs=[nbformat.from_dict(shown("new"))]),
    ]
    built = grade(nb)
    assert built.solutions["twice"] == DONE["twice"] and built.outputs["twice"] == [shown("new")]
    nb = released()
    place = at(nb, "pair")
    nb.cells[place].source = write(STUB["pair"], above=GOOD["above"])
    nb.cells[place].outputs = [nbformat.from_dict(shown("first"))]
    nb.cells.insert(place + 1, new_code_cell("def below(x):\n    return x - 1", outputs=[nbformat.from_dict(shown("second"))]))
    assert grade(nb).outputs["pair"] == [shown("first"), shown("second")]


def test_outputs_of_format_3():
    raw = version_3(handed_in("twice"))
    cell = next(one for one in raw["worksheets"][0]["cells"] if one.get("input") == DONE["twice"])
    cell["outputs"] = [
        {"output_type": "stream", "stream": "stderr", "text": ["a\n", "b"]},
        {"output_type": "pyout", "prompt_number": 1, "text": ["4"], "html": "<b>4</b>", "svg": "<svg>", "metadata": {}},
        {"output_type": "display_data", "png": PICTURE, "javascript": "alert(1)"},
        {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["one", "two"]},
    ]
    assert grade(json.dumps(raw).encode()).outputs["twice"] == [
        {"output_type": "stream", "name": "stderr", "text": "a\nb"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "4", "text/html": "<b>4</b>"},
            "metadata": {},
            "execution_count": None,
        },
        {"output_type": "display_data", "data": {"image/png": PICTURE}, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["one", "two"]},
    ]


def test_malformed_outputs_are_left_out():
    junk = [None, 3, "x", [], {}, {"output_type": 5}, {"output_type": ["stream"]}, {"output_type": "stream", "text": {"a": 1}}]
    junk += [{"output_type": "display_data", "data": {"image/svg+xml": "<svg>", "text/javascript": "x"}, "metadata": 3}]
    junk += [{"output_type": "execute_result", "data": {"text/plain": ["a", 3]}}, {"output_type": "error", "traceback": 3}]
    junk += [{"output_type": "update_display_data", "data": {"text/plain": "a"}}, {"output_type": "display_data"}]
    junk += [{"output_type": "display_data", "data": {"image/png": "A" * (outputs.MAX_IMAGE + 1)}}]
    assert outputs.read_outputs(junk) == () == outputs.read_outputs({"a": 1}) == outputs.read_outputs(None)
    raw = json.loads(pack(handed_in("twice", "pair")))
    for given in (junk, "x", {"a": 1}, 5, None):
        raw["cells"][at(released(), "twice")]["outputs"] = given
        built = grade(json.dumps(raw).encode())
        assert built.outputs == {} and built.solutions == DONE and built.repairs == []
        same_but_solutions(built)


def test_outputs_are_capped():
    long = outputs.read_outputs([shown("x" * 300_000)] * 50)
    assert len(long) == outputs.MAX_OUTPUTS and {len(one["text"]) for one in long} == {outputs.MAX_TEXT}
    (error,) = outputs.read_outputs(
        [{"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a" * 90_000, "b" * 90_000]}]
    )
    assert [len(one) for one in error["traceback"]] == [10_000, 90_000] and error["traceback"][1][0] == "b"
    assert outputs.read_outputs([shown("a\0b\ud800")]) == (shown("ab?"),)
    text = {"output_type": "display_data", "data": {"image/png": "A" * (outputs.MAX_IMAGE + 1), "text/plain": "<Figure>"}}
    assert outputs.read_outputs([text])[0]["data"] == {"text/plain": "<Figure>"}


def test_lone_surrogates_can_be_written():
    raw = pack(handed_in("pair")).replace(b"# YOUR CODE HERE", b"# \\ud800 here")
    assert grade(raw).solutions["twice"].encode()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\0\0 \n", "empty"),
        (b"PK\x03\x04....", "archive"),
        (b"\x1f\x8b....", "archive"),
        (b"<!DOCTYPE html>", "not JSON"),
        (pack(released())[:-100], "only a part"),
        (b"<<<<<<< HEAD\n" + pack(released()), "not JSON"),
        (b"[" * 200_000, "nested"),
        (b'{"cells": ' + b'[{"a":' * 100_000, "nested"),
        (b"[]", "no cells"),
        (b'{"cells": {}}', "no cells"),
        (b"3", "no cells"),
        (b'{"cells": [' + b"{}," * 5000 + b"{}]}", "cells"),
        (b" " * (reading.MAX_BYTES + 1), "larger"),
        (json.dumps({"cells": [{"source": "x" * 90_000}] * 30}).encode(), "characters"),
        (os.urandom(1000) + b"\xff", "not JSON"),
    ],
)
def test_what_is_no_notebook_says_what_to_do(data, word):
    with pytest.raises(Unreadable) as error:
        read_submission(data)
    message = str(error.value)
    assert word in message and message.endswith(".") and ": " in message and "\n" not in message


def test_real_notebook(root):
    source = notebooks.to_notebook(root / "source/foundations/foundations.nb.py")
    data = (root / "release/foundations/foundations.ipynb").read_bytes()
    nb = nbformat.reads(data.decode(), 4)
    handed_out = {notebooks.grade_id(cell): cell.source for cell in nb.cells if notebooks.is_solution(cell)}
    built = rebuild(source, data)
    assert built.solutions == handed_out and built.repairs == []
    assert [cell.id for cell in built.notebook.cells] == [cell.id for cell in source.cells]
    assert rebuild(source, pack(strip(copy.deepcopy(nb)))).solutions == handed_out

    assert rebuild(source, pack(source)).repairs == []
    answers = {notebooks.grade_id(cell): cell.source for cell in source.cells if notebooks.is_solution(cell)}
    for cell in nb.cells:
        cell.source = answers.get(notebooks.grade_id(cell), cell.source)
    expected = pack(source.cells)
    for changed in (nb, strip(copy.deepcopy(nb))):
        built = rebuild(source, pack(changed))
        assert built.solutions == answers and pack(built.notebook.cells) == expected


def put(folder, name, age=0, data=b"{}"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


@pytest.mark.parametrize(
    "name",
    ["foundations.ipynb", "Copy of foundations.ipynb", "foundations (1).ipynb", "foundations-2.ipynb", "Foundations_anna.ipynb"]
    + ["foundations.json", "foundations", "foundations.ipynb.txt", "FOUNDATIONS.IPYNB", "hw1.ipynb", "anna/foundations.ipynb"],
)
def test_renamed_files(tmp_path, name):
    path = put(tmp_path, name)
    put(tmp_path, "data.json")
    put(tmp_path, ".ipynb_checkpoints/foundations-checkpoint.ipynb", age=-99)
    found = find_submission(tmp_path, "foundations")
    assert found.path == path and bool(found.repairs) == (name != "foundations.ipynb")


def test_several_files(tmp_path):
    put(tmp_path, "foundations.ipynb", age=100)
    put(tmp_path, "scaling.ipynb", age=-100)
    newest = put(tmp_path, "foundations (1).ipynb", age=0)
    found = find_submission(tmp_path, "foundations")
    assert found.path == newest and "2 files" in found.repairs[0]
    same_time = put(tmp_path, "foundations.ipynb", age=1)
    assert find_submission(tmp_path, "foundations").path == same_time


def test_links_and_paths_that_leave_the_folder(tmp_path):
    secret = put(tmp_path, "secret/foundations.ipynb")
    folder = tmp_path / "anna"
    folder.mkdir()
    (folder / "foundations.ipynb").symlink_to(secret)
    (folder / "more").symlink_to(secret.parent)
    os.mkfifo(folder / "foundations.json")
    with pytest.raises(Unreadable, match="hand in foundations.ipynb itself"):
        find_submission(folder, "foundations")
    (tmp_path / "linked").symlink_to(secret.parent)
    for where, phase in (
        (tmp_path / "linked", "foundations"),
        (tmp_path / "none", "foundations"),
        (folder, "../secret/foundations"),
    ):
        with pytest.raises(Unreadable):
            find_submission(where, phase)
    real = put(folder, "foundations (1).ipynb")
    (folder / "foundations.ipynb").unlink()
    (folder / "foundations.ipynb").symlink_to(real)
    assert find_submission(folder, "foundations").path == real
