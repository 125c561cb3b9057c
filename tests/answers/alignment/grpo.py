"""Answers to grpo: whose mean and deviation, which ratio, which tokens, and what is averaged first."""

# %% right: torch.std, where the group is not all equal; expm1; a sum over real tokens
def group_advantages(rewards, eps):
    same = (rewards.max(1, keepdim=True).values == rewards.min(1, keepdim=True).values)
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    scaled = (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + eps)
    return torch.where(same, torch.zeros_like(scaled), scaled)


def k3_kl(logp, logp_ref):
    d = logp_ref - logp
    return torch.expm1(d) - d


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    zero = torch.zeros_like(logp)
    p = torch.where(mask, logp, zero)
    old = torch.where(mask, logp_old, zero).detach()
    ref = torch.where(mask, logp_ref, zero).detach()
    rho = torch.exp(p - old)
    A = advantages.unsqueeze(1).expand_as(p)
    loss = torch.max(-rho * A, -rho.clip(1 - clip, 1 + clip) * A) + beta * k3_kl(p, ref)
    weights = mask / mask.sum(1, keepdim=True) / len(mask)
    return (loss * weights).sum()

# %% right: group by group in a loop; answer by answer, real tokens picked out
def group_advantages(rewards, eps):
    rows = []
    for row in rewards:
        if torch.equal(row, row[0].expand_as(row)):
            rows.append(torch.zeros_like(row))
        else:
            rows.append((row - row.mean()) / (row.std(correction=1) + eps))
    return torch.stack(rows)


def k3_kl(logp, logp_ref):
    return torch.exp(logp_ref - logp) + logp - logp_ref - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    means = []
    for i in range(len(logp)):
        p, old, ref = logp[i][mask[i]], logp_old[i][mask[i]].detach(), logp_ref[i][mask[i]].detach()
        rho = (p - old).exp()
        gain = torch.min(rho * advantages[i], torch.clamp(rho, 1 - clip, 1 + clip) * advantages[i])
        means.append((gain - beta * k3_kl(p, ref)).mean())
    return -torch.stack(means).mean()

# %% right: float64 inside; the clip by the advantage's sign
def group_advantages(rewards, eps):
    wide = rewards.double()
    centred = wide - wide.mean(dim=1, keepdim=True)
    G = wide.shape[1]
    std = (centred ** 2).sum(dim=1, keepdim=True).div(max(G - 1, 1)).sqrt()
    equal = (rewards[:, 1:] == rewards[:, :-1]).all(dim=1)
    result = centred / (std + eps)
    result[equal] = 0
    return result.to(rewards.dtype)


def k3_kl(logp, logp_ref):
    d = (logp_ref - logp).double()
    return (d.exp() - d - 1).to(logp.dtype)


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    with torch.no_grad():
        old, ref = logp_old.where(mask, torch.zeros_like(logp)), logp_ref.where(mask, torch.zeros_like(logp))
    p = logp.where(mask, torch.zeros_like(logp))
    rho, A = torch.exp(p - old), advantages.reshape(-1, 1)
    gain = torch.where(A > 0, rho.clamp(max=1 + clip), rho.clamp(min=1 - clip)) * A
    loss = beta * k3_kl(p, ref) - gain
    return (torch.where(mask, loss, torch.zeros_like(loss)).sum(dim=1) / mask.sum(dim=1)).sum() / logp.shape[0]

# %% right: flat real tokens, added up by answer
def group_advantages(rewards, eps):
    unique = torch.tensor([len(set(row)) > 1 for row in rewards.tolist()])[:, None]
    std, mean = torch.std_mean(rewards, dim=1, keepdim=True) if rewards.shape[1] > 1 else (rewards * 0 + 1, rewards)
    std = torch.where(unique, std, torch.ones_like(std))
    return (rewards - mean) / (std + eps) * 0 if not unique.any() else torch.where(unique, (rewards - mean) / (std + eps), 0 * std)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    answer = mask.nonzero()[:, 0]
    p, old, ref = logp[mask], logp_old[mask].detach(), logp_ref[mask].detach()
    A, rho = advantages[answer], torch.exp(p - old)
    loss = -torch.minimum(rho * A, rho.clamp(1 - clip, 1 + clip) * A) + beta * k3_kl(p, ref)
    lengths = mask.sum(1)[answer]
    return (loss / lengths).sum() / len(mask)

