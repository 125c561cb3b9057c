"""Answers to multi-head: how the width is cut into heads, who shares which key, what turns and what is hidden."""

# %% right: PyTorch's attention, grouped by itself
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).reshape(B, T, self.H, self.D).permute(0, 2, 1, 3)
        k = self.k_proj(x).reshape(B, T, self.G, self.D).permute(0, 2, 1, 3)
        v = self.v_proj(x).reshape(B, T, self.G, self.D).permute(0, 2, 1, 3)
        if self.rope_base:
            positions = torch.arange(T) if positions is None else positions
            if positions.dim() == 2:
                positions = positions[:, None]
            q, k = rope(q, positions, base=self.rope_base), rope(k, positions, base=self.rope_base)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal, enable_gqa=True)
        return self.o_proj(y.permute(0, 2, 1, 3).contiguous().view(B, T, C))

# %% right: a loop over the heads
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        T, D = x.shape[1], self.D
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        mask = causal_mask(T) if self.causal else None
        positions = torch.arange(T) if positions is None else positions
        heads = []
        for h in range(self.H):
            g = h * self.G // self.H
            one, key, value = q[..., h * D : (h + 1) * D], k[..., g * D : (g + 1) * D], v[..., g * D : (g + 1) * D]
            if self.rope_base is not None:
                one, key = rope(one, positions, self.rope_base), rope(key, positions, self.rope_base)
            heads.append(attention(one, key, value, mask))
        return self.o_proj(torch.cat(heads, dim=-1))

# %% right: einsum with a group axis, nothing repeated, softmax by torch, a mask kept as a buffer and grown
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.register_buffer("seen", torch.ones(2, 2, dtype=torch.bool).tril(), persistent=False)
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        if T > len(self.seen):
            self.seen = torch.ones(T, T, dtype=torch.bool, device=x.device).tril()
        q = self.q_proj(x).view(B, T, self.G, self.H // self.G, self.D)
        k, v = (layer(x).view(B, T, self.G, self.D) for layer in (self.k_proj, self.v_proj))
        if self.rope_base is not None:
            places = torch.arange(T).expand(B, T) if positions is None else positions.expand(B, T)
            k = rope(k.transpose(1, 2), places[:, None], self.rope_base).transpose(1, 2)
            q = rope(q.permute(0, 2, 3, 1, 4), places[:, None, None], self.rope_base).permute(0, 3, 1, 2, 4)
        scores = torch.einsum("btgrd,bsgd->bgrts", q, k) / math.sqrt(self.D)
        if self.causal:
            scores = scores.masked_fill(~self.seen[:T, :T], float("-inf"))
        y = torch.einsum("bgrts,bsgd->btgrd", scores.softmax(-1), v)
        return self.o_proj(y.reshape(B, T, C))

# %% right: keys expanded as Hugging Face's repeat_kv does, -1e9 for what is hidden, float64 inside
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).unflatten(-1, (self.H, self.D)).transpose(1, 2)
        k = self.k_proj(x).unflatten(-1, (self.G, self.D)).transpose(1, 2)
        v = self.v_proj(x).unflatten(-1, (self.G, self.D)).transpose(1, 2)
        if self.rope_base is not None:
            places = torch.arange(T)[None] if positions is None else positions.reshape(-1, T)
            q, k = (rope(one, places[:, None, :], self.rope_base) for one in (q, k))
        shape = (B, self.G, self.H // self.G, T, self.D)
        k, v = (one[:, :, None].expand(shape).reshape(B, self.H, T, self.D) for one in (k, v))
        scores = q.double() @ k.double().transpose(2, 3) * self.D**-0.5
        if self.causal:
            scores = scores + torch.full((T, T), -1e9, dtype=torch.float64).triu(1)
        y = scores.softmax(-1).to(x.dtype) @ v
        return self.o_proj(y.transpose(1, 2).flatten(2))

# %% right: heads in the batch axis, weights repeated instead of keys
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        (B, T, C), H = x.shape, self.H
        def whole(layer):
            rows = layer.weight.unflatten(0, (self.G, 1, self.D)).expand(-1, H // self.G, -1, -1).reshape(C, C)
            bias = None if layer.bias is None else layer.bias.view(self.G, 1, -1).expand(-1, H // self.G, -1).reshape(C)
            return F.linear(x, rows, bias)
        q, k, v = (one.view(B, T, H, self.D).transpose(1, 2).reshape(B * H, T, self.D)
                   for one in (self.q_proj(x), whole(self.k_proj), whole(self.v_proj)))
        if self.rope_base is not None:
            positions = torch.arange(T) if positions is None else positions
            positions = positions.expand(B, T).repeat_interleave(H, dim=0)
            q, k = rope(q, positions, self.rope_base), rope(k, positions, self.rope_base)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.view(B, H, T, self.D).transpose(1, 2).reshape(B, T, C))

# %% wrong: repeat instead of repeat_interleave | hint: repeat_interleave
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat(1, self.H // self.G, 1, 1), v.repeat(1, self.H // self.G, 1, 1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: keys in the right order, values in the other | hint: alike
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat(1, self.H // self.G, 1, 1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: repeated along the tokens | hint: share a key head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=2).reshape(B, self.H, T, self.D), v.repeat_interleave(self.H // self.G, dim=2).reshape(B, self.H, T, self.D)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: only the first key head is read | hint: share a key head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k[:, :1].expand(-1, self.H, -1, -1), v[:, :1].expand(-1, self.H, -1, -1)
        if self.H == self.G:
            k, v = (p(x).view(B, T, self.G, self.D).transpose(1, 2) for p in (self.k_proj, self.v_proj))
            k = k if self.rope_base is None else rope(k, positions.unsqueeze(-2), self.rope_base)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: n_kv_heads ignored | hint: 4 numbers
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        n_kv_heads = n_heads
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: heads cut by view(B, H, T, D) | hint: split into
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, self.H, T, self.D)
        k = self.k_proj(x).view(B, self.G, T, self.D)
        v = self.v_proj(x).view(B, self.G, T, self.D)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: heads cut by view(B, H, T, D), and put together the same way | hint: split into
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, self.H, T, self.D)
        k = self.k_proj(x).view(B, self.G, T, self.D)
        v = self.v_proj(x).view(B, self.G, T, self.D)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.reshape(B, T, C))

# %% wrong: heads put together without swapping back | hint: undone
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.reshape(B, T, C))

