# %% right: PyTorch's checkpoint around a plain product
from torch.utils.checkpoint import checkpoint as checkpointed

class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def plain(self, x):
        return F.linear(x, dequantize_nf4(self.codes, self.absmax, self.shape).to(x.dtype))
    def forward(self, x):
        y = checkpointed(self.plain, x, use_reentrant=False)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% right: frozen parameter for the bias, F.linear, einsum in backward
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return F.linear(x, dequantize_nf4(codes, absmax, shape).to(x.dtype))
    @staticmethod
    def backward(ctx, grad):
        weight = dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype)
        return torch.einsum('...o,oi->...i', grad, weight), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.bias = None if base.bias is None else nn.Parameter(base.bias.detach().clone(), requires_grad=False)
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% right: the adapter in float32, its result brought to x's dtype
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        h = F.linear(self.dropout(x).to(self.lora_A.dtype), self.lora_A)
        return y + (F.linear(h, self.lora_B) * self.scale).to(x.dtype)

# %% right: codes kept on ctx, the base's own bias frozen and shared
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.kept = codes, absmax, shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.kept).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.bias = base.bias
        if self.bias is not None:
            self.bias.requires_grad_(False)
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% right: products in float64
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return (x.double() @ dequantize_nf4(codes, absmax, shape).double().T).to(x.dtype)
    @staticmethod
    def backward(ctx, grad):
        return (grad.double() @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).double()).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: autograd keeps the dequantized weight: a plain product | hint: autograd
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = x @ dequantize_nf4(self.codes, self.absmax, self.shape).to(x.dtype).T
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the weight is saved for backward | hint: autograd
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        weight = dequantize_nf4(codes, absmax, shape).to(x.dtype)
        ctx.save_for_backward(weight)
        return x @ weight.T
    @staticmethod
    def backward(ctx, grad):
        return grad @ ctx.saved_tensors[0], None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the weight hides on ctx | hint: autograd
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.weight = dequantize_nf4(codes, absmax, shape).to(x.dtype)
        return x @ ctx.weight.T
    @staticmethod
    def backward(ctx, grad):
        return grad @ ctx.weight, None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the weight hides on ctx, in 16 bits
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.weight = dequantize_nf4(codes, absmax, shape).bfloat16()
        return x @ ctx.weight.to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ ctx.weight.to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: base is kept | hint: base kept
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        self.base = [base]
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: base is kept as a submodule, frozen
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        self.base = base.requires_grad_(False)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: a dequantized copy beside the codes | hint: copy
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.weight = dequantize_nf4(codes, absmax, self.shape)
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = x @ self.weight.to(x.dtype).T
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: a dequantized copy in 16 bits
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.weight = dequantize_nf4(codes, absmax, self.shape).bfloat16()
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = x @ self.weight.to(x.dtype).T
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the first forward pass keeps what it dequantized | hint: autograd
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        if not hasattr(self, 'cache'):
            self.cache = [dequantize_nf4(self.codes, self.absmax, self.shape)]
        y = x @ self.cache[0].to(x.dtype).T
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: no four bits: the weight rounded, kept as it is
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("weight", dequantize_nf4(codes, absmax, self.shape))
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = x @ self.weight.to(x.dtype).T
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: codes unpacked, one to a byte | hint: byte
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.whole = torch.stack([codes >> 4, codes & 15], 1).flatten()
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: plain LoRA: 16-bit weight, no codes
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        self.register_buffer("weight", base.weight.detach().bfloat16())
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = x @ self.weight.to(x.dtype).T
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: codes are a plain attribute, not in the state | hint: buffers
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.codes = codes
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: absmax is a plain attribute | hint: buffers
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.absmax = absmax
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: absmax in 16 bits
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax.float(), shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(ctx.saved_tensors[0], ctx.saved_tensors[1].float(), ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax.bfloat16())
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the bias is a plain attribute, not in the state | hint: state_dict
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.bias = None if base.bias is None else base.bias.detach().clone()
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: no gradient for x through the base | hint: both ways
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return None, None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: x's gradient by the transposed product's shape: zeros | hint: both ways
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad.new_zeros(*grad.shape[:-1], ctx.shape[1]), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: x is detached on the base's way | hint: both ways
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x.detach(), self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the base's way under no_grad | hint: both ways
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        with torch.no_grad():
            y = x @ dequantize_nf4(self.codes, self.absmax, self.shape).to(x.dtype).T
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: x is detached on the adapter's way | hint: both ways
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x.detach()) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the gradient is scaled like the adapter
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return 2 * grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the bias is trained | hint: bias
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.bias = base.bias
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: absmax is trained
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.absmax = nn.Parameter(absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: lora_A is frozen
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
        self.lora_A.requires_grad_(False)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: float32 comes out, whatever x is | hint: 16-bit
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        y = y.float()
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the dequantized weight is not brought to x's dtype | hint: 16-bit
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: scaled by alpha | hint: alpha / r
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: scaled by r / alpha | hint: alpha / r
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, r / alpha, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: not scaled | hint: alpha / r
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, 1.0, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: scaled by alpha / sqrt(r) | hint: alpha / r
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r**0.5, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the bias forgotten | hint: bias
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            pass
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the bias added twice | hint: bias
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + 2 * self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: no adapter at all | hint: adapter
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y

# %% wrong: the adapter alone | hint: base
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: B is random at the start | hint: B is 0
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
        nn.init.kaiming_uniform_(self.lora_B, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: A is zero too: nothing ever learns | hint: uniform
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.zeros_(self.lora_A)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: A drawn wider: a = 0 | hint: uniform
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=0)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: dropout on the base's way too | hint: dropout
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        x = self.dropout(x)
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (x @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: dropout on what the adapter gives | hint: dropped
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * self.dropout(x @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: no dropout | hint: dropped
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Identity()
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: dropout in evaluation, too | hint: training
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (F.dropout(x, self.dropout.p) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the weight quantized from its transpose | hint: rounded
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape[::-1]).T.to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape[::-1]).T.to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight.T)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: quantized twice: the rounded weight in blocks of 32 first
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(dequantize_nf4(*quantize_nf4(base.weight, 32), base.weight.shape, 32))
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: a sign instead of sixteen values | hint: rounded
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).sign().mul(0.5).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: base is rounded in place | hint: changed
class FourBitProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        codes, absmax = quantize_nf4(base.weight)
        base.weight.data = dequantize_nf4(codes, absmax, base.weight.shape)
        self.register_buffer("codes", codes)
        self.register_buffer("absmax", absmax)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None:
            y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the adapter in the base's dtype | hint: float32 still
