"""What a student handed in: the right file among those in a folder, and its cells whatever state the bytes are in.

Of a cell its kind, source, id and grade_id are taken, and of its outputs text and images as plain data, for feedback alone.
Tags and every other key stay behind, so nothing that a student's file says about how it is to be run reaches the grader.
"""

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from course.errors import CourseError
from course.grading.outputs import read_outputs

MAX_BYTES, MAX_TEXT, MAX_CELLS, MAX_SOURCE, MAX_FILES = 20_000_000, 2_000_000, 2_000, 100_000, 1_000
SAME_TIME_S = 2  # archives keep times to two seconds
AGAIN = "open it in JupyterLab, save it, and hand in that file."


class Unreadable(CourseError):
    """The file cannot be read as a notebook; the message says what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell as handed in: its place from 0, its text with plain line ends; `problem` says why a text could not be read.

    outputs: what it showed on the student's machine, never run and never in the graded notebook.
    """

    place: int
    kind: str
    source: str
    id: str | None = None
    grade_id: str | None = None
    problem: str = ""
    outputs: tuple[dict, ...] = field(default=(), compare=False, repr=False)


class Found(NamedTuple):
    """The file to grade, and what was put right to find it."""

    path: Path
    repairs: list[str]


def _decode(data: bytes) -> str:
    """The bytes as text: UTF-8, 16 or 32 with or without a byte order mark, else Windows' western encoding."""
    for encoding in (json.detect_encoding(data[:4]), "cp1252", "latin-1"):
        try:
            # A disk that was full leaves zeros at the end.
            return data.decode(encoding).strip("\ufeff\0 \t\r\n")
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 reads every byte")


def _text(source) -> str | None:
    """A cell's text from a string or a list of lines, without NUL and lone surrogates; None for anything else."""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        # Lines should bring their own ends; some tools leave them out.
        source = ("" if any(line.endswith(("\n", "\r")) for line in source) else "\n").join(source)
    if not isinstance(source, str):
        return None
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").removeprefix("\ufeff")
    return source.encode("utf-8", "replace").decode("utf-8")


def _cell(place: int, raw) -> Cell:
    """One cell of format 3 (`input` for code) or 4."""
    raw = raw if isinstance(raw, dict) else {}
    kind = raw.get("cell_type") if raw.get("cell_type") in ("code", "raw") else "markdown"
    source = _text(raw.get("source", raw.get("input")))
    metadata = raw.get("metadata") if isinstance(raw.get("metadata"), dict) else {}
    header = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    names = [name if isinstance(name, str) and len(name) <= 64 else None for name in (raw.get("id"), header.get("grade_id"))]
    if source is None:
        return Cell(place, kind, "", *names, problem="holds no text")
    if len(source) > MAX_SOURCE:
        return Cell(place, kind, "", *names, problem=f"is longer than {MAX_SOURCE:,} characters")
    outputs = read_outputs(raw.get("outputs")) if kind == "code" else ()
    return Cell(place, kind, source, *names, outputs=outputs)


def read_submission(data: bytes) -> list[Cell]:
    """The cells of a notebook as handed in; Unreadable where it is none, or beyond the limits.

    Its version is not looked at: what has cells is read as format 4, what has worksheets as format 3.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES // 10**6} MB: clear all outputs, save it, and hand it in again.")
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable(f"The file is empty: {AGAIN}")
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        raise Unreadable("The file is an archive: unpack it and hand in the notebook itself.")
    try:
        # As floats, numbers of a million digits cost nothing; none of them is needed.
        nb = json.loads(_decode(data), strict=False, parse_int=float)
    except RecursionError:
        raise Unreadable(f"The file is nested too deeply for a notebook: {AGAIN}") from None
    except ValueError:
        raise Unreadable(f"The file is not a notebook, or only a part of one (it is not JSON): {AGAIN}") from None
    cells = nb.get("cells") if isinstance(nb, dict) else None
    if cells is None and isinstance(nb, dict) and isinstance(nb.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in nb["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise Unreadable(f"The file is JSON but holds no cells: {AGAIN}")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"The notebook has more than {MAX_CELLS:,} cells: delete those not needed, and hand it in again.")
    read = [_cell(place, raw) for place, raw in enumerate(cells)]
    if sum(len(cell.source) for cell in read) > MAX_TEXT:
        raise Unreadable(f"The cells hold more than {MAX_TEXT:,} characters: delete those not needed, and hand it in again.")
    return read


def _files(folder: Path) -> list[Path]:
    """The plain files in `folder` and one level below, links and hidden ones left out."""
    found, folders, seen = [], [(folder, 0)], 0
    for here, depth in folders:
        with os.scandir(here) as entries:
            for entry in entries:
                seen += 1
                if seen > MAX_FILES:
                    raise Unreadable(f"There are more than {MAX_FILES:,} files: hand in the notebook alone.")
                if entry.name.startswith("."):
                    continue
                if entry.is_file(follow_symlinks=False):
                    found.append(Path(entry.path))
                elif depth == 0 and entry.is_dir(follow_symlinks=False):
                    folders.append((Path(entry.path), 1))
    return found


def _match(name: str, phase: str) -> int | None:
    """How well a file's name fits the phase: 0 exactly, 1 it says so, 2 any notebook; None for no notebook."""
    if name == f"{phase}.ipynb":
        return 0
    notebook = re.search(r"\.ipynb(\.(txt|json))?$", name.lower()) is not None
    if re.search(rf"(?<![a-z]){re.escape(phase.lower())}(?![a-z])", name.lower()):
        return 1 if notebook or re.search(r"(^[^.]*|\.json)$", name.lower()) else None
    return 2 if notebook else None


def find_submission(folder: Path, phase: str) -> Found:
    """The file in `folder` that is the phase's notebook, whatever it was renamed to; Unreadable where there is none.

    Of several that bear the phase's name the newest counts; written at the same time, the one whose name fits best.
    """
    folder = Path(folder)
    if not re.fullmatch(r"\w[\w.-]*", phase):
        raise Unreadable(f"{phase!r} is no phase's name: use letters, digits, hyphens and underscores.")
    if folder.is_symlink() or not folder.is_dir():
        raise Unreadable(f"There is no folder {folder.name!r} with a submission: hand in {phase}.ipynb.")
    # Links are left out above; whatever else may lead outside (a mount, a folder swapped meanwhile) ends here.
    inside = [path for path in _files(folder) if path.resolve().is_relative_to(folder.resolve())]
    ranked = [(fit, path) for path in inside if (fit := _match(path.name, phase)) is not None]
    named = [one for one in ranked if one[0] < 2] or ranked
    if not named:
        raise Unreadable(f"There is no notebook for {phase}: hand in {phase}.ipynb itself, not a link or an archive.")
    times = {path: path.stat().st_mtime for _, path in named}
    newest = [one for one in named if times[one[1]] >= max(times.values()) - SAME_TIME_S]
    _, path = min(newest, key=lambda one: (one[0], len(one[1].parts), one[1].name))
    if len(named) > 1:
        return Found(path, [f"{len(named)} files could be this notebook: {path.name!r}, the newest, was graded."])
    return Found(path, [] if path == folder / f"{phase}.ipynb" else [f"{path.name!r} was graded as {phase}.ipynb."])
