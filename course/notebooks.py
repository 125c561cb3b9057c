"""Text to notebook, the check that both agree, and which cells belong to which exercise."""

import hashlib
import json
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from course.errors import CourseError

ID_LENGTH = 64
HEADER = ("grade", "grade_id", "locked", "schema_version", "solution", "task")
JUPYTEXT_KEYS = ("cell_marker", "lines_to_end_of_cell_marker", "lines_to_next_cell", "noskipline", "skipline")
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass
class Exercise:
    """An exercise as a notebook holds it: its solution cell and the test cells that follow, by place in `nb.cells`."""

    name: str
    solution: int
    tests: list[int] = field(default_factory=list)


def find_root(start: Path | str | None = None) -> Path:
    """The folder that holds nbgrader_config.py and source/, at `start` (default: here) or above it."""
    start = Path(start or ".").resolve()
    for folder in (start, *start.parents):
        if (folder / "nbgrader_config.py").is_file() and (folder / "source").is_dir():
            return folder
    raise CourseError(f"No course was found in {start} or above it: change to the course's folder (it holds nbgrader_config.py).")


def repository_url(root: Path) -> str:
    """The repository's address as pyproject.toml gives it, without a slash at its end."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Repository"].rstrip("/")


def phases(root: Path) -> list[str]:
    """The phases that have a notebook under source/: those of the syllabus in its order, then others by name."""
    from course.syllabus import load

    known = [phase.name for phase in load().phases]
    found = [path.parent.name for path in (root / "source").glob("*/*.nb.py") if path.name == f"{path.parent.name}.nb.py"]
    return sorted(found, key=lambda name: (known.index(name) if name in known else len(known), name))


def choose(root: Path, names: list[str] | None = None) -> list[str]:
    """The phases named, or all that exist; CourseError names the ones there are if one is unknown."""
    known = phases(root)
    for name in names or []:
        if name not in known:
            raise CourseError(f"There is no phase called {name!r}: choose from {', '.join(known) or 'none yet'}.")
    return list(names) if names else known


def read(path: Path | str):
    """A notebook from disk in format 4; CourseError in one sentence where it cannot be read as one."""
    import nbformat
    from nbformat.v4.rwbase import rejoin_lines

    path = Path(path)
    again = "open it in JupyterLab, save it, and hand in that file."
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist: check the name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read ({error}): save the notebook again as UTF-8 and hand that in.") from None
    try:
        nb = nbformat.from_dict(json.loads(text))
    except (ValueError, RecursionError):
        raise CourseError(f"{path} is not a notebook (it is not JSON): {again}") from None
    try:
        if nb.nbformat != 4 or not isinstance(nb.cells, list):
            raise TypeError
        for cell in rejoin_lines(nb).cells:
            cell.setdefault("metadata", nbformat.NotebookNode())
            if not isinstance(cell.cell_type, str) or not isinstance(cell.source, str) or not isinstance(cell.metadata, dict):
                raise TypeError
        return nb
    except (AttributeError, TypeError):
        raise CourseError(f"{path} is JSON but not a notebook of format 4: {again}") from None


def grade_id(cell) -> str | None:
    """The cell's nbgrader name, None where it has none."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_graded(cell) -> bool:
    """Whether the cell carries points."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def is_solution(cell) -> bool:
    """Whether the student writes in this cell."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def tags(cell) -> set[str]:
    """The cell's tags."""
    return set(cell.metadata.get("tags", []))


def exercises(nb) -> list[Exercise]:
    """The notebook's exercises in order. A test cell belongs to the exercise that its grade_id names before `-test`."""
    found = {}
    for place, cell in enumerate(nb.cells):
        name = grade_id(cell)
        if name is None or cell.cell_type != "code":
            continue
        if is_solution(cell):
            found[name] = Exercise(name, place)
        elif is_graded(cell):
            owner = re.sub(r"-test(-.*)?$", "", name)
            if owner not in found:
                raise CourseError(f"The test cell {name!r} follows no exercise called {owner!r}: rename one of them.")
            found[owner].tests.append(place)
    return list(found.values())


def visible(source: str) -> str:
    """A test cell's source without its hidden tests."""
    return re.sub(rf"{BEGIN_HIDDEN}.*?{END_HIDDEN}\n?", "", source, flags=re.S).rstrip()


