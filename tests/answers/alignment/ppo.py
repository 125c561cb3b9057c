"""Answers to ppo: what is computed once a step, once an epoch, and what is learned."""

# %% right: own roll-out function, detach instead of no_grad, the last place by index
def ppo_roll_out(policy, reference, reward_fn, prompts, batch, beta, gamma, lam, generator):
    chosen = torch.randint(len(prompts), (batch,), generator=generator)
    with torch.no_grad():
        ids, written = policy.write(prompts[chosen], generator)
    mask, score = written[:, 1:], reward_fn(ids).detach()
    logp_old, old = [one.detach() for one in read_back(policy, ids)]
    logp_ref = read_back(reference, ids)[0].detach()
    rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
    dones = torch.zeros_like(mask)
    for row in range(batch):
        dones[row, mask[row].nonzero()[-1, 0]] = True
    A, returns = gae(rewards, torch.cat([old, torch.zeros(batch, 1, dtype=old.dtype)], 1), dones, gamma, lam)
    told = {"reward": float(score.mean()), "kl": float((logp_old - logp_ref).masked_fill(~mask, 0).sum() / batch)}
    return ids, mask, logp_old, old, (A - A[mask].mean()) / (A[mask].std() + 1e-8), returns, told


def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr=lr), []
    for step in range(steps):
        ids, mask, logp_old, old, A, returns, told = ppo_roll_out(policy, reference, reward_fn, prompts, batch, beta, gamma, lam, generator)
        for epoch in range(epochs):
            policy.zero_grad()
            logp, values = read_back(policy, ids)
            (ppo_policy_loss(logp, logp_old, A, mask, clip) + value_weight * ppo_value_loss(values, old, returns, mask, clip)).backward()
            torch.nn.utils.clip_grad_norm_(list(policy.parameters()), 1.0)
            optimizer.step()
        history.append(told)
    return history

# %% right: two calls of backward; the step after the last written counts as an end
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & ~F.pad(mask[:, 1:], (0, 1))
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, lam)
            gains = (gains - gains[mask].mean()) / (gains[mask].std() + 1e-8)
        for _ in range(epochs):
            logp, values = read_back(policy, ids)
            loss = ppo_policy_loss(logp, logp_old, gains, mask, clip)
            optimizer.zero_grad()
            loss.backward(retain_graph=True)
            (value_weight * ppo_value_loss(values, old, returns, mask, clip)).backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% right: values set to 0 outside, no gae of padding; gradient clipped by hand
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            places = torch.arange(mask.shape[1])
            ends = places == (mask * places).argmax(1, keepdim=True)
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, lam)
            gains = (gains - gains[mask].mean()) / (gains[mask].std() + 1e-8)
        for _ in range(epochs):
            logp, values = read_back(policy, ids)
            loss = ppo_policy_loss(logp, logp_old, gains, mask, clip)
            loss = loss + value_weight * ppo_value_loss(values, old, returns, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            norm = torch.stack([p.grad.norm() for p in policy.parameters()]).norm()
            for p in policy.parameters():
                p.grad *= (1.0 / (norm + 1e-6)).clamp(max=1)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% right: the reference read by hand
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            logp_old, old = read_back(policy, ids)
            chances = F.log_softmax(reference(ids)[0], -1)[:, :-1]
            logp_ref = chances.gather(2, ids[:, 1:].unsqueeze(2)).squeeze(2)
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

# %% wrong: beta is never used | hint: KL
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, 0.0)
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

# %% wrong: the KL has the wrong sign
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, -beta)
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

# %% wrong: the penalty against the policy of the step, which is 0
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_old, mask, beta)
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

# %% wrong: no score
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(0 * score, logp_old, logp_ref, mask, beta)
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

# %% wrong: the reference learns too
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam([*policy.parameters(), *reference.parameters()], lr), []
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
            logp_r = read_back(reference, ids)[0]
            loss = ppo_policy_loss(logp, logp_old, gains, mask, clip)
            loss = loss + value_weight * ppo_value_loss(values, old, returns, mask, clip)
            loss = loss - 0.01 * logp_r.masked_fill(~mask, 0).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: the reference becomes the policy after each step
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
        reference.load_state_dict(policy.state_dict())
    return history

# %% wrong: old log-probabilities computed anew each epoch: the ratio is always 1
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            logp_old = logp.detach()
            loss = ppo_policy_loss(logp, logp_old, gains, mask, clip)
            loss = loss + value_weight * ppo_value_loss(values, old, returns, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: old values computed anew each epoch | hint: old
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            old = values.detach()
            loss = ppo_policy_loss(logp, logp_old, gains, mask, clip)
            loss = loss + value_weight * ppo_value_loss(values, old, returns, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: advantages not normalized | hint: normalized
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, lam)
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

# %% wrong: the mean not taken off
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, lam)
            gains = gains / (gains[mask].std() + 1e-8)
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

# %% wrong: normalized over padding as well
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, lam)
            gains = (gains - gains.mean()) / (gains.std() + 1e-8)
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

# %% wrong: normalized row by row
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, lam)
            rows = gains.masked_fill(~mask, 0)
            gains = (gains - rows.mean(1, keepdim=True)) / (rows.std(1, keepdim=True) + 1e-8)
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

