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
### 7 · From comparisons to a reward

*9 points · core · 20 min · Christiano et al. 2017, section 2.2.3; Ouyang et al. 2022, section 3.5*

A **reward model** gives a text one number $r$. In Bradley and Terry's law the difference of two is the log-odds that
the first is preferred, and the loss is what any classifier's is:

$$P(a\text{ before }b)=\sigma(r_a-r_b),\qquad\text{loss}=-\log\sigma(r_a-r_b)$$

Someone who orders $K$ texts has made $K(K-1)/2$ comparisons. They overlap, so InstructGPT takes them **together**: each
text is read once, and a prompt counts by its mean over all its pairs.

<details><summary>A nudge</summary>Has PyTorch a function for the logarithm of a sigmoid?</details>
<details><summary>The key step</summary>All differences at once: rewards[:, :, None] - rewards[:, None, :]; which half
do you want?</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-reviews", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import reviews  # 23,703 rated texts as rows of 48 ids, and a small language model: the module is worth a look

def rater_share(better, worse):
    """How often a rater of one text and a rater of the other, drawn at random, put the first above; equal: one half."""
    a, b = np.array(better.ratings), np.array(worse.ratings)
    return float((np.sign(a[:, None] - b[None, :]) / 2 + 0.5).mean())

# %% nbgrader={"grade": false, "grade_id": "reward-model", "locked": false, "schema_version": 3, "solution": true, "task": false}
class RewardModel(nn.Module):
    """A number for each text: the hidden state of its last real token through `self.head`.

    backbone: a module that reads from left to right; backbone(ids).last_hidden_state is (B, T, C), and C is
    backbone.config.hidden_size, as in transformers. head: a linear layer from C to 1 without bias, its weights drawn
    from a normal distribution of standard deviation 1/√(C + 1) (Stiennon et al. 2020, appendix B).
    """
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        ### BEGIN SOLUTION
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
        ### END SOLUTION
    def forward(self, ids, mask):
        """ids: (B, T); mask: bool (B, T), True at a row's real tokens: its first ones, one at least. Returns (B,).

        After them come any ids: a padding's id may be a real token's elsewhere."""
        ### BEGIN SOLUTION
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]
        ### END SOLUTION

def bradley_terry_loss(chosen, rejected):
    """The mean of -log sigmoid(chosen - rejected), a scalar; both (N,). Finite, with its gradient, at ±1e4 too."""
    ### BEGIN SOLUTION
    return -F.logsigmoid(chosen - rejected).mean()
    ### END SOLUTION

def ranking_loss(rewards):
    """The mean over prompts of each one's mean loss over all its pairs; rewards (B, K), K > 1, each row best first."""
    ### BEGIN SOLUTION
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "reward-model-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two comparisons whose loss can be had by hand, then large rewards, and the slopes."""
def rm_slopes(loss, *rewards):
    rewards = [one.clone().requires_grad_() for one in rewards]
    return list(torch.autograd.grad(loss(*rewards), rewards))

def rm_by_torch(chosen, rejected):  # the oracle: a classifier's loss, every answer "yes"
    return F.binary_cross_entropy_with_logits(chosen - rejected, torch.ones_like(chosen))

won, lost = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 1.0])
check.close(lambda: bradley_terry_loss(won, lost), (math.log(1 + math.exp(-2)) + math.log(2)) / 2,
    "Differences of 2 and 0: is it the mean of -log sigmoid(chosen - rejected), and not the other way round?")
check.close(lambda: bradley_terry_loss(torch.tensor([1e4, -1e4]), torch.tensor([0.0, 0.0])), 5e3,
    "Losses of 0 and 10,000: does exp overflow, or the logarithm meet a 0? Do not cut them off either.")
check.close(lambda: rm_slopes(bradley_terry_loss, won, lost), rm_slopes(rm_by_torch, won, lost),
    "The slopes: does the gradient reach both rewards?")
