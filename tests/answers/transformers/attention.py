"""Answers to attention: the scale, the softmax's axis, when the mask acts, and what is left where it hides everything."""

# %% right: einsum, the smallest finite number for -inf, weights times the mask
def attention(q, k, v, mask=None):
    D = q.size(-1)
    scores = torch.einsum("...td,...sd->...ts", q, k) / math.sqrt(D)
    if mask is not None:
        scores = torch.where(mask, scores, torch.finfo(scores.dtype).min)
    weights = F.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights * mask
    return torch.einsum("...ts,...se->...te", weights, v)


def causal_mask(T):
    return torch.arange(T)[:, None] >= torch.arange(T)[None, :]


# %% right: PyTorch's own
def attention(q, k, v, mask=None):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


def causal_mask(T):
    return ~torch.triu(torch.ones((T, T), dtype=torch.bool), diagonal=1)


# %% right: one query at a time, over the keys that it may see
def attention(q, k, v, mask=None):
    lead, (T, D), (S, E) = q.shape[:-2], q.shape[-2:], v.shape[-2:]
    mask = torch.ones(T, S, dtype=torch.bool) if mask is None else mask
    mask = mask.expand(*lead, T, S).reshape(-1, T, S)
    q, k, v = q.reshape(-1, T, D), k.reshape(-1, S, D), v.reshape(-1, S, E)
    rows = []
    for n in range(len(q)):
        for t in range(T):
            keys, values = k[n][mask[n, t]], v[n][mask[n, t]]
            weights = torch.softmax(keys @ q[n, t] / D**0.5, dim=0)
            rows.append(weights @ values)
    return torch.stack(rows).reshape(*lead, T, E)


def causal_mask(T):
    return torch.tensor([[s <= t for s in range(T)] for t in range(T)])


# %% right: softmax by hand: the maximum subtracted, the mask multiplied in, an empty sum made 1
def attention(q, k, v, mask=None):
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
    if mask is None:
        mask = torch.ones_like(scores, dtype=torch.bool)
    scores = scores.masked_fill(~mask, -1e30)
    e = torch.exp(scores - scores.amax(-1, keepdim=True)) * mask
    total = e.sum(-1, keepdim=True)
    return (e / total.masked_fill(total == 0, 1.0)) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% right: nan_to_num after a softmax in float64
def attention(q, k, v, mask=None):
    scores = (q.double() @ k.double().mT) / math.sqrt(k.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask.logical_not(), -math.inf)
    return (scores.softmax(-1).nan_to_num(0.0) @ v.double()).to(q.dtype)


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: -1e9 added: scores may be of any size | hint: hide it enough
def attention(q, k, v, mask=None):
    scores = torch.matmul(q, k.transpose(-1, -2)) / q.shape[-1] ** 0.5
    if mask is None:
        return torch.matmul(scores.softmax(dim=-1), v)
    scores = scores + (1.0 - mask.to(scores.dtype)) * -1e9
    return torch.matmul(scores.softmax(dim=-1), v) * mask.any(-1, keepdim=True)


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% right: where a row is empty its scores are 0 before the softmax, and its result 0 after it
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    empty = ~mask.any(-1, keepdim=True)
    scores = scores.masked_fill(~mask, -math.inf).masked_fill(empty, 0.0)
    return torch.where(empty, 0.0, scores.softmax(-1, dtype=torch.float32).to(v.dtype) @ v)


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: divides by D | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1]
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: no scale at all | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.mT
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: multiplies by the root | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.mT * q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: scales by the width of the values | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.mT / v.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: scales by the number of keys | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.mT / k.shape[-2] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: scales by 8, the root of the usual 64 | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.mT / 8
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: scales after the softmax | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.mT
    if mask is None:
        return scores.softmax(-1).div(q.shape[-1] ** 0.5) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1).div(q.shape[-1] ** 0.5)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: softmax over the queries | hint: over the keys
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-2) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-2)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: no softmax: scores over their sum | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, 0.0)
    return scores / scores.sum(-1, keepdim=True) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: exp without the maximum | hint: overflow
