"""Answers to ppo-loss: the clipped objective, the clipped square, the rewards with their leash."""

# %% right: masked_fill first, then sums; the case by the sign of A
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    n = mask.sum()
    logp, logp_old, advantages = (one.masked_fill(~mask, 0) for one in (logp, logp_old.detach(), advantages.detach()))
    ratio = torch.exp(logp - logp_old)
    gain = torch.where(advantages > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip)) * advantages
    return -gain.sum() / n
def ppo_value_loss(values, old, returns, mask, clip):
    n = mask.sum()
    values, old, returns = (one.masked_fill(~mask, 0) for one in (values, old.detach(), returns.detach()))
    held = torch.clamp(values, old - clip, old + clip)
    return torch.max((values - returns).square(), (held - returns).square()).sum() / (2 * n)
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = torch.where(mask, beta * (logp_ref - logp), 0.0).detach()
    last = mask.shape[1] - 1 - mask.flip(1).long().argmax(1)
    rewards[torch.arange(len(rewards)), last] += score.detach()
    return rewards

# %% right: the maximum of negated products; a loop over rows
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return torch.max(-advantages * ratio, -advantages * torch.clip(ratio, 1 - clip, 1 + clip)).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    with torch.no_grad():
        rewards = torch.zeros_like(logp)
        for row, real in enumerate(mask):
            places = real.nonzero().flatten()
            rewards[row, places] = -beta * (logp[row, places] - logp_ref[row, places])
            rewards[row, places[-1]] += score[row]
    return rewards

# %% right: stacked and reduced; F.mse_loss; the last place by a reversed cumsum
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    real = mask.nonzero(as_tuple=True)
    A, difference = advantages[real].detach(), logp[real] - logp_old[real].detach()
    both = torch.stack([difference.exp() * A, difference.exp().clip(1 - clip, 1 + clip) * A])
    return both.amin(0).mean().neg()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    held = torch.min(torch.max(values, old - clip), old + clip)
    both = [F.mse_loss(one, returns, reduction='none') for one in (values, held)]
    return torch.maximum(*both).mean() / 2
def kl_rewards(score, logp, logp_ref, mask, beta):
    with torch.no_grad():
        last = mask & (mask.flip(1).cumsum(1).flip(1) == 1)
        penalty = torch.where(mask, -beta * (logp - logp_ref), torch.zeros_like(logp))
        return penalty + torch.where(last, score[:, None], torch.zeros_like(logp))

# %% right: float64 inside
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp.double() - logp_old.double()).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean().to(logp.dtype)
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: no clip | hint: clipped
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -(ratio * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the clipped product alone
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -(ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the larger of both products | hint: min
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.maximum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the smaller of the negated ones
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return torch.minimum(-ratio * advantages, -ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the sign forgotten: it would be lowered
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: a ratio of logarithms | hint: exp
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = logp / logp_old
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: a difference of logarithms | hint: exp
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = logp - logp_old
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the ratio upside down
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp_old - logp).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the logarithm of the ratio is clipped
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, (logp - logp_old).clamp(-clip, clip).exp() * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: clipped above only
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(max=1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: 0.2 whatever clip says
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-0.2, 0.2)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the mean over padding too | hint: mean
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp.masked_fill(~mask, 0), logp_old.masked_fill(~mask, 0).detach(), advantages.masked_fill(~mask, 0).detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: rows' means, then their mean | hint: all rows
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    n = mask.sum(1)
    logp, logp_old, advantages = (one.masked_fill(~mask, 0) for one in (logp, logp_old.detach(), advantages.detach()))
    ratio = (logp - logp_old).exp()
    gain = torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
    return -(gain.sum(1) / n).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the sum over tokens
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).sum()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: a product with the mask: 0 times NaN | hint: NaN
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    ratio = (logp - logp_old.detach()).exp()
    A = advantages.detach()
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    return -(gain * mask).sum() / mask.sum()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: torch.where after the fact: a loss that is finite, slopes that are not
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    ratio = (logp - logp_old.detach()).exp()
    A = advantages.detach()
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    return -torch.where(mask, gain, 0.0).sum() / mask.sum()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: advantages normalized inside
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: a gradient into the advantages | hint: slopes
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask]
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: a gradient into logp_old | hint: slopes
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask], advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: logp detached: nothing is learned
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask].detach(), logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: log-probability times advantage, no ratio
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -(logp * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the value's clip left out
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * ((values - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the clipped square alone
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * ((clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the smaller square
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.minimum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: one half forgotten | hint: half
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: held to the return instead of the old value
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = returns + (values - returns).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the value held between -clip and clip
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = values.clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the value's factor is clipped
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = values.clamp(1 - clip, 1 + clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: a square without maximum of the mean
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum(((values - returns) ** 2).mean(), ((clipped - returns) ** 2).mean())
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: absolute differences
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns).abs(), (clipped - returns).abs()).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: a gradient into the returns
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask]
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: a gradient into the old values
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask], returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the mean of the value loss over padding | hint: mean
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).sum() / mask.numel()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: values times the mask
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    old, returns = old.detach(), returns.detach()
    held = old + (values - old).clamp(-clip, clip)
    loss = torch.maximum((values - returns) ** 2, (held - returns) ** 2)
    return 0.5 * (loss * mask).sum() / mask.sum()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the score at every token | hint: last
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * mask

# %% wrong: the score in the last column | hint: last
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.full_like(score, mask.shape[1] - 1).long()
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the score at the number of real tokens
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = mask.sum(1) - 1
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the score at the first token
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = mask.long().argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the score one place too late
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1) + 1
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the score takes the place of the penalty at the last token | hint: plus
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return torch.where(places == last[:, None], score.detach()[:, None].to(rewards.dtype), rewards)

