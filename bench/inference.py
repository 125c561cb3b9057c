"""Answers of the chat model at batch 1: the notebook's engine beside transformers' generate, llama.cpp and the roofline.

`python bench/inference.py` asks each contestant the same questions, with the same threads, in turns within one run, and writes
time to first token, tokens per second, the time of a whole answer and the share of what memory allows to
bench/results/inference.json, one row for each kind of device. `--short` does two rounds; `--compile` adds transformers with a
static cache, compiled, which takes minutes to begin with. llama.cpp comes by the package xllamacpp, where it is installed.
"""

import argparse
import atexit
import importlib.util
import json
import multiprocessing
import os
import signal
import statistics
import time
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import nn
from transformers import CompileConfig

from course import answers, data, device, models, notebooks, packed

SYSTEM = "You are a helpful assistant. " + "Answer in short and simple sentences, and say so when you do not know. " * 6
QUESTIONS = [
    "Explain why the sky is blue.",
    "Tell me a short story about a cat.",
    "What is the difference between a lake and a sea?",
    "Describe how bread is made.",
]
RIVALS = "engine", "transformers"
TOKENS, ROUNDS, SHORT = 32, 8, 2
RESULTS = Path(__file__).with_name("results") / "inference.json"
Ask = Callable[[str, int, Callable[[], None]], None]  # a question, a number of tokens, and what to call as each is there


def prompt(tokenizer, question: str) -> list[int]:
    """The ids that a conversation with SYSTEM and this question begins with."""
    turns = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    return list(tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False))


class Transformers:
    """generate, which tells a streamer of each token."""

    def __init__(self, model, tokenizer, **more):
        self.model, self.tokenizer, self.more = model, tokenizer, more

    def __call__(self, question: str, n: int, heard: Callable[[], None]) -> None:
        ids = torch.tensor([prompt(self.tokenizer, question)])

        class Streamer:
            def put(self, tokens):
                if tokens.numel() == 1:  # the prompt comes first
                    heard()

            def end(self):
                pass

        plain = {"attention_mask": torch.ones_like(ids), "do_sample": False, "max_new_tokens": n}
        self.model.generate(ids, streamer=Streamer(), **plain, **self.more)


class Own:
    """The notebook's engine."""

    def __init__(self, engine):
        self.engine = engine

    def __call__(self, question: str, n: int, heard: Callable[[], None]) -> None:
        for _ in self.engine.stream(question, n):
            heard()


class LlamaCpp:
    """llama.cpp on the course's own file, whose four bits it reads as they are; in a process that is stopped between questions,
    as its threads wait by spinning."""

    def __init__(self, threads: int):
        if importlib.util.find_spec("xllamacpp") is None:
            raise ImportError("xllamacpp")
        self.tokenizer = models.tokenizer()
        context = multiprocessing.get_context("spawn")
        self.pipe, its = context.Pipe()
        self.process = context.Process(target=llama_cpp, args=(its, threads, str(data.fetch(models.SOURCE))), daemon=True)
        self.process.start()
        atexit.register(self.process.kill)  # whatever ends this run: a stopped process hears nothing else
        self.pipe.recv()  # it has loaded the model
        os.kill(self.process.pid, signal.SIGSTOP)

    def __call__(self, question: str, n: int, heard: Callable[[], None]) -> None:
        os.kill(self.process.pid, signal.SIGCONT)
        self.pipe.send((prompt(self.tokenizer, question), n))
        while self.pipe.recv():
            heard()
        os.kill(self.process.pid, signal.SIGSTOP)


def llama_cpp(pipe, threads: int, path: str) -> None:
    """The process: for each question that comes through the pipe True for every token, then False."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.n_gpu_layers, params.n_ctx, params.n_parallel, params.verbosity = 0, 1024, 1, -1
    server = xllamacpp.Server(params)
    pipe.send("ready")

    def put(chunk):
        if chunk["choices"][0]["finish_reason"] is None:  # one a token; the last only says why it ended
            pipe.send(True)

    while True:
        ids, n = pipe.recv()
        asked = {"prompt": ids, "n_predict": n, "temperature": 0.0, "stream": True, "cache_prompt": True}
        server.handle_completions(asked, put)
        pipe.send(False)


class FourBits(nn.Module):
    """4-bit weights in groups of 32, each with a step and an offset, as in the course's file; activations in bfloat16."""

    def __init__(self, linear: nn.Linear, group: int = 32):
        super().__init__()
        rows = linear.weight.detach().float().unflatten(1, (-1, group))
        low, step = rows.amin(-1), ((rows.amax(-1) - rows.amin(-1)) / 15).clamp(min=1e-9)
        codes = ((rows - low[..., None]) / step[..., None]).round().clamp(0, 15).flatten(1).to(torch.int32)
        self.codes, self.group = torch.ops.aten._convert_weight_to_int4pack_for_cpu(codes, 1), group
        self.scales = torch.stack([step, low + 8 * step], -1).transpose(0, 1).contiguous().bfloat16()

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1]).bfloat16().contiguous()
        y = torch.ops.aten._weight_int4pack_mm_for_cpu(flat, self.codes, self.group, self.scales)
        return y.view(*x.shape[:-1], -1).to(x.dtype)


