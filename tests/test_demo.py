"""The sample class gets the scores that it should: on a toy course, and on the real one."""

import shutil

import pytest
from conftest import needs_sandbox, phases

from course import notebooks
from course.errors import CourseError
from course.grading import demo, sandbox


@pytest.fixture(scope="module")
def real(root, tmp_path_factory):
    """The whole demo on the real course, run once: its folder and its rows by student and phase."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    demo.prepare(root, folder)
    return folder, {(row.student, row.phase): row for row in demo.run(root, folder, lambda step: None)}


@pytest.mark.slow
@needs_sandbox
def test_a_toy_class_end_to_end(toy, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")  # or the table would break its sentences into lines
    demo.main(toy)
    said = " ".join(capsys.readouterr().out.split())
    for student, score in {"perfect": "100 of 100", "middling": "60 of 100", "blank": "0 of 100", "wrong": "0 of 100"}.items():
        assert f"│ {student} │ toy │ {score} │" in said
        assert (page := toy / "demo" / "feedback" / student / "toy" / "toy.html").is_file()
        assert page.as_uri() in said
    assert "broken │ toy │ not graded" in said and "only a part of one (it is not JSON)" in said
    assert demo.graded(toy / "demo", "toy") | {"broken": {}} == demo.expected(
        toy, "toy", toy / "demo" / "release" / "toy" / "toy.ipynb"
    )
    # A second time starts afresh.
    (toy / "demo" / "submitted" / "stranger").mkdir()
    demo.prepare(toy, toy / "demo")
    assert not (toy / "demo" / "submitted").exists()


def test_the_demo_leaves_other_peoples_folders_alone(toy):
    (toy / "demo").mkdir()
    (toy / "demo" / "thesis.txt").write_text("mine")
    with pytest.raises(CourseError, match="did not make"):
        demo.main(toy)
    assert (toy / "demo" / "thesis.txt").read_text() == "mine"


def test_the_demo_says_what_is_missing(toy):
    with pytest.raises(CourseError, match="course release"):
        demo.submissions(toy, "toy")
    (toy / "tests" / "answers" / "toy" / "twice.py").write_text("# %% right: only\ntwice = None\n")
    with pytest.raises(CourseError, match="one right and one wrong"):
        demo._texts(toy, "toy")
    (toy / "tests" / "answers" / "toy" / "twice.py").unlink()
    with pytest.raises(CourseError, match="answers to 'twice'"):
        demo._texts(toy, "toy")
    shutil.rmtree(toy / "source" / "toy")
    with pytest.raises(CourseError, match="No phase"):
        demo.main(toy)


def test_a_missing_sandbox_is_said_before_anything_is_done(toy, monkeypatch):
    monkeypatch.setattr(sandbox, "missing", lambda: "There are no user namespaces here.")
    with pytest.raises(CourseError, match="no user namespaces"):
        demo.main(toy)
    assert not (toy / "demo").exists()


@pytest.mark.slow
@needs_sandbox
@pytest.mark.parametrize("phase", phases())
def test_the_sample_class_gets_what_it_should(root, real, phase):
    folder, rows = real
    expected = demo.expected(root, phase, folder / "release" / phase / f"{phase}.ipynb")
    graded = demo.graded(folder, phase)
    for student in ("perfect", "middling", "blank", "wrong"):
        assert graded[student] == expected[student], student
        assert rows[student, phase].result.score == sum(expected[student].values()) and rows[student, phase].page.is_file()
    scores = {student: rows[student, phase].result.score for student in expected}
    assert scores["perfect"] == rows["perfect", phase].result.points == 100
    assert scores["blank"] == 0 and 0 < scores["middling"] < 100 and scores["wrong"] < 100


@pytest.mark.slow
@needs_sandbox
@pytest.mark.parametrize("phase", phases())
def test_the_broken_file_has_a_reason(real, phase):
    folder, rows = real
    broken = rows["broken", phase]
    assert broken.page.is_file() and "broken" not in demo.graded(folder, phase)
    assert broken.result.quarantined.count("\n") == 0 and "not a notebook" in broken.result.quarantined
    with pytest.raises(CourseError):
        notebooks.read(folder / "submitted" / "broken" / phase / f"{phase}.ipynb")
