"""Answers to exercise 2, lora: a layer with a low-rank detour."""

# %% right: two functions, einsum, a weight that is kept while merged
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        if r < 1:
            raise ValueError("r")
        super().__init__()
        self.base, self.r, self.alpha, self.p, self.merged = base, r, alpha, dropout, False
        for p in base.parameters():
            p.requires_grad = False
        self.n_in = base.weight.shape[0 if type(base).__name__ == "Conv1D" else 1]
        self.n_out = base.weight.numel() // self.n_in
        dtype = torch.float64 if base.weight.dtype == torch.float64 else torch.float32
        bound = self.n_in**-0.5
        self.lora_A = nn.Parameter(torch.empty(r, self.n_in, dtype=dtype, device=base.weight.device).uniform_(-bound, bound))
        self.lora_B = nn.Parameter(torch.zeros(self.n_out, r, dtype=dtype, device=base.weight.device))

    def forward(self, x):
        if self.merged:
            return self.base(x)
        z = F.dropout(x, self.p, self.training).to(self.lora_A.dtype)
        y = self.base(x)
        return y + torch.einsum("...i,ri,or->...o", z, self.lora_A, self.lora_B).mul(self.alpha / self.r).to(y.dtype)

    def merge(self):
        if self.merged:
            return
        self.kept = self.base.weight.data.clone()
        change = (self.lora_B @ self.lora_A).detach() * (self.alpha / self.r)
        self.base.weight.data = self.kept + change.reshape(self.n_out, self.n_in).T.reshape(self.kept.shape).to(
            self.kept.dtype) if type(self.base).__name__ == "Conv1D" else self.kept + change.to(self.kept.dtype)
        self.merged = True

    def unmerge(self):
        if self.merged:
            self.base.weight.data, self.merged = self.kept, False

# %% right: submodules for A and B whose weights are the parameters, scale on x
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if not r >= 1:
            raise ValueError("rank")
        self.base = base
        base.weight.requires_grad_(False)
        if base.bias is not None:
            base.bias.requires_grad_(False)
        rows, columns = base.weight.shape
        self.turned = isinstance(base, Conv1D)
        n_out, n_in = (columns, rows) if self.turned else (rows, columns)
        wide = base.weight.dtype if base.weight.dtype.itemsize >= 4 else torch.float32
        start = nn.Linear(n_in, r, bias=False, device=base.weight.device, dtype=wide)
        self.lora_A = start.weight
        self.lora_B = nn.Parameter(base.weight.new_zeros(n_out, r, dtype=wide))
        self.r, self.alpha, self.merged, self.drop = r, alpha, False, nn.Dropout(dropout)

    def change(self):
        change = self.lora_B @ self.lora_A * self.alpha / self.r
        return (change.mT if self.turned else change).to(self.base.weight.dtype)

    def forward(self, x):
        out = self.base(x)
        if not self.merged:
            down = F.linear(self.drop(x).to(self.lora_A), self.lora_A)
            out = out + F.linear(down * (self.alpha / self.r), self.lora_B).to(out)
        return out

    def merge(self):
        with torch.no_grad():
            if not self.merged:
                self.base.weight.add_(self.change())
        self.merged = True

    def unmerge(self):
        with torch.no_grad():
            if self.merged:
                self.base.weight.sub_(self.change())
        self.merged = False

# %% right: the low-rank product in double, a property tells whether it is merged
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r <= 0:
            raise ValueError("r must be positive")
        self.base, self.r, self.alpha, self.dropout = base, r, alpha, dropout
        self.base.requires_grad_(False)
        shape = tuple(base.weight.shape)
        n_out, n_in = shape[::-1] if isinstance(base, Conv1D) else shape
        dtype = torch.promote_types(torch.float32, base.weight.dtype)
        self.lora_A = nn.Parameter(torch.zeros(r, n_in, dtype=dtype).to(base.weight.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype).to(base.weight.device))
        nn.init.uniform_(self.lora_A, -1 / math.sqrt(n_in), 1 / math.sqrt(n_in))
        self.added = None

    @property
    def merged(self):
        return self.added is not None

    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        if self.training and self.dropout:
            x = x * (torch.rand_like(x) >= self.dropout) / (1 - self.dropout)
        z = x.double() @ self.lora_A.double().T
        return (y.double() + z @ self.lora_B.double().T * self.alpha / self.r).to(y.dtype)

    def merge(self):
        if self.added is None:
            both = (self.lora_B.data.double() @ self.lora_A.data.double()) * self.alpha / self.r
            self.added = (both.T if isinstance(self.base, Conv1D) else both).to(self.base.weight.dtype)
            self.base.weight.data += self.added

    def unmerge(self):
        if self.added is not None:
            self.base.weight.data -= self.added
            self.added = None

