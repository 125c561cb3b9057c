"""Answers to exercise 3, online-softmax."""

# %% right: where instead of a filled mask
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% right: nan_to_num on the difference; a stream that begins with the neutral part
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.stack([m1, m2]).amax(0)
    factors = [torch.exp((one - m).nan_to_num(nan=0.0)) for one in (m1, m2)]
    total = factors[0] * l1 + factors[1] * l2
    return m, total, torch.einsum("...,...e->...e", factors[0], o1) + torch.einsum("...,...e->...e", factors[1], o2)


def softmax_sum(chunks):
    m, total, o = torch.tensor(-math.inf), torch.tensor(0.0), torch.tensor(0.0)
    for scores, values in chunks:
        new = torch.maximum(m, scores.amax(-1))
        base = new.clamp_min(torch.finfo(scores.dtype).min)
        weights = (scores - base[..., None]).exp()
        old = (m - base).exp()
        total, o, m = old * total + weights.sum(-1), old[..., None] * o + torch.einsum("...ts,...se->...te", weights, values), new
    return (o / total[..., None]).nan_to_num(nan=0.0)

# %% right: the larger part is kept as it is; functools.reduce
import functools


def merge(m1, l1, o1, m2, l2, o2):
    first = m1 >= m2
    small, large = torch.where(first, m2, m1), torch.where(first, m1, m2)
    shrink = torch.where(small == -math.inf, torch.zeros_like(small), (small - large).exp())
    a, b = torch.where(first, 1.0, shrink), torch.where(first, shrink, 1.0)
    return large, l1 * a + l2 * b, o1 * a[..., None] + o2 * b[..., None]


def softmax_sum(chunks):
    def part(pair):
        scores, values = pair
        m = scores.amax(-1)
        weights = torch.where(scores == -math.inf, torch.zeros_like(scores), (scores - m[..., None]).exp())
        return m, weights.sum(-1), torch.matmul(weights, values)

    _, total, o = functools.reduce(lambda state, one: merge(*state, *one), map(part, chunks))
    total = total[..., None]
    return o / (total + (total == 0))

# %% right: float64 inside; normalised outputs and logaddexp in the stream
def merge(m1, l1, o1, m2, l2, o2):
    kind = o1.dtype
    m1, l1, o1, m2, l2, o2 = (x.double() for x in (m1, l1, o1, m2, l2, o2))
    m = torch.max(m1, m2)
    a, b = torch.exp(m1 - m).nan_to_num(0.0), torch.exp(m2 - m).nan_to_num(0.0)
    return m.to(kind), (a * l1 + b * l2).to(kind), (a[..., None] * o1 + b[..., None] * o2).to(kind)


def softmax_sum(chunks):
    """Normalised outputs and a log of the sum, in place of the three numbers."""
    lse = out = None
    for scores, values in chunks:
        new, mean = scores.logsumexp(-1), scores.softmax(-1).nan_to_num(0.0) @ values
        if lse is None:
            lse, out = new, mean
        else:
            both = torch.logaddexp(lse, new)
            a, b = ((x - both).exp().nan_to_num(0.0)[..., None] for x in (lse, new))
            lse, out = both, a * out + b * mean
    return out

# %% wrong: o is not rescaled | hint: rescaled
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, o1 + o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: total is not rescaled | hint: rescaled
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, l1 + l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: each factor goes to the other part | hint: rescaled
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    b, a = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: the first maximum stays | hint: m is ln 3
def merge(m1, l1, o1, m2, l2, o2):
    m = m1
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: only the first part is rescaled | hint: rescaled
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - m2), torch.ones_like(m2)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: the factor upside down | hint: rescaled
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(safe - m1), torch.exp(safe - m2)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: NaN where both are empty | hint: subtracted
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = m
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: o divided by total | hint: rescaled
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, (a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2) / (a * l1 + b * l2).unsqueeze(-1)


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: the smaller maximum
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.minimum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: no maximum is subtracted | hint: 10,000
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1) / torch.exp(safe), torch.exp(m2) / torch.exp(safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: o is rescaled in place | hint: in place
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    o1 *= a.unsqueeze(-1)
    return m, a * l1 + b * l2, o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: one empty row stands for all | hint: itself
def merge(m1, l1, o1, m2, l2, o2):
    if (m1 == -math.inf).any():
        return m2, l2, o2
    if (m2 == -math.inf).any():
        return m1, l1, o1
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: a large finite number in place of -inf | hint: empty
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2).clamp(min=-1e4)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: one maximum for all rows | hint: common
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2).max().expand(m1.shape)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: concatenates the chunks | hint: all of them
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    scores, values = zip(*chunks)
    return (torch.cat(scores, -1).softmax(-1) @ torch.cat(values, -2)).nan_to_num(0.0)

# %% wrong: keeps a list of all chunks | hint: all of them
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in list(chunks):
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: the mean of the chunks outputs | hint: all chunks
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    outs = [scores.softmax(-1) @ values for scores, values in chunks]
    return (sum(outs) / len(outs)).nan_to_num(0.0)

# %% wrong: not divided by the sum | hint: all chunks
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return o

