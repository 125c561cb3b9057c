"""Answers to dpo: which label meets which logits, what is summed, and what is compared with what."""

# %% right: cross-entropy gives each target's loss; softplus
def sequence_logps(logits, labels):
    losses = F.cross_entropy(logits[:, :-1].mT, labels[:, 1:], ignore_index=-100, reduction="none")
    return -losses.sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    with torch.no_grad():
        chosen, rejected = beta * (pi_c - ref_c), beta * (pi_r - ref_r)
    margin = beta * ((pi_c - pi_r) - (ref_c - ref_r).detach())
    return F.softplus(-margin).mean(), chosen, rejected

# %% right: a loop over sequences, boolean indices; log1p of exp by size
def sequence_logps(logits, labels):
    sums = []
    for row, wanted in zip(logits, labels):
        real = (wanted != -100).nonzero()[:, 0]
        real = real[real > 0]
        z = row[real - 1]
        sums.append((z[torch.arange(len(real)), wanted[real]] - z.logsumexp(-1)).sum())
    return torch.stack(sums)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    rewards = [beta * (pi - ref.detach()) for pi, ref in ((pi_c, ref_c), (pi_r, ref_r))]
    m = rewards[0] - rewards[1]
    losses = (-m).clamp(min=0) + torch.log1p(torch.exp(-(m - 0.0).abs()))
    losses = torch.logaddexp(torch.zeros_like(m), -m)
    return losses.mean(), *(one.detach() for one in rewards)

# %% right: nll_loss; binary cross-entropy with the answer 1
def sequence_logps(logits, labels):
    V = logits.shape[-1]
    flat = logits[:, :-1].reshape(-1, V)
    losses = F.nll_loss(F.log_softmax(flat, dim=1), labels[:, 1:].reshape(-1), reduction="none")
    return -losses.view(len(labels), -1).sum(dim=1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen_reward = beta * (pi_c - ref_c).detach()
    rejected_reward = beta * (pi_r - ref_r).detach()
    log_ratio = pi_c - pi_r - (ref_c - ref_r).detach()
    loss = F.binary_cross_entropy_with_logits(beta * log_ratio, torch.ones_like(log_ratio))
    return loss, chosen_reward, rejected_reward

# %% right: shifted labels by roll, torch.where; a two-way cross-entropy
def sequence_logps(logits, labels):
    wanted = labels.roll(-1, dims=1)
    wanted[:, -1] = -100
    real = wanted != -100
    picked = torch.gather(logits, 2, torch.where(real, wanted, 0).unsqueeze(2)).squeeze(2) - logits.logsumexp(2)
    return torch.where(real, picked, torch.zeros((), dtype=picked.dtype)).sum(-1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    both = beta * torch.stack([pi_c - ref_c.detach(), pi_r - ref_r.detach()], dim=1)
    loss = F.cross_entropy(both, torch.zeros(len(both), dtype=torch.long))
    both = both.detach()
    return loss, both[:, 0], both[:, 1]

# %% right: computed in float64
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    real = targets.ne(-100)
    logps = F.log_softmax(logits[:, :-1].double(), dim=-1)
    picked = logps.gather(2, targets.where(real, torch.zeros_like(targets)).unsqueeze(-1)).squeeze(-1)
    return picked.where(real, torch.zeros_like(picked)).sum(1).to(logits.dtype)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    ref_c, ref_r = ref_c.detach(), ref_r.detach()
    chosen, rejected = (pi_c - ref_c) * beta, (pi_r - ref_r) * beta
    loss = -F.logsigmoid((chosen - rejected).double()).sum() / len(chosen)
    return loss.to(pi_c.dtype), chosen.detach(), rejected.detach()

# %% wrong: labels are not shifted | hint: first label
def sequence_logps(logits, labels):
    logps = logits.log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(labels == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: shifted the wrong way
def sequence_logps(logits, labels):
    targets = labels[:, :-1]
    logps = logits[:, 1:].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: the mean over targets, not the sum | hint: sum
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    real = targets != -100
    return logps.masked_fill(~real, 0.0).sum(1) / real.sum(1).clamp(min=1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: one sum over the whole batch
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum()


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: -100 counts as token 0 | hint: -100
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: token 0 is taken for padding
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets <= 0, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: -100 is not replaced before gather
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: the loss, not the log-probability
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: log of a softmax | hint: log of a softmax
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].softmax(-1).log().gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: softmax with a small number inside the log
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].softmax(-1).add(1e-9).log().gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: probabilities, not their logarithms
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: softmax over the tokens of the sequence
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: raw logits
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: multiplied by the mask | hint: NaN
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return (logps * (targets != -100)).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: the labels are overwritten | hint: came back changed
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    padding = targets == -100
    targets[padding] = 0
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    return logps.masked_fill(padding, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: the last token left out too
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0)[:, :-1].sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: no gradient | hint: gradient
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].detach().log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: cross-entropy's mean, spread over the sequences
def sequence_logps(logits, labels):
    loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="none")
    return -(loss.view(len(labels), -1).mean(1))


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: zeros
def sequence_logps(logits, labels):
    return torch.zeros(len(labels), dtype=logits.dtype)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: chosen and rejected exchanged in the loss | hint: which is taken
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(rejected - chosen).mean(), chosen.detach(), rejected.detach()

