"""Answers to exercise 12, zero: an optimizer whose state is divided among the ranks."""

# %% right: whole parameters, the largest first to whom has least; each is broadcast by its owner
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        self.owner, load = {}, [0] * dist.get_world_size()
        for p in sorted(self.params, key=lambda p: -p.numel()):
            least = load.index(min(load))
            self.owner[p] = least
            load[least] += p.numel()
        mine = [p for p in self.params if self.owner[p] == dist.get_rank()]
        self.optimizer = optimizer_class(mine, **kw) if mine else None

    def step(self):
        if self.optimizer is not None:
            self.optimizer.step()
        for p in self.params:
            dist.broadcast(p.data, self.owner[p])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% right: each parameter cut into n pieces, an optimizer of the pieces, one message for all
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n, self.rank = [*params], dist.get_world_size(), dist.get_rank()
        self.pieces = [nn.Parameter(self.cut(p.data)[self.rank].clone()) for p in self.params]
        self.optimizer = optimizer_class(self.pieces, **kw)

    def cut(self, tensor):
        size = -(-tensor.numel() // self.n)
        flat = torch.zeros(size * self.n, dtype=tensor.dtype)
        flat[: tensor.numel()] = tensor.reshape(-1)
        return flat.view(self.n, size)

    @torch.no_grad()
    def step(self):
        for p, piece in zip(self.params, self.pieces):
            piece.grad = self.cut(p.grad)[self.rank].clone()
        self.optimizer.step()
        self.optimizer.zero_grad()
        for p, piece in zip(self.params, self.pieces):
            parts = [torch.zeros_like(piece.data) for _ in range(self.n)]
            dist.all_gather(parts, piece.data)
            p.copy_(torch.stack(parts).flatten()[: p.numel()].view_as(p))

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% right: bounds on the flat vector, unequal shares, sent by adding zeros
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        total, n, rank = sum(p.numel() for p in self.params), dist.get_world_size(), dist.get_rank()
        self.begin, self.end = total * rank // n, total * (rank + 1) // n
        self.flat = torch.cat([p.detach().view(-1) for p in self.params])
        self.own = self.flat[self.begin : self.end].clone().requires_grad_()
        self.inner = optimizer_class([self.own], **kw)

    def step(self):
        grads = torch.cat([p.grad.reshape(-1) for p in self.params])
        self.own.grad = grads[self.begin : self.end]
        self.inner.step()
        whole = torch.zeros_like(self.flat)
        whole[self.begin : self.end] = self.own.detach()
        dist.all_reduce(whole)
        torch.nn.utils.vector_to_parameters(whole, self.params)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% right: whole parameters in order, cut where the sum passes a share
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, n = list(params), dist.get_world_size()
        total, before, self.owners = sum(p.numel() for p in self.params), 0, []
        for p in self.params:
            self.owners.append(before * n // total)
            before += p.numel()
        own = [p for p, owner in zip(self.params, self.owners) if owner == dist.get_rank()]
        self.optimizers = [optimizer_class([p], **kw) for p in own]

    def step(self):
        for optimizer in self.optimizers:
            optimizer.step()
        works = [dist.broadcast(p.data, owner, async_op=True) for p, owner in zip(self.params, self.owners)]
        for work in works:
            work.wait()

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: parameters dealt in turn | hint: half at most
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        mine = self.params[dist.get_rank() :: self.n]
        self.optimizer = optimizer_class(mine or [torch.zeros(1)], **kw)

    def step(self):
        self.optimizer.step()
        for i, p in enumerate(self.params):
            dist.broadcast(p.data, i % self.n)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: parameters dealt in turn, and some rank gets none | hint: fewer parameters
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        mine = sorted(self.params, key=lambda p: (p.numel(), p.shape), reverse=True)[dist.get_rank() :: self.n]
        self.optimizer = optimizer_class(mine, **kw)

    def step(self):
        self.optimizer.step()
        for i, p in enumerate(sorted(self.params, key=lambda p: (p.numel(), p.shape), reverse=True)):
            dist.broadcast(p.data, i % self.n)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: the plain optimizer on every rank | hint: half at most
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.optimizer = optimizer_class(params, **kw)

    def step(self):
        self.optimizer.step()

    def zero_grad(self):
        self.optimizer.zero_grad()

# %% wrong: rank 0 does it for all | hint: half at most
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        self.optimizer = optimizer_class(self.params, **kw)

    def step(self):
        if dist.get_rank() == 0:
            self.optimizer.step()
        for p in self.params:
            dist.broadcast(p.data, 0)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: nobody sends what it updated | hint: other ranks
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        mine = self.params[dist.get_rank() :: self.n]
        self.optimizer = optimizer_class(mine or [torch.zeros(1)], **kw)

    def step(self):
        self.optimizer.step()

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: the remainder is left out | hint: every number
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return flat[: len(flat) // self.n * self.n].chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat([*shares, torch.cat([p.detach().flatten() for p in self.params])[self.n * len(self.mine) :]]).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: optimizer_class's settings are forgotten | hint: settings
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **{key: value for key, value in kw.items() if key == 'lr'})
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: always AdamW | hint: new numbers
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = torch.optim.AdamW([self.mine], **{key: value for key, value in kw.items() if key != 'momentum'})
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: a new optimizer at each step | hint: from step to step
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.new = lambda: optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params])
        self.new().step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: gradients are summed over the ranks | hint: new numbers
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        for p in self.params: dist.all_reduce(p.grad)
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: gradients are divided by the number of ranks | hint: new numbers
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params]) / self.n
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: new tensors, not in place: the model keeps the old ones | hint: in place
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([torch.zeros_like(p) if p.grad is None else p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        self.params = [nn.Parameter(new.view_as(p)) for p, new in zip(self.params, torch.cat(shares).tensor_split(ends))]
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: the shares in the wrong order | hint: new numbers
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares[::-1]).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: zero_grad does nothing | hint: new numbers
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        pass

# %% wrong: zero_grad writes zeros | hint: None
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = torch.zeros_like(p)

# %% wrong: the generator of parameters is read twice | hint: new numbers
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n, params = list(params), dist.get_world_size(), params
        self.mine = nn.Parameter(self.share(list(params) or [torch.zeros(1)]).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: all state is kept, and a share of it used | hint: half at most
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([nn.Parameter(p.detach().clone()) for p in self.params], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
    def step(self):
        own = self.optimizer.param_groups[0]['params']
        for p, q in zip(own, self.params): p.grad = q.grad
        self.optimizer.step()
        self.mine.data = self.share(own).clone()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% right: the optimizer has all, but sees the gradients of its own alone
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params, self.n, self.rank = list(params), dist.get_world_size(), dist.get_rank()
        order = sorted(range(len(self.params)), key=lambda i: self.params[i].numel(), reverse=True)
        self.owner, loads = [0] * len(order), torch.zeros(self.n)
        for i in order:
            self.owner[i] = int(loads.argmin())
            loads[self.owner[i]] += self.params[i].numel()
        self.inner = optimizer_class(self.params, **kw)
    def step(self):
        grads = [p.grad for p in self.params]
        for p, owner in zip(self.params, self.owner):
            if owner != self.rank: p.grad = None
        self.inner.step()
        for p, g, owner in zip(self.params, grads, self.owner):
            p.grad = g
            dist.broadcast(p.data, owner)
    def zero_grad(self):
        self.inner.zero_grad(set_to_none=True)

# %% right: largest first, dealt in turn
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        n, loads = dist.get_world_size(), [0] * dist.get_world_size()
        self.owner = {}
        for i, p in enumerate(sorted(self.params, key=lambda p: -p.numel())): self.owner[p] = i % n
        mine = [p for p in self.params if self.owner[p] == dist.get_rank()]
        self.inner = optimizer_class(mine, **kw) if mine else None

    def step(self):
        if self.inner is not None:
            self.inner.step()
        for p in self.params:
            dist.broadcast(p.detach(), self.owner[p])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% right: parameters as objects: all_gather_object
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        n, loads = dist.get_world_size(), [0] * dist.get_world_size()
        self.owner = {}
        for p in sorted(self.params, key=lambda p: -p.numel()):
            best = loads.index(min(loads))
            self.owner[p] = best
            loads[best] += p.numel()
        mine = [p for p in self.params if self.owner[p] == dist.get_rank()]
        self.inner = optimizer_class(mine, **kw) if mine else None

    def step(self):
        if self.inner is not None:
            self.inner.step()
        places = [i for i, p in enumerate(self.params) if self.owner[p] == dist.get_rank()]
        news = [None] * dist.get_world_size()
        dist.all_gather_object(news, {i: self.params[i].detach().clone() for i in places})
        with torch.no_grad():
            for one in news:
                for i, value in one.items(): self.params[i].copy_(value)

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% right: p.data set to a view of one flat tensor
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        self.rank, self.n = dist.get_rank(), dist.get_world_size()
        total = sum(p.numel() for p in self.params)
        self.size = -(-total // self.n)
        self.mine = nn.Parameter(self.share([p.detach() for p in self.params]))
        self.inner = optimizer_class([self.mine], **kw)

    def share(self, tensors):
        flat = torch.cat([one.flatten() for one in tensors])
        flat = F.pad(flat, (0, self.n * self.size - len(flat)))
        return flat.view(self.n, self.size)[self.rank].clone()

    def step(self):
        self.mine.data.copy_(self.share([p.detach() for p in self.params]))
        self.mine.grad = self.share([p.grad for p in self.params])
        self.inner.step()
        parts = [torch.empty_like(self.mine.data) for _ in range(self.n)]
        dist.all_gather(parts, self.mine.detach())
        flat, place = torch.cat(parts), 0
        with torch.no_grad():
            for p in self.params:
                p.data = flat[place : place + p.numel()].view_as(p)
                place += p.numel()

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: first half of the list to rank 0, and so on | hint: 1/n
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        n, loads = dist.get_world_size(), [0] * dist.get_world_size()
        self.owner = {}
        for i, p in enumerate(self.params): self.owner[p] = i * n // len(self.params)
        mine = [p for p in self.params if self.owner[p] == dist.get_rank()]
        self.inner = optimizer_class(mine, **kw) if mine else None

    def step(self):
        if self.inner is not None:
            self.inner.step()
        for p in self.params:
            dist.broadcast(p.detach(), self.owner[p])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: whole state at each step, cut to a balanced share afterwards | hint: half at most
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        n, loads = dist.get_world_size(), [0] * dist.get_world_size()
        self.owner = {}
        for p in sorted(self.params, key=lambda p: -p.numel()):
            best = loads.index(min(loads))
            self.owner[p] = best
            loads[best] += p.numel()
        mine = [p for p in self.params if self.owner[p] == dist.get_rank()]
        self.mine = set(mine)
        self.inner = optimizer_class(self.params, **kw)

    def step(self):
        if self.inner is not None:
            self.inner.step()
            for p in self.params:
                if p not in self.mine: self.inner.state.pop(p, None)
        for p in self.params:
            dist.broadcast(p.detach(), self.owner[p])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: clears the gradients in step | hint: as they were
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        self.rank, self.n = dist.get_rank(), dist.get_world_size()
        total = sum(p.numel() for p in self.params)
        self.size = -(-total // self.n)
        self.mine = nn.Parameter(self.share([p.detach() for p in self.params]))
        self.inner = optimizer_class([self.mine], **kw)

    def share(self, tensors):
        flat = torch.cat([one.flatten() for one in tensors])
        flat = F.pad(flat, (0, self.n * self.size - len(flat)))
        return flat.view(self.n, self.size)[self.rank].clone()

    def step(self):
        self.mine.data.copy_(self.share([p.detach() for p in self.params]))
        self.mine.grad = self.share([p.grad for p in self.params])
        self.inner.step()
        parts = [torch.empty_like(self.mine.data) for _ in range(self.n)]
        dist.all_gather(parts, self.mine.detach())
        flat, place = torch.cat(parts), 0
        with torch.no_grad():
            for p in self.params:
                p.copy_(flat[place : place + p.numel()].view_as(p))
                place += p.numel()
                p.grad = None

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: the mean of all ranks' versions
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        n, loads = dist.get_world_size(), [0] * dist.get_world_size()
        self.owner = {}
        for p in sorted(self.params, key=lambda p: -p.numel()):
            best = loads.index(min(loads))
            self.owner[p] = best
            loads[best] += p.numel()
        mine = [p for p in self.params if self.owner[p] == dist.get_rank()]
        self.inner = optimizer_class(mine, **kw) if mine else None

    def step(self):
        if self.inner is not None:
            self.inner.step()
        for p in self.params:
            dist.all_reduce(p.data)
            p.data /= dist.get_world_size()

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: a rank without a share does not take part in sending
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        n, loads = dist.get_world_size(), [0] * dist.get_world_size()
        self.owner = {}
        for p in sorted(self.params, key=lambda p: -p.numel()):
            best = loads.index(min(loads))
            self.owner[p] = best
            loads[best] += p.numel()
        mine = [p for p in self.params if self.owner[p] == dist.get_rank()]
        self.inner = optimizer_class(mine, **kw) if mine else None

    def step(self):
        if self.inner is None:
            return
        self.inner.step()
        for p in self.params:
            dist.broadcast(p.detach(), self.owner[p])

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: rows of each parameter; a parameter of few rows is forgotten
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        self.rank, self.n = dist.get_rank(), dist.get_world_size()
        self.shares = [nn.Parameter(p.detach().tensor_split(self.n)[self.rank].clone()) for p in self.params if len(p) >= self.n]
        self.inner = optimizer_class(self.shares, **kw)
    def step(self):
        for p, s in zip([p for p in self.params if len(p) >= self.n], self.shares):
            s.grad = p.grad.tensor_split(self.n)[self.rank].clone()
        self.inner.step()
        for p, s in zip([p for p in self.params if len(p) >= self.n], self.shares):
            out = [torch.empty_like(x) for x in p.detach().tensor_split(self.n)]
            for r in range(self.n):
                if r == self.rank: out[r].copy_(s.detach())
                dist.broadcast(out[r], r)
            p.data.copy_(torch.cat(out))
    def zero_grad(self):
        for p in self.params: p.grad = None

# %% wrong: gradients taken at the first step for ever
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        self.rank, self.n = dist.get_rank(), dist.get_world_size()
        total = sum(p.numel() for p in self.params)
        self.size = -(-total // self.n)
        self.mine = nn.Parameter(self.share([p.detach() for p in self.params]))
        self.inner = optimizer_class([self.mine], **kw)

    def share(self, tensors):
        flat = torch.cat([one.flatten() for one in tensors])
        flat = F.pad(flat, (0, self.n * self.size - len(flat)))
        return flat.view(self.n, self.size)[self.rank].clone()

    def step(self):
        self.mine.data.copy_(self.share([p.detach() for p in self.params]))
        if self.mine.grad is None: self.mine.grad = self.share([p.grad for p in self.params])
        self.inner.step()
        parts = [torch.empty_like(self.mine.data) for _ in range(self.n)]
        dist.all_gather(parts, self.mine.detach())
        flat, place = torch.cat(parts), 0
        with torch.no_grad():
            for p in self.params:
                p.copy_(flat[place : place + p.numel()].view_as(p))
                place += p.numel()

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: chunk(n) without padding
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        self.rank, self.n = dist.get_rank(), dist.get_world_size()
        total = sum(p.numel() for p in self.params)
        self.size = -(-total // self.n)
        self.mine = nn.Parameter(self.share([p.detach() for p in self.params]))
        self.inner = optimizer_class([self.mine], **kw)

    def share(self, tensors):
        flat = torch.cat([one.flatten() for one in tensors])
        flat = F.pad(flat, (0, self.n * self.size - len(flat)))
        return flat[: sum(p.numel() for p in self.params)].chunk(self.n)[self.rank].clone()

    def step(self):
        self.mine.data.copy_(self.share([p.detach() for p in self.params]))
        self.mine.grad = self.share([p.grad for p in self.params])
        self.inner.step()
        parts = [torch.empty_like(self.mine.data) for _ in range(self.n)]
        dist.all_gather(parts, self.mine.detach())
        flat, place = torch.cat(parts), 0
        with torch.no_grad():
            for p in self.params:
                p.copy_(flat[place : place + p.numel()].view_as(p))
                place += p.numel()

    def zero_grad(self):
        for p in self.params:
            p.grad = None

# %% wrong: zero_grad by the inner optimizer: own share alone | hint: None
class ShardedOptimizer:
    def __init__(self, params, optimizer_class, **kw):
        self.params = list(params)
        n, loads = dist.get_world_size(), [0] * dist.get_world_size()
        self.owner = {}
        for p in sorted(self.params, key=lambda p: -p.numel()):
            best = loads.index(min(loads))
            self.owner[p] = best
            loads[best] += p.numel()
        mine = [p for p in self.params if self.owner[p] == dist.get_rank()]
        self.inner = optimizer_class(mine, **kw) if mine else None

    def step(self):
        if self.inner is not None:
            self.inner.step()
        for p in self.params:
            dist.broadcast(p.detach(), self.owner[p])

    def zero_grad(self):
        if self.inner is not None:
            self.inner.zero_grad()
