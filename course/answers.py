"""Right and wrong answers put in the solution's place: does the exercise's own test pass the one and catch the other?

An answers file, tests/answers/<phase>/<exercise>.py, is a list of cells, each `# %% right: how it differs` or
`# %% wrong: what is wrong | hint: a word of the message`. By hand: `python -m course.answers foundations low-rank`.

The reference notebook runs once, cell by cell; at every exercise a forked child tries each answer in the solution's place, so no
answer can leave anything behind for the next.
"""

import contextlib
import json
import linecache
import os
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course import notebooks
from course.errors import CourseError

HEADER = re.compile(r"^# %% (right|wrong): *(.+?)(?: *\| *hint: *(.+?))? *$", re.M)
TIME_LIMIT_S = 120


@dataclass(frozen=True)
class Answer:
    """One answer: kind is 'right' or 'wrong', hint a word that the failing message must hold."""

    exercise: str
    kind: str
    label: str
    hint: str | None
    source: str


@dataclass
class Verdict:
    """What an answer got: each test cell's points, the first failure's message, and whether that was a check's message."""

    exercise: str
    kind: str
    label: str
    points: dict[str, float] = field(default_factory=dict)
    message: str = ""
    by_check: bool = False
    seconds: float = 0.0
    complaint: str = ""


def parse(path: Path) -> list[Answer]:
    """The answers in a file; CourseError where there is none, or a cell's header is neither right nor wrong."""
    text = path.read_text("utf-8")
    for line in re.findall(r"^# %%.*$", text, re.M):
        if not HEADER.fullmatch(line):
            raise CourseError(f"{path}: the header {line!r} is not `# %% right: …` or `# %% wrong: … | hint: …`: mend it.")
    marks = list(HEADER.finditer(text))
    if not marks:
        raise CourseError(f"{path} holds no answers: write `# %% right: …` and `# %% wrong: …` cells.")
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    pieces = [text[mark.end() : end].strip() + "\n" for mark, end in zip(marks, ends, strict=True)]
    return [Answer(path.stem, *mark.groups(), piece) for mark, piece in zip(marks, pieces, strict=True)]


def run_cell(source: str, name: str, namespace: dict) -> None:
    """Execute a cell's source as a notebook would, with its lines in tracebacks."""
    filename = f"<{name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), namespace)


def names_until(nb, exercise: str) -> dict:
    """What an instructor's notebook defines, up to an exercise's solution; its test and explore cells are left out.

    LookupError where the notebook has no such exercise.
    """
    names = fresh_namespace()
    for cell in nb.cells:
        if runs(cell) and not notebooks.is_graded(cell):
            run_cell(cell.source, notebooks.grade_id(cell) or cell.id, names)
        if notebooks.grade_id(cell) == exercise:
            return names
    raise LookupError(f"the notebook has no exercise {exercise!r}")


def runs(cell) -> bool:
    """Whether grading runs this cell: code, and not there to be looked at only."""
    return cell.cell_type == "code" and "explore" not in notebooks.tags(cell)


def fresh_namespace() -> dict:
    """A namespace as a new kernel's, in a process that may fork: one thread, no display."""
    import matplotlib
    import torch

    matplotlib.use("Agg")
    torch.set_num_threads(1)
    return {"__name__": "__main__", "__builtins__": __builtins__}


def score(nb) -> dict[str, float]:
    """The points of each graded cell when the notebook's cells run in order, each exception costing its own cell alone."""
    namespace, points = fresh_namespace(), {}
    for cell in filter(runs, nb.cells):
        name = notebooks.grade_id(cell) or cell.get("id", "cell")
        try:
            run_cell(cell.source, name, namespace)
            passed = True
        except BaseException as error:  # a student's SystemExit ends a cell as well
            if isinstance(error, KeyboardInterrupt):
                raise
            passed = False
        if notebooks.is_graded(cell):
            points[name] = cell.metadata.nbgrader.points * passed
    return points


