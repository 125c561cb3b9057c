# %% [markdown]
r"""
# Foundations

**From the slope of a curve to a network that invents names.**

You start with a function and its slope. Fifteen exercises later you have written an automatic differentiator, trained
networks with it, built a language model of real names, and taken its gradients apart by hand. Every later notebook
stands on these parts.

*100 points · core exercises 3 hours · all of them 9 hours*
"""

# %% [markdown]
r"""
## Where to start

You know Python, derivatives and matrices. You need no deep learning yet.

**Weekend track**: exercises 1 to 9, each marked *core*. **Full track**: all fifteen.

Before you begin, watch 3Blue1Brown's [chapters on neural networks](https://www.3blue1brown.com/topics/neural-networks)
(an hour). Beside part B, Karpathy's [micrograd lecture](https://karpathy.ai/zero-to-hero.html); beside part C, lectures
2 to 5 of the same series.

Leave the papers until the exercise that names them works. They read better then.
"""

# %% [markdown]
r"""
## How an exercise goes

1. Read the idea. Stuck? Open *A nudge*, then *The key step*.
2. Replace `raise NotImplementedError(...)` by your code, and run the cell.
3. Run every cell below it, down to the next text; some are helpers of the tests. A failing test says what was expected,
   what came, and asks about the likely cause.

A function leaves its arguments as they were, unless its text says otherwise.

The tests you see are a part of those that grade you: the hidden ones try other sizes and edges of the same task.
**Validate** in the toolbar runs your answers and the tests from a fresh start, as grading does.
"""

# %% nbgrader={"grade": false, "grade_id": "given-imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy
import gc
import math
import random
import string

import torch
from torch import nn
from torch.nn import functional as F

from course import check, data, plot, widgets

# Our matrices are small: a second thread would only wait for the first.
torch.set_num_threads(1)

# Part B makes millions of small objects: let Python's garbage collector look through them less often.
gc.freeze()
gc.set_threshold(100_000, 20, 20)

# %% [markdown]
r"""
# A · The mathematics that matters

Three pieces carry most of what follows: the gradient (which way is up), the low-rank approximation (how much of a
matrix matters), and the logarithm of a probability (how surprised a model is).

Tensors are PyTorch's arrays. Where NumPy says `axis`, `keepdims`, `x.size`, `x.copy()`, `x.max(axis)`, PyTorch says
`dim`, `keepdim`, `x.numel()`, `x.clone()`, `x.amax(dim)`.
"""

# %% [markdown]
r"""
### 1 · The slope, measured

*5 points · core · 10 min · Baydin et al. 2018, section 2*

A gradient can always be measured: push one input a little, and see how much the output moves. Pushing both ways is far
better than one:

$$\frac{\partial f}{\partial x_i}\approx\frac{f(x+\varepsilon e_i)-f(x-\varepsilon e_i)}{2\varepsilon}$$

Taylor says why. The terms in $\varepsilon f''$ cancel, so the error shrinks as $\varepsilon^2$, not as $\varepsilon$.
Slow, two calls for each input, but it needs no calculus: it can check any gradient that you derive.

<details><summary>A nudge</summary>How can you push one entry without touching the caller's tensor?</details>
<details><summary>The key step</summary>Loop over the entries of a flat view. Build a step that is zero but for one
<code>eps</code>, and call <code>f</code> on <code>x + step</code> and <code>x - step</code>.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "numerical-gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, x, eps=1e-5):
    """Measure the gradient of f at x by central differences.

    f: takes a tensor shaped like x, returns a 0-d tensor; x: float64, any shape, left as it was.
    Returns a tensor of x's shape and dtype.
    """
    ### BEGIN SOLUTION
    grad = torch.zeros(x.shape, dtype=x.dtype)
    for i in range(x.numel()):
        step = torch.zeros(x.shape, dtype=x.dtype)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "numerical-gradient-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""The slope of a sum of cubes is 3x², entry by entry."""
x = check.normal(2, 3)
check.close(lambda: numerical_gradient(lambda x: (x**3).sum(), x), 3 * check.normal(2, 3) ** 2,
    "Is the difference taken to both sides of x, over 2·eps, one entry at a time, in the shape of x?")
check.equal(x, check.normal(2, 3),
    "x came back changed. Do you add eps to x itself, rather than to a copy?")
check.equal(lambda: str(numerical_gradient(lambda x: x.sum(), x).dtype), "torch.float64",
    "The gradient has x's dtype, float64.")
### BEGIN HIDDEN TESTS
x = check.normal(2, 1, 4, seed=2)
check.close(lambda: numerical_gradient(lambda x: (x.sum(0) ** 2).sum(), x),
    2 * check.normal(2, 1, 4, seed=2).sum(0).expand(2, 1, 4),
    "x may have three axes: is f given a tensor of x's own shape, with all the other entries as they are?")
check.close(lambda: numerical_gradient(lambda x: x.exp(), torch.tensor(2.0, dtype=torch.float64)),
    math.exp(2), "Does it work for a single number, a tensor with no axes at all?")
check.equal(x, check.normal(2, 1, 4, seed=2),
    "x came back changed. Do you add eps to x itself, rather than to a copy?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "numerical-gradient-test-eps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""With a large step the error shows: for a cube it is exactly eps²."""
x = check.normal(4, seed=1)
check.close(lambda: numerical_gradient(lambda x: (x**3).sum(), x, eps=0.5),
    3 * check.normal(4, seed=1) ** 2 + 0.25,
    "Is the eps that was given the step to each side, so that the two points are 2·eps apart?")
### BEGIN HIDDEN TESTS
check.close(lambda: numerical_gradient(lambda x: (x**2).sum(), x, eps=2.0), 2 * check.normal(4, seed=1),
    "For a parabola central differences are exact at any eps: is yours the difference to both sides?")
### END HIDDEN TESTS

# %% [markdown]
r"""
**Look for** the V: with a smaller step the error falls, as $\varepsilon$ to one side and as $\varepsilon^2$ to both,
until the rounding of float64 takes over.
"""

# %% tags=["explore"]
steps = torch.logspace(-11, 0, 45, dtype=torch.float64)
point, true = torch.tensor(1.0, dtype=torch.float64), math.cos(1)
one_sided = [abs((torch.sin(point + eps) - torch.sin(point)).item() / eps.item() - true) for eps in steps]
central = [abs(numerical_gradient(torch.sin, point, eps).item() - true) for eps in steps]
series = {"to one side": one_sided, "to both sides": central}
plot.curves(series, x=steps, xlabel="step eps", ylabel="error of the slope of sin at 1", logx=True, logy=True);

# %% [markdown]
r"""
### 2 · How much of a matrix matters

*6 points · core · 20 min · Eckart and Young 1936*

Every matrix is a sum of rank-one pieces, sorted by weight: $W=\sum_i \sigma_i\,u_i v_i^\top$, the singular value
decomposition. Keep the first $k$ pieces and no other rank-$k$ matrix comes closer:

$$\lVert W-W_k\rVert_F^2=\sum_{i>k}\sigma_i^2$$

Stored as two thin factors, $W_k=AB$ costs $k(m+n)$ numbers instead of $mn$. Fine-tuning with LoRA, in the alignment
notebook, is this idea applied to a *change* of $W$.

<details><summary>A nudge</summary><code>torch.linalg.svd(W, full_matrices=False)</code> gives U, S and Vh, sorted
already.</details>
<details><summary>The key step</summary>The weights σ must enter the product exactly once: into A, into B, or their
square roots into both.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "low-rank", "locked": false, "schema_version": 3, "solution": true, "task": false}
def low_rank(W, k):
    """Split W into two thin factors, their product its best rank-k approximation (Eckart, Young 1936).

    W: (m, n), left as it was; k: from 1 to min(m, n).
    Returns A (m, k) and B (k, n).
    """
    ### BEGIN SOLUTION
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return U[:, :k] * S[:k], Vh[:k]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "low-rank-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""The squared error is the sum of the squared singular values left out."""
W = check.normal(4, 6)
check.equal(lambda: [factor.shape for factor in low_rank(W, 2)], [[4, 2], [2, 6]],
    "A is (m, k) and B is (k, n).")
check.equal(W, check.normal(4, 6), "W came back changed: work on a copy.")
check.close(lambda: ((torch.matmul(*low_rank(W, 2)) - W) ** 2).sum(),
    (torch.linalg.svdvals(check.normal(4, 6))[2:] ** 2).sum(),
    "Are these the columns of U and rows of Vh with the largest σ, and does each σ enter exactly once?")
