"""Notebooks for students: nbgrader makes them, the leak guard looks at them, and a leaking one does not stay."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from course import bootstrap, notebooks
from course.errors import CourseError
from course.leaks import leaks
from course.notebooks import build

LOG = ".nbgrader.log"
REFUSED = "was not kept, "


def refuse(root: Path, phase: str) -> str | None:
    """Remove release/<phase> if it leaks, and say in one sentence what leaked; None where nothing does."""
    folder = root / "release" / phase
    found = leaks(notebooks.read(root / "source" / phase / f"{phase}.ipynb"), folder)
    if not found:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
    return f"release/{phase} {REFUSED}it would have given answers away: {'; '.join(found[:3])}{more}."


def rebuild(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook before a release: build the notebooks whose text is not older, as formgrader's button does not.

    A notebook saved in Jupyter has ids and metadata of Jupyter's own; a younger one was edited past its text, and stays.
    """
    for path in map(Path, notebooks):
        text = path.with_name(f"{path.parent.name}.nb.py")
        if path.stem == path.parent.name and text.is_file() and text.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            try:
                build(Path.cwd(), path.stem)
            except CourseError as error:
                raise SystemExit(str(error)) from None


def guard(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook after a release: SystemExit on a leak, as nbgrader logs any other exception and then exits with 0.

    nbgrader works inside the course's folder when it calls this.
    """
    for phase in sorted({Path(path).parent.name for path in notebooks}):
        try:
            message = refuse(Path.cwd(), phase)
        except Exception as error:  # what could not be looked at does not go out either
            shutil.rmtree(Path.cwd() / "release" / phase, ignore_errors=True)
            message = f"release/{phase} {REFUSED}as it could not be searched for answers ({type(error).__name__}: {error})."
        if message:
            raise SystemExit(message)


def _reason(log: str, phase: str) -> str:
    """One sentence on why nbgrader failed, from what it printed."""
    lines = log.splitlines()
    if leak := [line for line in lines if REFUSED in line]:
        return leak[-1]
    if "there are submissions associated with" in log:
        return f"The gradebook holds submissions to {phase}, whose cells have changed: move gradebook.db away and release again."
    errors = [line.strip() for line in lines if re.match(r"\s*[\w.]*(Error|Exception|Entry)\b", line)]
    return f"nbgrader could not release {phase} ({(errors or lines[-1:] or ['it said nothing'])[0]}): {LOG} has the whole story."


def run_nbgrader(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """Run an nbgrader command in a course folder, with this package for its hooks; all that it prints is in stdout."""
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")]
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def generate(root: Path, phase: str) -> Path:
    """Run nbgrader's generate_assignment on the built notebook and return release/<phase>; CourseError on failure or leak."""
    if importlib.util.find_spec("nbgrader") is None:
        raise CourseError("Releasing needs nbgrader: install the course with `pip install -e '.[grading]'`.")
    folder = root / "release" / phase
    done = run_nbgrader(root, "generate_assignment", phase, "--force")
    (root / LOG).write_text(done.stdout, "utf-8")
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise CourseError(_reason(done.stdout, phase))
    if message := refuse(root, phase):  # the hook has looked already, unless somebody's own settings turned it off
        raise CourseError(message)
    return folder


def release(root: Path, phases: list[str] | None = None) -> list[Path]:
    """Build the phases (default: all), write release/<phase> for each, and bring README.md's badges up to date.

    CourseError where nbgrader fails or something leaks; release/<phase> is gone then.
    """
    made = []
    for phase in notebooks.choose(root, phases):
        build(root, phase)
        made.append(generate(root, phase))
    write_badges(root)
    return made


def write_badges(root: Path) -> None:
    """Put a Colab badge for each released phase between README.md's badge comments, where it has them."""
    readme = root / "README.md"
    if not readme.is_file():
        return
    text, url = readme.read_text("utf-8"), notebooks.repository_url(root)
    ready = [phase for phase in notebooks.phases(root) if (root / "release" / phase / f"{phase}.ipynb").is_file()]
    lines = [f"- {phase.capitalize()}: {shown}" for phase in ready if (shown := bootstrap.badge(url, phase))]
    block = "\n".join(["<!-- badges -->", *lines, "<!-- /badges -->"])
    new = re.sub(r"<!-- badges -->.*?<!-- /badges -->", lambda _: block, text, flags=re.DOTALL)
    if new != text:
        readme.write_text(new, "utf-8")


def _tree(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, Jupyter's own checkpoints apart."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != ".ipynb_checkpoints")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def fresh(root: Path, phases: list[str] | None = None) -> list[str]:
    """The phases whose release/ differs from what their text gives now; works in a copy, the gradebook stays as it is."""
    differ = []
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name).resolve()
        for file in ("nbgrader_config.py", "pyproject.toml"):
            shutil.copy(root / file, copy)
        for phase in notebooks.choose(root, phases):
            shutil.copytree(root / "source" / phase, copy / "source" / phase)
            build(copy, phase)
            if _tree(generate(copy, phase)) != _tree(root / "release" / phase):
                differ.append(phase)
    return differ