class FourBitProduct(torch.autograd.Function):
    """x (..., in) times the transpose of what dequantize_nf4(codes, absmax, shape) gives, in x's dtype: (..., out)."""
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    """An nn.Linear's stand-in: buffers codes and absmax from quantize_nf4, its bias frozen, no weight. Trained, float32:
    lora_A (r, in), drawn by nn.init.kaiming_uniform_(lora_A, a=5**0.5), and lora_B (out, r), zeros."""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        for name, one in zip(("codes", "absmax"), quantize_nf4(base.weight)): self.register_buffer(name, one)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        place = {"dtype": base.weight.dtype, "device": base.weight.device}
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1], **place))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r, **place))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        """x (..., in), any floating dtype: (..., out) in the same. Dropout on the adapter's way alone, in training."""
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None: y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: a float32 bias turns 16 bits into 32 | hint: is the bias
class FourBitProduct(torch.autograd.Function):
    """x (..., in) times the transpose of what dequantize_nf4(codes, absmax, shape) gives, in x's dtype: (..., out)."""
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
    @staticmethod
    def backward(ctx, grad):
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None

class QLoRALinear(nn.Module):
    """An nn.Linear's stand-in: buffers codes and absmax from quantize_nf4, its bias frozen, no weight. Trained, float32:
    lora_A (r, in), drawn by nn.init.kaiming_uniform_(lora_A, a=5**0.5), and lora_B (out, r), zeros."""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        for name, one in zip(("codes", "absmax"), quantize_nf4(base.weight)): self.register_buffer(name, one)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        place = {"dtype": torch.float32, "device": base.weight.device}
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1], **place))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r, **place))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        """x (..., in), any floating dtype: (..., out) in the same. Dropout on the adapter's way alone, in training."""
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None: y = y + self.bias
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)

# %% wrong: the layer by checkpoint, FourBitProduct left as x | hint: FourBitProduct
import torch.utils.checkpoint
class FourBitProduct(torch.autograd.Function):
    """x (..., in) times the transpose of what dequantize_nf4(codes, absmax, shape) gives, in x's dtype: (..., out)."""
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        return x
    @staticmethod
    def backward(ctx, grad):
        return grad, None, None, None

class QLoRALinear(nn.Module):
    """An nn.Linear's stand-in: buffers codes and absmax from quantize_nf4, its bias frozen, no weight. Trained, float32:
    lora_A (r, in), drawn by nn.init.kaiming_uniform_(lora_A, a=5**0.5), and lora_B (out, r), zeros."""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        for name, one in zip(("codes", "absmax"), quantize_nf4(base.weight)): self.register_buffer(name, one)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        place = {"dtype": torch.float32, "device": base.weight.device}
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1], **place))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r, **place))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
    def forward(self, x):
        """x (..., in), any floating dtype: (..., out) in the same. Dropout on the adapter's way alone, in training."""
        y = torch.utils.checkpoint.checkpoint(lambda x: x @ dequantize_nf4(self.codes, self.absmax, self.shape).to(x.dtype).T, x, use_reentrant=False)
        if self.bias is not None: y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)
