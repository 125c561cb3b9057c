"""Answers to tensor-parallel: how a layer is cut, what f and g do, where the bias goes, what is kept and sent."""

# %% right: autograd functions of its own, loops over parts, attention by hand
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        g = g.contiguous().clone()
        dist.all_reduce(g)
        return g

class G_(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x = x.clone()
        dist.all_reduce(x)
        return x

    @staticmethod
    def backward(ctx, g):
        return g

def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.data.chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        y = F_.apply(x) @ self.weight.T
        return y if self.bias is None else y + self.bias

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = G_.apply(F.linear(x, self.weight))
        return y if self.bias is None else self.bias + y

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        T = x.shape[1]
        scores = (q @ k.mT / math.sqrt(q.shape[-1])).masked_fill(~torch.ones(T, T).tril().bool(), -math.inf)
        return self.o_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape[0], T, -1))

# %% right: f as a hook on a copy of x, g as an all-reduce of the values, a head at a time
def share(p, dim, rank, world_size, parts=1):
    n = p.shape[dim] // parts // world_size
    at = [n * (part * world_size + rank) + i for part in range(parts) for i in range(n)]
    return p.detach().index_select(dim, torch.tensor(at))

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        x = x.view_as(x)
        if x.requires_grad:
            x.register_hook(add_up)
        return F.linear(x, self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = F.linear(x, self.weight)
        y = y + (add_up(y.detach()) - y.detach())
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        C = self.qkv.weight.shape[0] // 3
        q, k, v = self.qkv(x).split(C, -1)
        D = C // self.n_heads
        heads = [slice(h * D, (h + 1) * D) for h in range(self.n_heads)]
        done = [F.scaled_dot_product_attention(q[..., h], k[..., h], v[..., h], is_causal=True) for h in heads]
        return self.o_proj(torch.cat(done, -1))

# %% right: constructors of its own, einsum, the bias added inside the sum on one rank, its gradient whole by TwoWays
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        y = torch.einsum('...i,oi->...o', TwoWays.apply(x, same, add_up), self.weight)
        return y if self.bias is None else y + self.bias

class RowParallelLinear(nn.Module):
    def __init__(self, dense, rank, world_size):
        super().__init__()
        self.weight = nn.Parameter(dense.weight.detach().chunk(world_size, 1)[rank].contiguous().clone())
        self.bias = None if dense.bias is None else nn.Parameter(dense.bias.detach().clone())
        self.first = rank == 0

    def forward(self, x):
        y = torch.einsum('...i,oi->...o', x, self.weight)
        if self.bias is not None:
            y = y + self.bias * (1.0 if self.first else 0.0) + 0
        y = TwoWays.apply(y, add_up, same)
        return y if self.bias is None or self.first else y + (self.bias - self.bias.detach())

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% right: PyTorch's functional all_reduce, and one that is waited for
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class Enter(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, gradient):
        total = gradient.clone()
        dist.all_reduce(total, async_op=True).wait()
        return total


class Leave(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        from torch.distributed._functional_collectives import all_reduce
        return all_reduce(x.contiguous(), "sum", dist.group.WORLD).clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(Enter.apply(x), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = Leave.apply(F.linear(x, self.weight))
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: a share that is a view of the whole | hint: view
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1)

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: no f: x's gradient is this rank's part | hint: gradient
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(x, self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: f and g the wrong way round | hint: f
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, add_up, same), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, same, add_up)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: the bias inside the sum counts n times | hint: bias
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        return TwoWays.apply(F.linear(x, self.weight, self.bias), add_up, same)

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: the bias inside the sum on rank 0 alone, the others' gets no gradient | hint: bias
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        bias = self.bias if dist.get_rank() == 0 else None
        return TwoWays.apply(F.linear(x, self.weight, bias), add_up, same)

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: an n-th of the bias inside each rank's part | hint: bias
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = x @ self.weight.T
        if self.bias is not None:
            y = y + self.bias / dist.get_world_size()
        return TwoWays.apply(y, add_up, same)

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: an all-reduce both ways in g | hint: g
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, add_up)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: an all-reduce both ways in f | hint: f
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, add_up, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: torch's differentiable all-reduce, which sums gradients again | hint: g
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        from torch.distributed.nn.functional import all_reduce
        y = all_reduce(x @ self.weight.T)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: the ranks' mean, not their sum | hint: sum
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        y = y / dist.get_world_size()
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: parts forgotten: rank 0 has the queries and half the keys | hint: part
def share(p, dim, rank, world_size, parts=1):
    return p.detach().chunk(world_size, dim)[rank].clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: every n-th row | hint: rows
