"""Answers to speculative: which tokens are kept, what takes the place of a rejected one, and where a guess is looked up."""

# %% right: token by token, with lists for the lookup
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% right: numbers from the inverse of the cumulative sum; all random numbers first; lookup by comparing all places at once
def accept(draft_tokens, draft_probs, target_probs, generator):
    gamma = draft_tokens.numel()
    u = torch.rand(gamma + 1, generator=generator, dtype=torch.float64)
    ratio = [float(target_probs[i, t]) / float(draft_probs[i, t]) for i, t in enumerate(draft_tokens.tolist())]
    kept = next((i for i in range(gamma) if float(u[i]) >= min(1.0, ratio[i])), gamma)
    weights = target_probs[kept].double()
    if kept < gamma:
        weights = torch.maximum(weights - draft_probs[kept].double(), torch.zeros(()).double())
    edge = weights.cumsum(0)
    new = torch.searchsorted(edge, u[-1:] * edge[-1], right=True).clamp(max=len(edge) - 1)
    return torch.hstack((draft_tokens[:kept], new))

def expected_tokens(alpha, gamma):
    total, term = 1.0, 1.0
    for _ in range(gamma):
        term *= alpha
        total += term
    return total

def prompt_lookup(ids, n):
    T = ids.shape[0]
    best, place = 0, None
    for end in range(1, T):
        size = 0
        while size < min(3, end) and ids[end - 1 - size] == ids[T - 1 - size]:
            size += 1
        if size >= best and size > 0:
            best, place = size, end
    return ids.new_empty(0) if place is None else ids[place : place + n]

# %% right: residual normalized and drawn by Gumbel noise of the generator; the latest occurrence from a dictionary
def accept(draft_tokens, draft_probs, target_probs, generator):
    p = target_probs.to(torch.float64, copy=True)
    q = torch.cat([draft_probs.to(p), torch.zeros(1, p.shape[1], dtype=p.dtype)])
    index = torch.arange(len(draft_tokens))
    accepted = torch.rand(len(draft_tokens), generator=generator, dtype=p.dtype) < p[index, draft_tokens] / q[index, draft_tokens]
    stops = (~accepted).nonzero().flatten().tolist() + [len(draft_tokens)]
    residual = (p - q).clamp_min_(0)[stops[0]]
    residual /= residual.sum()
    noise = torch.empty_like(residual).exponential_(generator=generator)
    return torch.cat([draft_tokens[: stops[0]], (residual / noise).argmax()[None]])

def expected_tokens(alpha, gamma):
    if alpha > 1 - 1e-9:
        return gamma + 1.0
    return (1 - alpha ** (gamma + 1)) / (1 - alpha)

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in (3, 2, 1):
        after = {tuple(words[i : i + size]): i + size for i in range(len(words) - size)}
        if len(words) >= size and tuple(words[-size:]) in after:
            start = after[tuple(words[-size:])]
            return torch.tensor(words[start : start + n], dtype=torch.long)
    return torch.tensor([], dtype=torch.long)

# %% right: float64 with numpy's arrays, seeded from the generator; the series by torch
def accept(draft_tokens, draft_probs, target_probs, generator):
    p, q, x = target_probs.double().numpy(), draft_probs.double().numpy(), draft_tokens.tolist()
    chance = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
    out = []
    for i, token in enumerate(x):
        if chance.random() < min(1, p[i, token] / q[i, token]):
            out.append(token)
            continue
        rest = np.maximum(p[i] - q[i], 0)
        return torch.tensor(out + [int(chance.choice(len(rest), p=rest / rest.sum()))])
    last = p[len(x)] / p[len(x)].sum()
    return torch.tensor(out + [int(chance.choice(len(last), p=last))])

