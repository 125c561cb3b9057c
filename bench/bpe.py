"""Training byte pairs on 1 MB of Shakespeare to 1,000 tokens: the notebook's solution, a naive recount, the tokenizers library.

`python bench/bpe.py` runs the three alternately, prints their seconds of processor time (all cores together) and how many times
as long as the solution each takes, and writes both with the machine to bench/results/bpe.json. All three cut the text by the same
pattern; the naive one keeps each distinct word once, too, and differs only in counting and merging all of them each time. The
library is compiled, and its ties go another way. It takes a few minutes, nearly all of them the naive one's.
"""

import json
import statistics
import time
from collections import Counter
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course import answers, data, device, notebooks

TEXT_BYTES, VOCAB_SIZE, ROUNDS = 1_000_000, 1000, 2
RESULTS = Path(__file__).with_name("results") / "bpe.json"


def naive(text: str, vocab_size: int, pattern, merge_pair) -> list[tuple[bytes, bytes]]:
    """The merges, every pair of every distinct word counted again for each."""
    times = Counter(pattern.findall(text))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    merges = []
    while 256 + len(merges) < vocab_size:
        counts = Counter()
        for word, tokens in words.items():
            for pair in zip(tokens, tokens[1:], strict=False):
                counts[pair] += times[word]
        if not counts:
            break
        merges.append(max(counts, key=lambda pair: (counts[pair], pair)))
        words = {word: merge_pair(tokens, merges[-1]) if len(tokens) > 1 else tokens for word, tokens in words.items()}
    return merges


def library(text: str, vocab_size: int) -> list[str]:
    """The tokens that the tokenizers library makes by its merges, in order."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    made, letters = Tokenizer(models.BPE()), pre_tokenizers.ByteLevel.alphabet()
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, initial_alphabet=letters, show_progress=False)
    made.train_from_iterator([text], trainer)
    return [made.id_to_token(i) for i in range(256, made.get_vocab_size())]


def main() -> None:
    """Measure, print the table, keep the figures."""
    root = notebooks.find_root(Path(__file__).parent)
    names, text = answers.names_until(notebooks.source(root, "transformers"), "bpe-train"), data.shakespeare()[:TEXT_BYTES]
    ways = {
        "the solution": lambda: names["train_bpe"](text, VOCAB_SIZE)[1],
        "naive recount": lambda: naive(text, VOCAB_SIZE, names["PATTERN"], names["merge_pair"]),
        "tokenizers": lambda: library(text, VOCAB_SIZE),
    }
    seconds, found = {way: [] for way in ways}, {}
    for _ in range(ROUNDS):
        for way, train in ways.items():
            start = time.process_time()
            found[way] = train()
            seconds[way].append(time.process_time() - start)
    assert found["the solution"] == found["naive recount"], "the solution learned other merges than the naive recount"
    own = [(a + b).decode().replace(" ", "Ġ").replace("\n", "Ċ") for a, b in found["the solution"]]
    shared = len(set(own) & set(found["tokenizers"])) / len(own)
    machine = device.machine()
    table = Table("way", "median (s of processor time)", "times the solution", title=machine)
    rows = []
    for way, measured in seconds.items():
        # Each round's own ratio, then the median: what slows the machine down slows the neighbours alike.
        ratio = statistics.median(one / other for one, other in zip(measured, seconds["the solution"], strict=True))
        rows.append({"way": way, "median_cpu_s": round(statistics.median(measured), 3), "times_the_solution": round(ratio, 3)})
        table.add_row(way, f"{rows[-1]['median_cpu_s']:.2f}", f"{ratio:.2f}")
    kept = {"date": date.today().isoformat(), "machine": machine, "text_bytes": TEXT_BYTES, "vocab_size": VOCAB_SIZE}
    kept |= {"rounds": ROUNDS, "tokens_shared_with_tokenizers": round(shared, 4), "ways": rows}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    Console().print(table)
    print(f"{shared:.1%} of the merged tokens are also the library's; the naive recount's merges are the solution's own.")


if __name__ == "__main__":
    main()
