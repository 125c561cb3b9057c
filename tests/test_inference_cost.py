"""The notebook's roofline and its cache of keys and values, beside PyTorch's counts and transformers' cache, on random sizes."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

from course import answers, notebooks

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its cache."""
    return answers.names_until(notebooks.source(root, "inference"), "kv-cache")


def random_llama(seed):
    """A transformers Llama of random sizes and weights, and the draw that it came from."""
    draw = np.random.default_rng(seed)
    groups, kv_heads, half = (int(one) for one in draw.integers(1, 5, 3))
    sizes = dict(hidden_size=groups * kv_heads * 2 * half, num_attention_heads=groups * kv_heads, num_key_value_heads=kv_heads)
    sizes |= dict(num_hidden_layers=int(draw.integers(1, 4)), intermediate_size=int(draw.integers(5, 40)), vocab_size=37)
    torch.manual_seed(seed)
    llama = LlamaForCausalLM(LlamaConfig(**sizes, max_position_embeddings=96, initializer_range=0.4))
    return llama.double().eval().requires_grad_(False), draw


def room_for(names, config, batch, max_len, dtype=torch.float64):
    return names["KVCache"](config.num_hidden_layers, batch, config.num_key_value_heads, max_len, config.head_dim, dtype)


@pytest.mark.parametrize("seed", range(6))
def test_intensity_is_what_pytorch_counts(names, seed):
    draw = np.random.default_rng(seed)
    m, n, k = (int(one) for one in draw.integers(1, 90, 3))
    a, b = torch.ones(m, k, dtype=torch.bfloat16), torch.ones(k, n, dtype=torch.bfloat16)
    with FlopCounterMode(display=False) as counter:
        c = a @ b
    counted = counter.get_total_flops() / (a.nbytes + b.nbytes + c.nbytes)
    assert names["arithmetic_intensity"](m, n, k, 2) == pytest.approx(counted, rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_decoding_is_memory_bound_work(names, seed):
    """A step's tokens over the least time of its bytes, where FLOPs cost nothing; and a larger batch never writes less."""
    draw = np.random.default_rng(seed)
    weights, kept, bandwidth = (float(one) for one in 10.0 ** draw.uniform(3, 12, 3))
    batch = int(draw.integers(1, 300))
    least = names["time_lower_bound"](0.0, weights + batch * kept, 1e12, bandwidth)
    speed = names["decode_tokens_per_s"](weights, kept, bandwidth, batch)
    assert speed == pytest.approx(batch / least, rel=1e-12) and speed < bandwidth / kept
    assert names["decode_tokens_per_s"](weights, kept, bandwidth, batch + 1) > speed


@pytest.mark.parametrize("seed", range(6))
def test_generate_is_transformers_greedy(names, seed):
    llama, draw = random_llama(seed)
    batch, T, n = (int(one) for one in draw.integers(1, [4, 20, 30]))
    ids = torch.from_numpy(draw.integers(0, 37, (batch, T)))
    plain = dict(do_sample=False, eos_token_id=None, pad_token_id=0, attention_mask=torch.ones_like(ids))
    theirs = llama.generate(ids, max_new_tokens=n, min_new_tokens=n, **plain)[:, T:]
    model = names["to_decoder"](llama)
    assert torch.equal(names["generate"](model, ids, n), theirs)
    assert torch.equal(names["generate"](model, ids, n, cache := room_for(names, llama.config, batch, T + n - 1)), theirs)
    assert cache.length == T + n - 1


@pytest.mark.parametrize("seed", range(6))
def test_the_cache_holds_what_transformers_does(names, seed):
    """The same text in pieces of random sizes: keys and values as theirs, after truncation too, and as many bytes."""
    llama, draw = random_llama(seed)
    config, model, theirs = llama.config, names["to_decoder"](llama), DynamicCache(config=llama.config)
    cache, batch = room_for(names, config, 2, 60), 2
    for keep in (None, 3, 1):
        if keep:
            cache.truncate(keep)
            theirs.crop(keep - theirs.get_seq_length())
        for T in (int(one) for one in draw.integers(1, 9, 3)):
            ids = torch.from_numpy(draw.integers(0, 37, (batch, T)))
            mine = model(ids, cache, torch.arange(cache.length, cache.length + T))
            assert torch.allclose(mine, llama(ids, past_key_values=theirs).logits, rtol=1e-4, atol=1e-4)
    assert cache.length == theirs.get_seq_length()
    held = sum(layer.keys.nbytes + layer.values.nbytes for layer in theirs.layers)
    sizes = config.num_hidden_layers, batch, config.num_key_value_heads, cache.length, config.head_dim, 8
    assert names["kv_bytes"](*sizes) == held
    nothing = torch.zeros(batch, config.num_key_value_heads, 0, config.head_dim)
    for layer, other in enumerate(theirs.layers):
        keys, values = cache.append(layer, nothing, nothing)
        for mine, same in ((keys, other.keys), (values, other.values)):
            assert torch.allclose(mine, same, rtol=1e-4, atol=1e-4)


def test_a_full_cache_refuses_and_goes_on(names):
    llama, _ = random_llama(0)
    model, cache = names["to_decoder"](llama), room_for(names, llama.config, 1, 6)
    names["generate"](model, torch.zeros(1, 5, dtype=torch.long), 2, cache)
    with pytest.raises(ValueError, match="max_len"):
        names["generate"](model, torch.zeros(1, 1, dtype=torch.long), 1, cache)
    assert cache.length == 6
    cache.truncate(5)
    assert names["generate"](model, torch.ones(1, 1, dtype=torch.long), 1, cache).shape == (1, 1)