def expected_tokens(alpha, gamma):
    return float((torch.tensor(float(alpha), dtype=torch.float64) ** torch.arange(gamma + 1)).sum())

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: never rejects | hint: rejected
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if False:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: resamples from the target, not from the residual | hint: residual
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = target_probs[i]
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: drops the bonus | hint: bonus
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return draft_tokens.clone()

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: accepts by q/p | hint: p/q
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * target_probs[i, x] >= draft_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: accepts wherever p is at least q, else never | hint: probability
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if draft_probs[i, x] > target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: accepts with probability p, not p/q | hint: accepted
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: rejects but keeps going | hint: stop
def accept(draft_tokens, draft_probs, target_probs, generator):
    out = []
    for i in range(len(draft_tokens)):
        x = draft_tokens[i]
        if torch.rand((), generator=generator) * draft_probs[i, x] < target_probs[i, x]:
            out.append(x[None])
        else:
            out.append(torch.multinomial((target_probs[i] - draft_probs[i]).clamp(min=0), 1, generator=generator))
    return torch.cat(out + [torch.multinomial(target_probs[-1], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: counts all accepted, not those before the first rejection | hint: stop
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    i = torch.arange(n)
    fits = torch.rand(n, generator=generator) * draft_probs[i, draft_tokens] < target_probs[i, draft_tokens]
    kept = int(fits.sum())
    rest = target_probs[n] if kept == n else (target_probs[kept] - draft_probs[kept]).clamp(min=0)
    if not rest.any():
        rest = target_probs[kept]
    return torch.cat([draft_tokens[:kept], torch.multinomial(rest, 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: the rejected draft stays in, the new token comes after it | hint: in its place
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i + 1], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: stops at a rejection without a new token | hint: place
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return draft_tokens[:i]
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: residual of the row after the rejected one | hint: place
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i + 1] - draft_probs[min(i + 1, n - 1)]) + 1e-9
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: residual is the absolute difference | hint: p/q
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = (target_probs[i] - draft_probs[i]).abs()
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: the bonus drawn from the last row but one | hint: bonus
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n - 1], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: the likeliest token of the residual | hint: own
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = rest.argmax()[None]
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: the likeliest token as the bonus | hint: row
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, target_probs[n].argmax()[None]])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: one random number for the whole draft | hint: own
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    u = torch.rand((), generator=generator, dtype=torch.float64)
    for i in range(n):
        x = draft_tokens[i]
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: writes the residual into target_probs | hint: residual
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = target_probs[i].sub_(draft_probs[i]).clamp_(min=0)
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: the random number from PyTorch's own generator | hint: generator
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: the new token without the generator | hint: generator
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: seeds PyTorch's own generator from the generator's seed | hint: 0.7
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    torch.manual_seed(generator.initial_seed())
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: seeds PyTorch's own generator anew for each call | hint: own generator
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    torch.manual_seed(int(torch.randint(2**62, (1,), generator=generator)))
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: fails where there is no draft | hint: No draft
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    assert n > 0
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: gives a list | hint: long
def accept_tensor(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def accept(*args):
    return Tokens(accept_tensor(*args).tolist())

class Tokens(list):
    dtype = None
    def tolist(self):
        return list(self)
    def dim(self):
        return 1

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: exponent gamma | hint: exponent
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: 0/0 at alpha = 1 | hint: 0/0
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return (1 - alpha ** (gamma + 1)) / (1 - alpha)

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: accepted guesses alone, without the one that is always there | hint: alpha = 0.5
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(alpha ** i for i in range(1, gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: gamma alpha + 1 | hint: alpha = 0.5
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return 1 + gamma * alpha

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: the first occurrence | hint: latest
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in range(len(words) - size):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: the end finds itself | hint: followed
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size + 1)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: a single token is enough | hint: two tokens
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in (1,):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: from the shortest end to the longest | hint: two tokens
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in (1, 2, 3):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: never looks for one token | hint: latest
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in (3, 2):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: ends of up to four tokens | hint: 3
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in (4, 3, 2, 1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: an earlier occurrence may not overlap the end | hint: occurrence
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - 2 * size + 1)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: includes the tokens that were looked for | hint: 8 9
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start:start + n].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: all that followed | hint: 8 9
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: stops before the end of ids | hint: latest
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:min(start + size + n, len(words) - size)].clone()
    return torch.empty(0, dtype=torch.long)

# %% wrong: where nothing is found, the last token | hint: empty
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return ids[-1:]

# %% wrong: the empty tensor is float | hint: empty
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0)

# %% wrong: only texts of more than three tokens | hint: [1, 1]
def accept(draft_tokens, draft_probs, target_probs, generator):
    n = len(draft_tokens)
    for i in range(n):
        x = draft_tokens[i]
        u = torch.rand((), generator=generator, dtype=torch.float64)
        if u * draft_probs[i, x] >= target_probs[i, x]:
            rest = torch.relu(target_probs[i] - draft_probs[i])
            new = torch.multinomial(rest, 1, generator=generator)
            return torch.cat([draft_tokens[:i], new])
    return torch.cat([draft_tokens, torch.multinomial(target_probs[n], 1, generator=generator)])

def expected_tokens(alpha, gamma):
    return sum(float(alpha) ** i for i in range(gamma + 1))

def prompt_lookup(ids, n):
    words = ids.tolist()
    if len(words) < 3:
        return ids[:0]
    for size in range(3, 0, -1):
        for start in reversed(range(len(words) - size)):
            if words[start:start + size] == words[len(words) - size:]:
                return ids[start + size:start + size + n].clone()
    return torch.empty(0, dtype=torch.long)


# %% wrong: the residual is the target where p > q | hint: residual
def accept(draft_tokens, draft_probs, target_probs, generator):
    out = []
    for i, x in enumerate(draft_tokens.tolist()):
        p, q = target_probs[i], draft_probs[i]
        u = torch.rand((), generator=generator, dtype=p.dtype)
        if u < p[x] / q[x]:
            out.append(x)
            continue
        residual = p * (p > q)
        out.append(torch.multinomial(residual / residual.sum(), 1, generator=generator).item())
        return torch.tensor(out, dtype=torch.long)
    out.append(torch.multinomial(target_probs[-1], 1, generator=generator).item())
    return torch.tensor(out, dtype=torch.long)

def expected_tokens(alpha, gamma):
    if alpha == 1:
        return float(gamma + 1)
    return (1 - alpha ** (gamma + 1)) / (1 - alpha)

def prompt_lookup(ids, n):
    T = len(ids)
    for size in (3, 2, 1):
        if T <= size: continue
        end = ids[T - size:]
        for start in range(T - size - 1, -1, -1):
            if torch.equal(ids[start:start + size], end):
                return ids[start + size:start + size + n]
    return ids[:0]
