# %% right: torch._int_mm over the columns that remain
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% right: numpy inside; whole numbers times whole numbers in the layer; float64 sums
def quantize_int8(w, axis=0):
    a = w.detach().float().double().numpy()
    top = np.abs(a).max(axis=1 - axis, keepdims=True)
    top[top == 0] = 127
    scale = top / 127
    return torch.from_numpy(np.rint(a / scale).astype(np.int8)), torch.from_numpy(scale).float()

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32: raise ValueError("no multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale)
        self.bias = None if linear.bias is None else nn.Parameter(linear.bias.detach().clone(), requires_grad=False)
    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])
        qx, sx = quantize_int8(flat)
        y = torch._int_mm(qx, self.q.T) * sx * self.scale.T
        if self.bias is not None:
            y = y + self.bias
        return y.view(*x.shape[:-1], -1).to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    wide = (x.abs() >= threshold).reshape(-1, x.shape[-1]).any(0).float()
    qx, sx = quantize_int8((x * (1 - wide)).reshape(-1, x.shape[-1]))
    qw, sw = quantize_int8(w * (1 - wide))
    y = (qx.double() @ qw.double().T * sx * sw.T).view(*x.shape[:-1], -1)
    return (y + (x * wide).double() @ w.double().T).float()

# %% right: small tiles of the weight made float, one after the other
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.weight.shape[1] % 32: raise ValueError(linear.weight.shape[1])
        self.q, self.scale, self.bias = None, None, None
        q, scale = quantize_int8(linear.weight)
        del self.q, self.scale, self.bias
        self.register_buffer("q", q)
        self.register_buffer("scale", scale)
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        tiles = [F.linear(x.float(), q.float() * s) for q, s in zip(self.q.split(8), self.scale.split(8))]
        y = torch.cat(tiles, dim=-1)
        return (y if self.bias is None else y + self.bias).to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% right: row by row; the float32 scale after the product; column by column
def quantize_int8(w, axis=0):
    if axis == 1:
        q, scale = quantize_int8(w.T)
        return q.T, scale.T
    scale = torch.stack([row.detach().float().abs().max() / 127 if row.any() else torch.tensor(1.0) for row in w])[:, None]
    return (w.detach() / scale).round().to(torch.int8), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale)
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = (torch._weight_int8pack_mm(flat, self.q, torch.ones(len(self.q), dtype=torch.bfloat16)).float() * self.scale.T).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    shape, x = x.shape, x.reshape(-1, x.shape[-1])
    out = torch.zeros(len(x), len(w))
    inner = []
    for c in range(x.shape[1]):
        if (x[:, c].abs() >= threshold).any(): out += torch.outer(x[:, c], w[:, c])
        else: inner.append(c)
    if inner:
        (qx, sx), (qw, sw) = quantize_int8(x[:, inner]), quantize_int8(w[:, inner])
        out += torch.einsum("tk,nk->tn", qx.long(), qw.long()) * sx * sw.T
    return out.view(*shape[:-1], -1)

