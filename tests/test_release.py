"""What students get: stubs that name the exercise, a way into Colab, and nothing of the answers, whatever slips."""

import base64
import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import course_process, make_toy, needs_sandbox

from course import leaks, notebooks, release
from course.bootstrap import badge, cell
from course.errors import CourseError

SOLUTION = "return (x**2).mean()"
HIDDEN = 'check.close(lambda: twice(y), 2 * check.normal(4, seed=1), "Is every entry of a vector doubled?")'


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A toy course, released once; tests work on copies."""
    folder = make_toy(tmp_path_factory.mktemp("release") / "course")
    (folder / "README.md").write_text("# Toy\n\n<!-- badges -->\nold\n<!-- /badges -->\n\nEnd.\n", "utf-8")
    (folder / "source" / "toy" / "notes.nb.py").write_text("SECRET = 1\n")
    release.release(folder)
    return folder


@pytest.fixture
def course(made, tmp_path) -> Path:
    """A copy of the released toy course."""
    return shutil.copytree(made, tmp_path / "course")


def released(course):
    return notebooks.read(course / "release" / "toy" / "toy.ipynb")


def change(path: Path, edit) -> None:
    """Apply `edit` to the notebook at `path`."""
    nb = notebooks.read(path)
    edit(nb)
    path.write_text(json.dumps(nb), "utf-8")


def by_name(nb, name):
    return next(cell for cell in nb.cells if notebooks.grade_id(cell) == name)


def test_the_release_is_what_students_may_see(made):
    nb = released(made)
    url = notebooks.repository_url(made)
    assert nb.cells[0].source == cell(url) and "points" not in nb.cells[0].metadata.nbgrader
    assert nb.cells[0].metadata.nbgrader.locked and not nb.cells[0].metadata.editable
    assert nb.cells[1].source.startswith(f"# A toy course\n\n{badge(url, 'toy')}\n\nTwo exercises")
    stub = by_name(nb, "mean-square").source
    assert stub.splitlines()[0] == "def mean_square(x):" and "The mean of the squared entries" in stub
    assert stub.endswith("    # YOUR CODE HERE\n    raise NotImplementedError(\"Exercise 'mean-square': write it here\")")
    assert "Exercise 'twice': write it here" in by_name(nb, "twice").source
    assert sorted(path.name for path in (made / "release" / "toy").iterdir()) == ["toy.ipynb"]
    text = json.dumps(nb)
    for secret in ("SOLUTION", "HIDDEN", SOLUTION, "seed=1", "SECRET"):
        assert secret not in text


def test_releasing_again_gives_the_same_bytes(course):
    first = (course / "release" / "toy" / "toy.ipynb").read_bytes()
    gradebook = (course / "gradebook.db").read_bytes()
    assert release.fresh(course) == []
    assert (course / "gradebook.db").read_bytes() == gradebook, "the check wrote to the gradebook"
    assert release.release(course) == [course / "release" / "toy"]
    assert (course / "release" / "toy" / "toy.ipynb").read_bytes() == first


def test_a_release_that_is_out_of_date_is_named(course):
    text = course / "source" / "toy" / "toy.nb.py"
    text.write_text(text.read_text("utf-8").replace("Every entry", "Each entry"), "utf-8")
    assert release.fresh(course, ["toy"]) == ["toy"]


def test_badges_are_written_into_the_readme(made):
    assert (made / "README.md").read_text("utf-8") == (
        f"# Toy\n\n<!-- badges -->\n- Toy: {badge(notebooks.repository_url(made), 'toy')}\n<!-- /badges -->\n\nEnd.\n"
    )


# Each way in which answers could get out: a change to the instructor's notebook, or to what was released.
def unmarked_solution(nb):
    nb.cells.append({"cell_type": "code", "id": "copy", "metadata": {}, "outputs": [], "execution_count": None,
                     "source": f"def also(x):\n\n        {SOLUTION}"})  # fmt: skip


def hidden_test_in_prose(nb):
    nb.cells[1]["source"] += f"\n\nTry this: `{HIDDEN}`"


def reindented_and_broken(nb):
    nb.cells[1]["source"] += "\n\n    return (x ** 2)\n        .mean()"


def other_letter_case(nb):
    nb.cells[2]["source"] += "\n### Begin  hidden_tests\n1\n### end hidden tests"


def region_with_a_misspelt_marker(nb):
    target = by_name(nb, "mean-square")
    target["source"] += f"\n### begin solution\n    {SOLUTION}\n### end solution"


def hidden_in_metadata(nb):
    nb.cells[2]["metadata"]["notes"] = {"kept": [HIDDEN]}


def hidden_in_notebook_metadata(nb):
    nb["metadata"]["notes"] = {HIDDEN: 1}


def hidden_in_an_attachment(nb):
    nb.cells[1]["attachments"] = {"a.txt": {"text/plain": base64.b64encode(HIDDEN.encode()).decode()}}


def outputs(nb):
    nb.cells[2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]


def execution_count(nb):
    nb.cells[2]["execution_count"] = 3


@pytest.mark.parametrize(
    "edit",
    [unmarked_solution, hidden_test_in_prose, reindented_and_broken, other_letter_case, region_with_a_misspelt_marker,
     hidden_in_metadata, hidden_in_notebook_metadata, hidden_in_an_attachment, outputs, execution_count],
)  # fmt: skip
def test_a_leak_is_found_and_nothing_is_left(course, edit):
    assert release.refuse(course, "toy") is None
    change(course / "release" / "toy" / "toy.ipynb", edit)
    message = release.refuse(course, "toy")
    assert message.startswith("release/toy was not kept, it would have given answers away: ") and "\n" not in message
    assert not (course / "release" / "toy").exists()


@pytest.mark.parametrize("name", ["toy.nb.py", "answers.txt", "img/plot.png", ".ipynb_checkpoints/toy-checkpoint.ipynb"])
def test_a_file_that_is_not_meant_to_be_there_is_found(course, name):
    path = course / "release" / "toy" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("1")
    assert f"{name} is neither the notebook nor an image that it names" in release.refuse(course, "toy")
    assert not (course / "release" / "toy").exists()


def test_a_link_is_found(course):
    (course / "release" / "toy" / "source").symlink_to(course / "source")
    assert "source is neither" in release.refuse(course, "toy")
    assert (course / "source" / "toy" / "toy.nb.py").is_file()


def test_an_image_that_the_notebook_names_may_go_out_unless_it_tells(course):
    folder = course / "release" / "toy"
    (folder / "img").mkdir()
    (folder / "img" / "a.svg").write_text("<svg></svg>")
    change(folder / "toy.ipynb", lambda nb: nb.cells[1].update(source=nb.cells[1].source + "\n\n![a](img/a.svg)"))
    assert release.refuse(course, "toy") is None
    (folder / "img" / "a.svg").write_text(f"<svg><text>{HIDDEN}</text></svg>")
    assert "img/a.svg shows the hidden tests of 'twice-test'" in release.refuse(course, "toy")


def test_a_release_without_its_notebook_is_no_release(course):
    (course / "release" / "toy" / "toy.ipynb").unlink()
    assert "does not exist" in release.refuse(course, "toy")


def test_short_lines_and_public_ones_are_no_alarm(tmp_path):
    """Lines that stand everywhere; names that the stub gives; setup that a visible test has as well."""
    solved = '"grade": false, "grade_id": "a", "locked": false, "schema_version": 3, "solution": true, "task": false'
    graded = '"grade": true, "grade_id": "a-test", "locked": true, "points": 1, "schema_version": 3, "solution": false'
    text = f"""# %% nbgrader={{{solved}}}
