"""Answers to blocks: which axis, which variance, which precision, which branch is gated."""


# %% right: every class from nothing, PyTorch's functions in float32
class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
        y = F.layer_norm(x.to(dtype), x.shape[-1:], self.weight.to(dtype), self.bias.to(dtype), self.eps)
        return y.to(x.dtype)


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps, self.weight = eps, nn.Parameter(torch.ones(dim))

    def forward(self, x):
        dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
        return F.rms_norm(x.to(dtype), x.shape[-1:], self.weight.to(dtype), self.eps).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return x * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x.pow(3)))  # tanh is a sigmoid, stretched
    return x * torch.special.ndtr(x)


class SwiGLU(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.up_proj = nn.Linear(dim, hidden, bias=False)
        self.gate_proj = nn.Linear(dim, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, dim, bias=False)

    def forward(self, x):
        gate = x @ self.gate_proj.weight.T
        return (gate * torch.sigmoid(gate) * (x @ self.up_proj.weight.T)) @ self.down_proj.weight.T


# %% right: float64 inside, variance as the mean square minus the squared mean, weights after the dtype is back
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        y = x.double()
        var = (y**2).mean(-1, keepdim=True) - y.mean(-1, keepdim=True) ** 2
        y = (y - y.mean(-1, keepdim=True)) / torch.sqrt(var.clamp(min=0) + self.eps)
        return y.to(x.dtype) * self.weight + self.bias


class RMSNorm(Scale):
    def forward(self, x):
        y = x.double()
        y = y / torch.sqrt((y * y).sum(-1, keepdim=True) / y.shape[-1] + self.eps)
        return y.to(x.dtype) * self.weight


def gelu(x, approximate=False):
    y = x.double()
    if approximate:
        y = y / 2 * (1 + torch.tanh(math.sqrt(2 / math.pi) * y * (1 + 0.044715 * y * y)))
    else:
        y = y * torch.erfc(-y / math.sqrt(2)) / 2
    return y.to(x.dtype)


class SwiGLU(Gates):
    def forward(self, x):
        both = F.linear(x, torch.cat([self.gate_proj.weight, self.up_proj.weight]))
        gate, up = both.chunk(2, dim=-1)
        return F.linear(F.silu(gate) * up, self.down_proj.weight)


# %% right: LayerNorm is RMSNorm of the centered row; PyTorch's own layers; einsum
class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps, self.weight = eps, nn.Parameter(torch.ones(dim))

    def normal(self, x):
        return x * torch.rsqrt(torch.linalg.vector_norm(x, dim=-1, keepdim=True) ** 2 / x.shape[-1] + self.eps)

    def forward(self, x):
        if x.dtype in (torch.bfloat16, torch.float16):
            return (self.normal(x.float()) * self.weight.float()).to(x.dtype)
        return self.normal(x) * self.weight


class LayerNorm(RMSNorm):
    def __init__(self, dim, eps=1e-5):
        super().__init__(dim, eps)
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        if x.dtype in (torch.bfloat16, torch.float16):
            wide = x.float()
            return (self.normal(wide - wide.mean(-1, keepdim=True)) * self.weight + self.bias).to(x.dtype)
        return self.normal(x - x.mean(-1, keepdim=True)) * self.weight + self.bias


def gelu(x, approximate=False):
    return nn.GELU(approximate=["none", "tanh"][bool(approximate)])(x)


class SwiGLU(Gates):
    def forward(self, x):
        gate = nn.SiLU()(self.gate_proj(x))
        return torch.einsum("dh,...h,...h->...d", self.down_proj.weight, gate, self.up_proj(x))


# %% right: PyTorch's LayerNorm itself, RMSNorm row by row
class LayerNorm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x)


