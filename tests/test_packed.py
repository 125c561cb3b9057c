"""Linear layers with weights in few bits: what they compute, with and without the kernel for them."""

import gc
import types
import weakref

import pytest
import torch
from torch import nn

from course import packed


@pytest.fixture(params=["packed", "plain"])
def rounding(request, monkeypatch):
    """The dtype that weights are rounded to: with the kernel, if this processor has it, and without."""
    if request.param == "plain":
        monkeypatch.setattr(packed, "QUANTIZED", types.SimpleNamespace())
        return torch.bfloat16
    if packed.Float16Linear(nn.Linear(8, 8)).packed is None:
        pytest.skip("no kernel for float16 weights here")
    return torch.float16


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 33), (5, 64), (129,), (2, 3, 7), (1, 576)], ids=str)
def test_only_the_weights_are_rounded(rounding, shape, bias):
    torch.manual_seed(0)
    linear, x = nn.Linear(shape[-1], 45, bias), torch.randn(shape)
    if rounding == torch.bfloat16:
        x = x.bfloat16().float()  # without the kernel it is rounded, too
    right = nn.functional.linear(x.double(), linear.weight.to(rounding).double(), linear.bias.double() if bias else None)
    made = packed.Float16Linear(linear)(x)
    assert made.shape == right.shape and made.dtype == torch.float32 and not made.requires_grad
    torch.testing.assert_close(made.double(), right, rtol=0, atol=1e-5 if rounding == torch.float16 else 0.02)


def test_every_linear_layer_is_replaced_and_let_go(rounding):
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 3, bias=False)))
    x = torch.randn(4, 8)
    right, old = model(x), weakref.ref(model[0])
    assert packed.replace_linear(model, packed.Float16Linear) is model
    gc.collect()
    assert old() is None and not any(p.requires_grad for p in model.parameters())
    assert [type(one).__name__ for one in (model[0], *model[2])] == ["Float16Linear", "LayerNorm", "Float16Linear"]
    torch.testing.assert_close(model(x), right.detach(), rtol=0, atol=0.05)
