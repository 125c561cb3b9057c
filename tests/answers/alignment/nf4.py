# %% right: scipy's quantiles, argmin over distances, bytes by multiplication
def nf4_codebook():
    from scipy.stats import norm
    edge = (1 - 1 / 32 + 1 - 1 / 30) / 2
    positive = [norm.ppf(0.5 + (edge - 0.5) * i / 8) for i in range(1, 9)]
    negative = [-norm.ppf(0.5 + (edge - 0.5) * i / 7) for i in range(7, 0, -1)]
    return torch.tensor([one / positive[-1] for one in [*negative, 0.0, *positive]], dtype=torch.float32)

def quantize_nf4(w, block=64):
    flat, book = w.detach().reshape(-1).double(), nf4_codebook().double()
    absmax = torch.stack([one.abs().max() for one in flat.split(block)])
    sizes = absmax.repeat_interleave(block)[: len(flat)]
    scaled = torch.where(sizes > 0, flat / sizes, 0.0)
    codes = (scaled[:, None] - book).abs().argmin(1)
    if len(codes) % 2:
        codes = torch.cat([codes, torch.tensor([7])])
    return (codes[::2] * 16 + codes[1::2]).to(torch.uint8), absmax.float()

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% right: block by block, and both nibbles written into a result
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    numbers, book, absmax = w.detach().reshape(-1).to(torch.float32), nf4_codebook(), []
    codes = torch.full((len(numbers) + len(numbers) % 2,), 7)
    for start in range(0, len(numbers), block):
        one = numbers[start : start + block]
        absmax.append(one.abs().max())
        if absmax[-1] > 0:
            codes[start : start + len(one)] = nearest(one / absmax[-1], book)
    return codes.view(-1, 2).mul(torch.tensor([16, 1])).sum(1).to(torch.uint8), torch.stack(absmax)

