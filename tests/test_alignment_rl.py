"""The alignment notebook's rewards, credit and PPO beside trl's losses, transformers' heads, linear algebra, on random sizes."""

from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course import answers, notebooks

SEEDS = pytest.mark.parametrize("seed", range(6))


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its PPO."""
    return answers.names_until(notebooks.source(root, "alignment"), "ppo")


def draws(seed):
    """Random sizes and numbers: a function for whole numbers, one for float64 tensors."""
    dice = np.random.default_rng(seed)
    return lambda low, high: int(dice.integers(low, high)), lambda *shape: torch.tensor(dice.standard_normal(shape))


def runs(seed, B, T):
    """A mask with one run of tokens in each row."""
    dice = np.random.default_rng(seed)
    start, end = dice.integers(0, T, B), dice.integers(1, T + 1, B)
    start, end = np.minimum(start, end - 1), np.maximum(start + 1, end)
    return torch.tensor((np.arange(T) >= start[:, None]) & (np.arange(T) < end[:, None]))


def slopes(loss, *tensors):
    tensors = [one.clone().requires_grad_() for one in tensors]
    value = loss(*tensors)
    return [value.detach(), *torch.autograd.grad(value, tensors, materialize_grads=True)]


def agree(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


@SEEDS
def test_comparisons_are_trls(names, seed):
    trl = pytest.importorskip("trl")
    whole, normal = draws(seed)
    n, scale = whole(1, 20), 1e4 if seed == 5 else 3.0
    chosen, rejected = scale * normal(n), scale * normal(n)
    trainer = mock.MagicMock()
    trainer.args.center_rewards_coefficient = None
    trainer.accelerator.gather = trainer.accelerator.gather_for_metrics = lambda x: x

    def theirs(a, b):
        def model(**inputs):
            return SimpleNamespace(logits=torch.cat([a, b])[:, None])

        return trl.RewardTrainer.compute_loss(trainer, model, {"attention_mask": torch.ones(1)})

    agree(slopes(names["bradley_terry_loss"], chosen, rejected), slopes(theirs, chosen, rejected))


@SEEDS
def test_rankings_are_the_mean_of_their_pairs(names, seed):
    whole, normal = draws(seed)
    rewards = 4 * normal(whole(1, 7), whole(2, 9))

    def pairs(rewards):
        losses = [F.softplus(torch.combinations(row).diff(dim=1)).mean() for row in rewards]
        return sum(losses) / len(losses)

    agree(slopes(names["ranking_loss"], rewards), slopes(pairs, rewards))
    two = rewards[:, :2]
    torch.testing.assert_close(names["ranking_loss"](two), names["bradley_terry_loss"](*two.T))


@pytest.mark.parametrize("kind", ["Llama", "GPT2"])
def test_the_score_is_transformers_own(names, kind):
    import transformers

    sizes = {"Llama": {"hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2}}
    sizes["GPT2"] = {"n_embd": 12, "n_layer": 2, "n_head": 2, "bos_token_id": 0, "eos_token_id": 0}
    config = getattr(transformers, f"{kind}Config")(vocab_size=30, pad_token_id=29, num_labels=1, **sizes[kind])
    theirs = getattr(transformers, f"{kind}ForSequenceClassification")(config).eval()
    model = names["RewardModel"](theirs.base_model)
    model.head.weight.data.copy_(theirs.score.weight)
    lengths = torch.tensor([9, 1, 4, 7])
    mask = torch.arange(9) < lengths[:, None]
    ids = torch.randint(29, (4, 9), generator=torch.Generator().manual_seed(0))
    expected = theirs(ids.masked_fill(~mask, 29)).logits[:, 0]
    torch.testing.assert_close(model(ids, mask), expected, rtol=1e-5, atol=1e-6)


@SEEDS
def test_credit_solves_its_linear_equations(names, seed):
    whole, normal = draws(seed)
    B, T = whole(1, 5), whole(1, 40)
    gamma, lam = np.random.default_rng(seed + 99).uniform(0.3, 1, 2)
    rewards, values, dones = normal(B, T), normal(B, T + 1), normal(B, T) > 0.8
    advantages, returns = names["gae"](rewards, values, dones, gamma, lam)
    goes_on = torch.diag_embed((~dones).double())
    shift = torch.diag(torch.ones(T - 1, dtype=torch.float64), 1)
    surprises = rewards + gamma * (goes_on @ values[:, 1:, None])[..., 0] - values[:, :-1]
    system = torch.eye(T, dtype=torch.float64) - gamma * lam * goes_on @ shift
    torch.testing.assert_close(advantages, torch.linalg.solve(system, surprises))
    torch.testing.assert_close(returns, advantages + values[:, :-1])


@SEEDS
def test_the_clipped_objective_is_trls(names, seed):
    trl = pytest.importorskip("trl")
    whole, normal = draws(seed)
    B, T, clip = whole(1, 6), whole(2, 12), 0.05 + 0.1 * seed
    mask, logp, old, advantages = runs(seed, B, T), normal(B, T) - 2, normal(B, T) - 2, normal(B, T)
    trainer = mock.MagicMock(
        aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None, importance_sampling_level="token",
        beta=0.0, loss_type="bnpo", epsilon_low=clip, epsilon_high=clip, use_vllm=False, _entropy_bonus_enabled=False,
        current_gradient_accumulation_steps=1,
    )  # fmt: skip
    trainer.args.delta, trainer.accelerator.gather = None, lambda x: x

    def theirs(logp):
        trainer._get_per_token_logps_and_entropies.return_value = logp, torch.zeros_like(logp), None
        ids = torch.zeros(B, T, dtype=torch.long)
        inputs = {"prompt_ids": ids, "prompt_mask": ids, "completion_ids": ids, "completion_mask": mask.double()}
        inputs |= {"advantages": advantages, "old_per_token_logps": old}
        return trl.GRPOTrainer._compute_loss(trainer, None, inputs)

    def ours(logp):
        return names["ppo_policy_loss"](logp, old, advantages, mask, clip)

    agree(slopes(ours, logp), slopes(theirs, logp))


@SEEDS
def test_the_value_loss_and_rewards_token_by_token(names, seed):
    whole, normal = draws(seed)
    B, T, clip, beta = whole(1, 6), whole(2, 12), 0.05 + 0.1 * seed, 0.2 * seed
    mask, values, old, returns, score = runs(seed, B, T), normal(B, T), normal(B, T), normal(B, T), normal(B)

    def by_pieces(values):
        held = torch.minimum(torch.maximum(values, old - clip), old + clip)
        worst = torch.maximum(F.mse_loss(values, returns, reduction="none"), F.mse_loss(held, returns, reduction="none"))
        return (worst * mask).sum() / mask.sum() / 2

    def ours(values):
        return names["ppo_value_loss"](values, old, returns, mask, clip)

    agree(slopes(ours, values), slopes(by_pieces, values))
    rewards = names["kl_rewards"](score, values, old, mask, beta)
    assert not rewards[~mask].any()
    torch.testing.assert_close(rewards.sum(1), score - beta * ((values - old) * mask).sum(1))
    without = names["kl_rewards"](0 * score, values, old, mask, beta)
    assert ((rewards - without).abs() > 1e-12).sum() == B


def test_policy_and_value_share_a_trunk(names):
    from course import reviews

    policy = names["ActorCritic"](reviews.small_gpt(32, 1))
    ids, mask = policy.write(torch.tensor([[0, 7]] * 3), torch.Generator().manual_seed(0))
    assert ids.shape == mask.shape and not mask[:, :2].any() and mask[:, 2].all()
    logp, values = names["read_back"](policy, ids)
    assert logp.shape == values.shape == (3, ids.shape[1] - 1) and not values.any()
    chances = policy.lm(ids).logits.log_softmax(-1)
    torch.testing.assert_close(logp[1, 4], chances[1, 4, ids[1, 5]])
    policy.value.weight.data += 1
    trunk = list(policy.lm.model.parameters())
    for one in (logp.sum(), names["read_back"](policy, ids)[1].sum()):
        assert all(slope.any() for slope in torch.autograd.grad(one, trunk, retain_graph=True))


def test_ppo_earns_more_and_stays_near_on_a_leash(names):
    from course import reviews

    lm, liked = reviews.small_gpt(32, 1), 200
    policy, reference = names["ActorCritic"](reviews.small_gpt(32, 1)), names["ActorCritic"](lm)

    def told(beta):
        policy.load_state_dict(reference.state_dict())
        dice = torch.Generator().manual_seed(1)
        return names["train_ppo"](
            policy, reference, lambda ids: (ids < liked).float().mean(1), torch.zeros(1, 1, dtype=torch.long), 8, batch=32,
            beta=beta, lr=1e-2, generator=dice,
        )  # fmt: skip

    free, tied = told(0.0), told(20.0)
    assert free == told(0.0)
    assert free[0] == tied[0] and abs(free[0]["kl"]) < 1e-5
    assert free[-1]["reward"] > free[0]["reward"] + 0.04 and free[-1]["kl"] > 2 * tied[-1]["kl"]
