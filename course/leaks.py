"""The leak guard: nothing of the solutions or the hidden tests may stand anywhere in what students get."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.notebooks import grade_id, is_graded, is_solution, read, tags

MARKER = re.compile(r"(begin|end)[\s_-]*(solution|hidden[\s_-]*tests?|mark[\s_-]*scheme)", re.IGNORECASE)
IMAGES = {".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"}
# A line as short as `loss.backward()` stands in many places and tells nothing: these are the fewest tokens that make it an
# answer, in code and (where the same line by chance is rarer) elsewhere. A whole region, line after line, needs fewer.
IN_CODE, ELSEWHERE, WHOLE = 12, 8, 6


@dataclass(frozen=True)
class Secret:
    """A line, or a whole region, that students must not see: whose it is, how it reads, and without any white space."""

    owner: str
    text: str
    bare: str
    size: int
    whole: bool = False


def _bare(text: str) -> str:
    """The text without white space, so that indentation and line breaks do not hide a copy."""
    return re.sub(r"\s+", "", text)


def _size(line: str) -> int:
    """How much a line tells, in tokens; names and imports are public, and a comment counts its longer words."""
    if line.startswith("#"):
        return len(re.findall(r"[^\W\d_]{3,}", line))
    if re.match(r"(import|from|@)\b|((async )?def|class) .*:$", line):
        return 0
    return len(re.findall(r"\w+|[^\w\s]", line))


def _split(cell) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """A source cell's lines that students see, and its regions (what kind, which lines) that they do not."""
    seen, regions, inside = [], [], False
    for line in cell.source.splitlines():
        if mark := MARKER.search(line):
            inside = mark[1].lower() == "begin"
            if inside:
                regions.append(("solution" if mark[2].lower() == "solution" else "hidden tests", []))
        else:
            (regions[-1][1] if inside else seen).append(line)
    if is_solution(cell) and not any(kind == "solution" for kind, _ in regions):
        return [], [*regions, ("solution", seen)]  # without a region, nbgrader takes the whole cell out
    return seen, regions


def secrets(source) -> list[Secret]:
    """What the instructor's notebook holds and students must not see.

    Lines that a cell tagged `given` shows on purpose are none, nor are hidden tests' lines that a visible test has as well.
    """
    given, tested, regions = [], [], []
    for place, cell in enumerate(source.cells, 1):
        seen, hidden = _split(cell)
        given += seen if "given" in tags(cell) else []
        tested += seen if is_graded(cell) else []
        regions += [(f"the {kind} of {(grade_id(cell) or f'cell {place}')!r}", kind, lines) for kind, lines in hidden]
    shown = {"solution": _bare("\n".join(given)), "hidden tests": _bare("\n".join(given + tested))}
    found = {}
    for owner, kind, lines in regions:
        lines = [re.sub(r"\s+#\s.*", "", line).strip() for line in lines if line.strip()]
        parts = [Secret(owner, line, _bare(line), _size(line)) for line in lines]
        whole = "".join(part.bare for part in parts)
        for part in [Secret(owner, " … ".join(lines), whole, sum(part.size for part in parts), whole=True), *parts]:
            if part.size >= (WHOLE if part.whole else ELSEWHERE) and part.bare not in shown[kind]:
                found.setdefault(part.bare, part)
    return list(found.values())


def _texts(value) -> Iterator[str]:
    """Every string inside a JSON value, keys and what base64 hides included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        yield "\n".join(inner for inner in value if isinstance(inner, str))
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
        try:
            yield base64.b64decode(_bare(value), validate=True).decode("utf-8", "ignore")
        except (binascii.Error, ValueError):
            pass


def _find(where: str, texts: Iterator[str], hidden: list[Secret], is_code: bool = False) -> Iterator[str]:
    """What the texts at one place give away, one sentence a piece."""
    for text in texts:
        if mark := MARKER.search(text):
            yield f"{where} holds the marker {mark[0]!r}"
        bare = _bare(text)
        for secret in hidden:
            if secret.size >= (WHOLE if secret.whole else IN_CODE if is_code else ELSEWHERE) and secret.bare in bare:
                yield f"{where} shows {secret.owner}: {secret.text[:60]}"


def leaks(source, folder: Path) -> list[str]:
    """What the release in `folder` shows of the instructor's notebook `source`, or holds beside its notebook and images."""
    folder, hidden, found = Path(folder), secrets(source), []
    target = folder / f"{folder.name}.ipynb"
    try:
        nb = read(target)
    except CourseError as error:
        return [str(error)]
    prose = "\n".join(cell.source for cell in nb.cells)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_dir() and path != target and (path.suffix not in IMAGES or name not in prose):
            found.append(f"{name} is neither the notebook nor an image that it names")
        elif path.is_file() and path != target:
            found += _find(name, iter([path.read_bytes().decode("utf-8", "ignore")]), hidden)
    for place, cell in enumerate(nb.cells, 1):
        where = f"cell {place} ({grade_id(cell) or cell.get('id', cell.cell_type)})"
        if cell.get("outputs") or cell.get("execution_count") is not None:
            found.append(f"{where} holds outputs")
        rest = {key: value for key, value in cell.items() if key not in ("source", "id", "cell_type", "outputs")}
        found += _find(where, iter([cell.source]), hidden, is_code=cell.cell_type == "code")
        found += _find(f"{where}, beside its text,", _texts(rest), hidden)
    found += _find("the notebook's metadata", _texts({key: value for key, value in nb.items() if key != "cells"}), hidden)
    return list(dict.fromkeys(found))