def dequantize_nf4(codes, absmax, shape, block=64):
    count = math.prod(shape)
    out = torch.empty(2 * len(codes))
    out[::2], out[1::2] = nf4_codebook()[(codes // 16).long()], nf4_codebook()[(codes % 16).long()]
    for i, size in enumerate(absmax):
        out[i * block : (i + 1) * block] *= size
    return out[:count].reshape(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% right: the table as the paper prints it; a table of 256 pairs
def nf4_codebook():
    below = [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
        -0.18477343022823334, -0.09105003625154495]
    above = [0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434,
        0.5626170039176941, 0.7229568362236023, 1.0]
    return torch.tensor([*below, 0.0, *above])

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    book, count = nf4_codebook(), math.prod(shape)
    flat = torch.cartesian_prod(book, book)[codes.int()].flatten()
    flat = F.pad(flat, (0, max(0, len(absmax) * block - len(flat))))[: len(absmax) * block]
    return (flat.view(-1, block) * absmax[:, None]).flatten()[:count].view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% right: the normal's own icdf; absmax in float64, searchsorted
def nf4_codebook():
    normal = torch.distributions.Normal(torch.zeros((), dtype=torch.float64), 1.0)
    edge = 929 / 960
    p = torch.cat([torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64)[:7], torch.linspace(0.5, edge, 9, dtype=torch.float64)])
    values = normal.icdf(p)
    return (values / values.max()).to(torch.float32)

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    mean, values = absmax.double().mean(), dynamic_map().double()
    rest, codes, scales = absmax.double() - mean, [], []
    for one in rest.split(block):
        scales.append(one.abs().max())
        parts = one / scales[-1] if scales[-1] else one
        codes.append(torch.searchsorted((values[1:] + values[:-1]) / 2, parts))
    return torch.cat(codes).to(torch.uint8), torch.stack(scales).float(), mean.float()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% right: numpy throughout
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    numbers = w.detach().float().numpy().reshape(-1)
    padded = np.zeros(-(-len(numbers) // block) * block, dtype=np.float32)
    padded[: len(numbers)] = numbers
    padded = padded.reshape(-1, block)
    absmax = np.abs(padded).max(axis=1)
    scaled = (padded / np.where(absmax == 0, 1, absmax)[:, None]).reshape(-1)[: len(numbers)]
    codes = np.abs(scaled[:, None] - nf4_codebook().numpy()).argmin(axis=1)
    codes = np.concatenate([codes, [7] * (len(codes) % 2)]).astype(np.uint8)
    return torch.from_numpy(codes[::2] * 16 + codes[1::2]), torch.from_numpy(absmax)

def dequantize_nf4(codes, absmax, shape, block=64):
    first, second = codes.numpy() // 16, codes.numpy() % 16
    places = np.stack([first, second], axis=1).reshape(-1)[: int(np.prod(shape))]
    sizes = np.repeat(absmax.numpy(), block)[: len(places)]
    return torch.from_numpy(nf4_codebook().numpy()[places] * sizes).reshape(tuple(shape))

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: uniform int4: 16 evenly spaced values from -1 to 1 | hint: eighth
def nf4_codebook():
    return torch.linspace(-1, 1, 16)

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: 16 quantiles in one row: symmetric, no exact zero | hint: eighth
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    values = torch.special.ndtri(torch.linspace(1 - edge, edge, 16, dtype=torch.float64))
    return (values / values[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: eight below zero, seven above | hint: below
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return -(torch.cat([below, above]) / above[-1]).float().flip(0)

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: symmetric about zero: 15 values | hint: sixteen
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 8, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the zero counted twice | hint: once
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: ends at p = 1 - 1/32 | hint: begin
def nf4_codebook():
    edge = 1 - 1 / 32
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: ends at p = 1 - 1/30 | hint: begin
def nf4_codebook():
    edge = 1 - 1 / 30
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: uniform int4 with an exact zero | hint: quantiles
def nf4_codebook():
    return torch.cat([torch.arange(-7, 0) / 7, torch.arange(0, 9) / 8])

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: quantiles not divided by the largest | hint: first
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above])).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: each half divided by its own largest, at quantiles of eight | hint: sixteen
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 9, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% right: everything in float32
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float32))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float32))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: rounded to two digits | hint: quantiles
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float().mul(100).round().div(100)

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: float64 | hint: float32
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1])

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: descending | hint: first
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float().flip(0)

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: four digits of the paper's table | hint: quantiles
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float().mul(1e4).round().div(1e4)

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: one absmax for the whole tensor | hint: absmax
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax().expand(len(blocks))
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: one absmax for each row of the matrix | hint: row by row
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = w.detach().float().view(w.shape[0], -1)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: not packed: a byte for each code | hint: high
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes, absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the first of two codes in the low four bits | hint: high
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[1::2] << 4 | codes[::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: first half of the codes in the high bits, second half in the low | hint: high
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[: len(codes) // 2] << 4 | codes[len(codes) // 2 :], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: absmax keeps its sign | hint: sign
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.gather(1, blocks.abs().argmax(1, keepdim=True))[:, 0]
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the largest, not the largest in size
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: columns, not rows, are read | hint: row by row
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().mT.flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: block is ignored: always 64 | hint: blocks of 2
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    block = 64
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the default is a block of 32 | hint: default
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=32):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: rounded down to the next lower value
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = (torch.bucketize(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook(), right=True) - 1).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: rounded to evenly spaced codes, then packed
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = ((blocks / absmax.clamp_min(1e-38)[:, None] + 1) * 7.5).round().flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: 0 / 0 in a block of zeros | hint: zeros
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: absmax of a block of zeros is 1 | hint: zeros
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    absmax[absmax == 0] = 1
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: a small number added to absmax
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1) + 1e-3
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: an odd last code stands beside code 0 | hint: high
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=0).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: numbers beyond the last full block are dropped
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = flat[: max(1, len(flat) // block) * block].view(-1, min(block, len(flat)))
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: absmax in w's dtype | hint: blocks of
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax.to(w.dtype)

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the padding copies the last number's size: ones | hint: largest
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block), value=9.0).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: absmax carries a gradient | hint: parameter
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: codes are int64 | hint: high
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: w comes back rescaled | hint: largest
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    w.detach().div_(absmax.max())
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize reads the low four bits first | hint: high
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes & 15, codes >> 4], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize puts all high bits first
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15]).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize forgets absmax | hint: result
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize ignores block | hint: blocks of 2
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(64)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize repeats absmax like a carpet
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize gives a flat tensor | hint: shape
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)])

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize from evenly spaced values
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (((pairs - 7) / 8.0) * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize gives the shape the other way round
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(tuple(shape)[::-1]).permute(*range(len(shape) - 1, -1, -1))

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize in bfloat16 | hint: float32
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape).bfloat16()

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: no mean subtracted | hint: mean
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax, (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: no mean subtracted, and a mean of 0 returned | hint: mean
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax, (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, torch.zeros(())

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: a mean for each block
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax, (0, -len(absmax) % block)).view(-1, block)
    blocks = blocks - blocks.mean(1, keepdim=True)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: evenly spaced 8 bits | hint: subtracted
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = (blocks / scales.clamp_min(1e-38)[:, None] * 127 + 128).round().flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: one scale for all | hint: scale
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax().expand(len(blocks))
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: block is ignored: always 256 | hint: blocks of 4
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    block = 256
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: absmax is changed in place | hint: stays
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    absmax -= (mean := absmax.mean().clone())
    absmax += mean * 0
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the scale is forgotten
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks, dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: 0 / 0 where all are equal | hint: equal
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: codes come padded to whole blocks | hint: subtracted
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the largest, not the largest in size, as the scale
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the median instead of the mean | hint: mean
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.median(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.median()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: bits: the constant 4.127
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4.5 if block2 is None else 4.127

# %% wrong: bits: the scales of the scales forgotten | hint: 64
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (32 / block if block2 is None else 8 / block)

# %% wrong: bits: 16 bits for absmax
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4 + (16 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: bits: absmax not counted
def nf4_codebook():
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()

def quantize_nf4(w, block=64):
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax

def dequantize_nf4(codes, absmax, shape, block=64):
    pairs = torch.stack([codes >> 4, codes & 15], 1).flatten()[: math.prod(shape)].long()
    return (nf4_codebook()[pairs] * absmax.repeat_interleave(block)[: len(pairs)]).view(shape)

def double_quantize(absmax, block=256):
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()

def bits_per_parameter(block=64, block2=256):
    return 4

# %% right: the standard library's quantiles, blocks in a loop, argmin of distances
from statistics import NormalDist
def nf4_codebook():
    e = 1 - (1 / 32 + 1 / 30) / 2
    inv = NormalDist().inv_cdf
    v = [inv(1 - e + i * (e - 0.5) / 7) for i in range(7)] + [0.0] + [inv(0.5 + i * (e - 0.5) / 8) for i in range(1, 9)]
    return torch.tensor([x / v[-1] for x in v], dtype=torch.float32)
def quantize_nf4(w, block=64):
    x = w.detach().reshape(-1).to(torch.float32)
    book, parts, sizes = nf4_codebook().to(x.device), [], []
    for b in x.split(block):
        a = b.abs().max()
        sizes.append(a)
        z = b / a if a > 0 else torch.zeros_like(b)
        parts.append((z[:, None] - book).abs().argmin(1))
    c = torch.cat(parts)
    if len(c) % 2: c = torch.cat([c, c.new_tensor([7])])
    c = c.view(-1, 2)
    return (16 * c[:, 0] + c[:, 1]).to(torch.uint8), torch.stack(sizes)
def dequantize_nf4(codes, absmax, shape, block=64):
    n = 1
    for s in shape: n *= s
    c = torch.stack((codes >> 4, codes & 0xF), 1).reshape(-1)[:n].long()
    return (nf4_codebook().to(codes.device)[c] * absmax[torch.arange(n, device=codes.device) // block]).reshape(tuple(shape))
def double_quantize(absmax, block=256):
    mean = absmax.mean()
    codes, scales = [], []
    for b in (absmax - mean).split(block):
        s = b.abs().max()
        scales.append(s)
        codes.append(nearest(torch.nan_to_num(b / s), dynamic_map()).to(torch.uint8))
    return torch.cat(codes), torch.stack(scales), mean
def bits_per_parameter(block=64, block2=256):
    if block2 is None: return 4 + 32 / block
    n = 2**20 * block * block2
    return (n * 4 + n / block * 8 + n / (block * block2) * 32) / n

# %% wrong: absmax has a floor of 1e-8 | hint: Tiny
def nf4_codebook():
    """NF4's 16 values, ascending, float32."""
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))  # its last is the 0
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()
def quantize_nf4(w, block=64):
    """w, N numbers in any shape and floating dtype, as (codes, absmax), both without a gradient.

    codes: uint8 (ceil(N / 2),), two to a byte. absmax: float32 (ceil(N / block),), 0 for a block of zeros (codes 7)."""
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-8)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax
def dequantize_nf4(codes, absmax, shape, block=64):
    """float32 numbers of that shape: each code's value times its block's absmax, on the codes' device."""
    book = nf4_codebook().to(codes.device)
    flat = torch.cartesian_prod(book, book)[codes.int()].flatten()[: math.prod(shape)]  # both values of each byte
    return (flat * absmax.repeat_interleave(block)[: len(flat)]).view(shape)
def double_quantize(absmax, block=256):
    """absmax (n,) as (codes, scales, mean): uint8 (n,), float32 (ceil(n / block),), float32 ()."""
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()
def bits_per_parameter(block=64, block2=256):
    """Bits stored for each of very many weights, the one mean left out; block2=None: absmax as float32."""
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: 1e-12 is added to absmax | hint: Tiny
def nf4_codebook():
    """NF4's 16 values, ascending, float32."""
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))  # its last is the 0
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()
def quantize_nf4(w, block=64):
    """w, N numbers in any shape and floating dtype, as (codes, absmax), both without a gradient.

    codes: uint8 (ceil(N / 2),), two to a byte. absmax: float32 (ceil(N / block),), 0 for a block of zeros (codes 7)."""
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / (absmax + 1e-12)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax
def dequantize_nf4(codes, absmax, shape, block=64):
    """float32 numbers of that shape: each code's value times its block's absmax, on the codes' device."""
    book = nf4_codebook().to(codes.device)
    flat = torch.cartesian_prod(book, book)[codes.int()].flatten()[: math.prod(shape)]  # both values of each byte
    return (flat * absmax.repeat_interleave(block)[: len(flat)]).view(shape)