def _problem(cell, seen: set[str]) -> str | None:
    """What is wrong with a cell's header or markers, None where nothing is; notes its grade_id in `seen`."""
    header = cell.metadata.get("nbgrader")
    if unknown := sorted(set(cell.metadata) - {"nbgrader", "tags", *JUPYTEXT_KEYS}):
        return f"its header cannot be read ({', '.join(unknown)}): write nbgrader={{...}} as JSON on one line, then tags=[...]"
    if header is None:
        header = {}
    elif not isinstance(header, dict):
        return "its nbgrader header is not a JSON object"
    else:
        if missing := [key for key in (*HEADER, *(["points"] if header.get("grade") else [])) if key not in header]:
            return f"its nbgrader header lacks {', '.join(missing)}"
        name = header["grade_id"]
        if not isinstance(name, str) or not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{ID_LENGTH}}}", name):
            return f"its grade_id must be 1 to {ID_LENGTH} letters, digits, hyphens or underscores"
        if name in seen:
            return "its grade_id is used twice or taken: give every cell one of its own"
        seen.add(name)
        if header["schema_version"] != 3:
            return "its schema_version must be 3"
    if "explore" in tags(cell) and (header.get("grade") or header.get("solution")):
        return "it is tagged explore, so it would never run when grading"
    for begin, end, allowed in ((BEGIN_SOLUTION, END_SOLUTION, "solution"), (BEGIN_HIDDEN, END_HIDDEN, "grade")):
        marks = re.findall(f"{begin}|{end}", cell.source)
        if marks != [begin, end] * (len(marks) // 2):
            return f"{begin} and {end} must come in pairs"
        if marks and not header.get(allowed):
            return f"it holds {begin}, so its header must say {allowed}: true"
    return None


def to_notebook(path: Path):
    """The notebook that the text at `path` describes: no outputs, no jupytext keys, ids that never change by themselves.

    CourseError names the first cell whose header or markers nbgrader would stumble over.
    """
    import jupytext
    import nbformat

    path = Path(path)
    try:
        nb = jupytext.read(path, fmt="py:percent")
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist: check the name.") from None
    except (UnicodeDecodeError, nbformat.ValidationError) as error:
        raise CourseError(f"{path} cannot be read: {str(error).splitlines()[0]}.") from None
    if nb.cells and not nb.cells[0].source.strip() and not nb.cells[0].metadata:
        del nb.cells[0]  # an empty line before the first header makes an empty cell
    seen, named = set(), {"bootstrap"}
    for place, cell in enumerate(nb.cells, 1):
        if problem := _problem(cell, named):
            header = cell.metadata.get("nbgrader")
            name = header.get("grade_id") if isinstance(header, dict) else None
            where = repr(name or (cell.source.strip().splitlines() or ["empty"])[0][:50])
            raise CourseError(f"{path.name}, cell {place} ({where}): {problem}.")
        base = grade_id(cell) or "c-" + hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        identity, copies = base, 1
        while identity in seen:
            copies += 1
            identity = f"{base}-{copies}"
        seen.add(identity)
        cell.id = identity
        for key in JUPYTEXT_KEYS:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nb.metadata = {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}
    nb.nbformat, nb.nbformat_minor = 4, 5
    return nb


def source(root: Path, phase: str):
    """The instructor's notebook of a phase, from its text."""
    return to_notebook(root / "source" / phase / f"{phase}.nb.py")


def to_bytes(nb) -> bytes:
    """The notebook as the file that is committed: the same bytes for the same notebook."""
    import nbformat

    nbformat.validate(nb)
    return (nbformat.writes(nb, indent=1, sort_keys=True, ensure_ascii=False).rstrip("\n") + "\n").encode()


def build(root: Path, phase: str) -> Path:
    """Write source/<phase>/<phase>.ipynb from its text, and return where."""
    folder = root / "source" / phase
    target = folder / f"{phase}.ipynb"
    text = folder / f"{phase}.nb.py"
    target.write_bytes(to_bytes(to_notebook(text)))
    # Jupyter refuses to open a pair whose notebook is younger than its text, as if somebody had edited it past the text.
    os.utime(target, ns=(text.stat().st_atime_ns, text.stat().st_mtime_ns))
    return target


def stale(root: Path) -> list[str]:
    """The phases whose committed notebook differs from what its text gives."""
    return [
        phase
        for phase in phases(root)
        if not (path := root / "source" / phase / f"{phase}.ipynb").is_file()
        or path.read_bytes() != to_bytes(source(root, phase))
    ]
