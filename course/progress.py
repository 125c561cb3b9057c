"""How far a student is: the notebook's visible tests, run on what the student's cells have defined."""

import ast
import html
import json
import os
import sys
import tempfile
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course import notebooks, syllabus
from course.errors import CourseError

PASSED, NOT_YET, NOT_STARTED = "passed", "not yet", "not started"
MARKS = {PASSED: "✓", NOT_YET: "✗", NOT_STARTED: "○"}
COLOURS = {PASSED: "#3b8ed0", NOT_YET: "#d98200", NOT_STARTED: "#8a8a8a"}
CAVEAT = "These are the visible tests. Hidden tests try other inputs when the notebook is graded, and may still find something."


@dataclass(frozen=True)
class Row:
    """An exercise's state: passed, not yet (then `message` says why) or not started; minutes are None where none are planned."""

    name: str
    title: str
    track: str
    points: float
    earned: float
    state: str
    message: str = ""
    minutes: int | None = None


@dataclass(frozen=True, repr=False)
class Progress:
    """The state of every exercise; shown as a table in a notebook, and as text in a terminal."""

    rows: tuple[Row, ...]

    @property
    def points(self) -> float:
        """The points of the visible tests that pass."""
        return sum(row.earned for row in self.rows)

    @property
    def total(self) -> float:
        """The points that the notebook has to give."""
        return sum(row.points for row in self.rows)

    def minutes_left(self, track: str = "full") -> int:
        """The planned minutes of the track's exercises that do not pass yet; `track`: core or full."""
        if track not in ("core", "full"):
            raise CourseError(f"There is no track called {track!r}: choose core or full.")
        return sum(row.minutes or 0 for row in self.rows if row.state != PASSED and track in ("full", row.track))

    def headline(self) -> str:
        """Points and time left, in one line."""
        left = ", ".join(f"{track} {syllabus.duration(self.minutes_left(track))}" for track in ("core", "full"))
        return f"{self.points:g} of {self.total:g} points in the visible tests · time left: {left}"

    def __str__(self) -> str:
        width = max((len(row.name) for row in self.rows), default=0)
        full = round(40 * self.points / self.total) if self.total else 0
        lines = [self.headline(), "█" * full + "░" * (40 - full)]
        for row in self.rows:
            said = f"{row.state}: {row.message}" if row.message else row.state
            lines.append(f"{MARKS[row.state]} {row.name:<{width}}  {row.earned:>3g}/{row.points:<3g} {said}")
        return "\n".join([*lines, CAVEAT])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        headline, line = html.escape(self.headline()), "border-bottom:1px solid rgba(128,128,128,.35)"
        # Said outright, because a page without a doctype gives tables black letters, on a dark ground too.
        table = "border-collapse:collapse;margin:.6em 0;color:inherit;font-size:inherit"
        cell = f'style="text-align:left;vertical-align:top;font-weight:normal;padding:.2em .8em .2em 0;{line}"'
        heads = "".join(f'<th scope="col" {cell}>{head}</th>' for head in ("Exercise", "State", "Points", "Why"))
        bar = body = ""
        for row in self.rows:
            name, colour, share = html.escape(row.name), COLOURS[row.state], 100 * row.earned / (row.points or 1)
            bar += (
                f'<span title="{name}: {row.earned:g} of {row.points:g} points, {row.state}" style="flex:{row.points:g};'
                f"border:1px solid {colour};border-radius:2px;"
                f'background:linear-gradient(to right,{colour} {share:.0f}%,transparent {share:.0f}%)"></span>'
            )
            short = (f"{MARKS[row.state]} {row.state}", f"{row.earned:g} / {row.points:g}")
            said = (*(f'<span style="white-space:nowrap">{text}</span>' for text in short), html.escape(row.message))
            body += f'<tr><th scope="row" {cell}><code>{name}</code> {html.escape(row.title)}</th>'
            body += "".join(f"<td {cell}>{text}</td>" for text in said) + "</tr>"
        return (
            f'<div style="max-width:60rem"><p style="margin:0 0 .4em"><strong>{headline}</strong></p>'
            f'<div role="img" aria-label="{headline}" style="display:flex;gap:2px;height:1.2em">{bar}</div>'
            f'<table style="{table}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
            f'<p style="margin:0;font-size:.9em">{CAVEAT}</p></div>'
        )


def progress(notebook: Path | str | None = None, namespace: dict | None = None, phase: str | None = None) -> Progress:
    """Run the visible tests of `notebook` on `namespace`, and tell for each exercise whether they pass.

    Without arguments: the notebook that this is called from, and its variables. `phase` names the phase whose titles and minutes
    are taken; without it, the one that has most of the notebook's exercises. Nothing that the tests print or draw is shown.
    Raises CourseError where no notebook is found, or it cannot be read.
    """
    namespace = _variables() if namespace is None else namespace
    nb = notebooks.read(notebook) if notebook is not None else _find(namespace)
    found = notebooks.exercises(nb)
    if not found:
        raise CourseError("This notebook holds no exercise of the course: open the one that you were given, and save it.")
    names = [exercise.name for exercise in found]
    chosen = syllabus.phase(phase) if phase else max(
        syllabus.load().phases, key=lambda one: len({exercise.name for exercise in one.exercises} & set(names))
    )  # fmt: skip
    planned = {exercise.name: exercise for exercise in chosen.exercises}
    return Progress(tuple(_row(exercise, planned.get(exercise.name), names, nb, namespace) for exercise in found))


