"""Ways to fine-tune, measured on a model that takes no time."""

import math

import pytest
import torch
from torch import nn

from course import adapters, device, models


class Detour(nn.Module):
    """A layer with a small one beside it, as LoRA has."""

    def __init__(self, base, r, alpha):
        super().__init__()
        self.base, self.small = base, nn.Linear(base.in_features, base.out_features, False)
        nn.init.zeros_(self.small.weight)

    def forward(self, x):
        return self.base(x) + self.small(x.float()).to(x.dtype)


@pytest.fixture
def tiny(monkeypatch):
    """A small Llama in the chat model's place."""
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}

    def load(name=None, dtype=torch.float32):
        torch.manual_seed(0)
        return LlamaForCausalLM(LlamaConfig(vocab_size=49152, num_key_value_heads=2, **sizes)).to(dtype).eval(), None

    monkeypatch.setattr(models, "load", load)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    return load


def test_batches_end_with_the_rating_word():
    tokenizer = models.tokenizer()
    given = adapters.batches(tokenizer, 3, 4)
    assert [tuple(one["input_ids"].shape) for one in given] == [(4, 64)] * 3
    words = {tokenizer.decode(one["labels"][:, -1][i]) for one in given for i in range(4)}
    assert words <= {" good", " bad"} and all((one["labels"][:, :-1] == -100).all() for one in given)
    text = tokenizer.decode(given[0]["input_ids"][0][given[0]["attention_mask"][0].bool()])
    assert text.startswith("Review: ") and text.endswith((" good", " bad"))


def test_every_way_learns_and_is_measured(tiny):
    chosen = adapters.ways(Detour, Detour)
    del chosen["bitsandbytes + peft"]
    found = adapters.compare(chosen, None, rows=2, steps=3, held_out=1)
    assert list(found) == ["full, float32", f"LoRA, {8 * device.half().itemsize} bits", "QLoRA"]
    for one in found.values():
        assert one.peak_bytes > 1e6 and one.s_per_step > 0 and one.after < one.before
    assert found["full, float32"].trained == sum(p.numel() for p in tiny()[0].parameters())
    assert len(adapters.figure(found)) == 3


def test_no_memory_is_no_bar():
    def make():
        raise torch.OutOfMemoryError

    assert math.isnan(adapters.measure(make, [], [], 0.1).peak_bytes)


def test_bitsandbytes_and_peft_train_every_adapter(tiny):
    model = adapters.with_peft(tiny(dtype=torch.bfloat16)[0], 2, 4)
    ids = torch.arange(12).view(2, 6)
    with torch.no_grad():
        model.eval()(input_ids=ids)
    model.train()(input_ids=ids, labels=ids).loss.backward()
    halves = {name: p.grad for name, p in model.named_parameters() if "lora_B" in name}
    assert len(halves) == 14 and all(grad.abs().sum() > 0 for grad in halves.values())
    assert {name for name, p in model.named_parameters() if p.requires_grad} == {
        n for n, _ in model.named_parameters() if "lora_" in n
    }
