"""Figures: functions that take data and return matplotlib Axes, in Okabe and Ito's colours, which the colour-blind tell apart."""

from contextlib import contextmanager

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import torch
from cycler import cycler
from matplotlib.ticker import LogFormatter

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
STYLE = {
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "figure.dpi": 100,
    "figure.figsize": (6.4, 3.6),
    "image.cmap": "cividis",
    "legend.frameon": False,
}


class _Plain(LogFormatter):
    """Labels the ticks that matplotlib would, in plain numbers."""

    def __call__(self, x, pos=None):
        return f"{x:g}" if super().__call__(x, pos) else ""


@contextmanager
def _style():
    """House style. The first figure of a notebook switches pyplot to interactive, which rc_context would take back."""
    with plt.rc_context(STYLE):
        yield
        interactive = matplotlib.is_interactive()
    matplotlib.interactive(interactive)


@contextmanager
def _axes(ax, **size):
    """The Axes to draw on: a new one where none is given."""
    with _style():
        yield ax if ax is not None else plt.subplots(layout="constrained", **size)[1]


def array(x):
    """Numbers in whatever form as a numpy array."""
    return x.detach().cpu().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def grid(rows, columns, width=2.4, height=2.2):
    """A grid of Axes as a flat list, to hand to the functions below."""
    with _style():
        size = (width * columns, height * rows)
        return list(plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)[1].flat)


def curves(series, x=None, xlabel="step", ylabel="loss (nats)", logx=False, logy=False, title=None, ax=None):
    """One line for each entry of `series` (label -> values), over `x` (values, or label -> values; default: their place).

    logx, logy: logarithmic, in powers of ten, or of logx itself where it is a whole number.
    """
    with _axes(ax) as ax:
        for label, values in series.items():
            across = x[label] if isinstance(x, dict) else x
            ax.plot(np.arange(len(values)) if across is None else array(across), array(values), label=label)
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title, yscale="log" if logy else "linear")
        low, high = ax.get_ylim()
        if logy and high < 1e3 * low and 1e-3 < low < 1e4:  # 0.3 reads better than 3 × 10⁻¹
            ax.yaxis.set(major_formatter=_Plain(), minor_formatter=_Plain())
        if logx:
            ax.set_xscale("log", base=10 if logx is True else logx)
        if len(series) > 1:
            ax.legend()
        return ax


def bars(labels, heights, ylabel="probability", title=None, top=None, ax=None):
    """A bar for each label."""
    with _axes(ax) as ax:
        ax.bar(range(len(labels)), array(heights))
        ax.set_xticks(range(len(labels)), labels)
        ax.set(ylabel=ylabel, title=title)
        if top is not None:
            ax.set_ylim(0, top)
        return ax


def groups(labels, series, ylabel, title=None, ax=None):
    """For each label a bar of each entry of `series` (name -> values in the order of the labels), side by side."""
    with _axes(ax, figsize=(8, 3.6)) as ax:
        width = 0.8 / len(series)
        for place, (name, heights) in enumerate(series.items()):
            spots = [i + (place - (len(series) - 1) / 2) * width for i in range(len(labels))]
            ax.bar(spots, array(heights), width, label=name)
        ax.set_xticks(range(len(labels)), labels)
        ax.set(ylabel=ylabel, title=title)
        ax.legend()
        return ax


def image(pixels, title=None, ax=None):
    """A matrix as a grey picture, dark where its entries are large."""
    with _axes(ax) as ax:
        ax.imshow(array(pixels), cmap="Greys")
        ax.set(title=title)
        ax.axis("off")
        return ax


def heatmap(matrix, rows, columns, xlabel, ylabel, label, ax=None):
    """A matrix as colours, its rows and columns named, with a scale beside it."""
    with _axes(ax, figsize=(7, 6)) as ax:
        picture = ax.imshow(array(matrix))
        ax.set_xticks(range(len(columns)), columns)
        ax.set_yticks(range(len(rows)), rows)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.figure.colorbar(picture, ax=ax, label=label, shrink=0.8)
        return ax