def _row(exercise: notebooks.Exercise, plan: syllabus.Exercise | None, names: list[str], nb, namespace: dict) -> Row:
    """Run one exercise's test cells, in a copy of the namespace that they share."""
    scope, states, message, points, earned = dict(namespace), [], "", 0, 0
    own = _defined(nb.cells[exercise.solution].source)
    unseen = 0
    for place in exercise.tests:
        worth = nb.cells[place].metadata.nbgrader.get("points", 0)
        points += worth
        source = notebooks.visible(nb.cells[place].source)
        if _is_empty(source):  # all its tests are hidden: it would pass whatever the student wrote
            unseen += worth
            continue
        state, said = _judge(source, notebooks.grade_id(nb.cells[place]), exercise.name, own, names, scope)
        states.append(state)
        message, earned = message or said, earned + worth * (state == PASSED)
    state = states[0] if len(set(states)) == 1 else NOT_YET if states else NOT_STARTED
    if state == NOT_YET and not message:
        message = "A part of it is not written yet."
    earned += unseen if state == PASSED else 0
    title, track, minutes = (plan.title, plan.track, plan.minutes) if plan else ("", "full", None)
    return Row(exercise.name, title, track, points, earned, state, message, minutes)


def _judge(source: str, cell: str, exercise: str, own: set[str], names: list[str], scope: dict) -> tuple[str, str]:
    """(state, message) of one test cell."""
    try:
        with _silence():
            exec(compile(source, f"<{cell}>", "exec"), scope)
        return PASSED, ""
    except (Exception, SystemExit) as raised:
        first = raised
    for error in _chain(first):
        if isinstance(error, NotImplementedError):
            # The stub names its exercise: an earlier one that is still a stub does not make this one unwritten.
            other = [name for name in names if f"'{name}'" in str(error) and name != exercise]
            return (NOT_YET, f"It needs {other[0]}, which is not written yet.") if other else (NOT_STARTED, "")
        # A name that the test itself lacks: a cell was not run. One that the student's code lacks is the student's own matter.
        if isinstance(error, NameError) and traceback.extract_tb(error.__traceback__)[-1].filename == f"<{cell}>":
            mine = "Run this exercise's cells first" if error.name in own else "Run the notebook's cells from the top first"
            return NOT_YET, f"{mine}: {error.name} is not defined."
    kind, text = type(first).__name__, str(first).strip().splitlines()
    said = text[0] if text and isinstance(first, AssertionError) else f"{kind}: {text[0]}" if text else kind
    return NOT_YET, said if len(said) <= 200 else said[:199] + "…"


def _chain(error: BaseException) -> list[BaseException]:
    """An exception and those that it came from."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


@contextmanager
def _silence():
    """Swallow what is printed or displayed, and close the figures opened meanwhile."""
    from IPython.utils.capture import capture_output

    def figures():
        return set(sys.modules["matplotlib.pyplot"].get_fignums()) if "matplotlib.pyplot" in sys.modules else set()

    before = figures()
    try:
        with capture_output():
            yield
    finally:
        for number in figures() - before:
            sys.modules["matplotlib.pyplot"].close(number)


def _defined(source: str) -> set[str]:
    """The names that a cell's top level defines or assigns."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set()
    functions = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assigned = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    return functions | {target.id for target in assigned if isinstance(target, ast.Name)}


def _is_empty(source: str) -> bool:
    """Whether a cell holds nothing but comments and docstrings."""
    try:
        return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in ast.parse(source).body)
    except SyntaxError:
        return False


def _variables() -> dict:
    """The variables of the notebook or script that runs."""
    from IPython import get_ipython

    shell = get_ipython()
    return shell.user_ns if shell else vars(sys.modules["__main__"])


def _find(namespace: dict):
    """The notebook that runs: asked of Colab, named by Jupyter's server or by VS Code, or the likeliest in the working folder."""
    if "google.colab" in sys.modules and (nb := _from_colab()) is not None:
        return nb
    for named in (os.environ.get("JPY_SESSION_NAME"), namespace.get("__vsc_ipynb_file__")):
        if named and Path(named).suffix == ".ipynb" and Path(named).is_file():
            return notebooks.read(named)
    best, most = None, (-1, 0.0)
    for path in Path.cwd().glob("*.ipynb"):
        try:
            nb = notebooks.read(path)
            found = notebooks.exercises(nb)
        except CourseError:
            continue
        if found:
            # Of several, the one whose cells ran here; of copies, the one saved last.
            here = sum(name in namespace for exercise in found for name in _defined(nb.cells[exercise.solution].source))
            best, most = max((best, most), (nb, (here, path.stat().st_mtime)), key=lambda pair: pair[1])
    if best is None:
        raise CourseError("No notebook of the course was found here: save it and name it, as in progress('foundations.ipynb').")
    return best


def _from_colab():
    """The notebook as Colab's page holds it, None where the page does not answer."""
    from google.colab import _message

    try:
        answer = _message.blocking_request("get_ipynb", request="", timeout_sec=30)
        text = json.dumps(answer["ipynb"])
    except Exception:  # Colab's own, undocumented: whatever goes wrong, there are other ways to find the notebook
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notebook.ipynb"
        path.write_text(text, "utf-8")
        return notebooks.read(path)
