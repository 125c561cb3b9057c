"""Answers to exercise 10, ring: the sum of all ranks' tensors, chunk by chunk round a ring."""

# %% right: two loops over the rows of a matrix, the numbers padded with zeros
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    flat = x.flatten()
    width = math.ceil(flat.numel() / n)
    table = F.pad(flat, (0, n * width - flat.numel())).clone().view(n, width)
    for step in range(n - 1):
        send(table[(rank - step) % n], right)
        table[(rank - step - 1) % n] += recv(table[0], left)
    for step in range(n - 1):
        send(table[(rank + 1 - step) % n], right)
        table[(rank - step) % n] = recv(table[0], left)
    return table.flatten()[: flat.numel()].view(x.shape)

# %% right: another chunk first, the sum travels as a letter, a dictionary of complete chunks
def ring_all_reduce(x, rank, world_size, send, recv):
    bounds = [len(x.flatten()) * i // world_size for i in range(world_size + 1)]
    parts = [x.reshape(-1)[a:b] for a, b in zip(bounds, bounds[1:])]
    place = rank - 1  # so that rank r ends up with chunk r
    letter = parts[place % world_size]
    for _ in range(world_size - 1):
        send(letter, (rank + 1) % world_size)
        place -= 1
        letter = parts[place % world_size] + recv(parts[place % world_size], (rank - 1) % world_size)
    done = {place % world_size: letter}
    for _ in range(world_size - 1):
        send(letter, (rank + 1) % world_size)
        place -= 1
        letter = done[place % world_size] = recv(parts[place % world_size], (rank - 1) % world_size)
    return torch.cat([done[i] for i in range(world_size)]).reshape(x.shape)

# %% right: a copy of x written in place, by recursion
def ring_all_reduce(x, rank, world_size, send, recv):
    out = x.clone(memory_format=torch.contiguous_format)
    chunks = out.view(-1).tensor_split(world_size)

    def go(step):
        if step == 2 * (world_size - 1):
            return out
        here, there = chunks[(rank - step) % world_size], chunks[(rank - step - 1) % world_size]
        send(here, (rank + 1) % world_size)
        got = recv(there, (rank - 1) % world_size)
        there.copy_(there + got if step + 1 < world_size else got)
        return go(step + 1)

    return go(0)

# %% right: empty chunks are not sent
def ring_all_reduce(x, rank, world_size, send, recv):
    flat = x.detach().reshape(-1).clone()
    size = -(-flat.numel() // world_size)
    cuts = [slice(min(i * size, len(flat)), min((i + 1) * size, len(flat))) for i in range(world_size)]
    for step in range(2 * (world_size - 1)):
        out, into = cuts[(rank - step) % world_size], cuts[(rank - step - 1) % world_size]
        if out.start < out.stop:
            send(flat[out], (rank + 1) % world_size)
        if into.start < into.stop:
            letter = recv(flat[into], (rank - 1) % world_size)
            flat[into] = letter if step >= world_size - 1 else flat[into] + letter
    return flat.view(x.shape)

# %% wrong: all to one | hint: letters
def ring_all_reduce(x, rank, world_size, send, recv):
    if rank:
        send(x, 0)
        return recv(x, 0)
    total = x.clone()
    for other in range(1, world_size):
        total += recv(x, other)
    for other in range(1, world_size):
        send(total, other)
    return total

# %% wrong: the whole tensor round the ring | hint: numbers
def ring_all_reduce(x, rank, world_size, send, recv):
    total, letter = x.clone(), x
    for _ in range(world_size - 1):
        send(letter, (rank + 1) % world_size)
        letter = recv(x, (rank - 1) % world_size)
        total = total + letter
    return total

# %% wrong: chunks, but the ring goes to the left | hint: rank + 1
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(2 * (world_size - 1)):
        out, into = (rank + step) % world_size, (rank + step + 1) % world_size
        send(chunks[out], (rank - 1) % world_size)
        letter = recv(chunks[into], (rank + 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size - 1 else letter
    return torch.cat(chunks).view(x.shape)

# %% wrong: no all-gather | hint: come back
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(world_size - 1):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        chunks[into] = chunks[into] + recv(chunks[into], (rank - 1) % world_size)
    return torch.cat(chunks).view(x.shape)

# %% wrong: n steps of adding, one too many | hint: once
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(2 * world_size - 1):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size else letter
    return torch.cat(chunks).view(x.shape)

# %% wrong: adds in the second half too | hint: once
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        chunks[into] = chunks[into] + recv(chunks[into], (rank - 1) % world_size)
    return torch.cat(chunks).view(x.shape)

# %% wrong: writes into x | hint: changed
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = x.reshape(-1).tensor_split(world_size)
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        if step < world_size - 1:
            chunks[into].add_(letter)
        else:
            chunks[into].copy_(letter)
    return torch.cat(chunks).view(x.shape)

# %% wrong: torch.chunk gives fewer chunks than ranks | hint: does not divide
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().chunk(world_size))
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size - 1 else letter
    return torch.cat(chunks).view(x.shape)

# %% wrong: the remainder is left out | hint: does not divide
def ring_all_reduce(x, rank, world_size, send, recv):
    flat, size = x.flatten().clone(), x.numel() // world_size
    chunks = [flat[i * size : (i + 1) * size] for i in range(world_size)]
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        chunks[into].copy_(letter + chunks[into] if step < world_size - 1 else letter)
    return flat.view(x.shape)

# %% wrong: the last chunk takes all of the remainder | hint: rounded up
def ring_all_reduce(x, rank, world_size, send, recv):
    flat, size = x.flatten(), x.numel() // world_size
    chunks = list(flat.split([size] * (world_size - 1) + [flat.numel() - size * (world_size - 1)]))
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size - 1 else letter
    return torch.cat(chunks).view(x.shape)

# %% wrong: receives before it sends: all wait | hint: then receive
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        letter = recv(chunks[into], (rank - 1) % world_size)
        send(chunks[out], (rank + 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size - 1 else letter
    return torch.cat(chunks).view(x.shape)

# %% wrong: rank 0 first, the others wait for it | hint: same time
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        if rank == 0:
            send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        if rank != 0:
            send(chunks[out], (rank + 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size - 1 else letter
    return torch.cat(chunks).view(x.shape)

# %% wrong: torch does it | hint: letters
def ring_all_reduce(x, rank, world_size, send, recv):
    total = x.clone(memory_format=torch.contiguous_format)
    dist.all_reduce(total)
    return total

# %% wrong: the mean | hint: 111
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size - 1 else letter
    return torch.cat(chunks).view(x.shape) / world_size

# %% wrong: returns flat numbers | hint: shapes
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size - 1 else letter
    return torch.cat(chunks)

# %% wrong: a rank alone writes to itself | hint: n = 1
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks, steps = list(x.flatten().tensor_split(world_size)), max(1, world_size - 1)
    for step in range(2 * steps):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        chunks[into] = letter + chunks[into] if step < steps else letter
    return torch.cat(chunks).view(x.shape)

# %% wrong: x comes back | hint: once
def ring_all_reduce(x, rank, world_size, send, recv):
    return x.clone()

# %% wrong: complete chunks are sent by their owner to each rank | hint: rank + 1
def ring_all_reduce(x, rank, world_size, send, recv):
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(world_size - 1):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        chunks[into] = chunks[into] + recv(chunks[into], (rank - 1) % world_size)
    for other in range(world_size):
        if other != rank:
            send(chunks[(rank + 1) % world_size], other)
    for other in range(world_size):
        if other != rank:
            chunks[(other + 1) % world_size] = recv(chunks[(other + 1) % world_size], other)
    return torch.cat(chunks).view(x.shape)

# %% right: chunks of indices dealt in turn
def ring_all_reduce(x, rank, world_size, send, recv):
    n, flat = world_size, x.reshape(-1).clone()
    right, left = (rank + 1) % n, (rank - 1) % n
    for s in range(2 * (n - 1)):
        send(flat[(rank - s) % n :: n], right)
        slot = flat[(rank - s - 1) % n :: n]
        got = recv(slot, left)
        if s < n - 1:
            slot += got
        else:
            slot[:] = got
    return flat.reshape(x.shape)

# %% right: slices by rounding up: the last chunks small or empty
def ring_all_reduce(x, rank, world_size, send, recv):
    flat = x.detach().clone().contiguous().view(-1)
    size = math.ceil(flat.numel() / world_size)
    part = lambda i: flat[(i % world_size) * size : (i % world_size + 1) * size]
    to, source = (rank + 1) % world_size, (rank - 1) % world_size
    for s in range(world_size - 1):
        send(part(rank - s), to)
        part(rank - s - 1).add_(recv(part(rank - s - 1), source))
    for s in range(world_size - 1):
        send(part(rank - s + 1), to)
        part(rank - s).copy_(recv(part(rank - s), source))
    return flat.view(x.shape)

# %% wrong: a chain: rank 0 begins, the others wait
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    if n == 1:
        return x.clone()
    total = x.clone() if rank == 0 else x + recv(x, left)
    send(total, right)
    if rank == 0:
        total = recv(x, left)
    else:
        total = recv(x, left)
    if rank != n - 1:
        send(total, right)
    return total

# %% wrong: rings chunk by chunk, one after another | hint: same time
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    chunks = list(x.flatten().clone().tensor_split(n))
    for c in range(n):
        first = c
        if rank != first:
            chunks[c] = chunks[c] + recv(chunks[c], left)
        if (rank + 1) % n != first:
            send(chunks[c], right)
    for c in range(n):
        last = (c - 1) % n
        if rank != last:
            chunks[c] = recv(chunks[c], left)
        if (rank + 1) % n != last:
            send(chunks[c], right)
    return torch.cat(chunks).view(x.shape)

# %% wrong: even ranks send first, odd ones receive first | hint: same time
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    chunks = list(x.flatten().clone().tensor_split(n))
    for s in range(2 * (n - 1)):
        out, into = (rank - s) % n, (rank - s - 1) % n
        if rank % 2 == 0: send(chunks[out], right)
        got = recv(chunks[into], left)
        if rank % 2: send(chunks[out], right)
        chunks[into] = chunks[into] + got if s < n - 1 else got
    return torch.cat(chunks).view(x.shape)

# %% wrong: each letter in two halves | hint: letters
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    chunks = list(x.flatten().clone().tensor_split(n))
    for s in range(2 * (n - 1)):
        out, into = (rank - s) % n, (rank - s - 1) % n
        for half in chunks[out].tensor_split(2): send(half, right)
        got = torch.cat([recv(half, left) for half in chunks[into].tensor_split(2)])
        chunks[into] = chunks[into] + got if s < n - 1 else got
    return torch.cat(chunks).view(x.shape)

# %% wrong: a barrier at each step | hint: nothing else
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    chunks = list(x.flatten().clone().tensor_split(n))
    for s in range(2 * (n - 1)):
        out, into = (rank - s) % n, (rank - s - 1) % n
        dist.barrier()
        send(chunks[out], right)
        got = recv(chunks[into], left)
        chunks[into] = chunks[into] + got if s < n - 1 else got
    return torch.cat(chunks).view(x.shape)

# %% wrong: dist.isend and dist.recv, not the send and recv given | hint: letters
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    chunks = list(x.flatten().clone().tensor_split(n))
    for s in range(2 * (n - 1)):
        out, into = (rank - s) % n, (rank - s - 1) % n
        work = dist.isend(chunks[out].contiguous(), right)
        got = torch.empty_like(chunks[into])
        dist.recv(got, left)
        work.wait()
        chunks[into] = chunks[into] + got if s < n - 1 else got
    return torch.cat(chunks).view(x.shape)

# %% wrong: cut along the first dimension
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    chunks = list(x.clone().tensor_split(n))
    for s in range(2 * (n - 1)):
        out, into = (rank - s) % n, (rank - s - 1) % n
        send(chunks[out], right)
        got = recv(chunks[into], left)
        chunks[into] = chunks[into] + got if s < n - 1 else got
    return torch.cat(chunks).view(x.shape)

# %% wrong: padded by n numbers whether needed or not
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    chunks = list(F.pad(x.flatten(), (0, n)).clone().tensor_split(n))
    for s in range(2 * (n - 1)):
        out, into = (rank - s) % n, (rank - s - 1) % n
        send(chunks[out], right)
        got = recv(chunks[into], left)
        chunks[into] = chunks[into] + got if s < n - 1 else got
    return torch.cat(chunks)[: x.numel()].view(x.shape)

# %% wrong: float32 inside
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = world_size, (rank + 1) % world_size, (rank - 1) % world_size
    chunks = list(x.flatten().float().clone().tensor_split(n))
    for s in range(2 * (n - 1)):
        out, into = (rank - s) % n, (rank - s - 1) % n
        send(chunks[out], right)
        got = recv(chunks[into], left)
        chunks[into] = chunks[into] + got if s < n - 1 else got
    return torch.cat(chunks).view(x.shape).to(x.dtype)

# %% wrong: three ranks hard-coded
def ring_all_reduce(x, rank, world_size, send, recv):
    n, right, left = 3, (rank + 1) % 3, (rank - 1) % 3
    chunks = list(x.flatten().clone().tensor_split(n))
    for s in range(2 * (n - 1)):
        out, into = (rank - s) % n, (rank - s - 1) % n
        send(chunks[out], right)
        got = recv(chunks[into], left)
        chunks[into] = chunks[into] + got if s < n - 1 else got
    return torch.cat(chunks).view(x.shape)
