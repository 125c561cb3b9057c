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
    for p, o, r, a, real in zip(*map(np.array, (logp, old, ref, A, mask))):
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