# %% wrong: no reference | hint: log ref
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c), beta * (pi_r)
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: the reference in the rewards alone
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(beta * (pi_c - pi_r)).mean(), chosen.detach(), rejected.detach()

# %% wrong: the reference is added
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c + ref_c.detach()), beta * (pi_r + ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: policy and reference exchanged
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (ref_c.detach() - pi_c), beta * (ref_r.detach() - pi_r)
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: beta outside the sigmoid | hint: inside the sigmoid
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = pi_c - ref_c.detach(), pi_r - ref_r.detach()
    loss = -beta * F.logsigmoid(chosen - rejected).mean()
    return loss, beta * chosen.detach(), beta * rejected.detach()

# %% wrong: beta left out of the loss
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid((chosen - rejected) / beta).mean(), chosen.detach(), rejected.detach()

# %% wrong: beta twice
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(beta * (chosen - rejected)).mean(), chosen.detach(), rejected.detach()

# %% wrong: divided by beta
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = 1 / beta * (pi_c - ref_c.detach()), 1 / beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: beta is always 0.1
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = 0.1 * (pi_c - ref_c.detach()), 0.1 * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: beta is always 0.5, as in the visible test
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = 0.5 * (pi_c - ref_c.detach()), 0.5 * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: rewards without beta | hint: beta
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach() / beta, rejected.detach() / beta

# %% wrong: rewards without the reference
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), beta * pi_c.detach(), beta * pi_r.detach()

# %% wrong: the rewards' means | hint: one for each pair
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach().mean(), rejected.detach().mean()

# %% wrong: rewards in the other order
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), rejected.detach(), chosen.detach()

# %% wrong: rewards with their gradients | hint: detached
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen, rejected

# %% wrong: the loss is detached too | hint: the loss not
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean().detach(), chosen.detach(), rejected.detach()

# %% wrong: log of sigmoid | hint: log 0
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -torch.sigmoid(chosen - rejected).log().mean(), chosen.detach(), rejected.detach()

# %% wrong: log of sigmoid, with a small number inside
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -(torch.sigmoid(chosen - rejected) + 1e-12).log().mean(), chosen.detach(), rejected.detach()

# %% wrong: margins clamped
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid((chosen - rejected).clamp(-50, 50)).mean(), chosen.detach(), rejected.detach()

# %% wrong: log(1 + exp) overflows
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return torch.log(1 + torch.exp(rejected - chosen)).mean(), chosen.detach(), rejected.detach()

# %% wrong: the sum over pairs
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).sum(), chosen.detach(), rejected.detach()

# %% wrong: the loss pair by pair
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected), chosen.detach(), rejected.detach()

# %% wrong: the mean of the margins goes into the sigmoid
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid((chosen - rejected).mean()), chosen.detach(), rejected.detach()

# %% wrong: minus the margin, no sigmoid
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return (rejected - chosen).mean(), chosen.detach(), rejected.detach()

# %% wrong: hinge
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return torch.relu(1 - (chosen - rejected)).mean(), chosen.detach(), rejected.detach()

# %% wrong: a squared loss
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return ((chosen - rejected) / 1 - 1 / 2).square().mean(), chosen.detach(), rejected.detach()

# %% wrong: the reference gets a gradient | hint: nothing for the reference
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c), beta * (pi_r - ref_r)
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: the rejected answer is held fast
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r.detach() - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: log-probabilities changed in place
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    with torch.no_grad():
        pi_c -= ref_c
        pi_r -= ref_r
    chosen, rejected = beta * pi_c, beta * pi_r
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: ratios, not their logarithms
def sequence_logps(logits, labels):
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)


def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    chosen, rejected = beta * (pi_c - ref_c.detach()).exp(), beta * (pi_r - ref_r.detach()).exp()
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()

# %% wrong: the maximum is taken off the logits in place | hint: changed
def sequence_logps(logits, labels):
    with torch.no_grad(): logits -= logits.amax(-1, keepdim=True)
    ce = F.cross_entropy(logits[:, :-1].transpose(1, 2), labels[:, 1:], reduction="none")
    return -ce.sum(1)

def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    rc = beta * (pi_c - ref_c.detach())
    rr = beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(rc - rr).mean(), rc.detach(), rr.detach()

# %% right: torch.where by a one-hot comparison
def sequence_logps(logits, labels):
    lp = logits[:, :-1].log_softmax(-1)
    y = labels[:, 1:]
    hot = y[..., None] == torch.arange(logits.shape[-1])
    return torch.where(hot, lp, torch.zeros_like(lp)).sum((1, 2))

def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    rc = beta * (pi_c - ref_c.detach())
    rr = beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(rc - rr).mean(), rc.detach(), rr.detach()

# %% wrong: targets in one run only
def sequence_logps(logits, labels):
    lp = F.log_softmax(logits[:, :-1], -1)
    y = labels[:, 1:]; m = y != -100
    first = m.long().argmax(1); n = m.sum(1)
    t = torch.arange(y.shape[1]); m = (t >= first[:, None]) & (t < (first + n)[:, None])
    return torch.where(m, lp.gather(-1, y.clamp(min=0)[..., None])[..., 0], 0.).sum(-1)

def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    rc = beta * (pi_c - ref_c.detach())
    rr = beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(rc - rr).mean(), rc.detach(), rr.detach()
