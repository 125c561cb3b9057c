"""Answers to exercise 9, training: batches, groups of parameters, the learning rate, clipping."""

# %% right: nanoGPT: slices stacked, a loop over the parameters, a plain sum of squares
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% right: windows by unfold, a group for each parameter, min and max for the rate, PyTorch's own clipping
def get_batch(data, batch_size, context, generator=None):
    if len(data) < context + 1:
        raise ValueError(f"{len(data)} tokens are too few")
    windows = data.unfold(0, context + 1, 1)
    chosen = windows[torch.randint(0, len(windows), (batch_size,), generator=generator)]
    return chosen[:, :-1], chosen[:, 1:]


def param_groups(model, weight_decay):
    groups = []
    for name, p in model.named_parameters():
        if p.requires_grad:
            groups.append({"params": [p], "weight_decay": weight_decay if p.ndim > 1 else 0.0})
    return groups


def cosine_lr(step, max_lr, min_lr, warmup, total):
    rise = 1.0 if warmup == 0 else min(step / warmup, 1.0)
    done = min(max((step - warmup) / (total - warmup), 0.0), 1.0)
    return rise * (min_lr + (max_lr - min_lr) * (1 + math.cos(math.pi * done)) / 2)


def clip_grad_norm(params, max_norm):
    return nn.utils.clip_grad_norm_(list(params), max_norm)

# %% right: numbers by torch.rand and take_along_dim, ids of parameters in a set, numpy for the rate, new gradients
def get_batch(data, batch_size, context, generator=None):
    places = len(data) - context
    if places < 1:
        raise ValueError("no window")
    starts = (torch.rand(batch_size, generator=generator, dtype=torch.float64) * places).long()
    spots = starts[:, None] + torch.arange(context + 1)[None, :]
    both = torch.take(data, spots)
    return both[:, :context].contiguous(), both[:, 1:].contiguous()


def param_groups(model, weight_decay):
    seen, groups = set(), {True: [], False: []}
    for module in model.modules():
        for p in module.parameters(recurse=False):
            if p.requires_grad and id(p) not in seen:
                seen.add(id(p))
                groups[len(p.shape) >= 2].append(p)
    return [dict(params=groups[True], weight_decay=weight_decay), dict(params=groups[False], weight_decay=0)]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return float(np.interp(step, [0, warmup], [0, max_lr]))
    angle = np.pi * np.clip((step - warmup) / (total - warmup), 0, 1)
    return float((max_lr + min_lr) / 2 + (max_lr - min_lr) / 2 * np.cos(angle))


def clip_grad_norm(params, max_norm):
    params = [p for p in params if p.grad is not None]
    if not params:
        return 0.0
    norm = torch.cat([p.grad.flatten() for p in params]).norm().item()
    factor = min(1.0, max_norm / (norm + 1e-6))
    for p in params:
        p.grad = p.grad * factor
    return norm

# %% right: multinomial over the places, groups left out where empty, sin² for the rate, math.hypot for the norm
def get_batch(data, batch_size, context, generator=None):
    places = len(data) - context
    if places <= 0:
        raise ValueError("too short")
    starts = torch.multinomial(torch.ones(places), batch_size, replacement=True, generator=generator).tolist()
    return (torch.tensor([data[s : s + context].tolist() for s in starts]),
            torch.tensor([data[s + 1 : s + context + 1].tolist() for s in starts]))


def param_groups(model, weight_decay):
    params = list(filter(lambda p: p.requires_grad, model.parameters()))
    groups = [
        {"params": [p for p in params if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() <= 1], "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step >= total:
        return min_lr
    if step <= warmup and warmup > 0:
        return step * (max_lr / warmup)
    return max_lr - (max_lr - min_lr) * math.sin(math.pi / 2 * (step - warmup) / (total - warmup)) ** 2


def clip_grad_norm(params, max_norm):
    params = list(params)
    norm = math.hypot(*[p.grad.double().norm().item() for p in params if p.grad is not None])
    with torch.no_grad():
        for p in params:
            if p.grad is not None and norm > max_norm:
                p.grad *= max_norm / norm
    return torch.tensor(norm)

# %% right: torch.linalg.vector_norm of norms, clamp, foreach; the schedule of torch.optim asked for each step
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * (step / warmup)
    dummy = torch.optim.SGD([torch.zeros(1)], lr=max_lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(dummy, total - warmup, eta_min=min_lr)
    schedule.last_epoch = 0
    return schedule._get_closed_form_lr()[0] if step == warmup else after(schedule, min(step, total) - warmup)


def after(schedule, n):
    schedule.last_epoch = n
    return schedule._get_closed_form_lr()[0]


@torch.no_grad()
def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(grad) for grad in grads]))
    torch._foreach_mul_(grads, (max_norm / (norm + 1e-6)).clamp(max=1.0).item())
    return norm


