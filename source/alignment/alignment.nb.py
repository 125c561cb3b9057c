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
### 12 · No value function either

*7 points · 95 min · Shao et al. 2024, section 4.1*

Where an answer can be *checked*, the checker is the reward. GRPO asks each prompt $G$ times; what the value function was
for, the group's own mean does. Every token of answer $i$ gets

$$A_i=\frac{r_i-\mathrm{mean}(r)}{\mathrm{std}(r)+\epsilon}$$

A token gains $g=\min(\rho A,\ \mathrm{clip}(\rho,1-c,1+c)\,A)$, as in PPO with $\rho=\pi/\pi_{\rm old}$, and pays for its
distance by $k_3\ge0$, whose mean over the policy's own tokens is the KL:

$$k_3=\frac{\pi_{\rm ref}}{\pi}-\log\frac{\pi_{\rm ref}}{\pi}-1\qquad
L=-\frac1N\sum_{i=1}^{N}\frac1{n_i}\sum_{t=1}^{n_i}(g_{it}-\beta\,k_{3,it})$$

Each answer's mean over its $n_i$ tokens first, then the mean over answers (equation 3).

<details><summary>A nudge</summary>exp of padding can overflow: what is inf times 0?</details>
<details><summary>The key step</summary>Make padding harmless before exp, and leave it out of the sums.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "grpo", "locked": false, "schema_version": 3, "solution": true, "task": false}
def group_advantages(rewards, eps):
    """Each reward's distance to its group's mean, over the group's standard deviation + eps. Shao et al. 2024, 4.1.2.

    rewards: (P, G), a row for each prompt's G answers. The sample's standard deviation (it divides by G - 1).
    A group whose rewards are all equal gets exactly 0, with eps = 0 and G = 1 too.
    """
    ### BEGIN SOLUTION
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)
    ### END SOLUTION
def k3_kl(logp, logp_ref):
    """k3 of each token, of the same shape. Schulman 2020, Approximating KL Divergence; Shao et al. 2024, eq. 4."""
    ### BEGIN SOLUTION
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1
    ### END SOLUTION
def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    """The loss L, a scalar; gradients go to logp alone.

    logp, logp_old, logp_ref: (N, T), each token's log-probability in nats by the policy, by itself when it wrote, by
    the reference; advantages: (N,); mask: bool (N, T), True at real tokens, one or more an answer, anywhere. Elsewhere
    stand any numbers, finite or not: they change nothing, and their gradient is 0.
    """
    ### BEGIN SOLUTION
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "grpo-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Two prompts, three answers each: one answer right, two right."""
grpo_rewards = torch.tensor([[1.0, 0, 0], [0, 1, 1]]).double()
grpo_wanted = torch.tensor([[2.0, -1, -1], [-2, 1, 1]]).double()
check.close(lambda: group_advantages(grpo_rewards, 0.0), grpo_wanted / 3**0.5,
    "1/3 from the mean is 0.577 in standard deviations here: each row by its own, divided by G - 1 = 2 under the root?")
check.close(lambda: group_advantages(grpo_rewards, 0.5), grpo_wanted / (3 * (3**-0.5 + 0.5)),
    "eps is added to the standard deviation, outside of the root.")
check.equal(lambda: group_advantages(torch.full((2, 3), 0.1), 0.0), [[0, 0, 0]] * 2, "All equal: exactly 0.")
check.equal(lambda: grpo_rewards, [[1, 0, 0], [0, 1, 1]], "The rewards came back changed.")
### BEGIN HIDDEN TESTS
def grpo_standard(rows, eps):
    """The oracle: numpy, group by group."""
    return torch.tensor([[(r - np.mean(row)) / (np.std(row, ddof=1) + eps) for r in row] for row in rows.tolist()])
for P, G, eps in [(3, 8, 1e-4), (5, 2, 0.0), (1, 6, 2.0)]:
    rewards = 7 * check.normal(P, G) + 100 * torch.arange(P)[:, None]
    check.close(lambda: group_advantages(rewards.clone(), eps), grpo_standard(rewards, eps).double(),
        "Groups at different heights: does each have a mean and a standard deviation of its own, and the eps given?")
for value, G in [(0.1, 7), (-2.3, 3), (1e6 + 0.7, 5), (0.0, 4), (3.7, 1)]:
    for dtype in (torch.float32, torch.float64):
        check.equal(lambda: group_advantages(torch.full((2, G), value, dtype=dtype), 0.0), [[0] * G] * 2,
            "Equal rewards: the mean may be off by rounding, and 0 / 0 is NaN. Are such groups set to exactly 0?")