# %% wrong: one scale for the whole matrix | hint: row
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max().expand(*((len(w), 1) if axis == 0 else (1, w.shape[1]))).clone()
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the axes are swapped | hint: row
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: axis is ignored | hint: axis=1
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: divides by 128 | hint: 127
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 128
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: asymmetric: the largest, not the largest magnitude
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: a row of zeros divides by zero
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: a row of zeros has a tiny scale | hint: zeros
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale = scale.clamp(min=1e-8)
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: truncates
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.trunc(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: rounds half up | hint: even
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.floor(w / scale + 0.5), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: q stays float | hint: int8
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the scale is flat | hint: shape (N, 1)
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale.flatten()

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx[:, None] * sw
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: scales are in w's dtype | hint: float32
def quantize_int8(w, axis=0):
    w = w.detach()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the scale is inverted
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), 1 / scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: w is rounded in place
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    w.div_(scale).mul_(scale.round())
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: dequantizes, then multiplies | hint: largest tensor
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = (flat @ (self.q * self.scale[:, None]).T).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: makes the whole weight float32 and scales later | hint: largest tensor
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = ((flat.float() @ self.q.float().T) * self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: keeps the linear layer | hint: held
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.linear = linear
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: keeps a bfloat16 copy beside q | hint: held
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.fast = linear.weight.detach().bfloat16()
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: forgets the bias | hint: bias
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if False:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: forgets the scale | hint: scale
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, torch.ones_like(self.scale)).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: quantizes by columns in the layer
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight, 1)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[0, : len(q)].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: adds the bias before the scale | hint: bias
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype) * self.scale.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the output is bfloat16 always | hint: dtype
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale)
        if self.bias is not None:
            out = out + self.bias.bfloat16()
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the output is float32 always | hint: dtype
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).float()
        if self.bias is not None:
            out = out + self.bias.float()
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: leading dimensions are lost
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: one row at a time only
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1])[-1:].contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.expand(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: q and scale are plain attributes
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.q = q
        self.scale = scale[:, 0].to(torch.bfloat16)
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the bias is not in the state | hint: state_dict
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.bias = linear.bias.detach().clone() if linear.bias is not None else None
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: no check of K | hint: multiple of 32
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 8 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: x is changed
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        x.clamp_(-2, 2)
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the layer's weight is zeroed to save memory | hint: changed
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        linear.weight.data.zero_()
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: no outliers taken out | hint: taken out
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = torch.zeros(flat.shape[1], dtype=torch.bool)
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: threshold is ignored | hint: threshold
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= 6.0
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: strictly above the threshold | hint: exactly
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) > threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the magnitude is forgotten
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: outliers by the first row alone
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat[0].abs() >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: outlier rows of x in place of columns
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    flat = x.reshape(-1, x.shape[-1])
    rows = (flat.abs() >= threshold).any(1, keepdim=True)
    (qx, sx), (qw, sw) = quantize_int8(flat), quantize_int8(w)
    out = torch.where(rows, flat @ w.T, (qx.int() @ qw.int().T) * sx * sw.T)
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: scales of w are made with the outlier columns | hint: taken out
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w)
        qw = qw[:, ~wide]
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: scales of x are made with the outlier columns
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat)
        qx = qx[:, ~wide]
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: one scale for all of x
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide].reshape(1, -1))
        qx = qx.view(len(flat), -1)
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: only the weights are rounded
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + flat[:, ~wide] @ (qw * sw).T
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: everything in float32
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    return x.float() @ w.float().T

# %% wrong: sums in 16 bits overflow
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + (qx.short() @ qw.short().T).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: sums in 8 bits overflow
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + (qx @ qw.T).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: the outliers' part is forgotten
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = torch.zeros(len(flat), len(w))
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: outliers multiplied twice
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    flat = x.reshape(-1, x.shape[-1]).float()
    wide = flat.abs().amax(0) >= threshold
    (qx, sx), (qw, sw) = quantize_int8(flat), quantize_int8(w)
    out = flat[:, wide] @ w[:, wide].T + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: x's outliers are set to zero in place | hint: changed
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    w = w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    flat[:, wide] = 0
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)

# %% wrong: leading dimensions are lost in the product
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().max(dim=1 - axis, keepdim=True).values
    scale = top / 127
    scale[scale == 0] = 1
    return torch.clamp(torch.round(w / scale), -127, 127).char(), scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out

