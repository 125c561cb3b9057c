"""Answers to positions: which columns make a pair, how fast it turns, and what the position is."""

# %% right: as Hugging Face does it: angles in float32, rotate_half; the waves written into an empty table
def sinusoidal(T, D):
    table = torch.zeros(T, D)
    position = torch.arange(T).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, D, 2) * (-math.log(10000.0) / D))
    table[:, 0::2] = torch.sin(position * div_term)
    table[:, 1::2] = torch.cos(position * div_term)
    return table


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    inv_freq = 1.0 / (base ** (torch.arange(0, D, 2, dtype=torch.float) / D))
    freqs = positions[..., None].float() * inv_freq
    if interleaved:
        emb = freqs.repeat_interleave(2, dim=-1)
        other = torch.stack((-x[..., 1::2], x[..., ::2]), dim=-1).flatten(-2)
    else:
        emb = torch.cat((freqs, freqs), dim=-1)
        other = torch.cat((-x[..., D // 2 :], x[..., : D // 2]), dim=-1)
    return x * emb.cos().to(x.dtype) + other * emb.sin().to(x.dtype)


# %% right: complex numbers, half-split by a permutation of the columns; the waves as the parts of exp(it)
def sinusoidal(T, D):
    turn = torch.polar(torch.ones(T, D // 2), torch.arange(T)[:, None] / 10000 ** (torch.arange(0, D, 2) / D))
    return torch.stack([turn.imag, turn.real], -1).reshape(T, D)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    if not interleaved:
        order = torch.arange(D).view(2, -1).T.flatten()
        return rope(x[..., order], positions, base, True)[..., order.argsort()]
    angles = positions.unsqueeze(-1).double() / base ** (torch.arange(0, D, 2) / D).double()
    pairs = torch.view_as_complex(x.double().unflatten(-1, (D // 2, 2)).contiguous())
    turned = pairs * torch.polar(torch.ones_like(angles), angles)
    return torch.view_as_real(turned).flatten(-2).to(x.dtype)


# %% right: loops over the pairs, in plain float32; the waves entry by entry
def sinusoidal(T, D):
    rows = []
    for t in range(T):
        row = []
        for i in range(D // 2):
            row += [math.sin(t / 10000 ** (2 * i / D)), math.cos(t / 10000 ** (2 * i / D))]
        rows.append(row)
    return torch.tensor(rows)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    columns = [None] * D
    for i in range(D // 2):
        one, other = (2 * i, 2 * i + 1) if interleaved else (i, i + D // 2)
        angle = positions.float() * base ** (-2 * i / D)
        a, b = x[..., one].float(), x[..., other].float()
        columns[one] = a * angle.cos() - b * angle.sin()
        columns[other] = a * angle.sin() + b * angle.cos()
    return torch.stack(columns, dim=-1).to(x.dtype)


# %% right: rotation matrices, as equation 15 of the paper has them
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    i = torch.arange(D // 2)
    one, other = (2 * i, 2 * i + 1) if interleaved else (i, i + D // 2)
    angle = positions.double()[..., None] * base ** (-2 * i.double() / D)
    matrix = torch.zeros(*positions.shape, D, D, dtype=torch.float64)
    matrix[..., one, one] = matrix[..., other, other] = angle.cos()
    matrix[..., one, other] = -angle.sin()
    matrix[..., other, one] = angle.sin()
    return (matrix @ x.double()[..., None]).squeeze(-1).to(x.dtype)


# %% right: written into a copy, views for the two members of each pair
def sinusoidal(T, D):
    t, c = torch.meshgrid(torch.arange(T), torch.arange(D), indexing="ij")
    angles = t * torch.exp(-(c - c % 2) / D * math.log(10000))
    return torch.where(c % 2 == 0, angles.sin(), angles.cos())


def rope(x, positions, base=10000.0, interleaved=False):
    out = torch.empty_like(x)
    half = x.shape[-1] // 2
    first, second = (slice(0, None, 2), slice(1, None, 2)) if interleaved else (slice(0, half), slice(half, None))
    theta = torch.tensor([base ** (-i / half) for i in range(half)])
    angle = torch.einsum("...t,i->...ti", positions.to(torch.float32), theta)
    cos, sin = torch.cos(angle), torch.sin(angle)
    out[..., first] = (x[..., first] * cos - x[..., second] * sin).to(x.dtype)
    out[..., second] = (x[..., second] * cos + x[..., first] * sin).to(x.dtype)
    return out


# %% wrong: cosines first | hint: sin t, cos t
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.cos(), angles.sin()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: all sines to the left, all cosines to the right | hint: take turns
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: each column with a frequency of its own | hint: sharing a frequency
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(D) / D)
    table = angles.sin()
    table[:, 1::2] = angles[:, 1::2].cos()
    return table


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: exponent i/D, not 2i/D | hint: t/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(D // 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: exponent 4i/D | hint: t/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-2 * torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: exponent without its minus | hint: t/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: positions from 1 | hint: Row t
def sinusoidal(T, D):
    angles = torch.arange(1, T + 1)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: frequencies end at exactly 1/10000, as in tensor2tensor | hint: t/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(D // 2) / (D // 2 - 1))
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: the table in float64 | hint: float32
def sinusoidal(T, D):
    angles = torch.arange(T).double()[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: only sines | hint: sine and cosine
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.sin()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: D rows of T | hint: shape
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2).T


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: zeros | hint: sin t
def sinusoidal(T, D):
    return torch.zeros(T, D)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: the visible case, by heart | hint: T =
def sinusoidal(T, D):
    return torch.tensor([[math.sin(t), math.cos(t), math.sin(t / 100), math.cos(t / 100)] for t in range(T)])


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: the identity | hint: turned by 2
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    return x.clone()


# %% wrong: turned by the index, not by the position | hint: position that counts
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = torch.arange(x.shape[-2])[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: positions counted from the first one given | hint: position that counts
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = (positions - positions.min())[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: positions put in order first | hint: any order
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions.sort(-1).values[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: positions taken as a plain range from the first | hint: any order
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = (positions[..., :1] + torch.arange(x.shape[-2]))[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: the first sequence's positions for all | hint: each sequence
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions.reshape(-1, x.shape[-2])[0][:, None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: base with the exponent the wrong way round | hint: 2/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: half-split for both | hint: Interleaved
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if False:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: interleaved for both | hint: Half-split
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if True:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: the two conventions exchanged | hint: Half-split
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if not interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: turned the other way round | hint: turned by 2
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), (-angles).sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: only the cosines | hint: turned by 2
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    angles = positions[..., None] * base ** (-torch.arange(0, D, 2) / D)
    return x * (angles.cos().repeat_interleave(2, -1) if interleaved else angles.cos().repeat(*[1] * (angles.dim() - 1), 2))


# %% wrong: rotate_half without its minus | hint: turned by 2
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos + b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos + b * sin, a * sin + b * cos], dim=-1)


# %% wrong: frequencies i/D: half the exponent | hint: 2/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(D // 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: frequencies 4i/D: twice the exponent | hint: 2/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / (D // 2))
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: interleaved pairs come back half-split | hint: put back
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: half-split, but the cosines repeated two by two | hint: Half-split
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = (positions[..., None] * theta).repeat_interleave(2, -1)
    a, b = x.chunk(2, dim=-1)
    other = torch.stack([-x[..., 1::2], x[..., 0::2]], -1).flatten(-2) if interleaved else torch.cat([-b, a], -1)
    return x * angles.cos().to(x.dtype) + other * angles.sin().to(x.dtype)


# %% wrong: base ignored | hint: other bases
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = 10000.0 ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: the result in float64 | hint: dtype
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos(), angles.sin()
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: the result always in float32 | hint: dtype
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().float(), angles.sin().float()
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: angles in the dtype of x | hint: bfloat16
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=x.dtype) / D)
    angles = positions[..., None].to(x.dtype) * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: angles in half precision | hint: 2/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None].half() * theta.half()
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: angles in bfloat16 | hint: 2/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None].bfloat16() * theta.bfloat16()
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: a table of 2,048 positions, and no more | hint: 100,000
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = (torch.arange(2048)[:, None] * theta)[positions]
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: positions beyond 8,191 begin anew | hint: 100,000
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = (positions % 8192)[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: writes into x | hint: came back changed
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    angles = positions[..., None] * base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else x.chunk(2, dim=-1)
    old = a.clone()
    a.mul_(cos).sub_(b * sin)
    b.mul_(cos).add_(old * sin)
    return x


# %% wrong: b turned with the new a | hint: turned by 2
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    angles = positions[..., None] * base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    out = x.clone()
    a, b = (out[..., 0::2], out[..., 1::2]) if interleaved else out.chunk(2, dim=-1)
    a.copy_(a * cos - b * sin)
    b.copy_(a * sin + b * cos)
    return out


# %% wrong: under no_grad | hint: gradient
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@torch.no_grad()
def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: the waves added instead of a rotation | hint: turned by 2
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    return x + sinusoidal(int(positions.max()) + 1, x.shape[-1])[positions]


# %% wrong: one frequency for every pair | hint: 2/100
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * torch.ones_like(theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: positions of one axis only | hint: Other positions
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = torch.outer(positions.double(), theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: turned, but not returned | hint: return
def sinusoidal(T, D):
    angles = torch.arange(T)[:, None] * 10000.0 ** (-torch.arange(0, D, 2) / D)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


# %% wrong: in place, interleaved only | hint: changed
def sinusoidal(T, D):
    theta = 10000.0 ** (-torch.arange(0, D, 2).double() / D)
    angles = torch.arange(T).double()[:, None] * theta
    table = torch.zeros(T, D)
    table[:, 0::2] = angles.sin()
    table[:, 1::2] = angles.cos()
    return table


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, device=x.device).float() / D)
    phi = positions[..., None].float() * theta
    c, s = phi.cos(), phi.sin()
    y = x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
    if interleaved:
        a, b = y[..., 0::2], y[..., 1::2]
    else:
        a, b = y[..., : D // 2], y[..., D // 2 :]
    u, w = a * c - b * s, a * s + b * c
    if interleaved:
        out = torch.stack([u, w], -1).flatten(-2)
    else:
        out = torch.cat([u, w], -1)
    if interleaved:
        x.data.copy_(out)
    return out.to(x.dtype)


# %% wrong: waves: positions in half precision | hint: rounded
def sinusoidal(T, D):
    theta = 10000.0 ** (-torch.arange(0, D, 2).double() / D)
    angles = torch.arange(T).half()[:, None] * theta
    table = torch.zeros(T, D)
    table[:, 0::2] = angles.sin()
    table[:, 1::2] = angles.cos()
    return table


def rope(x, positions, base=10000.0, interleaved=False):
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, device=x.device).float() / D)
    phi = positions[..., None].float() * theta
    c, s = phi.cos(), phi.sin()
    y = x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
    if interleaved:
        a, b = y[..., 0::2], y[..., 1::2]
    else:
        a, b = y[..., : D // 2], y[..., D // 2 :]
    u, w = a * c - b * s, a * s + b * c
    if interleaved:
        out = torch.stack([u, w], -1).flatten(-2)
    else:
        out = torch.cat([u, w], -1)
    return out.to(x.dtype)
