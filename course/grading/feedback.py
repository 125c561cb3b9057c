"""The feedback page of one submission: a single HTML file without scripts, which loads nothing and can be read on a phone."""

import base64
import hashlib
import re
import secrets
from pathlib import Path

from markupsafe import Markup

from course.errors import CourseError
from course.grading.cards import EMPTY, STATES, body, card, number, points_of, sentence, share, short, state_of, title_of
from course.grading.result import ExerciseResult, Result
from course.grading.safe import tag
from course.grading.shown import MAX_PAGE_BYTES, Room, by_exercise, own_outputs
from course.grading.style import CSS, icon

MAX_ITEMS = 50  # of a list of repairs or notes
FRAME_BYTES = 400_000  # kept for what every page has: headings, bars, styles
HEAD = Markup("""<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
""")
PAGE = Markup("""<!DOCTYPE html>
<html lang="en">
<head>
{}
</head>
<body>
{}
{}
{}
</body>
</html>
""")


def _box(*children, class_: str) -> Markup:
    return tag("section", *children, class_=f"card {class_}")


def _bar(exercise: ExerciseResult, most: float) -> Markup:
    """A bar as long as the points, filled as far as the score; what it says stands beside it in words."""
    track = 100 * share(exercise.points, most)
    widths = {"track": track, "fill": track * share(exercise.score, exercise.points)}
    bars = [tag("rect", class_=name, width=f"{width:.2f}%", height="100%", rx=3) for name, width in widths.items()]
    return tag("svg", *bars, class_="bar", aria_hidden="true", focusable="false")


def _row(place: int, exercise: ExerciseResult, most: float) -> Markup:
    state = state_of(exercise)
    said = tag("span", f", {STATES[state].lower()}, points:", class_="unseen")
    name = tag("span", f"{place} · {title_of(exercise)}", said, class_="name")
    link = tag("a", icon(state), name, _bar(exercise, most), points_of(exercise), href=f"#exercise-{place}")
    return tag("li", link, class_=state)


def _summary(result: Result) -> Markup:
    """The points, how many exercises are in which state, a bar for each, and where to go on."""
    states = [state_of(exercise) for exercise in result.exercises]
    counts = [(state, states.count(state)) for state in STATES if state in states]
    most = max((exercise.points for exercise in result.exercises), default=0)
    onward = "Every exercise passed. Well done." if states else ""
    if first := next((place for place, state in enumerate(states, 1) if state != "passed"), 0):
        title = title_of(result.exercises[first - 1])
        onward = Markup("Go on with {}").format(tag("a", f"{first} · {title}", href=f"#exercise-{first}"))
    return _box(
        tag("h2", "Your points", class_="unseen"),
        tag("p", tag("strong", number(result.score)), f" of {number(result.points)} points", class_="total"),
        tag(
            "ul", *(tag("li", icon(one), f"{count} {STATES[one].lower()}", class_=one) for one, count in counts), class_="counts"
        ),
        tag("ol", *(_row(place, exercise, most) for place, exercise in enumerate(result.exercises, 1)), class_="bars"),
        sentence(onward, "onward"),
        class_="summary",
    )


def _list(heading: str, sentences: list[str]) -> Markup:
    if not sentences:
        return EMPTY
    items = [tag("li", short(one, 600)) for one in sentences[:MAX_ITEMS]]
    if len(sentences) > MAX_ITEMS:
        items.append(tag("li", f"… and {len(sentences) - MAX_ITEMS} more."))
    return _box(tag("h2", heading), tag("ul", *items), class_="list")


def _quarantined(result: Result) -> Markup:
    """Why there are no points, and what to do."""
    steps = [
        "Open your notebook in JupyterLab. If it does not open, take the last version that does.",
        "Restart the kernel, run all cells, and save.",
        f"Hand in the saved file itself, {short(result.phase)}.ipynb: no archive, no link, no copy of its text.",
    ]
    why = _box(tag("h2", "This file could not be graded"), sentence(short(result.quarantined, 1000), "stop"), class_="quarantine")
    last = tag("p", "If that does not help, show this page to your instructor. No points were given, and none were taken.")
    return why + _box(tag("h2", "What to do"), tag("ol", *(tag("li", step) for step in steps)), last, class_="list")


def _graded(result: Result) -> tuple[Markup, Markup]:
    """The summary, and the exercises."""
    room = Room(MAX_PAGE_BYTES - FRAME_BYTES)
    places = {exercise.name: (place, title_of(exercise)) for place, exercise in enumerate(result.exercises, 1)}
    # Outputs take what room the words leave.
    bodies = [body(exercise, places, room) for exercise in result.exercises]
    *owns, rest = [own_outputs(cells, room) for cells in by_exercise(result)]
    zipped = zip(result.exercises, bodies, owns, strict=True)
    cards = [card(place, exercise, said + own) for place, (exercise, said, own) in enumerate(zipped, 1)]
    before = _box(tag("h2", "Before the first exercise"), rest, class_="exercise") if rest else EMPTY
    return _summary(result), Markup().join([*cards, before])


def page(result: Result, student: str, title: str, notebook_title: str | None = None) -> str:
    """The page for one submission, graded or quarantined, as HTML text.

    title: what was graded; notebook_title: the notebook's own, which then is the heading, and `title` stands above it.
    """
    heading, above = short(notebook_title or title), short(title) if notebook_title else "Feedback"
    digest = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = HEAD.format(policy) + tag("title", f"{heading}: feedback for {short(student)}") + tag("style", Markup(CSS))
    top = tag("header", sentence(above, "above"), tag("h1", heading), tag("p", "Feedback for ", tag("strong", short(student))))
    lists = _list("From your instructor", result.remarks) + _list("What was put right in your file", result.repairs)
    lists += _list("Notes", result.notes)
    first, rest = (_quarantined(result), EMPTY) if result.quarantined else _graded(result)
    foot = tag("footer", "This page runs no scripts and loads nothing: keep it, print it, read it offline.")
    return str(PAGE.format(head, top, tag("main", first, lists, rest), foot))


def write(folder: Path, result: Result, student: str, title: str) -> Path:
    """Write the page as folder/student/phase/phase.html, whole or not at all.

    CourseError for names that are no folder's, and for links where the page or its folders go.
    """
    for name in (student, result.phase):
        if not re.fullmatch(r"[^\s./\\\0][^/\\\0]*", name):
            raise CourseError(f"{name!r} cannot name a folder for feedback: use letters, digits, hyphens and underscores.")
    target = Path(folder) / student / result.phase / f"{result.phase}.html"
    for path in (target.parent.parent, target.parent, target):
        if path.is_symlink():
            raise CourseError(f"{path} is a link: feedback goes into plain folders and files. Remove it and try again.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{result.phase}-{secrets.token_hex(8)}.part")
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page(result, student, title))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
