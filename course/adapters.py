"""Ways to fine-tune one chat model on the same film reviews, measured side by side: peak memory, seconds per step, loss."""

import gc
import statistics
import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import nn

from course import data, device, models, packed, plot
from course.sweep import CpuMemory

# Models on the Hub and their parameters in billions: the largest whose 16-bit weights take a third of a GPU's memory is chosen.
SIZES = {"HuggingFaceTB/SmolLM2-360M-Instruct": 0.36, "HuggingFaceTB/SmolLM2-1.7B-Instruct": 1.7}
SIZES |= {"Qwen/Qwen2.5-7B-Instruct": 7.6, "Qwen/Qwen2.5-14B-Instruct": 14.8, "Qwen/Qwen2.5-32B-Instruct": 32.8}
PROMPT = "Review: {}\nIs the reviewer's judgement good or bad? It is"


@dataclass(frozen=True)
class Measured:
    """A way: numbers it trains, bytes of tensors at the peak of a training step (NaN: out of memory), median seconds per step and
    seconds of processor time (all cores together; what a busy machine changes least), the loss (nats per rating word) on reviews
    it has not seen, before and after its steps."""

    trained: int
    peak_bytes: float
    s_per_step: float
    cpu_s_per_step: float
    before: float
    after: float


def largest() -> str | None:
    """The name of the largest of SIZES for this GPU; None, the course's own model, without one, or where it holds none."""
    if not device.has_gpu():
        return None
    room = torch.cuda.get_device_properties(device.get()).total_memory / 3
    return max((name for name, size in SIZES.items() if size * 2e9 < room), key=SIZES.get, default=None)


def batches(tokenizer, count: int, rows: int, tokens: int = 64, seed: int = 0) -> list[dict[str, torch.Tensor]]:
    """`count` batches of `rows` film reviews with their rating word, as a causal model takes them.

    Left of a short one stands padding. labels: -100 but for the last token, ' good' where the raters' mean is above 1, ' bad'
    where it is below -1; the others are left out, and those longer than `tokens`.
    """
    rated = [one for one in data.ratings() if one.source == "films" and abs(one.mean) > 1]
    order = torch.randperm(len(rated), generator=torch.Generator().manual_seed(seed)).tolist()
    found = []
    for one in (rated[i] for i in order):
        ids = tokenizer.encode(PROMPT.format(one.text.strip()) + (" good" if one.mean > 0 else " bad"))
        if len(ids) <= tokens:
            found.append(ids)
        if len(found) == count * rows:
            break
    ids = torch.tensor([[0] * (tokens - len(one)) + one for one in found])
    mask = torch.tensor([[0] * (tokens - len(one)) + [1] * len(one) for one in found])
    labels = torch.full_like(ids, -100)
    labels[:, -1] = ids[:, -1]
    names = ("input_ids", "attention_mask", "labels")
    return [dict(zip(names, parts, strict=True)) for parts in zip(*(x.split(rows) for x in (ids, mask, labels)), strict=True)]


def replace_inside(model: nn.Module, make: Callable[[nn.Linear], nn.Module]) -> nn.Module:
    """The model, in place, frozen, with make(layer) for each nn.Linear inside its blocks: not for its head."""
    packed.replace_linear(model.requires_grad_(False).get_submodule(model.base_model_prefix), make)
    return model


