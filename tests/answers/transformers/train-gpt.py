"""Answers to exercise 10, train-gpt: the training loop."""

# %% right: the plain loop, gradients cleared at the end of each step, train mode, enumerate
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    model.train()
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=0.0, betas=(0.9, 0.95), fused=False)
    history = []
    model.zero_grad()
    for i, s in enumerate(range(1, steps + 1)):
        x, y = get_batch(data, batch_size, model.config.context, generator=generator)
        loss = model(x, y)[1]
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        rate = cosine_lr(s, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad()
        history += [float(loss)]
        if on_step is not None:
            on_step(i, float(loss))
    return history

# %% right: PyTorch's own parts: LambdaLR, clip_grad_norm_, the loss from the logits
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    groups = [
        {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: cosine_lr(i + 1, max_lr, min_lr, warmup, steps))
    losses = torch.zeros(steps, dtype=torch.float64)
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits = model(x)[0]
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        schedule.step()
        losses[i] = loss.detach()
        on_step is None or on_step(i, losses[i].item())
    return losses.tolist()

# %% right: AdamW by hand, gradients by torch.autograd.grad
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    params = [p for p in model.parameters() if p.requires_grad]
    m, v, losses = [torch.zeros_like(p) for p in params], [torch.zeros_like(p) for p in params], []
    for i in range(steps):
        lr = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        loss = model(*get_batch(data, batch_size, model.config.context, generator))[1]
        grads = torch.autograd.grad(loss, params)
        norm = torch.sqrt(sum((g**2).sum() for g in grads))
        scale = min(1.0, clip / (norm.item() + 1e-6))
        with torch.no_grad():
            for p, g, mean, square in zip(params, grads, m, v):
                g = g * scale
                p.mul_(1 - lr * (weight_decay if p.dim() >= 2 else 0.0))
                mean.mul_(0.9).add_(g, alpha=0.1)
                square.mul_(0.95).addcmul_(g, g, value=0.05)
                root = (square / (1 - 0.95 ** (i + 1))).sqrt() + 1e-8
                p.sub_(lr * mean / (1 - 0.9 ** (i + 1)) / root)
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses

# %% right: an optimizer for each group, while in place of for
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizers = [torch.optim.AdamW([group], betas=(0.9, 0.95)) for group in param_groups(model, weight_decay)]
    losses, parameters = [], list(model.parameters())
    while len(losses) < steps:
        i = len(losses)
        for p in parameters:
            p.grad = None
        _, loss = model(*get_batch(data, batch_size, model.config.context, generator))
        loss.backward()
        clip_grad_norm(iter(parameters), clip)
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
            optimizer.step()
        losses.append(loss.detach().item())
        if callable(on_step):
            on_step(i, losses[i])
    return losses


# %% right: closure, all batches drawn before, groups by hand
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    def step_once(opt, x, y):
        def closure():
            opt.zero_grad()
            loss = model(x, y)[1]
            loss.backward()
            clip_grad_norm(list(model.parameters()), clip)
            return loss

        return opt.step(closure).item()

    batches = [get_batch(data, batch_size, model.config.context, generator) for _ in range(steps)]
    matrices = [p for p in model.parameters() if p.requires_grad and p.dim() > 1]
    vectors = [p for p in model.parameters() if p.requires_grad and p.dim() <= 1]
    opt = torch.optim.AdamW(
        [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}], betas=(0.9, 0.95), weight_decay=weight_decay
    )
    rates = [cosine_lr(i, max_lr, min_lr, warmup, steps) for i in range(1, steps + 1)]
    out = []
    for i, ((x, y), lr) in enumerate(zip(batches, rates)):
        for g in opt.param_groups:
            g.update(lr=lr)
        out.append(step_once(opt, x, y))
        (on_step or (lambda *a: None))(i, out[-1])
    return out


# %% right: AdamW by hand in float64 moments
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    groups = param_groups(model, weight_decay)
    moments = {}
    losses = []
    for t in range(1, steps + 1):
        lr = cosine_lr(t, max_lr, min_lr, warmup, steps)
        x, y = get_batch(data, batch_size, model.config.context, generator)
        for p in model.parameters():
            p.grad = None
        _, loss = model(x, y)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        with torch.no_grad():
            for group in groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    g = p.grad.double()
                    m, v = moments.get(id(p), (torch.zeros_like(g), torch.zeros_like(g)))
                    m, v = 0.9 * m + 0.1 * g, 0.95 * v + 0.05 * g * g
                    moments[id(p)] = m, v
                    step = (m / (1 - 0.9**t)) / ((v / (1 - 0.95**t)).sqrt() + 1e-8)
                    p.mul_(1 - lr * group["weight_decay"]).sub_((lr * step).to(p.dtype))
        losses.append(loss.detach().item())
        if on_step is not None:
            on_step(t - 1, losses[-1])
    return losses


# %% wrong: gradients never cleared | hint: fresh gradients
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: gradients cleared between backward and the step | hint: fresh gradients
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        loss.backward()
        for p in model.parameters():
            p.grad = torch.zeros_like(p.grad)
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: no step | hint: backward
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: a new AdamW at every step | hint: one AdamW
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    groups = param_groups(model, weight_decay)
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: AdamW's own betas | hint: betas
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr)
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: plain SGD | hint: AdamW
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.SGD(param_groups(model, weight_decay), lr=max_lr)
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: Adam with its decay in the gradient | hint: decay
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.Adam(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: one rate for all steps | hint: rate
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = max_lr
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: the rate counted from 0: the first step moves nothing | hint: rate
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: the rate one step ahead | hint: rate
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 2, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: only the first group gets the rate | hint: both groups
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        optimizer.param_groups[0]["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: the rate set after the step | hint: rate
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        for group in optimizer.param_groups:
            group["lr"] = lr
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: optimizer.lr, which nobody reads | hint: rate
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        optimizer.lr = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: a fixed total of 2,000 steps | hint: total=steps
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, 2000)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: total without the warm-up | hint: total=steps
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps + warmup)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: min_lr left at its default | hint: Six steps
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, 1e-4, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: warm-up left at its default | hint: Six steps
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, 100, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: no clipping | hint: clipped
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: clipped before backward | hint: clipped
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        clip_grad_norm(model.parameters(), clip)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: clipped after the step | hint: clipped
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        clip_grad_norm(model.parameters(), clip)
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: clipped at 1 whatever is asked
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: each parameter clipped by itself | hint: clipped
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for p in model.parameters():
            clip_grad_norm([p], clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: the loss is clipped
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.clamp(max=clip).backward()
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: no decay | hint: decay
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, 0.0), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: decay of vectors too | hint: decay
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(model.parameters(), lr=max_lr, weight_decay=weight_decay, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: AdamW's own decay of 0.01
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(model.parameters(), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: a decay of 0.1 whatever is asked
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, 0.1), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: on_step never called | hint: on_step
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong: on_step counts from 1 | hint: from 0
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step + 1, loss.item())
    return losses

