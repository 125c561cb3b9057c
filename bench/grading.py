"""A sample class through stock nbgrader and through `course grade`, side by side on one machine.

`python bench/grading.py [--size 30] [--light 300]` grades half of the class with stock nbgrader, all of it with ours, then the
other half with stock nbgrader. The floor, the graded cells' own processor time, is measured bare, half of it just before ours and
half just after: a machine's speed drifts. It prints submissions per minute, their ratio, how far ours is above the floor, whether
both give the same scores, memory, and the cost of a submission in a class of 30 and of 300 light ones; and writes the figures
with the machine to bench/results/grading.json.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path

import psutil

from course import answers, device, notebooks
from course.grading import demo, record

RESULTS = Path(__file__).with_name("results") / "grading.json"
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "llm-course"
c.CourseDirectory.root = {root!r}
"""
LIGHT = '''
# %%
from course import check

# %% nbgrader={"grade": false, "grade_id": "twice", "locked": false, "schema_version": 3, "solution": true, "task": false}
def twice(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "twice-test", "locked": true, "points": 1, SHORT, "solution": false, "task": false}
"""A few numbers."""
### BEGIN HIDDEN TESTS
check.close(lambda: twice(1.5), 3.0, "Is it doubled?")
### END HIDDEN TESTS
'''


def sample(root: Path, phase: str, size: int) -> dict[str, dict[str, str]]:
    """What each student of an honest class writes in each solution cell: the better ones more right answers than the others."""
    chance, found = random.Random(7), {}
    nb = notebooks.source(root, phase)
    known = {one.name: answers.parse(root / "tests" / "answers" / phase / f"{one.name}.py") for one in notebooks.exercises(nb)}
    for number in range(size):
        texts, skill = {}, chance.uniform(0.6, 1)
        for name, options in known.items():
            kind = "right" if chance.random() < skill else "wrong" if chance.random() < 0.6 else None
            if kind:
                texts[name] = chance.choice([one.source for one in options if one.kind == kind]).rstrip()
        found[f"student-{number:03}"] = texts
    return found


def hand_in(folder: Path, phase: str, released: Path, texts: dict[str, dict[str, str]]) -> None:
    """Put each student's notebook where nbgrader looks for it."""
    for student, mine in texts.items():
        nb = notebooks.read(released)
        for cell in nb.cells:
            if notebooks.is_solution(cell) and notebooks.grade_id(cell) in mine:
                cell.source = mine[notebooks.grade_id(cell)]
        path = folder / "submitted" / student / phase / f"{phase}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebooks.to_bytes(nb))


def floor(root: Path, phase: str, texts: dict[str, str]) -> float:
    """The processor time of a submission's graded cells, run bare: each once, and the reference after an exercise that failed."""
    nb = notebooks.source(root, phase)
    by_solution = {one.solution: one for one in notebooks.exercises(nb)}

    def attempt(source, name, namespace):
        try:
            answers.run_cell(source, name, namespace)
            return True
        except Exception:
            return False

    def work():
        warnings.simplefilter("ignore")
        namespace, start = answers.fresh_namespace(), time.process_time()
        current, failed = None, False
        for place, cell in enumerate(nb.cells):
            if not answers.runs(cell):
                continue
            if place in by_solution:
                current, failed = by_solution[place], False
                attempt(texts.get(current.name, "raise NotImplementedError"), current.name, namespace)
                continue
            ran = attempt(cell.source, cell.id, namespace)
            failed |= notebooks.is_graded(cell) and not ran
            if current and place == current.tests[-1] and failed:
                for again in nb.cells[current.solution : place]:
                    if answers.runs(again) and not notebooks.is_graded(again):
                        attempt(again.source, again.id, namespace)
        return time.process_time() - start

    return answers.in_child(work, 600)


