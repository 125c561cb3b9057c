"""Answers to residual: where the addition is, what it adds, and which factor it carries."""


# %% right: a module for each block
class Block(nn.Module):
    def __init__(self, dim, factor):
        super().__init__()
        self.linear, self.factor = nn.Linear(dim, dim), factor

    def forward(self, h):
        branch = self.linear(h).tanh()
        return branch if self.factor is None else h + self.factor * branch


class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        factor = 1 / math.sqrt(2 * depth) if residual else None
        self.blocks = nn.Sequential(*[Block(dim, factor) for _ in range(depth)])

    def forward(self, h):
        return self.blocks(h)


# %% right: layers by name, torch.add with alpha, two loops
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.depth, self.skip = depth, residual
        for i in range(depth):
            self.add_module(f"fc{i}", nn.Linear(in_features=dim, out_features=dim))

    def forward(self, h):
        layers = [getattr(self, f"fc{i}") for i in range(self.depth)]
        if not self.skip:
            for layer in layers:
                h = torch.tanh(layer(h))
            return h
        for layer in layers:
            h = torch.add(h, F.tanh(layer(h)), alpha=1 / (2 * len(layers)) ** 0.5)
        return h


# %% right: recursion, float64 for the sum
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(dim, dim) for _ in range(depth)])
        self.residual = residual

    def forward(self, h):
        def up_to(n):
            if n == 0:
                return h.double()
            below = up_to(n - 1)
            branch = self.layers[n - 1](below.to(h.dtype)).tanh()
            return below + branch / math.sqrt(2 * len(self.layers)) if self.residual else branch

        return up_to(len(self.layers)).to(h.dtype)


# %% right: a clone, then additions in place of a new tensor each time
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.stack = nn.ModuleList()
        while len(self.stack) < depth:
            self.stack.append(nn.Linear(dim, dim))
        self.keep, self.factor = (1.0, 1.0 / (2.0 * depth) ** 0.5) if residual else (0.0, 1.0)

    def forward(self, h):
        h = h.clone()
        for layer in self.stack:
            h = self.keep * h + self.factor * torch.tanh(layer(h))
        return h


# %% wrong: the factor is forgotten | hint: root of 2·depth
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + branch if self.residual else branch
        return h


# %% wrong: over the root of depth, without the 2 | hint: root of 2·depth
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, depth**-0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: over 2·depth, without the root | hint: root of 2·depth
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, 1 / (2 * depth)

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: the factor of 50 layers, whatever the depth | hint: root of 2·depth
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, 0.1

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: the factor scales h as well | hint: unscaled
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = self.scale * (h + branch) if self.residual else branch
        return h


# %% wrong: the factor stays without the addition | hint: no factor
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = self.scale * torch.tanh(layer(h))
            h = h + branch if self.residual else branch
        return h


# %% wrong: the factor grows with the layer's number | hint: root of 2·depth
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for i, layer in enumerate(self.layers, 1):
            branch = torch.tanh(layer(h))
            h = h + branch / math.sqrt(2 * i) if self.residual else branch
        return h


# %% wrong: tanh after the addition | hint: carried along
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            h = torch.tanh(h + self.scale * layer(h)) if self.residual else torch.tanh(layer(h))
        return h


# %% wrong: the factor inside tanh | hint: root of 2·depth
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            h = h + torch.tanh(self.scale * layer(h)) if self.residual else torch.tanh(layer(h))
        return h


# %% wrong: tanh is forgotten | hint: tanh
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            h = h + self.scale * layer(h) if self.residual else layer(h)
        return h


# %% wrong: relu for tanh | hint: tanh
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = F.relu(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: one skip around the whole network | hint: each branch
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        start = h
        for layer in self.layers:
            h = torch.tanh(layer(h))
        return start + self.scale * h if self.residual else h


# %% wrong: the network's input is added, not the layer's | hint: that the layer read
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        start = h
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = start + self.scale * branch if self.residual else branch
        return h


# %% wrong: the branches all read the network's input | hint: that the layer read
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        total = h
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            total = total + self.scale * branch
            h = h if self.residual else branch
        return total if self.residual else h


# %% wrong: the last layer is linear | hint: tanh
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        *hidden, last = self.layers
        for layer in hidden:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h + self.scale * last(h) if self.residual else last(h)


# %% wrong: residual is ignored | hint: alone
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            h = h + self.scale * torch.tanh(layer(h))
        return h


# %% wrong: adds in place, and so changes its input | hint: in place
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            if self.residual:
                h += self.scale * branch
            else:
                h = branch
        return h


# %% wrong: adds in place through .data, and so changes its input | hint: in place
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            if self.residual:
                h.data = h.data + self.scale * branch
            else:
                h = branch
        return h


# %% wrong: a plain list of layers | hint: ModuleList
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = [nn.Linear(dim, dim) for _ in range(depth)]
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: one layer, used depth times | hint: ModuleList
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(dim, dim)] * depth)
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: an output layer too many | hint: 4 layers
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.out = nn.Linear(dim, dim)
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return self.out(h)


# %% wrong: the biases are there and not added | hint: Wh + b
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(h @ layer.weight.T)
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: the matrices the other way round | hint: Wh + b
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(h @ layer.weight + layer.bias)
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: initialized anew, so that the plain network keeps its gradients | hint: as PyTorch initializes
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5
        for layer in self.layers:
            nn.init.orthogonal_(layer.weight, gain=1.1)

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: skips that carry no gradient | hint: gradient
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h))
            h = h.detach() + self.scale * branch if self.residual else branch
        return h


# %% wrong: branches read a detached input | hint: gradient
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        for layer in self.layers:
            branch = torch.tanh(layer(h.detach()))
            h = h + self.scale * branch if self.residual else branch
        return h


# %% wrong: the identity | hint: root of 2·depth
class ResidualMLP(nn.Module):
    def __init__(self, dim, depth, residual=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.residual, self.scale = residual, (2 * depth) ** -0.5

    def forward(self, h):
        return h