def train(model, x, y, steps=10, lr=0.1):
    ### BEGIN SOLUTION
    losses = []
    for step in range(steps):
        loss = model(x, y)
        loss.backward()
        losses.append(loss.item())
        pass
    return losses
    ### END SOLUTION

# %% nbgrader={{{graded}, "task": false}}
x, y = check.normal(2, 3, 4, seed=1), check.normal(2, 3, 4, seed=2)
### BEGIN HIDDEN TESTS
x, y = check.normal(2, 3, 4, seed=1), check.normal(2, 3, 4, seed=2)
from torch.nn.functional import cross_entropy, log_softmax, softmax
check.that(train(None, x, y), lambda losses: losses[-1] < losses[0] / 2, "Does it learn from every example?")
### END HIDDEN TESTS

# %% tags=["explore"]
from torch.nn.functional import cross_entropy, log_softmax, softmax
losses = []
loss.backward()
losses.append(loss.item())
"""
    path = tmp_path / "source" / "toy" / "toy.nb.py"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    source = notebooks.to_notebook(path)
    secrets = {secret.text for secret in leaks.secrets(source) if not secret.whole}
    assert "x, y = check.normal(2, 3, 4, seed=1), check.normal(2, 3, 4, seed=2)" not in secrets
    shown = notebooks.read(notebooks.build(tmp_path, "toy"))
    for one in shown.cells:
        one.source = re.sub(r" *### BEGIN.*?### END [A-Z ]+", "", one.source, flags=re.DOTALL)
    folder = tmp_path / "release" / "toy"
    folder.mkdir(parents=True)
    (folder / "toy.ipynb").write_bytes(notebooks.to_bytes(shown))
    assert leaks.leaks(source, folder) == []


def test_a_cell_tagged_given_shows_its_lines_on_purpose(course):
    def give(nb):
        unmarked_solution(nb)
        nb.cells[-1]["metadata"] = {"tags": ["given"]}

    for path in ("source/toy/toy.ipynb", "release/toy/toy.ipynb"):
        change(course / path, give)
    assert release.refuse(course, "toy") is None


def test_a_leak_in_the_text_stops_the_release(course):
    """All the way through: the author copies a hidden test into the text."""
    text = course / "source" / "toy" / "toy.nb.py"
    text.write_text(text.read_text("utf-8").replace("Two exercises", f"Two exercises ({HIDDEN})"), "utf-8")
    with pytest.raises(CourseError, match="hidden tests of 'twice-test'"):
        release.release(course)
    assert not (course / "release" / "toy").exists()


def test_nbgrader_itself_exits_with_an_error_on_a_leak(course):
    change(course / "source" / "toy" / "toy.ipynb", unmarked_solution)
    done = course_process("nbgrader", "generate_assignment", "toy", "--force", cwd=course)
    assert done.returncode == 1 and not (course / "release" / "toy").exists()
    assert done.stderr.rstrip().splitlines()[-1].startswith("release/toy was not kept")


def test_nbgrader_itself_builds_from_the_text_first(course):
    """After a save in Jupyter the notebook carries Jupyter's own metadata; the text, written last, is what counts."""
    first = (course / "release" / "toy" / "toy.ipynb").read_bytes()
    change(course / "source" / "toy" / "toy.ipynb", lambda nb: nb.metadata.update(jupytext={"formats": "ipynb"}))
    (course / "source" / "toy" / "toy.nb.py").touch()
    done = course_process("nbgrader", "generate_assignment", "toy", "--force", cwd=course)
    assert done.returncode == 0 and (course / "release" / "toy" / "toy.ipynb").read_bytes() == first
    text = course / "source" / "toy" / "toy.nb.py"
    text.write_text(text.read_text("utf-8").replace(', "task": false', "", 1), "utf-8")
    done = course_process("nbgrader", "generate_assignment", "toy", "--force", cwd=course)
    assert done.returncode == 1 and done.stderr.rstrip().endswith("('twice'): its nbgrader header lacks task.")