def nbgrader(folder: Path, *words: str) -> None:
    """Run nbgrader in a course folder; what it says goes into a log there."""
    here = os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])}
    with (folder / "nbgrader.log").open("a") as log:
        command = [sys.executable, "-m", "nbgrader", *words]
        subprocess.run(command, cwd=folder, env=here, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def course(folder: Path, *words: str) -> float:
    """Seconds that a `course` command takes in a course folder."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "course.cli", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def scores(folder: Path, phase: str) -> dict[str, dict[str, float]]:
    """Each student's points in each graded cell, as the gradebook has them."""
    return demo.graded(folder, phase)


def stock_folder(root: Path, phase: str, folder: Path) -> Path:
    """A course folder whose nbgrader has its own defaults, and the assignment in its gradebook."""
    (folder / "source" / phase).mkdir(parents=True)
    shutil.copy(root / "source" / phase / f"{phase}.ipynb", folder / "source" / phase)
    (folder / "nbgrader_config.py").write_text(STOCK.format(root=str(folder)))
    nbgrader(folder, "generate_assignment", phase)
    return folder


def compare(ours: Path, stock: Path, phase: str) -> dict:
    """How many graded cells both scored alike, where no exercise before the cell's had failed: there stock punishes twice."""
    mine, theirs, place = scores(ours, phase), scores(stock, phase), record.course(ours)
    counts = {"cells": 0, "same": 0, "after_a_failure": 0, "different": []}
    for student, points in mine.items():
        result = record.read(place, phase, student)
        for exercise in result.exercises:
            for test in exercise.tests:
                if exercise.on_reference:
                    counts["after_a_failure"] += 1
                    continue
                counts["cells"] += 1
                other = theirs.get(student, {}).get(test.name)
                counts["same"] += points[test.name] == other
                if points[test.name] != other:
                    counts["different"].append(f"{student} {test.name}: {points[test.name]} here, {other} there")
    return counts


def memory(folder: Path, phase: str, students: list[str]) -> float:
    """The most memory, in GB, that grading with two workers holds: every process of the run, pages they share counted once."""
    for student in students:
        (folder / ".grading" / "results" / phase / f"{student}.json").unlink()
    process = subprocess.Popen(
        [sys.executable, "-m", "course.cli", "grade", phase, "--workers", "2"], cwd=folder, stdout=subprocess.DEVNULL
    )
    most, whole = 0, psutil.Process(process.pid)
    while process.poll() is None:
        held = 0
        for one in [whole, *whole.children(recursive=True)]:
            try:
                held += one.memory_full_info().pss
            except psutil.Error:
                continue
        most = max(most, held)
        time.sleep(0.3)
    return most / 1e9


def light(root: Path, folder: Path, size: int) -> float:
    """Seconds for each submission of a class whose notebook takes next to no time."""
    (folder / "source" / "light").mkdir(parents=True)
    for name in ("nbgrader_config.py", "pyproject.toml", "source/jupytext.toml"):
        shutil.copy(root / name, folder / name)
    (folder / "source" / "light" / "light.nb.py").write_text(LIGHT.replace("SHORT", '"schema_version": 3'))
    course(folder, "release", "light")
    text = {"twice": "def twice(x):\n    return x + x"}
    hand_in(folder, "light", folder / "release/light/light.ipynb", {f"student-{i:03}": text for i in range(size)})
    return course(folder, "grade", "light") / size


def main() -> None:
    """Measure, print, keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=30)
    parser.add_argument("--light", type=int, default=300)
    parser.add_argument("--phase", default="foundations")
    parser.add_argument("--no-stock", action="store_true", help="ours alone; nothing is written")
    options, _ = parser.parse_known_args()
    root, phase = notebooks.find_root(Path(__file__).parent), options.phase
    texts = sample(root, phase, options.size)
    names = list(texts)
    half = len(names) // 2
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        scratch = Path(scratch)
        ours = scratch / "ours"
        ours.mkdir()
        demo.prepare(root, ours)
        course(ours, "release", phase)
        released = ours / "release" / phase / f"{phase}.ipynb"
        hand_in(ours, phase, released, texts)
        found = {"phase": phase, "submissions": len(names), "date": date.today().isoformat()}
        found["machine"] = device.machine()
        stock_s = 0.0
        if not options.no_stock:
            stock = stock_folder(root, phase, scratch / "stock")
            stock_s += stock_half(stock, phase, {name: texts[name] for name in names[:half]})
        floor_s = sum(floor(root, phase, texts[name]) for name in names[::2])
        found["ours_s"] = round(course(ours, "grade", phase), 1)
        floor_s += sum(floor(root, phase, texts[name]) for name in names[1::2])
        found["floor_cpu_s"] = round(floor_s, 1)
        if not options.no_stock:
            stock_s += stock_half(stock, phase, {name: texts[name] for name in names[half:]})
            found["stock_s"] = round(stock_s, 1)
            found["scores"] = compare(ours, stock, phase)
            found["ratio"] = round(stock_s / found["ours_s"], 2)
            found["stock_per_minute"] = round(60 * len(names) / stock_s, 2)
        found["ours_per_minute"] = round(60 * len(names) / found["ours_s"], 2)
        print(json.dumps(found, indent=1), flush=True)  # the rest takes minutes
        found["above_floor"] = round(found["ours_s"] * (os.cpu_count() or 1) / found["floor_cpu_s"] - 1, 3)
        found["memory_gb"] = round(memory(ours, phase, names[:6]), 2)
        for size in sorted({min(30, options.light), options.light}):
            found[f"light_{size}_s_each"] = round(light(root, scratch / f"light-{size}", size), 3)
    print(json.dumps(found, indent=1))
    if not options.no_stock:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=1) + "\n")


def stock_half(stock: Path, phase: str, texts: dict[str, dict[str, str]]) -> float:
    """Seconds that stock nbgrader takes for so many more students, and for their feedback."""
    hand_in(stock, phase, stock / "release" / phase / f"{phase}.ipynb", texts)
    start = time.perf_counter()
    nbgrader(stock, "autograde", phase)
    nbgrader(stock, "generate_feedback", phase)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
