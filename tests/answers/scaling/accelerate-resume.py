"""Answers to exercise 15, accelerate-resume: the sampler resumed: epoch and place."""

# %% right: the order by hand
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    generator = torch.Generator().manual_seed(checkpoint["seed"] + checkpoint["epoch"])
    mine = examples[torch.randperm(len(examples), generator=generator)][rank::world_size]
    return list(mine.split(batch_size))[checkpoint["step"] :]

# %% right: batches read and thrown away
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, num_replicas=world_size, rank=rank, shuffle=True, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    loader = DataLoader(examples, batch_size=batch_size, sampler=sampler)
    return [batch for i, batch in enumerate(loader) if i >= checkpoint["step"]]

# %% right: Accelerate's skip_first_batches
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    from accelerate import skip_first_batches
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    return list(skip_first_batches(DataLoader(examples, batch_size, sampler=sampler), checkpoint["step"]))

# %% right: places left out, not batches
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, shuffle=True, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    places = list(sampler)[checkpoint["step"] * batch_size :]
    return [examples[places[i : i + batch_size]] for i in range(0, len(places), batch_size)]

# %% wrong: broken_resume itself | hint: set_epoch
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    """The batches that this rank has still to read in the epoch in which it stopped."""
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    return list(DataLoader(examples, batch_size, sampler=sampler))

# %% wrong: the place without the epoch | hint: set_epoch
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    return list(DataLoader(examples, batch_size, sampler=sampler))[checkpoint["step"] :]

# %% wrong: the epoch without the place | hint: already read
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    return list(DataLoader(examples, batch_size, sampler=sampler))

# %% wrong: one batch too many is left out
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    return list(DataLoader(examples, batch_size, sampler=sampler))[checkpoint["step"] + 1 :]

# %% wrong: step counts examples, not batches
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    mine = examples[list(sampler)]
    return list(mine[checkpoint["step"] :].split(batch_size))

# %% wrong: the seed is forgotten | hint: seed
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank)
    sampler.set_epoch(checkpoint["epoch"])
    return list(DataLoader(examples, batch_size, sampler=sampler))[checkpoint["step"] :]

# %% wrong: takes the step out of the checkpoint
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    return list(DataLoader(examples, batch_size, sampler=sampler))[checkpoint.pop("step"):]

# %% wrong: counts on in the caller's checkpoint | hint: as it was
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    checkpoint["step"] += 1
    sampler.set_epoch(checkpoint["epoch"])
    return list(DataLoader(examples, batch_size, sampler=sampler))[checkpoint["step"] - 1:]

# %% wrong: begins the epoch anew where no batch is left | hint: none is left
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    return list(DataLoader(examples, batch_size, sampler=sampler))[checkpoint["step"]:] or list(DataLoader(examples, batch_size, sampler=sampler))

# %% wrong: the last, short batch is dropped
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    sampler.set_epoch(checkpoint["epoch"])
    return list(DataLoader(examples, batch_size, sampler=sampler, drop_last=True))[checkpoint["step"]:]

# %% wrong: an empty batch where none is left | hint: none is left
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    generator = torch.Generator().manual_seed(checkpoint["seed"] + checkpoint["epoch"])
    mine = examples[torch.randperm(len(examples), generator=generator)][rank::world_size]
    return list(mine[checkpoint["step"] * batch_size :].split(batch_size))