check.close(lambda: group_advantages(torch.tensor([[0.3, 0.3], [0, 2]]).double(), 0.0),
    torch.tensor([[0, 0], [-0.5, 0.5]]).double() * 2**0.5, "One group is all equal: it alone is 0.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "grpo-test-kl", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""k3 of four tokens, and its mean under a policy of three choices."""
check.close(lambda: k3_kl(torch.tensor([0.5, 0.2, 0.9]).log(), torch.tensor([0.5, 0.4, 0.3]).log()),
    torch.tensor([0, 2 - math.log(2) - 1, 1 / 3 + math.log(3) - 1]), "Which ratio: reference over policy?")
grpo_p, grpo_q = torch.tensor([0.7, 0.2, 0.1]).double(), torch.tensor([0.2, 0.3, 0.5]).double()
check.close(lambda: (grpo_p * k3_kl(grpo_p.log(), grpo_q.log())).sum(), (grpo_p * (grpo_p / grpo_q).log()).sum(),
    "Weighted by the policy's own probabilities, k3 is KL(policy, reference), never negative.")
### BEGIN HIDDEN TESTS
grpo_a, grpo_b = check.normal(4, 5), 3 * check.normal(4, 5, seed=1)
check.close(lambda: k3_kl(check.normal(4, 5), 3 * check.normal(4, 5, seed=1)),
    torch.tensor(np.exp((grpo_b - grpo_a).numpy()) - (grpo_b - grpo_a).numpy() - 1), "One value for each token.")
def grpo_k3_slopes(ref):
    logp = check.normal(5).requires_grad_()
    return torch.autograd.grad(k3_kl(logp, ref).sum(), logp)[0]
check.close(lambda: grpo_k3_slopes(check.normal(5, seed=1)), 1 - torch.exp(check.normal(5, seed=1) - check.normal(5)),
    "Its gradient by logp is 1 - reference / policy.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "grpo-test-loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Answers of 3 tokens and of 1: advantages 1 and -2, clip 0.2, beta 0.1."""
def grpo_by_hand(logp, old, ref, A, mask, clip, beta):
    """The oracle: answer by answer, its real tokens alone."""
    total = 0.0
    for p, o, r, a, real in zip(*(one.numpy() for one in (logp, old, ref, A, mask))):
        rho, d = np.exp(p - o)[real], (r - p)[real]
        gain = np.minimum(rho * a, rho.clip(1 - clip, 1 + clip) * a)
        total -= np.mean(gain - beta * (np.exp(d) - d - 1)) / len(mask)
    return float(total)
grpo_mask = torch.tensor([[True, True, True, False], [True, False, False, False]])
grpo_old = torch.tensor([[0.5, 0.5, 0.5, 1], [0.5, 1, 1, 1]]).double().log()
def grpo_ratios(*ratios): return grpo_old + torch.tensor(ratios).double().view(2, 4).log()
def grpo_value(logp, ref, A): return grpo_loss(logp, grpo_old, ref, torch.tensor(A).double(), grpo_mask, 0.2, 0.1)
grpo_same, grpo_moved = grpo_ratios(*[1.0] * 8), grpo_ratios(1.1, 1.5, 0.5, 1, 1.5, 1, 1, 1)
check.close(lambda: grpo_value(grpo_same, grpo_same, [1.0, -2]), 0.5,
    "Nothing has moved: minus the mean of 1 and -2, each answer alike. Is it one mean over all four tokens?")
check.close(lambda: grpo_value(grpo_moved, grpo_moved, [1.0, -2]), -((1.1 + 1.2 + 0.5) / 3 - 2 * 1.5) / 2,
    "min(ratio A, clipped ratio A): a gain stops at 1.2, a loss goes on. Is it a minimum, with A's sign inside?")
check.close(lambda: grpo_value(grpo_same, grpo_ratios(*[2.0] * 8), [0.0, 0]), 0.1 * (2 - math.log(2) - 1),
    "No advantage: beta times k3 is left, and it is a loss. Which sign has it, and is beta used?")
### BEGIN HIDDEN TESTS
def grpo_random(N, T, seed=0):
    """logp, logp_old, logp_ref, advantages, mask; the first token of each answer may be masked, too."""
    mask = check.uniform(N, T, seed=seed) < 0.6
    mask[:, 1] = True
    steps = [0.3 * check.normal(N, T, seed=seed + i) - 1 for i in (1, 2, 3)]
    return [*steps, check.normal(N, seed=seed), mask]
for N, T, clip, beta, seed in [(4, 6, 0.2, 0.04, 0), (7, 3, 0.1, 1.0, 5), (2, 9, 0.3, 0.0, 9), (1, 2, 0.2, 5.0, 13)]:
    check.close(lambda: grpo_loss(*grpo_random(N, T, seed), clip, beta),
        grpo_by_hand(*grpo_random(N, T, seed), clip, beta),
        "Random answers, tokens masked anywhere: minus the mean over answers of each one's mean of gain - beta k3?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "grpo-test-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What each token's log-probability gets."""
def grpo_slopes(logp, old, ref, advantages, mask, clip=0.2, beta=0.0):
    three = [one.clone().requires_grad_() for one in (logp, old, ref)]
    return torch.autograd.grad(grpo_loss(*three, advantages, mask, clip, beta), three, materialize_grads=True)

grpo_A = torch.tensor([1.0, -2]).double()
check.close(lambda: grpo_slopes(grpo_old, grpo_old, grpo_old, grpo_A, grpo_mask)[0],
    torch.tensor([[-1 / 6, -1 / 6, -1 / 6, 0], [1, 0, 0, 0]]).double(),
    "At the start it is the policy gradient's: -A / n_i / N for each real token. Is the ratio an exp of a difference?")
check.close(lambda: grpo_slopes(grpo_moved, grpo_old, grpo_moved, grpo_A, grpo_mask)[0],
    torch.tensor([[-1.1 / 6, 0, -0.5 / 6, 0], [1.5, 0, 0, 0]]).double(), "Where the clip holds a gain, no gradient.")
check.close(lambda: grpo_slopes(grpo_moved, grpo_old, grpo_same, grpo_A, grpo_mask, beta=1.0)[1:],
    [torch.zeros(2, 4)] * 2, "Old and reference log-probabilities get no gradient.")
### BEGIN HIDDEN TESTS
def grpo_spoilt(spoil, *which):
    """A random case, with `spoil` in the padding of some of the three."""
    *three, A, mask = grpo_random(5, 6)
    return [one.masked_fill(~mask, spoil) if i in which else one for i, one in enumerate(three)] + [A, mask]
def grpo_both(case): return [grpo_loss(*case, 0.2, 0.5), grpo_slopes(*case, beta=0.5)[0]]
def grpo_autograd(logp, old, ref, A, mask):
    """The oracle: the gradient by the formula, -(A ratio where it is not held) + beta (1 - ref / policy)."""
    rho, n = torch.exp(logp - old), mask.sum(1, keepdim=True)
    held = torch.where(A[:, None] > 0, rho > 1.2, rho < 0.8)
    slope = torch.where(held, 0.0, -rho * A[:, None]) + 0.5 * (1 - torch.exp(ref - logp))
    return torch.where(mask, slope / n / len(A), 0.0)
for spoil, which in [(0.0, ()), (1e4, (0,)), (-1e4, (0, 1)), (1e4, (2,)), (-math.inf, (0,)), (math.nan, (0, 1, 2))]:
    check.close(lambda: grpo_both(grpo_spoilt(spoil, *which)),
        [grpo_by_hand(*grpo_random(5, 6), 0.2, 0.5), grpo_autograd(*grpo_random(5, 6))],
        f"{spoil} in the padding: inf times 0 is NaN, in the gradient too. Is padding made harmless before exp?")
def grpo_kept(case): return grpo_loss(*case, 0.2, 0.5) * 0, case
check.close(lambda: grpo_kept(grpo_random(5, 6)), (0, grpo_random(5, 6)), "The arguments came back changed.")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 13 · A model as the judge

*4 points · 105 min · Bai et al. 2022, sections 3.1 and 4.1*

Human judgements are dear. Constitutional AI writes down a *principle* and has a model do the rest: criticize and rewrite
its answer (to fine-tune on), and say which of two is better (to train a reward by).

A judgement is read off the probabilities of the two letters that would begin the reply:

$$p=\frac{\pi(A)}{\pi(A)+\pi(B)}$$

Judges like one place better, whatever stands there. So ask twice, the answers exchanged, and average what both say
about the *same answer*.

<details><summary>A nudge</summary>In the second question, which letter stands for a?</details>
<details><summary>The key step</summary>p is a sigmoid of a difference of logits.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-constitution", "locked": true, "schema_version": 3, "solution": false, "task": false}
def critique_prompt(prompt, response, principle):
    task = "In one sentence: how does the answer break the rule?"
    return f"Request: {prompt}\n\nAnswer: {response}\n\nRule: {principle}\n\n{task}"

def revision_prompt(prompt, response, critique, principle):
    task = "Rewrite the answer so that it keeps the rule. Write the new answer only."
    return f"Request: {prompt}\n\nAnswer: {response}\n\nCritique: {critique}\n\nRule: {principle}\n\n{task}"

def judge_prompt(prompt, a, b, principle):
    return f"{prompt}\n\n{principle}\n\nA: {a}\nB: {b}\n\nReply with A or B only."

def judge_ids(tokenizer, text):
    """The ids (1, T) of a conversation in which the user says `text` and the assistant is about to answer."""
    turns, kind = [{"role": "user", "content": text}], {"return_tensors": "pt", "return_dict": True}
    return tokenizer.apply_chat_template(turns, add_generation_prompt=True, **kind).input_ids

# %% nbgrader={"grade": false, "grade_id": "constitution", "locked": false, "schema_version": 3, "solution": true, "task": false}
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    """(critique, revision), strings: the model's replies to critique_prompt, and then to revision_prompt.

    model: a causal language model of transformers. Each reply is greedy (the likeliest token at every step), of at most
    60 tokens, ends where the model ends it, and comes without the question, special tokens, and white space around it.
    """
    ### BEGIN SOLUTION
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))
    ### END SOLUTION
