"""Full fine-tuning, LoRA, QLoRA, bitsandbytes with peft, side by side: peak memory, seconds per step, loss.

`python bench/adapters.py` trains the chat model (on a GPU the largest that `course.adapters` finds room for) in these four ways
on the same film reviews, so many steps each, one after the other in one run, and writes what it measured, with the machine, to
bench/results/adapters.json, one row for each kind of device. LoRA and QLoRA are the notebook's solutions.
"""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course import adapters, answers, device, models, notebooks

GPU, CPU = (8, 100), (2, 6)  # rows of a step (64 tokens each), steps
RESULTS = Path(__file__).with_name("results") / "adapters.json"


def main() -> None:
    """Measure, print the table, keep the figures."""
    root = notebooks.find_root(Path(__file__).parent)
    names = answers.names_until(notebooks.source(root, "alignment"), "qlora")
    (rows, steps), name = GPU if device.has_gpu() else CPU, adapters.largest()
    with device.all_cores():
        found = adapters.compare(adapters.ways(names["LoRALinear"], names["QLoRALinear"]), name, rows, steps, held_out=4)
        described = device.describe()
    machine = device.machine()
    table = Table("way", "trained", "peak (GiB)", "s per step", "of processor time", "loss before", "after", title=machine)
    for way, one in found.items():
        numbers = one.s_per_step, one.cpu_s_per_step, one.before, one.after
        table.add_row(way, f"{one.trained:,}", f"{one.peak_bytes / 2**30:.2f}", *(f"{number:.2f}" for number in numbers))
    Console().print(table)
    kept = json.loads(RESULTS.read_text()) if RESULTS.is_file() else []
    kind = device.get().type
    row = {"kind": kind, "device": described, "date": date.today().isoformat(), "machine": machine, "model": name or models.NAME}
    row |= {"rows": rows, "steps": steps, "tokens": 64, "ways": {}}
    for way, one in found.items():
        rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(one).items()}
        row["ways"][way] = {key: None if value != value else value for key, value in rounded.items()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([one for one in kept if one["kind"] != kind] + [row], indent=1) + "\n")


if __name__ == "__main__":
    main()