### BEGIN HIDDEN TESTS
for m, n, k in [(5, 3, 1), (3, 7, 2), (6, 6, 5)]:
    W = check.normal(m, n, seed=4)
    check.equal(lambda: [factor.shape for factor in low_rank(W, k)], [[m, k], [k, n]],
        "A is (m, k) and B is (k, n), for the k that was given.")
    check.close(lambda: ((torch.matmul(*low_rank(W, k)) - W) ** 2).sum(),
        (torch.linalg.svdvals(check.normal(m, n, seed=4))[k:] ** 2).sum(),
        "Are these the columns of U and rows of Vh with the largest σ, and does each σ enter exactly once?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "low-rank-test-full", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""With every piece kept, nothing is lost."""
W = check.normal(5, 3, seed=1)
check.close(lambda: torch.matmul(*low_rank(W, 3)), check.normal(5, 3, seed=1),
    "With k = min(m, n) the product is W itself, sign and scale included.")
### BEGIN HIDDEN TESTS
W = check.normal(6, 2, seed=2) @ check.normal(2, 4, seed=3)
check.close(lambda: torch.matmul(*low_rank(W, 2)),
            check.normal(6, 2, seed=2) @ check.normal(2, 4, seed=3),
            "A matrix of rank 2 is given back whole by two pieces. Does the rank-2 product lose or rescale anything?",
            atol=1e-7)
check.close(lambda: torch.matmul(*low_rank(W, 3)),
            check.normal(6, 2, seed=2) @ check.normal(2, 4, seed=3),
            "A third piece, whose σ is 0, changes nothing. Do you divide by σ?", atol=1e-7)
check.equal(W, check.normal(6, 2, seed=2) @ check.normal(2, 4, seed=3),
    "W came back changed: work on a copy.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Handwritten digits, 1,797 of them, each a row of 64 grey values: one matrix. **Move the slider**: at which rank can you
read them, and at what share of the numbers? (Rank 64 is all of it, and costs more than the matrix itself.)
"""

# %% tags=["explore"]
from sklearn.datasets import load_digits

digits = torch.tensor(load_digits().data)


def show_rank(rank):
    A, B = low_rank(digits, rank)
    tiles = F.pad((A @ B)[:39].reshape(3, 13, 8, 8), (1, 1, 1, 1))
    share = (A.numel() + B.numel()) / digits.numel()
    return plot.image(tiles.permute(0, 2, 1, 3).reshape(30, 130), f"rank {rank}: {share:.0%} of the numbers")


widgets.slider(show_rank, rank=[1, 2, 4, 8, 16, 32, 64], start=8)

# %% [markdown]
r"""
### 3 · Surprise, in nats

*8 points · core · 25 min · Goodfellow et al. 2016, sections 3.13 and 4.1*

A network ends in scores of any size, the *logits* $z$. Softmax makes them probabilities; we keep their logarithms:

$$\log p_i=z_i-\log\sum_j e^{z_j}$$

Read literally this overflows: $e^{1000}$ is infinite. Subtracting a constant from every logit changes nothing, so
subtract the largest along `dim`. The loss of a classifier is its mean surprise at the truth, the **cross-entropy**
$-\log p_\text{target}$, in *nats* (natural logarithms). How far $q$ lies from $p$ is
$\mathrm{KL}(p\,\|\,q)=\sum_i p_i(\log p_i-\log q_i)$, where an outcome with $p_i=0$ counts 0.

<details><summary>A nudge</summary>After the subtraction, which values can the exponentials have?</details>
<details><summary>The key step</summary>In KL, 0 · (−∞) is nan. Choose those places by
<code>torch.where</code>.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "log-softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_softmax(logits, dim=-1):
    """Log-probabilities along `dim`, in logits' shape and dtype; exact at any size, -inf (probability 0) included."""
    ### BEGIN SOLUTION
    shifted = logits - logits.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log()
    ### END SOLUTION


def cross_entropy(logits, targets):
    """Mean surprise at the targets (N,), class numbers, in nats (0-d); logits (N, V), -inf included."""
    ### BEGIN SOLUTION
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()
    ### END SOLUTION


def kl_divergence(log_p, log_q):
    """KL(p || q) in nats: log-probabilities (..., V) give (...), summed over V; where p is 0 the term is 0."""
    ### BEGIN SOLUTION
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "log-softmax-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""log_softmax agrees with PyTorch's, along any axis and at any size."""
logits = check.normal(2, 3, 4)
check.close(lambda: log_softmax(logits), F.log_softmax(check.normal(2, 3, 4), -1),
    "Is it each logit minus the log of the sum of exponentials along the last axis, both shifted alike?")
check.equal(logits, check.normal(2, 3, 4), "The logits came back changed: work on a copy.")
check.close(lambda: log_softmax(logits, dim=1), F.log_softmax(check.normal(2, 3, 4), 1),
    "Does `dim` choose the axis of the maximum and of the sum?")
check.close(lambda: log_softmax(torch.tensor([1e4, 0.0, -1e4], dtype=torch.float64)),
    torch.tensor([0.0, -1e4, -2e4], dtype=torch.float64),
    "Large logits overflow: is the largest subtracted before exp, and log p never taken of a p that rounded to 0?")
### BEGIN HIDDEN TESTS
big = 1e4 * check.normal(3, 5, 2, seed=2)
for dim in (0, 1, 2, -2):
    check.close(lambda: log_softmax(big, dim=dim),
        F.log_softmax(1e4 * check.normal(3, 5, 2, seed=2), dim),
        "Is each row's own largest logit subtracted, along `dim`, and nothing rounded to float32?",
        rtol=1e-9)
holes = torch.tensor([[1.0, -math.inf, 2.0], [-math.inf, -math.inf, 0.5]], dtype=torch.float64)
check.close(lambda: log_softmax(holes),
    F.log_softmax(torch.tensor([[1, -math.inf, 2], [-math.inf, -math.inf, 0.5]], dtype=torch.float64), -1),
    "A logit of -inf is a probability of 0: its log-probability is -inf, and the others are normal numbers.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "log-softmax-test-cross-entropy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A model that knows nothing is as surprised as ln V; one that is sure and wrong, far more."""
check.close(lambda: cross_entropy(torch.zeros(3, 27), torch.tensor([0, 5, 26])), math.log(27),
    "Equal logits give every class the probability 1/27. Is it the mean over the rows of -log p, in nats?")
check.close(lambda: cross_entropy(torch.tensor([[1e4, 0.0], [0.0, 0.0]]), torch.tensor([1, 0])),
    (1e4 + math.log(2)) / 2,
    "Is it the mean (not the sum) of -log p at the targets, without exp ever overflowing?")
### BEGIN HIDDEN TESTS
logits, targets = check.normal(7, 5, seed=1), check.integers(7, high=5, seed=1)
check.close(lambda: cross_entropy(logits, targets),
    F.cross_entropy(check.normal(7, 5, seed=1), check.integers(7, high=5, seed=1)),
    "Is each row read at its own target, and the mean taken over the rows?")
check.close(lambda: cross_entropy(torch.tensor([[0.0, -math.inf, 0.0]]), torch.tensor([2])),
    math.log(2),
    "A logit of -inf, not the target's, adds nothing to the loss. Do you multiply -inf by 0?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "log-softmax-test-kl", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""KL by hand: p = (1/2, 1/2), q = (1/4, 3/4)."""
log_p, log_q = torch.tensor([0.5, 0.5]).log(), torch.tensor([0.25, 0.75]).log()
check.close(lambda: kl_divergence(log_p, log_q), 0.5 * math.log(2) + 0.5 * math.log(2 / 3),
    "Is it the sum of p·(log p - log q), in nats, with p = exp(log_p), the first argument?")
check.equal(log_p, torch.tensor([0.5, 0.5]).log(), "log_p came back changed: work on a copy.")
check.close(lambda: kl_divergence(log_q, log_p), 0.25 * math.log(0.5) + 0.75 * math.log(1.5),
    "KL has a direction: does swapping the arguments matter?")
### BEGIN HIDDEN TESTS
def distributions():
    return F.log_softmax(check.normal(2, 3, 5), -1), F.log_softmax(check.normal(2, 3, 5, seed=1), -1)

check.close(lambda: kl_divergence(*distributions()),
    F.kl_div(*distributions()[::-1], log_target=True, reduction="none").sum(-1),
    "Is the sum taken over the last axis alone?")
zero = torch.tensor([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]], dtype=torch.float64).log()
other = torch.tensor([[0.5, 0.5, 0.0], [0.25, 0.5, 0.25]], dtype=torch.float64).log()
check.close(lambda: kl_divergence(zero, other),
    torch.tensor([1.0, 0.5], dtype=torch.float64) * math.log(2),
    "Where p is 0 the term is 0, also where log p is -inf: is there a nan?")
check.close(lambda: kl_divergence(other, zero)[0], math.inf,
    "Where p is positive and q is 0, KL is infinite.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Dividing the logits by a *temperature* before softmax sharpens or flattens the distribution. **Look for** the order of
the bars: it never changes.
"""

# %% tags=["explore"]
scores = torch.tensor([2.0, 1.0, 0.5, -1.0])


def show_temperature(temperature):
    p = log_softmax(scores / temperature).exp()
    return plot.bars(["tea", "coffee", "water", "ink"], p, title=f"temperature {temperature}", top=1)


widgets.slider(show_temperature, temperature=[0.1, 0.3, 0.5, 1.0, 2.0, 5.0, 20.0], start=1.0)

# %% [markdown]
r"""
# B · Autograd, scalar by scalar

Measuring costs two calls for each parameter. A network has millions. The chain rule gets all slopes in *one* backward
walk, if every number remembers how it was made. You now build that memory, and train a network with nothing else.
"""

# %% [markdown]
r"""
### 4 · Numbers that remember

*8 points · core · 25 min · Baydin et al. 2018, section 3.2*

Each operation returns a new `Value`: a number, the values it was made from (`_prev`), its `grad` (the slope of the
final output with respect to it), and a function `_backward()`, by which each parent's `grad` grows by *local slope ×
own grad*. For $c=ab$ the local slopes are $\partial c/\partial a=b$ and $\partial c/\partial b=a$.

Write `+ - * / **`, negation, and the methods `exp`, `log`, `tanh`, `relu` ($\max(0,a)$); also with plain numbers on
either side: `2 - a`, `2 ** a`. In `a ** n`, `n` is plain.

<details><summary>A nudge</summary>Which can be said through others? a − b = a + (−1)·b.</details>
<details><summary>The key step</summary>In <code>a + a</code> both parents are one object. Write <code>+=</code>, or
half is lost.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "value-ops", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Value:
    """A number that knows its parents _prev, and by _backward() adds its share to each parent's grad."""
    def __init__(self, data, _children=(), _op=""):
        self.data, self.grad, self._op = float(data), 0.0, _op
        self._prev, self._backward = tuple(_children), lambda: None
    ### BEGIN SOLUTION
    def _node(self, data, op, *shares):
        out = Value(data, [parent for parent, _ in shares], op)
        def push():
            for parent, slope in shares:
                parent.grad += slope * out.grad
        out._backward = push
        return out
    def _of(x): return x if isinstance(x, Value) else Value(x)
    def __add__(self, b): return self._node(self.data + (b := Value._of(b)).data, "+", (self, 1.0), (b, 1.0))
    def __mul__(self, b): return self._node(self.data * (b := Value._of(b)).data, "×", (self, b.data), (b, self.data))
    def __pow__(self, n): return self._node(self.data**n, f"^{n}", (self, n * self.data ** (n - 1)))
    def exp(self): return self._node(e := math.exp(self.data), "exp", (self, e))
    def log(self): return self._node(math.log(self.data), "log", (self, 1 / self.data))
    def tanh(self): return self._node(t := math.tanh(self.data), "tanh", (self, 1 - t * t))
    def relu(self): return self._node(max(0.0, self.data), "relu", (self, float(self.data > 0)))
    def __neg__(self): return self * -1
    def __sub__(self, b): return self + b * -1
    def __truediv__(self, b): return self * Value._of(b) ** -1
    def __rsub__(self, a): return -self + a
    def __rtruediv__(self, a): return self**-1 * a
    def __rpow__(self, a): return (self * math.log(a)).exp()
    __radd__, __rmul__ = __add__, __mul__
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-pass-on", "locked": true, "schema_version": 3, "solution": false, "task": false}
def pass_on(make, *numbers, grad=1.0, start=0.0):
    """The value that `make` gives, and its parents' grads, `start` before, when its own is `grad`."""
    parents = [Value(number) for number in numbers]
    out = make(*parents)
    for parent in parents:
        parent.grad = start
    found, out.grad = [out], grad
    for node in found:  # every path, level by level: slow, and fine for a handful of nodes
        found += node._prev
    last_seen = {id(node): node for node in reversed(found)}
    for node in reversed(last_seen.values()):
        node._backward()
    return [out.data, *[one.grad if id(one) in last_seen else "not found through _prev" for one in parents]]

# %% nbgrader={"grade": true, "grade_id": "value-ops-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Sums, products and powers: the value, and each parent's slope."""
check.close(lambda: pass_on(lambda a, b: a + b, 2.0, -3.0), [-1, 1, 1],
    "A sum passes its grad on as it is.")
check.close(lambda: pass_on(lambda a, b: a * b, 2.0, -3.0), [-6, -3, 2],
    "In a product each factor's slope is the other factor.")
check.close(lambda: pass_on(lambda a: a**3, -2.0), [-8, 12],
    "The slope of aⁿ is n·aⁿ⁻¹, also for a negative a.")
check.close(lambda: pass_on(lambda a: a + a, 3.0), [6, 2],
    "Both parents are the same value here. Do you add to grad (+=), or overwrite it?")
### BEGIN HIDDEN TESTS
check.close(lambda: pass_on(lambda a: a * a, 3.0), [9, 6],
    "Both factors are the same value here. Do you add to grad (+=), or overwrite it?")
check.close(lambda: pass_on(lambda a: a**0.5, 4.0), [2, 0.25],
    "The slope of aⁿ is n·aⁿ⁻¹, for any plain number n.")
check.close(lambda: pass_on(lambda a: a**-2, 2.0), [0.25, -0.25],
    "The slope of aⁿ is n·aⁿ⁻¹, also for a negative n.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "value-ops-test-functions", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""exp, log, tanh and relu."""
check.close(lambda: pass_on(lambda a: a.tanh(), 0.5), [math.tanh(0.5), 1 - math.tanh(0.5) ** 2],
    "The slope of tanh is 1 - tanh².")
check.close(lambda: pass_on(lambda a: a.relu(), 2.0), [2, 1],
    "relu lets a positive number and its grad through unchanged.")
### BEGIN HIDDEN TESTS
check.close(lambda: pass_on(lambda a: a.exp(), 1.5), [math.exp(1.5), math.exp(1.5)],
    "exp is its own slope.")
check.close(lambda: pass_on(lambda a: a.log(), 4.0), [math.log(4), 0.25],
    "The slope of the natural logarithm of a is 1/a.")
check.close(lambda: pass_on(lambda a: a.relu(), -2.0), [0, 0],
    "relu holds a negative number back, and its grad as well.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "value-ops-test-grad", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A grad of 2 comes in, onto a parent whose grad is 10 already: it grows by twice the local slope."""
def grown(make, number):
    """The parent's grad after that."""
    return pass_on(make, number, grad=2.0, start=10.0)[1]

check.close(lambda: grown(lambda a: a * Value(3.0), 1.0), 16,
    "Is the local slope multiplied by the node's own grad, and added to what the parent has?")
check.close(lambda: pass_on(lambda a, b: (a + b) * (a * b), 2.0, 3.0), [30, 21, 16],
    "Each has two uses. Is _backward set on the new value, not on a, and every grad added by +=?")
### BEGIN HIDDEN TESTS
for make, slope in [(lambda a: a.exp(), math.e), (lambda a: a.tanh(), 1 - math.tanh(1) ** 2), (lambda a: a**2, 2),
        (lambda a: a.log(), 1), (lambda a: a.relu(), 1), (lambda a: a + a, 2)]:
    check.close(lambda: grown(make, 1.0), 10 + 2 * slope,
        "Is the local slope multiplied by the node's own grad, and added to what the parent has?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "value-ops-test-reflected", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Plain numbers work on either side, and every result is a Value."""
a = Value(4.0)
check.close(lambda: [(a - 1).data, (a / 2).data, (a + 3).data, (a * 3).data, (-a).data],
    [3, 2, 7, 12, -4],
    "With a plain number on the right: is it made a Value first, and is the result a Value?")
check.close(lambda: [(1 - a).data, (2 / a).data, (3 + a).data, (3 * a).data], [-3, 0.5, 7, 12],
    "In 1 - a and 2 / a the plain number stands on the left: Python calls a.__rsub__(1) and a.__rtruediv__(2).")
check.close(lambda: (a - Value(6.0) / a).data, 2.5, "Do - and / work between two Values?")
check.close(lambda: [pass_on(lambda a: 1 - a, 4.0), pass_on(lambda a: -a, 4.0)], [[-3, -1], [-4, -1]],
    "The slope of 1 - a and of -a is -1. Does the result remember that it was made from a?")
### BEGIN HIDDEN TESTS
check.close(lambda: pass_on(lambda a, b: a - b, 2.0, -3.0), [5, 1, -1],
    "In a - b the slope of b is -1.")
check.close(lambda: pass_on(lambda a, b: a / b, 2.0, -4.0), [-0.5, -0.25, -0.125],
    "The slopes of a / b are 1/b and -a/b².")
check.close(lambda: (3**a).data, 81, "3 ** a calls a.__rpow__(3): 3ᵃ = exp(a·ln 3).")
check.close(lambda: [pass_on(lambda a: 2 / a, 3.0), pass_on(lambda a: 2**a, 3.0)],
    [[2 / 3, -2 / 9], [8, 8 * math.log(2)]],
    "The slope of 2/a is -2/a², that of 2ᵃ is 2ᵃ·ln 2. Does it reach a?")
check.equal(lambda: [type(one).__name__ for one in (1 - a, 2 / a, 2**a, -a, a - 1, a / 2, a**2)],
    ["Value"] * 7, "Every result is itself a Value, also with plain numbers.")
check.equal(lambda: sum([a, a, 1]).data, 9, "sum() begins at the plain number 0: does 0 + a work?")
check.equal(lambda: [a.data, a.grad], [4, 0], "Making new values must not change the old ones.")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 5 · The backward walk

*8 points · core · 20 min · Baydin et al. 2018, section 3.2*

Start at the output, whose own slope is 1, and walk to the inputs. A node passes on its share only once **all** that was
made from it has: a *topological order*, reversed.

Graphs are deep: 10,000 nodes in a row; Python's recursion ends near 1,000. They are full of diamonds (ways that part
and meet again): walking by path takes exponential time. Grads *accumulate*: a second graph adds to them.

Builds on exercise 4.

<details><summary>A nudge</summary>List nodes after their parents; read the list backwards.</details>
<details><summary>The key step</summary>A stack of (node, finished) pairs, and a set of those seen.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "value-backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(self):
    """Add to the grad of every node under self the slope of self with respect to it; self.grad becomes 1.

    Before, the grads of inner nodes are 0; those of inputs may be anything. Each node's _backward() runs
    once, after those of all nodes made from it. No graph is too deep, and the time grows as the number of
    nodes: each is looked at a handful of times, not once for each path.
    """
    ### BEGIN SOLUTION
    order, seen, stack = [], set(), [(self, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node._prev)
    self.grad = 1.0
    for node in reversed(order):
        node._backward()
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-backward", "locked": true, "schema_version": 3, "solution": false, "task": false}
Value.backward = backward

# %% nbgrader={"grade": true, "grade_id": "value-backward-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Slopes through a diamond, by hand."""
def slopes(make, *numbers):
    """The slopes of make(...) with respect to each of the numbers, by backward()."""
    inputs = [Value(number) for number in numbers]
    make(*inputs).backward()
    return [one.grad for one in inputs]

check.close(lambda: slopes(lambda a, b: a * b + b, 2.0, 5.0), [5, 3],
    "b is used twice: do both ways to the output count?")
check.close(lambda: slopes(lambda a: (lambda b: b * b.exp() + b)(a * 2), 0.5),
    [2 * (math.e + math.e + 1)],
    "b has three uses. Does it pass its grad on only after all of them reached it?")
### BEGIN HIDDEN TESTS
def uneven(a, b, c=2.0):
    d = (a * b + a).tanh()
    return a * d + a * b / d + a * c

x, y = torch.tensor([0.7, -1.3], dtype=torch.float64).requires_grad_().unbind()
check.close(lambda: slopes(uneven, 0.7, -1.3), list(torch.autograd.grad(uneven(x, y), (x, y))),
    "Some paths to a are longer than others. Does a node pass its grad on only after all that was made from it?")
check.close(lambda: slopes(lambda a: a, 3.0), [1], "A value's slope with respect to itself is 1.")
check.close(lambda: slopes(lambda a: (lambda b: b + b.exp() * b)(a * 2), 0.5),
    [2 * (math.e + math.e + 1)],
    "The diamond with its shortest way first: does b pass its grad on only after all of its uses?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "value-backward-test-accumulate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Grads accumulate: a second graph over the same inputs adds to them."""
def twice(first, second):
    """The grad of 3 after both graphs were walked back."""
    a = Value(3.0)
    first(a).backward()
    second(a).backward()
    return a.grad

check.close(lambda: twice(lambda a: a * 2, lambda a: a * 4), 6,
    "Does backward() reset the grad of its inputs, which still held the first graph's?")
### BEGIN HIDDEN TESTS
check.close(lambda: twice(lambda a: a * a * a, lambda a: a + a), 29,
    "Do the grads of two graphs over the same input add up?")
def again():
    """Walk back over one graph, clear all grads but the output's, and walk once more."""
    a = Value(3.0)
    b = a * 2
    out = b * 5
    for _ in range(2):
        a.grad = b.grad = 0.0
        out.backward()
    return [a.grad, b.grad, out.grad]

check.close(again, [10, 5, 1],
    "Walking again: does self.grad become 1, not grow by 1, and does no mark of the first walk stay?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "value-backward-test-deep", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A chain of 10,000 nodes."""
def chain(n):
    a = total = Value(1.0)
    for _ in range(n):
        total = total + 0.5
    total.backward()
    return a.grad

check.close(lambda: chain(10_000), 1,
    "The graph is 10,000 deep: does the walk use a stack of its own in place of recursion?")
### BEGIN HIDDEN TESTS
check.close(lambda: chain(13_000), 1,
    "13,000 deep: no graph is too deep. Does the walk use a stack of its own?")
check.close(lambda: slopes(lambda a: sum([a * (1 / 3000)] * 3000), 2.0), [1],
    "A node used 3,000 times: is every use counted?", rtol=1e-6)
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-ladder", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Counted:
    """A stand-in for Value that counts how often it is looked at, and its grad passed on."""
    __hash__ = object.__hash__
    def __init__(self, *parents):
        self.parents, self.grad, self.looks, self.passed, self.data = parents, 0.0, 0, 0, 1.0
    def look(self, result):
        self.looks += 1
        if self.looks > 100: raise RuntimeError("a node was looked at over 100 times: by path, or in a list, not a set?")
        return result
    def __eq__(self, other): return self.look(self is other)
    @property
    def _prev(self): return self.look(self.parents)
    def _backward(self):
        self.passed += 1
        for parent in self.parents:
            parent.grad += self.grad

def ladder(n):
    """Walk back over n rungs, each made from two nodes, both twice, which are made from the rung below: 4ⁿ paths."""
    nodes = [Counted()]
    for _ in range(n):
        nodes += [Counted(nodes[-1]), Counted(nodes[-1])]
        nodes.append(Counted(*nodes[-2:], *nodes[-2:]))
    backward(nodes[-1])
    return [node.passed for node in nodes], nodes[0].grad

# %% nbgrader={"grade": true, "grade_id": "value-backward-test-once", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Every node is asked to pass on its grad exactly once, its parents looked at a handful of times."""
check.equal(lambda: ladder(3), [[1] * 10, 64], "Does each node pass on its grad exactly once?")
### BEGIN HIDDEN TESTS
check.equal(lambda: ladder(60), [[1] * 181, 4.0**60],
    "60 diamonds in a row have over 2⁶⁰ paths. Do you walk by node, remembering those seen in a set, or by path?")
### END HIDDEN TESTS

# %% [markdown]
r"""
The graph of $\tanh(wx+b)$, one neuron, after `backward()`. **Look for** the slopes that flow from right to left: each
is the one on its right times a local slope.
"""

# %% tags=["explore"]
w, x, b = Value(-0.8), Value(1.5), Value(0.4)
neuron_output = (w * x + b).tanh()
neuron_output.backward()
plot.expression(neuron_output);

# %% [markdown]
r"""
### 6 · Neurons, layers, a network

*6 points · core · 20 min · Goodfellow et al. 2016, chapter 6*

A **neuron** weighs its inputs, adds a bias, and bends the sum: $\tanh(\sum_i w_ix_i+b)$. A **layer** is several neurons
that read the same inputs. A **multi-layer perceptron** feeds each layer's outputs to the next; its last layer is
*linear* (no tanh), for a score may have any size.

Weights start at random in $[-1,1]$, so that no two neurons are alike; biases may start at 0. A layer returns a list of
`Value`s.

Builds on exercises 4 and 5.

<details><summary>A nudge</summary><code>sum(values, start)</code> can begin with the bias.</details>
<details><summary>The key step</summary>A neuron must know whether its layer is the last:
<code>linear=False</code>.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "value-mlp", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Neuron:
    """Neuron(nin)(x) is tanh(w · x + b), or w · x + b if linear; weights from [-1, 1]; parameters()."""
    ### BEGIN SOLUTION
    def __init__(self, nin, linear=False):
        self.w, self.b, self.linear = [Value(random.uniform(-1, 1)) for _ in range(nin)], Value(0.0), linear
    def __call__(self, x):
        total = sum(map(lambda w, one: w * one, self.w, x), self.b)
        return total if self.linear else total.tanh()
    def parameters(self): return [*self.w, self.b]
    ### END SOLUTION
class Layer:
    """Layer(nin, nout)(x): a list of nout Values (of one, it may be the bare Value); parameters()."""
    ### BEGIN SOLUTION
    def __init__(self, nin, nout, linear=False): self.neurons = [Neuron(nin, linear) for _ in range(nout)]
    def __call__(self, x): return [neuron(x) for neuron in self.neurons]
    def parameters(self): return sum([neuron.parameters() for neuron in self.neurons], [])
    ### END SOLUTION
class MLP:
    """MLP(2, [16, 1])(x): layers in a row, the last linear; parameters() lists all Values, zero_grad() clears."""
    ### BEGIN SOLUTION
    def __init__(self, nin, nouts):
        self.layers = [Layer(a, b, linear=i == len(nouts)) for i, (a, b) in enumerate(zip([nin, *nouts], nouts), 1)]
    def __call__(self, x):
        for layer in self.layers: x = layer(x)
        return x
    def parameters(self): return sum([layer.parameters() for layer in self.layers], [])
    def zero_grad(self):
        for p in self.parameters(): p.grad = 0.0
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "value-mlp-test-parameters", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Every weight and bias is a parameter of its own, random at the start; zero_grad clears their grads."""
net = MLP(3, [4, 2])
check.equal(lambda: [type(p).__name__ for p in net.parameters()],
    ["Value"] * ((3 + 1) * 4 + (4 + 1) * 2),
    "Each neuron has a weight for every input, and one bias: are all of them Values, in one flat list?")
check.equal(lambda: len({id(p) for p in [*net.parameters(), *net.parameters()]}), 26,
    "Do two neurons or two weights share a Value, or does parameters() make new ones?")
check.that(lambda: len({round(p.data, 9) for p in net.parameters()}), lambda distinct: distinct > 18,
    "Weights start at random, or all neurons stay alike.")
check.that(lambda: sum(p.data == 0 for p in net.parameters()), lambda zeros: zeros <= 6,
    "Only biases may start at 0: a weight of 0 is not random.")
### BEGIN HIDDEN TESTS
check.that(lambda: [p.data for p in MLP(5, [8, 8]).parameters()],
    lambda values: max(map(abs, values)) <= 1 and min(values) < -0.2 and max(values) > 0.2,
    "Weights are drawn from [-1, 1], to both sides of 0.")
check.equal(lambda: [len(Neuron(5).parameters()), len(Layer(5, 3).parameters())], [6, 18],
    "Neurons and layers list their parameters as well.")
def cleared():
    before = net.parameters()
    for p in before:
        p.grad, p.data = 3.0, 0.5
    net.zero_grad()
    return [p.grad for p in before], [p.data for p in net.parameters()]

check.equal(cleared, ([0.0] * 26, [0.5] * 26),
    "zero_grad sets the grad of each parameter to the number 0, and keeps the parameters and their data.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "value-mlp-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""With every weight and bias set to one number, the outputs can be computed by hand."""
def outputs(net, number, x):
    """What the network makes of x when all its parameters equal `number`."""
    for p in net.parameters():
        p.data = number
    out = net(x)
    return [one.data for one in (out if isinstance(out, (list, tuple)) else [out])]

x = [0.5, -1.0, 2.0]
check.close(lambda: outputs(Neuron(3), 0.3, x), [math.tanh(0.3 * 1.5 + 0.3)],
    "A neuron is tanh of the weighted sum plus its bias.")
check.equal(x, [0.5, -1.0, 2.0], "The neuron changed the inputs it was given.")
check.close(lambda: outputs(Layer(3, 2), 0.3, x), [math.tanh(0.75)] * 2,
    "A layer is a list with one output for each of its neurons.")
check.close(lambda: outputs(MLP(3, [4, 2]), 0.5, x), [0.5 * 4 * math.tanh(1.25) + 0.5] * 2,
    "Is tanh applied in every layer but the last, which is linear?")
### BEGIN HIDDEN TESTS
check.close(lambda: outputs(MLP(3, [2, 5, 1]), 0.4, x),
    [0.4 * 5 * math.tanh(0.4 * 2 * math.tanh(1.0) + 0.4) + 0.4],
    "Does each layer read the outputs of the one before, with tanh in all layers but the last?")
check.close(lambda: outputs(MLP(3, [1]), 3.0, x), [7.5],
    "A network of a single layer is linear: that layer is its last.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "value-mlp-test-slopes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Slopes reach every weight and every bias."""
def slopes_with(net, number, x):
    """The grads of the parameters, sorted, when all of them equal `number`."""
    outputs(net, number, x)
    out = net(x)
    (out[0] if isinstance(out, (list, tuple)) else out).backward()
    return sorted(p.grad for p in net.parameters())

check.close(lambda: slopes_with(MLP(3, [1]), 0.5, [1.0, -2.0, 4.0]), [-2, 1, 1, 4],
    "A linear score: each weight's slope is its input, the bias's is 1. Is the sum made of Values, not of their data?")
### BEGIN HIDDEN TESTS
slope = 0.2 * (1 - math.tanh(0.3) ** 2)
check.close(lambda: slopes_with(MLP(2, [3, 1]), 0.2, [1.0, -0.5]),
    sorted([slope, -0.5 * slope, slope] * 3 + [math.tanh(0.3)] * 3 + [1.0]),
    "Do slopes reach every weight and bias of both layers through the graph?")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 7 · Learning two moons

*6 points · core · 20 min · Goodfellow et al. 2016, section 8.3*

Two half-moons of points, with $y=\pm1$. The network's score $s$ (`score(model, x)`, given below) should be positive
where $y=1$. A loss that says so is the mean over **all** points (*full batch*) of

$$\log\left(1+e^{-ys}\right)$$

Each step: compute the loss; clear the old grads; walk back; move every parameter a little **against** its slope,
$p\leftarrow p-\mathrm{lr}\cdot\partial L/\partial p$. Record the loss of each step.

Builds on exercises 4 to 6.

<details><summary>A nudge</summary>Scores and losses are Values, the step changes <code>p.data</code>.</details>
<details><summary>The key step</summary>Grads accumulate. Without <code>zero_grad()</code> in every step, the second
step goes along the sum of two slopes.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-moons", "locked": true, "schema_version": 3, "solution": false, "task": false}
from sklearn.datasets import make_moons


def moons(n, seed):
    """n points on two half-moons: X, a list of [x1, x2]; y, a list of -1 and 1."""
    X, y = make_moons(n, noise=0.05, random_state=seed)
    return X.tolist(), (2 * y - 1).tolist()


def score(model, x):
    """The network's one output for the point x, whether or not it comes in a list."""
    out = model(x)
    return out[0] if isinstance(out, (list, tuple)) else out


# %% nbgrader={"grade": false, "grade_id": "train-moons", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(model, X, y, steps, lr):
    """Train a network of Values by full-batch gradient descent.

    model: an MLP with one output; X: points; y: -1 or 1 for each; steps: how many; lr: the step's size.
    Returns the mean loss before each step, a list of `steps` floats.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        loss = sum((1 + (-target * score(model, x)).exp()).log() for x, target in zip(X, y)) / len(X)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "train-moons-test-loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""The first loss by hand: with all parameters 0.5, the two points score 0.5 and 1.5·tanh(1) + 0.5."""
def first_loss(X, y, number=0.5):
    """The loss before the first step, when all 13 parameters equal `number`."""
    net = MLP(2, [3, 1])
    for p in net.parameters():
        p.data = number
    return train(net, X, y, 1, 0.1)[0]

X, y = [[1.0, -2.0], [3.0, -2.0]], [1, -1]
check.equal(lambda: [type(loss).__name__ for loss in train(MLP(2, [3, 1]), X, y, 3, 0.1)],
    ["float"] * 3, "train returns one loss, a plain number, for each step.")
check.equal([X, y], [[[1.0, -2.0], [3.0, -2.0]], [1, -1]], "The data came back changed.")
check.close(lambda: first_loss(X, y),
    (math.log1p(math.exp(-0.5)) + math.log1p(math.exp(1.5 * math.tanh(1) + 0.5))) / 2,
    "Is it the mean of log(1 + exp(-y·s)) over the points given, before the step, with nothing added?",
    rtol=1e-6)
### BEGIN HIDDEN TESTS
def oracle_loss(X, y, number):
    """The same loss, in PyTorch."""
    score = 3 * number * torch.tanh(number * (torch.tensor(X, dtype=torch.float64).sum(1) + 1)) + number
    return F.softplus(-torch.tensor(y) * score).mean()

check.close(lambda: first_loss(*moons(50, seed=4), 0.3), oracle_loss(*moons(50, seed=4), 0.3),
    "Full batch: is the loss the mean over all of the points given, however many there are?", rtol=1e-6)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "train-moons-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Each step goes down, and starts from fresh grads."""
def trained(X, y, *steps, lr=0.5):
    """The weights after a train() for each number of steps, and the last one's losses; always from the same start."""
    net = MLP(2, [3, 1])
    for p, start in zip(net.parameters(), check.normal(13).tolist()):
        p.data = start
    for n in steps:
        net.zero_grad()
        losses = train(net, X, y, n, lr)
    return [p.data for p in net.parameters()], losses

X, y = moons(6, seed=3)
check.that(lambda: trained(X, y, 10, lr=0.1)[1], lambda losses: losses[-1] < losses[0],
    "The loss does not fall. Is lr times the slope subtracted from p.data, before the slope is cleared?")
check.same(lambda: trained(X, y, 2)[0], lambda: trained(X, y, 1, 1)[0],
    "Two steps at once, or one and one: are old grads cleared in every step, and is every step lr times the slope?")
### BEGIN HIDDEN TESTS
check.same(lambda: trained(X + X, y + y, 1)[0], lambda: trained(X, y, 1)[0],
    "The data twice over is the same task: is the loss the mean over the points given, and only those?")
check.same(lambda: trained(X[::-1], y[::-1], 1)[0], lambda: trained(X, y, 1)[0],
    "Full batch: one step looks at all points before it moves, so their order cannot matter.",
    rtol=1e-6)
check.equal(lambda: len(trained(X, y, 0)[1]), 0, "With 0 steps there is nothing to record.")
check.equal(lambda: len(train(MLP(2, [3, 1]), X[:1], y[:1], 60, 5.0)), 60,
    "Is every step made and recorded, also when the loss is small already?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "train-moons-test-step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""The first step is lr times the slope."""
def moved(lr):
    """How far each weight moves in one step, over lr."""
    return [(before - after) / lr for before, after in zip(check.normal(13).tolist(), trained(X, y, 1, lr=lr)[0])]

check.same(lambda: moved(1e-3), lambda: moved(1e-1),
    "A step a hundred times as long, from the same start: does lr scale the whole step?",
    rtol=1e-6)
check.that(lambda: moved(1e-2), lambda slopes: max(map(abs, slopes)) > 1e-3,
    "Nothing moved: do the slopes reach the weights, and p.data change?")
### BEGIN HIDDEN TESTS
def measured():
    """The slope of the loss that train() reports, by central differences, for each weight."""
    def loss(i, eps):
        net = MLP(2, [3, 1])
        for k, (p, start) in enumerate(zip(net.parameters(), check.normal(13).tolist())):
            p.data = start + (k == i) * eps
        return train(net, X, y, 1, 0.0)[0]
    return [(loss(i, 1e-5) - loss(i, -1e-5)) / 2e-5 for i in range(13)]
BEFORE = "Is the step along the slope of the very loss that is reported, the one before the step?"
check.same(lambda: moved(1e-2), measured, BEFORE, rtol=1e-4, atol=1e-7)
def along(number, lr=0.01):
    net = MLP(2, [3, 1])
    for p in net.parameters(): p.data = number
    train(net, X, y, 1, lr)
    return sum((number - p.data) / lr for p in net.parameters())
t = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
score_t = 3 * t * torch.tanh(t * (torch.tensor(X).double().sum(1) + 1)) + t
check.close(lambda: along(0.3), torch.autograd.grad(F.softplus(-torch.tensor(y) * score_t).mean(), t)[0], BEFORE, rtol=1e-6)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "train-moons-test-accuracy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""16 points to learn from; 95% right on 100 others."""
def accuracy(net, X, y):
    """The share of points whose score has the sign of y."""
    return sum((score(net, x).data > 0) == (target > 0) for x, target in zip(X, y)) / len(y)

def learn(seed, width=16, steps=60, lr=4.0, flip=1):
    """The accuracy on 100 new moons after so many steps on 16; with flip=-1 the labels of both are exchanged."""
    net, (X, y), (new_X, new_y) = MLP(2, [width, 1]), moons(16, seed=1), moons(100, seed=2)
    for p, start in zip(net.parameters(), check.uniform(4 * width + 1, low=-2, high=2, seed=seed).tolist()):
        p.data = start
    train(net, X, [flip * one for one in y], steps, lr)
    return accuracy(net, new_X, [flip * one for one in new_y])

check.that(lambda: learn(0), lambda share: share >= 0.95,
    "If the tests above pass: does the loss use the score and y of the same point, for every point in X?")
### BEGIN HIDDEN TESTS
check.that(lambda: learn(1, 6, 25, 2.0, flip=-1), lambda share: share >= 0.6,
    "Does it learn from the X and y that it is given, and from no others?")
check.equal(lambda: len(train(MLP(2, [2, 1]), *moons(6, seed=6), 4, 0.1)), 4, "One loss for each step, on any data.")
### END HIDDEN TESTS

# %% [markdown]
r"""
**Move the slider** to watch the boundary bend between the moons. The shade is the score: white where the network cannot
tell.
"""

# %% tags=["explore"]
random.seed(0)
net, (X, y) = MLP(2, [16, 1]), moons(40, seed=1)
xs, ys = torch.linspace(-1.5, 2.5, 16).tolist(), torch.linspace(-1, 1.5, 16).tolist()
frames, losses = {}, []
for step in range(0, 91, 10):
    frames[step] = [[score(net, [x1, x2]).data for x1 in xs] for x2 in ys]
    losses += train(net, X, y, 10, 4.0)



def show_step(step):
    return plot.boundary(frames[step], (-1.5, 2.5, -1, 1.5), X, y, f"after {step} steps")


widgets.slider(show_step, step=list(frames), start=90)

# %% [markdown]
r"""
### 8 · Backward through broadcasting

*6 points · core · 15 min · PyTorch documentation, Broadcasting semantics*

Tensors do a million at once. One thing is new: in `x + b`, with `x` (3, 4) and `b` (4,), PyTorch reads `b` as if it
stood in every row. This is *broadcasting*: no matrix calculus, only an element-wise rule over extra axes. Forward, each
entry of `b` is used three times; backward, its grad is the **sum** of three.

`unbroadcast` sums a grad back over the axes added in front and those stretched from length 1.

<details><summary>A nudge</summary>Which axes disappear, and which stay with length 1?</details>
<details><summary>The key step</summary>Sum away the leading axes, then those of length 1 with
<code>keepdim=True</code>.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "unbroadcast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unbroadcast(grad, shape):
    """The backward of broadcasting: grad summed over every axis that broadcasting added or stretched.

    grad: a tensor of the broadcast shape; shape: the tuple that was broadcast. Returns that shape.
    """
    ### BEGIN SOLUTION
    while grad.dim() > len(shape):
        grad = grad.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis, keepdim=True)
    return grad
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "unbroadcast-test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""Added axes disappear; stretched axes shrink to 1; all others stay."""
grad = check.normal(2, 3, 4)
check.close(lambda: unbroadcast(grad, (3, 4)), check.normal(2, 3, 4).sum(0),
    "The axis in front was added: is it summed away?")
check.equal(grad, check.normal(2, 3, 4), "The grad came back changed: sum into a new tensor.")
check.close(lambda: unbroadcast(grad, (2, 1, 4)), check.normal(2, 3, 4).sum(1, keepdim=True),
    "The middle axis was stretched from 1: is it summed, and kept with length 1?")
check.close(lambda: unbroadcast(grad, (2, 3, 4)), check.normal(2, 3, 4),
    "Nothing was broadcast: the grad stays as it is.")
### BEGIN HIDDEN TESTS
for shape in [(), (1,), (4,), (1, 4), (3, 1), (1, 1, 1), (2, 1, 1), (1, 3, 1)]:
    check.close(lambda: unbroadcast(grad, shape), check.normal(2, 3, 4).sum_to_size(shape),
        f"A grad of shape (2, 3, 4) back to {shape}: are both the added and the stretched axes summed?")
check.close(lambda: unbroadcast(check.normal(3, 1, seed=1), (1, 1)),
            check.normal(3, 1, seed=1).sum_to_size(1, 1), "An axis can have length 1 on both sides.")
for shape in [(3, 1), (1, 3), (3,)]:
    check.close(lambda: unbroadcast(check.normal(3, 3, seed=1), shape),
                check.normal(3, 3, seed=1).sum_to_size(shape),
                f"Two axes of the same length, back to {shape}: is the right one summed? Shapes are aligned from the right.")
check.equal(grad, check.normal(2, 3, 4), "The grad came back changed: sum into a new tensor.")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-array", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Array:
    """A Value that holds a tensor, and passes on grads in its parents' shapes."""
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = data, torch.zeros_like(data), parents

    def __add__(self, other):
        return Array(self.data + other.data, ((self, lambda g: g), (other, lambda g: g)))

    def __mul__(self, other):
        return Array(self.data * other.data, ((self, lambda g: g * other.data), (other, lambda g: g * self.data)))

    def backward(self, grad):
        self.grad = self.grad + grad
        for parent, pull in self.parents:
            parent.backward(unbroadcast(pull(grad), parent.data.shape))

# %% nbgrader={"grade": true, "grade_id": "unbroadcast-test-autograd", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A tensor autograd whose + and * lean on your function."""
def grads(a, b, c):
    """The grads of the sum of a * b + c with respect to the three tensors."""
    leaves = [Array(one) for one in (a, b, c)]
    out = leaves[0] * leaves[1] + leaves[2]
    out.backward(torch.ones_like(out.data))
    return [leaf.grad for leaf in leaves]

a, b, c = check.normal(3, 1), check.normal(4), check.normal(2, 1, 4)
check.close(lambda: grads(a, b, c),
    [2 * check.normal(4).sum().expand(3, 1), 2 * check.normal(3, 1).sum().expand(4), torch.full((2, 1, 4), 3.0)],
    "Each grad has the shape of its own tensor: is every use of an entry counted?")
### BEGIN HIDDEN TESTS
a, b, c = check.normal(1, 5), check.normal(4, 1, seed=1), check.normal(seed=2)
check.close(lambda: grads(a, b, c),
    [check.normal(4, 1, seed=1).sum().expand(1, 5), check.normal(1, 5).sum().expand(4, 1), 20.0],
    "Each grad has the shape of its own tensor, a single number included.")
### END HIDDEN TESTS

# %% [markdown]
r"""
# C · A language model of names, in PyTorch

A language model gives a probability to what comes next. Ours reads the letters of a name and guesses the following one.
The data are real: the first names of the 1990 US census.

PyTorch's tensors do what `Value` did: `loss.backward()` adds to the `.grad` of each parameter, and code under
`torch.no_grad()` is not recorded. An `nn.Module` finds the parameters of the modules assigned to it in `__init__`;
`model(x)` calls `forward(x)`. `nn.Linear(a, b)` is a layer without its bend, $xW^\top+b$. A *batch* is a few examples
at a time, one in each row.
"""

# %% nbgrader={"grade": false, "grade_id": "given-names", "locked": true, "schema_version": 3, "solution": false, "task": false}
letters = "." + string.ascii_lowercase  # the dot, number 0, begins and ends every name
index = {letter: i for i, letter in enumerate(letters)}
words = data.names()
random.Random(0).shuffle(words)
cut = int(0.9 * len(words))
train_words, dev_words = words[:cut], words[cut:]
print(f"{len(train_words):,} names to learn from, {len(dev_words)} held out: {', '.join(train_words[:5])}")

# %% [markdown]
r"""
### 9 · Counting pairs

*7 points · core · 25 min · Jurafsky and Martin 2025, chapter 3*

The simplest model looks one letter back. Count how often each letter follows each; `.a` is a name that begins with a,
`a.` one that ends with a. Add `smoothing` to every count, so that no pair is impossible, and divide each row by its
sum:

$$p(b\mid a)=\frac{n_{ab}+s}{\sum_{b'}(n_{ab'}+s)}$$

Its quality is the mean **negative log-likelihood**: nats per predicted character. A name of 5 letters has 6
predictions, for its end counts as well.

<details><summary>A nudge</summary>What does <code>zip("." + word, word + ".")</code> give?</details>
<details><summary>The key step</summary>Keep one sum and one count over all words. A mean of means weighs short names
too much.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "bigram", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bigram_log_probs(words, smoothing=1.0):
    """Log-probabilities of the next letter given the last, counted over words with a dot at either end.

    Returns a tensor (27, 27) of nats: row the last letter, column the next, both numbered as in `letters`.
    """
    ### BEGIN SOLUTION
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for last, following in zip("." + word, word + "."):
            counts[index[last], index[following]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()
    ### END SOLUTION


def nll(log_probs, words):
    """Mean surprise of log_probs (27, 27) at the letters and ends of the words, in nats per character."""
    ### BEGIN SOLUTION
    pairs = [(index[a], index[b]) for word in words for a, b in zip("." + word, word + ".")]
    return -torch.stack([log_probs[pair] for pair in pairs]).mean()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "bigram-test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""Two tiny names, counted by hand."""
check.close(lambda: bigram_log_probs(["ab", "b"]).exp().sum(1), torch.ones(27),
    "Each row is the distribution of what follows one letter: are these natural logarithms, each row divided by its own sum?")
check.close(lambda: bigram_log_probs(["ab", "b"])[0, :3].exp(), torch.tensor([1, 2, 2]) / 29,
    "One name begins with a, one with b; smoothing adds 1 to all 27 counts. Is the start counted, afresh in each call?")
check.close(lambda: bigram_log_probs(["ab", "b"])[2, :3].exp(), torch.tensor([3, 1, 1]) / 29,
    "Both names end after b. Is the end counted, both times, in row b and column dot?")
### BEGIN HIDDEN TESTS
def oracle_table(words, smoothing):
    """The oracle: every pair counted one at a time."""
    counts = torch.full((27, 27), float(smoothing), dtype=torch.float64)
    for word in words:
        line = [0, *[ord(letter) - 96 for letter in word], 0]
        for i in range(len(line) - 1):
            counts[line[i], line[i + 1]] += 1
    return (counts / counts.sum(1)[:, None]).log()

some = ["anna", "otto", "zoe", "mississippi", "anna"]
check.close(lambda: bigram_log_probs(some),
    oracle_table(["anna", "otto", "zoe", "mississippi", "anna"], 1),
    "Is every pair of every name counted, each time it stands there? Without `smoothing` given, 1 is added.")
check.equal(some, ["anna", "otto", "zoe", "mississippi", "anna"],
    "The list of names came back changed.")
for smoothing in (0.1, 5.0):
    check.close(lambda: bigram_log_probs(some, smoothing),
        oracle_table(["anna", "otto", "zoe", "mississippi", "anna"], smoothing),
        "Is `smoothing` added to every count, once, before dividing?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bigram-test-nll", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""A model that knows nothing needs ln 27 nats for each character; the end is one of them."""
check.close(lambda: nll(torch.full((27, 27), -math.log(27)), ["ab", "zoe"]), math.log(27),
    "Is it the mean over characters of minus the log-probability?")
few = torch.full((27, 27), -9.0)
few[0, 1], few[1, 2], few[2, 0] = -1.0, -3.0, -8.0
check.close(lambda: nll(few, ["ab"]), 4.0,
    "ab is three predictions: .a costs 1 nat here, ab 3 and b. 8. Is a row the last letter, a column the next?")
check.close(lambda: nll(few, ["ab", "b"]), 5.8,
    "ab costs 1 + 3 + 8, b costs 9 + 8: 29 nats over 5 predictions. Is every character weighed alike, the table left as it was?")
### BEGIN HIDDEN TESTS
table = F.log_softmax(check.normal(27, 27), -1)
def oracle_nll(words):
    """The oracle: one sum, one count."""
    lines = [[0, *[ord(letter) - 96 for letter in word], 0] for word in words]
    found = [-F.log_softmax(check.normal(27, 27), -1)[a, b].item() for line in lines for a, b in zip(line, line[1:])]
    return sum(found) / len(found)

check.close(lambda: nll(table, ["jo", "mississippi", "jo"]), oracle_nll(["jo", "mississippi", "jo"]),
    "Names of different length, pairs that repeat: is every character weighed alike, each time?")
check.close(lambda: nll(table, ["anna"]), oracle_nll(["anna"]),
    "Do the start and the end of the name count as predictions?")
### END HIDDEN TESTS

# %% [markdown]
r"""
The whole model at a glance. **Look for** what begins names (the first row), what ends them (the first column), and what
follows q.
"""

# %% tags=["explore"]
bigram_table = bigram_log_probs(train_words)
plot.heatmap(bigram_table.exp(), letters, letters, "next letter", "last letter", "probability")
print(f"held-out names: {nll(bigram_table, dev_words):.3f} nats per character; ln 27 is {math.log(27):.3f}")

# %% [markdown]
r"""
Sampling from it invents names, one letter at a time. They have the sound of names, and no plan.
"""

# %% tags=["explore"]
def invent(next_log_probs, generator, longest=15):
    """Draw letters until the dot: next_log_probs takes the letters so far and returns (27,) of them."""
    name = ""
    while len(name) < longest:
        i = torch.multinomial(next_log_probs(name).exp(), 1, generator=generator).item()
        if i == 0:
            break
        name += letters[i]
    return name


dice = torch.Generator().manual_seed(1)
print(", ".join(invent(lambda name: bigram_table[index[name[-1:] or "."]], dice) for _ in range(12)))

# %% [markdown]
r"""
### 10 · A network that reads three letters

*8 points · 55 min · Bengio et al. 2003, section 2*

To count what follows three letters takes 27³ rows, mostly empty. A network shares what it learns: each letter gets a
vector, its **embedding**, and letters that behave alike come to lie close together.

The vectors of the last `context` letters stand side by side, oldest first; then come a layer with tanh, and one logit
for each letter:

$$z=W_2\tanh(W_1\,[e_1;\dots;e_C]+b_1)+b_2$$

<details><summary>A nudge</summary><code>nn.Embedding</code> turns ids (B, C) into (B, C, D). Which shape does the
hidden layer read?</details>
<details><summary>The key step</summary><code>flatten(1)</code> keeps the batch axis. The logits leave raw: the loss
applies softmax.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "mlp-lm", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CharMLP(nn.Module):
    """Bengio et al. 2003 without direct connections: ids (B, context) to logits (B, vocab_size).

    Parameters: an embedding (vocab_size, embed_dim); nn.Linear to `hidden` units; nn.Linear to the logits.
    """

    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        ### BEGIN SOLUTION
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)
        ### END SOLUTION

    def forward(self, ids):
        ### BEGIN SOLUTION
        return self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1))))
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "mlp-lm-test-size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""An embedding and two linear layers, of the right sizes."""
check.equal(lambda: sum(p.numel() for p in CharMLP(27, 3, 2, 5).parameters()),
    27 * 2 + (3 * 2 * 5 + 5) + (5 * 27 + 27),
    "An embedding and two linear layers with biases, nothing else: does the hidden layer read all the context's vectors at once?")
### BEGIN HIDDEN TESTS
check.equal(lambda: sum(p.numel() for p in CharMLP(9, 5, 4, 6).parameters()),
    9 * 4 + (5 * 4 * 6 + 6) + (6 * 9 + 9),
    "Other sizes: does any layer have a size that is fixed?")
check.equal(lambda: CharMLP(9, 5, 4, 6)(check.integers(2, 5, high=9)).shape, (2, 9),
    "One logit for each letter, for every row of the batch, however long the context is.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "mlp-lm-test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""With known weights, the logits are known."""
def known(shape):
    """The weights of a parameter of this shape, whichever way round it is stored."""
    values = check.normal(*sorted(shape))
    return values if sorted(shape) == list(shape) else values.T

def logits(V, C, D, H, ids):
    """What the student's network makes of ids when its parameters are known."""
    model = CharMLP(V, C, D, H).double()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(known(p.shape))
        return model(ids)

def by_hand(V, C, D, H, ids):
    """The oracle: the formula, one matrix at a time."""
    row = torch.cat([known((V, D))[ids[:, c]] for c in range(C)], dim=1)
    return torch.tanh(row @ known((H, C * D)).T + known((H,))) @ known((V, H)).T + known((V,))

ids = check.integers(4, 3, high=11)
check.close(lambda: logits(11, 3, 2, 5, ids), by_hand(11, 3, 2, 5, check.integers(4, 3, high=11)),
    "Are the vectors laid side by side, oldest first, then tanh, then raw logits with no softmax?")
check.equal(ids, check.integers(4, 3, high=11), "The ids came back changed.")
### BEGIN HIDDEN TESTS
for ids in (check.integers(1, 4, high=7, seed=2), torch.tensor([[1, 2, 3, 4], [4, 3, 2, 1]])):
    check.close(lambda: logits(7, 4, 3, 5, ids.clone()), by_hand(7, 4, 3, 5, ids),
        "Does it work for a batch of one, for other sizes, and for the same letters in another order?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-windows", "locked": true, "schema_version": 3, "solution": false, "task": false}
def windows(words, context=3):
    """Every prediction in the words: ids (N, context) of the letters before it, and targets (N,)."""
    lines = [[0] * context + [index[letter] for letter in word] + [0] for word in words]
    ids = torch.tensor([line[i : i + context] for line in lines for i in range(len(line) - context)])
    return ids, torch.tensor([following for line in lines for following in line[context:]])


train_ids, train_next = windows(train_words)
dev_ids, dev_next = windows(dev_words)

# %% nbgrader={"grade": true, "grade_id": "mlp-lm-test-learns", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""After 300 small steps it beats the table of pairs on names it has never seen."""
def held_out_loss(seed, steps=300, lr=0.01):
    """Nats per character on held-out names after training on the others."""
    torch.manual_seed(seed)
    model = CharMLP(27, 3, 8, 64)
    adam = torch.optim.Adam(model.parameters(), lr)
    for batch in check.integers(steps, 128, high=len(train_next), seed=seed):
        adam.zero_grad()
        F.cross_entropy(model(train_ids[batch]), train_next[batch]).backward()
        adam.step()
    with torch.no_grad():
        return F.cross_entropy(model(dev_ids), dev_next).item()

def unreached():
    """How many parameters one walk back leaves without a gradient."""
    model = CharMLP(27, 3, 8, 64)
    F.cross_entropy(model(train_ids[:64]), train_next[:64]).backward()
    return sum(p.grad is None for p in model.parameters())

check.equal(unreached, 0,
    "Some parameters get no gradient: is the way from the logits to the embedding cut?")
counts = 1.0 + torch.bincount(27 * train_ids[:, -1] + train_next, minlength=729).reshape(27, 27)
pairs_loss = F.cross_entropy((counts / counts.sum(1, keepdim=True)).log()[dev_ids[:, -1]], dev_next).item()
BETTER = f"The table of pairs reaches {pairs_loss:.3f} nats; three letters do better. Does each layer start as PyTorch's own?"
check.that(lambda: held_out_loss(0), lambda loss: loss < pairs_loss - 0.04, BETTER)
### BEGIN HIDDEN TESTS
check.that(lambda: held_out_loss(1, 200), lambda loss: 1.5 < loss < pairs_loss, BETTER)
check.equal(lambda: dev_ids[:2], [[0, 0, 0], [0, 0, index[dev_words[0][0]]]],
    "The held-out contexts came back changed.")
### END HIDDEN TESTS

# %% [markdown]
r"""
The learning rate matters more than anything else, so sweep it first: a short run at each. **Look for** the valley: too
small learns little, too large undoes what it learned (losses above 6 are drawn at 6).
"""

# %% tags=["explore"]
def fit(model, steps, lr, batch_size=128, seed=0):
    """Train by plain gradient descent; returns the loss of each step."""
    dice, losses = torch.Generator().manual_seed(seed), []
    for _ in range(steps):
        batch = torch.randint(len(train_next), (batch_size,), generator=dice)
        loss = F.cross_entropy(model(train_ids[batch]), train_next[batch])
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses


def fresh_model():
    """Eight numbers a letter; they start small, so that what they are later was learned."""
    torch.manual_seed(0)
    model = CharMLP(27, 3, 8, 128)
    with torch.no_grad():
        next(p for p in model.parameters() if p.shape == (27, 8)).mul_(0.1)
    return model


rates = torch.logspace(-3, 1, 13).tolist()
ends = [min(sum(fit(fresh_model(), 200, lr)[-50:]) / 50, 6) for lr in rates]
plot.curves({"loss": ends}, x=rates, xlabel="learning rate", ylabel="nats per character", logx=True);

# %% [markdown]
r"""
Now a longer run with a rate from the valley, ten times smaller at its end. **Look for** the gap that opens between
names it learned from and names held out, and the drop when the rate falls.
"""

# %% tags=["explore"]
lm, history = fresh_model(), {"names learned from": [], "names held out": []}
for lr, rounds in ((0.5, 24), (0.05, 8)):
    for part in range(rounds):
        fit(lm, 250, lr, seed=part)
        with torch.no_grad():
            history["names learned from"].append(F.cross_entropy(lm(train_ids), train_next).item())
            history["names held out"].append(F.cross_entropy(lm(dev_ids), dev_next).item())

plot.curves(history, x=torch.arange(1, 33) * 250, ylabel="loss (nats per character)")
print(f"network: {history['names held out'][-1]:.3f} nats; table of pairs: {nll(bigram_table, dev_words):.3f}")

# %% tags=["explore"]
def lm_next(name):
    """Log-probabilities of the next letter, from the network."""
    ids = [index[letter] for letter in ("..." + name)[-3:]]
    with torch.no_grad():
        return F.log_softmax(lm(torch.tensor([ids])), -1)[0]


print(", ".join(invent(lm_next, dice) for _ in range(12)))

# %% [markdown]
r"""
Each letter is eight numbers now; the two directions in which the letters differ most make a map (your `low_rank`, at
rank 2). **Look for** the vowels: nobody told the network which letters they are, or that y often acts as one.
"""

# %% tags=["explore"]
vectors = next(p for p in lm.parameters() if p.shape == (27, 8)).detach()
across, _ = low_rank(vectors - vectors.mean(0), 2)
plot.scatter(across, letters, title="letters by their embeddings");

# %% [markdown]
r"""
### 11 · The first step, before any step

*7 points · 45 min · Glorot and Bengio 2010; He et al. 2015, section 2.2*

A sum of $n$ inputs with weights of variance $1/n$ keeps their scale. Any other variance grows or shrinks it, *in every
layer*. A nonlinearity shrinks it too; a *gain* makes that good: 5/3 for tanh, $\sqrt2$ for relu.

Draw each hidden `nn.Linear`'s weights with standard deviation $\text{gain}/\sqrt{\text{fan-in}}$; biases are 0. The
**last** `nn.Linear` gives logits: ten times smaller, and the first guess is nearly uniform, loss $\ln 27$. Nothing else
changes.

<details><summary>A nudge</summary><code>model.modules()</code> visits every layer, in order; <code>weight.normal_(0,
std)</code> sets one in place, under <code>torch.no_grad()</code>.</details>
<details><summary>The key step</summary>The weight is (out, in); the fan-in counts inputs.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "init", "locked": false, "schema_version": 3, "solution": true, "task": false}
def init_weights(model, nonlinearity="tanh"):
    """Set every nn.Linear in place: random weights of standard deviation gain / sqrt(fan-in), biases (if any) 0.

    nonlinearity: 'tanh' (gain 5/3) or 'relu' (gain sqrt 2). The last nn.Linear gets a tenth of it, or less.
    """
    ### BEGIN SOLUTION
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    gain = {"tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    with torch.no_grad():
        for linear in linears:
            scale = 0.1 if linear is linears[-1] else 1.0
            linear.weight.normal_(0, scale * gain / linear.in_features**0.5)
            if linear.bias is not None:
                linear.bias.zero_()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "init-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""The first guess is nearly uniform, and each layer has the scale that its fan-in asks for."""
def first_loss():
    """Nats per character on 1,000 contexts before any training."""
    torch.manual_seed(0)
    model = CharMLP(27, 3, 10, 200)
    init_weights(model)
    with torch.no_grad():
        return F.cross_entropy(model(dev_ids[:1000]), dev_next[:1000]).item()

def spread(nonlinearity="tanh"):
    """The standard deviations of three layers' weights over 1 / sqrt(fan-in), and the largest bias."""
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Linear(900, 300), nn.Tanh())
    model = nn.Sequential(nn.Linear(400, 900), nn.Tanh(), inner, nn.Linear(300, 500))
    init_weights(model, nonlinearity)
    linears = [model[0], inner[0], model[3]]
    biases = torch.cat([one.bias for one in linears])
    return [one.weight.std().item() * one.in_features**0.5 for one in linears] + [biases.abs().max().item()]

check.close(lambda: spread()[:2], [5 / 3, 5 / 3],
    "Is every nn.Linear, nested or not, set in place to gain over the root of the fan-in, its inputs?",
    rtol=0.05)
check.close(first_loss, math.log(27),
    "Is the last layer a tenth of the others, so that no letter is favoured yet?", rtol=0.05)
### BEGIN HIDDEN TESTS
check.close(lambda: spread("relu")[:2], [2**0.5, 2**0.5], "The gain of relu is √2.", rtol=0.05)
check.that(lambda: [spread()[2], spread("relu")[2]], lambda last: max(last) < 0.2,
    "Is the scale of the last layer, the logits, a tenth of the others', for relu as well?")
check.equal(lambda: spread()[3], 0, "Is every bias 0, that of the last layer included?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-tower", "locked": true, "schema_version": 3, "solution": false, "task": false}
def tower(bend, depth=20, width=256):
    """`depth` layers of the given nonlinearity, and a last linear one."""
    torch.manual_seed(1)
    layers = [part for _ in range(depth) for part in (nn.Linear(width, width), bend())]
    return nn.Sequential(*layers, nn.Linear(width, 27))

# %% nbgrader={"grade": true, "grade_id": "init-test-depth", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""Through 20 layers, activations keep their scale."""
def scales(bend, nonlinearity):
    """The root mean square of the first and the 20th layer's activations, and the share of these beyond ±0.97."""
    model, x = tower(bend), check.normal(500, 256, dtype=torch.float32)
    init_weights(model, nonlinearity)
    with torch.no_grad():
        seen = model[:2](x), model[:40](x)
    return [a.square().mean().sqrt().item() for a in seen] + [(seen[1].abs() > 0.97).double().mean().item()]

check.that(lambda: scales(nn.Tanh, "tanh"), lambda s: 0.7 < s[1] / s[0] < 1.3 and s[2] < 0.15,
    "Activations shrink or saturate on the way. Is the gain of tanh in every hidden layer?")
### BEGIN HIDDEN TESTS
check.that(lambda: scales(nn.ReLU, "relu"), lambda s: 0.5 < s[1] / s[0] < 2,
    "With relu the activations shrink or grow on the way. Is its gain used when asked for?")
def kept():
    """How far the embedding moved, and whether the model still has the parameters that it had."""
    model = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(8, 3, bias=False), nn.Tanh(), nn.Linear(3, 5))
    parameters, before = list(model.parameters()), model[0].weight.detach().clone()
    init_weights(model)
    moved = (model[0].weight - before).abs().max().item()
    return [moved, all(old is new for old, new in zip(parameters, model.parameters()))]

check.equal(kept, [0, True],
    "Only nn.Linear is set, with or without a bias, and in place: no other embedding, no new nn.Parameter.")
### END HIDDEN TESTS

# %% [markdown]
r"""
The tower of 20 tanh layers as PyTorch starts it, after your `init_weights`, and with weights twice as large again.
**Look for** the dark curves, the last layers: to the left all of them are 0, to the right they crowd at ±1, where tanh
is flat.
"""

# %% tags=["explore"]
def activations(model):
    """What each tanh layer makes of 500 random inputs."""
    x, seen = torch.randn(500, 256), []
    with torch.no_grad():
        for part in model:
            x = part(x)
            seen += [x] * isinstance(part, nn.Tanh)
    return seen


default, yours, large = (tower(nn.Tanh) for _ in range(3))
init_weights(yours)
init_weights(large)
with torch.no_grad():
    for p in large.parameters():
        p.mul_(2)

for ax, (label, model) in zip(plot.grid(1, 3, width=3), {"default": default, "yours": yours, "twice": large}.items()):
    seen = activations(model)
    plot.layers(seen, f"{label}: {(seen[-1].abs() > 0.97).double().mean():.0%} saturated", ax=ax)

# %% [markdown]
r"""
### 12 · Batch normalization

*7 points · 45 min · Ioffe and Szegedy 2015, section 3*

Instead of hoping that the scale stays, enforce it. Over the batch, each feature gets mean 0 and variance 1; a learned
scale $\gamma$ and shift $\beta$ may undo that:

$$y=\gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\varepsilon}}+\beta$$

When the network is used, there may be no batch. So in training keep running averages of $\mu$ and $\sigma^2$
(`running = (1 - momentum) * running + momentum * batch`), and in evaluation normalize by those. A detail: the batch is
normalized by the biased variance (over $N$), but the *running* one averages the unbiased (over $N-1$).

<details><summary>A nudge</summary>Which of the quantities must carry gradients, and which must not?</details>
<details><summary>The key step</summary>The running averages are buffers, not parameters: update them under
<code>torch.no_grad()</code>, if <code>self.training</code>.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "batchnorm", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BatchNorm1d(nn.Module):
    """Batch normalization of x (N, dim), as torch.nn.BatchNorm1d has it: Ioffe and Szegedy 2015.

    Learned: gamma and beta; kept: running_mean and running_var; each (dim,).
    """

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x):
        ### BEGIN SOLUTION
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(0, unbiased=True), self.momentum)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "batchnorm-test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""Training: outputs, gradients and running averages are PyTorch's."""
def batches(n=3, dtype=torch.float32):
    """n batches of 6 points with 4 features each, far from mean 0 and variance 1."""
    return [(3 * check.normal(6, 4, seed=i) + torch.tensor([0.0, 5.0, -2.0, 1.0])).to(dtype) for i in range(n)]

def train_on(norm, n=3):
    """The outputs of each batch, then the running mean and variance."""
    return [norm(x) for x in batches(n)] + [norm.running_mean, norm.running_var]

check.close(lambda: train_on(BatchNorm1d(4), 1)[0], train_on(nn.BatchNorm1d(4), 1)[0],
    "Each feature is normalized over the batch (axis 0), by the biased variance plus eps.")
check.close(lambda: train_on(BatchNorm1d(4))[3:], train_on(nn.BatchNorm1d(4))[3:],
    "Running averages: is the new batch's share `momentum`, and its variance unbiased?")
def slopes_of(norm, gamma="gamma", beta="beta"):
    """The gradients of x, gamma and beta, both set away from their start, in float64."""
    x, scale, shift = batches(1, torch.float64)[0].requires_grad_(), *(getattr(norm.double(), one) for one in (gamma, beta))
    with torch.no_grad():
        scale.copy_(torch.tensor([1.0, 2.0, -1.0, 0.5]))
        shift.fill_(0.3)
    return list(torch.autograd.grad((norm(x) ** 3).sum(), (x, scale, shift)))

check.close(lambda: slopes_of(BatchNorm1d(4)), slopes_of(nn.BatchNorm1d(4), "weight", "bias"),
    "Gradients flow through the mean and variance too: is either detached? Is eps under the root? Do gamma, beta count?")
### BEGIN HIDDEN TESTS
check.close(lambda: train_on(BatchNorm1d(4, eps=0.5, momentum=0.3)),
    train_on(nn.BatchNorm1d(4, eps=0.5, momentum=0.3)),
    "Are the given eps (inside the root) and momentum used?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "batchnorm-test-eval", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Evaluation: the running averages normalize, and stay as they are."""
def evaluate(norm, x):
    """Train on three batches, then the output for x in evaluation, and the running averages after that."""
    train_on(norm)
    norm.training = False
    theirs = isinstance(norm, nn.BatchNorm1d)
    with torch.no_grad():
        (norm.weight if theirs else norm.gamma).fill_(2.0)
        (norm.bias if theirs else norm.beta).fill_(-1.0)
    return [norm(x), norm.running_mean, norm.running_var]

check.close(lambda: evaluate(BatchNorm1d(4), batches(5)[4]), evaluate(nn.BatchNorm1d(4), batches(5)[4]),
    "In evaluation: do the running averages normalize, no longer updated? Are gamma and beta applied?")
def carried(norm):
    """Whether the running averages carry gradients after a batch that does."""
    norm(batches(1)[0].requires_grad_())
    return [norm.running_mean.requires_grad, norm.running_var.requires_grad]

check.equal(lambda: carried(BatchNorm1d(4)), [False, False],
    "The running averages carry gradients, and so keep old batches in memory: are they updated under torch.no_grad()?")
### BEGIN HIDDEN TESTS
check.close(lambda: evaluate(BatchNorm1d(4, eps=0.5), batches(5)[4][:1]),
    evaluate(nn.BatchNorm1d(4, eps=0.5), batches(5)[4][:1]),
    "A batch of one is no trouble in evaluation: the running averages normalize it, with eps as in training.")
check.close(lambda: (lambda x: [evaluate(BatchNorm1d(4), x), x][1])(batches(5)[4]), batches(5)[4],
    "x came back changed: is it normalized in place?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Ten tanh layers, badly initialized with gain 3, without and with your normalization in front of each tanh. In both
panels the curves lie on top of one another. **Look for** the ends: without it nearly half of the activations pile up at
±1, with it they spread.
"""

# %% tags=["explore"]
def stack_of(depth, normalized):
    """The activations of each layer of a badly initialized tower."""
    torch.manual_seed(0)
    x, seen = torch.randn(500, 256), []
    for _ in range(depth):
        x = x @ torch.randn(256, 256) * 3 / 16
        x = torch.tanh(BatchNorm1d(256)(x) if normalized else x).detach()
        seen.append(x)
    return seen


for ax, normalized in zip(plot.grid(1, 2, width=3.4), (False, True)):
    plot.layers(stack_of(10, normalized), "with normalization" if normalized else "without", ax=ax)

# %% [markdown]
r"""
### 13 · Backward by hand

*8 points · 100 min · Ioffe and Szegedy 2015, section 3; Rumelhart et al. 1986*

Be the autograd: from `grad`, the loss's gradient at a layer's output, to those of its inputs. **No autograd call**
(they are counted); results agree with autograd to $10^{-9}$ in float64. `linear` means $xW^\top+b$, as in `nn.Linear`.

Write one entry as a sum and differentiate; or let the shapes guide you.

<details><summary>A nudge</summary>The gradient of the mean cross-entropy is (softmax − one-hot) / N. Why?</details>
<details><summary>The key step</summary>In batch normalization x counts directly, in the mean, and in the variance. With
x̂ the normalized input and g = grad · γ: dx = (g − mean(g) − x̂ · mean(g · x̂)) / √(σ² + ε).</details>
"""

# %% nbgrader={"grade": false, "grade_id": "manual-backprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy_backward(logits, targets):
    """The gradient (N, V) of the mean cross-entropy with respect to logits (N, V), for targets (N,)."""
    ### BEGIN SOLUTION
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)
    ### END SOLUTION
def tanh_backward(grad, out):
    """The gradient of tanh's input, from that of its output and the output itself, all of one shape."""
    ### BEGIN SOLUTION
    return grad * (1 - out**2)
    ### END SOLUTION
def linear_backward(grad, x, W):
    """(dx, dW, db) of x @ W.T + b: grad (N, out), x (N, in), W (out, in)."""
    ### BEGIN SOLUTION
    return grad @ W, grad.T @ x, grad.sum(0)
    ### END SOLUTION
def batchnorm_backward(grad, x, gamma, eps=1e-5):
    """(dx, dgamma, dbeta) of batch normalization in training: grad, x (N, dim); gamma (dim,)."""
    ### BEGIN SOLUTION
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)
    ### END SOLUTION
def embedding_backward(grad, ids, vocab_size):
    """The table's gradient (vocab_size, D), from grad (..., D) at ids (...); repeated ids add up."""
    ### BEGIN SOLUTION
    return torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype).index_add(0, ids.flatten(), grad.flatten(0, -2))
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-by-hand", "locked": true, "schema_version": 3, "solution": false, "task": false}
AUTOGRAD = ["torch.autograd._engine_run_backward", "torch.autograd.forward_ad.make_dual"]  # nearly every way in ends here
BY_HAND = "By hand: was autograd called (first number)? Did an input come back changed (second)?"

def by_autograd(f, *inputs):
    """The oracle: gradients of the 0-d tensor f(*inputs) with respect to each input."""
    leaves = [one.detach().clone().requires_grad_() for one in inputs]
    return list(torch.autograd.grad(f(*leaves), leaves))

def unaided(f, *inputs):
    """f(*inputs) as a list, and [how many autograd calls it made, how many inputs it changed]."""
    before = copy.deepcopy(inputs)
    with check.calls(*AUTOGRAD) as count:
        out = f(*inputs)
    changed = sum(not torch.equal(torch.as_tensor(one), torch.as_tensor(old)) for one, old in zip(inputs, before))
    return [*out] if isinstance(out, (tuple, list)) else [out], [sum(count.values()), changed]

# %% nbgrader={"grade": true, "grade_id": "manual-backprop-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The loss and tanh, against autograd, without it being called."""
targets, grad, out = torch.tensor([0, 3, 3, 1, 2]), check.normal(3, 5), check.normal(3, 5, seed=1).tanh()
check.close(lambda: unaided(cross_entropy_backward, 3 * check.normal(5, 4), targets)[0],
    by_autograd(lambda z: F.cross_entropy(z, torch.tensor([0, 3, 3, 1, 2])), 3 * check.normal(5, 4)),
    "Is it softmax minus one-hot, over the N rows of the mean?", rtol=0, atol=1e-9)
check.equal(lambda: unaided(cross_entropy_backward, 3 * check.normal(5, 4), targets)[1], [0, 0],
    BY_HAND)
check.close(lambda: unaided(tanh_backward, grad.clone(), out.clone())[0],
    by_autograd(lambda x: (x.tanh() * check.normal(3, 5)).sum(), check.normal(3, 5, seed=1)),
    "The slope of tanh is 1 - out², from the output, not from the input.", rtol=0, atol=1e-9)
check.equal(lambda: unaided(tanh_backward, grad, out)[1], [0, 0], BY_HAND)
### BEGIN HIDDEN TESTS
check.close(lambda: unaided(cross_entropy_backward, 900 * check.normal(5, 4), targets)[0],
    by_autograd(lambda z: F.cross_entropy(z, torch.tensor([0, 3, 3, 1, 2])), 900 * check.normal(5, 4)),
    "Large logits overflow: is the softmax a stable one?", rtol=0, atol=1e-9)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "manual-backprop-test-linear", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A linear layer: three gradients, each in the shape of its own."""
def linear_case(N, n_in, n_out, size=1):
    """A grad of the output, x and W."""
    return size * check.normal(N, n_out, seed=2), check.normal(N, n_in), check.normal(n_out, n_in)

def linear_oracle(grad, x, W):
    """The gradients of x, W and b by autograd."""
    return by_autograd(lambda x, W, b: (F.linear(x, W, b) * grad).sum(), x, W, torch.zeros(len(W), dtype=W.dtype))

check.close(lambda: unaided(linear_backward, *linear_case(5, 4, 3))[0],
    linear_oracle(*linear_case(5, 4, 3)),
    "dx is (N, in), dW (out, in), db (out,), the last two summed over N: which product has that shape?",
    rtol=0, atol=1e-9)
check.equal(lambda: unaided(linear_backward, *linear_case(5, 4, 3))[1], [0, 0], BY_HAND)
### BEGIN HIDDEN TESTS
check.close(lambda: unaided(linear_backward, *linear_case(4, 4, 4))[0],
    linear_oracle(*linear_case(4, 4, 4)),
    "All sizes are equal here, so the shapes do not help: is anything transposed?", rtol=0,
    atol=1e-9)
check.close(lambda: unaided(linear_backward, *linear_case(4, 3, 2, 1000))[0],
    linear_oracle(*linear_case(4, 3, 2, 1000)),
    "A large grad, to 1e-9: is it the formula, not a difference quotient?", rtol=0, atol=1e-9)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "manual-backprop-test-batchnorm", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Batch normalization: x reaches the output by three ways."""
def norm_case(N, dim, size=1):
    """A grad of the output, x (far from normalized) and gamma."""
    return size * check.normal(N, dim, seed=2), 2 * check.normal(N, dim) + 1, check.normal(dim)

def norm_oracle(grad, x, gamma, eps=1e-5):
    """The gradients of x, gamma and beta by autograd."""
    def forward(x, gamma, beta):
        return (F.batch_norm(x, None, None, gamma, beta, True, eps=eps) * grad).sum()
    return by_autograd(forward, x, gamma, torch.zeros_like(gamma))

check.close(lambda: unaided(batchnorm_backward, *norm_case(6, 3))[0], norm_oracle(*norm_case(6, 3)),
    "Does dx count the ways through the mean and the variance (biased, plus eps)? Is gamma in dx, not in dgamma?",
    rtol=0, atol=1e-9)
check.equal(lambda: unaided(batchnorm_backward, *norm_case(6, 3))[1], [0, 0], BY_HAND)
### BEGIN HIDDEN TESTS
check.close(lambda: unaided(batchnorm_backward, *norm_case(4, 5), 0.5)[0],
    norm_oracle(*norm_case(4, 5), 0.5),
    "With a large eps: does σ mean the root of the variance plus eps everywhere?", rtol=0,
    atol=1e-9)
check.close(lambda: unaided(batchnorm_backward, *norm_case(7, 2, 1000))[0],
    norm_oracle(*norm_case(7, 2, 1000)),
    "A large grad, to 1e-9: is it the formula, not a difference quotient?", rtol=0, atol=1e-9)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "manual-backprop-test-embedding", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""An embedding: a row that was read twice gets both grads."""
def table_oracle(grad, ids, vocab_size):
    """The gradient of the table by autograd."""
    return by_autograd(lambda table: (table[torch.tensor(ids)] * grad).sum(), check.normal(vocab_size, grad.shape[-1]))

ids = [[1, 4, 1], [0, 1, 2]]
check.close(lambda: unaided(embedding_backward, check.normal(2, 3, 2), torch.tensor(ids), 6)[0],
    table_oracle(check.normal(2, 3, 2), [[1, 4, 1], [0, 1, 2]], 6),
    "Row 1 was read three times: are its grads added, in their dtype? Are there vocab_size rows, unread ones 0?",
    rtol=0, atol=1e-9)
check.equal(lambda: unaided(embedding_backward, check.normal(2, 3, 2), torch.tensor(ids), 6)[1], [0, 0],
    BY_HAND)
### BEGIN HIDDEN TESTS
ids = [2, 2, 2, 0, 2, 5, 5]
check.close(lambda: unaided(embedding_backward, check.normal(7, 3), torch.tensor(ids), 8)[0],
    table_oracle(check.normal(7, 3), [2, 2, 2, 0, 2, 5, 5], 8),
    "ids with one axis work as well, and the table has vocab_size rows.", rtol=0, atol=1e-9)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your five functions, in reverse order, train the network of exercise 10 with batch normalization in it. Autograd is off.
**Look for** a loss that falls as it did there.
"""

# %% tags=["explore"]
torch.manual_seed(0)
E, W1, b1 = torch.randn(27, 8), torch.randn(128, 24) / 5, torch.zeros(128)
gamma, beta, W2, b2 = torch.ones(128), torch.zeros(128), torch.randn(27, 128) / 110, torch.zeros(27)
parameters = [E, W1, b1, gamma, beta, W2, b2]


def hand_gradients(ids, targets):
    """The loss, and the gradient of each parameter, in the order of `parameters`."""
    x = E[ids].flatten(1)
    before = x @ W1.T + b1
    h = torch.tanh(F.batch_norm(before, None, None, gamma, beta, True))
    logits = h @ W2.T + b2
    dh, dW2, db2 = linear_backward(cross_entropy_backward(logits, targets), h, W2)
    dbefore, dgamma, dbeta = batchnorm_backward(tanh_backward(dh, h), before, gamma)
    dx, dW1, db1 = linear_backward(dbefore, x, W1)
    dE = embedding_backward(dx.view(*ids.shape, 8), ids, 27)
    return F.cross_entropy(logits, targets).item(), [dE, dW1, db1, dgamma, dbeta, dW2, db2]


# %% tags=["explore"]
by_hand_losses = []
with torch.inference_mode():
    for _ in range(2000):
        batch = torch.randint(len(train_next), (128,))
        loss, gradients_by_hand = hand_gradients(train_ids[batch], train_next[batch])
        for p, grad in zip(parameters, gradients_by_hand):
            p -= 0.3 * grad
        by_hand_losses.append(loss)

means = torch.tensor(by_hand_losses).view(-1, 50).mean(1)
plot.curves({"by hand": means}, x=range(50, 2001, 50), ylabel="loss (nats per character)");

# %% [markdown]
r"""
### 14 · A way around

*5 points · 45 min · He et al. 2016, section 3; Radford et al. 2019, section 2.3*

Through 50 layers a gradient is multiplied 50 times. Add the input back after each layer, and one way through the
network multiplies by 1:

$$h\leftarrow h+\frac{1}{\sqrt{2\cdot\text{depth}}}\tanh(Wh+b)$$

The factor keeps the sum of all branches at a fixed scale, however deep the network is; the 2 is a convention from
transformers, which have two branches in each layer. `residual=False` leaves both the addition and the factor out:
$h\leftarrow\tanh(Wh+b)$.

<details><summary>A nudge</summary>Keep the layers in an <code>nn.ModuleList</code>, or PyTorch will not find their
parameters.</details>
<details><summary>The key step</summary>The factor belongs to the branch, before the addition; never to h.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "residual", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ResidualMLP(nn.Module):
    """depth layers nn.Linear(dim, dim) with tanh, as PyTorch initializes them: h (N, dim) to (N, dim).

    With skips (He et al. 2016; scaled in the spirit of Radford et al. 2019) unless residual is False.
    """

    def __init__(self, dim, depth, residual=True):
        super().__init__()
        ### BEGIN SOLUTION
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5
        ### END SOLUTION

    def forward(self, h):
        ### BEGIN SOLUTION
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h
        ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-known-weights", "locked": true, "schema_version": 3, "solution": false, "task": false}
def with_weights(model, scale, x):
    """The output when every layer has the same known matrix and bias, times `scale`."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(scale * check.normal(*p.shape))
        return model(x)

def branch(scale, h):
    """The oracle of one layer: tanh(Wh + b) with those weights."""
    return torch.tanh(h @ (scale * check.normal(3, 3)).T + scale * check.normal(3))

def expected(depth, scale, h):
    """The oracle: the formula, `depth` times."""
    for _ in range(depth):
        h = h + branch(scale, h) / (2 * depth) ** 0.5
    return h

# %% nbgrader={"grade": true, "grade_id": "residual-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""With known weights: what a branch adds."""
x = check.normal(2, 3, dtype=torch.float32)
check.equal(lambda: sum(p.numel() for p in ResidualMLP(3, 4).parameters()), 4 * (9 + 3),
    "4 layers of dim 3: are they in an nn.ModuleList, so that all parameters are found?")
check.close(lambda: with_weights(ResidualMLP(3, 4), 0.0, x), check.normal(2, 3),
    "With all weights 0 the branches add nothing: is the input itself carried along, unscaled?")
check.close(lambda: with_weights(ResidualMLP(3, 8), 1.0, x), expected(8, 1.0, check.normal(2, 3)),
    "Is each branch tanh(Wh + b), over the root of 2·depth, added to the h that the layer read?")
check.close(x, check.normal(2, 3), "The input came back changed: is h added to in place?")
### BEGIN HIDDEN TESTS
for depth in (1, 3):
    check.close(lambda: with_weights(ResidualMLP(3, depth), -0.5, x),
        expected(depth, -0.5, check.normal(2, 3)),
        "Is each branch tanh(Wh + b), over the root of 2·depth, added to the h that the layer read?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "residual-test-plain", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""With residual=False there is neither the addition nor the factor."""
check.close(lambda: with_weights(ResidualMLP(3, 2, residual=False), 0.7, x),
    branch(0.7, branch(0.7, check.normal(2, 3))),
    "Is the output of a layer tanh(Wh + b) alone, no factor, with residual=False?")
### BEGIN HIDDEN TESTS
check.close(lambda: with_weights(ResidualMLP(3, 5, residual=False), 0.0, x), torch.zeros(2, 3),
    "With all weights 0 nothing comes through: is the input left out, with residual=False?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "residual-test-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Through 50 layers the gradient arrives, with skips; without them it dies."""
def gradient_ratio(residual, depth=50, dim=32):
    """The size of the first layer's gradient over the last layer's."""
    torch.manual_seed(0)
    model = ResidualMLP(dim, depth, residual)
    model(check.normal(16, dim, dtype=torch.float32)).square().mean().backward()
    grads = [p.grad.norm().item() for p in model.parameters() if p.dim() == 2]
    return grads[0] / grads[-1]

check.that(lambda: gradient_ratio(True), lambda ratio: 0.1 < ratio < 10,
    "The first layer's gradient should be of the order of the last's: is the input added after every layer?")
check.that(lambda: gradient_ratio(False), lambda ratio: ratio < 1e-6,
    "Without skips the gradient dies on its way: is residual=False the plain network, as PyTorch initializes it?")
### BEGIN HIDDEN TESTS
check.that(lambda: gradient_ratio(True, depth=100, dim=16), lambda ratio: 0.1 < ratio < 10,
    "At twice the depth too: does the factor depend on depth?")
check.close(lambda: len(list(ResidualMLP(5, 7).parameters())), 14,
    "A matrix and a bias for each layer.")
### END HIDDEN TESTS

# %% [markdown]
r"""
The size of each layer's gradient, the input to the left. **Look at** the scale of the vertical axis: without skips the
first layers learn nothing.
"""

# %% tags=["explore"]
def gradient_sizes(residual, depth=50):
    """The norm of the gradient at each layer."""
    torch.manual_seed(0)
    model = ResidualMLP(32, depth, residual)
    model(torch.randn(16, 32)).square().mean().backward()
    return [p.grad.norm().item() for p in model.parameters() if p.dim() == 2]


sizes = {"with skips": gradient_sizes(True), "without": gradient_sizes(False)}
plot.curves(sizes, xlabel="layer", ylabel="norm of the gradient", logy=True);

# %% [markdown]
r"""
### 15 · Two optimizers

*5 points · 60 min · Kingma and Ba 2014, algorithm 1; Loshchilov and Hutter 2017, algorithm 2*

**Momentum** sums up gradients $g$, $v\leftarrow\mu v+g$, and moves by $-\mathrm{lr}\,v$: fast along a valley, calm
across it. **AdamW** divides a running mean of the gradient by the root of a running mean of its square, so every
parameter moves at its own pace. With $t$ counted from 1:

$$m\leftarrow\beta_1m+(1-\beta_1)g,\qquad v\leftarrow\beta_2v+(1-\beta_2)g^2$$

$$p\leftarrow p-\mathrm{lr}\,\frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)}+\varepsilon}$$

First, apart from the gradient (*decoupled*), the weight decays: $p\leftarrow(1-\mathrm{lr}\,\lambda)\,p$. A parameter
whose `grad` is None stays as it is.

<details><summary>A nudge</summary><code>__init__</code> made m, v and t: what must outlast a step?</details>
<details><summary>The key step</summary><code>m = b1 * m + ...</code> only rebinds a name: write into the stored tensor
(<code>mul_</code>, <code>add_</code>). eps is added after the root.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-optimizer", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Optimizer:
    """What both share: the list of parameters, the step's size, and zero_grad()."""

    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% nbgrader={"grade": false, "grade_id": "optimizers", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SGD(Optimizer):
    """Gradient descent with momentum, as torch.optim.SGD has it."""
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]
    @torch.no_grad()
    def step(self):
        ### BEGIN SOLUTION
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)
        ### END SOLUTION
class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2017), scaled by lr as torch.optim.AdamW has it."""
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))
    @torch.no_grad()
    def step(self):
        ### BEGIN SOLUTION
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))
        ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-walk", "locked": true, "schema_version": 3, "solution": false, "task": false}
def walk(make, steps=100):
    """Where two parameters end after so many steps on a bumpy surface."""
    params = [check.normal(3, 2, seed=seed).requires_grad_() for seed in range(2)]
    optimizer = make(params)
    for t in range(steps):
        optimizer.zero_grad()
        (params[0].sin().sum() + (params[0] * params[1]).square().mean() * (1 + t % 3)).backward()
        optimizer.step()
    return [p.detach() for p in params]

def second_step(make):
    """How many entries a second step changes: of parameters with no grad ever, none by then, and one; of that grad."""
    params, two = [check.normal(3, 2, seed=seed).requires_grad_() for seed in range(3)], torch.full((3, 2), 2.0).double()
    optimizer, params[1].grad, params[2].grad = make(params), two.clone(), two.clone()
    optimizer.step()
    params[1].grad, before = None, [p.detach().clone() for p in params]
    optimizer.step()
    return [int((now != old).sum()) for now, old in zip((*params, params[2].grad), (*before, two))]

# %% nbgrader={"grade": true, "grade_id": "optimizers-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""100 steps of SGD are those of torch.optim, to 1e-10."""
STAYS = "Parameters whose grad is None stay (first two numbers), others move (third), grads are only read (last)."
check.close(lambda: walk(lambda params: SGD(params, 0.05)),
    walk(lambda params: torch.optim.SGD(params, 0.05)),
    "Plain descent: p moves by -lr times its grad.", rtol=0, atol=1e-10)
check.close(lambda: walk(lambda params: SGD(params, 0.05, 0.9)),
    walk(lambda params: torch.optim.SGD(params, 0.05, 0.9)),
    "Is it v = momentum * v + grad, the whole grad, with a v of its own for each parameter?",
    rtol=0, atol=1e-10)
check.equal(lambda: second_step(lambda params: SGD(params, 0.05, 0.9)), [0, 0, 6, 0], STAYS)
### BEGIN HIDDEN TESTS
check.close(lambda: walk(lambda params: SGD(iter(params), lr=0.01, momentum=0.5), 7),
    walk(lambda params: torch.optim.SGD(params, lr=0.01, momentum=0.5), 7),
    "Do lr and momentum work at other values? Is an iterator of parameters kept as a list?",
    rtol=0, atol=1e-10)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "optimizers-test-adamw", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""100 steps of AdamW are those of torch.optim, to 1e-10."""
bare = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 0.0, "weight_decay": 0.0}
settings = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}
check.close(lambda: walk(lambda params: AdamW(params, **bare), 1),
    walk(lambda params: torch.optim.AdamW(params, **bare), 1),
    "Without eps and decay the first step is ± lr: is t 1 here, which makes both means good for their start at 0? " "Is the new share 1 - beta, and v under a root?",
    rtol=0, atol=1e-10)
check.close(lambda: walk(lambda params: AdamW(params, **bare)),
    walk(lambda params: torch.optim.AdamW(params, **bare)),
    "Does t count the steps, are m and v kept between them, does beta1 go with the grad, beta2 with its square?", rtol=0,
    atol=1e-10)
check.equal(lambda: second_step(lambda params: AdamW(params, **settings)), [0, 0, 6, 0], STAYS)
check.close(lambda: walk(lambda params: AdamW(params, **settings)),
    walk(lambda params: torch.optim.AdamW(params, **settings)),
    "Does the weight decay by lr times weight_decay, first and apart from the gradient? Is eps after the root?",
    rtol=0, atol=1e-10)
### BEGIN HIDDEN TESTS
check.close(lambda: walk(lambda params: AdamW(params)), walk(lambda params: torch.optim.AdamW(params)),
    "With nothing given: lr 1e-3, betas (0.9, 0.999), eps 1e-8, weight_decay 0.01.", rtol=0, atol=1e-10)
check.close(lambda: walk(lambda params: AdamW(iter(params), lr=0.1, betas=(0.9, 0.999), eps=0.1, weight_decay=0.5)),
    walk(lambda params: torch.optim.AdamW(params, lr=0.1, betas=(0.9, 0.999), eps=0.1, weight_decay=0.5)),
    "A large eps and a strong decay: are they where the formula has them?", rtol=0, atol=1e-10)
### END HIDDEN TESTS

# %% [markdown]
r"""
A ravine, a hundred times steeper across than along, and three walkers with 60 steps each, at a rate that suits each.
**Look for** the zigzag of plain descent, how momentum swings less and gets further, and AdamW's first steps: as fast
along as across.
"""

# %% tags=["explore"]
def ravine(x, y):
    return 0.01 * x**2 + y**2 + 0.02


def race(make):
    """The path of 60 steps from the same start."""
    p = torch.tensor([-9.0, 1.5], requires_grad=True)
    optimizer, track = make([p]), [p.detach().clone()]
    for _ in range(60):
        optimizer.zero_grad()
        ravine(*p).backward()
        optimizer.step()
        track.append(p.detach().clone())
    return torch.stack(track)


tracks = {"SGD": race(lambda p: SGD(p, 0.95)), "with momentum": race(lambda p: SGD(p, 0.3, 0.8))}
tracks["AdamW"] = race(lambda p: AdamW(p, 0.3))
plot.paths(ravine, tracks, (-10, 4), (-2, 2));

# %% [markdown]
r"""
## What you can do now

You can differentiate any program of numbers, train a network with nothing but your own code, say why it learns or does
not (scale, normalization, skips, step size), and measure a language model in nats per character.

The picture of the whole: **a model is a function from context to a distribution; training is the chain rule,
repeated**. The next notebook keeps all of this and changes one thing, how the context is read: *attention*.
"""

# %% [markdown]
r"""
## Where to go deeper

- Bengio et al. 2003, [A Neural Probabilistic Language Model](https://www.jmlr.org/papers/v3/bengio03a.html): exercise
  10, and much that came later.
- He et al. 2015, [Delving Deep into Rectifiers](https://arxiv.org/abs/1502.01852): where relu's gain comes from.
- Ioffe and Szegedy 2015, [Batch Normalization](https://arxiv.org/abs/1502.03167).
- He et al. 2016, [Deep Residual Learning](https://arxiv.org/abs/1512.03385).
- Kingma and Ba 2014, [Adam](https://arxiv.org/abs/1412.6980); Loshchilov and Hutter 2017,
  [Decoupled Weight Decay](https://arxiv.org/abs/1711.05101).
- Baydin et al. 2018, [Automatic Differentiation in Machine Learning: a Survey](https://arxiv.org/abs/1502.05767): part
  B, in general.
"""

# %% [markdown]
r"""
## How far you are

The bar shows which exercises pass their visible tests **now**, in this kernel, and how much time the rest may take.
Save the notebook first.
"""

# %% tags=["explore"]
from course.progress import progress

progress()
