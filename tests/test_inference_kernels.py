"""The notebook's Triton kernel and its GPTQ beside libraries and slow formulas, on random sizes."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course import answers, kernels, notebooks


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to GPTQ."""
    return answers.names_until(notebooks.source(root, "inference"), "gptq")


@pytest.mark.skipif(not kernels.here(), reason="Triton is not made for this system")
@pytest.mark.parametrize("seed", range(8))
def test_the_kernel_is_pytorchs_attention(names, seed):
    draw = np.random.default_rng(seed)
    B, H, T = (int(one) for one in draw.integers(1, [3, 3, 100]))
    S, D, causal = T + int(draw.integers(0, 60)), int(draw.choice([16, 32, 64, 128])), bool(seed % 2)
    dtype = torch.float16 if seed % 4 > 1 else torch.float32
    q, k, v = (torch.from_numpy(draw.standard_normal((B, n, H, D))).to(dtype).transpose(1, 2) for n in (T, S, S))
    with kernels.watched(names["flash_kernel"]) as log:
        out = names["triton_flash"](*(x.to(names["device"].get()) for x in (q, k, v)), causal).cpu()
    mask = torch.ones(T, S, dtype=torch.bool).tril(S - T) if causal else None
    right = F.scaled_dot_product_attention(q.double(), k.double(), v.double(), attn_mask=mask)
    assert out.dtype == dtype and (log.launches, log.outside) == (1, 0)
    assert torch.allclose(out.double(), right, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("seed", range(6))
def test_operations_are_those_of_every_pair(names, seed):
    B, H, T, S, D = (int(one) for one in np.random.default_rng(seed).integers(1, 40, 5))
    pairs = sum(s <= t + S - T for t in range(T) for s in range(S))
    assert names["attention_flops"](B, H, T, S, D, causal=True) == 4 * B * H * pairs * D
    assert names["attention_flops"](B, H, T, S, D, backward=True) == 10 * B * H * T * S * D


@pytest.mark.parametrize("seed", range(10))
def test_gptq_is_optimal_brain_quantization_column_by_column(names, seed):
    """With the inverse of what is left made anew each time (Frantar et al. 2022, equations 2 and 3); no code is a close call."""
    draw = np.random.default_rng(seed)
    rows, columns, bits = int(draw.integers(1, 9)), int(draw.integers(2, 30)), int(draw.integers(2, 9))
    group = int(draw.integers(1, columns + 2)) if seed % 2 else None
    W = torch.from_numpy(draw.standard_normal((rows, columns)))
    X = torch.from_numpy(draw.standard_normal((60, columns)) @ draw.standard_normal((columns, columns)))
    codes, scales = names["gptq"](W, X, bits, group)
    H, left, top = X.T @ X, W.clone(), 2 ** (bits - 1) - 1
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns)
    for j in range(columns):
        if j % (group or columns) == 0:
            scale = left[:, j : j + (group or columns)].abs().amax(1) / top
            assert torch.allclose(scales[:, j // (group or columns)], scale)
        exact = (left[:, j] / scale).clamp(-top, top)
        assert ((exact - exact.floor() - 0.5).abs() > 1e-9).all() and torch.equal(codes[:, j].double(), exact.round())
        inverse = torch.linalg.inv(H[j:, j:])
        left[:, j:] -= torch.outer((left[:, j] - codes[:, j] * scale) / inverse[0, 0], inverse[0])


@pytest.mark.parametrize("seed", range(4))
def test_gptq_is_never_much_worse_than_rounding_where_inputs_go_together(names, seed):
    draw = np.random.default_rng(seed)
    W = torch.from_numpy(draw.standard_normal((12, 24)))
    X = torch.from_numpy(draw.standard_normal((80, 5)) @ draw.standard_normal((5, 24)))
    plain = names["gptq"](W, torch.eye(24, dtype=torch.float64), 4)
    mended = names["gptq"](W, X, 4)
    off = [((codes * scales - W) @ X.T).norm().item() for codes, scales in (plain, mended)]
    assert off[1] < 0.5 * off[0]
