"""Train the ladder: small GPTs of many sizes, each within the same budgets of operations, on Shakespeare's plays.

`python bench/ladder.py` writes course/tables/ladder.csv, with the machine and the date in its first line. An hour on a laptop;
what is done already is kept in a file beside the table until all is, so that a stopped run goes on where it was. On a GPU,
larger budgets and models come on top.

Each run spends its budget C on one size: n_tokens = C / (6 * n_params). In a run of the largest budget of its size, the held-out
loss is also read on the way, where the smaller budgets of that size end: these rows have the schedule "long", for their learning
rate was still to fall. Kaplan et al. 2020 read their curves so; Hoffmann et al. 2022 gave each length a schedule of its own.
"""

import json
import time
from dataclasses import asdict
from pathlib import Path

import torch
from rich.console import Console

from course import answers, device, ladder, notebooks, tables
from course.tables import LADDER, Run

# (layers, width, heads), smallest first: 5,500 to 357,000 parameters.
SIZES = [(1, 8, 1), (1, 12, 1), (1, 16, 1), (2, 16, 1), (1, 24, 1), (2, 24, 1), (2, 32, 2), (3, 32, 2), (3, 40, 2), (3, 48, 3)]
SIZES += [(3, 64, 4), (4, 64, 4), (4, 80, 5)]
# For each budget (operations), the first and the last size: some too small for it, some too large.
BUDGETS = {3e10: (0, 9), 1e11: (1, 10), 3e11: (2, 12), 1e12: (3, 12)}
MORE_SIZES = [(5, 96, 6), (6, 128, 8), (8, 192, 6), (10, 256, 8)]  # with a GPU
MORE_BUDGETS = {3e12: (6, 13), 1e13: (8, 14), 3e13: (10, 15), 1e14: (11, 16)}


def plan(gpu: bool) -> dict[tuple[int, int, int], list[float]]:
    """The budgets that each size is trained with, in ascending order."""
    sizes, budgets = SIZES + MORE_SIZES * gpu, BUDGETS | (MORE_BUDGETS if gpu else {})
    return {size: [c for c, (first, last) in budgets.items() if first <= place <= last] for place, size in enumerate(sizes)}


def train(names: dict, size: tuple[int, int, int], budget: float, on_the_way: list[float]) -> list[Run]:
    """One run, and what it showed on the way, where other budgets for this size end."""
    layers, width, heads = size
    torch.manual_seed(0)
    model = names["GPT"](names["GPTConfig"](ladder.VOCAB, ladder.CONTEXT, layers, heads, width)).to(device.get())
    n_params = sum(p.numel() for p in model.parameters())
    tables = (ladder.VOCAB + ladder.CONTEXT) * width
    marks = [round(one / (6 * n_params)) for one in on_the_way]
    n_tokens, begin = round(budget / (6 * n_params)), time.perf_counter()
    found = ladder.train_point(model, n_tokens, marks)
    seconds = round(time.perf_counter() - begin, 1)
    return [
        Run(layers, width, heads, n_params, tables, read, float(6 * n_params * read), round(loss, 5), schedule, seconds)
        for read, loss in found.items()
        for schedule in ["own" if read == n_tokens else "long"]
    ]


def main(root: Path | None = None) -> None:
    """Train what is missing, cheapest budget first, and write the table when all is there."""
    root = root or notebooks.find_root(Path(__file__).parent)
    names = answers.names_until(notebooks.source(root, "scaling"), "count")
    part, console = LADDER.with_suffix(".part"), Console()
    done = [Run(**json.loads(line)) for line in part.read_text().splitlines()] if part.exists() else []
    todo = [(budget, size, budgets) for size, budgets in plan(device.has_gpu()).items() for budget in budgets]
    trained = {(one.n_layers, one.d_model, one.flops) for one in done if one.schedule == "own"}
    for number, (budget, size, budgets) in enumerate(sorted(todo), 1):
        if any((layers, width) == size[:2] and abs(flops / budget - 1) < 0.01 for layers, width, flops in trained):
            continue
        runs = train(names, size, budget, budgets[:-1] if budget == budgets[-1] else [])
        with part.open("a") as file:
            file.writelines(json.dumps(asdict(one)) + "\n" for one in runs)
        done += runs
        for one in runs:
            if one.schedule == "own":
                size = f"{one.n_params:>9,} parameters  {one.n_tokens:>11,} tokens"
                console.print(f"{number}/{len(todo)}  {size}  {one.loss:.4f} nats  {one.seconds:g} s")
    done.sort(key=lambda one: (one.schedule != "own", one.flops, one.n_params))
    tables.write(LADDER, done, f"{len(todo)} runs, by bench/ladder.py")
    part.unlink()


if __name__ == "__main__":
    main()
