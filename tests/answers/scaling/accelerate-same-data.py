"""Answers to exercise 15, accelerate-same-data: each rank its own part of the data."""

# %% right: PyTorch's DistributedSampler in a DataLoader
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    sampler = DistributedSampler(range(n_examples), world_size, rank, shuffle=True, seed=seed)
    return [batch.tolist() for batch in DataLoader(range(n_examples), batch_size, sampler=sampler)]

# %% right: rank 0 shuffles and tells the others; neighbouring places; tensors
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    torch.manual_seed(seed)
    order = torch.randperm(n_examples)
    dist.broadcast(order, src=0)
    return list(order.chunk(world_size)[rank].split(batch_size))

# %% right: NumPy's order, a stretch of it for each
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(n_examples)
    share = n_examples // world_size
    mine = order[rank * share : (rank + 1) * share]
    return [mine[i : i + batch_size].tolist() for i in range(0, share, batch_size)]

# %% wrong: broken_same_data itself | hint: part of its own
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    """This rank's batches of one epoch: lists of places in the data."""
    order = torch.randperm(n_examples, generator=torch.Generator().manual_seed(seed)).tolist()
    return [order[i : i + batch_size] for i in range(0, n_examples, batch_size)]

# %% wrong: each rank shuffles by a seed of its own, then takes its part
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    order = torch.randperm(n_examples, generator=torch.Generator().manual_seed(seed + rank))[rank::world_size].tolist()
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

# %% wrong: not shuffled | hint: seed
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    order = list(range(rank, n_examples, world_size))
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

# %% wrong: every n-th batch of the joint list: ranks may have unequally many
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    order = torch.randperm(n_examples, generator=torch.Generator().manual_seed(seed)).tolist()
    return [order[i : i + batch_size] for i in range(0, n_examples, batch_size)][rank::world_size]

# %% wrong: the short last batch is dropped | hint: short
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    order = torch.randperm(n_examples, generator=torch.Generator().manual_seed(seed))[rank::world_size].tolist()
    return [order[i : i + batch_size] for i in range(0, len(order) - batch_size + 1, batch_size)]

# %% wrong: every n-th place, in no order but that | hint: seed
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    order = [place * world_size + rank for place in range(n_examples // world_size)]
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

# %% wrong: seed 0, whatever is asked | hint: seed
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    order = torch.randperm(n_examples, generator=torch.Generator().manual_seed(0)).tolist()[rank::world_size]
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

# %% wrong: drawn with replacement
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    order = torch.randint(n_examples, (n_examples,), generator=torch.Generator().manual_seed(seed)).tolist()[rank::world_size]
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

# %% wrong: the last batch filled up with places read before | hint: once
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    order = torch.randperm(n_examples, generator=torch.Generator().manual_seed(seed)).tolist()[rank::world_size]
    order += order[: -len(order) % batch_size]
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
