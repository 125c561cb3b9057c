"""What grading writes: scores that are numbers in their bounds or nothing at all, whole files, and what people have added."""

import datetime
import json
import math
import os

import pytest
from classes import FULL, NOTHING, UNGRADED, copied, files, hand_in, page, scores

from course.errors import CourseError
from course.grading import record, submission
from course.grading.result import ExerciseResult, Result, TestResult


@pytest.fixture
def course(tmp_path_factory, tmp_path):
    """A released toy course."""
    return copied(tmp_path_factory, tmp_path / "course")


def result(given: dict, state: str = "passed") -> Result:
    """A result with these scores, as grading would give it."""
    tests = [TestResult(name, "", FULL.get(name, 1), score) for name, score in given.items()]
    exercises = [
        ExerciseResult("twice", "Twice", 60, 0, state, tests=tests[:1]),
        ExerciseResult("mean-square", "Mean square", 40, 0, state, tests=tests[1:]),
    ]
    found = Result("toy", 0, 100, exercises, notebook="{}", submission="s", fingerprint="f")
    found.score = 100 if given == FULL else 0
    return found


def recorded(course, given: Result, student: str = "ann", when=None):
    """Record a result as grading does."""
    place = record.course(course)
    with record.gradebook(place) as book:
        return record.record(place, book, student, given, when)


def test_scores_a_notebook_a_page_and_the_result_are_written(course):
    path = recorded(course, result(FULL), when=datetime.datetime(2026, 1, 2, 3, 4, 5))
    assert scores(course) == {"ann": FULL} and path == course / "feedback" / "ann" / "toy" / "toy.html"
    assert files(course / "autograded") == {"ann/toy/toy.ipynb": b"{}\n", "ann/toy/timestamp.txt": b"2026-01-02 03:04:05 UTC"}
    kept = course / ".grading" / "results" / "toy" / "ann.json"
    assert json.loads(kept.read_text())["score"] == 100 and kept.stat().st_mode & 0o777 == 0o600
    assert record.read(record.course(course), "toy", "ann").scores() == FULL


STRANGE = [math.nan, math.inf, -math.inf, -1, -1e-9, 25.0001, 1e308, True, False, "25", None, [25], 25 + 0j, 10**400]


@pytest.mark.parametrize("score", STRANGE, ids=[str(one)[:12] for one in STRANGE])
def test_a_score_that_is_no_number_in_its_bounds_is_refused_and_nothing_written(course, score):
    recorded(course, result(NOTHING))
    before = files(course / "autograded") | files(course / "feedback") | files(course / ".grading" / "results")
    with pytest.raises(CourseError, match="ann, mean-square-test: .* is no score of 0 to 25; nothing was recorded") as caught:
        recorded(course, result(FULL | {"mean-square-test": score}))
    assert len(str(caught.value)) < 300
    assert scores(course) == {"ann": NOTHING}
    assert files(course / "autograded") | files(course / "feedback") | files(course / ".grading" / "results") == before


def test_a_numpy_number_is_refused_as_well(course):
    numpy = pytest.importorskip("numpy")
    with pytest.raises(CourseError, match="no score of 0 to 25"):
        recorded(course, result(FULL | {"mean-square-test": numpy.float64(3.5)}))


@pytest.mark.parametrize("bad", ["missing", "unknown"])
def test_cells_that_are_missing_or_unknown_are_refused_and_nothing_written(course, bad):
    given = {name: score for name, score in FULL.items() if name != "twice-test"} if bad == "missing" else FULL | {"bonus": 1}
    with pytest.raises(CourseError, match="None is no score of 0 to 60" if bad == "missing" else "no cell called 'bonus'"):
        recorded(course, result(given))
    assert scores(course) == {"ann": UNGRADED}
    assert not (course / "autograded").exists() and not (course / "feedback").exists()
    assert record.results(record.course(course), "toy") == {}