# %% wrong: normalized over the whole batch | hint: each row
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean()
    return (spread / (rewards.std() + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: each group's mean, the batch's deviation
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    return (spread / (rewards.std() + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: normalized over the prompts
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(0, keepdim=True)
    std = (spread.square().sum(0, keepdim=True) / max(rewards.shape[0] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: not divided by the deviation
def group_advantages(rewards, eps):
    return rewards - rewards.mean(1, keepdim=True)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: divided by the variance
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1))
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the population's deviation | hint: G - 1
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / rewards.shape[1]).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: mean not subtracted
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (rewards / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the sign of the advantage
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (-spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: eps under the root | hint: eps
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).add(eps).sqrt()
    return (spread / std).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: eps always 1e-4
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + 1e-4)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: all-equal groups by eps alone | hint: exactly 0
def group_advantages(rewards, eps):
    return (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + eps)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% right: all-equal groups by a deviation of exactly 0, which torch.std gives
def group_advantages(rewards, eps):
    std = rewards.std(1, keepdim=True) if rewards.shape[1] > 1 else torch.zeros_like(rewards)
    return ((rewards - rewards.mean(1, keepdim=True)) / (std + eps)).masked_fill(std == 0, 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: NaN is made 0 | hint: equal
def group_advantages(rewards, eps):
    return torch.nan_to_num((rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + eps))


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: any equal group makes all 0
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1).any(), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: rewards changed in place
def group_advantages(rewards, eps):
    same = (rewards == rewards[:, :1]).all(1, keepdim=True)
    rewards -= rewards.mean(1, keepdim=True)
    spread = rewards
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill(same, 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: k3 the other way round | hint: ratio
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp - logp_ref
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: k1, the log-ratio itself
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    return logp - logp_ref


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: k2, half the square
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    return (logp_ref - logp).square() / 2


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: k3 without its 1
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: k3 as a mean
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return (log_ratio.exp() - log_ratio - 1).mean()


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: k3 without a gradient | hint: gradient
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp.detach()
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: zero loss
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    return (logp * 0.0).sum()

# %% wrong: no clip | hint: min
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = ratio * A
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the clipped term alone
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = ratio.clamp(1 - clip, 1 + clip) * A
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: maximum, not minimum
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.maximum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the minimum of the ratios, then A
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio, ratio.clamp(1 - clip, 1 + clip)) * A
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: clip always 0.2
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(0.8, 1.2) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the ratio from old over new
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (old - logp).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the ratio of log-probabilities
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp / old.where(mask, torch.ones_like(old))), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: no ratio: log-probability times advantage
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = logp * A
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the ratio to the reference
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - ref).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: one mean over all tokens | hint: one mean over all
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -per_token.sum() / mask.sum()

# %% wrong: the mean over padding too
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -per_token.mean()

# %% wrong: an answer's sum, not its mean
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -per_token.sum(1).mean()

# %% wrong: the sum over answers
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).sum()

# %% wrong: a gain, not a loss
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return (per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: KL is a gain | hint: sign
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain + beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: no KL
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = gain.masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: KL without beta
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: KL to the old policy
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, old)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: KL times the advantage
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * A * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: padding masked after exp | hint: before exp
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (logp, logp_old.detach(), logp_ref.detach())
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: padding multiplied by 0 | hint: padding
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one * mask for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: padding counts in the sums
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref))
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the mask turned round
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the reference gets a gradient | hint: no gradient
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the old policy gets a gradient | hint: no gradient
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old, logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: the first token left out
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    mask = mask.clone()
    mask[:, 0] = False
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1).clamp(min=1)).mean()

# %% wrong: padding filled in place
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    with torch.no_grad():
        for one in (logp, logp_old, logp_ref):
            one.masked_fill_(~mask, 0.0)
    old, ref = logp_old.detach(), logp_ref.detach()
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: advantages normalized again
def group_advantages(rewards, eps):
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)


def k3_kl(logp, logp_ref):
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1


