# %% [markdown]
r"""
# Alignment

**From a model that completes text to one that helps: instructions, adapters, human ratings, and the reward they become.**

You start by marking which tokens a chat model should learn. Fourteen exercises later you have tuned a real one through
adapters over 4-bit weights, turned people's ratings into a reward, raised it by PPO and by two shortcuts, and seen what
happens when it is raised too far.

*100 points · core exercises 3 hours · all of them 11 hours*
"""

# %% [markdown]
r"""
## Where to start

You have done the transformers notebook, or know a GPT's parts and a training step. No reinforcement learning: what is
needed is built here. **Weekend track**: the exercises marked *core*. **Full track**: all fourteen.

First read Huyen's [RLHF](https://huyenchip.com/2023/05/02/rlhf.html), a map of the whole pipeline; before part C,
[Spinning Up, part 3](https://spinningup.openai.com/en/latest/spinningup/rl_intro3.html), which derives the policy gradient.
Leave PPO's mathematics for later; do find out what the KL term is for.

Replace `raise NotImplementedError(...)`, then run every cell down to the next text. A function leaves its arguments as
they were. The tests you see are a part of those that grade you. **Validate** runs everything from a fresh start, as
grading does.
"""

# %% nbgrader={"grade": false, "grade_id": "given-imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
import random

import numpy as np
import torch
import transformers
from torch import nn
from torch.nn import functional as F

from course import check, data, device, models, plot, widgets

# Graded cells work on small tensors: a second thread would only wait for the first. Long runs ask for all cores.
torch.set_num_threads(1)

# %% [markdown]
r"""
# A · Following instructions

A pretrained model continues text. *Supervised fine-tuning* (SFT) shows it conversations and lets it learn the answers, and
*adapters* do that with a hundredth of the numbers. In shapes, as before: **B** batch, **T** tokens, **V** vocabulary.
"""

# %% [markdown]
r"""
# B · Four bits

Adapters leave the base model as it is, so it may as well be stored in fewer bits: a quarter of the memory of 16-bit
weights, and the adapter learns around what rounding has done.
"""

# %% [markdown]
r"""
# C · What people prefer

Nobody can write down a loss for "a good answer", but people can say which of two is better. From such judgements comes a
reward, and from the reward, by reinforcement learning, a model that earns more of it.
"""

# %% [markdown]
r"""
# D · Shortcuts, and what a reward is worth

PPO needs a reward model, a value function and samples at every step. Two ways do without some of them, one asks a model
for the judgements, and the last exercise asks what is left of a reward once it has been optimized.
"""

# %% [markdown]
r"""
### 11 · No reward model at all

*9 points · core · 20 min · Rafailov et al. 2023, section 4*

PPO's goal, reward minus $\beta$ times KL, has a known best policy: $\pi(y|x)\propto\pi_{\rm ref}(y|x)\,e^{r(x,y)/\beta}$.
Read it backwards: *every* policy is best for some reward, up to a term of the prompt that cancels in comparisons,

$$\hat r=\beta\,(\log\pi(y|x)-\log\pi_{\rm ref}(y|x))\qquad L=-\log\sigma(\hat r_c-\hat r_r)$$

Exercise 7's loss, then, with the policy as its own reward model; c is the answer chosen, r the one rejected. Since
$\frac{d}{dz}(-\log\sigma(z))=-\sigma(-z)$,

$$\nabla L=-\beta\,\sigma(\hat r_r-\hat r_c)\,(\nabla\log\pi(y_c)-\nabla\log\pi(y_r))$$

A pair pulls as hard as it is still told wrong.

<details><summary>A nudge</summary>Labels are not shifted: which logits answer for label t?</details>
<details><summary>The key step</summary>log σ has a function of its own in PyTorch, which stays finite.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "dpo", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequence_logps(logits, labels):
    """Each sequence's log-probability in nats, summed over its targets: (B,).

    logits: (B, T, V); labels: long (B, T), not shifted, as in transformers: logits at t predict the label at t + 1.
    -100 is no target, and neither is the first label, for which there are no logits. Without targets the sum is 0.
    Finite for logits of any size in float32; where nothing is asked, logits may even be -inf.
    """
    ### BEGIN SOLUTION
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)
    ### END SOLUTION
def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    """(loss, chosen_reward, rejected_reward): the mean loss of the pairs, and the rewards r-hat (B,), detached.

    pi_c, pi_r: (B,), the policy's log-probabilities of chosen and rejected answers; ref_c, ref_r: the reference's, which
    get no gradient. Loss and gradients stay right at rewards of any size, float32 too. Rafailov et al. 2023, eq. 7.
    """
    ### BEGIN SOLUTION
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "dpo-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two sequences of 4 tokens, two targets each; the 1 at the first place has no logits before it."""
def dpo_sums(logits, labels):
    """The oracle: label by label, the one at t by the logits at t - 1."""
    spots = [[(z[t - 1], y) for t, y in enumerate(row) if t and y != -100] for z, row in zip(logits, labels.tolist())]
    return torch.tensor([sum((z[y] - z.logsumexp(0)).item() for z, y in row) for row in spots], dtype=torch.float64)