def test_the_bounds_themselves_and_whole_numbers_are_scores(course):
    recorded(course, result({"twice-test": 60, "mean-square-test": 0, "mean-square-test-twice": 7.5}))
    assert scores(course)["ann"] == {"twice-test": 60.0, "mean-square-test": 0.0, "mean-square-test-twice": 7.5}


def test_a_quarantined_submission_has_a_page_and_no_score(course):
    recorded(course, Result("toy", quarantined="The file is empty: hand in another."), "dora")
    assert scores(course) == {"dora": UNGRADED} and "The file is empty: hand in another." in page(course, "dora")
    assert not (course / "autograded").exists()


def test_a_quarantined_file_takes_no_points_that_were_given_before(course):
    recorded(course, result(FULL))
    recorded(course, Result("toy", quarantined="The file is empty: hand in another."))
    assert scores(course) == {"ann": FULL}


def manual(course, student="ann", **given):
    """What a person writes in formgrader on the cell mean-square-test."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "llm-course") as book:
        grade = book.find_grade("mean-square-test", "toy", "toy", student)
        for name, value in given.items():
            setattr(grade, name, value)
        book.find_comment("twice", "toy", "toy", student).manual_comment = "Well <b>tried</b>."
        book.db.commit()


def test_what_people_gave_stays_and_is_told(course):
    from nbgrader.api import Gradebook

    recorded(course, result(NOTHING, "failed"))
    manual(course, manual_score=20, extra_credit=2)
    recorded(course, result(NOTHING, "failed"))
    said = page(course, "ann")
    assert "mean-square-test: 20 points, given by your instructor." in said
    assert "mean-square-test: 2 points of extra credit." in said and "In all: 22 of 100 points." in said
    assert "twice: Well <b>tried</b>." in said
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "llm-course") as book:
        grade = book.find_grade("mean-square-test", "toy", "toy", "ann")
        assert (grade.auto_score, grade.manual_score, grade.score, grade.needs_manual_grade) == (0, 20, 22, True)
        assert not book.find_grade("twice-test", "toy", "toy", "ann").needs_manual_grade
        assert record.finals(book, "toy") == {"ann": 22}


LATE = """
import sys

from nbgrader.plugins import LateSubmissionPlugin


