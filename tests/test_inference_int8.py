"""The notebook's eight bits beside PyTorch's own quantized tensors, and its LLM.int8() beside float64, on random sizes."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course import answers, notebooks

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its int8 layer."""
    return answers.names_until(notebooks.source(root, "inference"), "int8")


def weights(seed, dtype=torch.float32):
    """A random matrix, its rows of very different size."""
    draw = np.random.default_rng(seed)
    rows, columns = (int(one) for one in draw.integers(1, 90, 2))
    w = draw.standard_normal((rows, columns)) * 10.0 ** draw.uniform(-4, 3, (rows, 1))
    return torch.from_numpy(w).to(dtype)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_codes_are_pytorchs(names, seed, dtype, axis):
    w = weights(seed, dtype)
    q, scale = names["quantize_int8"](w, axis)
    size = w.shape[axis]
    theirs = torch.quantize_per_channel(w.float(), scale.flatten(), torch.zeros(size, dtype=torch.long), axis, torch.qint8)
    away = (q.int() - theirs.int_repr().int()).abs()
    assert away.max() <= 1 and away.bool().float().mean() < 0.01  # PyTorch multiplies by 1 / scale: near ties may differ
    assert q.abs().max() <= 127 and scale.shape == ((size, 1) if axis == 0 else (1, size))
    assert ((w.float() - q * scale).abs() <= 0.5001 * scale).all()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_the_layer_is_near_the_float_one(names, seed, bias):
    draw = np.random.default_rng(seed)
    n_in, n_out = 32 * int(draw.integers(1, 9)), int(draw.integers(1, 200))
    torch.manual_seed(seed)
    linear, x = nn.Linear(n_in, n_out, bias), torch.randn(int(draw.integers(1, 40)), 2, n_in)
    with torch.no_grad():
        exact, found = linear(x), names["Int8Linear"](linear)(x)
    assert (exact - found).abs().max() < 0.05 * exact.std() + 1e-2 and found.shape == exact.shape


@pytest.mark.parametrize("threshold", [0.0, 2.5, 6.0, 1e9])
@pytest.mark.parametrize("seed", range(4))
def test_llm_int8_is_near_the_product_and_exact_where_all_is_kept(names, seed, threshold):
    draw = np.random.default_rng(seed)
    tokens, n_in, n_out = (int(one) for one in draw.integers(1, 60, 3))
    x = torch.from_numpy(draw.standard_normal((2, tokens, n_in))).float()
    w = torch.from_numpy(draw.standard_normal((n_out, n_in))).float()
    found, exact = names["llm_int8_matmul"](x, w, threshold), F.linear(x.double(), w.double()).float()
    assert found.shape == exact.shape and found.dtype == torch.float32
    assert torch.allclose(found, exact, atol=1e-4 if threshold == 0 else 0.06 * n_in**0.5)


def test_one_outlier_ruins_a_row_without_the_split_and_not_with_it(names):
    torch.manual_seed(0)
    x, w = torch.randn(8, 256), torch.randn(64, 256)
    x[:, 7] = 300.0
    exact = x @ w.T
    wrong = [(names["llm_int8_matmul"](x, w, threshold) - exact).norm() for threshold in (6.0, 1e9)]
    assert 20 * wrong[0] < wrong[1]
