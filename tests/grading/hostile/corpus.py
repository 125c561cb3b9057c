"""The hostile corpus: what each submission is made of, what it tries, and what must come out.

A submission is one file. Under forging/, reading/ and harm/ it holds the student's cells: `# %% solution NAME` (the text of a
solution cell), `# %% test NAME` (an edited test cell), `# %% added` and `# %% markdown` (a cell of the student's own, after the
one before it or, with `first`, before all), `# %% copy NAME` (a second cell of that name), `# %% delete NAME`, `# %% stubs`
(nothing is written), and with a dict or a list as text `# %% metadata NAME`, `# %% outputs NAME` and `# %% notebook`; NAME may be
`tests` or `solutions` for all of them. Whatever is not named is solved as it should be. Under broken/ it is a module with
`data(honest)`, which gives bytes, or `lay(folder, honest)`, which fills the student's folder and may return its path.

The first line of the docstring says what is tried. Then come lines `key: value`:
    ours: full, zero, quarantined or any, or `twice=0 chain=any`: points by exercise; the rest is full, or as `rest` says
    rest: full or any            stock: not run, and why
"""

import ast
import copy
import importlib.util
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from course import notebooks

HERE = Path(__file__).resolve().parent
PHASE = "hostile"
KINDS = ("forging", "reading", "harm", "broken")
# What stands in hidden tests, beside the submission, in the grader's environment and in its home, and may be in no output.
SECRETS = {
    "a hidden test's comment": "secret-comment-4b1e",
    "a hidden test's expected text": "SECRET 7F1A",
    "a hidden test's expected number": "44997.75",
    "the reference's solution": "secret-solution-2c9d",
    "the grader's environment": "secret-environment-93c2",
    "the grader's home": "secret-home-1d70",
    "another student's notebook": "secret-neighbour-c5e8",
    "the gradebook": "secret-gradebook-8a46",
}


