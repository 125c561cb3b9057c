"""Figures: every function draws on the Axes it is given, or makes its own, and returns them."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402

from course import plot  # noqa: E402


class Node:
    def __init__(self, *parents):
        self.data, self.grad, self._op, self._prev = 1.0, 0.5, "+" * bool(parents), parents


leaf = Node()
DRAWN = {
    "curves": lambda **on: plot.curves({"a": [3, 2, 1], "b": torch.ones(3)}, x=[1, 10, 100], logx=True, **on),
    "groups": lambda **on: plot.groups(["a", "b"], {"x": [1, 2], "y": torch.ones(2)}, "height", **on),
    "bars": lambda **on: plot.bars(["a", "b"], [0.2, 0.8], top=1, **on),
    "image": lambda **on: plot.image(torch.rand(4, 6), "title", **on),
    "heatmap": lambda **on: plot.heatmap(torch.rand(2, 3), "ab", "xyz", "x", "y", "p", **on),
    "expression": lambda **on: plot.expression(Node(Node(leaf, Node()), leaf), **on),
    "boundary": lambda **on: plot.boundary([[1, -1], [0, 1]], (0, 1, 0, 1), [[0, 0], [1, 1]], [1, -1], **on),
    "layers": lambda **on: plot.layers([torch.randn(50), torch.randn(50)], **on),
    "scatter": lambda **on: plot.scatter(torch.rand(3, 2), "abc", **on),
    "tokens": lambda **on: plot.tokens(["<s>", "a word", "\n", "b" * 90], [False, True, False, True], **on),
    "gantt": lambda **on: plot.gantt([(0, 0, "F", 0), (1, 1, "F", 0), (2, 1, "B", 0), (3, 0, "B", 0)], **on),
    "paths": lambda **on: plot.paths(lambda x, y: x**2 + y**2, {"a": torch.rand(4, 2)}, (-1, 1), (-1, 1), **on),
}


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_draws_where_it_is_told(name):
    alone = DRAWN[name]()
    assert isinstance(alone, plt.Axes) and (alone.has_data() or alone.texts)
    count = len(plt.get_fignums())
    (given,) = plot.grid(1, 1)
    assert DRAWN[name](ax=given) is given and len(plt.get_fignums()) == count + 1
    alone.figure.canvas.draw()


def test_a_grid_is_a_flat_list():
    assert len(plot.grid(2, 3)) == 6


def test_style_neither_leaks_nor_takes_interactive_mode_back():
    before = plt.rcParams["axes.spines.top"]
    with plot._style():
        matplotlib.interactive(True)  # as the first figure of a notebook does
    assert matplotlib.is_interactive() and plt.rcParams["axes.spines.top"] == before
    matplotlib.interactive(False)


def test_curves_over_powers_of_two():
    ax = plot.curves({"a": [1, 2, 3]}, [256, 512, 1024], logx=2)
    assert ax.get_xscale() == "log" and ax.xaxis.get_transform().base == 2
    assert plot.curves({"a": [1, 2]}, [10, 100], logx=True).xaxis.get_transform().base == 10
