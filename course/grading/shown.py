"""A student's own outputs on a feedback page: which belong to which exercise, how each is shown, and how much a page holds."""

import json
import re
from typing import NamedTuple

from markupsafe import Markup

from course.grading.result import Result
from course.grading.safe import clip, coloured, fragment, image, plain, tag

MAX_TEXT, MAX_OUTPUTS, MAX_PAGE_BYTES = 20_000, 40, 4_000_000
MAX_HTML = 1_000_000  # with the pictures in it
PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*")
TEXTS = ("text/plain", "text/markdown", "text/latex")
EMPTY = Markup()


class Room:
    """What a page can still hold, in bytes and in outputs."""

    def __init__(self, size: int = MAX_PAGE_BYTES, outputs: int = MAX_OUTPUTS):
        self.size, self.outputs = size, outputs

    def takes(self, html: str) -> bool:
        """Whether there is room for this piece; if so, it is taken off."""
        fits = (size := len(html.encode())) <= self.size
        self.size -= size if fits else 0
        return fits

    def takes_output(self, html: str) -> bool:
        """As `takes`, for an output; one that is too large counts too, so that making a page takes no longer than a page."""
        self.outputs -= 1
        return self.outputs >= 0 and self.takes(html)


class Shown(NamedTuple):
    """The outputs of one cell, and how the cell is called: `caption`, or else the first line of its `code`."""

    outputs: list[dict]
    caption: str = ""
    code: str = ""


def _text(value) -> str:
    """A text from a string or a list of lines; empty for anything else."""
    lines = value if isinstance(value, list) else [value]
    return "".join(lines) if all(isinstance(line, str) for line in lines) else ""


def _pre(text: str, kind: str = "") -> Markup:
    text, cut = clip(text, MAX_TEXT)
    return tag("pre", coloured(text), class_=f"out {kind}".strip(), tabindex=0) + (tag("p", cut, class_="cut") if cut else "")


def _bundle(data: dict) -> Markup:
    """The best that a MIME bundle has: a picture, HTML, or its plain text, whatever language that is in."""
    for kind in ("image/png", "image/jpeg"):
        if (text := _text(data.get(kind))) and (found := image(kind, text)):
            uri, (width, height) = found
            return Markup('<img src="{}" width="{}" height="{}" alt="A figure from your notebook">').format(uri, width, height)
    if html := _text(data.get("text/html")):
        # Pictures inside are judged by their own size.
        html, cut = (html, "") if len(html) < MAX_HTML and len(PICTURE.sub("", html)) <= MAX_TEXT else clip(html, MAX_TEXT)
        clean = fragment(html)
        if clean.striptags().strip() or "<img src=" in clean:
            return tag("div", clean, class_="out rich", tabindex=0) + (tag("p", cut, class_="cut") if cut else "")
    text = next((text for kind in TEXTS if (text := _text(data.get(kind)))), "")
    return _pre(text) if text else EMPTY


def render(output) -> Markup:
    """One output in nbformat's shape; empty where nothing of it can be shown."""
    kind = output.get("output_type") if isinstance(output, dict) else None
    if kind == "stream":
        text = _text(output.get("text"))
        return _pre(text, "stderr" if output.get("name") == "stderr" else "") if text else EMPTY
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        return _bundle(output["data"])
    if kind == "error":
        trace = output.get("traceback")
        text = "\n".join(filter(None, map(_text, trace if isinstance(trace, list) else [trace])))
        return _pre(text or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}", "error")
    return EMPTY


def _cells(result: Result) -> list[tuple[str, str, str]]:
    """Id, name and source of the graded notebook's cells; of the cells with outputs where there is no notebook."""
    try:
        cells = json.loads(result.notebook)["cells"]
        names = [cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") for cell in cells]
        return [
            (cell.get("id"), name or cell.get("id"), _text(cell.get("source"))) for cell, name in zip(cells, names, strict=True)
        ]
    except (ValueError, TypeError, KeyError, AttributeError):
        return [(name, name, "") for name in result.outputs]


def by_exercise(result: Result) -> list[list[Shown]]:
    """For each exercise the cells with outputs from its solution to the next one's; last, those before the first exercise."""
    solutions = {exercise.name: place for place, exercise in enumerate(result.exercises)}
    tests = {test.name: (place, test) for place, exercise in enumerate(result.exercises) for test in exercise.tests}
    found, here, left = [[] for _ in range(len(solutions) + 1)], -1, dict(result.outputs)
    for key, name, source in [*_cells(result), *((key, key, "") for key in result.outputs)]:
        here = solutions.get(name, here)
        outputs = left.pop(key, None)
        if not isinstance(outputs, list) or not outputs:
            continue
        if name in tests:
            place, test = tests[name]
            found[place].append(Shown(outputs, f"Test: {test.title or name}"))
        elif name in solutions:
            found[here].append(Shown(outputs, "Your solution"))
        else:
            line = next((line for line in plain(source).splitlines() if line.strip()), "")
            found[here].append(Shown(outputs, "" if line else "Another cell", line.strip()[:100]))
    return found


def own_outputs(cells: list[Shown], room: Room) -> Markup:
    """A closed box with what the student's own file showed; empty where there is nothing."""
    parts, count, left_out = [], 0, 0
    for cell in cells:
        kept = []
        for output in cell.outputs:
            html = render(output) if room.outputs > 0 else EMPTY
            if html and room.takes_output(html):
                kept.append(html)
            else:
                left_out += bool(html) or room.outputs <= 0
        count += len(kept)
        if kept:
            caption = tag("code", cell.code) if cell.code else cell.caption
            parts.append(tag("div", tag("p", caption, class_="caption"), *kept, class_="cell"))
    if left_out:
        limits = f"a page holds {MAX_OUTPUTS} at most, and {MAX_PAGE_BYTES // 10**6} MB"
        parts.append(
            tag("p", f"{left_out} {'output was' if left_out == 1 else 'outputs were'} left out: {limits}.", class_="cut")
        )
    if not parts:
        return EMPTY
    words = f"{count} output{'s' * (count != 1)}"
    summary = tag("summary", "From your own notebook ", tag("span", words, class_="muted"))
    return tag("details", summary, *parts, class_="own")
