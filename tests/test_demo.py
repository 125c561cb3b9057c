"""The sample class gets the scores that it should: on a toy course, and on the real one."""

import json
import shutil

import pytest
from conftest import phases

from course import demo, notebooks, release
from course.errors import CourseError


@pytest.fixture(scope="module")
def real(root, tmp_path_factory):
    """The whole demo on the real course, run once: its folder and its rows by student and phase."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    demo.prepare(root, folder)
    return folder, {(row.student, row.phase): row for row in demo.run(root, folder, lambda step: None)}


@pytest.mark.slow
def test_a_toy_class_end_to_end(toy, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")  # or the table would break its sentences into lines
    demo.main(toy)
    said = " ".join(capsys.readouterr().out.split())
    for student, score in {"perfect": "100 of 100", "middling": "60 of 100", "blank": "0 of 100", "wrong": "0 of 100"}.items():
        assert f"│ {student} │ toy │ {score} │" in said
        assert (page := toy / "demo" / "feedback" / student / "toy" / "toy.html").is_file()
        assert page.as_uri() in said
    assert "broken │ toy │ not graded" in said and "is not a notebook (it is not JSON)" in said
    assert demo.graded(toy / "demo", "toy") | {"broken": {}} == demo.expected(
        toy, "toy", toy / "demo" / "release" / "toy" / "toy.ipynb"
    )
    # A second time starts afresh.
    (toy / "demo" / "submitted" / "stranger").mkdir()
    demo.prepare(toy, toy / "demo")
    assert not (toy / "demo" / "submitted").exists()


@pytest.mark.slow
def test_one_submission_that_nbgrader_cannot_grade_stops_no_other(toy, monkeypatch):
    release.release(toy)
    files = demo.submissions(toy, "toy")
    nb = json.loads(files["blank"])
    graded = next(cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade"))
    graded["metadata"]["nbgrader"]["schema_version"] = 99
    monkeypatch.setattr(demo, "submissions", lambda *_: files | {"blank": json.dumps(nb).encode()})
    demo.prepare(toy, toy / "demo")
    rows = {row.student: row for row in demo.run(toy, toy / "demo", lambda step: None)}
    assert rows["blank"].score is None and demo.LOG in rows["blank"].what
    assert rows["perfect"].score == 100 and rows["wrong"].score == 0


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


def test_a_missing_sandbox_is_said(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "apt install bubblewrap" in demo.warning() and "your own rights" in demo.warning()
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/bwrap")
    assert "apt install" not in demo.warning() and "your own rights" in demo.warning()


@pytest.mark.slow
@pytest.mark.parametrize("phase", phases())
def test_the_sample_class_gets_what_it_should(root, real, phase):
    folder, rows = real
    expected = demo.expected(root, phase, folder / "release" / phase / f"{phase}.ipynb")
    graded = demo.graded(folder, phase)
    for student in ("perfect", "middling", "blank", "wrong"):
        assert graded[student] == expected[student], student
        assert rows[student, phase].score == sum(expected[student].values()) and rows[student, phase].feedback.is_file()
    assert rows["perfect", phase].score == rows["perfect", phase].maximum == 100
    assert rows["blank", phase].score == 0
    assert 0 < rows["middling", phase].score < 100 and rows["wrong", phase].score < 100


@pytest.mark.slow
@pytest.mark.parametrize("phase", phases())
def test_the_broken_file_has_a_reason(real, phase):
    folder, rows = real
    broken = rows["broken", phase]
    assert broken.score is None and broken.feedback is None and "broken" not in demo.graded(folder, phase)
    assert broken.what.count("\n") == 0 and "not a notebook" in broken.what
    with pytest.raises(CourseError):
        notebooks.read(folder / "submitted" / "broken" / phase / f"{phase}.ipynb")