def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), ((advantages - advantages.mean()) / (advantages.std() + 1e-4))[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()

# %% wrong: close rewards are taken for equal
def group_advantages(rewards, eps):
    if rewards.shape[1] == 1: return torch.zeros_like(rewards)
    s = rewards.std(1, keepdim=True)
    a = (rewards - rewards.mean(1, keepdim=True)) / (s + eps)
    return torch.where(s < 1e-3 + 1e-6 * rewards.abs().amax(1, keepdim=True), torch.zeros_like(a), a)

def k3_kl(logp, logp_ref):
    d = logp_ref - logp
    return torch.exp(d) - d - 1

def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    lp, lo, lr = (x.masked_fill(~mask, 0) for x in (logp, logp_old.detach(), logp_ref.detach()))
    r = (lp - lo).exp()
    a = advantages.detach()[:, None]
    g = torch.min(r * a, r.clamp(1 - clip, 1 + clip) * a)
    per = (g - beta * k3_kl(lp, lr)) * mask
    return -(per.sum(1) / mask.sum(1)).mean()

# %% wrong: equal when the first two are | hint: alone
def group_advantages(rewards, eps):
    if rewards.shape[1] == 1: return torch.zeros_like(rewards)
    a = (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + eps)
    return torch.where((rewards[:, :1] == rewards[:, 1:2]), torch.zeros_like(a), a)

def k3_kl(logp, logp_ref):
    d = logp_ref - logp
    return torch.exp(d) - d - 1

def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    lp, lo, lr = (x.masked_fill(~mask, 0) for x in (logp, logp_old.detach(), logp_ref.detach()))
    r = (lp - lo).exp()
    a = advantages.detach()[:, None]
    g = torch.min(r * a, r.clamp(1 - clip, 1 + clip) * a)
    per = (g - beta * k3_kl(lp, lr)) * mask
    return -(per.sum(1) / mask.sum(1)).mean()

# %% wrong: equal when the first and the last are | hint: alone
def group_advantages(rewards, eps):
    if rewards.shape[1] == 1: return torch.zeros_like(rewards)
    a = (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + eps)
    return torch.where((rewards[:, :1] == rewards[:, -1:]), torch.zeros_like(a), a)

def k3_kl(logp, logp_ref):
    d = logp_ref - logp
    return torch.exp(d) - d - 1

def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    lp, lo, lr = (x.masked_fill(~mask, 0) for x in (logp, logp_old.detach(), logp_ref.detach()))
    r = (lp - lo).exp()
    a = advantages.detach()[:, None]
    g = torch.min(r * a, r.clamp(1 - clip, 1 + clip) * a)
    per = (g - beta * k3_kl(lp, lr)) * mask
    return -(per.sum(1) / mask.sum(1)).mean()

# %% wrong: k3 held back at large differences
def group_advantages(rewards, eps):
    if rewards.shape[1] == 1: return torch.zeros_like(rewards)
    d = rewards - rewards.mean(1, keepdim=True)
    same = (rewards == rewards[:, :1]).all(1, keepdim=True)
    s = rewards.std(1, keepdim=True) + eps
    return torch.where(same, torch.zeros_like(d), d / torch.where(same, torch.ones_like(s), s))

def k3_kl(logp, logp_ref):
    d = (logp_ref - logp).clamp(-10, 10)
    return torch.exp(d) - d - 1

def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    lp, lo, lr = (x.masked_fill(~mask, 0) for x in (logp, logp_old.detach(), logp_ref.detach()))
    r = (lp - lo).exp()
    a = advantages.detach()[:, None]
    g = torch.min(r * a, r.clamp(1 - clip, 1 + clip) * a)
    per = (g - beta * k3_kl(lp, lr)) * mask
    return -(per.sum(1) / mask.sum(1)).mean()

# %% wrong: the reference is overwritten by the difference | hint: stay
def group_advantages(rewards, eps):
    if rewards.shape[1] == 1: return torch.zeros_like(rewards)
    d = rewards - rewards.mean(1, keepdim=True)
    same = (rewards == rewards[:, :1]).all(1, keepdim=True)
    s = rewards.std(1, keepdim=True) + eps
    return torch.where(same, torch.zeros_like(d), d / torch.where(same, torch.ones_like(s), s))

def k3_kl(logp, logp_ref):
    d = logp_ref - logp
    out = torch.exp(d) - d - 1
    with torch.no_grad(): logp_ref.sub_(logp.detach())
    return out

def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    lp, lo, lr = (x.masked_fill(~mask, 0) for x in (logp, logp_old.detach(), logp_ref.detach()))
    r = (lp - lo).exp()
    a = advantages.detach()[:, None]
    g = torch.min(r * a, r.clamp(1 - clip, 1 + clip) * a)
    per = (g - beta * k3_kl(lp, lr)) * mask
    return -(per.sum(1) / mask.sum(1)).mean()

# %% right: logp alone made harmless; torch.where for the rest
def group_advantages(rewards, eps):
    if rewards.shape[1] == 1: return torch.zeros_like(rewards)
    d = rewards - rewards.mean(1, keepdim=True)
    same = (rewards == rewards[:, :1]).all(1, keepdim=True)
    s = rewards.std(1, keepdim=True) + eps
    return torch.where(same, torch.zeros_like(d), d / torch.where(same, torch.ones_like(s), s))

def k3_kl(logp, logp_ref):
    d = logp_ref - logp
    return torch.exp(d) - d - 1

def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    lp, lo, lr = logp.masked_fill(~mask, 0), logp_old.detach(), logp_ref.detach()
    r = (lp - lo).exp()
    a = advantages.detach()[:, None]
    g = torch.min(r * a, r.clamp(1 - clip, 1 + clip) * a)
    per = torch.where(mask, g - beta * k3_kl(lp, lr), 0.)
    return -(per.sum(1) / mask.sum(1)).mean()