# %% wrong: a constant
def quantize_int8(w, axis=0):
    return torch.zeros(w.shape, dtype=torch.int8), torch.ones(len(w), 1)

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("K % 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale[:, 0].to(torch.bfloat16))
        self.register_buffer("bias", linear.bias.detach().clone() if linear.bias is not None else None)
    def forward(self, x):
        flat = x.to(torch.bfloat16).reshape(-1, x.shape[-1]).contiguous()
        out = torch._weight_int8pack_mm(flat, self.q, self.scale).to(x.dtype)
        if self.bias is not None:
            out = out + self.bias.to(x.dtype)
        return out.reshape(*x.shape[:-1], -1)

def llm_int8_matmul(x, w, threshold=6.0):
    x, w = x.float(), w.float()
    flat = x.reshape(-1, x.shape[-1])
    wide = flat.abs().amax(0) >= threshold
    out = flat[:, wide] @ w[:, wide].T
    if not wide.all():
        qx, sx = quantize_int8(flat[:, ~wide])
        qw, sw = quantize_int8(w[:, ~wide])
        out = out + torch._int_mm(qx, qw.T.contiguous()).float() * sx * sw.flatten()
    return out.reshape(*x.shape[:-1], -1)


# %% wrong: the layer computes in float16 | hint: overflow
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top == 0, torch.ones_like(top), top / 127)
    q = torch.round(w / scale).clamp(-127, 127).to(torch.int8)
    return q, scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("in_features must be a multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.flatten().to(torch.float16))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1]).to(torch.float16).contiguous()
        y = torch._weight_int8pack_mm(flat, self.q, self.scale)
        y = y.reshape(*x.shape[:-1], -1).float()
        if self.bias is not None:
            y = y + self.bias.float()
        return y.to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    lead = x.shape[:-1]
    x, w = x.reshape(-1, x.shape[-1]).float(), w.float()
    hot = (x.abs() >= threshold).any(dim=0)
    y = x[:, hot] @ w[:, hot].T
    if not hot.all():
        qx, sx = quantize_int8(x[:, ~hot])
        qw, sw = quantize_int8(w[:, ~hot])
        y = y + (qx.int() @ qw.int().T).float() * sx * sw.T
    return y.reshape(*lead, -1)


# %% wrong: multiplies by the scale in x's dtype | hint: overflow
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top == 0, torch.ones_like(top), top / 127)
    q = torch.round(w / scale).clamp(-127, 127).to(torch.int8)
    return q, scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("in_features must be a multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.flatten().to(torch.bfloat16))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        y = torch._weight_int8pack_mm(flat, self.q, torch.ones_like(self.scale)).to(x.dtype)
        y = (y * self.scale.to(x.dtype)).reshape(*x.shape[:-1], -1)
        if self.bias is not None:
            y = y + self.bias.float()
        return y.to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    lead = x.shape[:-1]
    x, w = x.reshape(-1, x.shape[-1]).float(), w.float()
    hot = (x.abs() >= threshold).any(dim=0)
    y = x[:, hot] @ w[:, hot].T
    if not hot.all():
        qx, sx = quantize_int8(x[:, ~hot])
        qw, sw = quantize_int8(w[:, ~hot])
        y = y + (qx.int() @ qw.int().T).float() * sx * sw.T
    return y.reshape(*lead, -1)


# %% wrong: one scale for all of x in the layer | hint: small row
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top == 0, torch.ones_like(top), top / 127)
    q = torch.round(w / scale).clamp(-127, 127).to(torch.int8)
    return q, scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("in_features must be a multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.flatten().to(torch.bfloat16))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        s = x.abs().max().float() / 127
        flat = ((x.float() / s).round() * s).reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        y = torch._weight_int8pack_mm(flat, self.q, self.scale)
        y = y.reshape(*x.shape[:-1], -1).float()
        if self.bias is not None:
            y = y + self.bias.float()
        return y.to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    lead = x.shape[:-1]
    x, w = x.reshape(-1, x.shape[-1]).float(), w.float()
    hot = (x.abs() >= threshold).any(dim=0)
    y = x[:, hot] @ w[:, hot].T
    if not hot.all():
        qx, sx = quantize_int8(x[:, ~hot])
        qw, sw = quantize_int8(w[:, ~hot])
        y = y + (qx.int() @ qw.int().T).float() * sx * sw.T
    return y.reshape(*lead, -1)


# %% wrong: x is cut off at 127 | hint: overflow
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top == 0, torch.ones_like(top), top / 127)
    q = torch.round(w / scale).clamp(-127, 127).to(torch.int8)
    return q, scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("in_features must be a multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.flatten().to(torch.bfloat16))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        x = x.clamp(-127, 127)
        flat = x.reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        y = torch._weight_int8pack_mm(flat, self.q, self.scale)
        y = y.reshape(*x.shape[:-1], -1).float()
        if self.bias is not None:
            y = y + self.bias.float()
        return y.to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    lead = x.shape[:-1]
    x, w = x.reshape(-1, x.shape[-1]).float(), w.float()
    hot = (x.abs() >= threshold).any(dim=0)
    y = x[:, hot] @ w[:, hot].T
    if not hot.all():
        qx, sx = quantize_int8(x[:, ~hot])
        qw, sw = quantize_int8(w[:, ~hot])
        y = y + (qx.int() @ qw.int().T).float() * sx * sw.T
    return y.reshape(*lead, -1)


# %% wrong: small rows taken for zeros
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top < 1e-8, torch.ones_like(top), top / 127)
    q = torch.round(w / scale).clamp(-127, 127).to(torch.int8)
    return q, scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("in_features must be a multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.flatten().to(torch.bfloat16))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        y = torch._weight_int8pack_mm(flat, self.q, self.scale)
        y = y.reshape(*x.shape[:-1], -1).float()
        if self.bias is not None:
            y = y + self.bias.float()
        return y.to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    lead = x.shape[:-1]
    x, w = x.reshape(-1, x.shape[-1]).float(), w.float()
    hot = (x.abs() >= threshold).any(dim=0)
    y = x[:, hot] @ w[:, hot].T
    if not hot.all():
        qx, sx = quantize_int8(x[:, ~hot])
        qw, sw = quantize_int8(w[:, ~hot])
        y = y + (qx.int() @ qw.int().T).float() * sx * sw.T
    return y.reshape(*lead, -1)


# %% wrong: columns where w is large are outliers, too
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top == 0, torch.ones_like(top), top / 127)
    q = torch.round(w / scale).clamp(-127, 127).to(torch.int8)
    return q, scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("in_features must be a multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.flatten().to(torch.bfloat16))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        y = torch._weight_int8pack_mm(flat, self.q, self.scale)
        y = y.reshape(*x.shape[:-1], -1).float()
        if self.bias is not None:
            y = y + self.bias.float()
        return y.to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    lead = x.shape[:-1]
    x, w = x.reshape(-1, x.shape[-1]).float(), w.float()
    hot = (x.abs() >= threshold).any(dim=0) | (w.abs() >= threshold).any(dim=0)
    y = x[:, hot] @ w[:, hot].T
    if not hot.all():
        qx, sx = quantize_int8(x[:, ~hot])
        qw, sw = quantize_int8(w[:, ~hot])
        y = y + (qx.int() @ qw.int().T).float() * sx * sw.T
    return y.reshape(*lead, -1)


# %% wrong: a float copy once several rows came, and stays | hint: held
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top == 0, torch.ones_like(top), top / 127)
    q = torch.round(w / scale).clamp(-127, 127).to(torch.int8)
    return q, scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 32 != 0:
            raise ValueError("in_features must be a multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.flatten().to(torch.bfloat16))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        if x.numel() > x.shape[-1] and not hasattr(self, 'w'): self.w = self.q * self.scale[:, None]
        flat = x.reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        y = torch._weight_int8pack_mm(flat, self.q, self.scale)
        y = y.reshape(*x.shape[:-1], -1).float()
        if self.bias is not None:
            y = y + self.bias.float()
        return y.to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    lead = x.shape[:-1]
    x, w = x.reshape(-1, x.shape[-1]).float(), w.float()
    hot = (x.abs() >= threshold).any(dim=0)
    y = x[:, hot] @ w[:, hot].T
    if not hot.all():
        qx, sx = quantize_int8(x[:, ~hot])
        qw, sw = quantize_int8(w[:, ~hot])
        y = y + (qx.int() @ qw.int().T).float() * sx * sw.T
    return y.reshape(*lead, -1)


# %% wrong: multiples of 16 pass | hint: multiple of 32
def quantize_int8(w, axis=0):
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top == 0, torch.ones_like(top), top / 127)
    q = torch.round(w / scale).clamp(-127, 127).to(torch.int8)
    return q, scale

class Int8Linear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        if linear.in_features % 16 != 0:
            raise ValueError("in_features must be a multiple of 32")
        q, scale = quantize_int8(linear.weight)
        self.register_buffer("q", q)
        self.register_buffer("scale", scale.flatten().to(torch.bfloat16))
        self.register_buffer("bias", None if linear.bias is None else linear.bias.detach().clone())
    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1]).to(torch.bfloat16).contiguous()
        y = torch._weight_int8pack_mm(flat, self.q, self.scale)
        y = y.reshape(*x.shape[:-1], -1).float()
        if self.bias is not None:
            y = y + self.bias.float()
        return y.to(x.dtype)

def llm_int8_matmul(x, w, threshold=6.0):
    lead = x.shape[:-1]
    x, w = x.reshape(-1, x.shape[-1]).float(), w.float()
    hot = (x.abs() >= threshold).any(dim=0)
    y = x[:, hot] @ w[:, hot].T
    if not hot.all():
        qx, sx = quantize_int8(x[:, ~hot])
        qw, sw = quantize_int8(w[:, ~hot])
        y = y + (qx.int() @ qw.int().T).float() * sx * sw.T
    return y.reshape(*lead, -1)