@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    """P(a is better), a float: the mean of what the judge says with a first and with b first, by judge_prompt.

    "A" and "B" are one token each. They alone count, even where both are as good as impossible in float32.
    """
    ### BEGIN SOLUTION
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-tiny-judge", "locked": true, "schema_version": 3, "solution": false, "task": false}
import tokenizers

# Letters are tokens; <u> begins what the user says, <e> ends a turn, <a> begins an answer.
letters = [chr(i) for i in range(32, 127)] + ["\n", "<u>", "<e>", "<a>"]
judge_bpe = tokenizers.Tokenizer(tokenizers.models.BPE({one: i for i, one in enumerate(letters)}, []))
judge_bpe.decoder = tokenizers.decoders.Fuse()
special = {"eos_token": "<e>", "bos_token": "<u>", "additional_special_tokens": ["<a>"]}
judge_tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=judge_bpe, **special)
judge_tokenizer.chat_template = "{% for one in messages %}<u>{{ one.content }}<e>{% endfor %}<a>"

def tiny_judge(seed):
    """A Llama of one layer with known weights, in float64."""
    sizes = {"vocab_size": len(letters), "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1}
    ends = {f"{name}_token_id": letters.index(one) for name, one in [("bos", "<u>"), ("eos", "<e>"), ("pad", "<e>")]}
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes, **ends, num_attention_heads=2))
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(check.normal(*p.shape, seed=seed) if p.ndim == 2 else torch.ones_like(p))
    return model.double().eval()

