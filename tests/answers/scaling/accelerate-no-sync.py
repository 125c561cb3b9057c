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
