"""A toy course with a gradebook and a class that hands in: what the tests of grading a class share."""

import contextlib
import functools
import html
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

from conftest import ROOT, make_toy

from course import notebooks, release
from course.grading import key

RIGHT = {
    "twice": "def twice(x):\n    return x + x",
    "mean-square": "def mean_square(x):\n    return x.pow(2).mean()",
}
IDENTITY = {**RIGHT, "twice": "def twice(x):\n    return x"}
DEADLY = {**RIGHT, "twice": "import os\n\n\ndef twice(x):\n    os._exit(3)"}
FULL = {"twice-test": 60.0, "mean-square-test": 25.0, "mean-square-test-twice": 15.0}
NOTHING = dict.fromkeys(FULL, 0.0)
LATER = {**FULL, "twice-test": 0.0}
UNGRADED = dict.fromkeys(FULL)
CLASS = {
    "ann": FULL,
    "ben": LATER,
    "cleo": NOTHING,
    "dora": UNGRADED,
    "emil": FULL,
    "fay": UNGRADED,
    "gus": LATER,
    "hal": UNGRADED,
}


def released(folder: Path, settings: str = "") -> Path:
    """A toy course in `folder`, released into its gradebook, its answer key made; `settings` end its nbgrader_config.py."""
    make_toy(folder)
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(settings)
    release.release(folder)
    key.of_phase(folder, "toy")
    return folder


@functools.cache
def _master(folder: Path) -> Path:
    """A released toy course for the whole run."""
    return released(folder / "master")


def copied(factory, folder: Path) -> Path:
    """A released toy course of a test's own, at `folder`; factory: pytest's tmp_path_factory."""
    return shutil.copytree(_master(factory.getbasetemp()), folder)


def notebook(course: Path, texts: dict[str, str]) -> bytes:
    """The released notebook with these texts in its solution cells."""
    nb = notebooks.read(course / "release" / "toy" / "toy.ipynb")
    for cell in nb.cells:
        if notebooks.is_solution(cell) and notebooks.grade_id(cell) in texts:
            cell.source = texts[notebooks.grade_id(cell)]
    return notebooks.to_bytes(nb)


def hand_in(course: Path, student: str, content: dict | bytes | None = None, name: str = "toy.ipynb") -> Path:
    """Put a file into a student's folder; returns the folder."""
    folder = course / "submitted" / student / "toy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else notebook(course, content or {}))
    return folder


def sample(course: Path) -> Path:
    """The whole class of `CLASS` hands in."""
    hand_in(course, "ann", RIGHT)
    hand_in(course, "ben", IDENTITY)
    hand_in(course, "cleo")
    hand_in(course, "dora", notebook(course, RIGHT)[:1500])
    hand_in(course, "emil", RIGHT, "My Toy (2).ipynb")
    (hand_in(course, "fay", b"mine", "notes.txt") / "toy.ipynb").symlink_to(course / "source" / "toy" / "toy.ipynb")
    hand_in(course, "gus", DEADLY)
    hand_in(course, "hal", b"I forgot it.", "notes.txt")
    return course


def scores(course: Path, db_url: str = "") -> dict[str, dict[str, float | None]]:
    """Each student's points of each graded cell, as the gradebook has them; None where nothing was given."""
    from nbgrader.api import Gradebook

    with Gradebook(db_url or f"sqlite:///{course / 'gradebook.db'}", "llm-course") as book:
        return {
            one.student.id: {grade.name: grade.auto_score for nb in one.notebooks for grade in nb.grades}
            for one in book.assignment_submissions("toy")
        }


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def page(course: Path, student: str) -> str:
    """A student's feedback page, its tags taken out."""
    text = (course / "feedback" / student / "toy" / "toy.html").read_text("utf-8")
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.partition("</style>")[2])))


def environment(**more: str) -> dict[str, str]:
    """A process's environment in which the course can be imported and a table has room."""
    return os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}", "COLUMNS": "200"} | more


def started(*words: str, cwd: Path, **more) -> subprocess.Popen:
    """`python -m …`, its output caught, in a process group of its own; it hears Ctrl-C, whoever started the tests."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    environ = environment(**pipes.pop("env", {}))
    hears = {"start_new_session": True, "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    return subprocess.Popen([sys.executable, "-m", *words], cwd=cwd, env=environ, text=True, **hears, **pipes)


def command(*words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess:
    """`python -m …` to its end."""
    return subprocess.run([sys.executable, "-m", *words], cwd=cwd, env=environment(**more), capture_output=True, text=True)


def sentence(done) -> str:
    """What a command said that failed as it should: one line, no traceback, exit code 1."""
    assert done.returncode == 1, (done.stdout, done.stderr)
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("course: ") and line.endswith("."), line
    return line.removeprefix("course: ")


def waited(holds, seconds: float = 30):
    """What `holds()` gives as soon as it is true; fails when it does not become so."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.05)
    return found


def descendants(process: int) -> set[int]:
    """The processes that a process has started, and those that they have started."""
    found, left = set(), [process]
    while left:
        one = left.pop()
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                new = {int(number) for number in (task / "children").read_text().split()}
                left += new - found
                found |= new
    return found


def alive(process: int) -> bool:
    """Whether it runs; one that has ended and is not yet waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


BEGUN, DO = [], {}


def job(material, data: bytes, *rest):
    """In the place of classroom.grade, where jobs run in this process: noted in BEGUN, done by DO["grade"]."""
    BEGUN.append(data)
    return DO["grade"](material, data, *rest)


@functools.cache
def threads():
    """A Dask client of a cluster of one thread in this process, for the whole run: its kernels' server stays warm."""
    from distributed import Client, LocalCluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a port that is taken
        cluster = LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, memory_limit=0, silence_logs=50
        )
    return Client(cluster, set_as_default=False)


def near(*_, **__):
    """In the place of classroom.client: `threads`, left open."""
    return contextlib.nullcontext(threads())
