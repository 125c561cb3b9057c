"""Answers to exercise 11, sampling: temperature, top-k, top-p, and drawing token after token."""

# %% right: Hugging Face's way: masks of logits, the mask moved by one, a threshold for top-k
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% right: probabilities all the way: powers, products with masks; the race of exponentials to draw
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    probs = (logits / temperature).softmax(-1)
    rank = probs.argsort(-1, descending=True).argsort(-1)
    if top_k is not None:
        probs = probs * (rank < top_k)
        probs = probs / probs.sum(-1, keepdim=True)
    if top_p is not None:
        before = torch.where(rank.unsqueeze(-2) < rank.unsqueeze(-1), probs.unsqueeze(-2), 0.0).sum(-1)
        probs = probs * (before < top_p)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    with torch.inference_mode():
        out = torch.zeros(ids.shape[0], ids.shape[1] + n, dtype=ids.dtype, device=ids.device)
        out[:, : ids.shape[1]] = ids
        for place in range(ids.shape[1], out.shape[1]):
            seen = out[:, max(0, place - model.config.context) : place]
            probs = next_token_probs(model(seen)[0][:, -1], temperature, top_k, top_p)
            race = probs / torch.empty_like(probs).exponential_(generator=generator)
            out[:, place] = race.argmax(-1)
    return out.clone()

# %% right: one row at a time in plain Python, float64; drawn by cumulative sums and one uniform number each
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    flat = logits.detach().double().reshape(-1, logits.shape[-1]).tolist()
    rows = [one_row(row, temperature, top_k or len(row), 1.0 if top_p is None else top_p) for row in flat]
    return torch.tensor(rows, dtype=logits.dtype).reshape(logits.shape)


def one_row(row, temperature, k, p):
    order = sorted(range(len(row)), key=lambda i: (-row[i], i))[:k]
    out = [0.0] * len(row)
    if temperature == 0:
        out[order[0]] = 1.0
        return out
    weights = {i: math.exp((row[i] - row[order[0]]) / temperature) for i in order}
    whole, kept = sum(weights.values()), 0.0
    for i in order:
        if kept >= p * whole:
            break
        out[i] = weights[i]
        kept += weights[i]
    return [x / kept for x in out]


def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    rows = ids.clone()
    for _ in range(n):
        with torch.no_grad():
            logits = model(rows[:, -model.config.context :])[0][:, -1, :]
        cumulative = next_token_probs(logits, temperature, top_k, top_p).double().cumsum(1)
        u = torch.rand(len(rows), 1, generator=generator, dtype=torch.float64) * cumulative[:, -1:]
        rows = torch.hstack([rows, torch.searchsorted(cumulative, u, right=True)])
    return rows

# %% right: log-probabilities, gather back by the inverse order; Gumbel noise to draw, recursion
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    log_p = F.log_softmax(logits / temperature, -1)
    log_p, order = log_p.sort(-1, descending=True)
    if top_k is not None:
        log_p = torch.cat([log_p[..., :top_k], torch.full_like(log_p[..., top_k:], -math.inf)], -1)
    if top_p is not None:
        shares = log_p.softmax(-1)
        before = F.pad(shares.cumsum(-1)[..., :-1], (1, 0))
        log_p = torch.where(before < top_p, log_p, -math.inf)
    return log_p.softmax(-1).gather(-1, order.argsort(-1))


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    if n == 0:
        return ids
    logits, _ = model(ids[:, -model.config.context :])
    log_p = next_token_probs(logits[:, -1], temperature, top_k, top_p).log()
    noise = -torch.log(-torch.log(torch.rand(log_p.shape, generator=generator, dtype=torch.float64)))
    ids = torch.cat([ids, (log_p + noise).argmax(-1, keepdim=True)], 1)
    return sample(model, ids, n - 1, temperature, top_k, top_p, generator)

