"""Adapters of several ranks on the rated film reviews, and a smaller model trained in full: held-out accuracy, step by step.

`python bench/finetune.py` runs the notebook's own LoRA and loop on SmolLM2-135M-Instruct and writes course/tables/finetune.csv,
with the machine and the date in its first line. Each row: a run, how many numbers it trained, after how many steps, the share of
held-out sentences told right, the loss (nats, mean of the last ten steps) and the seconds of training so far. The rate
falls to zero at the last step. Some ten minutes on two free cores.
"""

import random
import time
from pathlib import Path

import torch
from torch import nn

from course import answers, data, device, models, notebooks, tables

RANKS, EVERY, STEPS, BATCH, HELD_OUT, LAYERS = (1, 4, 16), 10, 40, 8, 150, 10
TARGETS = ["q_proj", "v_proj", "up_proj", "down_proj"]


def examples(names, tokenizer) -> tuple[list, list]:
    """Held-out examples and those to learn from: (ids, labels), no text on both sides."""
    films = {
        one.text: one for one in data.ratings() if one.source == "films" and abs(one.mean) >= 1.5 and 30 <= len(one.text) < 90
    }
    chosen = list(films.values())
    random.Random(0).shuffle(chosen)

    def of(one):
        asked = f"{one.text}\nIs this film good or bad?"
        turns = [("system", "Answer in one word."), ("user", asked), ("assistant", "good" if one.mean > 0 else "bad")]
        return names["build_example"]([{"role": role, "content": text} for role, text in turns], tokenizer)

    made = [of(one) for one in chosen]
    return made[:HELD_OUT], made[HELD_OUT:]


@torch.no_grad()
def accuracy(model, some, words) -> float:
    """The share of examples whose right word is likelier than the other as the answer's first token."""
    right = 0
    for part in (some[i : i + 10] for i in range(0, len(some), 10)):
        at = torch.tensor([next(t for t, label in enumerate(labels) if label != -100) for _, labels in part])
        ids = nn.utils.rnn.pad_sequence([torch.tensor(ids) for ids, _ in part], True).to(device.get())
        states = model.model(input_ids=ids).last_hidden_state[torch.arange(len(part)), at - 1]
        first = torch.tensor([ids[t] for (ids, _), t in zip(part, at, strict=True)])
        right += int((words[(states @ model.lm_head.weight[words].T).argmax(1).cpu()] == first).sum())
    return right / len(some)


def run(names, name, rank) -> list[tables.Tuning]:
    """One run's rows."""
    torch.manual_seed(0)
    model, tokenizer = models.load()
    if rank:
        names["inject_lora"](model.requires_grad_(False).model.layers[-LAYERS:], TARGETS, rank, 2 * rank)
    else:
        model.model.layers = model.model.layers[:6]
    model.to(device.get())
    held_out, learned = examples(names, tokenizer)
    words = torch.tensor([tokenizer.encode(word, add_special_tokens=False)[0] for word in ("bad", "good")])
    trained, rows, spent = sum(p.numel() for p in model.parameters() if p.requires_grad), [], [0.0, time.perf_counter()]

    def note(losses):
        if len(losses) % EVERY:
            return
        spent[0] += time.perf_counter() - spent[1]
        share, loss = accuracy(model, held_out, words), sum(losses[-10:]) / len(losses[-10:]) if losses else float("nan")
        rows.append(tables.Tuning(name, rank, trained, len(losses), share, round(loss, 4), round(spent[0], 1)))
        print(rows[-1], flush=True)
        model.train()
        spent[1] = time.perf_counter()

    note([])
    rate = 2e-3 if rank else 2e-4
    names["finetune"](model, learned, STEPS, rate, BATCH, torch.Generator().manual_seed(0), note)
    return rows


def main() -> None:
    """Run them all, then write the table."""
    names = answers.names_until(notebooks.source(notebooks.find_root(Path(__file__).parent), "alignment"), "finetune")
    with device.all_cores():
        rows = [row for rank in RANKS for row in run(names, f"adapters, r = {rank}", rank)]
        rows += run(names, "six layers, all of it", 0)
        tables.write(tables.FINETUNE, rows, f"{len(rows)} rows, by bench/finetune.py")


if __name__ == "__main__":
    main()
