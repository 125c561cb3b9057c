"""Answers to exercise 1, roofline."""

# %% right: time a sequence, and a comparison
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% right: shapes and tensors
def arithmetic_intensity(m, n, k, itemsize):
    flops = 2 * m * n * k
    moved = sum(math.prod(shape) for shape in [(m, k), (k, n), (m, n)])
    return flops / moved / itemsize

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    seconds = weight_bytes / bandwidth + sum(kv_bytes / bandwidth for _ in range(batch))
    return batch / seconds

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return torch.tensor([flops / peak_flops, bytes / bandwidth], dtype=torch.float64).max().item()

# %% right: reciprocals; the roofline's own formula
def arithmetic_intensity(m, n, k, itemsize):
    return 2 / itemsize / (1 / n + 1 / m + 1 / k)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    step_s = (weight_bytes + kv_bytes * batch) / bandwidth
    return 1 / step_s * batch

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    if not flops:
        return bytes / bandwidth
    if not bytes:
        return flops / peak_flops
    return flops / min(peak_flops, flops / bytes * bandwidth)

# %% right: numpy, sorted
def arithmetic_intensity(m, n, k, itemsize):
    a, b, c = np.float64(m) * k, np.float64(k) * n, np.float64(m) * n
    return float(2 * m * n * k / (itemsize * np.sum([a, b, c])))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return float(np.float64(batch) * bandwidth / np.dot([1, batch], [weight_bytes, kv_bytes]))

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return sorted([flops / peak_flops, bytes / bandwidth])[-1]

# %% right: operations listed one by one
def arithmetic_intensity(m, n, k, itemsize):
    multiply, add = m * n * k, m * n * k
    read, written = m * k + k * n, m * n
    return (multiply + add) / ((read + written) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    total = weight_bytes
    for _ in range(batch):
        total += kv_bytes
    return batch / (total / bandwidth)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return np.maximum(flops / peak_flops, bytes / bandwidth)

# %% wrong: multiplications alone | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k / (itemsize * (m * k + k * n + m * n))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: the result is not written | hint: 6 written
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / (itemsize * (m * k + k * n))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: the result is read and written | hint: twice
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / (itemsize * (m * k + k * n + 2 * m * n))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: numbers, not bytes | hint: 4 bytes
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / (m * k + k * n + m * n)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: itemsize multiplies | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k * itemsize / (m * k + k * n + m * n)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: bytes a FLOP | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return (itemsize * (m * k + k * n + m * n)) / (2 * m * n * k)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: whole numbers | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k // (itemsize * (m * k + k * n + m * n))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: n and k change places | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / (itemsize * (m * n + n * k + m * n))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: every term reads its two numbers anew | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / (itemsize * (2 * m * n * k + m * n))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: always float32 | hint: 16 bits
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / (4 * (m * k + k * n + m * n))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: itemsize of one matrix alone | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / (itemsize * m * k + k * n + m * n)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: bytes of the weights alone | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m * n * k / (itemsize * k * n)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: square matrices | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return 2 * m / (3 * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: k - 1 additions | hint: FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * (2 * k - 1) / (itemsize * (m * k + k * n + m * n))

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: rounded | hint: 6 written
def arithmetic_intensity(m, n, k, itemsize):
    return round(2 * m * n * k / (itemsize * (m * k + k * n + m * n)), 3)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: the weights are read once for each sequence | hint: read once
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: one sequence's tokens | hint: five tokens
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes + batch * kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: one sequence's keys and values for all | hint: 5 x 2
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return batch * bandwidth / (weight_bytes + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: keys and values forgotten | hint: 12 bytes
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return batch * bandwidth / weight_bytes

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: seconds a token | hint: 12 bytes
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return (weight_bytes + batch * kv_bytes) / (bandwidth * batch)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: the larger of the two alone | hint: 12 bytes
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return batch * bandwidth / max(weight_bytes, batch * kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: keys and values subtracted | hint: 12 bytes
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return batch * bandwidth / (weight_bytes - batch * kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: keys and values twice | hint: 12 bytes
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return batch * bandwidth / (weight_bytes + 2 * batch * kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: whole tokens
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return batch * bandwidth // (weight_bytes + batch * kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: gigabytes | hint: 12 bytes
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return batch * bandwidth * 1e9 / (weight_bytes + batch * kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: weights shared twice over
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return batch * bandwidth / (weight_bytes / batch + batch * kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: the default is ignored | hint: five
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    batch = 1
    return batch * bandwidth / (weight_bytes + batch * kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory

# %% wrong: both times added | hint: 6 FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return flops / peak_flops + bytes / bandwidth

# %% wrong: the shorter | hint: 6 FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return min(flops / peak_flops, bytes / bandwidth)

# %% wrong: memory alone | hint: 6 FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return bytes / bandwidth

# %% wrong: arithmetic alone | hint: 20 bytes
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return flops / peak_flops

# %% wrong: ceilings swapped
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return max(flops / bandwidth, bytes / peak_flops)

# %% wrong: a rate, not a time | hint: 6 FLOPs
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return min(peak_flops, flops / bytes * bandwidth)

# %% wrong: the other way up | hint: slower
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return max(peak_flops / flops, bandwidth / bytes)

# %% wrong: the larger of the two amounts decides
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return flops / peak_flops if flops > bytes else bytes / bandwidth

# %% wrong: the slower of the two machines decides
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return flops / peak_flops if peak_flops < bandwidth else bytes / bandwidth

# %% wrong: whole seconds
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return math.ceil(max(flops / peak_flops, bytes / bandwidth))

# %% wrong: float32 inside | hint: FLOP/s
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return torch.tensor([flops / peak_flops, bytes / bandwidth]).half().max().item()

# %% wrong: constants of the visible test
def arithmetic_intensity(m, n, k, itemsize):
    return m * n * k * 2 / ((m * k + n * k + n * m) * itemsize)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    return 2.0 if bytes == 2 else 5.0

# %% wrong: constants of the visible tests, intensity
def arithmetic_intensity(m, n, k, itemsize):
    return {(2, 4): 6 / 13, (2, 2): 12 / 13, (1, 4): 24 / (4 * 19)}.get((m, itemsize), 1.0)

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    return bandwidth / (weight_bytes / batch + kv_bytes)

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    compute, memory = flops / peak_flops, bytes / bandwidth
    return compute if compute > memory else memory