# %% wrong: the leash pushes away: its sign
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: beta forgotten
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (logp_ref - logp).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: the KL summed at the last token
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    gaps = (logp - logp_ref).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1])
    last = torch.where(mask, places, -1).argmax(1)
    return (score.detach() - beta * gaps.sum(1))[:, None] * (places == last[:, None])

# %% wrong: the exact KL by exp, not the tokens' own
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * logp.exp() * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: k3 in the place of the difference
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * ((logp_ref - logp).exp() - 1 - (logp_ref - logp))).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: padding is paid for
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: rewards that lead a gradient | hint: gradient
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0)
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: padding cleared by a product | hint: NaN
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
def ppo_value_loss(values, old, returns, mask, clip):
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
def kl_rewards(score, logp, logp_ref, mask, beta):
    rewards = (-beta * (logp - logp_ref) * mask).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])

# %% wrong: NaN made 0 in the place of a selection: inf stays
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    r = torch.exp(logp.nan_to_num(0) - logp_old.detach().nan_to_num(0))
    a = advantages.detach().nan_to_num(0)
    losses = -torch.min(r * a, torch.clamp(r, 1 - clip, 1 + clip) * a)
    return (losses * mask).sum() / mask.sum()

def ppo_value_loss(values, old, returns, mask, clip):
    v, o, R = values[mask], old[mask].detach(), returns[mask].detach()
    vc = o + torch.clamp(v - o, -clip, clip)
    return 0.5 * torch.max((v - R) ** 2, (vc - R) ** 2).mean()

@torch.no_grad()
def kl_rewards(score, logp, logp_ref, mask, beta):
    out = torch.zeros_like(logp)
    out[mask] = -beta * (logp[mask] - logp_ref[mask])
    for b in range(len(mask)):
        out[b, mask[b].nonzero().max()] += score[b]
    return out

# %% wrong: logp becomes the rewards in place | hint: stay
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    lp, lo, a = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    r = torch.exp(lp - lo)
    return -torch.min(r * a, torch.clamp(r, 1 - clip, 1 + clip) * a).mean()

def ppo_value_loss(values, old, returns, mask, clip):
    v, o, R = values[mask], old[mask].detach(), returns[mask].detach()
    vc = o + torch.clamp(v - o, -clip, clip)
    return 0.5 * torch.max((v - R) ** 2, (vc - R) ** 2).mean()

def kl_rewards(score, logp, logp_ref, mask, beta):
    with torch.no_grad():
        out = logp.detach()
        out -= logp_ref
        out *= -beta
        out.masked_fill_(~mask, 0)
        for b in range(len(out)): out[b, mask[b].nonzero().max()] += score[b]
    return out

# %% right: masked_select; the last place by a cumsum
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    ratio = torch.exp(torch.masked_select(logp, mask) - torch.masked_select(logp_old, mask).detach())
    adv = torch.masked_select(advantages, mask).detach()
    return torch.max(-adv * ratio, -adv * torch.clamp(ratio, 1.0 - clip, 1.0 + clip)).mean()

def ppo_value_loss(values, old, returns, mask, clip):
    v, o, R = values[mask], old[mask].detach(), returns[mask].detach()
    vc = o + torch.clamp(v - o, -clip, clip)
    return 0.5 * torch.max((v - R) ** 2, (vc - R) ** 2).mean()

def kl_rewards(score, logp, logp_ref, mask, beta):
    mask = mask.bool()
    last = mask & (mask.long().cumsum(1) == mask.long().sum(1, keepdim=True))
    pen = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0)
    return (pen + torch.where(last, score[:, None], torch.zeros_like(pen))).detach()

# %% wrong: the larger of two means
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    lp, lo, a = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    r = torch.exp(lp - lo)
    return -torch.min(r * a, torch.clamp(r, 1 - clip, 1 + clip) * a).mean()

def ppo_value_loss(values, old, returns, mask, clip):
    v, o, R = values[mask], old[mask].detach(), returns[mask].detach()
    vc = o + torch.clamp(v - o, -clip, clip)
    return 0.5 * torch.max(((v - R) ** 2).mean(), ((vc - R) ** 2).mean())

@torch.no_grad()
def kl_rewards(score, logp, logp_ref, mask, beta):
    out = torch.zeros_like(logp)
    out[mask] = -beta * (logp[mask] - logp_ref[mask])
    for b in range(len(mask)):
        out[b, mask[b].nonzero().max()] += score[b]
    return out