def attempt(nb, exercise: notebooks.Exercise, answer: Answer, namespace: dict, to_the_end: bool = True) -> Verdict:
    """Run an answer and its tests in `namespace`, which stands just before the solution cell.

    to_the_end: whether the cells after a wrong answer's first failure run, too; else they give nothing.
    """
    verdict, start = Verdict(answer.exercise, answer.kind, answer.label), time.perf_counter()
    sources = [(answer.exercise, answer.source, None)]
    for place in range(exercise.solution + 1, max(exercise.tests) + 1):
        cell = nb.cells[place]
        if runs(cell):
            points = cell.metadata.nbgrader.points if notebooks.is_graded(cell) else None
            sources.append((notebooks.grade_id(cell) or cell.id, cell.source, points))
    for name, source, points in sources:
        try:
            passed = to_the_end or answer.kind != "wrong" or not verdict.message
            if passed:
                run_cell(source, name, namespace)
        except Exception as error:
            passed = False
            if not verdict.message:
                verdict.message, verdict.by_check = f"{type(error).__name__}: {error}", type(error).__name__ == "CheckFailed"
        if points is not None:
            verdict.points[name] = points * passed
    verdict.seconds = round(time.perf_counter() - start, 3)
    return verdict


def judge(answer: Answer, verdict: Verdict, full: float) -> str:
    """What is wrong with the exercise's tests, seen from this answer; empty if they did right by it."""
    got = sum(verdict.points.values())
    if answer.kind == "right":
        return "" if got == full else f"a right answer got {got:g} of {full:g} points: {verdict.message}"
    if got == full:
        return "a wrong answer got full marks"
    if not verdict.by_check:
        return f"a wrong answer failed by a crash, not by a check: {verdict.message}"
    if answer.hint and answer.hint.lower() not in verdict.message.lower():
        return f"the message does not say {answer.hint!r}: {verdict.message}"
    return ""


def in_child(work, limit_s: float = TIME_LIMIT_S):
    """What `work()` returns, as JSON carries it, out of a forked child; TimeoutError or ChildProcessError otherwise."""
    inlet, outlet = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(inlet)
            with open(os.devnull, "w") as quiet, open(outlet, "w") as result:
                os.dup2(quiet.fileno(), 1)
                result.write(json.dumps(work()))
            code = 0
        finally:
            os._exit(code)
    os.close(outlet)
    received, deadline = b"", time.monotonic() + limit_s
    with open(inlet, "rb", buffering=0) as stream:
        while select.select([stream], [], [], max(0, deadline - time.monotonic()))[0]:
            piece = stream.read(1 << 16)
            if not piece:
                break
            received += piece
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise TimeoutError(f"no result within {limit_s:g} s")
    os.waitpid(child, 0)
    if not received:
        raise ChildProcessError("the process died")
    return json.loads(received)


def run(root: Path, phase: str, only: set[str] | None = None) -> Iterator[Verdict]:
    """Try every answer of a phase (or of the exercises named), in the notebook's order."""
    nb = notebooks.source(root, phase)
    by_solution = {one.solution: one for one in notebooks.exercises(nb)}
    namespace = fresh_namespace()
    for place, cell in enumerate(nb.cells):
        exercise = by_solution.get(place)
        path = root / "tests" / "answers" / phase / f"{exercise.name}.py" if exercise else None
        if exercise and (only is None or exercise.name in only) and path.is_file():
            full = sum(nb.cells[i].metadata.nbgrader.points for i in exercise.tests)
            for answer in parse(path):
                try:
                    tried = in_child(lambda e=exercise, a=answer: asdict(attempt(nb, e, a, namespace, to_the_end=False)))
                    verdict = Verdict(**tried)
                    verdict.complaint = judge(answer, verdict, full)
                except (TimeoutError, ChildProcessError) as error:
                    verdict = Verdict(answer.exercise, answer.kind, answer.label, complaint=str(error))
                yield verdict
        if runs(cell):
            with contextlib.redirect_stdout(None):
                run_cell(cell.source, notebooks.grade_id(cell) or cell.id, namespace)


def main(arguments: list[str]) -> int:
    """Print each answer's verdict; 1 if the tests of any exercise did wrong by one. `--json` prints one object a line."""
    as_json, words = "--json" in arguments, [word for word in arguments if word != "--json"]
    root = notebooks.find_root()
    phase, only = words[0], set(words[1:]) or None
    notebooks.choose(root, [phase])
    bad = 0
    for verdict in run(root, phase, only):
        bad += bool(verdict.complaint)
        if as_json:
            print(json.dumps(asdict(verdict)), flush=True)
        else:
            sign = "✗" if verdict.complaint else "✓"
            print(f"{sign} {verdict.exercise:20} {verdict.kind:5} {verdict.label} ({verdict.seconds:.1f} s)")
            print("".join(f"      {line}\n" for line in (verdict.complaint or verdict.message).splitlines()), end="", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CourseError as problem:
        sys.exit(str(problem))