def dpo_labels(): return torch.tensor([[-100, -100, 3, 0], [1, 4, 2, -100]])
dpo_given = dpo_labels()
check.close(lambda: sequence_logps(torch.zeros(2, 4, 5), dpo_labels()), torch.tensor([1.0, 1]) * -2 * math.log(5),
    "All 5 tokens alike: -log 5 for each of 2 targets, one sum a sequence. Are -100 and the first label left out?")
check.close(lambda: sequence_logps(check.normal(2, 4, 5), dpo_given), dpo_sums(check.normal(2, 4, 5), dpo_labels()),
    "Logits at t predict the label at t + 1: does the last label meet the logits before it? Is 0 a token like others?")
check.equal(lambda: dpo_given, dpo_labels(), "The labels came back changed.")
### BEGIN HIDDEN TESTS
def dpo_random(B, T, V):
    labels = check.integers(B, T, high=V + 3) - 3
    return labels.masked_fill(labels < 0, -100)
for size in [(3, 7, 4), (5, 2, 9), (1, 12, 3)]:
    check.close(lambda: sequence_logps(5 * check.normal(*size), dpo_random(*size)),
        dpo_sums(5 * check.normal(*size), dpo_random(*size)), "Other sizes: log_softmax over V, real targets summed?")
    check.close(lambda: sequence_logps((1e4 * check.normal(*size)).float(), dpo_random(*size)),
        dpo_sums((1e4 * check.normal(*size)).float().double(), dpo_random(*size)), "Huge: log of a softmax is -inf.")
check.equal(lambda: sequence_logps(check.normal(2, 4, 5), torch.full((2, 4), -100)), [0, 0], "No target: the sum is 0.")
dpo_holes = torch.zeros(2, 4, 5).double().index_fill(2, torch.tensor([0]), -math.inf)
check.close(lambda: sequence_logps(dpo_holes, torch.tensor([[4, 1, -100, 2], [0, -100, -100, -100]])),
    torch.tensor([-2 * math.log(4), 0]).double(), "A logit of -inf where nothing is asked: 0 times -inf is NaN.")
def dpo_slope(function):
    logits = check.normal(3, 7, 4).requires_grad_()
    return torch.autograd.grad(function(logits, dpo_random(3, 7, 4)).sum(), logits)[0]
