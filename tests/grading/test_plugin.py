"""nbgrader's own ways in: its commands and formgrader's button give what `course grade` gives, whatever was handed in."""

import asyncio
import os
import shutil
import threading

import pytest
from classes import (
    CLASS,
    FULL,
    IDENTITY,
    LATER,
    RIGHT,
    UNGRADED,
    alive,
    command,
    copied,
    descendants,
    files,
    hand_in,
    near,
    page,
    sample,
    scores,
    waited,
)
from conftest import needs_sandbox

from course.grading import classroom, record

pytestmark = needs_sandbox


@pytest.fixture
def course(tmp_path_factory, tmp_path):
    """A released toy course."""
    return copied(tmp_path_factory, tmp_path / "course")


def api(course):
    """What formgrader's handlers call."""
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import PyFileConfigLoader

    return NbGraderAPI(config=PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config())


def hostile(course) -> None:
    """Three more students, each with files that must not be followed, waited for or copied."""
    folder = hand_in(course, "ida", RIGHT)
    os.mkfifo(folder / "timestamp.txt")
    (folder / "data.txt").symlink_to("/etc/passwd")
    (folder / "etc").symlink_to("/etc")
    folder = hand_in(course, "jon", RIGHT)
    (folder / "timestamp.txt").symlink_to("/dev/zero")
    (folder / "helper.py").write_text("print(1)")
    folder = hand_in(course, "kim", RIGHT)
    (folder / "timestamp.txt").write_bytes(b"\xff\x00 a month of Sundays" * 1000)


@pytest.mark.slow
def test_nbgraders_commands_give_what_course_grade_gives(course, tmp_path, monkeypatch):
    hostile(sample(course))
    ours = shutil.copytree(course, tmp_path / "ours", symlinks=True, ignore=lambda *_: ["timestamp.txt"])
    monkeypatch.setattr(classroom, "client", near)
    list(classroom.run(record.course(ours), "toy"))

    done = command("nbgrader", "autograde", "toy", cwd=course)
    assert done.returncode == 1 and "error processing assignment 'toy' for student 'dora'" in done.stderr
    assert "dora could not be graded: The file is not a notebook" in done.stderr
    # nbgrader itself passes by a folder in which no name ends with .ipynb, and hal's is one.
    expected = {name: given for name, given in CLASS.items() if name != "hal"} | dict.fromkeys(["ida", "jon", "kim"], FULL)
    assert scores(course) == expected
    assert scores(ours) == expected | {"hal": UNGRADED}

    made = files(course / "autograded")
    graded = {name for name, given in expected.items() if given != UNGRADED}
    assert set(made) == {f"{name}/toy/toy.ipynb" for name in graded}, "nothing but notebooks is copied"
    assert made == files(ours / "autograded")

    done = command("nbgrader", "generate_feedback", "toy", cwd=course)
    assert done.returncode == 0, done.stderr
    pages = files(course / "feedback")
    assert pages == {name: data for name, data in files(ours / "feedback").items() if not name.startswith("hal/")}
    assert set(pages) == {f"{name}/toy/toy.html" for name in expected}

    before = (course / ".grading" / "results" / "toy" / "ann.json").stat().st_mtime_ns
    done = command("nbgrader", "autograde", "toy", "--student", "ann", cwd=course)
    assert done.returncode == 0 and "Skipping existing" in done.stderr
    assert (course / ".grading" / "results" / "toy" / "ann.json").stat().st_mtime_ns == before


