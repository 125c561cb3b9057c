"""Tables of measurements that ship with the course. Each is written by a script of bench/, and by nothing else."""

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path

LADDER, JUDGE, FINETUNE = (Path(__file__).with_name(f"{name}.csv") for name in ("ladder", "judge", "finetune"))
ASKED, PRINCIPLE = "Write a sentence about a film.", "Which answer is more positive about the film?"


@dataclass(frozen=True)
class Run:
    """One point of the ladder: a GPT trained on n_tokens, and its loss on held-out plays.

    n_params counts all that the model learns, n_embedding its tables of tokens and positions alone; flops is 6 * n_params *
    n_tokens; loss is in nats per token. schedule: "own", the learning rate fell to the end of this run; "long", it was to fall
    for longer, and the run was looked at on the way. seconds: of training, on the machine that the table's first line names.
    """

    n_layers: int
    d_model: int
    n_heads: int
    n_params: int
    n_embedding: int
    n_tokens: int
    flops: float
    loss: float
    schedule: str
    seconds: float


@dataclass(frozen=True)
class Judgement:
    """What the chat model says of two rated texts: `better` and `worse` are their places in data.ratings(), by their raters.

    first: its probability of "A" with the better text as A; second: the same with the worse one as A.
    """

    better: int
    worse: int
    first: float
    second: float


@dataclass(frozen=True)
class Tuning:
    """A fine-tuning run, looked at after so many steps: rank (0: trained in full), how many numbers it trains, the share of
    held-out sentences told right, the loss (nats, mean of the last ten steps) and the seconds of training so far."""

    run: str
    rank: int
    trained: int
    steps: int
    accuracy: float
    loss: float
    seconds: float


def ladder(schedule: str | None = "own") -> list[Run]:
    """The runs that bench/ladder.py trained, smallest budget first; those of one schedule, or all with schedule=None."""
    return [one for one in _rows(LADDER, Run) if schedule in (None, one.schedule)]


def judge() -> list[Judgement]:
    """The judgements that bench/judge.py asked for: ASKED is the prompt, PRINCIPLE what to judge by."""
    return _rows(JUDGE, Judgement)


def finetune() -> list[Tuning]:
    """What bench/finetune.py measured, run by run, step by step."""
    return _rows(FINETUNE, Tuning)


def source(table: Path) -> str:
    """When and where a table (LADDER, JUDGE, FINETUNE) was measured, in a sentence."""
    return table.read_text("utf-8").partition("\n")[0].lstrip("# ")


def write(table: Path, rows: list, told: str) -> None:
    """Write rows, all of one of the classes above; the first line says when and where they were measured, and what is told."""
    import os
    import platform
    from datetime import date

    import torch

    from course import device

    cores = f"{torch.get_num_threads()} of {os.cpu_count()} cores"
    machine = device.name() if device.has_gpu() else f"{platform.machine()}, {cores}"
    with table.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {date.today()}, {machine}, PyTorch {torch.__version__}, {told}\n")
        writer = csv.DictWriter(file, [one.name for one in fields(rows[0])], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, rows))


def _rows(table: Path, kind) -> list:
    kinds = kind.__annotations__
    lines = [line for line in table.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [kind(**{name: kinds[name](text) for name, text in row.items()}) for row in csv.DictReader(lines)]