# %% right: top-p by each token's rank, evaluation mode
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    x = (logits - logits.amax(-1, keepdim=True)) / temperature
    if top_k is not None:
        keep = torch.zeros_like(x, dtype=torch.bool)
        keep.scatter_(-1, x.topk(min(top_k, x.size(-1)), dim=-1).indices, True)
        x = torch.where(keep, x, torch.tensor(-math.inf, dtype=x.dtype))
    probs = torch.softmax(x, dim=-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        last = (ordered.cumsum(-1) < top_p).sum(-1, keepdim=True)
        probs = torch.where(order.argsort(-1) <= last, probs, 0.0)
    return F.normalize(probs, p=1, dim=-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    model.eval()
    context = model.config.context
    for i in range(n):
        window = ids[:, -context:]
        out = model(window)
        logits = out[0][:, window.size(1) - 1]
        ids = torch.cat([ids, next_token_probs(logits, temperature, top_k, top_p).multinomial(1, generator=generator)], -1)
    return ids


# %% right: hugging face's own top-p: ascending, cumulative <= 1 - p
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=False)
        gone = ordered.cumsum(-1) <= 1 - top_p
        gone[..., -1:] = False
        ordered = ordered.masked_fill(gone, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% right: hugging face warpers style: top-p from the low end, min of V, vectors of bool
def _keep_top_k(scores, k):
    k = min(k, scores.size(-1))
    mask = torch.zeros_like(scores, dtype=torch.bool)
    mask.scatter_(-1, torch.topk(scores, k)[1], True)
    return torch.where(mask, scores, torch.tensor(-torch.inf, dtype=scores.dtype))


def _keep_top_p(scores, p):
    sorted_scores, sorted_indices = torch.sort(scores, descending=True)
    cumulative = torch.softmax(sorted_scores, -1).cumsum(-1)
    remove = cumulative >= p
    remove = torch.cat([torch.zeros_like(remove[..., :1]), remove[..., :-1]], -1)
    return scores.masked_fill(remove.scatter(-1, sorted_indices, remove), -torch.inf)


def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if top_k is not None and top_k <= 0:
        raise ValueError("top_k")
    if top_p is not None and not 0.0 < top_p <= 1.0:
        raise ValueError("top_p")
    if temperature == 0:
        place = torch.arange(logits.shape[-1])
        return (place == logits.argmax(-1).unsqueeze(-1)).type_as(logits)
    scores = logits / temperature
    if top_k:
        scores = _keep_top_k(scores, top_k)
    if top_p is not None:
        scores = _keep_top_p(scores, top_p)
    return torch.softmax(scores, -1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    if n == 0:
        return ids
    window = ids if ids.size(1) <= model.config.context else ids[:, -model.config.context :]
    logits, _loss = model(window)
    p = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
    nxt = torch.stack([torch.multinomial(row, 1, generator=generator) for row in p])
    return sample(model, torch.hstack((ids, nxt)), n - 1, temperature, top_k, top_p, generator)


# %% right: inference_mode, argmax path of its own
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.inference_mode()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        if temperature == 0:
            token = probs.argmax(-1, keepdim=True)
        else:
            token = torch.multinomial(probs, num_samples=1, replacement=True, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: top-p drops the token that crosses | hint: crosses
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(ordered.cumsum(-1) > top_p, 0.0))
    if top_p is not None:
        empty = probs.sum(-1, keepdim=True) == 0
        best = torch.zeros_like(probs).scatter(-1, order[..., :1], 1.0)
        probs = torch.where(empty, best, probs)
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-p drops the token that crosses, even the first | hint: crosses
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(ordered.cumsum(-1) > top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-p keeps one more than it needs | hint: crosses
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before - F.pad(ordered, (1, 0))[..., :-1] >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-p keeps the tokens whose own probability exceeds p | hint: crosses
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        probs = probs.masked_fill((probs < top_p) & (probs < probs.amax(-1, keepdim=True)), 0.0)
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-p from the least likely up | hint: crosses
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=False)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-p never looks at p: keeps all | hint: crosses
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: sorted probabilities are not taken back | hint: own place
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = ordered.masked_fill(before >= top_p, 0.0)
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: taken back by the wrong permutation: gather in place of scatter | hint: own place
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = ordered.masked_fill(before >= top_p, 0.0).gather(-1, order)
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-p before top-k | hint: top-p applied last
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    if top_k is not None:
        kept = probs.topk(min(top_k, probs.shape[-1]))
        probs = torch.zeros_like(probs).scatter(-1, kept.indices, kept.values)
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-p sees the shares of all tokens after top-k | hint: renormalized
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    probs = logits.softmax(-1)
    if top_k is not None:
        kept = probs.topk(min(top_k, probs.shape[-1]))
        probs = torch.zeros_like(probs).scatter(-1, kept.indices, kept.values)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: temperature last, after the filters | hint: temperature applied first
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    probs = probs.log() / temperature
    return probs.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: temperature divides the probabilities | hint: logits divided
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1) / temperature
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: temperature multiplies | hint: logits divided
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits * temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: temperature ignored | hint: logits divided
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: temperature 0 divides by 0 | hint: temperature 0
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: temperature 0 is a small temperature | hint: temperature 0
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    logits = logits / max(temperature, 0.2)
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: temperature 0: equals share | hint: first of equals
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        best = (logits == logits.amax(-1, keepdim=True)).to(logits)
        return best / best.sum(-1, keepdim=True)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: temperature 0 gives the token, not a distribution | hint: temperature 0
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-k keeps k + 1 | hint: 2 likeliest
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k + 1, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-k keeps the least likely | hint: 2 likeliest
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]), largest=False)
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-k breaks above V | hint: larger
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(top_k)
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-k as a list without places | hint: own places
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        logits = logits.topk(min(top_k, logits.shape[-1])).values
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-k over the whole batch | hint: by itself
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = logits.flatten().topk(top_k).values[-1]
        threshold = torch.minimum(threshold, logits.amax(-1, keepdim=True))
        logits = logits.masked_fill(logits < threshold, -math.inf)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top-k sets logits to 0, which is not impossible | hint: 2 likeliest
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, 0.0).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: no renormalization after top-k | hint: renormalized
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    probs = logits.softmax(-1)
    if top_k is not None:
        kept = probs.topk(min(top_k, probs.shape[-1]))
        probs = torch.zeros_like(probs).scatter(-1, kept.indices, kept.values)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: no renormalization after top-p | hint: crosses
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: softmax by hand overflows | hint: overflow
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.exp() / logits.exp().sum(-1, keepdim=True)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: softmax over the wrong axis | hint: by itself
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(0)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: log-probabilities | hint: softmax of the logits
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return (probs / probs.sum(-1, keepdim=True)).log()


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: divides the logits in place | hint: came back changed
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits /= temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: masks the logits in place | hint: came back changed
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits if temperature == 1 else logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        logits[logits < logits.topk(top_k).values[..., -1:]] = -math.inf
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: no errors | hint: ValueError
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature if temperature > 0 else logits
    top_k = None if top_k is not None and top_k < 1 else top_k
    top_p = None if top_p is not None and not 0 < top_p <= 1 else top_p
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: asserts in place of ValueError | hint: ValueError
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    assert temperature >= 0 and (top_k is None or top_k >= 1) and (top_p is None or 0 < top_p <= 1)
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top_k=0 taken for none | hint: ValueError
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: top_p = 1 refused | hint: top-k, then top-p
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p >= 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: uniform over what is left
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p <= 0 or top_p > 1)):
        raise ValueError("out of range")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    kept = (probs > 0).to(probs)
    return kept / kept.sum(-1, keepdim=True)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: the softmax alone | hint: logits divided
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids

