"""Text to notebook and back: the same bytes each time, and one sentence where a header is wrong."""

import json
import os
import subprocess
import sys

import pytest

from course import notebooks
from course.errors import CourseError

HEADER = '"grade": false, "grade_id": "one", "locked": false, "schema_version": 3, "solution": true, "task": false'
TEST = '"grade": true, "grade_id": "one-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false'
# Written the way that jupytext writes: two empty lines around what PEP 8 wants apart.
CANONICAL = f'''# %% [markdown]
r"""
# A title

$\\frac{{a}}{{b}}$, "quotes", `\\n` and ünïcode
"""

# %%
# %matplotlib inline
import math


# %% nbgrader={{{HEADER}}}
def one():
    return 1


# %% nbgrader={{{TEST}}}
one()

# %% tags=["explore", "gpu"]
for i in range(2):
    print(i)
'''


def write(folder, text, name="toy"):
    path = folder / "source" / name / f"{name}.nb.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_building_twice_gives_the_same_bytes(root, toy):
    path = notebooks.build(toy, "toy")
    first = path.read_bytes()
    assert notebooks.build(toy, "toy").read_bytes() == first
    # Another process hashes strings otherwise.
    program = "import sys; from course import notebooks as n; sys.stdout.buffer.write(n.to_bytes(n.to_notebook(sys.argv[1])))"
    text = path.with_name("toy.nb.py")
    again = subprocess.run([sys.executable, "-c", program, str(text)], capture_output=True, cwd=root)
    assert again.stdout == first, again.stderr.decode()


def test_a_built_notebook_holds_what_was_written_and_nothing_else(tmp_path):
    nb = json.loads(notebooks.to_bytes(notebooks.to_notebook(write(tmp_path, CANONICAL))))
    assert nb["metadata"] == {"kernelspec": notebooks.KERNEL, "language_info": {"name": "python"}}
    assert "".join(nb["cells"][0]["source"]) == '# A title\n\n$\\frac{a}{b}$, "quotes", `\\n` and ünïcode'
    assert [cell["metadata"] for cell in nb["cells"]] == [
        {},
        {},
        {"nbgrader": json.loads(f"{{{HEADER}}}")},
        {"nbgrader": json.loads(f"{{{TEST}}}")},
        {"tags": ["explore", "gpu"]},
    ]
    assert [cell["id"] for cell in nb["cells"]][2:4] == ["one", "one-test"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in nb["cells"][1:])
    assert nb["cells"][1]["source"] == ["%matplotlib inline\n", "import math"]


def test_jupyter_opens_what_was_built(toy):
    """It refuses a pair whose notebook is younger than its text."""
    text = toy / "source" / "toy" / "toy.nb.py"
    os.utime(text, (1e9, 1e9))
    assert notebooks.build(toy, "toy").stat().st_mtime <= text.stat().st_mtime


def test_cells_that_read_alike_have_ids_of_their_own(tmp_path):
    nb = notebooks.to_notebook(write(tmp_path, "# %%\n1 + 1\n\n# %%\n1 + 1\n\n# %%\n1 + 1\n"))
    ids = [cell.id for cell in nb.cells]
    assert len(set(ids)) == 3 and ids[1:] == [f"{ids[0]}-2", f"{ids[0]}-3"]


def test_jupyter_writes_the_same_text_back(root, tmp_path):
    """What the pairing in source/jupytext.toml does when the .ipynb is saved."""
    text = write(tmp_path, CANONICAL)
    notebook = notebooks.build(tmp_path, "toy")
    (tmp_path / "source" / "jupytext.toml").write_bytes((root / "source" / "jupytext.toml").read_bytes())
    text.unlink()
    done = subprocess.run([sys.executable, "-m", "jupytext", "--sync", str(notebook)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert text.read_text("utf-8") == CANONICAL


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("nbgrader={" + HEADER.replace(', "task": false', "") + "}", "'one'.*lacks task"),
        ('nbgrader={"grade_id": "one", "solution": true}', "'one'.*lacks grade, locked, schema_version, task"),
        ("nbgrader={" + TEST.replace('"points": 1, ', "") + "}", "'one-test'.*lacks points"),
        ("nbgrader={" + HEADER.replace('"grade_id": "one", ', "") + "}", "'one = 1'.*lacks grade_id"),
        ('nbgrader={"grade": false', "'one = 1'.*cannot be read"),
        ('nbgrader=["grade"]', "not a JSON object"),
        ("nbgrader={" + HEADER.replace("one", "x" * 65) + "}", "1 to 64 letters"),
        ("nbgrader={" + HEADER.replace("one", "a b") + "}", "1 to 64 letters"),
        ("nbgrader={" + HEADER.replace("one", "bootstrap") + "}", "'bootstrap'.*taken"),
        ("nbgrader={" + HEADER.replace("3", "2") + "}", "schema_version must be 3"),
        ("nbgrader={" + HEADER + '} tags=["explore"]', "would never run"),
        ('tag=["explore"]', "cannot be read"),
        ("A title", "cannot be read"),
    ],
)
def test_a_wrong_header_is_named(tmp_path, header, says):
    with pytest.raises(CourseError, match=says) as caught:
        notebooks.to_notebook(write(tmp_path, f"# %% {header}\none = 1\n"))
    assert str(caught.value).startswith("toy.nb.py, cell 1 (") and "\n" not in str(caught.value)


