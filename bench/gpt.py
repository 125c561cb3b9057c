"""Training tokens per second of the notebook's GPT beside transformers' GPT2LMHeadModel of the same size, as a ratio.

Same batches, same optimizer, alternately in one run; on a CPU a small model, on a GPU GPT-2 itself. `python bench/gpt.py` prints
both and writes them with the machine to bench/results/gpt.json, one row for each kind of device.
"""

import json
import os
import statistics
import time
from datetime import date
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch.nn import functional as F

from course import answers, device, notebooks

# context, layers, heads, width, vocabulary, rows of a batch: nanoGPT's recipe for a CPU; GPT-2 as it was published.
CPU, GPU = (64, 4, 4, 128, 96, 12), (1024, 12, 12, 768, 50257, 8)
ROUNDS, STEPS, WARM_UP = 12, 10, 3
RESULTS = Path(__file__).with_name("results") / "gpt.json"


def models(names: dict, context: int, layers: int, heads: int, width: int, vocabulary: int) -> dict:
    """Both models at the same size, without dropout, each as a function from ids to logits with its parameters."""
    from transformers import GPT2Config, GPT2LMHeadModel

    own = names["GPT"](names["GPTConfig"](vocabulary, context, layers, heads, width))
    plain = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0, "use_cache": False, "bos_token_id": 0, "eos_token_id": 0}
    sizes = {"n_positions": context, "n_layer": layers, "n_head": heads, "n_embd": width, "vocab_size": vocabulary}
    theirs = GPT2LMHeadModel(GPT2Config(**sizes, **plain))
    counts = [sum(p.numel() for p in model.parameters()) for model in (own, theirs)]
    assert counts[0] == counts[1], f"the models differ in size: {counts}"
    own, theirs = (model.to(device.get()).train() for model in (own, theirs))
    return {"notebook": (own, lambda ids: own(ids)[0]), "transformers": (theirs, lambda ids: theirs(ids).logits)}


def seconds(logits_of, optimizer, batches) -> float:
    """How long a training step on each of the batches takes, all together."""
    if device.has_gpu():
        torch.cuda.synchronize()
    start = time.perf_counter()
    for ids in batches:
        loss = F.cross_entropy(logits_of(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if device.has_gpu():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def main(root: Path | None = None) -> None:
    """Time both in turn, print the table, keep the figures."""
    root = root or notebooks.find_root(Path(__file__).parent)
    names = answers.names_until(notebooks.source(root, "transformers"), "train-gpt")
    torch.set_num_threads(os.cpu_count() or 1)
    *size, rows = GPU if device.has_gpu() else CPU
    context, layers, heads, width, vocabulary = size
    both = models(names, *size)
    timed = {name: [] for name in both}
    adam = {name: torch.optim.AdamW(names["param_groups"](model, 0.1), lr=1e-4) for name, (model, _) in both.items()}
    dice = torch.Generator().manual_seed(0)
    for turn in range(ROUNDS + 1):
        steps = STEPS if turn else WARM_UP
        batches = torch.randint(vocabulary, (steps, rows, context + 1), generator=dice).to(device.get())
        # Whoever goes second finds warmer caches, or a slower clock: they take turns at that too.
        for name in list(both)[:: 1 if turn % 2 else -1]:
            taken = seconds(both[name][1], adam[name], batches)
            if turn:
                timed[name].append(steps * rows * context / taken)
    speeds = {name: statistics.median(found) for name, found in timed.items()}
    ratios = [own / other for own, other in zip(timed["notebook"], timed["transformers"], strict=True)]
    parameters = sum(p.numel() for p in both["notebook"][0].parameters())
    shape = f"{layers} layers, {heads} heads, {width} wide, context {context}, batch {rows}, {parameters:,} parameters"
    machine = device.machine()
    row = {
        "device": device.describe(),
        "date": date.today().isoformat(),
        "machine": machine,
        "model": shape,
        "notebook_tokens_per_s": round(speeds["notebook"]),
        "transformers_tokens_per_s": round(speeds["transformers"]),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_lowest": round(min(ratios), 2),
        "ratio_highest": round(max(ratios), 2),
    }
    table = Table("", "training tokens per second", title=f"{shape}\n{row['device']}; {machine}")
    for name, speed in speeds.items():
        table.add_row(name, f"{speed:,.0f}")
    table.add_row(
        "notebook / transformers", f"{row['ratio']} ({row['ratio_lowest']} to {row['ratio_highest']} in {ROUNDS} rounds)"
    )
    Console().print(table)
    kept = json.loads(RESULTS.read_text()) if RESULTS.is_file() else []
    kind = device.get().type
    kept = [one for one in kept if one["kind"] != kind] + [{"kind": kind, **row}]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