# %% wrong: always the likeliest | hint: often
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = probs.argmax(-1, keepdim=True)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: reads the first position | hint: last one
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, 0], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: never crops | hint: last config.context
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids)
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: crops to the first tokens | hint: likeliest token after its last
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, : model.config.context])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: crops one too short | hint: last config.context
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -(model.config.context - 1) :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: gives the model the last token only | hint: last config.context
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -1:])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: returns only the new tokens | hint: n times
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids[:, -n:] if n else ids[:, :0]

# %% wrong: returns the last window | hint: n times
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)[:, -model.config.context :]
    return ids

# %% wrong: one token too few | hint: n times
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n - 1):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: n counts the prompt | hint: n times
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n - ids.shape[1]):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: generator ignored | hint: generator
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: seeds itself
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=torch.Generator().manual_seed(0))
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: records gradients | hint: gradients
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: filters ignored
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = logits[:, -1].softmax(-1)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: only the temperature passed on | hint: top_k
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: top_p forgotten | hint: top_p
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: top_k and top_p exchanged
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_p=top_k and 1 / top_k, top_k=top_p and max(1, round(1 / top_p)))
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: one draw for all rows
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs[:1], 1, generator=generator).expand(len(ids), 1)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: writes into ids | hint: came back changed
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    length = ids.shape[1]
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        ids.set_(torch.cat([ids, torch.multinomial(probs, 1, generator=generator)], dim=1))
    return ids