def test_a_name_used_twice_is_named(tmp_path):
    with pytest.raises(CourseError, match="cell 2 .'one'.*used twice"):
        notebooks.to_notebook(write(tmp_path, f"# %% nbgrader={{{HEADER}}}\na = 1\n\n# %% nbgrader={{{HEADER}}}\nb = 1\n"))


def test_a_name_may_have_64_characters(tmp_path):
    nb = notebooks.to_notebook(write(tmp_path, f"# %% nbgrader={{{HEADER.replace('one', 'x' * 64)}}}\na = 1\n"))
    assert notebooks.to_bytes(nb) and nb.cells[0].id == "x" * 64


@pytest.mark.parametrize(
    ("header", "lines", "says"),
    [
        (f"nbgrader={{{HEADER}}}", ["### BEGIN SOLUTION", "a = 1"], "must come in pairs"),
        (f"nbgrader={{{HEADER}}}", ["### END SOLUTION", "### BEGIN SOLUTION"], "must come in pairs"),
        (f"nbgrader={{{TEST}}}", ["### BEGIN SOLUTION", "a = 1", "### END SOLUTION"], "solution: true"),
        ("", ["### BEGIN HIDDEN TESTS", "a = 1", "### END HIDDEN TESTS"], "grade: true"),
    ],
)
def test_markers_out_of_place_are_named(tmp_path, header, lines, says):
    with pytest.raises(CourseError, match=says):
        notebooks.to_notebook(write(tmp_path, f"# %% {header}\n" + "\n".join(lines) + "\n"))


def test_phases_are_those_of_the_syllabus_first(tmp_path):
    for name in ("zebra", "transformers", "apple", "foundations"):
        write(tmp_path, "# %%\n1\n", name)
    (tmp_path / "source" / "apple" / "notes.nb.py").write_text("1\n")
    assert notebooks.phases(tmp_path) == ["foundations", "transformers", "apple", "zebra"]
    assert notebooks.choose(tmp_path, ["zebra"]) == ["zebra"]
    with pytest.raises(CourseError, match="'nope': choose from foundations, transformers, apple, zebra"):
        notebooks.choose(tmp_path, ["nope"])


def test_what_is_out_of_date_is_told(toy):
    assert notebooks.stale(toy) == []
    text = toy / "source" / "toy" / "toy.nb.py"
    text.write_text(text.read_text("utf-8").replace("A toy course", "Another course"), "utf-8")
    assert notebooks.stale(toy) == ["toy"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not json", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"[]", "not a notebook of format 4"),
        (b'{"nbformat": 3, "worksheets": []}', "not a notebook of format 4"),
        (b'{"nbformat": 4, "cells": [{"source": "a"}]}', "not a notebook of format 4"),
        (b'{"nbformat": 4, "cells": [1]}', "not a notebook of format 4"),
    ],
)
def test_what_is_no_notebook_is_told(tmp_path, content, says):
    (tmp_path / "a.ipynb").write_bytes(content)
    with pytest.raises(CourseError, match=says):
        notebooks.read(tmp_path / "a.ipynb")


def test_a_notebook_is_read_as_it_was_written(toy):
    nb = notebooks.read(toy / "source" / "toy" / "toy.ipynb")
    assert notebooks.to_bytes(nb) == (toy / "source" / "toy" / "toy.ipynb").read_bytes()
    assert [exercise.name for exercise in notebooks.exercises(nb)] == ["twice", "mean-square"]
    graded = next(cell for cell in nb.cells if notebooks.is_graded(cell))
    assert "HIDDEN" in graded.source and "HIDDEN" not in notebooks.visible(graded.source)


def test_an_empty_first_line_makes_no_cell(tmp_path):
    nb = notebooks.to_notebook(write(tmp_path, "\n# %%\n1\n\n# %%\n\n# %%\n2\n"))
    assert [cell.source for cell in nb.cells] == ["1", "", "2"]
