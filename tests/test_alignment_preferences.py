"""DPO, GRPO, the judge and best-of-n of the alignment notebook: beside independent computations, trl's losses among them."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course import answers, data, notebooks, tables


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its last exercise."""
    return answers.names_until(notebooks.source(root, "alignment"), "goodhart")


def random(seed, *shape, scale=1.0):
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def case(seed):
    """Logits of policy and reference (2B, T, V), ids, and which ids are the answers': chosen rows first, then rejected ones."""
    draw = np.random.default_rng(seed).integers
    B, T, V = int(draw(1, 5)), int(draw(3, 9)), int(draw(3, 30))
    ids = torch.as_tensor(draw(0, V, (2 * B, T)))
    real = torch.arange(T) >= torch.as_tensor(draw(1, T, (2 * B, 1)))
    return random(seed, 2 * B, T, V), random(seed + 100, 2 * B, T, V), ids, real


class Logps(torch.nn.Module):
    """A model that gives what trl's fused heads give: the log-probability of every token after the first."""

    def __init__(self, logits):
        super().__init__()
        self.logits, self.is_gradient_checkpointing = torch.nn.Parameter(logits.clone()), False

    def forward(self, input_ids=None, labels=None, **_):
        found = self.logits[:, :-1].log_softmax(-1).gather(-1, labels[:, 1:].clamp(min=0)[..., None])[..., 0]
        rest = dict.fromkeys(("entropy", "mean_logits", "is_top1"), torch.zeros_like(found).bool())
        return SimpleNamespace(log_probs=found * (labels[:, 1:] != -100), **rest)


def ours(names, policy, reference, ids, real, beta):
    """The loss, and the gradient that the policy's logits get."""
    policy, labels = policy.clone().requires_grad_(), ids.masked_fill(~real, -100)
    pi, ref = names["sequence_logps"](policy, labels).chunk(2), names["sequence_logps"](reference, labels).chunk(2)
    loss = names["dpo_loss"](*pi, *ref, beta)[0]
    return loss.item(), torch.autograd.grad(loss, policy)[0]


@pytest.mark.parametrize("seed", range(6))
def test_dpo_is_a_classifier_of_log_ratios(names, seed):
    policy, reference, ids, real = case(seed)
    beta = float(np.random.default_rng(seed).uniform(0.01, 2))

    def summed(logits):
        every = torch.distributions.Categorical(logits=logits[:, :-1]).log_prob(ids[:, 1:])
        return torch.where(real[:, 1:], every, 0).sum(1)

    logits = policy.clone().requires_grad_()
    chosen, rejected = (summed(logits) - summed(reference)).chunk(2)
    theirs = F.binary_cross_entropy_with_logits(beta * (chosen - rejected), torch.ones_like(chosen))
    loss, gradient = ours(names, policy, reference, ids, real, beta)
    assert loss == pytest.approx(theirs.item(), rel=1e-12)
    torch.testing.assert_close(gradient, torch.autograd.grad(theirs, logits)[0])


@pytest.mark.parametrize("seed", range(3))
def test_dpo_is_trls(names, seed):
    dpo_trainer = pytest.importorskip("trl.trainer.dpo_trainer")
    policy, reference, ids, real = case(seed)
    model = Logps(policy)
    stub = SimpleNamespace(
        model=model, ref_model=Logps(reference), aux_loss_enabled=False, ld_alpha=None, precompute_ref_logps=False, beta=0.3,
        accelerator=SimpleNamespace(device="cpu", gather_for_metrics=lambda x: x, gather=lambda x: x),
        args=SimpleNamespace(gradient_checkpointing=False, gradient_checkpointing_kwargs=None), f_divergence_type="reverse_kl",
        loss_types=["sigmoid"], loss_weights=[1.0], label_smoothing=0.0, use_weighting=False, _metrics=Metrics(),
        _total_train_tokens=0, _tp_size=1,
    )  # fmt: skip
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "completion_mask": real.long()}
    theirs = dpo_trainer.DPOTrainer._compute_loss(stub, model, inputs, return_outputs=False)
    loss, gradient = ours(names, policy, reference, ids, real, 0.3)
    assert loss == pytest.approx(theirs.item(), rel=1e-6)
    torch.testing.assert_close(gradient, torch.autograd.grad(theirs, model.logits)[0], rtol=1e-5, atol=1e-8)


class Metrics(dict):
    """Lists by name, by mode, whatever the names are."""

    def __missing__(self, key):
        self[key] = Metrics() if key in ("train", "eval") else []
        return self[key]


