"""The answer key: what each check of a phase expects, by its place and turn, recorded in one run of the instructor's notebook.

It stands beside the gradebook, in .grading/, never under release/; it is made anew when the notebook, the course's code or a
library that computes changes. It is a pickle, read by whom it was made alone.
"""

import hashlib
import importlib.metadata
import os
import pickle
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from course import answers, notebooks
from course.errors import CourseError

FOLDER = ".grading"
COMPUTING = ("torch", "numpy", "scipy", "scikit-learn", "transformers")


@dataclass(frozen=True)
class Call:
    """One check at one turn; `pickled`: what it was given beside the student's value, as it was at that point of the run."""

    place: int
    kind: str
    hint: str
    pickled: bytes

    def given(self) -> dict:
        return pickle.loads(self.pickled)


@dataclass(frozen=True)
class Material:
    """What grading a phase takes, wherever it is done: the notebook as JSON text, the key's calls as bytes, seconds by cell."""

    phase: str
    notebook: str
    calls: bytes
    seconds: dict[str, float] = field(hash=False)
    fingerprint: str = ""


def fingerprint(nb) -> str:
    """What a grade depends on, as one hash: the notebook, the course's code, Python and the libraries that compute."""
    found = hashlib.sha256(notebooks.to_bytes(nb))
    package = Path(__file__).parents[1]
    for path in [package / "check.py", *sorted((package / "grading").glob("*.py"))]:
        found.update(path.read_bytes())
    found.update(repr(sys.version_info[:2]).encode())
    for name in COMPUTING:
        try:
            found.update(f"{name} {importlib.metadata.version(name)}".encode())
        except importlib.metadata.PackageNotFoundError:
            continue
    return found.hexdigest()


class Recorder:
    """`__verdict__` while the key is made: keeps every call, with all that it was given as it is then."""

    def __init__(self):
        self.calls: list[Call] = []

    def __call__(self, place: int, kind: str, *, hint: str, **given):
        import cloudpickle

        # By value: a predicate is judged later with the names that it reads as they are now.
        self.calls.append(Call(place, kind, hint, cloudpickle.dumps({name: _plain(one) for name, one in given.items()})))


def _plain(value):
    """The value without the graph of a computation."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach()
    if type(value) in (list, tuple):
        return type(value)(map(_plain, value))
    return {key: _plain(one) for key, one in value.items()} if type(value) is dict else value


def record(nb) -> tuple[dict[str, list[Call]], dict[str, float]]:
    """Run the instructor's notebook in this process: the calls of each test cell, and the seconds that each code cell took.

    CourseError where the reference's own values do not pass.
    """
    from course.grading import split
    from course.grading.hook import hook
    from course.grading.verdict import Verdict

    cells = [cell for cell in nb.cells if answers.runs(cell)]
    probes = split.probe_sources([(cell.source, notebooks.is_graded(cell)) for cell in cells])
    trusted, student = answers.fresh_namespace(), answers.fresh_namespace()
    key, seconds = {}, {}
    for cell, probe in zip(cells, probes, strict=True):
        name = notebooks.grade_id(cell) or cell.id
        if not notebooks.is_graded(cell):
            answers.run_cell(cell.source, name, trusted)
            start = time.perf_counter()
            answers.run_cell(cell.source, name, student)
            seconds[cell.id] = time.perf_counter() - start
            continue
        trusted["__verdict__"] = recorder = Recorder()
        answers.run_cell(split.verdict_source(cell.source), name, trusted)
        arrived, start = [], time.perf_counter()
        student["__probe__"] = hook(lambda *message, arrived=arrived: arrived.append(message))
        answers.run_cell(probe, name, student)
        seconds[cell.id] = time.perf_counter() - start
        verdict = Verdict(arrived)
        for call in recorder.calls:
            verdict(call.place, call.kind, hint=call.hint, **call.given())
        if not verdict.passed:
            raise CourseError(f"The reference does not pass its own test {name!r}: {verdict.first.message}")
        key[name] = recorder.calls
    if empty := [name for name, calls in key.items() if not calls]:
        raise CourseError(f"Nothing is checked by {', '.join(empty)}: write a check in each graded cell.")
    return key, seconds


def _record_apart(nb) -> tuple[bytes, dict[str, float]]:
    """`record` in a process of its own: neither names nor threads of the notebook's stay here."""
    command = [sys.executable, "-m", "course.grading.key"]
    done = subprocess.run(command, input=notebooks.to_bytes(nb), capture_output=True)
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise CourseError(f"The answer key could not be made: {said[-1] if said else 'the process died'}")
    found = pickle.loads(done.stdout)
    if isinstance(found, str):
        raise CourseError(f"The answer key could not be made. {found}")
    return found


def main() -> None:
    """A notebook as JSON comes in, its key goes out as a pickle; what cells print goes nowhere."""
    import nbformat

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        calls, seconds = record(nbformat.reads(sys.stdin.read(), as_version=4))
        found = pickle.dumps(calls), seconds
    except CourseError as error:
        found = str(error)
    except Exception as error:
        found = f"A cell of the instructor's notebook raised {type(error).__name__}: {error}"
    with out:
        pickle.dump(found, out)


def material(nb, phase: str, folder: Path | None = None) -> Material:
    """What grading a phase takes; from `folder` if it has been recorded there for this very notebook, else recorded and kept."""
    mark = fingerprint(nb)
    path = folder / f"{phase}.key" if folder else None
    if path and path.is_file():
        try:
            kept = pickle.loads(path.read_bytes())
            if isinstance(kept, Material) and kept.fingerprint == mark:
                return kept
        except Exception:  # cut short, or of another version: it is made anew
            pass
    made = Material(phase, notebooks.to_bytes(nb).decode(), *_record_apart(nb), mark)
    if path:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}.part")
        scratch.touch(0o600)
        scratch.write_bytes(pickle.dumps(made))
        scratch.replace(path)
    return made


def of_phase(root: Path, phase: str) -> Material:
    """The material of a phase of the course in `root`, its key beside the gradebook."""
    return material(notebooks.source(root, phase), phase, root / FOLDER)


if __name__ == "__main__":
    from course.grading.key import main as run  # as this module, and not as __main__: a pickle names where its classes are

    run()