def test_a_release_that_cannot_be_searched_does_not_stay(course, monkeypatch):
    monkeypatch.chdir(course)
    monkeypatch.setattr(release, "leaks", lambda source, folder: 1 / 0)
    with pytest.raises(SystemExit, match="could not be searched for answers .ZeroDivisionError"):
        release.guard("toy", ".", [str(course / "source" / "." / "toy" / "toy.ipynb")])
    assert not (course / "release" / "toy").exists()


def test_a_release_that_nbgrader_refuses_is_one_sentence(course):
    change(course / "source" / "toy" / "toy.ipynb", lambda nb: by_name(nb, "twice-test").metadata.nbgrader.pop("points"))
    with pytest.raises(CourseError, match="nbgrader could not release toy .*points") as caught:
        release.generate(course, "toy")
    assert "\n" not in str(caught.value) and not (course / "release" / "toy").exists()


@pytest.mark.slow
@needs_sandbox
def test_grading_skips_what_only_explores_and_nothing_else(course):
    """A student who tags a test `explore` does not get its points; the Validate button runs no cell with that tag."""

    def cheat(nb):
        by_name(nb, "twice")["source"] = "def twice(x):\n    return 3 * x"
        by_name(nb, "twice-test")["metadata"]["tags"] = ["explore"]
        by_name(nb, "mean-square")["source"] = f"def mean_square(x):\n    {SOLUTION}"
        by_name(nb, "mean-square-test-twice")["metadata"]["tags"] = ["skip-execution"]
        nb.cells.append({"cell_type": "code", "id": "look", "metadata": {"tags": ["explore"]}, "outputs": [],
                         "execution_count": None, "source": "open('explored', 'w').close()"})  # fmt: skip

    folder = course / "submitted" / "ann" / "toy"
    shutil.copytree(course / "release" / "toy", folder)
    change(folder / "toy.ipynb", cheat)
    done = course_process("nbgrader", "autograde", "toy", cwd=course)
    assert done.returncode == 0, done.stderr
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "llm-course") as gradebook:
        notebook = gradebook.find_submission_notebook("toy", "toy", "ann")
        scores = {grade.name: grade.score for grade in notebook.grades}
    assert scores == {"twice-test": 0, "mean-square-test": 25, "mean-square-test-twice": 15}
    assert not list(course.rglob("explored"))
    # The same for the Validate button's own way in.
    done = course_process("nbgrader", "validate", str(folder / "toy.ipynb"), cwd=course)
    assert "VALIDATION FAILED" in done.stdout and not list(course.rglob("explored"))