def share(p, dim, rank, world_size, parts=1):
    return p.detach().index_select(dim, torch.arange(rank, p.shape[dim], world_size))

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: dim forgotten | hint: columns
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(0, (parts, world_size, -1)).select(1, rank).flatten(0, 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: the dense layer is kept beside the share | hint: keeps
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def __init__(self, dense, rank, world_size, parts=1):
        super().__init__(dense, rank, world_size, parts)
        self.whole = [dense]

    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: a copy of the dense weight in a closure | hint: keeps
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def __init__(self, dense, rank, world_size):
        super().__init__(dense, rank, world_size)
        whole = dense.weight.detach().clone()
        self.again = lambda: whole

    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: weights gathered in each pass, the dense layer computed | hint: sent
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        n, r, own = dist.get_world_size(), dist.get_rank(), self.c_fc.weight
        parts = [torch.empty_like(own) for _ in range(n)]
        dist.all_gather(parts, own.detach().contiguous())
        return self.c_proj(F.gelu(self.c_fc(x) + 0 * parts[0].sum(), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: gelu's input gathered and cut again | hint: sent
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        h = self.c_fc(x)
        n, r = dist.get_world_size(), dist.get_rank()
        parts = [torch.empty_like(h) for _ in range(n)]
        dist.all_gather(parts, h.detach())
        parts[r] = h
        return self.c_proj(F.gelu(torch.cat(parts, -1), approximate="tanh").chunk(n, -1)[r])

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: q, k and v each through an f of its own: three all-reduces back | hint: once
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        parts = [F.linear(TwoWays.apply(x, same, add_up), w, b) for w, b in zip(self.qkv.weight.chunk(3), self.qkv.bias.chunk(3))]
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in parts)
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: attention looks ahead | hint: causal
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))

# %% wrong: the heads of all ranks, each too narrow | hint: n_heads
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads * dist.get_world_size(), -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: heads not put back side by side | hint: side
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).reshape(x.shape[0], x.shape[1], -1))

# %% wrong: the exact gelu | hint: gelu
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x)))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: f and g both left out: every rank its own partial sums | hint: f
def share(p, dim, rank, world_size, parts=1):
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()

class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(x, self.weight, self.bias)

class RowParallelLinear(InputShare):
    def forward(self, x):
        y = x @ self.weight.T
        return y if self.bias is None else y + self.bias

class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

# %% wrong: share keeps the graph of p | hint: graph
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: share turns off the gradients of p | hint: as it was
def share(p, dim, rank, world_size, parts=1):
    p.requires_grad_(False)
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: share puts its piece in p's place | hint: as it was
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    mine = torch.cat(pieces, dim).clone()
    p.data = mine
    return mine


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: f as a hook on x itself: what comes past the layer is added up too | hint: past the layers
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def hooked(self, x):
        if x.requires_grad:
            x.register_hook(add_up)
        return F.linear(x, self.weight, self.bias)

    def forward(self, x):
        return self.hooked(x)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: a hook that fails where no gradient is asked for | hint: no grad
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def hooked(self, x):
        x.register_hook(add_up)
        return F.linear(x, self.weight, self.bias)

    def forward(self, x):
        return self.hooked(x.view_as(x))


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: the causal mask is made once, for the first length | hint: 2 tokens
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        if not hasattr(self, "mask"):
            self.mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=self.mask)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: two heads on each rank, as in the visible test | hint: Attention
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (2, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: as many heads as a head is wide | hint: n_heads
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (-1, self.n_heads)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: a row-parallel layer needs a bias | hint: bias False
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: x of three dimensions only | hint: (B, in)
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return torch.einsum("bti,oi->bto", TwoWays.apply(x, same, add_up), self.weight) + (0 if self.bias is None else self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), add_up, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: the sum on rank 0, which tells the others: two collectives | hint: ahead
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


def two_steps(x):
    total = x.clone()
    dist.reduce(total, 0)
    dist.broadcast(total, 0)
    return total


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), two_steps, same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% wrong: adds up in float32
def share(p, dim, rank, world_size, parts=1):
    pieces = [part.chunk(world_size, dim)[rank] for part in p.detach().chunk(parts, dim)]
    return torch.cat(pieces, dim).clone()


class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)


class RowParallelLinear(InputShare):
    def forward(self, x):
        y = TwoWays.apply(F.linear(x, self.weight), lambda one: add_up(one.float()).to(one.dtype), same)
        return y if self.bias is None else y + self.bias


class ParallelMLP(MLPShare):
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class ParallelAttention(AttentionShare):
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))