# %% wrong: lora_B starts random | hint: At the start
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.randn(n_out, r, **like) / 8)
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: lora_A starts as zeros too | hint: evenly
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.zeros_(self.lora_A)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: lora_A starts normal | hint: evenly
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.normal_(self.lora_A, std=0.02)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: lora_A by kaiming with a = 0 | hint: evenly
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=0)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: A and B swapped at the start | hint: evenly
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_B, a=math.sqrt(5)), nn.init.zeros_(self.lora_A)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: scale alpha | hint: alpha / r
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: no scale | hint: alpha / r
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: scale alpha / sqrt(r) | hint: alpha / r
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r**0.5 * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r**0.5 * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: scale by integer division | hint: any fixed
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha // self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha // self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: the base's bias added twice | hint: bias
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x) + (0 if self.base.bias is None else self.base.bias)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: the base's bias lost | hint: bias
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = x @ (self.base.weight if isinstance(self.base, Conv1D) else self.base.weight.T)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: the base is trained | hint: frozen
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base, r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: the base's bias is trained | hint: frozen
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base, r, alpha, False
        base.weight.requires_grad_(False)
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: lora_A is (n_in, r)
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(n_in, r, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A.T
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: no error for rank 0 | hint: ValueError
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        r_, r = r, max(r, 1)
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: merges twice | hint: second of two
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: unmerges twice | hint: second of two
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: merged, and the detour added again in forward | hint: once more
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: merge without a scale | hint: W + alpha/r
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: merge forgets its flag | hint: merged
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: unmerge forgets its flag
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: unmerge only turns the flag | hint: Unmerged
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        pass
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: merge zeroes lora_B | hint: Unmerged
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1), self.lora_B.data.zero_()
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: merge is transposed for Conv1D's shape only where it must | hint: Conv1D
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_out, n_in = base.weight.shape
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta if delta.shape == self.base.weight.shape else delta.T).to(self.base.weight.dtype)

# %% wrong: dropout on the base's x as well | hint: base's x
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        x = self.dropout(x)
        y = self.base(x)
        if self.merged: return y
        detour = x.to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: dropout on the sum | hint: base's x
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = x.to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return self.dropout(y + (self.alpha / self.r * detour).to(y.dtype))

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: dropout in eval mode too | hint: eval
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = F.dropout(x, self.dropout.p).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: dropout forgotten | hint: training
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = x.to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: dropped entries are not made up for | hint: 4/3
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = (x * (torch.rand_like(x) >= self.dropout.p) if self.training else x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: the detour in the base's 16 bits | hint: 16 bits
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=base.weight.dtype)
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: the result in the detour's 32 bits | hint: 16
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + self.alpha / self.r * detour

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: a copy of the base | hint: itself
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        import copy
        self.base, self.r, self.alpha, self.merged = copy.deepcopy(base).requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: the base alone | hint: alpha / r
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: the detour alone
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: detached: nothing learns | hint: gradient
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour.detach()).to(y.dtype) + 0 * self.lora_A.sum() + 0 * self.lora_B.sum()

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: only B learns
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like), requires_grad=False), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / self.r * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / self.r * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: hard-coded to a rank of 2 | hint: any fixed
class LoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        y = self.base(x)
        if self.merged: return y
        detour = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return y + (self.alpha / 2 * detour).to(y.dtype)

    def merge(self):
        if not self.merged: self._add(1)
        self.merged = True

    def unmerge(self):
        if self.merged: self._add(-1)
        self.merged = False

    @torch.no_grad()
    def _add(self, sign):
        delta = sign * self.alpha / 2 * self.lora_B @ self.lora_A
        self.base.weight += (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)

# %% wrong: BA is made in forward | hint: BA made
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ (self.lora_B @ self.lora_A).T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: the base under no_grad: x gets no gradient from it | hint: both ways
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        with torch.no_grad(): y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: the detour's x detached | hint: both ways
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x.detach()).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: dropout after A, on the r numbers | hint: 4/3
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x.to(self.lora_A.dtype) @ self.lora_A.T) @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: dropout is the share that is kept | hint: 4/3
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(1 - dropout if dropout else 0)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: dropout in place: x comes back damaged | hint: 4/3
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout, inplace=True)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: merge turns BA only where the shapes ask for it | hint: square
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if d.shape != self.base.weight.shape else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: A and B always on the CPU | hint: device
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: a rank of -1 is let in | hint: below 0
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r == 0: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: merge puts a new, trainable parameter in place | hint: frozen still
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight = nn.Parameter(self.base.weight + self.delta().to(self.base.weight.dtype))
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: merge puts lora_B aside | hint: lora_B stays
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
            self.kept = self.lora_B.data.clone(); self.lora_B.zero_()
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.lora_B.copy_(self.kept)
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: r and alpha are kept as 1 and alpha / r | hint: as given
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = 1, alpha / r, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = self.base(x)
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False

# %% wrong: the base must have a bias | hint: without a bias
class LoRALinear(nn.Module):
    """docs"""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        if r < 1: raise ValueError("r must be at least 1")
        self.base = base
        for p in base.parameters(): p.requires_grad = False
        self.r, self.alpha, self.merged = r, alpha, False
        w = base.weight
        self.conv = isinstance(base, Conv1D)
        n_out, n_in = w.shape[::-1] if self.conv else w.shape
        dtype = w.dtype if w.dtype == torch.float64 else torch.float32
        self.lora_A = nn.Parameter(torch.empty(r, n_in, dtype=dtype, device=w.device))
        self.lora_B = nn.Parameter(torch.zeros(n_out, r, dtype=dtype, device=w.device))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)
    def forward(self, x):
        y = (x @ self.base.weight if self.conv else F.linear(x, self.base.weight)) + self.base.bias
        if self.merged:
            return y
        h = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T
        return (y + h * (self.alpha / self.r)).to(y.dtype)
    def delta(self):
        d = self.alpha / self.r * self.lora_B @ self.lora_A
        return (d.T if self.conv else d)
    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.base.weight += self.delta().to(self.base.weight.dtype)
            self.merged = True
    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.base.weight -= self.delta().to(self.base.weight.dtype)
            self.merged = False
