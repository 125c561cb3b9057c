"""Answers to exercise 4, flash-forward."""

# %% right: lists of blocks, joined at the end
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% right: merge of exercise 3, split, einsum
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    """By the merge of exercise 3; blocks from split, products by einsum."""
    T, S, D = q.shape[-2], k.shape[-2], q.shape[-1]
    pairs = list(zip(k.split(block_k, -2), v.split(block_k, -2)))
    results, first = [], S - T
    for rows in q.split(block_q, -2):
        n, left = rows.shape[-2], 0
        state = (rows.new_full(rows.shape[:-1], -math.inf), rows.new_zeros(rows.shape[:-1]), rows.new_zeros(*rows.shape[:-1], v.shape[-1]))
        for keys, values in pairs:
            if causal and left > first + n - 1:
                break
            scores = torch.einsum("...td,...sd->...ts", rows, keys) / math.sqrt(D)
            if causal:
                scores = scores + torch.full(scores.shape[-2:], -math.inf).triu(first - left + 1)
            top = scores.amax(-1)
            weights = (scores - top[..., None]).exp().nan_to_num(0.0)
            state = merge(*state, top, weights.sum(-1), torch.einsum("...ts,...se->...te", weights, values))
            left += keys.shape[-2]
        m, total, o = state
        results.append(((o / total[..., None]).nan_to_num(0.0), m + total.log()))
        first += n
    return tuple(torch.cat(some, dim) for some, dim in zip(zip(*results), (-2, -1)))

# %% right: keys outside, queries inside, normalised all the time
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    """Algorithm 1 of 2022: keys outside, queries inside, outputs normalised all the time, sums as logarithms."""
    T, S = q.shape[-2], k.shape[-2]
    out = torch.zeros(*q.shape[:-1], v.shape[-1], dtype=q.dtype)
    lse = torch.full(q.shape[:-1], -math.inf, dtype=q.dtype)
    for j in range(0, S, block_k):
        kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
        for i in range(0, T, block_q):
            qi = q[..., i : i + block_q, :]
            offset = i + S - T - j
            if causal and offset + qi.shape[-2] <= 0:
                continue
            s = torch.matmul(qi, kj.transpose(-2, -1)).div(q.shape[-1] ** 0.5)
            if causal:
                s = s.masked_fill(~torch.ones_like(s, dtype=torch.bool).tril(offset), -math.inf)
            here = s.logsumexp(-1)
            before = lse[..., i : i + block_q].clone()
            both = torch.logaddexp(before, here)
            share = (before - both).exp().nan_to_num(0.0)[..., None]
            rest = (here - both).exp().nan_to_num(0.0)[..., None]
            part = s.softmax(-1).nan_to_num(0.0) @ vj
            out[..., i : i + block_q, :] = out[..., i : i + block_q, :] * share + part * rest
            lse[..., i : i + block_q] = both
    return out, lse

# %% right: flat, float64 inside, powers of two, only visible keys
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    """Leading dimensions flat, float64 inside, only the keys that a block may see, in powers of two."""
    lead, (T, D), (S, E) = q.shape[:-2], q.shape[-2:], v.shape[-2:]
    Q, K, V = q.reshape(-1, T, D), k.reshape(-1, S, D), v.reshape(-1, S, E)
    out, lse = torch.zeros(len(Q), T, E, dtype=torch.float64), torch.full((len(Q), T), -math.inf, dtype=torch.float64)
    for i in range(math.ceil(T / block_q)):
        lo, hi = i * block_q, min((i + 1) * block_q, T)
        limit = S if not causal else max(0, hi + S - T)
        m = torch.full((len(Q), hi - lo, 1), -1e300, dtype=torch.float64)
        total, acc = torch.zeros_like(m), torch.zeros(len(Q), hi - lo, E, dtype=torch.float64)
        for a in range(0, limit, block_k):
            b = min(a + block_k, limit, S)
            s = torch.bmm(Q[:, lo:hi].double(), K[:, a:b].double().mT) * (math.log2(math.e) / math.sqrt(D))
            if causal:
                s.masked_fill_(torch.arange(a, b) > torch.arange(lo, hi)[:, None] + S - T, -math.inf)
            new = torch.maximum(m, s.max(-1, keepdim=True)[0])
            p, old = torch.exp2(s - new), torch.exp2(m - new)
            total, acc, m = total * old + p.sum(-1, keepdim=True), torch.baddbmm(acc * old, p, V[:, a:b].double()), new
        out[:, lo:hi] = acc / total.clamp_min(1e-300)
        lse[:, lo:hi] = torch.where(total > 0, m * math.log(2) + total.log(), -math.inf).squeeze(-1)
    return out.view(*lead, T, E).to(q.dtype), lse.view(*lead, T).to(q.dtype)

