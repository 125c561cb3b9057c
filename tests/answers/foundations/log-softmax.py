"""Answers to log-softmax."""

# %% right: the library's logsumexp, gather, nansum
def log_softmax(logits, dim=-1):
    return logits - torch.logsumexp(logits, dim=dim, keepdim=True)


def cross_entropy(logits, targets):
    picked = log_softmax(logits, dim=1).gather(1, targets[:, None])
    return -picked.squeeze(1).mean()


def kl_divergence(log_p, log_q):
    return (log_p.exp() * (log_p - log_q)).nansum(-1)

# %% right: the library does it all; KL by xlogy
def log_softmax(logits, dim=-1):
    return F.log_softmax(logits, dim=dim)


def cross_entropy(logits, targets):
    return F.cross_entropy(logits, targets)


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    cross = torch.where(p == 0, 0.0, p * log_q)
    return (torch.special.xlogy(p, p) - cross).sum(-1)

# %% right: numpy, in float64
import numpy as np


def log_softmax(logits, dim=-1):
    z = logits.detach().double().numpy()
    z = z - z.max(axis=dim, keepdims=True)
    with np.errstate(divide="ignore"):
        return torch.from_numpy(z - np.log(np.exp(z).sum(axis=dim, keepdims=True))).to(logits.dtype)


def cross_entropy(logits, targets):
    logp = log_softmax(logits).numpy()
    return torch.tensor(-np.mean(logp[np.arange(len(logp)), targets.numpy()]))


def kl_divergence(log_p, log_q):
    a, b = log_p.double().numpy(), log_q.double().numpy()
    with np.errstate(invalid="ignore"):
        terms = np.where(np.isneginf(a), 0.0, np.exp(a) * (a - b))
    return torch.from_numpy(np.asarray(terms.sum(-1)))

# %% right: loops over rows, scalars from math
def log_softmax(logits, dim=-1):
    rows = logits.movedim(dim, -1)
    out = torch.empty_like(rows)
    for index in torch.cartesian_prod(*[torch.arange(n) for n in rows.shape[:-1]]).tolist() if rows.dim() > 1 else [()]:
        index = tuple(index) if isinstance(index, (list, tuple)) else (index,)
        row = rows[index].tolist()
        top = max(row)
        total = math.log(sum(math.exp(z - top) for z in row))
        out[index] = torch.tensor([z - top - total for z in row], dtype=rows.dtype)
    return out.movedim(-1, dim)


def cross_entropy(logits, targets):
    total = 0.0
    for row, target in zip(logits, targets):
        total = total - log_softmax(row)[target]
    return total / len(targets)


def kl_divergence(log_p, log_q):
    def one(a, b):
        return sum((math.exp(x) * (x - y) for x, y in zip(a, b) if x > -math.inf), 0.0)

    if log_p.dim() == 1:
        return torch.tensor(one(log_p.tolist(), log_q.tolist()), dtype=log_p.dtype)
    return torch.stack([kl_divergence(a, b) for a, b in zip(log_p, log_q)])

# %% right: one-hot targets chosen by where, and zeros filled by mask
def log_softmax(logits, dim=-1):
    top, _ = torch.max(logits, dim=dim, keepdim=True)
    total = torch.exp(logits - top).sum(dim=dim, keepdim=True)
    return logits - top - torch.log(total)


def cross_entropy(logits, targets):
    truth = F.one_hot(targets, logits.shape[1]).bool()
    return -log_softmax(logits).where(truth, torch.zeros_like(logits)).sum() / len(logits)


def kl_divergence(log_p, log_q):
    terms = torch.exp(log_p) * (log_p - log_q)
    return terms.masked_fill(torch.isneginf(log_p), 0.0).sum(dim=-1)

# %% wrong: the naive log of exp over sum | hint: overflow
def log_softmax(logits, dim=-1):
    return torch.log(logits.exp() / logits.exp().sum(dim, keepdim=True))


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: a stable softmax, then its log: -inf where p rounds to 0 | hint: rounded to 0
def log_softmax(logits, dim=-1):
    return torch.softmax(logits, dim).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: a small number added inside the log | hint: log
def log_softmax(logits, dim=-1):
    e = (logits - logits.amax(dim, keepdim=True)).exp()
    return (e / e.sum(dim, keepdim=True) + 1e-12).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: subtracts the largest of all, not of each row | hint: own largest