# %% nbgrader={"grade": false, "grade_id": "given-letter-judge", "locked": true, "schema_version": 3, "solution": false, "task": false}
class LetterJudge(nn.Module):
    """A stand-in for a judge: every token and its place moves the letters' logits, by `reads`; A has `favour` on top.

    Both letters are less likely than all others, by exp(-below).
    """
    def __init__(self, reads, favour=0.0, below=9.0):
        super().__init__()
        self.reads, self.favour, self.below = reads, favour, below

    def forward(self, input_ids, **_):
        says = self.reads * torch.sin(1.7 * input_ids + 0.31 * torch.arange(input_ids.shape[1])).cumsum(1)
        logits = torch.zeros(*input_ids.shape, len(letters))
        logits[..., letters.index("A")] = says + self.favour - self.below
        logits[..., letters.index("B")] = -says - self.below
        return transformers.modeling_outputs.CausalLMOutput(logits=logits)

# %% nbgrader={"grade": true, "grade_id": "constitution-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A judge who reads, and one who always says the same letter."""
def judged(model, *texts): return ai_preference(model, judge_tokenizer, *texts)
def judge_by_hand(model, prompt, a, b, principle):
    """The oracle: probabilities of the letters A and B after each order, from the whole softmax."""
    says = []
    for one, other in ((a, b), (b, a)):
        ids = [letters.index(i) for i in ["<u>", *judge_prompt(prompt, one, other, principle), "<e>", "<a>"]]
        probs = model(torch.tensor([ids])).logits[0, -1].double().softmax(0)
        pair = probs[letters.index("A")].item(), probs[letters.index("B")].item()
        says.append(pair[0] / sum(pair))
    return (says[0] + 1 - says[1]) / 2