# %% wrong: heads interleaved when put together: (D, H) | hint: undone
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.permute(0, 2, 3, 1).reshape(B, T, C))

# %% wrong: heads cut as (D, H) | hint: split into
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.D, self.H).permute(0, 3, 1, 2)
        k = self.k_proj(x).view(B, T, self.D, self.G).permute(0, 3, 1, 2)
        v = self.v_proj(x).view(B, T, self.D, self.G).permute(0, 3, 1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: heads put together the other way round | hint: undone
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.flip(1).transpose(1, 2).reshape(B, T, C))

# %% wrong: the heads' mean | hint: 4 heads
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.mean(1))

# %% wrong: attention across the heads of each token | hint: One head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q, k, v = (p(x).view(B, T, -1, self.D) for p in (self.q_proj, self.k_proj, self.v_proj))
        return self.o_proj(attention(q, k, v).reshape(B, T, C))

# %% wrong: one head as wide as the model | hint: 4 heads
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        T = x.shape[1]
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        return self.o_proj(attention(q, k, v, causal_mask(T) if self.causal else None))

# %% wrong: scaled by the root of d_model | hint: 4 heads
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q / self.H**0.5, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: never causal | hint: back only
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: always causal | hint: both ways
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T))
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: causal the wrong way round | hint: both ways
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if not self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: not causal by default | hint: unless told otherwise
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=False, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: the mask for both axes of the heads: future, not past | hint: back only
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T).T if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: o_proj made and forgotten | hint: One head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return y.transpose(1, 2).reshape(B, T, C)