def log_softmax(logits, dim=-1):
    z = logits - logits.max()
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: the maximum along the last axis, whatever dim is | hint: dim
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: always the last axis | hint: dim
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(-1, keepdim=True)
    return z - z.exp().sum(-1, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: the sum over everything | hint: last axis
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum().log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: the largest taken off and not put back | hint: shifted alike
def log_softmax(logits, dim=-1):
    return logits - (logits - logits.amax(dim, keepdim=True)).exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: softmax without the log | hint: minus the log
def log_softmax(logits, dim=-1):
    e = (logits - logits.amax(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)


def cross_entropy(logits, targets):
    return -log_softmax(logits).log()[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: changes the logits in place | hint: came back changed
def log_softmax(logits, dim=-1):
    logits -= logits.amax(dim, keepdim=True)
    return logits - logits.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: makes -inf a large finite number first | hint: -inf
def log_softmax(logits, dim=-1):
    z = logits.clamp(min=-1e30)
    z = z - z.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: in float32, whatever comes | hint: float32
def log_softmax(logits, dim=-1):
    z = logits.float()
    z = z - z.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: cross-entropy summed over the rows | hint: mean
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].sum()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: cross-entropy over the batch axis | hint: 1/27
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits, dim=0)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: cross-entropy in bits | hint: nats
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean() / math.log(2)


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: cross-entropy without its minus | hint: -log p
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: cross-entropy reads every row at every target | hint: targets
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[:, targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: cross-entropy as a mean over all N × V places of a one-hot | hint: mean
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -(F.one_hot(targets, logits.shape[1]) * log_softmax(logits)).mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: cross-entropy by a one-hot product: 0 · (-inf) is nan | hint: by 0
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -(F.one_hot(targets, logits.shape[1]) * log_softmax(logits)).sum(-1).mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: the log of a probability clamped at 1e-9 | hint: overflowing
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    p = log_softmax(logits).exp().clamp(min=1e-9)
    return -p[torch.arange(len(targets)), targets].log().mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: cross-entropy printed and not returned | hint: return
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    print(-log_softmax(logits)[torch.arange(len(targets)), targets].mean())


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: KL the other way round | hint: first argument
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_p), torch.zeros_like(q)).sum(-1)

# %% wrong: KL with PyTorch's own arguments in the order of the formula | hint: first argument
def log_softmax(logits, dim=-1):
    return F.log_softmax(logits, dim)


def cross_entropy(logits, targets):
    return F.cross_entropy(logits, targets)


def kl_divergence(log_p, log_q):
    return F.kl_div(log_p, log_q, log_target=True, reduction="none").sum(-1)

# %% wrong: KL without the where: nan where p is 0 | hint: nan
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    return (log_p.exp() * (log_p - log_q)).sum(-1)

# %% wrong: KL with nan made 0 and infinity made finite | hint: infinite
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    return (log_p.exp() * (log_p - log_q)).nan_to_num().sum(-1)

# %% wrong: KL leaves out the places where q is 0 as well | hint: infinite
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    terms = log_p.exp() * (log_p - log_q)
    return torch.where(terms.isfinite(), terms, torch.zeros_like(terms)).sum(-1)

# %% wrong: KL with both clamped from below | hint: infinite
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    log_p, log_q = log_p.clamp(min=-100), log_q.clamp(min=-100)
    return (log_p.exp() * (log_p - log_q)).sum(-1)

# %% wrong: KL as a mean over the last axis | hint: sum
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).mean(-1)

# %% wrong: KL summed over everything | hint: last axis alone
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum()

# %% wrong: KL summed over the first axis | hint: last axis alone
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(0)

# %% wrong: KL of probabilities, forgetting that logs come in | hint: exp(log_p)
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p, q = log_p, log_q
    return (p * (p / q).log()).sum(-1)

# %% wrong: KL in bits | hint: nats
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * (log_p - log_q), torch.zeros_like(p)).sum(-1) / math.log(2)

# %% wrong: KL writes its difference into log_p | hint: came back changed
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p = log_p.exp()
    return torch.where(p > 0, p * log_p.sub_(log_q), torch.zeros_like(p)).sum(-1)

# %% wrong: KL the same both ways | hint: first argument
def log_softmax(logits, dim=-1):
    z = logits - logits.amax(dim, keepdim=True)
    return z - z.exp().sum(dim, keepdim=True).log()


def cross_entropy(logits, targets):
    return -log_softmax(logits)[torch.arange(len(targets)), targets].mean()


def kl_divergence(log_p, log_q):
    p, q = log_p.exp(), log_q.exp()
    return 0.5 * ((p - q) * (log_p - log_q)).nan_to_num(0.0, math.inf, -math.inf).sum(-1)