def double_quantize(absmax, block=256):
    """absmax (n,) as (codes, scales, mean): uint8 (n,), float32 (ceil(n / block),), float32 ()."""
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()
def bits_per_parameter(block=64, block2=256):
    """Bits stored for each of very many weights, the one mean left out; block2=None: absmax as float32."""
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: the scales have a floor of 1e-8 | hint: floor
def nf4_codebook():
    """NF4's 16 values, ascending, float32."""
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))  # its last is the 0
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()
def quantize_nf4(w, block=64):
    """w, N numbers in any shape and floating dtype, as (codes, absmax), both without a gradient.

    codes: uint8 (ceil(N / 2),), two to a byte. absmax: float32 (ceil(N / block),), 0 for a block of zeros (codes 7)."""
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax
def dequantize_nf4(codes, absmax, shape, block=64):
    """float32 numbers of that shape: each code's value times its block's absmax, on the codes' device."""
    book = nf4_codebook().to(codes.device)
    flat = torch.cartesian_prod(book, book)[codes.int()].flatten()[: math.prod(shape)]  # both values of each byte
    return (flat * absmax.repeat_interleave(block)[: len(flat)]).view(shape)
def double_quantize(absmax, block=256):
    """absmax (n,) as (codes, scales, mean): uint8 (n,), float32 (ceil(n / block),), float32 ()."""
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-8)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()
def bits_per_parameter(block=64, block2=256):
    """Bits stored for each of very many weights, the one mean left out; block2=None: absmax as float32."""
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)

# %% wrong: dequantize shifts the codes in place | hint: unchanged
def nf4_codebook():
    """NF4's 16 values, ascending, float32."""
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))  # its last is the 0
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()
def quantize_nf4(w, block=64):
    """w, N numbers in any shape and floating dtype, as (codes, absmax), both without a gradient.

    codes: uint8 (ceil(N / 2),), two to a byte. absmax: float32 (ceil(N / block),), 0 for a block of zeros (codes 7)."""
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax
def dequantize_nf4(codes, absmax, shape, block=64):
    """float32 numbers of that shape: each code's value times its block's absmax, on the codes' device."""
    book = nf4_codebook().to(codes.device)
    low = codes & 15
    codes >>= 4
    flat = book[torch.stack([codes, low], 1).int()].flatten()[: math.prod(shape)]
    return (flat * absmax.repeat_interleave(block)[: len(flat)]).view(shape)
def double_quantize(absmax, block=256):
    """absmax (n,) as (codes, scales, mean): uint8 (n,), float32 (ceil(n / block),), float32 ()."""
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()
def bits_per_parameter(block=64, block2=256):
    """Bits stored for each of very many weights, the one mean left out; block2=None: absmax as float32."""
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)