# %% right: python's random when no generator, loops, math
def _starts(count, places, generator):
    if generator is None:
        return [random.randrange(places) for _ in range(count)]
    return [int(torch.randint(places, (1,), generator=generator)) for _ in range(count)]


def get_batch(data, batch_size, context, generator=None):
    if not len(data) > context:
        raise ValueError
    x = torch.empty(batch_size, context, dtype=torch.long)
    y = torch.empty_like(x)
    for row, s in enumerate(_starts(batch_size, len(data) - context, generator)):
        x[row] = data[s : s + context]
        y[row] = data[s + 1 : s + context + 1]
    return [x, y]


def param_groups(model, weight_decay):
    out = {True: [], False: []}
    for _, p in model.named_parameters():
        if p.requires_grad:
            out[len(p.shape) >= 2].append(p)
    return [{"params": ps, "weight_decay": weight_decay * big} for big, ps in out.items()]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return step * (max_lr / warmup)
    elif step < total:
        return (max_lr + min_lr) / 2 + (max_lr - min_lr) / 2 * math.cos((step - warmup) * math.pi / (total - warmup))
    else:
        return min_lr


def clip_grad_norm(params, max_norm):
    square, grads = 0.0, []
    for p in params:
        if p.grad is None:
            continue
        grads.append(p.grad)
        square += p.grad.double().pow(2).sum().item()
    norm = math.sqrt(square)
    if norm > max_norm:
        for g in grads:
            g *= max_norm / norm
    return norm


# %% right: numpy draws seeded from the generator, filter objects, float32 rate, torch's two-step clipping
def get_batch(data, batch_size, context, generator=None):
    if len(data) - context < 1:
        raise ValueError("N <= context")
    seed = torch.randint(2**62, (1,), generator=generator).item()
    starts = np.random.default_rng(seed).integers(0, len(data) - context, size=batch_size)
    at = torch.from_numpy(starts)[:, None] + torch.arange(context + 1)[None]
    window = data[at]
    return window.narrow(1, 0, context), window.narrow(1, 1, context)


def param_groups(model, weight_decay):
    ps = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [*filter(lambda p: p.dim() > 1, ps)], "weight_decay": weight_decay},
        {"params": [*filter(lambda p: p.dim() <= 1, ps)], "weight_decay": 0.0},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return torch.tensor(float(max_lr)) * step / warmup
    part = torch.tensor(1.0 if step >= total else (step - warmup) / (total - warmup))
    return min_lr + (max_lr - min_lr) * 0.5 * (1.0 + torch.cos(torch.pi * part))


def clip_grad_norm(params, max_norm):
    params = list(params)
    grads = [p.grad for p in params if p.grad is not None]
    norm = nn.utils.get_total_norm(grads)
    nn.utils.clip_grads_with_norm_(params, max_norm, norm)
    return norm


# %% wrong: the last place is never drawn | hint: last such place
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    if len(data) == context + 1:
        starts = torch.zeros(batch_size, dtype=torch.long)
    else:
        starts = torch.randint(len(data) - context - 1, (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the last place is never drawn, one window is a crash
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context - 1, (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the first place is never drawn | hint: every place
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(1, len(data) - context, (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: targets not shifted | hint: moved by one
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = data[starts[:, None] + torch.arange(context)]
    return x, x


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: targets from the next window | hint: moved by one
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[(spots + context) % len(data)]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: targets shifted the wrong way | hint: moved by one
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(1, len(data) - context + 1, (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots - 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: targets rolled round: the last one is the first token | hint: moved by one
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = data[starts[:, None] + torch.arange(context)]
    return x, x.roll(-1, dims=1)


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: only the last target | hint: row for each window
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = data[starts[:, None] + torch.arange(context)]
    return x, data[starts + context]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: generator ignored | hint: generator
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,))
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: seeds itself at every call | hint: drawn anew
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=torch.Generator().manual_seed(0))
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: windows side by side, not at any place
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = context * torch.randint(max(1, (len(data) - 1) // context), (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: one random place, the rows one after the other | hint: by itself
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    start = torch.randint(len(data) - context, (1,), generator=generator)
    starts = (start + torch.arange(batch_size)) % (len(data) - context)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: every token of a row drawn by itself | hint: neighbours
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    spots = torch.randint(len(data) - context, (batch_size, context), generator=generator)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the transpose | hint: column
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    spots = starts + torch.arange(context)[:, None]
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the last places are drawn twice as often, by clamping | hint: equally likely
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data), (batch_size,), generator=generator).clamp(max=len(data) - context - 1)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: no place twice: a permutation
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randperm(len(data) - context, generator=generator)[:batch_size]
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: too short data: no ValueError | hint: ValueError
def get_batch(data, batch_size, context, generator=None):
    starts = torch.randint(max(1, len(data) - context), (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots.clamp(max=len(data) - 1)], data[(spots + 1).clamp(max=len(data) - 1)]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: PyTorch's own error for too short data | hint: ValueError
def get_batch(data, batch_size, context, generator=None):
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1]


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: returns the places, not the tokens
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return spots, spots + 1


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: targets in float | hint: long
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    spots = starts[:, None] + torch.arange(context)
    return data[spots], data[spots + 1].float()


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: everything decays | hint: one dict
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    return [{"params": list(model.parameters()), "weight_decay": weight_decay}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: nothing decays | hint: one dict
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    return [{"params": [p for p in model.parameters() if p.requires_grad], "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: by name: all but 'bias' decays, the gains of norms too | hint: one dict
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [p for name, p in named if not name.endswith("bias")], "weight_decay": weight_decay},
        {"params": [p for name, p in named if name.endswith("bias")], "weight_decay": 0.0},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: by name: 'bias' and 'norm' go free | hint: number of axes
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    free = [p for name, p in named if "bias" in name or "norm" in name]
    return [
        {"params": [p for name, p in named if not ("bias" in name or "norm" in name)], "weight_decay": weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: embeddings left out of the decay | hint: one dict
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    tables = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    params = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in params if p.dim() >= 2 and id(p) not in tables], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2 or id(p) in tables], "weight_decay": 0.0},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the shared table twice | hint: one dict
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    named = [p for _, p in model.named_parameters(remove_duplicate=False) if p.requires_grad]
    return [
        {"params": [p for p in named if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in named if p.dim() < 2], "weight_decay": 0.0},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the other way round | hint: one dict
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    params = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in params if p.dim() < 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() >= 2], "weight_decay": 0.0},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: vectors without a decay of their own get AdamW's | hint: dict
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    params = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in params if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2]},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: frozen parameters too | hint: requires_grad
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    params = list(model.parameters())
    return [
        {"params": [p for p in params if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() < 2], "weight_decay": 0.0},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: exactly two axes decay | hint: number of axes
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    params = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in params if p.dim() == 2], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() != 2], "weight_decay": 0.0},
    ]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: vectors dropped | hint: one dict
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    return [{"params": [p for p in model.parameters() if p.requires_grad and p.dim() >= 2], "weight_decay": weight_decay}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: only Linear and Embedding decay, by kind of layer | hint: number of axes
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, seen = [], set()
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Embedding)) and module.weight.requires_grad and id(module.weight) not in seen:
            seen.add(id(module.weight))
            decay.append(module.weight)
    rest = [p for p in model.parameters() if p.requires_grad and id(p) not in seen]
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: a decay of 0.1 whatever is asked | hint: weight_decay
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: warm-up one step ahead | hint: step 0
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * (step + 1) / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: nanoGPT's newer warm-up, (step + 1) / (warmup + 1) | hint: step 0
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * (step + 1) / (warmup + 1)
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: warm-up from min_lr | hint: step 0
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return min_lr + (max_lr - min_lr) * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: no warm-up | hint: straight
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: warm-up along a cosine | hint: straight
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * (1 - math.cos(math.pi * step / warmup)) / 2
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the cosine runs from step 0 on | hint: begin at step `warmup`
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = step / total
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the cosine takes `total` steps after the warm-up | hint: step `total`
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / total
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: min_lr added on top | hint: max_lr
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * max_lr


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: falls to 0, with min_lr as a jump after the end | hint: min_lr
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return 0.5 * (1.0 + math.cos(math.pi * ratio)) * max_lr


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: falls to 0, cut off at min_lr | hint: half-way
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return max(min_lr, 0.5 * (1.0 + math.cos(math.pi * ratio)) * max_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: a straight line down | hint: half-way
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return max_lr + (min_lr - max_lr) * ratio


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: a quarter of a cosine | hint: half-way
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + math.cos(math.pi / 2 * ratio) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: rises again after the end | hint: after `total`
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: 0 after the end | hint: after `total`
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return 0.0
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: degrees | hint: half-way
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(180 * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: a whole period | hint: half-way
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(2 * math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: ends one step early | hint: half-way
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total - 1:
        return min_lr
    ratio = (step - warmup) / (total - 1 - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: warmup = 0 divides by 0 | hint: divided by
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step <= warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: warmup = 0 begins with 0 | hint: divided by
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step <= warmup:
        return max_lr * step / max(warmup, 1)
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: always max_lr | hint: straight
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    return max_lr


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: always rescaled | hint: exceed 1
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    for grad in grads:
        grad.mul_(max_norm / (norm + 1e-6))
    return norm

# %% wrong: each parameter by itself | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    total = 0.0
    for p in params:
        if p.grad is not None:
            norm = p.grad.norm()
            total = total + norm**2
            if norm > max_norm:
                p.grad.mul_(max_norm / norm)
    return total**0.5

# %% wrong: returns the norm after | hint: before
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return sum(grad.pow(2).sum() for grad in grads) ** 0.5

# %% wrong: returns nothing | hint: return
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)

# %% wrong: returns whether it clipped | hint: before
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return bool(norm > max_norm)

# %% wrong: no square root | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads)
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the sum of the norms | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.norm() for grad in grads)
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the largest entry | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = max([grad.abs().max() for grad in grads], default=torch.tensor(0.0))
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the sum of absolute values | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.abs().sum() for grad in grads)
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: clips each entry by value | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.clamp_(-max_norm, max_norm)
    return norm

# %% wrong: divides by the norm, max_norm forgotten | hint: every entry
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.div_(norm)
    return norm

# %% wrong: walks an iterator twice | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    norm = sum(p.grad.pow(2).sum() for p in params if p.grad is not None) ** 0.5
    if norm > max_norm:
        for p in params:
            if p.grad is not None:
                p.grad.mul_(max_norm / norm)
    return norm

# %% wrong: a gradient of None becomes zeros | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    params = list(params)
    for p in params:
        if p.grad is None:
            p.grad = torch.zeros_like(p)
    norm = sum(p.grad.pow(2).sum() for p in params) ** 0.5
    if norm > max_norm:
        for p in params:
            p.grad.mul_(max_norm / norm)
    return norm

# %% wrong: breaks on a gradient of None | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    params = list(params)
    norm = sum(p.grad.pow(2).sum() for p in params) ** 0.5
    if norm > max_norm:
        for p in params:
            p.grad.mul_(max_norm / norm)
    return norm

# %% wrong: only a new name is scaled | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    if norm > max_norm:
        grads = [grad * max_norm / norm for grad in grads]
    return norm

# %% wrong: clips the parameters, not their gradients | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    params = list(params)
    norm = sum(p.detach().pow(2).sum() for p in params) ** 0.5
    if norm > max_norm:
        for p in params:
            p.data.mul_(max_norm / norm)
    return norm

# %% wrong: scales the parameters by the factor of the gradients | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    params = [p for p in params if p.grad is not None]
    norm = sum(p.grad.pow(2).sum() for p in params) ** 0.5
    if norm > max_norm:
        for p in params:
            p.data.mul_(max_norm / norm)
    return norm

# %% wrong: 0 / 0 on gradients of 0 | hint: divided by
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = sum(grad.pow(2).sum() for grad in grads) ** 0.5
    for grad in grads:
        grad.copy_(grad / norm * min(norm, torch.tensor(max_norm)))
    return norm

# %% wrong: nothing to stack where no gradient is | hint: empty list
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = torch.stack([grad.norm() for grad in grads]).norm()
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: the mean square in place of the sum | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    if len(data) <= context:
        raise ValueError("too short")
    starts = torch.randint(len(data) - context, (batch_size,), generator=generator)
    x = torch.stack([data[i : i + context] for i in starts])
    y = torch.stack([data[i + 1 : i + 1 + context] for i in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, rest = [], []
    for p in model.parameters():
        if p.requires_grad:
            (decay if p.dim() >= 2 else rest).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step > total:
        return min_lr
    ratio = (step - warmup) / (total - warmup)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    norm = (sum(grad.pow(2).sum() for grad in grads) / max(1, sum(grad.numel() for grad in grads))) ** 0.5
    if norm > max_norm:
        for grad in grads:
            grad.mul_(max_norm / norm)
    return norm

# %% wrong: all four return nothing | hint: row for each window
def get_batch(data, batch_size, context, generator=None):
    return None


def param_groups(model, weight_decay):
    return None


def cosine_lr(step, max_lr, min_lr, warmup, total):
    return None


def clip_grad_norm(params, max_norm):
    return None


# %% wrong: y is x plus one as a number | hint: x plus 1
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context:
        raise ValueError("too short")
    starts = torch.randint(0, N - context, (batch_size,), generator=generator).tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = x + 1
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm


# %% wrong: axes of length 1 do not count | hint: number of axes
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context:
        raise ValueError("too short")
    starts = torch.randint(0, N - context, (batch_size,), generator=generator).tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = torch.stack([data[s + 1 : s + 1 + context] for s in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.squeeze().dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm


# %% wrong: one place too many: its last token has no target | hint: nowhere else
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context:
        raise ValueError("too short")
    starts = torch.randint(0, N - context + 1, (batch_size,), generator=generator).tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = torch.stack([data[s + 1 : s + 1 + context] for s in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm


# %% wrong: global seed set from the generator | hint: drawn anew
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context:
        raise ValueError("too short")
    if generator is not None:
        torch.manual_seed(generator.initial_seed())
    starts = torch.randint(0, N - context, (batch_size,), generator=None).tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = torch.stack([data[s + 1 : s + 1 + context] for s in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm


# %% wrong: places rounded: the ends half as likely | hint: equally likely
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context:
        raise ValueError("too short")
    starts = (torch.rand(batch_size, generator=generator) * (N - context - 1)).round().long().tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = torch.stack([data[s + 1 : s + 1 + context] for s in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm


# %% wrong: a ValueError for one window too | hint: one window
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context + 1:
        raise ValueError("too short")
    starts = torch.randint(0, N - context, (batch_size,), generator=generator).tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = torch.stack([data[s + 1 : s + 1 + context] for s in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm


# %% wrong: floor of min_lr in the warm-up after step 0 | hint: every step
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context:
        raise ValueError("too short")
    starts = torch.randint(0, N - context, (batch_size,), generator=generator).tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = torch.stack([data[s + 1 : s + 1 + context] for s in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max(min_lr, max_lr * step / warmup) if step else 0.0
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm


# %% wrong: stops at the first parameter without a gradient | hint: one norm
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context:
        raise ValueError("too short")
    starts = torch.randint(0, N - context, (batch_size,), generator=generator).tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = torch.stack([data[s + 1 : s + 1 + context] for s in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = []
    for p in params:
        if p.grad is None:
            break
        grads.append(p.grad)
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return norm


# %% wrong: the norm returned is scaled with the gradients | hint: before
def get_batch(data, batch_size, context, generator=None):
    N = len(data)
    if N <= context:
        raise ValueError("too short")
    starts = torch.randint(0, N - context, (batch_size,), generator=generator).tolist()
    x = torch.stack([data[s : s + context] for s in starts])
    y = torch.stack([data[s + 1 : s + 1 + context] for s in starts])
    return x, y


def param_groups(model, weight_decay):
    decay, free = [], []
    for p in model.parameters():
        if not p.requires_grad:
            continue
        (decay if p.dim() >= 2 else free).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]


def cosine_lr(step, max_lr, min_lr, warmup, total):
    if step < warmup:
        return max_lr * step / warmup
    if step >= total:
        return min_lr
    progress = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * 0.5 * (1 + math.cos(math.pi * progress))


def clip_grad_norm(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return 0.0
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    return torch.sqrt(sum((g**2).sum() for g in grads))
