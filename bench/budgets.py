"""How long each notebook takes beside its budget: all of it on two cores (360 s), its graded cells on one (40 s).

`python bench/budgets.py` prints both as shares of the budget, and writes them with the machine to bench/results/budgets.json.
"""

import json
import time
from datetime import date
from pathlib import Path

import nbclient
from rich.console import Console
from rich.table import Table

from course import answers, device, notebooks

WHOLE_S, GRADED_S = 360, 40
RESULTS = Path(__file__).with_name("results") / "budgets.json"


def whole(root: Path, phase: str) -> float:
    """Seconds to run the instructor's notebook from top to bottom, kernel start included."""
    folder = root / "source" / phase
    nb, start = notebooks.source(root, phase), time.perf_counter()
    nbclient.NotebookClient(nb, timeout=WHOLE_S, resources={"metadata": {"path": str(folder)}}).execute()
    return time.perf_counter() - start


def graded(root: Path, phase: str) -> float:
    """Seconds of processor time that the cells which grading runs take on one core, imports included."""
    nb = notebooks.source(root, phase)

    def timed():
        start, points = time.process_time(), answers.score(nb)
        return time.process_time() - start, sum(points.values())

    seconds, points = answers.in_child(timed, 600)
    assert points == 100, f"the solutions of {phase} score {points:g}"
    return seconds


def main() -> None:
    """Measure every phase, print the table, keep the figures."""
    root = notebooks.find_root(Path(__file__).parent)
    machine = device.machine()
    table = Table("phase", "whole (s)", f"of {WHOLE_S} s", "graded cells (s, one core)", f"of {GRADED_S} s", title=machine)
    rows = []
    for phase in notebooks.phases(root):
        seconds = {"graded_cpu_s": round(graded(root, phase), 1), "whole_wall_s": round(whole(root, phase), 1)}
        rows.append({"phase": phase, "date": date.today().isoformat(), "machine": machine, **seconds})
        shares = seconds["whole_wall_s"] / WHOLE_S, seconds["graded_cpu_s"] / GRADED_S
        table.add_row(phase, f"{seconds['whole_wall_s']}", f"{shares[0]:.0%}", f"{seconds['graded_cpu_s']}", f"{shares[1]:.0%}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    Console().print(table)


if __name__ == "__main__":
    main()