# %% right: halves of the keys
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    """Halves of the keys, merged on the way back, down to one block."""
    T, S = q.shape[-2], k.shape[-2]

    def part(rows, a, b, start):
        if b - a > block_k:
            middle = a + block_k * (((b - a - 1) // block_k + 1) // 2)
            (o1, l1), (o2, l2) = part(rows, a, middle, start), part(rows, middle, b, start)
            both = torch.logaddexp(l1, l2)
            f1, f2 = (torch.where(both == -math.inf, 0.0, torch.exp(x - both))[..., None] for x in (l1, l2))
            return o1 * f1 + o2 * f2, both
        s = rows @ k[..., a:b, :].mT * q.shape[-1] ** -0.5
        if causal:
            s = s.masked_fill(torch.arange(a, b)[None] - torch.arange(start, start + rows.shape[-2])[:, None] > S - T, -math.inf)
        lse = s.logsumexp(-1)
        p = torch.exp(s - torch.where(lse == -math.inf, 0.0, lse)[..., None])
        return p @ v[..., a:b, :], lse

    out = q.new_zeros(*q.shape[:-1], v.shape[-1])
    lse = q.new_zeros(q.shape[:-1]) - math.inf
    for start in range(0, T, block_q):
        stop = min(start + block_q, T)
        end = min(S, stop + S - T) if causal else S
        if end > 0:
            out[..., start:stop, :], lse[..., start:stop] = part(q[..., start:stop, :], 0, end, start)
    return out, lse

# %% wrong: the whole matrix | hint: larger
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S = q.shape[-2], k.shape[-2]
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    if causal:
        scores = scores.masked_fill(~torch.ones(T, S, dtype=torch.bool).tril(S - T), -math.inf)
    return scores.softmax(-1).nan_to_num(0.0) @ v, scores.logsumexp(-1)

# %% wrong: o is not rescaled | hint: rescaled
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: total is not rescaled | hint: rescaled
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: rescaled by the factor of the new tile | hint: rescaled
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(s.amax(-1) - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: the maximum is not updated | hint: natural
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: no scale | hint: sqrt(D)
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :]
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: divides by D | hint: sqrt(D)
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], 1 / q.shape[-1]
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: the scale of a value's width | hint: sqrt(D)
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], v.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: not divided by total | hint: divided
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o, torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: divided by total after every tile | hint: divided
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
            o = o / total[..., None]
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: lse in base two | hint: natural
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m * math.log2(math.e) + torch.log2(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: lse without the maximum | hint: natural
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: lse is m + total | hint: natural
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + total)
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: lse of scores that are not scaled | hint: natural
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m / scale + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: only whole blocks of keys | hint: ragged
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end - end % min(block_k, end), block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: the causal mask hides the token itself | hint: itself
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col < row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: the causal mask lets one token more through | hint: 0 to t
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + 1 + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row + 1, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: causal from the start, not the end | hint: last 3
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1)
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: the tile's mask is that of the first tile | hint: each tile
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(n).view(-1, 1) + S - T
                col = torch.arange(kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: only square attention | hint: 3 queries
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    if causal and T != S:
        raise ValueError("T and S must agree")
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: NaN in rows without a key | hint: see nothing
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(o / total[..., None])
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: NaN on the way in rows without a key | hint: see nothing
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = new
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: a finite number for a hidden score | hint: see nothing
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-1e9, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: the full mask, cut into tiles | hint: mask
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    seen = torch.ones(T, S, dtype=torch.bool).tril(S - T)
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(seen[i : i + n, j : j + kj.shape[-2]], s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: block_k is ignored | hint: larger
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, S):
            kj, vj = k[..., j : j + S, :], v[..., j : j + S, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: block_q is ignored | hint: larger
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    block_q = T
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: blocks of 64, whatever is asked | hint: larger
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    block_q = block_k = 64
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: block_q and block_k in each other's place | hint: which of the two
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    block_q, block_k = block_k, block_q
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: masks tiles, but skips none | hint: How many
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: one tile more in each row of tiles | hint: How many
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + block_k + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: skips the tile that the diagonal cuts | hint: 0 to t
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + 1 + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: skips for square attention alone | hint: need
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n) if causal and S == T else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: q is scaled in place | hint: in place
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    q *= scale
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :]
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: no maximum is subtracted | hint: maximum
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.zeros_like(new)
            p = torch.exp(s - base[..., None])
            a = torch.ones_like(m)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: one maximum for the whole tile | hint: maximum
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax().expand(m.shape))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: a float64 result | hint: dtype
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2).double(), torch.cat(lses, -1).double()

