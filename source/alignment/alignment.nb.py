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
**Look for** what each $\lambda$ credits: with 0 the token at which the guess rose, and a little the last one;
with 1 every token before them as well; in between a share that fades backwards.
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

Each step:

1. Draw prompts; the policy continues them; the reward function scores the rows.
2. With the policy as it is: log-probabilities, values, the reference's log-probabilities. From these come rewards,
   advantages and returns.
3. `epochs` times: an optimizer step on both losses.

Policy and value share one **trunk** (`ActorCritic`, given): what tells how it goes helps to go on.

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