def expression(value, ax=None):
    """The graph of scalar nodes under `value` (each with .data, .grad, ._op, ._prev), inputs to the left."""
    depth, order, stack = {}, [], [(value, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
            depth[id(node)] = max((depth[id(parent)] + 1 for parent in node._prev), default=0)
        elif id(node) not in depth:
            depth[id(node)] = 0
            stack += [(node, True)] + [(parent, False) for parent in node._prev]
    levels = [[node for node in order if depth[id(node)] == level] for level in range(max(depth.values()) + 1)]
    spots = {id(node): (level, (len(row) - 1) / 2 - i) for level, row in enumerate(levels) for i, node in enumerate(row)}
    with _axes(ax, figsize=(1.7 * len(levels), 1.0 * max(map(len, levels)) + 0.4)) as ax:
        box = {"boxstyle": "round", "facecolor": "white", "edgecolor": COLOURS[0]}
        arrow = {"arrowstyle": "->", "color": "grey", "shrinkA": 0, "shrinkB": 32}
        for node in order:
            for parent in node._prev:
                ax.annotate("", spots[id(node)], spots[id(parent)], arrowprops=arrow, zorder=1)
            text = f"{node._op or 'input'}\ndata {node.data:.3g}\ngrad {node.grad:.3g}"
            ax.text(*spots[id(node)], text, ha="center", va="center", fontsize=8, bbox=box)
        ax.set(xlim=(-0.6, len(levels) - 0.4), ylim=(-max(map(len, levels)) / 2 - 0.1, max(map(len, levels)) / 2 + 0.1))
        ax.axis("off")
        return ax


def boundary(scores, extent, X, y, title=None, ax=None):
    """Points in two classes (y is -1 or 1) over the sign of a classifier's scores on a square grid; extent as imshow takes it."""
    with _axes(ax, figsize=(4.6, 3.6)) as ax:
        edge = max(1e-9, float(np.abs(array(scores)).max()))
        shade = {"cmap": "PuOr", "vmin": -edge, "vmax": edge, "alpha": 0.6, "interpolation": "bilinear"}
        ax.imshow(array(scores), extent=extent, origin="lower", aspect="auto", **shade)
        X, y = array(X), array(y)
        for sign, colour, marker in ((-1, COLOURS[1], "o"), (1, COLOURS[0], "^")):
            ax.scatter(*X[y == sign].T, s=30, color=colour, marker=marker, label=f"y = {sign:+d}", edgecolor="white")
        ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title)
        ax.legend(loc="upper right")
        return ax


def layers(activations, title=None, ax=None):
    """How often each value occurs among each layer's activations: a list of tensors, drawn from pale (first) to dark (last)."""
    with _axes(ax) as ax:
        shades = plt.get_cmap("cividis_r")(np.linspace(0.1, 1, len(activations)))
        edge = max(float(np.abs(array(a)).max()) for a in activations)
        for i, (values, shade) in enumerate(zip(activations, shades, strict=True)):
            counts, edges = np.histogram(array(values), bins=60, range=(-edge, edge), density=True)
            ax.plot((edges[1:] + edges[:-1]) / 2, counts, color=shade, label=f"layer {i + 1}")
        ax.set(xlabel="activation", ylabel="density", title=title)
        if len(activations) <= 6:
            ax.legend()
        return ax


def scatter(points, labels, title=None, ax=None):
    """Points in the plane, each written as its label: points (N, 2)."""
    with _axes(ax, figsize=(5, 4.2)) as ax:
        points = array(points)
        ax.scatter(*points.T, s=260, color="#F0F0F0")
        for point, label in zip(points, labels, strict=True):
            ax.text(*point, label, ha="center", va="center", color=COLOURS[1 if label in "aeiou" else 0])
        ax.set(title=title, xlabel="first axis", ylabel="second axis")
        return ax


def tokens(texts, marked, title=None, width=84, ax=None):
    """The tokens of a text, one box each, in the order of reading; those that are marked in colour, line ends as a sign."""
    shown, x, y, spots = [one.replace("\n", "⏎").replace(" ", "\u00a0") for one in texts], 0.0, 0, []
    for text in shown:
        x, y = (0.0, y + 1) if x + len(text) > width else (x, y)
        spots.append((x, y))
        x += len(text) + 0.5
    with _axes(ax, figsize=(8.4, 0.32 * (y + 1) + 0.4)) as ax:
        for text, mark, (left, row) in zip(shown, marked, spots, strict=True):
            colour = COLOURS[4] if mark else "#EEEEEE"
            ax.add_patch(plt.Rectangle((left, row - 0.42), len(text) + 0.3, 0.84, facecolor=colour))
            ax.text(left + 0.15 + len(text) / 2, row, text, ha="center", va="center", family="monospace", fontsize=8)
        ax.set(xlim=(0, width + 1), ylim=(y + 0.6, -0.6), title=title)
        ax.axis("off")
        return ax


def gantt(entries, title=None, ax=None):
    """A box for each step of a schedule, a row for each stage: entries (time, stage, "F" or "B", micro), each one unit long."""
    entries = list(entries)
    stages = sorted({stage for _, stage, _, _ in entries})
    with _axes(ax, figsize=(8, 0.4 * len(stages) + 1.2)) as ax:
        for kind, name, colour in (("F", "forward", COLOURS[0]), ("B", "backward", COLOURS[1])):
            steps = [(time, stage, micro) for time, stage, this, micro in entries if this == kind]
            places = [stage for _, stage, _ in steps], [1] * len(steps)
            ax.barh(*places, left=[time for time, _, _ in steps], height=0.9, color=colour, edgecolor="white", label=name)
            for time, stage, micro in steps:
                ax.text(time + 0.5, stage, str(micro), ha="center", va="center", color="white", fontsize=8)
        ax.set_yticks(stages)
        ax.set_ylim(max(stages) + 0.6, min(stages) - 0.6)
        ax.set(xlabel="time (units)", ylabel="stage", title=title)
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        return ax


def paths(surface, tracks, x_range, y_range, title=None, ax=None):
    """Tracks (label -> points (T, 2)) over the contour lines of surface(x, y), which takes tensors."""
    with _axes(ax) as ax:
        x, y = torch.meshgrid(torch.linspace(*x_range, 120), torch.linspace(*y_range, 120), indexing="xy")
        heights = array(surface(x, y))
        levels = np.geomspace(max(heights.min(), 1e-3), heights.max(), 14)
        ax.contour(array(x), array(y), heights, levels=levels, colors="#BBBBBB", linewidths=0.7)
        for label, track in tracks.items():
            ax.plot(*array(track).T, marker=".", markersize=4, label=label)
        ax.set(xlim=x_range, ylim=y_range, xlabel="$p_1$", ylabel="$p_2$", title=title)
        ax.legend()
        return ax
