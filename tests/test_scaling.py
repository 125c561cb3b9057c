"""The notebook's reference solutions beside the libraries that do the same, on random sizes."""

import math

import numpy as np
import pytest
import torch
from scipy import optimize
from torch import nn
from torch.nn import functional as F
from torch.utils import checkpoint as torch_checkpoint
from torch.utils.flop_counter import FlopCounterMode

from course import answers, notebooks


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its ring."""
    return answers.names_until(notebooks.source(root, "scaling"), "ring")


def sizes(seed):
    """A random GPT's vocabulary, context, layers, heads and width."""
    draw = np.random.default_rng(seed).integers
    heads = int(draw(1, 5))
    return int(draw(5, 90)), int(draw(2, 40)), int(draw(1, 4)), heads, heads * int(draw(2, 9))


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_the_models_and_the_flop_counters(names, seed):
    V, T, L, H, C = sizes(seed)
    model = names["GPT"](names["GPTConfig"](V, T, L, H, C))
    assert names["gpt_params"](L, C, V, T) == sum(p.numel() for p in model.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, T, dtype=torch.long))
    assert names["forward_flops"](L, C, T, V) == counter.get_total_flops()


@pytest.mark.parametrize("seed", range(5))
def test_power_laws_are_scipys(names, seed):
    draw = np.random.default_rng(seed)
    alpha, x_c, floor = draw.uniform(0.1, 1), 10 ** draw.uniform(4, 9), draw.uniform(0.5, 3)
    x = np.geomspace(1e4, 1e9, 30)
    loss = (x_c / x) ** alpha * np.exp(0.02 * draw.standard_normal(30))

    def law(u, a, b):
        return b - a * u

    (a, b), _ = optimize.curve_fit(law, np.log(x), np.log(loss))
    assert names["fit_power_law"](x, loss) == pytest.approx((a, math.exp(b / a)), rel=1e-6)
    with_floor = names["fit_power_law"](x, floor + (x_c / x) ** alpha, with_floor=True)
    assert with_floor == pytest.approx((alpha, x_c, floor), rel=1e-2)


@pytest.mark.parametrize("seed", range(3))
def test_the_parametric_fit_is_no_worse_than_scipys_from_the_truth(names, seed):
    draw = np.random.default_rng(seed)
    law = {"E": draw.uniform(0.5, 2), "A": 10 ** draw.uniform(2, 4), "B": 10 ** draw.uniform(2, 4)}
    law |= {"alpha": draw.uniform(0.25, 0.5), "beta": draw.uniform(0.25, 0.5)}
    N, D = (one.ravel() for one in np.meshgrid(np.geomspace(1e6, 1e10, 6), np.geomspace(1e8, 1e12, 6)))
    L = (law["E"] + law["A"] / N ** law["alpha"] + law["B"] / D ** law["beta"]) * np.exp(0.003 * draw.standard_normal(36))

    def miss(p):
        return np.log(np.exp(p[0]) + np.exp(p[1]) / N ** p[3] + np.exp(p[2]) / D ** p[4]) - np.log(L)

    def cost(p):
        r = np.abs(miss(p))
        return np.where(r < 1e-3, r**2 / 2, 1e-3 * (r - 0.5e-3)).sum()

    start = [*np.log([law["E"], law["A"], law["B"]]), law["alpha"], law["beta"]]
    theirs = optimize.least_squares(miss, start, loss="huber", f_scale=1e-3, x_scale=[0.1, 1, 1, 0.05, 0.05], max_nfev=2000).cost
    fit = names["fit_parametric"](N, D, L)
    assert cost([*np.log([fit["E"], fit["A"], fit["B"]]), fit["alpha"], fit["beta"]]) <= theirs * 1.001


class Segment(nn.Module):
    """Two layers with dropout, which read a second tensor too."""

    def __init__(self, width):
        super().__init__()
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x, scale):
        return self.down(F.dropout(F.gelu(self.up(x)), 0.3)) * scale


@pytest.mark.parametrize("seed", range(4))
def test_checkpoint_is_pytorchs(names, seed):
    rows, width = (int(one) for one in np.random.default_rng(seed).integers(1, 9, 2))

    def gradients(wrap):
        torch.manual_seed(seed)
        segments = [Segment(width).double() for _ in range(3)]
        x = torch.randn(rows, width, dtype=torch.float64, requires_grad=True)
        scale = torch.randn(width, dtype=torch.float64, requires_grad=True)
        out = x
        for segment in segments:
            out = wrap(segment, out, scale)
        out.square().sum().backward()
        return [out, x.grad, scale.grad, *(p.grad for one in segments for p in one.parameters()), torch.rand(3)]

    ours = gradients(names["checkpoint"])
    theirs = gradients(lambda fn, *args: torch_checkpoint.checkpoint(fn, *args, use_reentrant=False))
    assert all(torch.allclose(a, b, rtol=1e-12, atol=1e-12) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_loss_scaling_is_pytorchs(names, seed):
    draw = np.random.default_rng(seed)
    slopes = [float(one) if draw.random() < 0.7 else math.inf for one in draw.standard_normal(40)]

    def story(scaler):
        w, told = nn.Parameter(torch.ones(())), []
        optimizer = torch.optim.AdamW([w], lr=0.01)
        for slope in slopes:
            optimizer.zero_grad()
            scaler.scale(w * slope).backward()
            scaler.step(optimizer)
            scaler.update()
            told += [float(scaler.scale(torch.ones(()))), w.item()]
        return told

    setting = float(2.0 ** draw.integers(2, 12)), 2.0, 0.5, int(draw.integers(1, 5))
    assert story(names["GradScaler"](*setting)) == pytest.approx(story(torch.amp.GradScaler("cpu", *setting)))