# %% wrong: no o_proj | hint: each an nn.Linear
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return y.transpose(1, 2).reshape(B, T, C)

# %% wrong: one matrix for all three | hint: each an nn.Linear
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.qkv = nn.Linear(d_model, 3 * d_model, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        q, k, v = (one.unflatten(-1, (self.H, self.D)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(attention(q, k, v, causal_mask(x.shape[1]) if self.causal else None).transpose(1, 2).flatten(2))

# %% wrong: k_proj for the values as well | hint: One head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: queries and keys exchanged | hint: One head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(k, q, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: biases by default | hint: asked for
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=True):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: never a bias | hint: all four
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=False)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=False)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=False)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=False)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: no bias in o_proj | hint: all four
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=False)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: a width that heads do not divide is cut short | hint: evenly
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: key heads that do not divide the heads are let through | hint: evenly
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: an assert instead of ValueError | hint: ValueError
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        assert d_model % n_heads == 0
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: a mask of a fixed size | hint: size
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(5)[:T, :T] if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: adds the input, as a block does | hint: One head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return x + self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: scales x in place | hint: came back changed
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        x /= 1.0
        x += 1e-6
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: dropout that is never asked for | hint: One head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return F.dropout(self.o_proj(y.transpose(1, 2).reshape(B, T, C)), 0.5)

# %% wrong: keys and queries detached | hint: way back to x
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q.detach(), k.detach(), v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: no rope | hint: reach rope
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            pass
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: rope on the values, too | hint: values left alone
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
            v = rope(v, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: rope on the queries alone | hint: no score changes
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q = rope(q, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: rope on x, before the projections | hint: no score changes
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        if self.rope_base is not None:
            positions = torch.arange(T) if positions is None else positions
            x = rope(x, positions, self.rope_base)
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            pass
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: rope before the heads are split | hint: split before rope
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        if self.rope_base is not None:
            positions = torch.arange(T) if positions is None else positions
            q, k = rope(q, positions, self.rope_base), rope(k, positions, self.rope_base)
        q, k, v = (one.view(B, T, -1, self.D).transpose(1, 2) for one in (q, k, v))
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: rope with the heads for positions: before the axes are swapped | hint: rope
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = (rope(one.transpose(1, 2), torch.arange(one.shape[1]), self.rope_base).transpose(1, 2) for one in (q, k))
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: interleaved rope | hint: half-split
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base, True), rope(k, positions.unsqueeze(-2), self.rope_base, True)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: rope's own base, not the given one | hint: at this base
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2)), rope(k, positions.unsqueeze(-2))
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: positions ignored | hint: positions used
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if True:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: positions of one axis alone | hint: (T,) or (B, T)
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions, self.rope_base), rope(k, positions, self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: positions of two axes: the first row for all | hint: (T,) or (B, T)
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.reshape(-1, T)[0], self.rope_base), rope(k, positions.reshape(-1, T)[0], self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: positions must be given | hint: 0 to T - 1
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: positions from 1 for the queries | hint: no score changes
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, 1 + positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: causal by position rather than by place | hint: no score changes
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base), rope(k, positions.unsqueeze(-2), self.rope_base)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, None if not self.causal else causal_mask(T) if positions is None else (positions[..., None] >= positions[..., None, :]).unsqueeze(-3))
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))

# %% wrong: rope always, with or without a base | hint: One head
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads must divide d_model")
        if n_heads % n_kv_heads != 0:
            raise ValueError("n_kv_heads must divide n_heads")
        self.H, self.G, self.D, self.causal, self.rope_base = n_heads, n_kv_heads, d_model // n_heads, causal, rope_base
        self.q_proj = nn.Linear(d_model, n_heads * self.D, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.D, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.D, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.H, self.D).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.G, self.D).transpose(1, 2)
        if True:
            if positions is None:
                positions = torch.arange(T)
            q, k = rope(q, positions.unsqueeze(-2), self.rope_base or 10000.0), rope(k, positions.unsqueeze(-2), self.rope_base or 10000.0)
        k, v = k.repeat_interleave(self.H // self.G, dim=1), v.repeat_interleave(self.H // self.G, dim=1)
        y = attention(q, k, v, causal_mask(T) if self.causal else None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, C))


