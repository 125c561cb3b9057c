"""Answers to exercise 6, io."""

# %% right: ceil, and a loop from the longest down
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% right: step by step, an array of lengths, O undivided until the last keys
def blocks(N, size):
    return [min(size, N - start) for start in range(0, N, size)]


def hbm_bytes_standard(N, d, itemsize=2):
    scores = 2 * N * d + N * N
    softmax = N * N + N * N
    output = N * N + N * d + N * d
    return (scores + softmax + output) * itemsize


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    keys = -(-(sram_bytes // itemsize) // (4 * d))
    moved = 0
    for n in blocks(N, keys):
        moved += n * d + n * d
        moved += N * d + N * d + N + N  # Q, O, l, m in
        moved += N * d + N + N
    return moved * itemsize


def crossing(d, sram_bytes, longest=65536):
    N = np.arange(1, longest + 1)
    Bc = -(-(sram_bytes // 2) // (4 * d))
    wins = 2 * (2 * N * d + -(-N // Bc) * (3 * N * d + 4 * N)) < 2 * (4 * N * d + 4 * N * N)
    if not wins[-1]:
        return None
    return int(longest - np.argmin(wins[::-1])) + 1 if not wins.all() else 1


def flash_in_blocks(memory):
    """O stays without its division until the last block of keys."""
    starts = list(range(0, memory.N, memory.Bc))
    for start in starts:
        K, V = (memory.read(name, start, min(start + memory.Bc, memory.N)) for name in ("K", "V"))
        for i in range(0, memory.N, memory.Br):
            stop = min(i + memory.Br, memory.N)
            q, o, total, m = (memory.read(name, i, stop) for name in ("Q", "O", "l", "m"))
            state = merge(m, total, o, *self_part(q @ K.T / math.sqrt(memory.d), V))
            m, total, o = state
            memory.write("O", i, o / total[:, None] if start == starts[-1] else o)
            memory.write("m", i, m)
            memory.write("l", i, total)


def self_part(scores, V):
    m = scores.amax(-1)
    weights = (scores - m[:, None]).exp()
    return m, weights.sum(-1), weights @ V

# %% right: floats, all lengths up, logsumexp
def hbm_bytes_standard(N, d, itemsize=2):
    return int(itemsize * (4.0 * N * d + 4.0 * N**2))


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    lost = 0
    for N in range(1, longest + 1):
        if hbm_bytes_standard(N, d) <= hbm_bytes_flash(N, d, sram_bytes):
            lost = N
    return None if lost == longest else lost + 1


def flash_in_blocks(memory):
    """With logsumexp; l in memory is the sum itself, in units of its m."""
    j = 0
    while j < memory.N:
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        i = 0
        while i < memory.N:
            Q, out = memory.read("Q", i, i + memory.Br), memory.read("O", i, i + memory.Br)
            old = memory.read("m", i, i + memory.Br) + memory.read("l", i, i + memory.Br).log()
            scores = torch.einsum("td,sd->ts", Q, K) * memory.d**-0.5
            here = scores.logsumexp(1)
            both = torch.logaddexp(old, here)
            out = (old - both).exp()[:, None] * out + (scores - both[:, None]).exp() @ V
            memory.write("O", i, out)
            memory.write("m", i, both)
            memory.write("l", i, torch.ones_like(both))
            i += memory.Br
        j += memory.Bc

# %% right: every block counted; the crossing block by block; float64 inside
def hbm_bytes_standard(N, d, itemsize=2):
    return sum(itemsize * rows * columns for rows, columns in [(N, d)] * 4 + [(N, N)] * 4)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    Bc = (sram_bytes // itemsize + 4 * d - 1) // (4 * d)
    Br = min(Bc, d)
    total = 0
    for j in range(0, N, Bc):
        total += 2 * d * len(range(j, min(j + Bc, N)))
        for i in range(0, N, Br):
            rows = min(Br, N - i)
            total += rows * (2 * d + 2) + rows * (d + 2)
    return total * itemsize


def crossing(d, sram_bytes, longest=65536):
    """Inside a block flash gains with every token: only each block's first lengths can lose."""
    Bc = (sram_bytes // 2 + 4 * d - 1) // (4 * d)
    for Tc in range(-(-longest // Bc), 0, -1):
        lengths = range((Tc - 1) * Bc + 1, min(Tc * Bc, longest) + 1)
        least = (Tc * (3 * d + 4) - 2 * d) // 4 + 1  # the least N with 2d + Tc (3d + 4) < 4d + 4N
        if least > lengths[0]:
            return least if least <= lengths[-1] else (None if lengths[-1] == longest else lengths[-1] + 1)
    return 1


def flash_in_blocks(memory):
    N, Br, Bc = memory.N, memory.Br, memory.Bc
    for j in range(math.ceil(N / Bc)):
        K, V = [memory.read(x, j * Bc, (j + 1) * Bc).double() for x in "KV"]
        for i in range(math.ceil(N / Br)):
            here = {x: memory.read(x, i * Br, (i + 1) * Br) for x in "QOlm"}
            Q, out, m = here["Q"].double(), here["O"].double(), here["m"].double()
            s = torch.mm(Q, K.t()) / memory.d**0.5
            mine = s.amax(1)
            weights = torch.exp(s - mine[:, None])
            m_new = torch.maximum(m, mine)
            old, new = here["l"].double() * torch.exp(m - m_new), torch.exp(mine - m_new)
            sums = old + new * weights.sum(1)
            out = torch.diag(1 / sums) @ (torch.diag(old) @ out + new[:, None] * (weights @ V))
            for name, value in {"O": out, "l": sums, "m": m_new}.items():
                memory.write(name, i * Br, value.to(here[name].dtype))

# %% wrong: P is not read again | hint: S and P
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * (4 * N * d + 3 * N * N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: S and P cross once each | hint: S and P
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * (4 * N * d + 2 * N * N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: the output is forgotten | hint: Q, K, V, O
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * (3 * N * d + 4 * N * N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: numbers, not bytes | hint: Q, K, V, O
def hbm_bytes_standard(N, d, itemsize=2):
    return 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: always two bytes a number | hint: 4 bytes
def hbm_bytes_standard(N, d, itemsize=2):
    return 2 * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: flash: always two bytes a number | hint: 4 bytes
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return 2 * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: M in bytes | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: M from two bytes, whatever is asked | hint: 4 bytes
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // 2
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: Bc rounded down | hint: rounded up
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = max(1, M // (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: Bc without the width | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / 4)
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: Bc without the 4 | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / d)
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: half a block counts half a pass | hint: three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = N / Bc
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: the last pass is forgotten | hint: three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = max(1, N // Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: passes over blocks of queries | hint: three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / min(Bc, d))
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: O is not read again | hint: O are read
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (2 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: O is written once | hint: O written
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (3 * N * d + Tc * (2 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: without l and m | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * 3 * N * d)


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: l and m are read only | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 2 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: K and V in every pass | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (Tc * (5 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: the first values of O, l and m count | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (3 * N * d + 2 * N + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: queries outside, as FlashAttention-2 | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + N + math.ceil(N / min(Bc, d)) * 2 * N * d)


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: the limit of Theorem 2 | hint: M = 16
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * round(N * N * d * d / M)


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: whole blocks where the last is ragged | hint: Seven
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * Tc * Bc * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: the first length at which flash wins | hint: lasts
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(1, longest + 1):
        if hbm_bytes_flash(N, d, sram_bytes) < hbm_bytes_standard(N, d):
            return N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: the last length at which it loses | hint: 17 tokens
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best and best - 1


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: equal counts as fewer | hint: 17 tokens
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) > hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: one behind the end in place of None | hint: 8 KiB
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = longest + 1
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: longest is ignored | hint: longest
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(65536, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: the formula of the first block | hint: lasts
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    return (d + 4) // 4 + 1


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: queries outside | hint: Three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for i in range(0, memory.N, memory.Br):
        q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
        for j in range(0, memory.N, memory.Bc):
            K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            o, total, m = a[:, None] * o + p @ V, a * total + p.sum(-1), new
        for name, rows in zip("Olm", (o / total[:, None], total, m)):
            memory.write(name, i, rows)

# %% wrong: keys and values inside the inner loop | hint: Three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: reads what it needs past the counter | hint: Three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.rows[name][i : i + memory.Br].clone() for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: writes past the counter | hint: Three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.rows["O"][i : i + memory.Br] = o
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: everything at once | hint: 8 bytes a number
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    Q, K, V = (memory.read(name, 0, memory.N) for name in "QKV")
    memory.write("O", 0, (Q @ K.T / math.sqrt(memory.d)).softmax(-1) @ V)

# %% wrong: O is not rescaled | hint: rescaled
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = (total[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: l is not rescaled | hint: rescaled
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: O is not multiplied by the old sum | hint: rescaled
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = (a[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: not divided by l | hint: divided
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = (a[:, None] * o + p @ V)
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: no scale in the loop | hint: 8 bytes
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: m is not written | hint: 8 bytes
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)

# %% wrong: l and m kept aside | hint: Three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        if j == 0:
            kept = {}
        for i in range(0, memory.N, memory.Br):
            q, o = memory.read("Q", i, i + memory.Br), memory.read("O", i, i + memory.Br)
            total, m = kept.get(i, (q.new_zeros(len(q)), q.new_full((len(q),), -math.inf)))
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            kept[i] = sum_new, new

# %% wrong: O written after the last block alone | hint: Three blocks
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        if j == 0:
            kept = {}
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = kept.get(i, o)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            kept[i] = o
            if j + memory.Bc >= memory.N:
                memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: the last rows are left out | hint: Other
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N - memory.N % memory.Br or memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT / memory.d**0.5
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)

# %% wrong: Q is scaled in slow memory | hint: stay
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * 4 * N * (d + N)


def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    M = sram_bytes // itemsize
    Bc = math.ceil(M / (4 * d))
    Tc = math.ceil(N / Bc)
    return itemsize * (2 * N * d + Tc * (3 * N * d + 4 * N))


def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best


def flash_in_blocks(memory):
    memory.rows["Q"] /= memory.d**0.5
    for j in range(0, memory.N, memory.Bc):
        K, V = memory.read("K", j, j + memory.Bc), memory.read("V", j, j + memory.Bc)
        for i in range(0, memory.N, memory.Br):
            q, o, total, m = [memory.read(name, i, i + memory.Br) for name in ("Q", "O", "l", "m")]
            s = q @ K.mT
            new = torch.maximum(m, s.max(-1).values)
            p, a = torch.exp(s - new[:, None]), torch.exp(m - new)
            sum_new = a * total + p.sum(-1)
            o = ((a * total)[:, None] * o + p @ V) / sum_new[:, None]
            memory.write("O", i, o)
            memory.write("l", i, sum_new)
            memory.write("m", i, new)


# %% wrong: M is not rounded down | hint: Other sizes
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * (4 * N * d + 4 * N * N)
def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    Bc = math.ceil(sram_bytes / itemsize / (4 * d))
    passes = math.ceil(N / Bc)
    return itemsize * (2 * N * d + passes * (3 * N * d + 4 * N))
def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best
def flash_in_blocks(memory):
    N, d, Bc, Br = memory.N, memory.d, memory.Bc, memory.Br
    for j in range(0, N, Bc):
        K, V = memory.read("K", j, j + Bc), memory.read("V", j, j + Bc)
        for i in range(0, N, Br):
            Q, rows, sums, m = (memory.read(name, i, i + Br) for name in "QOlm")
            S = Q @ K.T / math.sqrt(d)
            new = torch.maximum(m, S.amax(1))
            P = torch.exp(S - new[:, None])
            a = torch.exp(m - new)
            total = a * sums + P.sum(1)
            rows = ((a * sums)[:, None] * rows + P @ V) / total[:, None]
            memory.write("O", i, rows)
            memory.write("l", i, total)
            memory.write("m", i, new)


# %% wrong: longest itself is left out | hint: longest
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * (4 * N * d + 4 * N * N)
def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    Bc = math.ceil(sram_bytes // itemsize / (4 * d))
    passes = math.ceil(N / Bc)
    return itemsize * (2 * N * d + passes * (3 * N * d + 4 * N))
def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest - 1, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best
def flash_in_blocks(memory):
    N, d, Bc, Br = memory.N, memory.d, memory.Bc, memory.Br
    for j in range(0, N, Bc):
        K, V = memory.read("K", j, j + Bc), memory.read("V", j, j + Bc)
        for i in range(0, N, Br):
            Q, rows, sums, m = (memory.read(name, i, i + Br) for name in "QOlm")
            S = Q @ K.T / math.sqrt(d)
            new = torch.maximum(m, S.amax(1))
            P = torch.exp(S - new[:, None])
            a = torch.exp(m - new)
            total = a * sums + P.sum(1)
            rows = ((a * sums)[:, None] * rows + P @ V) / total[:, None]
            memory.write("O", i, rows)
            memory.write("l", i, total)
            memory.write("m", i, new)


# %% wrong: O undivided until the end, divided without traffic | hint: last write
def hbm_bytes_standard(N, d, itemsize=2):
    return itemsize * (4 * N * d + 4 * N * N)
def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    Bc = math.ceil(sram_bytes // itemsize / (4 * d))
    passes = math.ceil(N / Bc)
    return itemsize * (2 * N * d + passes * (3 * N * d + 4 * N))
def crossing(d, sram_bytes, longest=65536):
    best = None
    for N in range(longest, 0, -1):
        if hbm_bytes_flash(N, d, sram_bytes) >= hbm_bytes_standard(N, d):
            break
        best = N
    return best
def flash_in_blocks(memory):
    N, d, Bc, Br = memory.N, memory.d, memory.Bc, memory.Br
    for j in range(0, N, Bc):
        K, V = memory.read("K", j, j + Bc), memory.read("V", j, j + Bc)
        for i in range(0, N, Br):
            Q, rows, sums, m = (memory.read(name, i, i + Br) for name in "QOlm")
            S = Q @ K.T / math.sqrt(d)
            new = torch.maximum(m, S.amax(1))
            P = torch.exp(S - new[:, None])
            a = torch.exp(m - new)
            total = a * sums + P.sum(1)
            rows = a[:, None] * rows + P @ V
            memory.write("O", i, rows)
            memory.write("l", i, total)
            memory.write("m", i, new)
    memory.rows["O"] /= memory.rows["l"][:, None]