def test_formgraders_button_works_beside_a_running_event_loop(course):
    hand_in(course, "ann", RIGHT, "homework.ipynb")
    (hand_in(course, "fay", b"mine", "notes.txt") / "toy.ipynb").symlink_to(course / "source" / "toy" / "toy.ipynb")
    formgrader, said = api(course), []

    async def handler():
        for student in ("ann", "fay", "ann"):
            said.append(formgrader.autograde("toy", student))
        said.append(formgrader.generate_feedback("toy", "ann"))

    thread = threading.Thread(target=lambda: asyncio.run(handler()))
    thread.start()
    thread.join()
    assert [one["success"] for one in said] == [True, False, True, True], said
    assert "fay could not be graded: There is no notebook for toy" in said[1]["log"]
    assert scores(course) == {"ann": FULL, "fay": UNGRADED}
    assert "'homework.ipynb' was graded as toy.ipynb." in page(course, "ann")
    assert "There is no notebook for toy" in page(course, "fay")
    assert [one["score"] for one in formgrader.get_submissions("toy")] == [100, 0]


def test_formgrader_goes_on_after_its_kernels_server_died(course):
    hand_in(course, "ann", RIGHT)
    formgrader = api(course)
    assert formgrader.autograde("toy", "ann")["success"]
    from course.grading import key, plugin

    material = key.of_phase(course, "toy")
    server = plugin.grader(material).server.process
    server.kill()
    server.wait()
    assert formgrader.autograde("toy", "ann")["success"]
    assert plugin.grader(material).server.process.pid != server.pid


def test_a_changed_text_is_graded_by_in_a_formgrader_that_runs_on(course):
    hand_in(course, "ben", IDENTITY)
    formgrader = api(course)
    assert formgrader.autograde("toy", "ben")["success"] and scores(course)["ben"] == LATER
    text = course / "source" / "toy" / "toy.nb.py"
    text.write_text(text.read_text("utf-8").replace("2 * x", "1 * x").replace("2 * check.normal", "1 * check.normal"), "utf-8")
    text.write_text(text.read_text("utf-8").replace("4 * (z**2)", "1 * (z**2)"), "utf-8")
    assert formgrader.autograde("toy", "ben")["success"] and scores(course)["ben"] == FULL


def test_late_penalties_and_manual_scores_hold_in_nbgraders_way(course):
    from nbgrader.api import Gradebook

    with (course / "nbgrader_config.py").open("a") as config:
        config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "llm-course") as book:
        book.update_or_create_assignment("toy", duedate="2026-01-01 12:00 UTC")
    (hand_in(course, "ann", RIGHT) / "timestamp.txt").write_text("2026-01-01 12:00:01 UTC")
    (hand_in(course, "ben", IDENTITY) / "timestamp.txt").write_text("2026-01-01 11:59:59 UTC")
    formgrader = api(course)
    for student in ("ann", "ben"):
        assert formgrader.autograde("toy", student)["success"]
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "llm-course") as book:
        book.find_grade("twice-test", "toy", "toy", "ben").manual_score = 30
        book.db.commit()
    assert formgrader.autograde("toy", "ben")["success"] and formgrader.generate_feedback("toy", "ben")["success"]
    with record.gradebook(record.course(course)) as book:
        assert record.finals(book, "toy") == {"ann": 0, "ben": 70}
    assert "100 points were taken off, as the submission was late." in page(course, "ann")
    assert "twice-test: 30 points, given by your instructor." in page(course, "ben")
    assert "In all: 70 of 100 points." in page(course, "ben")


def test_feedback_of_what_was_never_graded_says_what_to_do(course):
    shutil.copytree(course / "release" / "toy", course / "autograded" / "ann" / "toy")
    said = api(course).generate_feedback("toy", "ann")
    assert not said["success"] and "There is no result of ann's toy: run `nbgrader autograde toy` first." in said["log"]


@pytest.mark.slow
def test_nbgraders_command_leaves_no_process_and_no_folder(course, tmp_path):
    import tempfile

    hand_in(course, "ann", RIGHT)
    with tempfile.TemporaryDirectory(prefix="t-") as scratch:
        from classes import started

        process = started("nbgrader", "autograde", "toy", cwd=course, env={"TMPDIR": scratch})
        below = waited(lambda: (course / "autograded" / "ann").exists() and descendants(process.pid))
        assert process.wait(120) == 0, process.stderr.read()
        assert waited(lambda: not any(map(alive, below))) and not os.listdir(scratch)
        process.communicate()