def attention(q, k, v, mask=None):
    e = (q @ k.mT / q.shape[-1] ** 0.5).exp()
    if mask is not None:
        e = e * mask
    return e / e.sum(-1, keepdim=True).clamp(min=1e-9) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: exp less the one largest score of all | hint: overflow
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e30)
    e = (scores - scores.max()).exp()
    if mask is not None:
        e = e * mask
    return e / e.sum(-1, keepdim=True).clamp(min=1e-30) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: the last axis of the values transposed: weights over a square | hint: Your code raised
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v.mT
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v.mT


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: axes swapped for a batch only | hint: leading axes
def attention(q, k, v, mask=None):
    scores = (torch.bmm(q, k.transpose(1, 2)) if q.dim() == 3 else q @ k.transpose(0, 1)) / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: a mask after the softmax, weights not renormalized | hint: sum to 1
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: a mask of 0 instead of -inf | hint: sum to 1
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, 0.0).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: the mask the wrong way round | hint: before the softmax
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(mask, float("-inf")).softmax(-1)
    return weights.masked_fill(mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: the mask multiplied into the scores | hint: before the softmax
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores * mask
    return scores.softmax(-1) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: the mask ignored | hint: before the softmax
def attention(q, k, v, mask=None):
    return (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: always causal | hint: over the keys
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    mask = torch.ones_like(scores, dtype=torch.bool).tril() if mask is None else mask
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: hides by -1e4 only, written in | hint: hide it enough
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, -1e4).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: hides by -1e4 only, added | hint: hide it enough
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = (scores - 1e4 * ~mask).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: one mask for each head expected | hint: raised
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    mask = mask.reshape(scores.shape)
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: reads the first head's mask alone | hint: is it broadcast
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    mask = mask.reshape(-1, *mask.shape[-2:])[0]
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: NaN in the rows that may look nowhere | hint: NaN
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: -1e9 for -inf: the mean in the rows that may look nowhere | hint: hide it enough
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, -1e9).softmax(-1)
    return weights @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: zeros by 0 times NaN | hint: NaN
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return (weights * mask) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: NaN taken out of the result only: the gradients have it | hint: come back
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return (weights @ v).nan_to_num()


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: torch.where over the result: the gradients have NaN | hint: come back
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return torch.where(mask.any(-1, keepdim=True), weights @ v, 0.0)


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: -inf added, NaN taken out of the weights: the gradients have it | hint: come back
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores + torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))
    return scores.softmax(-1).nan_to_num(0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: zeros for the whole head in which a row may look nowhere | hint: as if query 1
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v * mask.any(-1).all(-1)[..., None, None]


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: rows that may look nowhere look everywhere | hint: plain mean
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    mask = mask | ~mask.any(-1, keepdim=True)
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: scales q in place | hint: left as they were
def attention(q, k, v, mask=None):
    q /= q.shape[-1] ** 0.5
    scores = q @ k.mT
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: turns the mask over in place | hint: mask left as it was
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    mask.logical_not_()
    weights = scores.masked_fill(mask, float("-inf")).softmax(-1)
    return weights.masked_fill(mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: without gradients | hint: slope
def attention(q, k, v, mask=None):
    q, k, v = q.detach(), k.detach(), v.detach().requires_grad_(v.requires_grad)
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: leaks the future by one | hint: diagonal
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril(1)


# %% wrong: hides the present | hint: diagonal
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril(-1)


# %% wrong: looks ahead, not back | hint: diagonal
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).triu()


# %% wrong: True where it may not look | hint: diagonal
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).triu(1)


# %% wrong: a causal mask of numbers | hint: True and False
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    mask = mask.bool()
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T).tril()


# %% wrong: a causal mask of 0 and -inf | hint: diagonal
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    mask = mask == 0 if mask.is_floating_point() else mask
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.full((T, T), float("-inf")).triu(1)


# %% wrong: the visible mask, by heart | hint: any T
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(4, 4, dtype=torch.bool).tril()[: min(T, 4), : min(T, 4)]


# %% wrong: printed, not returned | hint: return
def attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        print(scores.softmax(-1) @ v)
        return
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: the mean of the values | hint: 3/4
def attention(q, k, v, mask=None):
    return v.mean(-2, keepdim=True).expand(*q.shape[:-1], -1)


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: gives the weights, not the values | hint: 3/4
def attention(q, k, v, mask=None):
    return (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% right: exp and sum by hand, the row's greatest score taken away
def attention(q, k, v, mask=None):
    scores = (q.unsqueeze(-2) * k.unsqueeze(-3)).sum(-1) * q.shape[-1] ** -0.5
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask.expand_as(scores)
    greatest = torch.where(allowed, scores, torch.tensor(-torch.inf, dtype=scores.dtype)).amax(-1, keepdim=True).detach()
    greatest = torch.where(allowed.any(-1, keepdim=True), greatest, torch.zeros_like(greatest))
    e = torch.where(allowed, scores - greatest, torch.zeros_like(scores)).exp() * allowed
    total = e.sum(-1, keepdim=True)
    return (e / torch.where(total == 0, torch.ones_like(total), total)) @ v


def causal_mask(T):
    return torch.tensor([[s <= t for s in range(T)] for t in range(T)], dtype=torch.bool).reshape(T, T)


# %% right: additive mask of 0 and -inf, lost rows chosen by where
def attention(q, k, v, mask=None):
    root = q.shape[-1] ** 0.25
    scores = (q / root) @ (k / root).transpose(-2, -1)
    if mask is None:
        return scores.softmax(-1) @ v
    bias = torch.zeros(mask.shape, dtype=q.dtype, device=q.device).masked_fill_(~mask, -torch.inf)
    some = mask.any(dim=-1, keepdim=True)
    bias = torch.where(some, bias, 0.0)
    return torch.where(some, (scores + bias).softmax(-1) @ v, 0.0)


def causal_mask(T):
    return torch.full((T, T), True).tril_(0)


# %% wrong: -1e9 for masked: not of any size | hint: hide it enough
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    weights = torch.softmax(scores, -1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: causal whatever the mask | hint: Without a mask
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None and q.shape[-2] == k.shape[-2]:
        mask = causal_mask(q.shape[-2])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, -1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: weights detached | hint: way cut
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, -1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights.detach() @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: output rows set by index of a 2-D mask | hint: is it broadcast
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    weights = torch.softmax(scores, -1)
    if mask is not None:
        weights = weights
    out = weights @ v
    if mask is not None:
        out[..., ~mask.any(-1), :] = 0.0
    return out


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: scores clamped | hint: hundreds
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    scores = scores.clamp(-50, 50)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, -1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: masked after softmax and divided by what is left | hint: hide it enough
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        pass
    weights = torch.softmax(scores, -1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
        weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-12)
    return weights @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()


# %% wrong: softmax plus one | hint: sqrt(D)
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    m = scores.amax(-1, keepdim=True).clamp(min=0)
    e = (scores - m).exp()
    weights = e / (e.sum(-1, keepdim=True) + (-m).exp())
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v


def causal_mask(T):
    return torch.ones(T, T, dtype=torch.bool).tril()