@pytest.mark.slow
@needs_sandbox
def test_a_warning_costs_a_right_answer_nothing(course):
    """PyTorch warns about many a right answer, and nbgrader takes what stands on stderr for a failure."""
    noise = "    import sys, warnings\n    warnings.warn('by the way')\n    print('a note', file=sys.stderr)\n"
    folder = course / "submitted" / "ann" / "toy"
    shutil.copytree(course / "release" / "toy", folder)

    def answer(nb):
        by_name(nb, "twice")["source"] = f"def twice(x):\n{noise}    return 2 * x"
        by_name(nb, "mean-square")["source"] = f"def mean_square(x):\n{noise}    {SOLUTION}"

    change(folder / "toy.ipynb", answer)
    done = course_process("nbgrader", "validate", str(folder / "toy.ipynb"), cwd=course)
    assert "Your notebook passes all the tests" in done.stdout, done.stdout + done.stderr
    done = course_process("nbgrader", "autograde", "toy", cwd=course)
    assert done.returncode == 0, done.stderr
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "llm-course") as gradebook:
        scores = {grade.name: grade.score for grade in gradebook.find_submission_notebook("toy", "toy", "ann").grades}
    assert scores == {"twice-test": 60, "mean-square-test": 25, "mean-square-test-twice": 15}
