"""The notebook's engine: its answers are transformers', in any order of questions, and the chat model's too."""

import numpy as np
import pytest
import torch

from course import answers, models, notebooks

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its engine."""
    return answers.names_until(notebooks.source(root, "inference"), "sub-second")


def right(llama, tokenizer, turns, n):
    """transformers' answer from scratch, without the end's token."""
    ids = torch.tensor([tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)])
    plain = {"attention_mask": torch.ones_like(ids), "do_sample": False, "pad_token_id": 0}
    out = llama.generate(ids, max_new_tokens=n, eos_token_id=tokenizer.eos_token_id, **plain)[0, ids.shape[1] :].tolist()
    return tokenizer.decode(out[:-1] if out[-1] == tokenizer.eos_token_id else out)


@pytest.mark.parametrize("seed", range(6))
def test_any_conversation_is_answered_as_by_generate(names, seed):
    draw, tokenizer = np.random.default_rng(seed), names["tiny_tokenizer"]()
    llama = names["small_llama"](seed=seed, vocab_size=len(tokenizer))
    llama.lm_head.weight[-3:] = 0  # no bytes, which may be half characters

    def words(most):
        return "".join(draw.choice([*"abcdefgh .?"], int(draw.integers(1, most))))

    system = None if seed % 3 == 0 else words(30)
    engine = names["Engine"](names["to_decoder"](llama), tokenizer, system, max_len=128)
    for _ in range(5):
        turns = [{"role": role, "content": words(12)} for role in ("user", "assistant", "user")][int(draw.integers(2)) * 2 :]
        whole = [{"role": "system", "content": system}] * (system is not None) + turns
        n = int(draw.integers(1, 20))
        assert "".join(engine.stream(turns, n)) == right(llama, tokenizer, whole, n)
        next(engine.stream(words(9), 4), None)  # somebody who leaves


def test_percentiles_are_those_of_the_times(names):
    class Clockwork:
        def __init__(self, seed):
            self.draw, self.now, self.runs = np.random.default_rng(seed), 0.0, []

        def stream(self, prompt, n):
            waits = self.draw.uniform(0.01, 1, int(self.draw.integers(1, n)))
            self.runs.append(waits)
            for wait in waits:
                self.now += wait
                yield "x"

    for seed in range(5):
        engine = Clockwork(seed)
        found = names["latency"](engine, ["a"] * 20, 9, clock=lambda engine=engine: engine.now)
        times = {
            "ttft_ms": [waits[0] for waits in engine.runs],
            "tpot_ms": [waits[1:].mean() for waits in engine.runs if len(waits) > 1],
            "total_ms": [waits.sum() for waits in engine.runs],
        }
        for name, values in times.items():
            assert found[name] == pytest.approx({f"p{p}": 1000 * np.percentile(values, p) for p in (50, 95)})


@pytest.mark.slow
def test_the_chat_model_answers_as_transformers_lets_it(names):
    llama, tokenizer = models.load()
    engine = names["Engine"](names["to_decoder"](llama), tokenizer, "Be brief.")
    eight = names["Engine"](names["lighter"](engine.model, "int8"), tokenizer, "Be brief.")
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is the capital of France?"}]
    assert "".join(engine.stream("What is the capital of France?", 12)) == right(llama, tokenizer, turns, 12)
    assert "Paris" in "".join(eight.stream("What is the capital of France?", 12))
