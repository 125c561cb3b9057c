"""The notebook's streaming softmax, tiled attention and its gradients, and its count of bytes, beside PyTorch on random sizes."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course import answers, notebooks


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its count of bytes."""
    return answers.names_until(notebooks.source(root, "inference"), "io")


def sizes(seed):
    """T, S, D, E, block_q, block_k."""
    return [int(one) for one in np.random.default_rng(seed).integers(1, [40, 60, 20, 20, 24, 24], 6)]


def whole(q, k, v, causal):
    """(out, lse) with the whole matrix, in float64."""
    q, k, v = q.double(), k.double(), v.double()
    (T, D), S = q.shape[-2:], k.shape[-2]
    scores = q @ k.mT / math.sqrt(D)
    if causal:
        scores = scores.masked_fill(~torch.ones(T, S, dtype=torch.bool).tril(S - T), -math.inf)
    return scores.softmax(-1).nan_to_num(0.0) @ v, scores.logsumexp(-1)


@pytest.mark.parametrize("seed", range(10))
def test_any_split_of_a_softmax_gives_the_whole(names, seed):
    torch.manual_seed(seed)
    T, S, _, E, block, _ = sizes(seed)
    scores, values = 10.0 ** (seed % 5) * torch.randn(3, T, S).double(), torch.randn(3, S, E).double()
    out = names["softmax_sum"](zip(scores.split(block, -1), values.split(block, -2), strict=True))
    assert torch.allclose(out, scores.softmax(-1) @ values)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_tiles_give_the_whole(names, seed, causal):
    torch.manual_seed(seed)
    T, S, D, E, block_q, block_k = sizes(seed)
    dtype = (torch.float64, torch.float32)[seed % 2]
    q, k, v = (torch.randn(2, 3, n, w, dtype=dtype) for n, w in ((T, D), (S, D), (S, E)))
    got, want = names["flash_attention"](q, k, v, causal, block_q, block_k), whole(q, k, v, causal)
    for mine, other in zip(got, want, strict=True):
        assert mine.dtype == dtype and torch.allclose(mine.double(), other, rtol=1e-4, atol=1e-5)


def test_it_is_pytorchs_where_nothing_is_hidden(names):
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, 130, 16) for _ in range(3))
    for causal in (False, True):
        got = names["flash_attention"](q, k, v, causal)[0]
        assert torch.allclose(got, F.scaled_dot_product_attention(q, k, v, is_causal=causal), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_gradients_are_autograds(names, seed, causal):
    torch.manual_seed(seed)
    T, S, D, E, block_q, block_k = sizes(seed)
    q, k, v = (torch.randn(2, n, w).requires_grad_() for n, w in ((T, D), (S, D), (S, E)))
    grad = torch.randn(2, T, E)
    mine = torch.autograd.grad(names["FlashAttention"].apply(q, k, v, causal, block_q, block_k), (q, k, v), grad)
    q, k, v = (one.detach().double().requires_grad_() for one in (q, k, v))
    seen = torch.ones(T, S, dtype=torch.bool).tril(S - T) if causal else torch.ones(T, S, dtype=torch.bool)
    bias = torch.zeros(T, S).double().masked_fill(~seen, -1e9)
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=bias) * seen.any(-1, keepdim=True)
    for one, other in zip(mine, torch.autograd.grad(out, (q, k, v), grad.double()), strict=True):
        assert torch.allclose(one.double(), other, rtol=1e-5, atol=1e-5)


def test_the_decoder_says_the_same(names):
    """The notebook's Llama with tiled attention in the place of its own, and transformers'."""
    llama = names["small_llama"]()
    model, ids = names["to_decoder"](llama), torch.randint(0, 29, (2, 37), generator=torch.Generator().manual_seed(0))
    plain = model(ids)

    def tiled(q, k, v, mask=None):
        k, v = (one.repeat_interleave(q.shape[1] // k.shape[1], 1) for one in (k, v))
        return names["flash_attention"](q, k, v, True, 8, 16)[0]

    model.attend = tiled
    assert torch.allclose(model(ids), plain)
    assert torch.allclose(plain, llama(ids).logits, rtol=1e-4, atol=1e-4)  # its angles are float32


@pytest.mark.parametrize("seed", range(8))
def test_a_loop_moves_what_the_formula_says(names, seed):
    torch.manual_seed(seed)
    N, _, d, *_ = sizes(seed)
    Q, K, V = (torch.randn(N, d) for _ in range(3))
    memory = names["SlowMemory"](Q, K, V, sram_bytes := 4 * d * (1 + 7 * seed))
    names["flash_in_blocks"](memory)
    assert memory.bytes == names["hbm_bytes_flash"](N, d, sram_bytes, itemsize=4)
    assert torch.allclose(memory.rows["O"], F.scaled_dot_product_attention(Q, K, V), rtol=1e-4, atol=1e-5)


def test_the_crossing_holds_on_both_sides(names):
    for d, kib in [(64, 192), (64, 32), (128, 100), (32, 7)]:
        N = names["crossing"](d, 1024 * kib)
        fewer = [names["hbm_bytes_flash"](n, d, 1024 * kib) < names["hbm_bytes_standard"](n, d) for n in range(N - 1, N + 999)]
        assert not fewer[0] and all(fewer[1:])


def test_the_meter_sees_what_is_made(names):
    x = torch.randn(50, 4)
    with names["TensorMeter"]() as meter:
        scores = x @ x.mT
        kept = meter.kept()
        del scores
    assert (meter.largest, meter.multiplied, kept, meter.kept()) == (2500, 10_000, 10_000, 0)