def contestants(names: dict, threads: int, compiled: bool) -> dict[str, tuple[Ask, float]]:
    """Each by name: how it answers, and the bytes of weights that a token needs. What cannot be had here is said and left out."""
    made = {}
    for dtype in (torch.float32, torch.bfloat16):
        llama, tokenizer = models.load(dtype=dtype)
        size, kind = sum(p.numel() for p in llama.parameters()), str(dtype).removeprefix("torch.")
        made[f"transformers, {kind}"] = Transformers(llama, tokenizer), size * dtype.itemsize
        if compiled:
            config = CompileConfig()
            config._compile_all_devices = True  # by itself generate compiles for GPUs alone
            more = {"cache_implementation": "static", "compile_config": config}
            made[f"transformers, {kind}, compiled"] = Transformers(llama, tokenizer, **more), size * dtype.itemsize
    base = names["chat_decoder"]()[0]
    lighter = names["lighter"]
    ways = {
        "float32": (lambda: base, 4),
        "bfloat16": (lambda: lighter(base, "bfloat16"), 2),
        "float16": (lambda: lighter(base, "float16"), 2),
        "int8": (lambda: lighter(base, "int8"), 1),
        # A step and an offset in 16 bits for 32 weights.
        "int4": (lambda: packed.replace_linear(lighter(base, "float32"), FourBits), 0.625),
    }
    for kind, (make, itemsize) in ways.items():
        try:
            made[f"engine, {kind}"] = Own(names["Engine"](make(), tokenizer, SYSTEM)), size * itemsize
        except (RuntimeError, NotImplementedError, AttributeError) as error:
            print(f"engine, {kind}: not on this machine ({str(error).splitlines()[0]})")
    try:
        made["llama.cpp, Q4_1"] = LlamaCpp(threads), data.fetch(models.SOURCE).stat().st_size
    except ImportError:
        print("llama.cpp: not measured, as the package xllamacpp is not installed (pip install -e .[bench])")
    return made


def timed(ask: Ask, question: str) -> tuple[float, float, float]:
    """Seconds to the first token, for each of the others, and to the last."""
    times, start = [], time.perf_counter()
    ask(question, TOKENS, lambda: times.append(time.perf_counter() - start))
    return times[0], (times[-1] - times[0]) / max(1, len(times) - 1), times[-1]


def read_rate() -> float:
    """Bytes per second that the threads read from memory: the best of some passes over 512 MiB."""
    numbers, best = torch.ones(2**27), float("inf")
    for _ in range(8):
        start = time.perf_counter()
        numbers.sum()
        best = min(best, time.perf_counter() - start)
    return numbers.nbytes / best


def ratios(contestants: dict[str, dict[str, float]]) -> dict[str, float]:
    """How many times faster than transformers' best the engine's best is: in tokens per second, to the first token, and to the
    last one."""
    measures = {"tokens_per_s": max, "ttft_ms": min, "answer_ms": min}
    found = {}
    for name, best in measures.items():
        mine, theirs = (best(one[name] for kind, one in contestants.items() if kind.startswith(who)) for who in RIVALS)
        found[name] = round(mine / theirs if best is max else theirs / mine, 2)
    return found


def main() -> None:
    """Let all answer in turns, print the table, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="two rounds, nothing kept")
    parser.add_argument("--compile", action="store_true", help="transformers with a static cache, compiled, too")
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore")
    root = notebooks.find_root(Path(__file__).parent)
    names = answers.names_until(notebooks.source(root, "inference"), "sub-second")
    rounds = SHORT if chosen.short else ROUNDS
    with torch.inference_mode(), device.all_cores():
        threads, rate = torch.get_num_threads(), read_rate()
        made = contestants(names, threads, chosen.compile)
        found = {name: [] for name in made}
        warm = 3 if chosen.compile else 1  # rounds that count for nothing; what is compiled is so for several lengths
        for turn in range(warm + rounds):
            # Whoever goes second finds warmer caches, or a slower clock: they take turns at that too.
            for name in list(made)[:: 1 if turn % 2 else -1]:
                one = timed(made[name][0], QUESTIONS[turn % len(QUESTIONS)])
                if turn >= warm:
                    found[name].append(one)
    machine = f"{device.machine()}, {threads} threads"
    row = {"kind": "cpu", "date": date.today().isoformat(), "machine": machine, "torch": torch.__version__, "model": models.NAME}
    row |= {"tokens": TOKENS, "rounds": rounds, "read_gb_per_s": round(rate / 1e9, 1), "contestants": {}}
    table = Table(title=f"{TOKENS} tokens, batch 1\n{machine}; memory reads {rate / 1e9:.1f} GB/s")
    for column in ("", "first (ms)", "tokens/s", "answer (ms)", "MB a token", "of roofline"):
        table.add_column(column, justify="right" if column else "left", no_wrap=not column)
    for name, runs in found.items():
        first, each, whole = (statistics.median(times) for times in zip(*runs, strict=True))
        size = made[name][1]
        share = size / rate / each
        row["contestants"][name] = {
            "ttft_ms": round(1000 * first, 1),
            "tokens_per_s": round(1 / each, 1),
            "answer_ms": round(1000 * whole, 1),
            "weights_mb": round(size / 1e6, 1),
            "roofline_share": round(share, 3),
        }
        cells = f"{1000 * first:.0f}", f"{1 / each:.1f}", f"{1000 * whole:.0f}", f"{size / 1e6:.0f}", f"{share:.0%}"
        table.add_row(name, *cells)
    row["ratios"] = ratios(row["contestants"])
    Console().print(table)
    print(f"engine / transformers, the fastest of each: {row['ratios']}")
    if chosen.short:
        return
    kept = json.loads(RESULTS.read_text()) if RESULTS.is_file() else []
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([one for one in kept if one["kind"] != row["kind"]] + [row], indent=1) + "\n")


if __name__ == "__main__":
    main()