judge_case = "Name a pet.", "A dog!", "No.", "Which is kinder?"
check.close(lambda: judged(LetterJudge(0.1), *judge_case), judge_by_hand(LetterJudge(0.1), *judge_case),
    "Two questions by judge_prompt; pi(A) / (pi(A) + pi(B)) at the last place; is a the letter B in the second?", 1e-5)
check.close(lambda: judged(LetterJudge(0, 3.0), *judge_case), 0.5, "It always says A, and knows nothing: 1/2.", 1e-5)
### BEGIN HIDDEN TESTS
judge_cases = [("Hi", "Yes\nsir", "", "Short?"), ("A or B?", "B", "A", "One."), ("x", "y ", "yy", "z")]
for judge, (asked, a, b, rule) in zip([LetterJudge(0.2, 1.0), LetterJudge(0.05, -2.0, 3.0), tiny_judge(0)], judge_cases):
    check.close(lambda: judged(judge, asked, a, b, rule), judge_by_hand(judge, asked, a, b, rule),
        "Other judges, other texts, taken as they are?", 1e-5)
    check.close(lambda: judged(judge, asked, a, b, rule) + judged(judge, asked, b, a, rule), 1,
        "P(a better than b) and P(b better than a) make 1.", 1e-5)
check.close(lambda: judged(LetterJudge(0, -3.0, 500.0), *judge_case), 0.5, "Both letters unlikely, always B: 1/2.", 1e-5)
check.close(lambda: judged(LetterJudge(0.1, 1.0, 500.0), *judge_case), judge_by_hand(LetterJudge(0.1, 1.0), *judge_case),
    "Both letters as good as impossible: their difference says it all.", 1e-5)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "constitution-test-revise", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Two greedy replies of a tiny model, which talks nonsense, but always the same."""
def replies_by_hand(model, prompt, response, principle):
    """The oracle: the likeliest token, again and again; first the critique, which the second question quotes."""
    def reply(text):
        ids = [letters.index(i) for i in ["<u>", *text, "<e>", "<a>"]]
        start = len(ids)
        while len(ids) < start + 60 and (len(ids) == start or ids[-1] != letters.index("<e>")):
            ids.append(model(torch.tensor([ids])).logits[0, -1].argmax().item())
        return "".join(letters[i] for i in ids[start:] if len(letters[i]) == 1).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))

def revised(seed, *texts): return critique_and_revise(tiny_judge(seed), judge_tokenizer, *texts)
talk = "Name a pet.", "No.", "Be kind."
check.equal(lambda: revised(0, *talk), replies_by_hand(tiny_judge(0), *talk),
    "The reply to critique_prompt, then that to revision_prompt with this critique: new text only, greedy, stripped?")
### BEGIN HIDDEN TESTS
for seed in (8, 10):
    texts = "Sing\nnow", f"La {seed}", "Be loud: always!"
    check.equal(lambda: revised(seed, *texts), replies_by_hand(tiny_judge(seed), *texts),
        "At most 60 tokens, to the end token at most, no special tokens, no white space around: both replies?")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 14 · When a measure becomes a target

*3 points · 80 min · Gao et al. 2022, sections 2 and 3; Nakano et al. 2021*

A reward model is a *proxy* for what people want, the *gold* reward. Optimize the proxy, and gold rises with it, then
falls: Goodhart's law. Ways of optimizing are compared over the distance travelled, the KL.

*Best-of-n* trains nothing: of n answers, keep the one that the proxy likes best. Where no two are equal,

$$\mathrm{KL}=\log n-\frac{n-1}{n}$$

Of $N\ge n$ answers once drawn, *every* n are an experiment. The $i$-th smallest by proxy wins where the other $n-1$ are
among the $i-1$ below it:

$$E[\text{gold}]=\sum_{i=n}^{N}\binom{i-1}{n-1}\,\text{gold}_{(i)}\Big/\binom Nn$$

<details><summary>A nudge</summary>Sorted by which score?</details>
<details><summary>The key step</summary>math.comb is 0 where too few are left.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "goodhart", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_of_n_kl(n):
    """KL (nats) of best-of-n from a single draw. Nakano et al. 2021; Gao et al. 2022, section 2.

    n: a whole number, or a numpy array of them, then an array of that shape comes back. Any n < 1: ValueError.
    """
    ### BEGIN SOLUTION
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n
    ### END SOLUTION
def best_of_n(proxy, gold, n):
    """The mean gold score of the best of n by proxy, over all choices of n of the N answers, a float; exact.

    proxy, gold: numpy arrays (N,), N up to some thousands; no two proxies are equal. ValueError unless 1 <= n <= N.
    """
    ### BEGIN SOLUTION
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "goodhart-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""One draw is no distance, two are log 2 less a half; Nakano et al. 2021 draw up to 64."""
check.close(lambda: best_of_n_kl(np.array([1, 2, 4])), np.array([0, math.log(2) - 0.5, math.log(4) - 0.75]),
    "log n - (n - 1) / n, in nats, for each n; best of one is one draw: 0.")