# %% wrong: all n tokens from one look at the model | hint: n times
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    logits, _ = model(ids[:, -model.config.context :])
    probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
    return torch.cat([ids, torch.multinomial(probs, n, replacement=True, generator=generator)], dim=1) if n else ids

# %% wrong: draws from the square root of the probabilities | hint: often
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs.sqrt(), 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return ids

# %% wrong: lists in place of a tensor of ids | hint: n times
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative >= top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, new], dim=1)
    return [str(row) for row in ids.tolist()]

# %% wrong: nothing | hint: softmax of the logits
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    return None


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    return None


# %% wrong: temperature 0 as 1e-8: equals share | hint: first of equals
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        temperature = 1e-8
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: temperature 0: equals share it where no filter is given | hint: first of equals
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        best = (logits == logits.amax(-1, keepdim=True)).to(logits.dtype)
        if top_k is None and top_p is None:
            return best / best.sum(-1, keepdim=True)
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: one more than needed when p is reached exactly | hint: one more
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before > top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: top-p by a threshold: all equals stay | hint: one more
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        least = ordered.masked_fill(ordered == 0, 2.0).amin(-1, keepdim=True)
        probs = probs.masked_fill(probs < least, 0.0)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: generator ignored, global seed set | hint: two seeds
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    torch.manual_seed(0)
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: global seed set from generator | hint: go on
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    if generator is not None:
        torch.manual_seed(generator.initial_seed())
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: the generator is reseeded at each call | hint: go on
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    if generator is not None:
        generator.manual_seed(generator.initial_seed())
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: a fixed seed where no generator is given | hint: without a generator
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    if generator is None:
        generator = torch.Generator().manual_seed(0)
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: temperature 0 returns before the checks | hint: always
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: negative top_k let through as all | hint: always
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or top_k == 0 or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and 0 < top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: top_p negative let through | hint: always
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and (top_p > 1 or top_p == 0)):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill((before >= top_p) & (before > 0), 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: context of 4 fixed | hint: last part
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -4:])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: draws int32 ids | hint: long
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids.int()


# %% wrong: the generator is reseeded at each token | hint: each pair
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature, top_k or top_p")
    V = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), V).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None and top_k < V:
        keep = logits.topk(top_k, dim=-1).indices
        logits = torch.full_like(logits, -math.inf).scatter(-1, keep, logits.gather(-1, keep))
    probs = logits.softmax(-1)
    if top_p is not None:
        ordered, order = probs.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p, 0.0)
        probs = torch.zeros_like(probs).scatter(-1, order, ordered)
        probs = probs / probs.sum(-1, keepdim=True)
    return probs


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits = model(ids[:, -model.config.context :])[0][:, -1]
        probs = next_token_probs(logits, temperature, top_k, top_p)
        if generator is not None:
            generator.manual_seed(generator.initial_seed())
        token = torch.multinomial(probs, 1, generator=generator)
        ids = torch.cat([ids, token], dim=1)
    return ids


# %% wrong: Hugging Face's older top-p: one more where p is reached exactly | hint: one more
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    logits = logits / temperature
    if top_k is not None and top_k < logits.shape[-1]:
        threshold = torch.topk(logits, top_k).values[..., -1:]
        logits = logits.masked_fill(logits < threshold, float("-inf"))
    if top_p is not None:
        ordered, order = torch.sort(logits, descending=True)
        cumulative = ordered.softmax(-1).cumsum(-1)
        remove = cumulative > top_p
        remove[..., 1:] = remove[..., :-1].clone()
        remove[..., 0] = False
        logits = logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))
    return logits.softmax(-1)


@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    for _ in range(n):
        logits, _ = model(ids if ids.shape[1] <= model.config.context else ids[:, -model.config.context :])
        probs = next_token_probs(logits[:, -1, :], temperature, top_k, top_p)
        following = torch.multinomial(probs, num_samples=1, generator=generator)
        ids = torch.cat((ids, following), dim=1)
    return ids