def with_peft(model: nn.Module, r: int, alpha: float) -> nn.Module:
    """The model in bitsandbytes' four bits with peft's adapters: what a program of the field's libraries does."""
    import bitsandbytes as bnb
    from peft import LoraConfig, get_peft_model

    def four_bits(layer):
        new = bnb.nn.Linear4bit(
            layer.in_features,
            layer.out_features,
            layer.bias is not None,
            compute_dtype=device.half(),
            compress_statistics=False,
            quant_type="nf4",
            device="meta",
        )
        new.weight = bnb.nn.Params4bit(layer.weight.data, False, quant_type="nf4", compress_statistics=False)
        new.bias = layer.bias
        # On some CPUs a pass in eval mode packs the weights for inference, and no gradient passes through them any more.
        new.support_avx512bf16_for_cpu = False
        return new.to(layer.weight.device)

    replace_inside(model, four_bits).is_loaded_in_4bit = True
    config = LoraConfig(r=r, lora_alpha=alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a name that is about to change
        return get_peft_model(model, config)


def ways(lora: Callable, qlora: Callable, r: int = 8, alpha: float = 16) -> dict[str, Callable[[str | None], nn.Module]]:
    """Four ways, each a function from a model's name to a model ready to train; lora and qlora: classes (base, r, alpha).

    All but the first compute in `device.half()`: 16 bits, or 32 on a processor that is slow in 16.
    """
    half = device.half()

    def load(name, dtype):
        return models.load(name, dtype)[0].to(device.get())

    return {
        "full, float32": lambda name: load(name, torch.float32),
        f"LoRA, {half.itemsize * 8} bits": lambda name: replace_inside(load(name, half), lambda base: lora(base, r, alpha)),
        "QLoRA": lambda name: replace_inside(load(name, half), lambda base: qlora(base, r, alpha)),
        "bitsandbytes + peft": lambda name: with_peft(load(name, half), r, alpha),
    }


def measure(make: Callable[[], nn.Module], train: list, held_out: list, lr: float) -> Measured:
    """One AdamW step for each batch of `train`. The first is counted (on a CPU that takes time), the others are timed.

    On a CPU the bytes are those of all tensors alive that operations read or made, as `CpuMemory` counts them.
    """
    torch.manual_seed(0)
    gpu = device.has_gpu()
    try:
        model = make()
        trained = [p for p in model.parameters() if p.requires_grad]
        adam = torch.optim.AdamW(trained, lr=lr, weight_decay=0.0)
        before, seconds, cpu = _loss(model, held_out), [], []
        if gpu:
            torch.cuda.reset_peak_memory_stats()
        for place, batch in enumerate(train):
            with nullcontext() if gpu or place != 0 else CpuMemory() as memory:
                start, cpu_start = time.perf_counter(), time.process_time()
                for _ in range(2 if place == 0 else 1):  # twice: the second backward meets the optimizer's averages
                    adam.zero_grad()
                    model.train()(**_here(batch), use_cache=False).loss.backward()
                    adam.step()
                if gpu:
                    torch.cuda.synchronize()
            seconds.append(time.perf_counter() - start)
            cpu.append(time.process_time() - cpu_start)
            if place == 0 and not gpu:
                peak = memory.peak_bytes
        peak = torch.cuda.max_memory_allocated() if gpu else peak
        count = sum(p.numel() for p in trained)
        times = statistics.median(seconds[1:]), statistics.median(cpu[1:])
        return Measured(count, peak, *times, before, _loss(model, held_out))
    except torch.OutOfMemoryError:
        return Measured(0, *[float("nan")] * 5)
    finally:
        model = adam = trained = None
        gc.collect()
        if gpu:
            torch.cuda.empty_cache()


def compare(chosen: dict, name: str | None, rows: int, steps: int, held_out: int = 2) -> dict[str, Measured]:
    """Each way on the same batches: `steps` steps of `rows` reviews, and `held_out` batches to read the loss on. A bar shows."""
    from tqdm.auto import tqdm

    given, found = batches(models.tokenizer(name), steps + held_out, rows), {}
    for way, make in tqdm(chosen.items(), unit="way"):
        lr = 2e-5 if way.startswith("full") else 5e-4
        found[way] = measure(lambda make=make: make(name), given[:steps], given[steps:], lr)
    return found


def figure(found: dict[str, Measured]):
    """Three Axes, a bar for each way: peak memory, seconds per step, held-out loss (line: before). No bar: out of memory."""
    axes = plot.grid(1, 3, width=4.0, height=3.4)
    columns = [
        ("peak memory (GiB)", [one.peak_bytes / 2**30 for one in found.values()]),
        ("seconds per step", [one.s_per_step for one in found.values()]),
        ("held-out loss (nats)", [one.after for one in found.values()]),
    ]
    for ax, (label, heights) in zip(axes, columns, strict=True):
        plot.bars(list(found), heights, label, ax=ax)
        ax.tick_params(axis="x", rotation=30)
    before = statistics.fmean(one.before for one in found.values() if one.before == one.before)
    axes[2].axhline(before, color="grey", linestyle=":")
    return axes


def _here(batch):
    return {name: one.to(device.get()) for name, one in batch.items()}


@torch.no_grad()
def _loss(model, given):
    model.eval()
    return statistics.fmean(model(**_here(one), use_cache=False).loss.item() for one in given)