def answers_of(seed):
    """Per-token log-probabilities by policy, old policy and reference; advantages; mask."""
    draw = np.random.default_rng(seed)
    N, T = int(draw.integers(2, 9)), int(draw.integers(2, 9))
    real = torch.arange(T) < torch.as_tensor(draw.integers(1, T + 1, (N, 1)))
    steps = [random(seed + i, N, T, scale=0.4) - 1 for i in range(3)]
    return [*steps, random(seed, N), real]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("beta", [0.0, 0.3])
def test_grpo_is_trls(names, seed, beta):
    grpo_trainer = pytest.importorskip("trl.trainer.grpo_trainer")
    logp, old, ref, advantages, real = answers_of(seed)
    logp.requires_grad_()
    stub = SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *_, **__: (logp, torch.zeros_like(logp), None), top_entropy_quantile=1.0,
        aux_loss_enabled=False, off_policy_mask_threshold=None, importance_sampling_level="token", beta=beta, epsilon_low=0.2,
        args=SimpleNamespace(use_bias_correction_kl=False, delta=None), loss_type="grpo", epsilon_high=0.2, use_vllm=False,
        vllm_importance_sampling_correction=False, model=SimpleNamespace(training=False), _entropy_bonus_enabled=False,
        _metrics=Metrics(), accelerator=SimpleNamespace(gather=lambda x: x, reduce=lambda x, reduction: x),
        current_gradient_accumulation_steps=1,
    )  # fmt: skip
    ids = torch.zeros(logp.shape, dtype=torch.long)
    inputs = {"prompt_ids": ids[:, :1], "prompt_mask": ids[:, :1], "completion_ids": ids, "completion_mask": real.long()}
    inputs |= {"advantages": advantages, "old_per_token_logps": old, "ref_per_token_logps": ref}
    theirs = grpo_trainer.GRPOTrainer._compute_loss(stub, None, inputs)
    own = names["grpo_loss"](logp, old, ref, advantages, real, 0.2, beta)
    assert own.item() == pytest.approx(theirs.item(), rel=1e-9)
    torch.testing.assert_close(*(torch.autograd.grad(one, logp)[0] for one in (own, theirs)))


@pytest.mark.parametrize("seed", range(4))
def test_group_advantages_are_trls(names, seed):
    utils = pytest.importorskip("trl.trainer.utils")
    rewards = random(seed, 5, seed + 2)
    theirs = (rewards - rewards.mean(1, keepdim=True)) / (utils.nanstd(rewards, dim=1)[:, None] + 1e-4)
    torch.testing.assert_close(names["group_advantages"](rewards, 1e-4), theirs)


@pytest.mark.parametrize("seed", range(3))
def test_k3_is_the_kl_in_the_mean(names, seed):
    p, q = random(seed, 6).softmax(0), random(seed + 10, 6).softmax(0)
    theirs = torch.distributions.kl_divergence(torch.distributions.Categorical(p), torch.distributions.Categorical(q))
    assert (p * names["k3_kl"](p.log(), q.log())).sum().item() == pytest.approx(theirs.item(), rel=1e-9)


@pytest.mark.parametrize("letter", ["A", "B"])
def test_a_judge_that_says_one_letter_knows_nothing(names, letter):
    judge = names["LetterJudge"](0.0, 4.0 if letter == "A" else -4.0)
    tokenizer = names["judge_tokenizer"]
    assert names["ai_preference"](judge, tokenizer, "one", "two", "three", "four") == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("n", [1, 2, 5, 30])
def test_best_of_n_is_as_far_as_its_samples_are(names, n):
    draws = np.random.default_rng(n).random((200_000, n)).max(1)
    # The density of the largest of n at x is n x^(n - 1), against 1: the mean of its logarithm is the KL.
    assert names["best_of_n_kl"](n) == pytest.approx(np.mean(math.log(n) + (n - 1) * np.log(draws)), abs=0.02)


@pytest.mark.parametrize(("N", "n"), [(6, 2), (8, 5), (10, 9)])
def test_best_of_n_tries_every_choice(names, N, n):
    proxy, gold = np.random.default_rng(N).random((2, N))
    tried = [gold[max(some, key=proxy.__getitem__)] for some in itertools.combinations(range(N), n)]
    assert names["best_of_n"](proxy, gold, n) == pytest.approx(np.mean(tried), rel=1e-12)


def test_the_judges_table_is_of_rated_texts():
    rated, judged = data.ratings(), tables.judge()
    assert len(judged) >= 100
    for one in judged:
        assert rated[one.better].mean > rated[one.worse].mean and rated[one.better].source == rated[one.worse].source == "films"
        assert 0 < one.first < 1 and 0 < one.second < 1
