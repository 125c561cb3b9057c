"""Answers to exercise 15, accelerate-no-sync: gradients sent once."""

# %% right: nullcontext for the last
def fixed_no_sync(rank, world_size, module, micro_batches):
    from contextlib import nullcontext
    model = nn.parallel.DistributedDataParallel(module)
    for i, (x, y) in enumerate(micro_batches):
        with nullcontext() if i == len(micro_batches) - 1 else model.no_sync():
            loss = F.mse_loss(model(x), y) / len(micro_batches)
            loss.backward()
    return [p.grad for p in model.parameters()]

# %% right: without DistributedDataParallel: one flat all_reduce
def fixed_no_sync(rank, world_size, module, micro_batches):
    for x, y in micro_batches:
        (F.mse_loss(module(x), y) / len(micro_batches)).backward()
    flat = nn.utils.parameters_to_vector([p.grad for p in module.parameters()])
    dist.all_reduce(flat)
    flat, found = flat / world_size, []
    for p in module.parameters():
        found.append(flat[: p.numel()].view_as(p))
        flat = flat[p.numel() :]
    return found

# %% right: all micro-batches in one
def fixed_no_sync(rank, world_size, module, micro_batches):
    x, y = (torch.cat([one[i] for one in micro_batches]) for i in (0, 1))
    model = nn.parallel.DistributedDataParallel(module)
    F.mse_loss(model(x), y).backward()
    return [p.grad for p in module.parameters()]

# %% right: no_sync round the forward pass: what it was there counts
def fixed_no_sync(rank, world_size, module, micro_batches):
    model = nn.parallel.DistributedDataParallel(module)
    n = len(micro_batches)
    for x, y in micro_batches[:-1]:
        with model.no_sync():
            loss = F.mse_loss(model(x), y) / n
        loss.backward()
    x, y = micro_batches[-1]
    (F.mse_loss(model(x), y) / n).backward()
    return [p.grad for p in module.parameters()]

# %% right: autograd.grad of the mean, one flat vector
def fixed_no_sync(rank, world_size, module, micro_batches):
    params = list(module.parameters())
    loss = torch.stack([F.mse_loss(module(x), y) for x, y in micro_batches]).mean()
    flat = nn.utils.parameters_to_vector(torch.autograd.grad(loss, params))
    dist.all_reduce(flat)
    nn.utils.vector_to_parameters(flat / world_size, out := [torch.empty_like(p) for p in params])
    return out

# %% wrong: broken_no_sync itself | hint: no_sync()
def fixed_no_sync(rank, world_size, module, micro_batches):
    """The gradients of the mean loss of all ranks' micro-batches."""
    model = nn.parallel.DistributedDataParallel(module)
    for x, y in micro_batches:
        (F.mse_loss(model(x), y) / len(micro_batches)).backward()
    return [p.grad for p in module.parameters()]

# %% wrong: never sent
def fixed_no_sync(rank, world_size, module, micro_batches):
    model = nn.parallel.DistributedDataParallel(module)
    with model.no_sync():
        for x, y in micro_batches:
            (F.mse_loss(model(x), y) / len(micro_batches)).backward()
    return [p.grad for p in module.parameters()]

# %% wrong: the forward pass outside no_sync | hint: forward
def fixed_no_sync(rank, world_size, module, micro_batches):
    model = nn.parallel.DistributedDataParallel(module)
    for i, (x, y) in enumerate(micro_batches):
        loss = F.mse_loss(model(x), y) / len(micro_batches)
        if i < len(micro_batches) - 1:
            with model.no_sync():
                loss.backward()
        else:
            loss.backward()
    return [p.grad for p in module.parameters()]

# %% wrong: losses not divided | hint: 1/4
def fixed_no_sync(rank, world_size, module, micro_batches):
    model = nn.parallel.DistributedDataParallel(module)
    with model.no_sync():
        for x, y in micro_batches[:-1]:
            F.mse_loss(model(x), y).backward()
    x, y = micro_batches[-1]
    F.mse_loss(model(x), y).backward()
    return [p.grad for p in module.parameters()]

# %% wrong: the last micro-batch alone
def fixed_no_sync(rank, world_size, module, micro_batches):
    model = nn.parallel.DistributedDataParallel(module)
    x, y = micro_batches[-1]
    F.mse_loss(model(x), y).backward()
    return [p.grad for p in module.parameters()]

# %% wrong: an all_reduce for each parameter | hint: all_reduce
def fixed_no_sync(rank, world_size, module, micro_batches):
    for x, y in micro_batches:
        (F.mse_loss(module(x), y) / len(micro_batches)).backward()
    for p in module.parameters():
        dist.all_reduce(p.grad)
    return [p.grad / world_size for p in module.parameters()]

# %% wrong: pops the last micro-batch off the caller's list | hint: as it was
def fixed_no_sync(rank, world_size, module, micro_batches):
    model = nn.parallel.DistributedDataParallel(module)
    n = len(micro_batches)
    with model.no_sync():
        for x, y in micro_batches[:-1]:
            (F.mse_loss(model(x), y) / n).backward()
    x, y = micro_batches.pop()
    (F.mse_loss(model(x), y) / n).backward()
    return [p.grad for p in module.parameters()]

# %% wrong: needs two micro-batches
def fixed_no_sync(rank, world_size, module, micro_batches):
    model = nn.parallel.DistributedDataParallel(module)
    n = len(micro_batches)
    first, second = micro_batches[:2]
    with model.no_sync():
        for x, y in micro_batches[:-1]:
            (F.mse_loss(model(x), y) / n).backward()
    x, y = micro_batches[-1]
    (F.mse_loss(model(x), y) / n).backward()
    return [p.grad for p in module.parameters()]

# %% wrong: the ranks' sum
def fixed_no_sync(rank, world_size, module, micro_batches):
    for x, y in micro_batches:
        (F.mse_loss(module(x), y) / len(micro_batches)).backward()
    flat = torch.cat([p.grad.reshape(-1) for p in module.parameters()])
    dist.all_reduce(flat)
    return [one.view_as(p) for one, p in zip(flat.split([p.numel() for p in module.parameters()]), module.parameters())]

# %% wrong: divided by four, always
def fixed_no_sync(rank, world_size, module, micro_batches):
    model = nn.parallel.DistributedDataParallel(module)
    n = 4
    with model.no_sync():
        for x, y in micro_batches[:-1]:
            (F.mse_loss(model(x), y) / n).backward()
    x, y = micro_batches[-1]
    (F.mse_loss(model(x), y) / n).backward()
    return [p.grad for p in module.parameters()]