# %% wrong: on_step before the parameters move | hint: moved
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        if on_step:
            on_step(step, loss.item())
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% wrong: on_step once, at the end | hint: on_step
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
    if on_step:
        on_step(step, loss.item())
    return losses

# %% wrong: on_step gets the mean of the losses so far | hint: on_step
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, sum(losses) / len(losses))
    return losses

# %% wrong: on_step called though it is None | hint: fresh gradients
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        on_step(step, loss.item())
    return losses

# %% wrong: the losses are tensors | hint: numbers
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.detach())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: the losses keep their graphs | hint: numbers
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss)
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: the last loss alone | hint: fresh gradients
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses[-1] if losses else 0.0

# %% wrong: nothing returned | hint: return
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())

# %% wrong: running means in place of losses | hint: fresh gradients
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append((sum(losses) + loss.item()) / (len(losses) + 1))
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: the loss after the step | hint: fresh gradients
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(model(x, y)[1].item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: one step too few | hint: fresh gradients
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps - 1):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: one batch for all steps | hint: new batch
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    x, y = get_batch(data, batch_size, model.config.context, generator)
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: a generator of its own at each step | hint: new batch
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, torch.Generator().manual_seed(0))
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: generator not passed on | hint: generator
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: batch_size not passed on | hint: batch_size
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, 12, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: context is the batch size and the other way round
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, model.config.context, batch_size, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: a context one too short
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context - 1, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: the inputs are the targets
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, x)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: always the first window | hint: new batch
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = (t[None].expand(batch_size, -1) for t in (data[: model.config.context], data[1 : model.config.context + 1]))
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: stops at a plateau
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if len(losses) > 2 and losses[-1] > losses[-2]:
            break
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: trains a copy of the model
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    import copy

    model = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        lr = cosine_lr(step + 1, max_lr, min_lr, warmup, steps)
        for group in optimizer.param_groups:
            group["lr"] = lr
        x, y = get_batch(data, batch_size, model.config.context, generator)
        logits, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses

# %% wrong: zeros for losses, nothing trained
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    return [0.0] * steps


# %% wrong: generator not passed on, the global seed set | hint: two seeds
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    torch.manual_seed(0)
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses


# %% wrong: the global seed set from the generator's | hint: two seeds
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    torch.manual_seed(generator.initial_seed() if generator else 0)
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses


# %% wrong: the generator is copied: each run alike | hint: go on
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    if generator is not None:
        generator = torch.Generator().manual_seed(generator.initial_seed())
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context, generator)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses


# %% wrong: windows one after another, none at random | hint: two seeds
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for i in range(steps):
        C = model.config.context
        at = (i * batch_size + torch.arange(batch_size))[:, None] * C % (len(data) - C) + torch.arange(C)
        x, y = data[at], data[at + 1]
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses


# %% wrong: a fixed generator where none is given: equal runs | hint: without a generator
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    if generator is None:
        generator = torch.Generator().manual_seed(0)
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context, generator)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses


# %% wrong: data comes back reversed | hint: changed
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context, generator)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    data.copy_(data.flip(0))
    return losses


# %% wrong: generator used for the first batch only | hint: new batch
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context, generator if i == 0 else None)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses


# %% wrong: betas 0.9, 0.999 in the second group | hint: betas
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    adam.param_groups[1]["betas"] = (0.9, 0.999)
    losses = []
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context, generator)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses


# %% wrong: each group clipped by itself | hint: clipped
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, weight_decay), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context, generator)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1]
        adam.zero_grad()
        loss.backward()
        [clip_grad_norm(g["params"], clip) for g in adam.param_groups]
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses


# %% wrong: L2 in the loss instead of decay | hint: decay
def train_gpt(
    model,
    data,
    steps,
    batch_size=12,
    max_lr=1e-3,
    min_lr=1e-4,
    warmup=100,
    weight_decay=0.1,
    clip=1.0,
    generator=None,
    on_step=None,
):
    adam = torch.optim.AdamW(param_groups(model, 0.0), lr=max_lr, betas=(0.9, 0.95))
    losses = []
    for i in range(steps):
        x, y = get_batch(data, batch_size, model.config.context, generator)
        rate = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        for group in adam.param_groups:
            group["lr"] = rate
        loss = model(x, y)[1] + weight_decay / 2 * sum((p**2).sum() for p in model.parameters() if p.dim() > 1)
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        adam.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses
