"""One exercise on a feedback page: its state, each test with the checks that did not hold, and the student's code."""

import math

from markupsafe import Markup

from course.grading.result import CheckResult, ExerciseResult, TestResult
from course.grading.safe import clip, code, plain, tag
from course.grading.shown import MAX_TEXT, Room
from course.grading.style import icon

STATES = {
    "passed": "Passed",
    "partly": "Partly passed",
    "failed": "Not passed yet",
    "unwritten": "Not written yet",
    "stopped": "Stopped",
}
MAX_CHECKS, MAX_MESSAGE, MAX_NAMES = 8, 2_000, 20  # failing checks shown of a test, characters of a message, exercises named
FULL = "Left out: this page is full."
EMPTY = Markup()


def number(value: float) -> str:
    """Points as people write them: 4, 2.5, 0.33."""
    return f"{value + 0.0:.2f}".rstrip("0").rstrip(".") if math.isfinite(value) else "?"


def share(score: float, points: float) -> float:
    """Which part of the points was reached, from 0 to 1."""
    return min(max(score / points, 0.0), 1.0) if points > 0 and math.isfinite(score) and math.isfinite(points) else 0.0


def short(text: str, most: int = 200) -> str:
    """One line of text, `most` characters at the most."""
    line = " ".join(plain(str(text)[: 4 * most]).split())
    return line if len(line) <= most else f"{line[:most]}…"


def state_of(exercise: ExerciseResult) -> str:
    """The exercise's state, one of STATES."""
    return exercise.state if exercise.state in STATES else "failed"


def title_of(exercise: ExerciseResult) -> str:
    """What the exercise is called for people."""
    return short(exercise.title or exercise.name)


def points_of(one: ExerciseResult) -> Markup:
    """Score and points, the points paler."""
    return tag("span", number(one.score), tag("span", f" / {number(one.points)}", class_="muted"), class_="points")


def checks(count: int, more: str = "") -> str:
    """How many checks: 1 check, 3 checks, 3 more checks."""
    return f"{count} {more}{'check' if count == 1 else 'checks'}"


def sentence(text: str, class_: str = "cut") -> Markup:
    """A paragraph; nothing for no text."""
    return tag("p", text, class_=class_) if text else EMPTY


def _check(check: CheckResult, times: int) -> Markup:
    """A check that did not hold: the hint, then what was expected and what came; of a hidden one the hint alone."""
    message, cut = ("", "") if check.hidden else clip(check.message, MAX_MESSAGE)
    hint, message = plain(clip(check.hint, MAX_MESSAGE)[0]).strip(), plain(message).strip("\n")
    if not hint:
        hint, _, message = message.strip().partition("\n")
    lines = message.removeprefix(hint).strip("\n").split("\n")
    detail = "\n".join(line.strip() if line.startswith("  ") else line for line in lines)
    again = tag("span", f" ({times} times)", class_="muted times") if times > 1 else EMPTY
    label = tag("span", "hidden check", class_="label") if check.hidden else EMPTY
    return tag(
        "li",
        tag("p", hint or "This check did not hold.", again, label, class_="hint"),
        tag("pre", detail, class_="detail") if detail.strip() else EMPTY,
        sentence(cut),
    )


def _test(test: TestResult, worst: str, reason: str, room: Room) -> Markup:
    """A test: its points, the checks that did not hold (the same ones once), and how many held.

    worst: the state that 0 points mean; reason: what the exercise says already.
    """
    failing, held = {}, [check for check in test.checks if check.held]
    waiting = worst == "unwritten" and not held and not test.score
    for check in test.checks:
        if not check.held:
            key = (check.hint, "" if check.hidden else check.message, check.hidden)
            failing[key] = (check, failing.get(key, (check, 0))[1] + 1)
    made = [_check(check, times) for check, times in list(failing.values())[: 0 if waiting else MAX_CHECKS]]
    shown = [html for html in made if room.takes(html)]
    lost, hidden = 0 if waiting else len(failing) - len(shown), sum(check.hidden for check in held)
    whole = test.score >= test.points and not failing and not test.stopped
    state = "passed" if whole else "partly" if share(test.score, test.points) > 0 else worst
    points = tag("span", f"{number(test.score)} / {number(test.points)}", class_="points")
    said = f"{checks(len(held))} held{f', {hidden} of them hidden' if hidden else ''}" if held else ""
    said = f"{checks(len(test.checks))} to come" if waiting and failing else said
    what = tag("span", short(test.title or test.name), " ", tag("span", said, class_="held"), class_="what")
    return tag(
        "li",
        tag("p", icon(state), what, points, class_="head"),
        sentence(short(test.stopped, 600) if test.stopped != reason else "", "stop"),
        tag("ul", *shown, class_="checks") if shown else EMPTY,
        sentence(f"… and {checks(lost, 'more ')} that did not hold." if lost else ""),
        class_=f"test {state}",
    )


def _reference(exercise: ExerciseResult, places: dict[str, tuple[int, str]]) -> Markup:
    """Which earlier exercises the reference stood in for."""
    links = []
    for name in exercise.on_reference[:MAX_NAMES]:
        place, title = places.get(name, (0, ""))
        links.append(tag("a", title, href=f"#exercise-{place}") if place else tag("code", short(name)))
    if not links:
        return EMPTY
    named = Markup(", ").join(links[:-1]) + (" and " if len(links) > 1 else "") + links[-1]
    return tag("p", "Graded on the reference's version of ", named, ": mistakes made there cost nothing here.", class_="note")


def _where(exercise: ExerciseResult) -> Markup:
    text, cut = clip(exercise.where.strip("\n"), MAX_MESSAGE)
    if not text.strip():
        return EMPTY
    return sentence("Where it went wrong in your code:", "caption") + tag("pre", text, class_="out", tabindex=0) + sentence(cut)


def _source(exercise: ExerciseResult) -> Markup:
    source, cut = clip(exercise.source.rstrip(), MAX_TEXT)
    count = exercise.source.rstrip().count("\n") + 1
    summary = tag("summary", "Your code ", tag("span", f"{count} {'line' if count == 1 else 'lines'}", class_="muted"))
    return tag("details", summary, code(source), sentence(cut)) if source else EMPTY


def body(exercise: ExerciseResult, places: dict[str, tuple[int, str]], room: Room) -> Markup:
    """Everything about an exercise but its heading and the student's own outputs.

    places: the number and title of each exercise by name.
    """
    said = [_reference(exercise, places), sentence(short(exercise.reason, 600), "stop"), _where(exercise)]
    worst = "unwritten" if exercise.state == "unwritten" else "failed"
    tests = [_test(test, worst, exercise.reason, room) for test in exercise.tests]
    listed = tag("ul", *tests, class_="tests") if tests else EMPTY
    source = _source(exercise)
    said = [part if room.takes(part) else sentence(FULL) for part in said]
    return Markup().join([*said, listed, source if room.takes(source) else sentence(f"Your code: {FULL}")])


def card(place: int, exercise: ExerciseResult, inside: Markup) -> Markup:
    """The exercise's section, `place` being its number from 1."""
    state = state_of(exercise)
    title = tag("h2", tag("span", f"{place} · ", class_="muted"), title_of(exercise))
    pill = tag("span", icon(state), STATES[state], class_="pill")
    return tag(
        "section",
        tag("div", title, points_of(exercise), class_="head"),
        tag("p", pill, tag("code", short(exercise.name, 80)), class_="state"),
        inside,
        class_=f"card exercise {state}",
        id=f"exercise-{place}",
    )
