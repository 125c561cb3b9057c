"""The `course` command: build, release, fetch, progress, grade, report, lab, demo."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from course.errors import CourseError
from course.notebooks import build as build_phase
from course.notebooks import choose, find_root, read, stale, tags

app = typer.Typer(
    help="Large language models, built by hand: the course's tools.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Phases = Annotated[list[str] | None, typer.Argument(help="Which phases; all if none is named.", show_default=False)]
Check = Annotated[bool, typer.Option("--check", help="Change nothing; fail if one is out of date.")]
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command()
def build(phases: Phases = None, check: Check = False):
    """Make each source/<phase>/<phase>.ipynb from its text."""
    root = find_root()
    chosen = choose(root, phases)
    if not check:
        for phase in chosen:
            print(build_phase(root, phase).relative_to(root))
    elif old := [phase for phase in stale(root) if phase in chosen]:
        raise CourseError(f"Not what their text gives now: {', '.join(old)}; run `course build` and commit what changed.")


@app.command()
def release(phases: Phases = None, check: Check = False):
    """Build, and make what students get: release/<phase>, without solutions and hidden tests; and record the answer key."""
    from course import release as releasing

    root = find_root()
    if not check:
        for folder in releasing.release(root, phases):
            print(folder.relative_to(root))
        if not _lacking():
            from course.grading import key

            for phase in choose(root, phases):
                key.of_phase(root, phase)  # now, and not at the first grading: a reference that fails its own tests shows here
    elif old := releasing.fresh(root, phases):
        raise CourseError(f"Not what their text gives now: {', '.join(old)}; run `course release` and commit what changed.")


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Which data; all if none is named.", show_default=False)] = None,
):
    """Download the course's data once, so that everything works without a network from then on."""
    from course import data, models

    for name, path in data.fetch_all(names).items():
        print(f"{name}: {models.folder() if name == models.SOURCE else path}")


@app.command()
def progress(notebook: Path):
    """Run a notebook's cells, those tagged explore left out, and show which exercises pass."""
    nb = read(notebook)
    nb.cells = [cell for cell in nb.cells if "explore" not in tags(cell)]
    print(_run(nb, notebook.resolve()))


def _run(nb, path: Path) -> str:
    """Run the notebook where its file lies, and return what `progress` says of it then."""
    try:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError
        from nbformat.v4 import new_code_cell
    except ImportError:
        raise CourseError("Running a notebook needs nbclient: install the course with `pip install -e '.[grading]'`.") from None
    nb.cells.append(new_code_cell(f"from course.progress import progress\nprogress({str(path)!r})"))
    client = NotebookClient(
        nb,
        allow_errors=True,
        timeout=180,
        interrupt_on_timeout=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(stderr=subprocess.DEVNULL)  # a kernel's own words about its transport help nobody here
    except (CellExecutionError, DeadKernelError, RuntimeError) as error:
        raise CourseError(f"The notebook could not be run to its end ({str(error).strip().splitlines()[-1]}).") from None
    outputs = nb.cells[-1].outputs
    for output in outputs:
        if output.output_type == "error":
            raise CourseError(f"The notebook ran, but its progress could not be told ({output.ename}: {output.evalue}).")
    said = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs]
    return "\n".join(text.rstrip() for text in said if text)


@app.command()
def grade(
    what: Annotated[
        list[str] | None, typer.Argument(help="Which phases, or one notebook's file; all that were handed in if none is named.")
    ] = None,
    student: Annotated[str | None, typer.Option(help="This student alone.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="How many submissions at a time; default: one a processor.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="The address of a Dask scheduler, in place of this machine.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run again what has not changed as well.")] = False,
    sandbox: Annotated[
        bool, typer.Option("--sandbox/--no-sandbox", help="Without it, submissions can do all that you can.")
    ] = True,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the feedback on a single file in a browser.")] = True,
):
    """Grade what a class handed in, or one notebook of your own."""
    _needs_grading()
    from course.grading import lean

    lean.trim()
    from course.grading import command

    files = [Path(one) for one in what or [] if one.endswith(".ipynb") or Path(one).is_file()]
    if files and len(what) > 1:
        raise CourseError("Name one notebook, or phases: not both, and no two notebooks.")
    if files:
        command.grade_file(files[0], sandbox, show)
    else:
        root = find_root()
        chosen = choose(root, what) if what else []
        command.grade_class(root, chosen, sandbox, student=student, workers=workers, scheduler=scheduler, force=force)


@app.command()
def report(phases: Phases = None):
    """Write a page and a table (CSV) on how a class did, into reports/."""
    _needs_grading()
    from course.grading import command

    root = find_root()
    for path in command.report(root, choose(root, phases) if phases else []):
        print(path)


def _needs_grading() -> None:
    """CourseError where the package was installed without what grading takes."""
    if lacking := _lacking():
        raise CourseError(f"Grading needs {', '.join(lacking)}: install the course with `pip install -e '.[grading]'`.")


def _lacking() -> list[str]:
    """Which of the packages that grading takes are not installed."""
    from importlib.util import find_spec

    return [name for name in ("nbgrader", "jupyter_client", "distributed", "nh3", "cloudpickle") if not find_spec(name)]


@app.command(context_settings=PASS_ON)
def lab(context: typer.Context):
    """Open JupyterLab on your own copies of the notebooks, in work/; further options go to JupyterLab (--no-browser, --port)."""
    from course import lab as opening

    root = find_root()
    for line in opening.copy_missing(root):
        print(line)
    opening.start(root, context.args)


@app.command(context_settings=PASS_ON)
def demo():
    """Release, hand in a sample class, grade it and show the scores."""
    _needs_grading()
    from course.grading import demo as showing

    showing.main()


def main() -> None:
    """Run the command line; what the reader can put right is one line on stderr and exit code 1."""
    try:
        app()
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
