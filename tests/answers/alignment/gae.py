"""Answers to gae: what flows back, and what an end stops."""

# %% right: filled in place, torch.where for the ends
def gae(rewards, values, dones, gamma, lam):
    advantages, later = torch.empty_like(rewards), 0.0
    for t in reversed(range(rewards.shape[-1])):
        after = torch.where(dones[..., t], 0.0, values[..., t + 1])
        later = rewards[..., t] + gamma * after - values[..., t] + gamma * lam * torch.where(dones[..., t], 0.0, later) if t + 1 < rewards.shape[-1] else rewards[..., t] + gamma * after - values[..., t]
        advantages[..., t] = later
    return advantages, advantages + values[..., :-1]

# %% right: row by row in Python's floats
def gae(rewards, values, dones, gamma, lam):
    T = rewards.shape[-1]
    rows = []
    for r, v, d in zip(rewards.reshape(-1, T).tolist(), values.reshape(-1, T + 1).tolist(), dones.reshape(-1, T).tolist()):
        row, later = [0.0] * T, 0.0
        for t in range(T - 1, -1, -1):
            if d[t]:
                later = r[t] - v[t]
            else:
                later = r[t] + gamma * v[t + 1] - v[t] + gamma * lam * later
            row[t] = later
        rows.append(row)
    advantages = torch.tensor(rows, dtype=rewards.dtype).reshape(rewards.shape)
    return advantages, advantages + values[..., :-1]

# %% right: returns by their own recursion, advantages from them
def gae(rewards, values, dones, gamma, lam):
    T, keep = rewards.shape[-1], 1 - dones.to(rewards.dtype)
    ahead, returns = values[..., T], []
    for t in range(T - 1, -1, -1):
        ahead = rewards[..., t] + gamma * keep[..., t] * ((1 - lam) * values[..., t + 1] + lam * ahead)
        returns.insert(0, ahead)
    returns = torch.stack(returns, -1)
    return returns - values[..., :T], returns

# %% right: a matrix of weights from logarithms, float64 inside
def gae(rewards, values, dones, gamma, lam):
    keep = (~dones).double()
    surprises = (rewards + gamma * values[..., 1:] * keep - values[..., :-1]).double()
    T = rewards.shape[-1]
    episode = F.pad(dones.long().cumsum(-1), (1, 0))[..., :T]
    lag = torch.arange(T) - torch.arange(T)[:, None]
    powers = torch.where(lag >= 0, torch.tensor(gamma * lam, dtype=torch.float64) ** lag.clamp(min=0), 0.0)
    weights = powers * (episode[..., :, None] == episode[..., None, :])
    advantages = (weights @ surprises[..., None])[..., 0].to(rewards.dtype)
    return advantages, advantages + values[..., :-1]

# %% wrong: an end does not cut V | hint: 100
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: an end does not cut later surprises
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: ends are ignored | hint: 100
def gae(rewards, values, dones, gamma, lam):
    goes_on = torch.ones_like(rewards)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: going on and ending swapped
def gae(rewards, values, dones, gamma, lam):
    goes_on = dones.to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: the end cuts one step later
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * (goes_on[..., t - 1] if t else goes_on[..., t]) * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: the end cuts one step too early
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * (goes_on[..., t + 1] if t + 1 < rewards.shape[-1] else 1.0) * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: lam forgotten | hint: lam 0
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: gamma forgotten in the sum
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: gamma forgotten before V
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: one minus lam
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * (1 - lam) * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: walks forwards
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in range(rewards.shape[-1]):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages, -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: the order left backwards
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages, -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: V of the step itself in place of the next
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., :-1] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: V not taken off
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: the last value is never used
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    ahead = values[..., 1:].clone()
    ahead[..., -1] = 0
    surprises = rewards + gamma * ahead * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: every row ends with its last step
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    goes_on[..., -1] = 0
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: returns are the discounted rewards
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    out, total = [], 0
    for t in reversed(range(rewards.shape[-1])):
        total = rewards[..., t] + gamma * goes_on[..., t] * total
        out.append(total)
    return advantages, torch.stack(out[::-1], -1)

# %% wrong: returns plus the value after the step | hint: returns
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., 1:]

# %% wrong: returns are advantages again | hint: returns
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages

# %% wrong: returns and advantages swapped
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages + values[..., :-1], advantages

# %% wrong: advantages normalized
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    returns = advantages + values[..., :-1]
    return (advantages - advantages.mean()) / (advantages.std() + 1e-8), returns

# %% wrong: values changed in place
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    values[..., 1:] *= goes_on
    surprises = rewards + gamma * values[..., 1:] - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: rewards changed in place
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    rewards += gamma * values[..., 1:] * goes_on - values[..., :-1]
    surprises = rewards
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: float32 always
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    advantages = advantages.float()
    return advantages, advantages + values[..., :-1].float()

# %% wrong: float64 always
def gae(rewards, values, dones, gamma, lam):
    rewards, values = rewards.double(), values.double()
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: a cumulative sum over powers, which leave the range
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    powers = (gamma * lam) ** torch.arange(rewards.shape[-1], dtype=rewards.dtype)
    episode = F.pad(dones.long().cumsum(-1), (1, 0))[..., :-1]
    total = torch.zeros_like(rewards)
    for e in range(int(episode.max()) + 1):
        own = episode == e
        weighted = (surprises * powers * own).flip(-1).cumsum(-1).flip(-1)
        total = torch.where(own, weighted / powers, total)
    advantages = total
    return advantages, advantages + values[..., :-1]

# %% wrong: works on a single row alone
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], 0.0
    for t in reversed(range(rewards.numel())):
        later = surprises.flatten()[t] + gamma * lam * goes_on.flatten()[t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1).view_as(rewards)
    return advantages, advantages + values[..., :-1]

# %% wrong: one step of surprise, never more
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t]
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]

# %% wrong: zeros
def gae(rewards, values, dones, gamma, lam):
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return torch.zeros_like(rewards), values[..., :-1].clone()

# %% right: returns first, by their own recursion
def gae(rewards, values, dones, gamma, lam):
    live = 1 - dones.to(rewards.dtype)
    R = [values[..., -1]]
    for t in reversed(range(rewards.shape[-1])):
        R.append(rewards[..., t] + gamma * live[..., t] * ((1 - lam) * values[..., t + 1] + lam * R[-1]))
    R = torch.stack(R[:0:-1], -1)
    return R - values[..., :-1], R

# %% right: a matrix of powers for each row
def gae(rewards, values, dones, gamma, lam):
    live = (~dones).to(rewards.dtype)
    delta = rewards + gamma * values[..., 1:] * live - values[..., :-1]
    ep = (dones.long().cumsum(-1) - dones.long())
    T = rewards.shape[-1]
    t = torch.arange(T)
    w = torch.where((t[None, :] >= t[:, None]), torch.tensor(gamma * lam, dtype=torch.float64) ** (t[None, :] - t[:, None]).clamp(min=0), 0.0)
    same = ep[..., :, None] == ep[..., None, :]
    adv = ((w * same).to(rewards.dtype) @ delta[..., None])[..., 0]
    return adv, adv + values[..., :-1]

# %% wrong: values after an end set to 0, where the next episode begins
def gae(rewards, values, dones, gamma, lam):
    values = values.clone(); values[..., 1:][dones] = 0
    live = (~dones).to(rewards.dtype)
    delta = rewards + gamma * values[..., 1:] - values[..., :-1]
    adv = delta.clone()
    for t in reversed(range(adv.shape[-1] - 1)):
        adv[..., t] += gamma * lam * live[..., t] * adv[..., t + 1]
    return adv, adv + values[..., :-1]