class RMSNorm(Scale):
    def forward(self, x):
        rows = x.reshape(-1, x.shape[-1])
        wide = [row if row.dtype == torch.float64 else row.float() for row in rows]
        normed = [row / torch.sqrt(torch.dot(row, row) / len(row) + self.eps) for row in wide]
        return (torch.stack(normed).reshape(x.shape) * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if not approximate:
        return x * torch.distributions.Normal(0.0, 1.0).cdf(x)
    inner = x * (1 + 0.044715 * x.square()) * (2 / math.pi) ** 0.5
    return x - x / (1 + torch.exp(2 * inner))


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the unbiased variance | hint: biased
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        return (wide / (wide.var(-1, keepdim=True) + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: eps is added to the standard deviation | hint: under the root
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        return (wide / (wide.square().mean(-1, keepdim=True).sqrt() + self.eps) * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm adds eps outside the root | hint: under the root
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True).sqrt() + self.eps) * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm divides by the largest of root and eps | hint: under the root
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / wide.square().mean(-1, keepdim=True).sqrt().clamp(min=self.eps) * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: no eps at all | hint: eps
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        return (wide / wide.square().mean(-1, keepdim=True).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: a fixed eps | hint: eps
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        return (wide / (wide.square().mean(-1, keepdim=True) + 1e-5).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm with a fixed eps | hint: eps
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + 1e-5).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: statistics in the dtype of x | hint: float32
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        centered = x - x.mean(-1, keepdim=True)
        return centered * (centered.square().mean(-1, keepdim=True) + self.eps).rsqrt() * self.weight + self.bias


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm in the dtype of x | hint: float32
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        return x * (x.square().mean(-1, keepdim=True) + self.eps).rsqrt() * self.weight


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm in the dtype of x, by division | hint: float32
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        return x / (x.pow(2).mean(-1, keepdim=True) + self.eps).sqrt() * self.weight


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the mean square in float32, but divided in bfloat16 | hint: float32
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        root = (wide.square().mean(-1, keepdim=True) + self.eps).rsqrt().to(x.dtype)
        return x * root * self.weight


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: mean and variance in float32, used in bfloat16 | hint: float32
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        var, mean = torch.var_mean(wide, -1, correction=0, keepdim=True)
        return ((x - mean.to(x.dtype)) * (var + self.eps).rsqrt().to(x.dtype)) * self.weight + self.bias


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: bfloat16 is widened, float16 is not | hint: float16
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x.float() if x.dtype == torch.bfloat16 else x
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: LayerNorm widens bfloat16 alone | hint: float16
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x.float() if x.dtype == torch.bfloat16 else x
        wide = wide - wide.mean(-1, keepdim=True)
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the result stays float32 | hint: dtype
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        return wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight + self.bias


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: float64 is narrowed to float32
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the mean of the squares minus the squared mean | hint: before anything is squared
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        mean = wide.mean(-1, keepdim=True)
        var = (wide**2).mean(-1, keepdim=True) - mean**2
        return ((wide - mean) / (var.clamp(min=0) + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: over the batch | hint: each row
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(0, keepdim=True)
        return (wide / (wide.square().mean(0, keepdim=True) + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: over all axes but the first | hint: last axis alone
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        axes = tuple(range(1, x.dim()))
        wide = wide - wide.mean(axes, keepdim=True)
        return (wide / (wide.square().mean(axes, keepdim=True) + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm over the whole tensor | hint: last axis alone
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean() + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm subtracts the mean | hint: mean left in
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm divides by the norm, not by its mean | hint: root mean square
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().sum(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm as an alias of PyTorch's, whose eps is another | hint: eps
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(nn.RMSNorm):
    def __init__(self, dim, eps=None):
        super().__init__(dim, eps)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: weight and bias are kept and not applied | hint: weight
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm's weight multiplies as 1 + weight | hint: 5
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * (1 + self.weight)).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the variance is detached | hint: detached
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        return (wide / (wide.square().mean(-1, keepdim=True).detach() + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: normalized in place | hint: in place
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide -= wide.mean(-1, keepdim=True)
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: GELU by a sigmoid | hint: 0.044715
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return x * torch.sigmoid(1.702 * x)
    return x * torch.erf(x / 2**0.5).add(1) / 2


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the sigmoid as the exact one | hint: erf
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return F.gelu(x, approximate="tanh")
    return x * torch.sigmoid(1.702 * x)


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the two GELUs exchanged | hint: exact
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return 0.5 * x * (1 + torch.erf(x / 2**0.5))
    return 0.5 * x * (1 + torch.tanh((2 / math.pi) ** 0.5 * (x + 0.044715 * x**3)))


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: approximate by default | hint: exact
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: never approximate | hint: approximate=True
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x)


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: erf without the root of 2 | hint: √2
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return F.gelu(x, approximate="tanh")
    return 0.5 * x * (1 + torch.erf(x))


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: 2/π without the root | hint: √(2/π)
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return 0.5 * x * (1 + torch.tanh(2 / math.pi * (x + 0.044715 * x**3)))
    return F.gelu(x)


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the density for the distribution function | hint: Φ
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return F.gelu(x, approximate="tanh")
    return x * torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: GELU in place | hint: in place
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    y = F.gelu(x, approximate="tanh" if approximate else "none")
    x.copy_(y)
    return x


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: silu on the other branch | hint: gate
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(self.gate_proj(x) * F.silu(self.up_proj(x)))


# %% wrong: GELU for silu | hint: silu
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.gelu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: a sigmoid gate: GLU | hint: silu
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(torch.sigmoid(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: silu of the product | hint: gate alone
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x) * self.up_proj(x)))


# %% wrong: the branches are added | hint: multiply
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) + self.up_proj(x))


# %% wrong: the input is added | hint: multiply
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(Gates):
    def forward(self, x):
        return x + self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: layers with biases | hint: no biases
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        wide = wide - wide.mean(-1, keepdim=True)
        normal = wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt()
        return (normal * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        wide = x if x.dtype == torch.float64 else x.float()
        return (wide / (wide.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    return F.gelu(x, approximate="tanh" if approximate else "none")


class SwiGLU(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.gate_proj, self.up_proj, self.down_proj = nn.Linear(dim, hidden), nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        for part in (self.gate_proj, self.up_proj, self.down_proj):
            nn.init.zeros_(part.bias)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: the identity | hint: biased
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        return x


class RMSNorm(Scale):
    def forward(self, x):
        return x


def gelu(x, approximate=False):
    return x


class SwiGLU(Gates):
    def forward(self, x):
        return x


# %% right: functions of torch in float32, cast before the weight
def wide(x):
    return x if x.dtype == torch.float64 else x.to(torch.float32)


class LayerNorm(ScaleAndShift):
    def forward(self, x):
        return F.layer_norm(wide(x), (x.shape[-1],), eps=self.eps).type_as(x) * self.weight + self.bias


class RMSNorm(Scale):
    def forward(self, x):
        y = wide(x)
        return self.weight * (y / (y.square().mean(dim=-1, keepdim=True) + self.eps).sqrt()).type_as(x)


def gelu(x, approximate=False):
    if not approximate:
        return x * torch.special.ndtr(x)
    return x * torch.sigmoid(2 * (2 / math.pi) ** 0.5 * (x + 0.044715 * x * x * x))


class SwiGLU(Gates):
    def forward(self, x):
        gate = self.gate_proj(x)
        return self.down_proj(gate * torch.sigmoid(gate) * self.up_proj(x))


# %% right: sums over the width, einsum, erfc, own copies in place
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        n = x.shape[-1]
        y = x.to(torch.promote_types(x.dtype, torch.float32), copy=True)
        y = y - y.sum(-1, keepdim=True) / n
        y = y / (torch.einsum("...i,...i->...", y, y)[..., None] / n + self.eps) ** 0.5
        y = y * self.weight.to(y.dtype)
        y += self.bias.to(y.dtype)
        return y.to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        y = x.to(torch.promote_types(x.dtype, torch.float32))
        rms = (torch.linalg.vector_norm(y, dim=-1, keepdim=True).square() / x.shape[-1] + self.eps).sqrt()
        return (y / rms * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        inner = x + 0.044715 * torch.pow(x, 3)
        return x / 2 * (1 + torch.tanh(math.sqrt(2.0 / math.pi) * inner))
    return x * torch.erfc(-x * 2**-0.5) / 2


class SwiGLU(Gates):
    def forward(self, x):
        both = x @ torch.cat([self.gate_proj.weight, self.up_proj.weight]).T
        gate, up = both.chunk(2, -1)
        return torch.einsum("...h,dh->...d", F.silu(gate) * up, self.down_proj.weight)


# %% wrong: parameters detached | hint: detached
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        y = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        mean = y.mean(-1, keepdim=True)
        var = y.var(-1, keepdim=True, unbiased=False)
        y = (y - mean) / torch.sqrt(var + self.eps)
        return (y * self.weight.data + self.bias.data).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        z = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        z = z * torch.rsqrt(z.pow(2).mean(-1, keepdim=True) + self.eps)
        return (z * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: silu changes its argument: gate in place on x | hint: x changed
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        y = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        mean = y.mean(-1, keepdim=True)
        var = y.var(-1, keepdim=True, unbiased=False)
        y = (y - mean) / torch.sqrt(var + self.eps)
        return (y * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        z = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        z = z * torch.rsqrt(z.pow(2).mean(-1, keepdim=True) + self.eps)
        return (z * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


class SwiGLU(Gates):
    def forward(self, x):
        out = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        x.data.copy_(out)
        return out


# %% wrong: RMSNorm gives float32 | hint: float64 kept
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        y = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        mean = y.mean(-1, keepdim=True)
        var = y.var(-1, keepdim=True, unbiased=False)
        y = (y - mean) / torch.sqrt(var + self.eps)
        return (y * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        z = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        z = z * torch.rsqrt(z.pow(2).mean(-1, keepdim=True) + self.eps)
        return (z * self.weight).float()


def gelu(x, approximate=False):
    if approximate:
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: RMSNorm: float64 goes through float32 | hint: float64
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        y = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        mean = y.mean(-1, keepdim=True)
        var = y.var(-1, keepdim=True, unbiased=False)
        y = (y - mean) / torch.sqrt(var + self.eps)
        return (y * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        z = x.float()
        z = z * torch.rsqrt(z.pow(2).mean(-1, keepdim=True) + self.eps)
        return (z * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


# %% wrong: axis not kept, made up for in one dimension only
class LayerNorm(ScaleAndShift):
    def forward(self, x):
        y = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        mean = y.mean(-1)[:, None]
        var = y.var(-1, unbiased=False)[:, None]
        y = (y - mean) / torch.sqrt(var + self.eps)
        return (y * self.weight + self.bias).to(x.dtype)


class RMSNorm(Scale):
    def forward(self, x):
        z = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        z = z * torch.rsqrt(z.pow(2).mean(-1, keepdim=True) + self.eps)
        return (z * self.weight).to(x.dtype)


def gelu(x, approximate=False):
    if approximate:
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


class SwiGLU(Gates):
    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