### BEGIN HIDDEN TESTS
for seed, scale, dtype in [(1, 1.0, torch.float32), (2, 30.0, torch.float64), (3, 1e4, torch.float32)]:
    a, b = scale * check.normal(7, seed=seed, dtype=dtype), scale * check.normal(7, seed=seed + 9, dtype=dtype)
    check.close(lambda: [bradley_terry_loss(a.clone(), b.clone()), rm_slopes(bradley_terry_loss, a, b)],
        [rm_by_torch(a, b), rm_slopes(rm_by_torch, a, b)],
        "Other rewards, up to some 10,000: the mean of -log sigmoid(chosen - rejected), and its slopes?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "reward-model-test-ranking", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two prompts with three texts each: three pairs a prompt."""
def rm_pairs(rewards):
    """The oracle: pair by pair, prompt by prompt."""
    rows = [[F.softplus(row[j] - row[i]) for i in range(len(row)) for j in range(i + 1, len(row))] for row in rewards]
    return torch.stack([torch.stack(row).mean() for row in rows]).mean()

three = torch.tensor([[2.0, 1.0, -1.0], [0.0, 3.0, 0.5]])
check.close(lambda: ranking_loss(three[:1]), sum(math.log(1 + math.exp(-gap)) for gap in (1, 3, 2)) / 3,
    "One prompt, rewards 2, 1, -1: its pairs differ by 1, 3 and 2. All of them, each once, their mean, not their sum?")
check.close(lambda: ranking_loss(three), rm_pairs(three),
    "Two prompts: are texts compared with those of their own prompt only, the earlier one in a row being the better?")
check.close(lambda: rm_slopes(ranking_loss, three), rm_slopes(rm_pairs, three), "Does the gradient reach every reward?")
### BEGIN HIDDEN TESTS
for B, K, scale in [(1, 2, 1.0), (5, 2, 3.0), (3, 4, 1.0), (2, 9, 5.0), (4, 5, 1e4)]:
    many = scale * check.normal(B, K, dtype=torch.float32)
    check.close(lambda: [ranking_loss(many.clone()), rm_slopes(ranking_loss, many)],
        [rm_pairs(many), rm_slopes(rm_pairs, many)],
        f"{B} prompts, {K} texts each: all K(K - 1)/2 pairs, the better first, and nothing overflows?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "reward-model-test-model", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""A stand-in for a language model: a token's hidden state is the sum of a table's rows, up to and with its own."""
class RmSums(nn.Module):
    def __init__(self, V, C):
        super().__init__()
        self.table, self.config = nn.Embedding(V, C, dtype=torch.float64), transformers.PretrainedConfig(hidden_size=C)
        self.table.weight.data.copy_(check.normal(V, C))
    def forward(self, input_ids, attention_mask=None):
        return transformers.modeling_outputs.BaseModelOutput(last_hidden_state=self.table(input_ids).cumsum(1))
def rm_scored(backbone, ids, mask, head):  # the scores, and the slopes of the table
    model = RewardModel(backbone).to(head.dtype)
    model.head.weight.data.copy_(head)
    scores = model(ids, mask)
    return scores, torch.autograd.grad(scores.sum(), next(backbone.parameters()))[0]
def rm_by_hand(V, C, ids, mask, head):
    counts = (F.one_hot(ids, V) * mask[..., None]).sum(1).double()
    return counts @ check.normal(V, C) @ head[0], counts.sum(0)[:, None] * head
ids, head = torch.tensor([[0, 3, 1, 0], [2, 4, 4, 4], [1, 1, 2, 3]]), check.normal(1, 3)
mask = torch.arange(4) < torch.tensor([[4], [1], [3]])
check.close(lambda: rm_scored(RmSums(5, 3), ids.clone(), mask.clone(), head), rm_by_hand(5, 3, ids, mask, head),
    "4, 1 and 3 real tokens: is it the last real one's state, found by the mask and not by an id? One number a row?")
check.that(lambda: RewardModel(RmSums(2, 4000)).head.weight.std() * 4001**0.5, lambda spread: 0.93 < spread < 1.07,
    "C is 4,000, so the head's weights have a standard deviation of 1/√4001; this is yours over it.")
### BEGIN HIDDEN TESTS
llama = transformers.LlamaConfig(vocab_size=11, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
    num_attention_heads=2, pad_token_id=10, num_labels=1)
theirs = transformers.LlamaForSequenceClassification(llama).double()
for seed, p in enumerate(theirs.parameters()): p.data.copy_(check.normal(*p.shape, seed=seed) / 4)
padded = check.integers(4, 7, high=10).masked_fill(torch.arange(7) >= torch.tensor([[7], [2], [1], [5]]), 10)
check.close(lambda: [rm_scored(theirs.model, padded, padded != 10, theirs.score.weight.data)[0],
    RewardModel(RmSums(2, 5)).head.bias is None], [theirs(padded).logits[:, 0], True],
    "transformers' Llama with a head for one number, the same weights: is the head one layer, without bias?")
### END HIDDEN TESTS

# %% [markdown]
r"""
**A model to align.** A small Llama reads the rated texts once, about half a minute. It will be the reward model's backbone
here and the policy of exercise 10. **Look for** how far it gets: it has the spelling, the short phrases and the tone of reviews,
and no thought. The held-out loss is in nats per token.
"""

# %% tags=["explore"]
import copy

from tqdm.auto import tqdm

small, small_losses = reviews.small_gpt(), []
with device.all_cores(), tqdm(total=500) as bar:
    small_loss = reviews.pretrain(small, show=lambda step, loss: (small_losses.append(loss), bar.update()))
plot.curves({"training": small_losses})
print(f"held out: {small_loss:.2f} nats; {sum(p.numel() for p in small.parameters()):,} parameters")
for row in reviews.sample(small, torch.full((4, 1), reviews.END), generator=torch.Generator().manual_seed(0)):
    print("·", reviews.detokenize(row))

# %% [markdown]
r"""
**Your reward model**, on the judgements of single people: eight texts of one source, ordered by what one rater of each
said, are 28 comparisons; 12 such groups a step, half a minute in all. **Look for** how little the loss falls below
$\log2=0.69$, a coin's: two people often disagree, and no model can know whom it will meet.
"""

# %% tags=["explore"]
learn, held_out = reviews.texts()
rm_ids, dice = reviews.encode(learn), random.Random(0)
rm_places = {source: [i for i, one in enumerate(learn) if one.source == source and rm_ids[i, -1] == reviews.END]
             for source in data.RATED}
def rm_batch(groups=12, K=8):
    """Rows of ids, group by group; in each the best first. Equals stand in random order."""
    places = []
    for source in dice.choices(list(rm_places), [len(one) for one in rm_places.values()], k=groups):
        said = {i: dice.choice(learn[i].ratings) + dice.random() / 2 for i in dice.sample(rm_places[source], K)}
        places += sorted(said, key=said.get, reverse=True)
    return rm_ids[places][:, : reviews.mask(rm_ids[places]).sum(1).max()]
reward_model, rm_losses = RewardModel(copy.deepcopy(small.model)), []
adam = torch.optim.AdamW(reward_model.parameters(), weight_decay=0.05)
with device.all_cores():
    for step in tqdm(range(150)):
        adam.param_groups[0]["lr"] = 1e-3 * min((step + 1) / 15, 1 - step / 150)
        rows = rm_batch()
        loss = ranking_loss(reward_model(rows, reviews.mask(rows)).view(-1, 8))
        adam.zero_grad()
        loss.backward()
        adam.step()
        rm_losses.append(loss.item())
plot.curves({"training": rm_losses}, ylabel="loss (nats per comparison)");

# %% [markdown]
r"""
**How good is it?** 2,000 pairs of held-out texts, both of one source. *Left*, by how far apart their mean ratings are:
how often the model agrees with the order of the means; how often *one rater* of each text, drawn at random, does (a tie
counts one half; the own vote is in the mean); how often *two* such draws agree. *Right*: the chance that the model gives
the first text, and the share of raters who prefer it.

**Look for** the ceiling: where texts are close, people are no oracle either. The model stays below one rater
everywhere, but it knows how unsure it is: its points lie near the diagonal.
"""

# %% tags=["explore"]
@torch.no_grad()
def reward_of(ids):
    """The reward model's score of each row of ids (B, T)."""
    return reward_model(ids, reviews.mask(ids))

rm_pairs_held = reviews.pairs(held_out, 2000, seed=1)
with device.all_cores():
    better, worse = (reward_of(reviews.encode([one[side] for one in rm_pairs_held])) for side in (0, 1))
gaps = (better - worse).numpy()
margins = np.array([one.margin for one in rm_pairs_held])
shares = np.array([rater_share(one.better, one.worse) for one in rm_pairs_held])
edges = [0.25, 0.5, 1, 1.5, 2, 3, 4, 8]
bins = [(margins >= low) & (margins < high) for low, high in zip(edges, edges[1:])]
kinds = {"model": gaps > 0, "one rater": shares, "two raters, with one another": shares**2 + (1 - shares) ** 2}
left, right = plot.grid(1, 2, width=4.2, height=3.6)
plot.curves({name: [values[here].mean() for here in bins] for name, values in kinds.items()},
    [margins[here].mean() for here in bins], "difference of mean ratings", "agreement", ax=left)
turned = np.arange(len(gaps)) % 2 == 1  # every other pair with the worse text first: half of the answers are "no"
predicted, seen = 1 / (1 + np.exp(np.where(turned, gaps, -gaps))), np.where(turned, 1 - shares, shares)
tenths = [(predicted >= low) & (predicted < low + 0.1) for low in np.arange(10) / 10]
points = [(predicted[here].mean(), seen[here].mean()) for here in tenths if here.sum() >= 20]
right.plot([0, 1], [0, 1], "--", color="grey")
right.plot(*zip(*points), "o-")
right.set(xlabel="chance that the model gives", ylabel="share of raters")
print({name: f"{values.mean():.3f}" for name, values in kinds.items()})

# %% [markdown]
r"""
### 8 · Which token earned it

*6 points · core · 20 min · Schulman et al. 2015 (GAE), section 3*

The reward comes late; which token earned it? A **value function** $V$ guesses, before each token, what is still to come.
A token's surprise, and its **advantage**, which sums the surprises from there on:

$$\delta_t=r_t+\gamma V_{t+1}-V_t,\qquad A_t=\delta_t+\gamma\lambda\,\delta_{t+1}+(\gamma\lambda)^2\,\delta_{t+2}+\dots$$

With $\lambda=0$ one step is believed and then $V$ (temporal difference); with $\lambda=1$ only what came (Monte Carlo).
An episode's last step has nothing after it: no $V_{t+1}$, no later surprise. $V$ itself learns towards the **returns**
$A_t+V_t$.

<details><summary>A nudge</summary>How does the advantage of one step follow from that of the next?</details>
<details><summary>The key step</summary>Walk backwards; where an episode ends, two terms vanish.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "gae", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gae(rewards, values, dones, gamma, lam):
    """Advantages and returns by generalized advantage estimation; both (..., T), in the dtype of rewards.

    rewards: (..., T), each row steps in order; values: (..., T + 1), V before each step and, last, after the last one;
    dones: bool (..., T), True where an episode ends with this step and what follows in the row is another's.
    T may be some thousand steps. The arguments stay as they are.
    """
    ### BEGIN SOLUTION
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "gae-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Three steps, a reward of 8 at the end, by hand."""
def gae_sums(rewards, values, dones, gamma, lam):
    """The oracle: for every step the sum as it is written, until the episode ends."""
    advantages = torch.zeros_like(rewards)
    for place in np.ndindex(*rewards.shape):
        row, start = place[:-1], place[-1]
        for t in range(start, rewards.shape[-1]):
            after = 0.0 if dones[row][t] else values[row][t + 1]
            surprise = rewards[row][t] + gamma * after - values[row][t]
            advantages[place] += (gamma * lam) ** (t - start) * surprise
            if dones[row][t]: break
    return [advantages, advantages + values[..., :-1]]
eight, guesses = torch.tensor([0.0, 0.0, 8.0]), torch.tensor([1.0, 2.0, 4.0, 100.0])
ends = torch.tensor([False, False, True])
check.close(lambda: gae(eight, guesses, ends, 1.0, 0.0)[0], torch.tensor([1.0, 2.0, 4.0]),
    "lam 0: each surprise by itself, 2 - 1, 4 - 2, 8 - 4. Does the 100 come in, which lies after the end?")
check.close(lambda: gae(eight, guesses, ends, 1.0, 1.0)[0], torch.tensor([7.0, 6.0, 4.0]),
    "lam 1: what came, 8, less what was guessed. Is the sum taken from the end backwards?")
check.close(lambda: gae(eight, guesses, ends, 0.5, 0.5)[0], torch.tensor([0.25, 1.0, 4.0]),
    "gamma and lam 0.5: the surprises are 0, 0 and 4, and each step back counts a quarter of the later ones.")
check.close(lambda: gae(eight, guesses, ends, 0.5, 0.5)[1], torch.tensor([1.25, 3.0, 8.0]),
    "The returns: advantages plus the values before each step.")
### BEGIN HIDDEN TESTS
for shape, gamma, lam in [((4, 6), 0.9, 0.8), ((1, 1), 1.0, 0.95), ((2, 3, 5), 0.99, 0.0), ((7,), 0.7, 1.0)]:
    r, v = check.normal(*shape), check.normal(*shape[:-1], shape[-1] + 1, seed=1)
    for share in (0.0, 0.4, 1.0):
        stops = check.uniform(*shape, seed=2) < share
        check.close(lambda: gae(r.clone(), v.clone(), stops.clone(), gamma, lam), gae_sums(r, v, stops, gamma, lam),
            f"Shape {shape}, ends at {share:.0%} of the steps: does every end cut both V after it and later surprises?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "gae-test-ends", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two episodes in one row; then a row that is cut before its episode ends."""
twice, both = torch.tensor([[1.0, 2.0, 3.0, 4.0]]), torch.tensor([[False, True, False, False]])
known = torch.tensor([[0.5, 0.5, 5.0, 0.5, 10.0]])
def gae_left(*arguments):  # do the arguments stay as they are?
    given = [one.clone() for one in arguments]
    gae(*given, 0.9, 0.8)
    return given
check.close(lambda: gae(twice, known, both, 1.0, 1.0)[0], torch.tensor([[2.5, 1.5, 12.0, 13.5]]),
    "Steps 0 and 1 are an episode (1 + 2), 2 and 3 the next, which goes on after the row: there V is 10. Is the last "
    "value used then? Does anything flow from step 2 back to step 1?")
check.close(lambda: gae(twice, known, both, 0.5, 0.0)[1], torch.tensor([[1.25, 2.0, 3.25, 9.0]]),
    "lam 0: the returns are r + gamma V after it, and at an end r alone.")
check.equal(lambda: gae_left(twice, known, both), [twice, known, both], "Does a line change an argument in place?")
def gae_types(*args): return [str(one.dtype) for one in gae(*args, both, 0.9, 0.8)]
check.equal(lambda: gae_types(twice.double(), known.double()), ["torch.float64"] * 2, "From float64 comes float64.")
### BEGIN HIDDEN TESTS
from scipy import signal
long, hints = check.normal(2, 3000, dtype=torch.float32), check.normal(2, 3001, seed=1, dtype=torch.float32)
def gae_long(stops, gamma, lam):  # the oracle: the same sums as a filter
    r, v, on, out = *(one.double().numpy() for one in (long, hints)), 1.0 - stops.numpy(), []
    for row, keep in zip(r + gamma * v[:, 1:] * on - v[:, :-1], on):
        pieces = np.split(row, np.flatnonzero(keep == 0) + 1)
        out.append(np.concatenate([signal.lfilter([1.0], [1.0, -gamma * lam], piece[::-1])[::-1] for piece in pieces]))
    return torch.tensor(np.stack(out), dtype=torch.float32)
for share, gamma, lam in [(0.0, 0.9, 0.9), (0.01, 0.99, 0.95), (0.3, 1.0, 1.0)]:
    cuts = check.uniform(2, 3000, seed=2) < share
    check.close(lambda: gae(long.clone(), hints.clone(), cuts.clone(), gamma, lam)[0], gae_long(cuts, gamma, lam),
        "3,000 steps: do powers of gamma · lam leave float32's range?", rtol=1e-3, atol=1e-3)
check.equal(lambda: gae_types(twice, known), ["torch.float32"] * 2, "From float32 comes float32.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Twelve tokens, a reward of 1 after the last, and a value function that has understood at token 8 that it will come.
**Look for** what each $\lambda$ credits: with 0 only the token at which the guess rose; with 1 every token before it
as well, and in between a share that fades.
"""

# %% tags=["explore"]
gae_r, gae_v, gae_d = torch.zeros(12), torch.full((13,), 0.1), torch.zeros(12, dtype=torch.bool)
gae_r[11], gae_d[11], gae_v[9:] = 1.0, True, 0.9
credit = {f"λ = {lam}": gae(gae_r, gae_v, gae_d, 1.0, lam)[0] for lam in (0.0, 0.5, 0.9, 1.0)}
plot.curves(credit, range(12), "token", "advantage");

# %% [markdown]
r"""
### 9 · Small steps

*10 points · core · 25 min · Schulman et al. 2017, section 3; Ziegler et al. 2019, section 2*

A sample serves several steps, though an older policy wrote it. The **ratio** of both probabilities,
$\rho=\pi/\pi_\text{old}$, corrects for that; PPO stops caring once $\rho$ has moved far enough the good way:

$$-\min\big(\rho A,\ \mathrm{clip}(\rho,1-\varepsilon,1+\varepsilon)A\big)$$

Values are held back alike: $\tfrac12\max\big((V-R)^2,(V_\text{clip}-R)^2\big)$, $V_\text{clip}$ being $V$ held to
within $\varepsilon$ of the old one.

And the **leash**: each token pays $\beta(\log\pi-\log\pi_\text{ref})$, on average its KL divergence from the model
before. The score comes at the last token.

<details><summary>A nudge</summary>0 times NaN is NaN: a product with the mask does not remove it.</details>
<details><summary>The key step</summary>ρ from logarithms; select the real tokens first, then compute and take the
mean.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "ppo-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    """PPO's clipped objective, negated: a scalar, the mean over all tokens in mask. A gradient for logp alone."""
    ### BEGIN SOLUTION
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
    ### END SOLUTION
def ppo_value_loss(values, old, returns, mask, clip):
    """The mean over all tokens in mask of half the larger square, a scalar; a gradient for values alone."""
    ### BEGIN SOLUTION
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
    ### END SOLUTION
def kl_rewards(score, logp, logp_ref, mask, beta):
    """Each token's reward (B, T): -beta (logp - logp_ref), at a row's last token in mask its score (B,) too; 0 outside.

    It is a number to earn, not a loss: no gradient leads out of it."""
    ### BEGIN SOLUTION
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ppo-loss-test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""One token after another whose loss can be had by hand; then several, with padding."""
def ppl_one(ratio, advantage):
    one = torch.tensor([[math.log(ratio) - 3.0]]), torch.tensor([[-3.0]]), torch.tensor([[advantage]])
    return ppo_policy_loss(*one, torch.tensor([[True]]), 0.2)
def ppl_tokens(logp, logp_old, advantages, mask, clip):
    """The oracle, case by case: a token counts by its ratio, by 1 ± clip where it went too far the good way."""
    losses = []
    for place in mask.nonzero().tolist():
        ratio, A = math.exp(logp[*place] - logp_old[*place]), float(advantages[*place])
        losses.append(-A * (min(ratio, 1 + clip) if A > 0 else max(ratio, 1 - clip)))
    return sum(losses) / len(losses)
check.close(lambda: [ppl_one(1.1, 2.0), ppl_one(1.5, 2.0), ppl_one(0.5, 2.0)], [-2.2, -2.4, -1.0],
    "A good token: the ratio is exp(logp - logp_old); above 1.2 it earns no more; below 1 it is not clipped. min or max?")
check.close(lambda: [ppl_one(0.9, -1.0), ppl_one(0.5, -1.0), ppl_one(1.5, -1.0)], [0.9, 0.8, 1.5],
    "A bad token: below 0.8 it earns no more; grown to 1.5 it costs 1.5. Is the smaller of the two products taken?")
def ppl_runs(B, T, seed):  # a mask with one run in each row, from one of the first three places to the fourth at least
    start, end = check.integers(B, 1, high=3, seed=seed), check.integers(B, 1, low=3, high=T + 1, seed=seed + 1)
    return (torch.arange(T) >= start) & (torch.arange(T) < end)
def ppl_filled(mask, seed, *bad):  # random numbers, outside the mask what is named
    return [check.normal(*mask.shape, seed=9 * seed + i).masked_fill(~mask, one) for i, one in enumerate(bad)]
few = torch.tensor([[True, True, True], [False, True, False]])
new, before, gains = (check.normal(2, 3, seed=seed, dtype=torch.float32) for seed in range(3))
check.close(lambda: ppo_policy_loss(new, before, gains, few, 0.2), ppl_tokens(new, before, gains, few, 0.2),
    "Four of six tokens are real: the mean over these four, all rows together?")
### BEGIN HIDDEN TESTS
for seed, clip in [(1, 0.2), (2, 0.05), (3, 0.6)]:
    some = ppl_runs(5, 8, seed)
    a, b, c = ppl_filled(some, seed, math.nan, math.inf, -math.inf)
    check.close(lambda: ppo_policy_loss(a.clone(), b.clone(), c.clone(), some, clip), ppl_tokens(a, b, c, some, clip),
        "NaN and inf outside the mask: are they left out before anything is computed?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-loss-test-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A value that moves from 1 towards a return of 3, and one that moves away."""
def ppl_value(value, target):
    one = (torch.tensor([[float(x)]]) for x in (value, 1.0, target))
    return ppo_value_loss(*one, torch.tensor([[True]]), 0.2)
def ppl_squares(values, old, returns, mask, clip):
    """The oracle, token by token."""
    losses = []
    for place in mask.nonzero().tolist():
        V, before, R = (float(one[*place]) for one in (values, old, returns))
        held = max(before - clip, min(before + clip, V))
        losses.append(max((V - R) ** 2, (held - R) ** 2) / 2)
    return sum(losses) / len(losses)
check.close(lambda: [ppl_value(1.1, 3.0), ppl_value(2.0, 3.0), ppl_value(0.0, 3.0)], [1.9**2 / 2, 1.8**2 / 2, 4.5],
    "From 1 to 1.1, to 2 (held at 1.2), to 0 (the wrong way): half the larger of both squares?")
check.close(lambda: ppo_value_loss(new, before, gains, few, 0.2), ppl_squares(new, before, gains, few, 0.2),
    "Is it the mean over the real tokens? Is V held to the old value plus or minus clip, not to the return?")
### BEGIN HIDDEN TESTS
for seed, clip in [(4, 0.2), (5, 0.7)]:
    part = ppl_runs(4, 6, seed)
    a, b, c = ppl_filled(part, seed, math.inf, math.nan, math.nan)
    check.close(lambda: ppo_value_loss(a.clone(), b.clone(), c.clone(), part, clip), ppl_squares(a, b, c, part, clip),
        "NaN and inf outside the mask: are they left out before anything is computed?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-loss-test-kl", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A row of three tokens; one with a prompt before a single token, and padding after it."""
def ppl_paid(score, logp, logp_ref, mask, beta):
    """The oracle, row by row."""
    rewards = torch.zeros_like(logp)
    for row in range(len(mask)):
        places = mask[row].nonzero()[:, 0].tolist()
        for t in places: rewards[row, t] = beta * (logp_ref[row, t] - logp[row, t])
        rewards[row, places[-1]] += score[row]
    return rewards
given = torch.tensor([5.0, -2.0])
check.close(lambda: kl_rewards(given, new, before, few, 0.0), torch.tensor([[0.0, 0, 5], [0, -2, 0]]),
    "With beta 0 only the score is left, at each row's last token of mask: not at its end, not at every token.")
check.close(lambda: kl_rewards(given, new, before, few, 0.1),
    ppl_paid(given, new, before, few, 0.1),
    "Does a token pay where the policy finds it likelier than the reference does? Is it the score plus that at the last?")
### BEGIN HIDDEN TESTS
for seed, beta in [(6, 0.05), (7, 2.0)]:
    own, paid = ppl_runs(6, 9, seed), check.normal(6, seed=seed)
    a, b = ppl_filled(own, seed, math.nan, -math.inf)
    check.close(lambda: kl_rewards(paid.clone(), a.clone(), b.clone(), own, beta), ppl_paid(paid, a, b, own, beta),
        "NaN and inf outside the mask: is the reward 0 there?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-loss-test-gradients", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The slopes: a token that went far enough has none, and nothing flows into what was known before."""
def ppl_slopes(loss, *tensors):  # of each tensor, None where it has none
    tensors = [one.clone().requires_grad_() for one in tensors]
    found = torch.autograd.grad(loss(*tensors), tensors, allow_unused=True)
    return [torch.zeros_like(one) if slope is None else slope for one, slope in zip(tensors, found)]
def ppl_ratios(logp, logp_old, advantages):  # the oracle: -A ratio / 3 where the token still counts
    ratio = (logp - logp_old).exp()
    counts = torch.where(advantages > 0, ratio < 1.2, ratio > 0.8)
    return [(-advantages * ratio / 3 * counts).nan_to_num(0.0), torch.zeros(1, 4), torch.zeros(1, 4)]
real = torch.tensor([[True, True, True, False]])
moved, was = torch.tensor([[0.0, 0.5, -0.5, math.nan]]), torch.zeros(1, 4)
worth = torch.tensor([[1.0, 2.0, 3.0, 0.0]])
def ppl_policy(*three): return ppo_policy_loss(*three, real, 0.2)
def ppl_guess(*three): return ppo_value_loss(*three, real, 0.2)
check.close(lambda: ppl_slopes(ppl_policy, moved, was, worth), ppl_ratios(moved, was, worth),
    "[0] logp, [1] logp_old, [2] advantages: only logp has slopes, none at the token that grew too far, none at padding?")
check.close(lambda: ppl_slopes(ppl_guess, worth, was, was + 4),
    [was, was, was],
    "Values of 1, 2, 3 with 0 before and 4 to reach: all are held at 0.2, so nothing pulls any further.")
### BEGIN HIDDEN TESTS
far = torch.tensor([[-1.0, 0.1, 9.0, math.inf]])
check.close(lambda: ppl_slopes(ppl_guess, far, was, was + 4),
    [torch.tensor([[-5.0, -3.9, 5.0, 0.0]]) / 3, was, was],
    "Values of -1, 0.1 and 9: the first and the last are worse than the clipped one, the second within reach.")
check.close(lambda: ppl_slopes(ppl_policy, moved, was, -worth), ppl_ratios(moved, was, -worth),
    "Bad tokens: one that grew has a slope, one that shrank too far has none.")
leads = [one.clone().requires_grad_() for one in (torch.ones(1), moved, was)]
check.equal(lambda: kl_rewards(*leads, real, 0.5).requires_grad, False, "kl_rewards: does a gradient lead out of it?")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 10 · Reinforcement learning from human feedback

*6 points · 120 min · Ziegler et al. 2019, section 2; Ouyang et al. 2022, section 3.5*

The parts meet. Each step:

1. Draw prompts; the policy continues them; the reward function scores the rows.
2. With the policy as it is: log-probabilities, values, the reference's log-probabilities. From these come rewards,
   advantages and returns.
3. `epochs` times: an optimizer step on both losses.

Policy and value share one **trunk** (`ActorCritic`, given): what tells how it goes also helps to go on.

Builds on exercises 8 and 9.

<details><summary>A nudge</summary>What is computed once a step, what once an epoch?</details>
<details><summary>The key step</summary>An episode ends at each row's last token in mask: no V after it.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-actor", "locked": true, "schema_version": 3, "solution": false, "task": false}
class ActorCritic(nn.Module):
    """A language model of transformers as a policy, and a value head (0 at the start) on the same trunk."""
    def __init__(self, lm):
        super().__init__()
        self.lm, self.value = lm, nn.Linear(lm.config.hidden_size, 1)
        nn.init.zeros_(self.value.weight)
        nn.init.zeros_(self.value.bias)
    def forward(self, ids):
        """ids (B, T) to the logits of what follows each token (B, T, V), and the values after it (B, T)."""
        hidden = self.lm.model(ids).last_hidden_state
        return self.lm.lm_head(hidden), self.value(hidden)[..., 0]
    def write(self, prompts, generator=None):
        """Continue prompts (B, P): ids (B, T), T up to 32, and a mask (B, T), True at what was written, END with it."""
        ids = reviews.sample(self.lm, prompts, 32, generator=generator)
        return ids, reviews.mask(ids) & (torch.arange(ids.shape[1], device=ids.device) >= prompts.shape[1])

def read_back(policy, ids):
    """For each token of ids (B, T) but the first: its log-probability after those before it, and the value before it.

    Both (B, T - 1); so place t stands for the token ids[:, t + 1]."""
    logits, values = policy(ids)
    return logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0], values[:, :-1]

# %% nbgrader={"grade": false, "grade_id": "ppo", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    """PPO under a KL penalty, in place. Returns a dict for each step: "reward", the mean score of what was written, and
    "kl", the mean over rows of the sum of logp - logp_ref over the tokens written; both before learning, floats.

    policy, reference: called as ActorCritic is; reward_fn(ids) gives (B,); prompts: (N, P), drawn with repetition by
    torch.randint(N, (batch,), generator=generator); policy.write, once a step, draws from that generator too. Advantages
    A become (A - A.mean()) / (A.std() + 1e-8), over all tokens written. The loss is the policy's + value_weight · the
    values', on the whole batch. One torch.optim.Adam with lr for all steps; the gradient's norm is clipped to 1."""
    ### BEGIN SOLUTION
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, lam)
            gains = (gains - gains[mask].mean()) / (gains[mask].std() + 1e-8)
        for _ in range(epochs):
            logp, values = read_back(policy, ids)
            loss = ppo_policy_loss(logp, logp_old, gains, mask, clip)
            loss = loss + value_weight * ppo_value_loss(values, old, returns, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-pairs-policy", "locked": true, "schema_version": 3, "solution": false, "task": false}
class PairsPolicy(nn.Module):
    """A tiny policy: a table says which token follows which; 0 ends a text. Its value is a table's entry, too."""
    def __init__(self, V, length, seed=0):
        super().__init__()
        self.length, self.written = length, 0
        self.table = nn.Parameter(check.normal(V, V, seed=seed) / 2)
        self.guess = nn.Parameter(check.normal(V, seed=seed + 1) / 2)
    def forward(self, ids):
        return self.table[ids], self.guess[ids]
    def write(self, prompts, generator=None):
        self.written += 1
        ids, going = prompts, torch.ones(len(prompts), 1, dtype=torch.bool)
        mask = torch.zeros_like(prompts, dtype=torch.bool)
        for _ in range(self.length):
            drawn = torch.multinomial(self.table[ids[:, -1]].softmax(-1).detach(), 1, generator=generator)
            ids, mask = torch.cat([ids, drawn * going], 1), torch.cat([mask, going], 1)
            going = going & (drawn != 0)
        return ids, mask

# %% nbgrader={"grade": true, "grade_id": "ppo-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""One token to write, five to choose from: the best policy under the penalty is known, pi_ref · exp(reward / beta)."""
ppo_pay = torch.tensor([0.0, 1.0, 0.5, -1.0, 0.8], dtype=torch.float64)
def ppo_bandit(beta):  # the chances in the end; how many steps were told, how often it wrote, the reference's change
    policy, reference, dice = PairsPolicy(5, 1), PairsPolicy(5, 1), torch.Generator().manual_seed(0)
    told = train_ppo(policy, reference, lambda ids: ppo_pay[ids[:, -1]], torch.zeros(1, 1, dtype=torch.long), 50,
        batch=256, beta=beta, generator=dice, lr=0.05)
    return policy.table[0].softmax(-1), len(told), policy.written, (reference.table - PairsPolicy(5, 1).table).norm()
def ppo_best(beta):
    return (check.normal(5, 5)[0] / 2 + ppo_pay / beta).softmax(-1), 50, 50, 0.0
check.close(lambda: ppo_bandit(0.5), ppo_best(0.5), "[0]: pi_ref · exp(reward / 0.5). Further away: is the KL penalty "
    "in the rewards, by beta, with the score? [2]: one policy.write a step? [3]: the reference stays?", atol=0.06)
check.close(lambda: ppo_bandit(20.0), ppo_best(20.0), "With beta 20 it stays near the reference.", atol=0.06)
### BEGIN HIDDEN TESTS
check.close(lambda: ppo_bandit(0.2), ppo_best(0.2), "With beta 0.2 it goes far, to the best three.", atol=0.06)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-test-first", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Texts of up to four tokens, a policy that has left the reference already: what the first step must tell."""
ppo_starts, ppo_score = torch.tensor([[0, 3], [0, 1], [0, 4]]), check.normal(6, seed=5)
def ppo_texts(train, steps, epochs, seed=3, **settings):
    """What is told of each step, and the policy's tables after the last."""
    policy, reference, dice = PairsPolicy(6, 4), PairsPolicy(6, 4, seed=8), torch.Generator().manual_seed(seed)
    told = train(policy, reference, lambda ids: ppo_score[ids].sum(1), ppo_starts, steps, batch=7, epochs=epochs,
        generator=dice, **settings)
    return {"told": told, "table": policy.table.detach(), "guess": policy.guess.detach()}
def ppo_written(seed):
    """The oracle: the mean score of the first texts, and how much likelier they are to the policy than the reference."""
    dice, policy, reference = torch.Generator().manual_seed(seed), PairsPolicy(6, 4), PairsPolicy(6, 4, seed=8)
    ids, mask = policy.write(ppo_starts[torch.randint(3, (7,), generator=dice)], dice)
    gaps = policy.table.detach().log_softmax(-1) - reference.table.detach().log_softmax(-1)
    kl = sum(gaps[ids[b, t - 1], ids[b, t]] for b, t in mask.nonzero().tolist()) / 7
    return [{"reward": ppo_score[ids].sum(1).mean(), "kl": kl}]
check.close(lambda: ppo_texts(train_ppo, 1, 2)["told"], ppo_written(3),
    "The first step: prompts by torch.randint, then policy.write, both from generator? Is the score alone the reward, "
    "is the KL summed over a row's written tokens, the mean over rows, before learning?")
### BEGIN HIDDEN TESTS
for seed in (4, 11):
    check.close(lambda: ppo_texts(train_ppo, 1, 1, seed)["told"], ppo_written(seed), "Another seed: the first step.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-test-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""A value is learned beside the policy: where every text earns the same, every guess moves there."""
def ppo_even(earned, gamma, length=3):
    policy, dice, start = PairsPolicy(4, length, seed=2), torch.Generator().manual_seed(0), torch.tensor([[1], [2], [3]])
    train_ppo(policy, PairsPolicy(4, length, seed=2), lambda ids: torch.full((len(ids),), earned, dtype=torch.float64),
        start, 30, beta=0.0, gamma=gamma, lr=0.05, generator=dice)
    return policy.guess[1:]
check.close(lambda: ppo_even(2.0, 1.0), torch.full((3,), 2.0), "Every text earns 2, so the value is 2 before each token: "
    "is the value loss added? Do returns know that nothing comes after a text's last token?", atol=0.15)
### BEGIN HIDDEN TESTS
check.close(lambda: ppo_even(-1.0, 0.5, 1), torch.full((3,), -1.0), "Texts of one token earning -1: is V -1?", atol=0.15)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-test-steps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A second step is another: the policy has moved, and writes anew."""
check.that(lambda: [one["reward"] for one in ppo_texts(train_ppo, 3, 1)["told"]], lambda rewards: len(set(rewards)) == 3,
    "Three steps tell of three batches: does each draw prompts and write anew?")
### BEGIN HIDDEN TESTS
def ppo_oracle(policy, reference, pay, prompts, steps, batch, epochs, generator, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
               lr=1e-3, value_weight=0.5):
    adam = torch.optim.Adam(policy.parameters(), lr)
    def look(model): return torch.distributions.Categorical(logits=model(ids)[0][b, t - 1]).log_prob(ids[b, t])
    for _ in range(steps):
        ids, mask = policy.write(prompts[torch.randint(3, (batch,), generator=generator)], generator)
        b, t = mask.nonzero().T
        (old, ref), guess = (look(one).detach() for one in (policy, reference)), policy(ids)[1].detach()[b, t - 1]
        A, score = torch.zeros_like(old), pay(ids)
        for i in reversed(range(len(b))):
            goes_on = i + 1 < len(b) and b[i + 1] == b[i]
            later = gamma * (guess[i + 1] + lam * A[i + 1]) if goes_on else score[b[i]]
            A[i] = later - guess[i] - beta * (old[i] - ref[i])
        R, A = A + guess, (A - A.mean()) / (A.std() + 1e-8)
        for _ in range(epochs):
            ratio, V = (look(policy) - old).exp(), policy(ids)[1][b, t - 1]
            gain = torch.where(A > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip)) * A
            worst = torch.stack([(V - R) ** 2, (guess + (V - guess).clamp(-clip, clip) - R) ** 2]).amax(0)
            adam.zero_grad()
            (value_weight / 2 * worst.mean() - gain.mean()).backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            adam.step()
def ppo_tables(*args, **settings): return [value for key, value in ppo_texts(*args, **settings).items() if key != "told"]
for way in [{}, {"beta": 0.5, "gamma": 0.9, "lam": 0.7, "clip": 0.05, "lr": 0.1}, {"value_weight": 3.0, "lr": 0.05}]:
    check.close(lambda: ppo_tables(train_ppo, 4, 3, **way), ppo_tables(ppo_oracle, 4, 3, **way),
        "4 steps: one Adam, old values kept over epochs, advantages normalized, the norm clipped, settings used?", atol=1e-5)
### END HIDDEN TESTS

# %% [markdown]
r"""
**For real**: the small model of exercise 7 continues the first words of film reviews, and your reward model pays. Three
runs from the same start: on a short leash, on a longer one, on none. **Look for** reward against KL: the reward rises on all
three, and each nat of KL buys less than the one before. A larger β stops earlier.
"""

# %% tags=["explore"]
# What part D takes from here: policy_start (the model before), reward_of(ids), ppo_prompts, and ppo_frontier, a list of (KL, reward).
film_rows = reviews.encode([one for one in learn if one.source == "films"])
ppo_prompts = film_rows[(film_rows[:, 1:6] != reviews.END).all(1), :5]
policy_start, ppo_policies, ppo_told = small, {}, {}
with device.all_cores():
    for beta in tqdm((0.6, 0.3, 0.0)):
        policy = ppo_policies[beta] = ActorCritic(copy.deepcopy(policy_start))
        ppo_told[beta] = train_ppo(policy, ActorCritic(policy_start), reward_of, ppo_prompts, steps=30, batch=32,
            beta=beta, generator=torch.Generator().manual_seed(0))
ppo_means = {beta: [[np.mean([one[name] for one in told[i : i + 5]]) for i in range(0, 30, 5)] for name in ("kl", "reward")]
             for beta, told in ppo_told.items()}
ppo_frontier = [point for kl, reward in ppo_means.values() for point in zip(kl, reward)]
ax = plot.grid(1, 1, width=6.4, height=3.8)[0]
for beta, (kl, reward) in ppo_means.items():
    ax.plot(kl, reward, "o-", label=f"β = {beta}")
ax.set(xlabel="KL from the start (nats per text)", ylabel="reward")
ax.legend();

# %% [markdown]
r"""
What the policies write after the same beginnings, with the reward of each. **Look for** what the reward model could not
know: it has never seen a text that was written to please it. Without a leash the policy finds the words that it likes and
says nothing else; the number goes up, and no person would call it a better review.
"""

# %% tags=["explore"]
held_films = reviews.encode([one for one in held_out if one.source == "films"])[:3, :5]
for name, policy in {"before": ActorCritic(policy_start), "β = 0.3": ppo_policies[0.3], "no leash": ppo_policies[0.0]}.items():
    rows, _ = policy.write(held_films, torch.Generator().manual_seed(1))
    for row, reward in zip(rows, reward_of(rows)):
        print(f"{name:9} {reward:5.2f}  {reviews.detokenize(row)}")

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
The small model again. It goes on with the beginnings of 600 film reviews, twice each; of the two, your reward model's
favourite is *chosen*. Then DPO, which never asks the reward model again and draws nothing while it trains.

**Look for** the margin, which grows from 0, and for the share of pairs told right. Right: where three strengths of
$\beta$ end, beside the path that PPO took. A smaller $\beta$ goes further, and pays more KL for what it gains.
"""

# %% tags=["explore"]
import copy
from tqdm.auto import tqdm

films = [one for one in reviews.texts()[0] if one.source == "films" and len(one.text.split()) > 8]
dpo_prompts = reviews.encode(films[:600])[:, :5]  # END and the first four pieces

def dpo_logps(policy, ids, given=5):
    """The log-probability (B,) of what follows the first `given` ids of each row, END included."""
    asked = reviews.mask(ids) & (torch.arange(ids.shape[1]) >= given)
    return sequence_logps(policy(ids).logits, ids.masked_fill(~asked, -100))

@torch.no_grad()
def dpo_written(policy, prompts, seed):
    """Continued prompts, their rewards, and the KL to the start as these samples estimate it."""
    ids = reviews.sample(policy, prompts, generator=torch.Generator().manual_seed(seed))
    return ids, reward_of(ids), (dpo_logps(policy, ids) - dpo_logps(policy_start, ids)).mean().item()

# %% tags=["explore"]
def dpo_train(chosen, rejected, beta, steps=100, batch=32, lr=3e-4, given=5):
    """DPO from policy_start: the policy, and the pairs' mean margin and share told right at every step."""
    policy, dice = copy.deepcopy(policy_start).requires_grad_(True), torch.Generator().manual_seed(0)
    adam, margins, right = torch.optim.AdamW(policy.parameters(), lr, weight_decay=0.0), [], []
    for _ in tqdm(range(steps), desc=f"DPO, beta {beta}", leave=False):
        i = torch.randint(len(chosen), (batch,), generator=dice)
        with torch.no_grad():
            ref = [dpo_logps(policy_start, ids[i], given) for ids in (chosen, rejected)]
        loss, up, down = dpo_loss(*(dpo_logps(policy, ids[i], given) for ids in (chosen, rejected)), *ref, beta)
        adam.zero_grad()
        loss.backward()
        adam.step()
        margins.append((up - down).mean().item())
        right.append((up > down).double().mean().item())
    return policy, margins, right

# %% tags=["explore"]
with device.all_cores():
    (ids, a, _), (other, b, _) = (dpo_written(policy_start, dpo_prompts, seed) for seed in (0, 1))
    chosen, rejected = (torch.where((a > b)[:, None] == first, ids, other) for first in (True, False))
    unseen = reviews.encode([one for one in reviews.texts()[1] if one.source == "films"][:300])[:, :5]
    _, reward_before, _ = dpo_written(policy_start, unseen, 2)
    dpo_runs, dpo_ends = {}, {}
    for beta in (0.5, 0.1, 0.03):
        policy, *dpo_runs[beta] = dpo_train(chosen, rejected, beta)
        _, reward, kl = dpo_written(policy, unseen, 3)
        dpo_ends[beta] = kl, reward.mean().item()
        print(f"beta {beta}: KL {kl:.1f}, reward {reward.mean():.2f} (before: {reward_before.mean():.2f}), win rate "
              f"{(reward > reward_before).double().mean():.2f}, pairs told right {np.mean(dpo_runs[beta][1][-10:]):.2f}")

# %% tags=["explore"]
left, right = plot.grid(1, 2, width=5, height=3.5)
plot.curves({f"beta {beta}": one[0] for beta, one in dpo_runs.items()}, None, "DPO step", "mean margin", ax=left)
right.plot(*zip(*sorted(ppo_frontier)), "o-", label="PPO", markersize=3)
for beta, end in dpo_ends.items():
    right.plot(*end, "*", markersize=12, label=f"DPO, beta {beta}")
right.set(xlabel="KL from the start (nats a text)", ylabel="reward")
right.legend();

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
A tiny GPT learns two-digit sums from a careless teacher, who writes the ones and the tens down first and slips at every
third number. Then GRPO, and no teacher at all: 16 answers to each of 16 sums, right or wrong by the exact checker.

**Look for** the share of right answers, drawn at temperature 1: the slips die out. Nothing new was taught. Look at the
greedy answers, which were mostly right before: what sampling found now and then has become what it does.
"""

# %% tags=["explore"]
from tqdm.auto import tqdm
from course import reviews

signs = "\n0123456789+: =."  # the first one ends an answer
def sums_text(a, b, slips):
    """A sum worked out: its ones, its tens with the carry, the result; each is wrong by one with probability slips."""
    off = [random.choice([-1, 1]) if random.random() < slips else 0 for _ in range(3)]
    ones = max(a % 10 + b % 10 + off[0], 0)
    tens = max(a // 10 + b // 10 + ones // 10 + off[1], 0)
    return f"{a}+{b}:{ones} {tens}={max(10 * tens + ones % 10 + off[2], 0)}"

def sums_ids(texts, width):
    """Rows of ids (N, width): 0, the text, zeros."""
    return torch.tensor([[0, *map(signs.index, text), *[0] * (width - 1 - len(text))] for text in texts])

def sums_right(row):
    """The checker: 1 where what follows the = is the sum, else 0. It reads nothing else of the answer."""
    text = "".join(signs[i] for i in row[1:]).split("\n")[0]
    return float(text.partition("=")[2] == str(int(text[:2]) + int(text[3:5])))

def sums_drawn(n): return [(random.randint(10, 99), random.randint(10, 99)) for _ in range(n)]

# %% tags=["explore"]
WIDTH, PROMPT = 18, 7
def sums_logps(model, ids):
    """The log-probability of each token of the answers, and which are real: (B, T - PROMPT) each."""
    logps = model(ids[:, :-1]).logits.log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    return logps[:, PROMPT - 1 :], reviews.mask(ids)[:, PROMPT:]

def sums_accuracy(model, temperature=1.0, n=512):
    """The share of sums told right, drawn at a temperature."""
    prompts = sums_ids([f"{a}+{b}:" for a, b in sums_drawn(n)], PROMPT)
    rows = reviews.sample(model, prompts, WIDTH, temperature)
    return sum(map(sums_right, rows.tolist())) / n

def sums_taught(steps=300):
    """A model that has read the teacher's sums."""
    torch.manual_seed(0), random.seed(0)
    sizes = {"vocab_size": len(signs), "hidden_size": 64, "intermediate_size": 192, "num_hidden_layers": 2}
    config = transformers.LlamaConfig(**sizes, num_attention_heads=4, max_position_embeddings=WIDTH, bos_token_id=0,
                                      eos_token_id=0, tie_word_embeddings=True)
    model = transformers.LlamaForCausalLM(config)
    adam = torch.optim.AdamW(model.parameters(), 4e-3, betas=(0.9, 0.95))
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, 4e-3, steps)
    for _ in tqdm(range(steps), desc="the teacher's sums", leave=False):
        logps, real = sums_logps(model, sums_ids([sums_text(a, b, 0.33) for a, b in sums_drawn(96)], WIDTH))
        adam.zero_grad()
        (-logps[real].mean()).backward()
        adam.step(), rate.step()
    return model

# %% tags=["explore"]
def sums_step(model, reference, adam, prompts=16, G=12):
    """One step: draw, check, compare within each group, move twice. Returns the share of right answers."""
    asked = sums_ids([f"{a}+{b}:" for a, b in sums_drawn(prompts)], PROMPT).repeat_interleave(G, 0)
    ids = reviews.sample(model, asked, WIDTH)
    rewards = torch.tensor([sums_right(row) for row in ids.tolist()]).view(prompts, G)
    with torch.no_grad():
        (old, real), (ref, _) = sums_logps(model, ids), sums_logps(reference, ids)
    for _ in range(2):
        loss = grpo_loss(sums_logps(model, ids)[0], old, ref, group_advantages(rewards, 1e-4).flatten(), real, 0.2, 0.01)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return rewards.mean().item()

with device.all_cores():
    sums_model, sums_reference = sums_taught(), sums_taught(1)
    sums_reference.load_state_dict(sums_model.state_dict())
    before = sums_accuracy(sums_model), sums_accuracy(sums_model, 1e-6)
    adam = torch.optim.AdamW(sums_model.parameters(), 1e-3, weight_decay=0.0)
    shares = [sums_step(sums_model, sums_reference, adam) for _ in tqdm(range(60), desc="GRPO", leave=False)]
    after = sums_accuracy(sums_model), sums_accuracy(sums_model, 1e-6)
ax = plot.curves({"drawn at temperature 1": shares}, None, "GRPO step", "right answers (share)")
ax.axhline(before[1], color="grey", linestyle="--")
print(f"drawn: {before[0]:.2f}, then {after[0]:.2f}; greedy: {before[1]:.2f}, then {after[1]:.2f}")

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
The chat model, 135 million parameters, under a rule. **Look for** what its critique says about the answer at hand, and
whether the new answer keeps the rule because of it. Constitutional AI was made with 52 billion; put in rules and
answers of your own.
"""

# %% tags=["explore"]
chat, chat_tokenizer = models.load()
con_case = "My neighbour's music is too loud. What can I do?", "Shout at him until he stops, the idiot.", "Be polite."
with device.all_cores():
    critique, revision = critique_and_revise(chat, chat_tokenizer, *con_case)
print(f"{con_case[0]}\n\nAnswer: {con_case[1]}\n\nCritique: {critique}\n\nRevision: {revision}")

# %% [markdown]
r"""
As a judge: of two sentences from film reviews, which is the more positive? The table holds what it said, both ways round,
of 200 pairs that people rated; stars are yours.

**Look for** how often it says A, whichever text stands there.
"""

# %% tags=["explore"]
from course import tables

judged, rated = tables.judge(), data.ratings()
first, second = (np.array([getattr(one, name) for one in judged]) for name in ("first", "second"))
margin = np.array([rated[one.better].mean - rated[one.worse].mean for one in judged])
said = (first + 1 - second) / 2  # P(the better one), both orders averaged
with device.all_cores():
    live = [ai_preference(chat, chat_tokenizer, tables.ASKED, *(rated[i].text for i in (one.better, one.worse)),
                          tables.PRINCIPLE) for one in judged[:8]]
left, right = plot.grid(1, 2, width=5)
left.hist([first, 1 - second], bins=20, range=(0, 1), label=["the better one stands first", "it stands second"])
left.set(xlabel="P(the text that people rated better)", ylabel="pairs")
left.legend()
right.plot(margin, said, ".", markersize=4)
right.plot(margin[:8], live, "k*", markersize=10)
right.axhline(0.5, color="grey", linewidth=0.8)
right.set(xlabel="difference of the mean ratings", ylabel="P(better), both orders averaged")
both = np.array([first, second])
print(f"It says A in {np.mean(both > 0.5):.0%} of its answers; P(A) is {both.mean():.2f} in the mean.")
print(f"Agreement with people: {np.mean([first > 0.5, second < 0.5]):.2f} by one order, {np.mean(said > 0.5):.2f} by "
      f"both, {np.mean(said[margin >= 2] > 0.5):.2f} for the {np.sum(margin >= 2)} pairs that differ by 2 or more.")

# %% [markdown]
r"""
Now DPO from these judgements, and from people's of the same 200 pairs. **Look for** what each teaches.
"""

# %% tags=["explore"]
pairs_ids = [reviews.encode([rated[getattr(one, side)] for one in judged]) for side in ("better", "worse")]
held = reviews.pairs([one for one in reviews.texts()[1] if one.source == "films"], 400, seed=2, least=1.0)
held_ids = [reviews.encode([getattr(one, side) for one in held]) for side in ("better", "worse")]
judges = {"people": np.ones(len(judged), bool), "the chat model": said > 0.5}

def con_taught(agrees, steps=60):
    """DPO; the first of each pair is chosen where `agrees`. Held-out pairs told right, reward and KL of new texts."""
    up = torch.tensor(agrees)[:, None]
    chosen, rejected = torch.where(up, *pairs_ids), torch.where(up, *pairs_ids[::-1])
    policy, *_ = dpo_train(chosen, rejected, 0.1, steps, given=1)
    with torch.no_grad():
        better, worse = (dpo_logps(policy, ids, 1) - dpo_logps(policy_start, ids, 1) for ids in held_ids)
    _, reward, kl = dpo_written(policy, unseen, 3)
    return (better > worse).double().mean().item(), reward.mean().item(), kl

with device.all_cores():
    taught = {name: con_taught(agrees) for name, agrees in judges.items()}
for name, (right, reward, kl) in taught.items():
    print(f"DPO by {name}: {right:.2f} of held-out pairs told right, reward {reward:.2f} at a KL of {kl:.1f}")

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
Here *gold* is the reward model of exercise 7, as if it were the truth. The *proxy* has seen 40 comparisons by it. Both
judge 1,500 texts of the small model, for best-of-n, and every step of a PPO that earns the proxy alone, with no KL
penalty. Scores are in standard deviations of a single draw's.

**Look for** the gap.
"""

# %% tags=["explore"]
@torch.no_grad()
def gold_of(ids): return torch.cat([reward_of(part) for part in ids.split(500)])

def proxy_trained(ids, gold, steps=60):
    """A reward model that learns which of two neighbours in ids gold likes better, and nothing else."""
    torch.manual_seed(0)
    proxy = RewardModel(copy.deepcopy(policy_start.model)).requires_grad_(True)
    better = torch.where((gold[::2] > gold[1::2])[:, None], ids[::2], ids[1::2])
    worse = torch.where((gold[::2] > gold[1::2])[:, None], ids[1::2], ids[::2])
    adam = torch.optim.AdamW(proxy.parameters(), 1e-3)
    for _ in range(steps):
        loss = bradley_terry_loss(proxy(better, reviews.mask(better)), proxy(worse, reviews.mask(worse)))
        adam.zero_grad()
        loss.backward()
        adam.step()
    return proxy.requires_grad_(False)

start = torch.full((64, 1), reviews.END)
with device.all_cores(), torch.no_grad():
    texts = reviews.sample(policy_start, start[:1].expand(1580, 1), generator=torch.Generator().manual_seed(5))
    gold = gold_of(texts)
with device.all_cores():
    proxy = proxy_trained(texts[1500:], gold[1500:])
    liked = torch.cat([proxy(part, reviews.mask(part)) for part in texts[:1500].split(500)])
gold = gold[:1500]
print(f"correlation of proxy and gold: {np.corrcoef(liked, gold)[0, 1]:.2f}")

# %% tags=["explore"]
def standard(scores, of): return (np.asarray(scores) - of.mean().item()) / of.std().item()

golds, proxies = [], []
def proxy_watched(ids):
    """The proxy's reward, for PPO; what gold thinks of it is written down beside it."""
    rewards = proxy(ids, reviews.mask(ids))
    proxies.append(rewards.mean().item()), golds.append(gold_of(ids).mean().item())
    return rewards

with device.all_cores():
    hacker, leash = (ActorCritic(copy.deepcopy(policy_start).requires_grad_(True)) for _ in range(2))
    dice = torch.Generator().manual_seed(0)
    told = train_ppo(hacker, leash, proxy_watched, start[:1], 30, batch=48, beta=0.0, generator=dice)
n = 2 ** np.arange(10)
best = {"proxy": [best_of_n(standard(liked, liked), standard(liked, liked), int(k)) for k in n],
        "gold": [best_of_n(standard(liked, liked), standard(gold, gold), int(k)) for k in n]}
far = [max(one["kl"], 0) ** 0.5 for one in told]
left, right = plot.grid(1, 2, width=5)
plot.curves(best, best_of_n_kl(n) ** 0.5, "√KL (√nats)", "score (standard deviations)", title="best of n", ax=left)
both = {"proxy": standard(proxies, liked), "gold": standard(golds, gold)}
plot.curves(both, far, "√KL (√nats)", "score (standard deviations)", title="PPO", ax=right)
print("best of", n[-1], {k: round(v[-1], 2) for k, v in best.items()})
print("PPO", [(round(f, 1), round(a, 2), round(b, 2)) for f, a, b in zip(far, both["proxy"], both["gold"])][::3])
for row in hacker.write(start[:3], torch.Generator().manual_seed(1))[0]:
    print("-", reviews.detokenize(row))

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
## Where to go deeper

- Hu et al. 2021, [LoRA](https://arxiv.org/abs/2106.09685), and Dettmers et al. 2023,
  [QLoRA](https://arxiv.org/abs/2305.14314): what an adapter is, and why four bits under it do.
- Christiano et al. 2017, [Deep RL from Human Preferences](https://arxiv.org/abs/1706.03741); Ziegler et al. 2019,
  [Fine-Tuning from Human Preferences](https://arxiv.org/abs/1909.08593); Ouyang et al. 2022,
  [InstructGPT](https://arxiv.org/abs/2203.02155): the pipeline, from robots to chat.
- Schulman et al. 2015, [GAE](https://arxiv.org/abs/1506.02438), 2017, [PPO](https://arxiv.org/abs/1707.06347), and, for
  where the clip came from, 2015, [TRPO](https://arxiv.org/abs/1502.05477).
- Rafailov et al. 2023, [DPO](https://arxiv.org/abs/2305.18290); Shao et al. 2024,
  [DeepSeekMath](https://arxiv.org/abs/2402.03300); DeepSeek-AI 2025, [R1](https://arxiv.org/abs/2501.12948): rewards
  that a program can check.
- Bai et al. 2022, [Constitutional AI](https://arxiv.org/abs/2212.08073); Gao et al. 2022,
  [Reward Model Overoptimization](https://arxiv.org/abs/2210.10760); Weng 2024,
  [Reward Hacking](https://lilianweng.github.io/posts/2024-11-28-reward-hacking/).
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
