"""What tests share: the course's folder, a toy course to break, and the answers' counts at the end of a run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from course import notebooks
from course.errors import CourseError
from course.grading import sandbox

needs_sandbox = pytest.mark.skipif(bool(sandbox.missing()), reason="no sandbox here")
ROOT = Path(__file__).resolve().parents[1]

TOY = '''
# %% [markdown]
r"""
# A toy course

Two exercises, and a formula: $$\\mathrm{twice}(x) = 2x$$
"""

# %%
import torch

from course import check

# %% [markdown]
r"""
### 1 · Twice

Every entry $x_i$ becomes $2 x_i$.
"""

# %% SOLUTION twice
def twice(x):
    """Twice every entry of x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% TEST twice-test 60
"""A small tensor."""
x = check.normal(2, 3)
check.close(lambda: twice(x), 2 * check.normal(2, 3), "Is every entry doubled?")
### BEGIN HIDDEN TESTS
y = check.normal(4, seed=1)
check.close(lambda: twice(y), 2 * check.normal(4, seed=1), "Is every entry of a vector doubled?")
check.close(y, check.normal(4, seed=1), "Is the input left as it was?")
### END HIDDEN TESTS

# %% tags=["explore"]
import matplotlib.pyplot as plt

plt.plot(twice(torch.ones(3)));

# %% [markdown]
r"""
### 2 · Mean square
"""

# %% SOLUTION mean-square
def mean_square(x):
    """The mean of the squared entries of x."""
    ### BEGIN SOLUTION
    return (x**2).mean()
    ### END SOLUTION

# %% TEST mean-square-test 25
"""A few numbers."""
check.close(lambda: mean_square(torch.tensor([1.0, 2.0, 4.0])), 7.0, "Are the entries squared before the mean?")
### BEGIN HIDDEN TESTS
check.close(lambda: mean_square(-torch.ones(2, 5)), 1.0, "Is it the mean over all axes?")
### END HIDDEN TESTS

# %% TEST mean-square-test-twice 15
"""Twice the numbers, four times the mean."""
z = check.normal(3, 4)
check.close(lambda: mean_square(twice(z)), 4 * (z**2).mean(), "Does it hold for any shape?")

# %% tags=["explore"]
from course.progress import progress

progress()
'''

ANSWERS = {
    "twice": """
# %% right: by addition
def twice(x):
    return x + x

# %% wrong: the square | hint: doubled
def twice(x):
    return x * x

# %% wrong: the identity
def twice(x):
    return x

# %% wrong: zeros
def twice(x):
    return torch.zeros_like(x)

# %% wrong: in place | hint: left
def twice(x):
    return x.mul_(2)
""",
    "mean-square": """
# %% right: by a dot product
def mean_square(x):
    return x.flatten() @ x.flatten() / x.numel()

# %% wrong: the square of the mean | hint: squared
def mean_square(x):
    return x.mean() ** 2

# %% wrong: the sum
def mean_square(x):
    return (x**2).sum()

# %% wrong: one axis
def mean_square(x):
    return (x**2).mean(0)

# %% wrong: a constant
def mean_square(x):
    return torch.tensor(7.0)
""",
}


@pytest.fixture(scope="session")
def root() -> Path:
    """The course's folder."""
    return ROOT


def with_headers(text: str) -> str:
    """The toy's text with nbgrader's long headers in the place of `SOLUTION name` and `TEST name points`."""

    def header(match):
        solution, points = match[1] == "SOLUTION", {"points": int(match[3])} if match[3] else {}
        flags = {"grade": not solution, "grade_id": match[2], "locked": not solution, "schema_version": 3, "solution": solution}
        return f"# %% nbgrader={json.dumps(flags | {'task': False} | points)}"

    return re.sub(r"^# %% (SOLUTION|TEST) (\S+) ?(\d*)$", header, text, flags=re.M)


def make_toy(folder: Path) -> Path:
    """A course folder with one phase, called toy, its notebook built and its answers written."""
    for name in ("nbgrader_config.py", "pyproject.toml", "source/jupytext.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    text = folder / "source" / "toy" / "toy.nb.py"
    text.parent.mkdir()
    text.write_text(with_headers(TOY), "utf-8")
    for name, content in ANSWERS.items():
        path = folder / "tests" / "answers" / "toy" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    notebooks.build(folder, "toy")
    return folder


@pytest.fixture
def toy(tmp_path) -> Path:
    """A small course folder of the test's own."""
    return make_toy(tmp_path / "toy-course")


def phases() -> list[str]:
    """The phases with a notebook."""
    return notebooks.phases(ROOT)


def exercises() -> list[tuple[str, str]]:
    """Every phase and exercise; none of a phase whose text cannot be read, which tests/test_house.py reports."""
    found = []
    for phase in phases():
        try:
            nb = notebooks.source(ROOT, phase)
            found += [(phase, exercise.name) for exercise in notebooks.exercises(nb)]
        except CourseError:
            continue
    return found


def course_process(*words: str, cwd: Path) -> subprocess.CompletedProcess:
    """`python -m …` where the course can be imported, its output caught."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return subprocess.run([sys.executable, "-m", *words], cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="session")
def verdicts():
    """`verdicts(phase)`: what `python -m course.answers <phase> --json` says of each answer, run once, phases side by side."""
    found, going = {}, {}
    pool = ThreadPoolExecutor(os.cpu_count())

    def of(phase: str) -> list[dict]:
        if not going:
            going.update({one: pool.submit(course_process, "course.answers", one, "--json", cwd=ROOT) for one in phases()})
        if phase not in found:
            done = going[phase].result()
            found[phase] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
            if done.returncode and not any(verdict["complaint"] for verdict in found[phase]):
                pytest.fail(f"the answers of {phase} could not be tried:\n{done.stderr[-3000:]}")
        return found[phase]

    yield of
    pool.shutdown(cancel_futures=True)


class Counts:
    """Prints what the answers gave, a line for each phase, and how many hostile submissions were held.

    It hears every test's report, from whichever process of pytest-xdist the test ran in.
    """

    def __init__(self):
        self.answers, self.hostile = {}, {}

    def pytest_runtest_logreport(self, report):
        for name, (phase, found) in report.user_properties if report.when == "call" else ():
            if name == "answers":
                self.answers.setdefault(phase, []).append(found)
        if "test_held[" in report.nodeid and (report.when == "call" or report.failed):
            self.hostile[report.nodeid] = report.passed and self.hostile.get(report.nodeid, True)

    def pytest_terminal_summary(self, terminalreporter):
        for phase, found in self.answers.items():
            count = sum(map(Counter, found), Counter())
            terminalreporter.write_line(
                f"{phase}: {len(found)} exercises, {count['right, good']} right answers passed, "
                f"{count['right, bad']} rejected, {count['wrong, good']} wrong answers caught, "
                f"{count['wrong, bad']} let through or not caught by a check"
            )
        if self.hostile:
            terminalreporter.write_line(f"hostile corpus: {len(self.hostile)} tried, {sum(self.hostile.values())} held")


def pytest_configure(config):
    config.pluginmanager.register(Counts(), "counts")
