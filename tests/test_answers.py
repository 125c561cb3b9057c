"""Every exercise's tests let its right answers pass and catch its wrong ones; the harness that says so can itself say no."""

import functools
import json
import time
from collections import Counter

import pytest
from conftest import course_process, exercises

from course import answers
from course.errors import CourseError


@pytest.mark.slow
@pytest.mark.parametrize(("phase", "exercise"), exercises())
def test_answers_get_what_they_deserve(root, verdicts, record_property, phase, exercise):
    path = root / "tests" / "answers" / phase / f"{exercise}.py"
    assert path.is_file(), f"{exercise} has no answers: write {path.relative_to(root)}"
    written = answers.parse(path)
    found = [one for one in verdicts(phase) if one["exercise"] == exercise]
    counts = Counter(f"{one['kind']}, {'bad' if one['complaint'] else 'good'}" for one in found)
    record_property("answers", (phase, dict(counts)))
    assert [(one["kind"], one["label"]) for one in found] == [(one.kind, one.label) for one in written], (
        "not every answer was tried"
    )
    kinds = [one["kind"] for one in found]
    assert kinds.count("right") >= 1 and kinds.count("wrong") >= 4, (
        f"{path.name}: {kinds.count('right')} right, {kinds.count('wrong')} wrong"
    )
    assert not (bad := [f"{one['kind']} ({one['label']}): {one['complaint']}" for one in found if one["complaint"]]), "\n".join(
        bad
    )


def test_no_answers_file_is_left_over(root):
    known = {f"{phase}/{name}.py" for phase, name in exercises()}
    written = {path.relative_to(root / "tests" / "answers").as_posix() for path in (root / "tests" / "answers").glob("*/*.py")}
    assert not written - known, "these belong to no exercise"


def complaints(toy, name, text):
    """What the harness finds wrong when `text` is the exercise's answers file."""
    (toy / "tests" / "answers" / "toy" / f"{name}.py").write_text(text, "utf-8")
    return [(one.kind, one.complaint) for one in answers.run(toy, "toy", {name})]


def test_good_answers_raise_no_complaint(toy):
    done = course_process("course.answers", "toy", "--json", cwd=toy)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == 10 and not any(one["complaint"] for one in found)
    assert {tuple(one["points"]) for one in found if one["exercise"] == "mean-square"} == {
        ("mean-square-test", "mean-square-test-twice")
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# %% wrong: not wrong at all\ndef twice(x):\n    return x + x\n", "full marks"),
        ("# %% right: not right at all\ndef twice(x):\n    return x\n", "got 0 of 60"),
        ("# %% wrong: crashes\nraise KeyError('no')\n", "crash"),
        ("# %% wrong: other words | hint: sqrt\ndef twice(x):\n    return x\n", "'sqrt'"),
        ("# %% wrong: the process ends\nimport os\nos._exit(0)\n", "died"),
    ],
    ids=["let through", "rejected", "crash", "hint missing", "process death"],
)
def test_the_harness_reports(toy, text, says):
    ((_, complaint),) = complaints(toy, "twice", text)
    assert says in complaint


def test_the_harness_exits_with_1_on_a_complaint(toy):
    (toy / "tests" / "answers" / "toy" / "twice.py").write_text("# %% wrong: right\ndef twice(x):\n    return 2 * x\n", "utf-8")
    assert course_process("course.answers", "toy", "twice", cwd=toy).returncode == 1


def test_an_endless_answer_ends_at_its_limit(toy, monkeypatch):
    monkeypatch.setattr(answers, "in_child", functools.partial(answers.in_child, limit_s=1))
    start = time.monotonic()
    found = complaints(
        toy,
        "twice",
        "# %% wrong: never returns\ndef twice(x):\n    while True:\n        pass\n\n"
        "# %% right: sum\ndef twice(x):\n    return x + x\n",
    )
    assert "within 1 s" in found[0][1] and found[1] == ("right", "")
    assert time.monotonic() - start < 30


def test_one_answer_leaves_nothing_for_the_next(toy):
    found = complaints(
        toy,
        "twice",
        "# %% right: leaves a name\nleft = torch\ndef twice(x):\n    return x + x\n\n"
        "# %% right: does not see it\nassert 'left' not in globals()\ndef twice(x):\n    return x + x\n",
    )
    assert found == [("right", ""), ("right", "")]


@pytest.mark.parametrize("text", ["", "# %% maybe: unsure\nx = 1\n"])
def test_an_unreadable_answers_file_is_a_course_error(toy, text):
    with pytest.raises(CourseError):
        complaints(toy, "twice", text)
