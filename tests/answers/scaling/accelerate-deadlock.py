"""Answers to exercise 15, accelerate-deadlock: a collective that every rank calls."""

# %% right: all_gather, then a mean on rank 0
def fixed_deadlock(rank, world_size, loss):
    losses = [torch.zeros_like(loss) for _ in range(world_size)]
    dist.all_gather(losses, loss)
    if rank == 0:
        return torch.stack(losses).mean().item()

# %% right: reduce to rank 0
def fixed_deadlock(rank, world_size, loss):
    mean = loss / world_size
    dist.reduce(mean, dst=0)
    return mean.item() if rank == 0 else None

# %% right: each sends to rank 0
def fixed_deadlock(rank, world_size, loss):
    if rank:
        dist.send(loss, 0)
        return None
    total, other = loss.item(), torch.empty_like(loss)
    for source in range(1, world_size):
        dist.recv(other, source)
        total += other.item()
    return total / world_size

# %% wrong: broken_deadlock itself | hint: every rank
def fixed_deadlock(rank, world_size, loss):
    """The mean of the ranks' losses, which rank 0 is to print."""
    if rank == 0:
        total = loss.clone()
        dist.all_reduce(total)
        return total.item() / world_size

# %% wrong: every rank returns the mean
def fixed_deadlock(rank, world_size, loss):
    total = loss.clone()
    dist.all_reduce(total)
    return total.item() / world_size

# %% wrong: in place: the loss is lost | hint: copy
def fixed_deadlock(rank, world_size, loss):
    dist.all_reduce(loss)
    return loss.item() / world_size if rank == 0 else None

# %% wrong: no collective: rank 0 has its own loss
def fixed_deadlock(rank, world_size, loss):
    return loss.item() if rank == 0 else None

# %% wrong: rank 0 meets the others at a barrier only after its all_reduce | hint: every rank
def fixed_deadlock(rank, world_size, loss):
    if rank == 0:
        total = loss.clone()
        dist.all_reduce(total)
    dist.barrier()
    return total.item() / world_size if rank == 0 else None

# %% wrong: the sum
def fixed_deadlock(rank, world_size, loss):
    total = loss.clone()
    dist.all_reduce(total)
    return total.item() if rank == 0 else None

# %% wrong: divided by three, always | hint: world_size
def fixed_deadlock(rank, world_size, loss):
    total = loss.clone()
    dist.all_reduce(total)
    if rank == 0:
        return total.item() / 3

# %% wrong: rank 1 sends to rank 0: two ranks only
def fixed_deadlock(rank, world_size, loss):
    if rank == 1:
        dist.send(loss, 0)
    if rank == 0:
        other = torch.empty_like(loss)
        dist.recv(other, 1)
        return (loss.item() + other.item()) / 2

# %% wrong: the others do another collective | hint: every rank
def fixed_deadlock(rank, world_size, loss):
    total = loss.clone()
    if rank:
        dist.broadcast(total, 0)
    else:
        dist.all_reduce(total)
    if rank == 0:
        return total.item() / world_size
