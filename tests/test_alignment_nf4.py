"""The notebook's NF4 and its QLoRA layer beside bitsandbytes', on random sizes and dtypes."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from course import answers, notebooks

bnb = pytest.importorskip("bitsandbytes")
pytestmark = pytest.mark.filterwarnings("ignore")
DTYPES = [torch.float32, torch.bfloat16, torch.float16]


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its QLoRA layer."""
    return answers.names_until(notebooks.source(root, "alignment"), "qlora")


@pytest.fixture(autouse=True)
def uncompiled(monkeypatch):
    """For odd shapes bitsandbytes compiles a function for each shape, which takes half a minute: the function as it is."""
    from bitsandbytes.backends.default import ops

    for name in ("_dequantize_4bit_compute", "_dequantize_blockwise_compute"):
        if hasattr(ops, name):
            monkeypatch.setattr(ops, name, getattr(getattr(ops, name), "__wrapped__", getattr(ops, name)))


def weights(seed, dtype=torch.float32):
    """A random matrix of a random shape, and a block size."""
    draw = np.random.default_rng(seed)
    shape = [int(one) for one in draw.integers(1, 150, 2)]
    w = torch.from_numpy(draw.standard_normal(shape) * 10.0 ** draw.uniform(-4, 2)).to(dtype)
    return w, int(draw.choice([32, 64, 128, 256]))


def test_the_sixteen_values_are_bitsandbytes(names):
    theirs = bnb.functional.get_4bit_type("nf4", device="cpu")
    assert torch.allclose(names["nf4_codebook"](), theirs, rtol=0, atol=2e-7)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_codes_are_bitsandbytes_byte_for_byte(names, seed, dtype):
    w, block = weights(seed, dtype)
    codes, absmax = names["quantize_nf4"](w, block)
    theirs, state = bnb.functional.quantize_4bit(w, blocksize=block, quant_type="nf4")
    assert torch.equal(codes, theirs.flatten()) and torch.equal(absmax, state.absmax)
    back = names["dequantize_nf4"](codes, absmax, w.shape, block)
    exact = bnb.functional.dequantize_4bit(theirs, state).float()
    assert torch.allclose(back, exact, rtol=1e-6 if dtype == torch.float32 else 1e-2, atol=1e-6 * float(w.abs().max()))


@pytest.mark.parametrize("shape", [(64,), (3, 64), (129,)])
def test_zeros_come_back_as_zeros(names, shape):
    codes, absmax = names["quantize_nf4"](torch.zeros(shape))
    theirs, _ = bnb.functional.quantize_4bit(torch.zeros(shape), blocksize=64, quant_type="nf4")
    assert torch.equal(codes, theirs.flatten()) and not names["dequantize_nf4"](codes, absmax, shape).any()


def test_the_map_for_eight_bits_is_bitsandbytes(names):
    assert torch.allclose(names["dynamic_map"](), bnb.functional.create_dynamic_map(), rtol=1e-6, atol=0)


@pytest.mark.parametrize("seed", range(5))
def test_double_quantization_is_bitsandbytes(names, seed):
    """But for one code in a hundred, where a number lies so near the middle of two values that rounding decides."""
    draw = np.random.default_rng(seed)
    absmax = torch.from_numpy(draw.uniform(0.5, 3, int(draw.integers(100, 1500)))).float()
    codes, scales, mean = names["double_quantize"](absmax)
    theirs, state = bnb.functional.quantize_blockwise(absmax - absmax.mean(), blocksize=256)
    away = (codes.int() - theirs.int()).abs()
    assert away.max() <= 1 and away.bool().float().mean() < 0.01
    assert torch.equal(scales, state.absmax) and mean == absmax.mean()
    exact = bnb.functional.dequantize_blockwise(theirs, state) + absmax.mean()
    assert torch.allclose(names["undouble"](codes, scales, mean), exact, atol=0.02)


def test_bits_are_those_stored(names):
    w = torch.randn(1024, 1024)
    codes, absmax = names["quantize_nf4"](w)
    stored = sum(one.nbytes for one in (codes, *names["double_quantize"](absmax)[:2]))
    assert 8 * stored / w.numel() == pytest.approx(names["bits_per_parameter"](), abs=1e-9)
    assert names["bits_per_parameter"]() == pytest.approx(4.127, abs=5e-4)  # the paper, section 3
    assert 8 * (codes.nbytes + absmax.nbytes) / w.numel() == names["bits_per_parameter"](block2=None)


@pytest.mark.parametrize("dtype", DTYPES[:2], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_the_layer_is_linear4bit(names, seed, dtype):
    draw = np.random.default_rng(seed)
    n_in, n_out = (int(one) * 2 for one in draw.integers(10, 90, 2))
    torch.manual_seed(seed)
    base = nn.Linear(n_in, n_out, bias=bool(seed % 2))
    theirs = bnb.nn.Linear4bit(n_in, n_out, base.bias is not None, compute_dtype=dtype, quant_type="nf4")
    theirs.load_state_dict(base.state_dict())
    theirs = theirs.to("cpu")
    theirs.weight = bnb.nn.Params4bit(base.weight.data, False, quant_type="nf4", compress_statistics=False).to("cpu")
    ours, x, slope = names["QLoRALinear"](base, 4, 8), torch.randn(3, 5, n_in).to(dtype), torch.randn(3, 5, n_out).to(dtype)
    found = []
    for layer in (ours, theirs):
        given = x.clone().requires_grad_()
        out = layer(given)
        assert out.dtype == dtype
        found.append((out.float(), torch.autograd.grad((out * slope).sum(), given)[0].float()))
    size = 1e-5 if dtype == torch.float32 else 0.02
    for mine, other in zip(*found, strict=True):
        assert torch.allclose(mine, other, rtol=size, atol=size * float(other.abs().max()))


def test_what_the_layer_holds_is_what_linear4bit_holds(names):
    base = nn.Linear(256, 192)
    ours = names["QLoRALinear"](base, 4, 8)
    theirs = bnb.nn.Params4bit(base.weight.data, False, quant_type="nf4", compress_statistics=False).to("cpu")
    assert ours.codes.nbytes == theirs.nbytes == math.prod(base.weight.shape) // 2
    assert ours.absmax.nbytes == theirs.quant_state.absmax.nbytes