check.close(lambda: dpo_slope(sequence_logps), dpo_slope(lambda z, y: -F.cross_entropy(
    z[:, :-1].flatten(0, 1), y[:, 1:].flatten(), reduction="sum")), "Do gradients pass?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "dpo-test-loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""Three pairs, beta 1/2: one told right by 1, one told wrong by 2.5, one undecided."""
dpo_four = [[-10.0, -20, -7], [-12.0, -15, -9], [-11.0, -18, -7], [-11.0, -18, -9]]
def dpo_tensors(grad=False): return [torch.tensor(one).double().requires_grad_(grad) for one in dpo_four]
def dpo_mean(margins):
    """The oracle: log(1 + exp(-m)) of each margin, written so that it holds at any size."""
    return sum(max(-m, 0) + math.log1p(math.exp(-abs(m))) for m in margins) / len(margins)
check.close(lambda: dpo_loss(*dpo_tensors(), 0.5)[1:], [torch.tensor([0.5, -1, 0]), torch.tensor([-0.5, 1.5, 0])],
    "Rewards: beta (log pi - log ref), of chosen and of rejected, one for each pair; here for beta = 0.5.", rtol=1e-7)
check.close(lambda: dpo_loss(*dpo_tensors(), 0.5)[0], dpo_mean([1, -2.5, 0]),
    "The mean of -log sigmoid(chosen - rejected reward): which is taken from which, and is beta inside the sigmoid?")
check.equal(lambda: [one.requires_grad for one in dpo_loss(*dpo_tensors(True), 0.5)], [True, False, False],
    "The loss is to be trained by, the rewards to be looked at: are these detached, and the loss not?")
### BEGIN HIDDEN TESTS
def dpo_kept(function, *arguments):
    """The result, and the arguments as they are after the call."""
    return function(*arguments), list(arguments)
for beta in (0.1, 2.0):
    a, b, c, d = many = [3 * check.normal(40, seed=seed) for seed in range(4)]
    check.close(lambda: dpo_kept(lambda *four: dpo_loss(*four, beta), *[3 * check.normal(40, seed=s) for s in range(4)]),
        ((dpo_mean((beta * (a - c - b + d)).tolist()), beta * (a - c), beta * (b - d)), many),
        "40 pairs, another beta: the mean over pairs, the rewards by pair, and all four arguments left as they were?")
for size in (1e3, 1e6):
    dpo_far = [torch.tensor(one) for one in ([-size, 0.0], [0.0, -size], [0.0, 0.0], [0.0, 0.0])]
    check.close(lambda: dpo_loss(*dpo_far, 0.1)[0], dpo_mean([-0.1 * size, 0.1 * size]),
        f"A margin of {0.1 * size:g}: sigmoid gives 0, and log 0 is -inf. Is the loss the margin itself?", rtol=1e-5)
check.close(lambda: dpo_loss(*dpo_tensors()[:2], *dpo_tensors()[:2], 0.3), [math.log(2), torch.zeros(3), torch.zeros(3)],
    "The policy is the reference still: rewards 0, loss log 2, whatever the log-probabilities are.", rtol=1e-7)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "dpo-test-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The gradients that the four log-probabilities get, pair by pair."""
def dpo_gradients(*four, beta):
    four = [one.clone().requires_grad_() for one in four]
    return torch.autograd.grad(dpo_loss(*four, beta)[0], four, materialize_grads=True)
def dpo_weights(margins, beta):
    """The oracle: beta sigmoid(rejected - chosen reward), shared by the mean."""
    return [beta / (1 + math.exp(m)) / len(margins) for m in margins]
dpo_pull = torch.tensor(dpo_weights([1, -2.5, 0], 0.5)).double()
check.close(lambda: dpo_gradients(*dpo_tensors(), beta=0.5), [-dpo_pull, dpo_pull, 0 * dpo_pull, 0 * dpo_pull],
    "Chosen up, rejected down, by beta sigmoid(rejected - chosen reward) / B; nothing for the reference.", rtol=1e-6)
### BEGIN HIDDEN TESTS
dpo_far = [torch.tensor(one) for one in ([-1e5, 0.0], [0.0, -1e5], [0.0, 0.0], [0.0, 0.0])]
check.close(lambda: dpo_gradients(*dpo_far, beta=0.2)[:2], [torch.tensor([-0.1, 0]), torch.tensor([0.1, 0])],
    "Hopelessly wrong, a pair pulls with its full beta; safely right, with 0. Is a margin clamped, or a sigmoid 0?")
def dpo_through(table, beta=0.3):
    """The gradient of a policy that is a table of logits, (2 pairs, 2 answers, T, V), against one of zeros."""
    table, labels = table.clone().requires_grad_(), check.integers(2, 2, 5, high=6)
    pi, ref = ([sequence_logps(one[:, i], labels[:, i]) for i in (0, 1)] for one in (table, torch.zeros_like(table)))
    return torch.autograd.grad(dpo_loss(*pi, *ref, beta)[0], table)[0]
def dpo_by_hand(table, beta=0.3):
    """The oracle: each target's one-hot less its probabilities, times the pair's weight and the answer's sign."""
    labels = check.integers(2, 2, 5, high=6)
    push = F.one_hot(labels[..., 1:], 6) - table[:, :, :-1].softmax(-1)
    logps = table[:, :, :-1].log_softmax(-1).gather(-1, labels[..., 1:, None]).sum((2, 3))
    weight = torch.tensor(dpo_weights((beta * (logps[:, 0] - logps[:, 1])).tolist(), beta)).double()
    return F.pad(weight[:, None, None, None] * torch.tensor([-1.0, 1])[:, None, None] * push, (0, 0, 0, 1))
check.close(lambda: dpo_through(check.normal(2, 2, 5, 6)), dpo_by_hand(check.normal(2, 2, 5, 6)),
    "From the loss down to the logits, by both functions.")
### END HIDDEN TESTS

# %% [markdown]
r"""
## What you can do now

You can turn a conversation into a training example, adapt a model of any size through a few thousand numbers over 4-bit
weights, make a reward out of human judgements, and raise it by PPO, DPO or GRPO while you watch what it costs.

The picture of the whole: **imitate, then compare, then optimize, on a leash**. The next notebook takes the model that
came out and makes it answer in under a second.
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