# %% wrong: returns out of normalized advantages
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            returns = gains + old
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

# %% wrong: no value loss | hint: value
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: the value loss without its weight
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            loss = loss + ppo_value_loss(values, old, returns, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: the value loss taken off
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            loss = loss - value_weight * ppo_value_loss(values, old, returns, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: ends are not told to gae
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), torch.zeros_like(mask), gamma, lam)
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

# %% wrong: every step is an end
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), torch.ones_like(mask), gamma, lam)
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

# %% wrong: only the last column is an end
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = torch.zeros_like(mask)
            ends[:, -1] = True
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

# %% wrong: values moved by one
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (1, 0)), ends, gamma, lam)
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

# %% wrong: gamma and lam swapped
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, lam, gamma)
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

# %% wrong: lam is 1 whatever is asked
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, 1.0)
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

# %% wrong: advantages are the score itself
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains = score[:, None].expand_as(rewards)
            returns = gains
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

# %% wrong: the prompt counts as written
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = torch.ones_like(mask[:, 1:]), reward_fn(ids)
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

# %% wrong: the mask is not moved along with the tokens
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, :-1], reward_fn(ids)
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

# %% wrong: a new optimizer each step | hint: one Adam
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        optimizer = torch.optim.Adam(policy.parameters(), lr)
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

# %% wrong: stochastic gradient descent
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.SGD(policy.parameters(), lr), []
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

# %% wrong: the gradient's norm is not clipped
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: gradients pile up
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: one epoch only
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
        for _ in range(1):
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

# %% wrong: writes anew in each epoch | hint: write
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            policy.write(prompts[:1], generator)
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

# %% wrong: one batch for all steps
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    with torch.no_grad():
        ids, wrote = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
    for _ in range(steps):
        with torch.no_grad():
            mask, score = wrote[:, 1:], reward_fn(ids)
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

# %% wrong: the first prompts, not drawn ones | hint: torch.randint
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.arange(batch) % len(prompts)], generator)
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

# %% wrong: the reference writes
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = reference.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
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

# %% wrong: the generator is not handed to write
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)])
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

# %% wrong: the reward told holds the penalty | hint: score alone
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
        history.append({"reward": rewards.masked_fill(~mask, 0).sum(1).mean().item(), "kl": kl.item()})
    return history

# %% wrong: the KL told is the mean over tokens | hint: summed
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
        kl = (logp_old - logp_ref)[mask].mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: the KL told the other way round
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
        kl = ((logp_ref - logp_old) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: the KL told after learning | hint: before
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
        kl = ((logp.detach() - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: does nothing but tell
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
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
            pass
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history

# %% wrong: tensors are told, not floats | hint: floats
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    opt = torch.optim.Adam(policy.parameters(), lr=lr)
    log = []
    for step in range(steps):
        x = prompts[torch.randint(len(prompts), (batch,), generator=generator)]
        with torch.no_grad():
            ids, mask = policy.write(x, generator)
            score = reward_fn(ids)
            m = mask[:, 1:]
            lo, vo = read_back(policy, ids); lr_, _ = read_back(reference, ids)
            rw = kl_rewards(score, lo, lr_, m, beta)
            T_ = m.shape[1]; last = T_ - 1 - m.flip(1).long().argmax(1); dones = torch.arange(T_) == last[:, None]
            V = torch.cat([vo, vo[:, -1:]], 1)
            A, R = gae(rw.to(vo.dtype), V, dones, gamma, lam)
            a = A[m]; A = (A - a.mean()) / (a.std() + 1e-8)
            log.append({"reward": score.mean(), "kl": ((lo - lr_) * m).sum(1).mean()})
        for _ in range(epochs):
            lp, v = read_back(policy, ids)
            loss = ppo_policy_loss(lp, lo, A, m, clip) + value_weight * ppo_value_loss(v, vo, R, m, clip)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            opt.step()
    return log

# %% wrong: scores are normalized over the batch
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    opt = torch.optim.Adam(policy.parameters(), lr=lr)
    log = []
    for step in range(steps):
        x = prompts[torch.randint(len(prompts), (batch,), generator=generator)]
        with torch.no_grad():
            ids, mask = policy.write(x, generator)
            score = reward_fn(ids); raw = score; score = (score - score.mean()) / (score.std() + 1e-8)
            m = mask[:, 1:]
            lo, vo = read_back(policy, ids); lr_, _ = read_back(reference, ids)
            rw = kl_rewards(score, lo, lr_, m, beta)
            T_ = m.shape[1]; last = T_ - 1 - m.flip(1).long().argmax(1); dones = torch.arange(T_) == last[:, None]
            V = torch.cat([vo, vo[:, -1:]], 1)
            A, R = gae(rw.to(vo.dtype), V, dones, gamma, lam)
            a = A[m]; A = (A - a.mean()) / (a.std() + 1e-8)
            log.append({"reward": raw.mean().item(), "kl": ((lo - lr_) * m).sum(1).mean().item()})
        for _ in range(epochs):
            lp, v = read_back(policy, ids)
            loss = ppo_policy_loss(lp, lo, A, m, clip) + value_weight * ppo_value_loss(v, vo, R, m, clip)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            opt.step()
    return log