class Tenth(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 10


sys.modules["tenth"] = type(sys)("tenth")
sys.modules["tenth"].Tenth = Tenth
c.AssignLatePenalties.plugin_class = "tenth.Tenth"
"""


def test_a_late_submission_is_penalized_as_nbgrader_is_told_to(course):
    from nbgrader.api import Gradebook

    with (course / "nbgrader_config.py").open("a") as config:
        config.write(LATE)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "llm-course") as book:
        book.update_or_create_assignment("toy", duedate="2026-01-01 12:00 UTC")
    early, late = datetime.datetime(2026, 1, 1, 11), datetime.datetime(2026, 1, 1, 13)
    recorded(course, result(FULL), "ann", early)
    recorded(course, result(FULL), "ben", late)
    place = record.course(course)

    def finals():
        with record.gradebook(place) as book:
            return record.finals(book, "toy")

    assert finals() == {"ann": 100, "ben": 90} and "taken off" not in page(course, "ann")
    assert "10 points were taken off, as the submission was late." in page(course, "ben")
    recorded(course, result(FULL), "ben", early)
    assert finals() == {"ann": 100, "ben": 100}, "an extension, or a timestamp put right, counts"


def test_a_phase_that_was_never_released_is_one_sentence(course):
    given = result(FULL)
    given.phase = "other"
    with pytest.raises(CourseError, match="does not know other yet: run `course release other` first"):
        recorded(course, given)


URLS = {
    "postgresql+psycopg://nobody@127.0.0.1:1/none": "refused",
    "postgresql+psycopg9://nobody@127.0.0.1:1/none": "begins with postgresql+psycopg://",
    "sqlite:////nowhere/at/all.db": "unable to open",
    "what": "parse",
    "strange://x/y": "strange",
}


@pytest.mark.parametrize("url", URLS)
def test_a_gradebook_that_cannot_be_reached_is_one_sentence(course, url):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    place = record.course(course)
    with pytest.raises(CourseError, match="gradebook cannot be used .*: check c.CourseDir") as caught, record.gradebook(place):
        pass
    assert "\n" not in str(caught.value) and URLS[url] in str(caught.value)


def test_a_file_that_is_no_gradebook_is_one_sentence(course):
    (course / "gradebook.db").write_bytes(b"not a database, but long enough to be taken for one" * 50)
    with pytest.raises(CourseError, match="gradebook cannot be used .*not a database"), record.gradebook(record.course(course)):
        pass


def test_a_half_written_file_is_never_seen(course, monkeypatch):
    path = course / "x" / "page"
    record.write(path, b"first")
    monkeypatch.setattr(os, "fdopen", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        record.write(path, b"second")
    assert files(course / "x") == {"page": b"first"}


def test_a_link_that_lies_where_a_file_goes_is_not_followed(course):
    secret = course / "secret"
    secret.write_text("mine")
    path = course / "x" / "page"
    path.parent.mkdir()
    path.symlink_to(secret)
    record.write(path, b"new")
    assert secret.read_text() == "mine" and not path.is_symlink() and path.read_bytes() == b"new"


@pytest.mark.parametrize("name", ["ann", "Zoë Müller", "a.b-c_d", "学生", "x" * 128])
def test_names_of_students(name):
    assert record.unusable(name) == ""


@pytest.mark.parametrize("name", ["", ".hidden", " x", "a\\b", "a/b", "a\nb", "a\x1bb", "\udcff", "x" * 129])
def test_names_that_are_none(name):
    assert record.unusable(name).startswith("The folder's name cannot be a student's: rename it")


TIMES = {
    "2026-01-02 03:04:05 UTC": datetime.datetime(2026, 1, 2, 3, 4, 5),
    "2015-02-02 15:58:23.948203 America/Los_Angeles": None,
    "2026-01-02T03:04:05+02:00\n": datetime.datetime(2026, 1, 2, 1, 4, 5),
    "0001-01-01 00:00:00+14:00": None,
    "9999-12-31 23:59:59-14:00": None,
    "": None,
    "yesterday": None,
    "\0" * 50: None,
    "1" * 10**6: None,
    "２０２６-01-02": None,
}


@pytest.mark.parametrize("text", TIMES, ids=range(len(TIMES)))
def test_a_timestamp_is_read_or_left_alone(tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text, "utf-8")
    assert submission.timestamp(tmp_path) == TIMES[text]


WAYS = {
    "pipe": lambda folder, real: os.mkfifo(folder / "timestamp.txt"),
    "link": lambda folder, real: (folder / "timestamp.txt").symlink_to(real / "timestamp.txt"),
    "folder": lambda folder, real: (folder / "timestamp.txt").mkdir(),
    "linked folder": lambda folder, real: (folder.rmdir(), folder.symlink_to(real)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_timestamp_that_is_no_plain_file_is_left_alone(tmp_path, way):
    folder, real = tmp_path / "folder", tmp_path / "real"
    folder.mkdir()
    real.mkdir()
    (real / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    assert submission.timestamp(real)
    WAYS[way](folder, real)
    assert submission.timestamp(folder) is None


def test_settings_of_nbgrader_hold_here_too(course):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("\nc.CourseDirectory.submitted_directory = 'in'\n")
    place = record.course(course)
    assert place.submitted == course / "in" and place.db_url.endswith("/course/gradebook.db")
    assert list(submission.students(place.submitted, "toy")) == []
    hand_in(course, "ann")
    (course / "submitted").rename(course / "in")
    assert [name for name, _ in submission.students(place.submitted, "toy")] == ["ann"]