# %% wrong: divided by the sum of the last chunk | hint: all chunks
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
            total = p.sum(-1)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: NaN for a chunk of -inf | hint: nothing but
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - top.unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: NaN for a row of -inf | hint: not NaN
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return o / total[..., None]

# %% wrong: one maximum a chunk | hint: Large scores
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max().expand(scores.shape[:-1])
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: exponentials without a maximum | hint: overflows
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    total = o = 0.0
    for scores, values in chunks:
        total, o = total + scores.exp().sum(-1), o + scores.exp() @ values
    return (o / total[..., None]).nan_to_num(0.0)

# %% wrong: reads the chunks twice, once for the maximum | hint: all chunks
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, _ in chunks:
        m = scores.amax(-1) if m is None else torch.maximum(m, scores.amax(-1))
    total, o = torch.zeros_like(m), torch.zeros(2, 3, 4).double()
    for scores, values in chunks:
        p = (scores - m[..., None]).exp()
        total, o = total + p.sum(-1), o + p @ values
    return o / total[..., None]

# %% wrong: needs a list | hint: all chunks
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in (chunks[i] for i in range(len(chunks))):
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: weights are written into the scores | hint: in place
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        top = scores.max(-1).values
        p = scores.sub_(torch.where(top == -math.inf, 0.0, top).unsqueeze(-1)).exp_()
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: float32 inside | hint: dtype
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    m = None
    for scores, values in chunks:
        scores, values = scores.float(), values.float()
        top = scores.max(-1).values
        p = torch.exp(scores - torch.where(top == -math.inf, 0.0, top).unsqueeze(-1))
        if m is None:
            m, total, o = top, p.sum(-1), p @ values
        else:
            m, total, o = merge(m, total, o, top, p.sum(-1), p @ values)
    return torch.where(total[..., None] > 0, o / total[..., None], 0.0)

# %% wrong: keeps the parts until the end | hint: all of them
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, a * l1 + b * l2, a.unsqueeze(-1) * o1 + b.unsqueeze(-1) * o2


def softmax_sum(chunks):
    seen = [(scores, values) for scores, values in chunks]
    m = torch.stack([scores.amax(-1) for scores, _ in seen]).amax(0)
    m = torch.where(m == -math.inf, 0.0, m)
    total = sum((scores - m[..., None]).exp().sum(-1) for scores, _ in seen)
    out = sum((scores - m[..., None]).exp() @ values for scores, values in seen)
    return (out / total[..., None]).nan_to_num(0.0)


# %% wrong: the stream begins with m = 0 | hint: far below
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, l1 * a + l2 * b, o1 * a.unsqueeze(-1) + o2 * b.unsqueeze(-1)

def softmax_sum(chunks):
    state = 0
    for scores, values in chunks:
        m = scores.amax(-1)
        p = torch.exp(scores - m.clamp(min=torch.finfo(m.dtype).min)[..., None])
        part = m, p.sum(-1), p @ values
        if state == 0:
            z = torch.zeros_like(m)
            state = (z, z, torch.zeros_like(part[2]))
        state = part if state is None else merge(*state, *part)
    m, sums, o = state
    return o / torch.where(sums == 0, torch.ones_like(sums), sums)[..., None]


# %% wrong: three dimensions only | hint: leading
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, l1 * a + l2 * b, o1 * a.unsqueeze(-1) + o2 * b.unsqueeze(-1)

def softmax_sum(chunks):
    state = None
    for scores, values in chunks:
        m = scores.amax(-1)
        p = torch.exp(scores - m.clamp(min=torch.finfo(m.dtype).min)[..., None])
        part = m, p.sum(-1), torch.einsum("bts,bse->bte", p, values)
        state = part if state is None else merge(*state, *part)
    m, sums, o = state
    return o / torch.where(sums == 0, torch.ones_like(sums), sums)[..., None]


# %% wrong: float64 result | hint: dtype
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, l1 * a + l2 * b, o1 * a.unsqueeze(-1) + o2 * b.unsqueeze(-1)

def softmax_sum(chunks):
    state = None
    for scores, values in chunks:
        scores, values = scores.double(), values.double()
        m = scores.amax(-1)
        p = torch.exp(scores - m.clamp(min=torch.finfo(m.dtype).min)[..., None])
        part = m, p.sum(-1), p @ values
        state = part if state is None else merge(*state, *part)
    m, sums, o = state
    return o / torch.where(sums == 0, torch.ones_like(sums), sums)[..., None]


# %% wrong: equal maxima count once | hint: same maximum
def merge(m1, l1, o1, m2, l2, o2):
    m = torch.maximum(m1, m2)
    safe = torch.where(m == -math.inf, torch.zeros_like(m), m)
    a, b = torch.exp(m1 - safe), torch.exp(m2 - safe)
    return m, torch.where(m1 == m2, l1, l1 * a + l2 * b), o1 * a.unsqueeze(-1) + o2 * b.unsqueeze(-1)

def softmax_sum(chunks):
    state = None
    for scores, values in chunks:
        m = scores.amax(-1)
        p = torch.exp(scores - m.clamp(min=torch.finfo(m.dtype).min)[..., None])
        part = m, p.sum(-1), p @ values
        state = part if state is None else merge(*state, *part)
    m, sums, o = state
    return o / torch.where(sums == 0, torch.ones_like(sums), sums)[..., None]