# %% right: weights of o_proj by head, summed; index of heads
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        mask = causal_mask(T) if self.causal else torch.ones(T, T, dtype=torch.bool)

        def heads(layer):
            return torch.stack(layer(x).split(self.head_dim, dim=-1), dim=1)

        q, k, v = heads(self.q_proj), heads(self.k_proj), heads(self.v_proj)
        if self.rope_base is not None:
            positions = torch.arange(T) if positions is None else positions
            angle = positions if positions.ndim == 1 else positions[:, None, :]
            q, k = rope(q, angle, self.rope_base, False), rope(k, angle, self.rope_base, False)
        read = torch.arange(self.n_heads) * self.n_kv_heads // self.n_heads
        y = attention(q, k[:, read], v[:, read], mask)
        parts = self.o_proj.weight.split(self.head_dim, dim=1)
        out = sum(y[:, h] @ parts[h].T for h in range(self.n_heads))
        return out if self.o_proj.bias is None else out + self.o_proj.bias


# %% right: a kept mask buffer, expand, own attribute names, ValueError subclass
class UnevenHeads(ValueError):
    pass


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        self.h, self.g = n_heads, n_heads if n_kv_heads is None else n_kv_heads
        if d_model % self.h != 0:
            raise UnevenHeads(f"{d_model} / {n_heads}")
        if self.h % self.g != 0:
            raise UnevenHeads(f"{n_heads} / {n_kv_heads}")
        self.d = d_model // n_heads
        self.theta, self.look_back = rope_base, causal
        widths = {"q": self.h, "k": self.g, "v": self.g}
        for name, n in widths.items():
            setattr(self, name + "_proj", nn.Linear(d_model, n * self.d, bias))
        self.o_proj = nn.Linear(d_model, d_model, bias)
        self.register_buffer("mask", torch.empty(0, 0, dtype=torch.bool), persistent=False)

    def split(self, y):
        return y.reshape(*y.shape[:2], -1, self.d).movedim(2, 1)

    def forward(self, x, positions=None):
        T = x.size(1)
        q, k, v = self.split(self.q_proj(x)), self.split(self.k_proj(x)), self.split(self.v_proj(x))
        if self.theta is not None:
            where = torch.arange(T, device=x.device)[None] if positions is None else torch.atleast_2d(positions)
            q, k = (rope(y, where[:, None, :], self.theta) for y in (q, k))
        if self.g < self.h:
            r = self.h // self.g
            k, v = (y[:, :, None].expand(-1, -1, r, -1, -1).flatten(1, 2) for y in (k, v))
        mask = None
        if self.look_back:
            if self.mask.size(0) < T:
                self.mask = causal_mask(T).to(x.device)
            mask = self.mask[:T, :T]
        return self.o_proj(torch.einsum("bhtd->bthd", attention(q, k, v, mask)).flatten(-2))


# %% wrong: bias not in k_proj | hint: k_proj too
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T, device=x.device)
            if positions.dim() == 2:
                positions = positions.unsqueeze(1)
            q = rope(q, positions, self.rope_base)
            k = rope(k, positions, self.rope_base)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        mask = causal_mask(T).to(x.device) if self.causal else None
        out = attention(q, k, v, mask)
        out = out.transpose(1, 2).reshape(B, T, C)
        return self.o_proj(out)


# %% wrong: positions kept from call to call | hint: earlier call
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = getattr(self, "kept", torch.arange(T, device=x.device))[..., :T]
            self.kept = positions
            if positions.dim() == 2:
                positions = positions.unsqueeze(1)
            q = rope(q, positions, self.rope_base)
            k = rope(k, positions, self.rope_base)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        mask = causal_mask(T).to(x.device) if self.causal else None
        out = attention(q, k, v, mask)
        out = out.transpose(1, 2).reshape(B, T, C)
        return self.o_proj(out)