@dataclass
class Submission:
    """One file of the corpus. `scores`: by exercise, None where anything is fair; `rest`: whether the others must be full."""

    name: str
    path: Path
    tries: str
    ours: str
    rest: str = "full"
    stock: str = ""
    scores: dict[str, float | None] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.name.partition("/")[0]

    @property
    def quarantined(self) -> bool:
        return self.ours == "quarantined"

    def data(self) -> bytes | None:
        """The submitted file; None where it takes a folder."""
        if self.kind != "broken":
            return to_bytes(written(self.path.read_text("utf-8")))
        module = self._module()
        return module.data(to_bytes(honest())) if hasattr(module, "data") else None

    def lay(self, folder: Path) -> Path:
        """Put the submission into the student's folder, and return it: a submission may have renamed it."""
        if (data := self.data()) is not None:
            (folder / f"{PHASE}.ipynb").write_bytes(data)
            return folder
        return self._module().lay(folder, to_bytes(honest())) or folder

    def _module(self):
        spec = importlib.util.spec_from_file_location(f"broken_{self.path.stem}", self.path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def complaint(self, result) -> str:
        """What is wrong with the result; empty if all is as it must be."""
        if self.quarantined or result.quarantined:
            if bool(result.quarantined) == self.quarantined or self.ours == "any":
                return ""
            return f"quarantined: {result.quarantined}" if result.quarantined else f"graded with {result.score:g} points"
        got = {one.name: one.score for one in result.exercises}
        full = {one.name: one.points for one in exercises()}
        if set(got) != set(full):
            return f"the exercises are {sorted(got)}"
        if result.points != sum(full.values()) or not 0 <= result.score <= result.points:
            return f"{result.score} of {result.points} points"
        if self.ours == "any":
            return ""
        for name, points in full.items():
            want = self.scores.get(name, points if self.rest == "full" else None)
            if self.ours == "zero":
                want = 0
            if want is not None and got[name] != want:
                return f"{name}: {got[name]:g} points, not {want:g}"
        return ""


@dataclass
class Exercise:
    name: str
    points: float


def with_headers(text: str) -> str:
    """nbgrader's long headers in the place of `SOLUTION name` and `TEST name points`."""

    def header(match):
        solution, points = match[1] == "SOLUTION", {"points": int(match[3])} if match[3] else {}
        flags = {"grade": not solution, "grade_id": match[2], "locked": not solution, "schema_version": 3, "solution": solution}
        return f"# %% nbgrader={json.dumps(flags | {'task': False} | points)}"

    return re.sub(r"^# %% (SOLUTION|TEST) (\S+) ?(\d*)$", header, text, flags=re.M)


@cache
def _source():
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / f"{PHASE}.nb.py"
        text.write_text(with_headers((HERE / "course" / f"{PHASE}.nb.py").read_text("utf-8")), "utf-8")
        return notebooks.to_notebook(text)


def source():
    """The instructor's notebook, with solutions and hidden tests."""
    return copy.deepcopy(_source())


def exercises() -> list[Exercise]:
    """The exercises and their points."""
    nb = _source()
    found = notebooks.exercises(nb)
    return [Exercise(one.name, sum(nb.cells[place].metadata.nbgrader.points for place in one.tests)) for one in found]


def _own(found) -> str:
    """The reference's solution as a student would write it."""
    return re.sub(r" *# secret.*\n", "", found[1]).strip()


def honest(solved: bool = True):
    """A student's notebook with every exercise solved, or with none."""
    nb = source()
    for cell in nb.cells:
        name = notebooks.grade_id(cell)
        cell.source = notebooks.visible(cell.source)
        if notebooks.is_solution(cell):
            stub = f"# YOUR CODE HERE\n    raise NotImplementedError(\"Exercise '{name}': write it here\")"
            region = rf"{notebooks.BEGIN_SOLUTION}\n(.*?)\n *{notebooks.END_SOLUTION}"
            cell.source = re.sub(region, _own if solved else stub, cell.source, flags=re.S)
    return nb


def cells_of(text: str) -> list[tuple[str, str, str]]:
    """(word, name, text) of each cell of a submission's file."""
    found = re.split(r"^# %% *(.*)$", text, flags=re.M)[1:]
    return [(*(head.split(maxsplit=1) + [""])[:2], body.strip("\n")) for head, body in zip(found[::2], found[1::2], strict=True)]


def written(text: str):
    """The student's notebook that a file of the corpus describes."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    parts = cells_of(text)
    nb = honest(solved=not any(word == "stubs" for word, _, _ in parts))

    def place(name):
        return next(i for i, cell in enumerate(nb.cells) if notebooks.grade_id(cell) == name)

    after = 1  # the cell with the imports
    for word, name, body in parts:
        chosen = [nb.cells[place(name)]] if name in {notebooks.grade_id(cell) for cell in nb.cells} - {None} else []
        if name in ("tests", "solutions"):
            chosen = [cell for cell in nb.cells if (notebooks.is_graded if name == "tests" else notebooks.is_solution)(cell)]
        if word in ("solution", "test"):
            after = place(name)
            nb.cells[after].source = body
        elif word in ("added", "markdown"):
            after = 0 if name == "first" else after + 1
            new = new_code_cell if word == "added" else new_markdown_cell
            nb.cells.insert(after, new(body, id=f"own-{len(nb.cells)}"))
        elif word == "copy":
            twin = copy.deepcopy(chosen[0])
            twin.source, twin.id = body, f"own-{len(nb.cells)}"
            nb.cells.insert(place(name) + 1, twin)
        elif word == "delete":
            nb.cells.remove(chosen[0])
        elif word == "metadata":
            for cell in chosen:
                for key, value in ast.literal_eval(body).items():
                    if isinstance(value, dict) and key in cell.metadata:
                        cell.metadata[key].update(value)
                    else:
                        cell.metadata[key] = value
        elif word == "outputs":
            for cell in chosen:
                cell.outputs = ast.literal_eval(body)
        elif word == "notebook":
            nb.metadata.update(ast.literal_eval(body))
        elif word != "stubs":
            raise ValueError(f"no such cell: {word}")
    return nb


def to_bytes(nb) -> bytes:
    """The notebook as JSON, unchecked: not every submission is a valid notebook."""
    return json.dumps(nb, ensure_ascii=True).encode()


def load(path: Path) -> Submission:
    """One file of the corpus."""
    doc = ast.get_docstring(ast.parse(path.read_text("utf-8").partition("\n# %%")[0])) or ""
    first, _, rest = doc.partition("\n")
    said = dict(line.split(": ", 1) for line in rest.splitlines() if ": " in line)
    ours = said.get("ours", "")
    one = Submission(f"{path.parent.name}/{path.stem}", path, first, ours, said.get("rest", "full"))
    one.stock = said.get("stock", "")
    if "=" in ours:
        pairs = [item.split("=") for item in ours.split()]
        one.scores = {name: None if value == "any" else float(value) for name, value in pairs}
    known = {exercise.name for exercise in exercises()}
    if not first or not (ours in ("full", "zero", "quarantined", "any") or (one.scores and set(one.scores) <= known)):
        raise ValueError(f"{path}: its docstring does not say what must come out")
    return one


def submissions() -> list[Submission]:
    """The corpus, kind by kind."""
    return [load(path) for kind in KINDS for path in sorted((HERE / kind).glob("*.py"))]