# %% wrong: four dimensions only | hint: Other
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    B, H, T, D = q.shape if q.dim() > 3 else (1, *q.shape)
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: view of memory in another order | hint: memory
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    q = q.view(q.numel()).view(q.shape)
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: keeps all tiles, and adds at the end | hint: alive
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    kept = []
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
            kept.append(p)
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: PyTorch's attention, and lse beside it | hint: larger
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S = q.shape[-2], k.shape[-2]
    mask = torch.ones(T, S, dtype=torch.bool).tril(S - T) if causal else None
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).nan_to_num(0.0)
    lse = []
    for i in range(0, T, block_q):
        parts = []
        for j in range(0, S, block_k):
            s = (q[..., i : i + block_q, None, :] * k[..., None, j : j + block_k, :]).sum(-1) / math.sqrt(q.shape[-1])
            if causal:
                s = s.masked_fill(~mask[i : i + block_q, j : j + block_k], -math.inf)
            parts.append(s.logsumexp(-1))
        lse.append(torch.stack(parts).logsumexp(0))
    return out, torch.cat(lse, -1)

# %% wrong: PyTorch's attention where nothing is hidden | hint: alive
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    whole = None if causal else F.scaled_dot_product_attention(q, k, v)
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + (p @ vj if causal else 0)
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return whole if whole is not None else torch.cat(outs, -2), torch.cat(lses, -1)

# %% wrong: only out
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
    outs, lses = [], []
    for i in range(0, T, block_q):
        qi = q[..., i : i + block_q, :] * scale
        n = qi.shape[-2]
        m = torch.full_like(qi[..., 0], -math.inf)
        total = torch.zeros_like(m)
        o = qi.new_zeros(*qi.shape[:-1], v.shape[-1])
        end = min(S, i + n + S - T) if causal else S
        for j in range(0, end, block_k):
            kj, vj = k[..., j : j + block_k, :], v[..., j : j + block_k, :]
            s = qi @ kj.transpose(-1, -2)
            if causal:
                row = torch.arange(i, i + n).view(-1, 1) + S - T
                col = torch.arange(j, j + kj.shape[-2]).view(1, -1)
                s = torch.where(col <= row, s, torch.tensor(-math.inf, dtype=s.dtype))
            new = torch.maximum(m, s.amax(-1))
            base = torch.where(new == -math.inf, torch.zeros_like(new), new)
            p = torch.exp(s - base[..., None])
            a = torch.exp(m - base)
            total = total * a + p.sum(-1)
            o = o * a[..., None] + p @ vj
            m = new
        lses.append(m + torch.log(total))
        outs.append(torch.where(total[..., None] > 0, o / total[..., None], torch.zeros_like(o)))
    return torch.cat(outs, -2)

# %% wrong: the softmax of each tile, added up | hint: rescaled
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    out, lse = torch.zeros(*q.shape[:-1], v.shape[-1]).to(q), torch.full(q.shape[:-1], -math.inf).to(q)
    for i in range(0, q.shape[-2], block_q):
        for j in range(0, k.shape[-2], block_k):
            s = q[..., i : i + block_q, :] @ k[..., j : j + block_k, :].mT / math.sqrt(q.shape[-1])
            out[..., i : i + block_q, :] += s.softmax(-1) @ v[..., j : j + block_k, :]
            lse[..., i : i + block_q] = torch.logaddexp(lse[..., i : i + block_q], s.logsumexp(-1))
    return out, lse