check.close(lambda: best_of_n_kl(64), 3.1745081, "For a single number, too.", rtol=1e-6)
check.raises(lambda: best_of_n_kl(0), ValueError, "Best of none is a ValueError.")
### BEGIN HIDDEN TESTS
def kl_summed(n, N=400_000):
    """The oracle: of N answers in the order of their proxy, p(i) = (i^n - (i-1)^n) / N^n, against 1 / N; summed."""
    edges = (np.arange(N + 1) / N) ** n
    p = np.diff(edges)
    return float((p * np.log(p.clip(1e-300) * N)).sum())
for n in (3, 7, 20, 150):
    check.close(lambda: best_of_n_kl(n), kl_summed(n), "The KL of the best of n from one draw, summed up.", rtol=1e-3)
many = np.array([[1, 10], [1000, 10**6]])
logs = np.array([[0, math.log(10) - 0.9], [math.log(1e3) - 0.999, math.log(1e6) - 1 + 1e-6]])
check.close(lambda: [best_of_n_kl(many), many], [logs, np.array([[1, 10], [1000, 10**6]])],
    "An array's shape is kept, and the array itself.")
for wrong in (-3, np.array([4, 0]), np.array([[1], [-1]])):
    check.raises(lambda: best_of_n_kl(wrong), ValueError, "Any n below 1 is a ValueError.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "goodhart-test-estimate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Four answers: the proxy likes the third best, which gold likes least."""
best_proxy, best_gold = np.array([0.2, 1.5, 3.0, -1.0]), np.array([1.0, 5.0, -2.0, 0.0])
check.close(lambda: best_of_n(best_proxy, best_gold, 1), 1.0, "Best of one: gold's mean.")
check.close(lambda: best_of_n(best_proxy, best_gold, 4), -2.0, "Best of all: the gold score of the proxy's favourite.")
check.close(lambda: best_of_n(best_proxy, best_gold, 2), (3 * -2 + 2 * 5 + 1) / 6,
    "Of 6 pairs the proxy's first wins 3, its second 2, its third 1: sorted by proxy, scored by gold?")
check.raises(lambda: best_of_n(best_proxy, best_gold, 5), ValueError, "Best of 5 out of 4 is a ValueError.")
check.equal(lambda: [best_proxy, best_gold], [[0.2, 1.5, 3, -1], [1, 5, -2, 0]], "The scores came back changed.")
### BEGIN HIDDEN TESTS
import itertools
def best_by_trying(proxy, gold, n):
    """The oracle: every choice of n answers."""
    choices = itertools.combinations(range(len(proxy)), n)
    return float(np.mean([gold[max(some, key=lambda i: proxy[i])] for some in choices]))
for N, n in [(9, 3), (7, 6), (12, 4), (1, 1), (8, 8)]:
    scores = check.normal(2, N).numpy()
    check.close(lambda: best_of_n(*scores.copy(), n), best_by_trying(*scores, n), "Every choice of n out of N, tried.")
check.close(lambda: best_of_n(np.arange(3000.0), np.arange(3000.0), 700), 700 * 3001 / 701 - 1,
    "3,000 answers: the largest of 700 is 700 x 3001 / 701 in the mean. Do the factors overflow? Is it exact?")
for n in (0, -1, 9):
    check.raises(lambda: best_of_n(np.arange(8.0), np.arange(8.0), n), ValueError, "n outside 1 to N: ValueError.")
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