# %% wrong: positions advance from call to call | hint: earlier call
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                self.at = getattr(self, "at", 0)
                positions = torch.arange(T, device=x.device) + 0
                positions = positions * (1 + self.at)
                self.at += 1
            if positions.dim() == 2:
                positions = positions.unsqueeze(1)
            q = rope(q, positions, self.rope_base)
            k = rope(k, positions, self.rope_base)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        mask = causal_mask(T).to(x.device) if self.causal else None
        out = attention(q, k, v, mask)
        out = out.transpose(1, 2).reshape(B, T, C)
        return self.o_proj(out)


# %% wrong: mask of the first call's length | hint: earlier call
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T, device=x.device)
            if positions.dim() == 2:
                positions = positions.unsqueeze(1)
            q = rope(q, positions, self.rope_base)
            k = rope(k, positions, self.rope_base)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        self.m = getattr(self, "m", causal_mask(T))
        mask = self.m if self.causal else None
        out = attention(q, k, v, mask)
        out = out.transpose(1, 2).reshape(B, T, C)
        return self.o_proj(out)


# %% wrong: positions changed in place | hint: write into them
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T, device=x.device)
            if positions.dim() == 2:
                positions = positions.unsqueeze(1)
            positions += 1
            q = rope(q, positions, self.rope_base)
            k = rope(k, positions, self.rope_base)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        mask = causal_mask(T).to(x.device) if self.causal else None
        out = attention(q, k, v, mask)
        out = out.transpose(1, 2).reshape(B, T, C)
        return self.o_proj(out)


# %% wrong: gradients stop at keys | hint: way back to x
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x.detach()).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T, device=x.device)
            if positions.dim() == 2:
                positions = positions.unsqueeze(1)
            q = rope(q, positions, self.rope_base)
            k = rope(k, positions, self.rope_base)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        mask = causal_mask(T).to(x.device) if self.causal else None
        out = attention(q, k, v, mask)
        out = out.transpose(1, 2).reshape(B, T, C)
        return self.o_proj(out)


# %% wrong: ValueError unless n_kv_heads is less
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if (
            d_model % n_heads
            or n_heads % n_kv_heads
            or n_kv_heads > n_heads // 2
            and n_kv_heads != n_heads
            or n_kv_heads == 1
            and n_heads > 1
        ):
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T, device=x.device)
            if positions.dim() == 2:
                positions = positions.unsqueeze(1)
            q = rope(q, positions, self.rope_base)
            k = rope(k, positions, self.rope_base)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        mask = causal_mask(T).to(x.device) if self.causal else None
        out = attention(q, k, v, mask)
        out = out.transpose(1, 2).reshape(B, T, C)
        return self.o_proj(out)


# %% wrong: checks that n_kv_heads divides d_model | hint: evenly
class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        if n_kv_heads is None:
            n_kv_heads = n_heads
        if d_model % n_heads or d_model % n_kv_heads:
            raise ValueError("uneven heads")
        self.n_heads, self.n_kv_heads, self.causal, self.rope_base = n_heads, n_kv_heads, causal, rope_base
        self.head_dim = d_model // n_heads
        self.q_proj = nn.Linear(d_model, n_heads * self.head_dim, bias=bias)
        self.k_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.v_proj = nn.Linear(d_model, n_kv_heads * self.head_dim, bias=bias)
        self.o_proj = nn.Linear(n_heads * self.head_dim, d_model, bias=bias)

    def forward(self, x, positions=None):
        B, T, C = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv_heads, self.head_dim).transpose(1, 2)
        if self.rope_base is not None:
            if positions is None:
                positions = torch.arange(T, device=x.device)
            if positions.dim() == 2:
                positions = positions.unsqueeze(1)
            q = rope(q, positions, self.rope_base)
            k = rope(k, positions, self.rope_base)
        k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
        mask = causal_mask(T).to(x.device) if self.causal else None
        out = attention(q, k, v, mask)
        out = out.transpose(1, 2).reshape(B, T, C)
        return self.o_proj(out)
