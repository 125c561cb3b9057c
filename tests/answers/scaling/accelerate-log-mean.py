"""Answers to exercise 15, accelerate-log-mean: a mean over tokens of unequally many on each rank."""

# %% right: all losses gathered as objects
def fixed_log_mean(rank, world_size, losses):
    everyone = [None] * world_size
    dist.all_gather_object(everyone, losses.tolist())
    flat = [loss for own in everyone for loss in own]
    return sum(flat) / len(flat)

# %% right: two collectives
def fixed_log_mean(rank, world_size, losses):
    total, count = losses.sum(), torch.tensor(len(losses))
    dist.all_reduce(total)
    dist.all_reduce(count)
    return total.item() / count.item()

# %% right: one message, in float64
def fixed_log_mean(rank, world_size, losses):
    both = torch.tensor([losses.double().sum(), losses.shape[0]], dtype=torch.float64)
    dist.all_reduce(both, op=dist.ReduceOp.SUM)
    total, count = both.tolist()
    return total / count

# %% wrong: broken_log_mean itself | hint: 3 times
def fixed_log_mean(rank, world_size, losses):
    """The mean loss of all ranks' tokens."""
    mean = losses.mean()
    dist.all_reduce(mean)
    return mean.item() / world_size

# %% wrong: the rank's own mean
def fixed_log_mean(rank, world_size, losses):
    return losses.mean().item()

# %% wrong: means weighted by tokens: nan where there are none | hint: nan
def fixed_log_mean(rank, world_size, losses):
    both = torch.stack([losses.mean() * len(losses), losses.new_tensor(len(losses))])
    dist.all_reduce(both)
    return (both[0] / both[1]).item()

# %% wrong: the sum by the rank's own number of tokens
def fixed_log_mean(rank, world_size, losses):
    total = losses.sum()
    dist.all_reduce(total)
    return total.item() / max(1, len(losses) * world_size)

# %% wrong: a rank without tokens counts 0, and as a rank
def fixed_log_mean(rank, world_size, losses):
    mean = losses.mean().nan_to_num(0.0)
    dist.all_reduce(mean)
    return mean.item() / world_size

# %% wrong: a rank without tokens stays away: the others wait | hint: 0 and 7
def fixed_log_mean(rank, world_size, losses):
    if len(losses) == 0:
        return 0.0
    both = torch.stack([losses.sum(), losses.new_tensor(len(losses))])
    dist.all_reduce(both)
    return (both[0] / both[1]).item()

# %% wrong: tokens counted in 8 bits | hint: 400
def fixed_log_mean(rank, world_size, losses):
    n = torch.tensor(len(losses), dtype=torch.uint8)
    dist.all_reduce(n)
    total = torch.stack([losses.sum(), torch.tensor(float(len(losses)))])
    dist.all_reduce(total)
    return (total[0] / n).item()

# %% wrong: a loss of 0 is taken for padding | hint: tokens too
def fixed_log_mean(rank, world_size, losses):
    total = torch.stack([losses.sum(), torch.tensor(float((losses != 0).sum()))])
    dist.all_reduce(total)
    return (total[0] / total[1]).item()

# %% wrong: a rank without tokens counts as one token
def fixed_log_mean(rank, world_size, losses):
    total = torch.stack([losses.sum(), torch.tensor(float(max(len(losses), 1)))])
    dist.all_reduce(total)
    return (total[0] / total[1]).item()

# %% wrong: reduced to rank 0: the others have their own sums
def fixed_log_mean(rank, world_size, losses):
    total = torch.stack([losses.sum(), torch.tensor(float(len(losses)))])
    dist.reduce(total, 0)
    return (total[0] / total[1]).item()
