"""Linear layers for answering on a CPU, a token at a time: weights in few bits, in the order in which the product reads them.

At batch 1 a product reads each weight once and has little to do with it, so the bytes of the weights are its time.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

QUANTIZED = torch.ops.quantized


def replace_linear(model: nn.Module, make: Callable[[nn.Linear], nn.Module]) -> nn.Module:
    """The model, in place, frozen, with make(layer) for each nn.Linear in it; each old layer is let go at once."""
    model.requires_grad_(False)
    for name in [name for name, one in model.named_modules() if isinstance(one, nn.Linear)]:
        model.set_submodule(name, make(model.get_submodule(name)))
    return model


class Float16Linear(nn.Module):
    """A frozen nn.Linear's stand-in with float16 weights: x (..., K) to (..., N), both float32.

    Each weight becomes float32 again on its way from memory, so that nothing is lost but its rounding, a relative 2^-11, and what
    is beyond ±65504. The kernel is fbgemm's, for x86 with AVX2 (Khudia et al. 2021, https://arxiv.org/abs/2101.05615; how weights
    are packed is its own affair). Elsewhere the weights stand in bfloat16 and the product is PyTorch's own.
    """

    def __init__(self, linear: nn.Linear):
        super().__init__()
        weight, bias = linear.weight.detach().float(), linear.bias
        self.packed = self.weight = None
        self.bias = None if bias is None else bias.detach().float()
        try:
            self.packed = QUANTIZED.linear_prepack_fp16(weight, self.bias)
        except (AttributeError, NotImplementedError, RuntimeError):
            self.weight = weight.bfloat16()

    def forward(self, x):
        if self.packed is not None:
            return QUANTIZED.linear_dynamic_fp16(x, self.packed) if x.dim() > 1 else self(x[None])[0]
        y = F.linear(x.bfloat16(), self.weight).float()
        return y if self.bias is None else y + self.bias
