"""Answers to exercise 2, kv-cache."""

# %% right: a list of tensors a layer, length a property, the text joined at the end
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% right: tokens before heads in memory, one tensor for all, views turned; a count at the last layer
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.store = torch.empty((n_layers, 2, batch, max_len, n_kv_heads, head_dim), dtype=dtype)
        self.length = self.next = 0

    def append(self, layer, k, v):
        T = k.size(2)
        room = self.store.size(3)
        if self.length + T > room:
            raise ValueError("max_len of %d reached" % room)
        start = self.length
        for i, one in enumerate((k, v)):
            self.store[layer, i].narrow(1, start, T).copy_(one.transpose(1, 2))
        if layer == self.store.size(0) - 1:
            self.length += T
        seen = self.store[layer, :, :, : start + T].transpose(2, 3)
        return seen[0], seen[1]

    def truncate(self, length):
        if length not in range(self.length + 1):
            raise ValueError(f"length {length}: from 0 to {self.length}")
        self.length = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return math.prod([2, n_layers, batch, n_kv_heads, length, head_dim, itemsize])


def generate(model, ids, n, cache=None):
    if cache is not None and cache.length + ids.shape[1] + n - 1 > cache.store.size(3):
        raise ValueError("too long for max_len")
    with torch.inference_mode():
        new = torch.empty(len(ids), n, dtype=torch.long)
        read = ids
        for i in range(n):
            begin = cache.length if cache is not None else 0
            new[:, i] = model(read, cache=cache, positions=torch.arange(read.shape[1]) + begin)[:, -1].argmax(dim=-1)
            read = new[:, i : i + 1] if cache is not None else torch.cat((ids, new[:, : i + 1]), dim=1)
    return new.clone()

# %% right: index_copy, one dict a layer; positions for each sequence
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        shape = (batch, n_kv_heads, max_len, head_dim)
        self.layers = [{"k": torch.full(shape, 7.0, dtype=dtype), "v": torch.full(shape, 7.0, dtype=dtype), "n": 0} for _ in range(n_layers)]

    @property
    def length(self):
        return min(layer["n"] for layer in self.layers)

    def append(self, layer, k, v):
        one = self.layers[layer]
        places = one["n"] + torch.arange(k.shape[2])
        if len(places) and places[-1] >= one["k"].shape[2]:
            raise ValueError(f"max_len is {one['k'].shape[2]}, and {int(places[-1]) + 1} tokens are too many")
        for name, new in (("k", k), ("v", v)):
            one[name].index_copy_(2, places, new.to(one[name].dtype))
        one["n"] += len(places)
        return tuple(one[name].narrow(2, 0, one["n"]) for name in "kv")

    def truncate(self, length):
        if not (0 <= length <= self.length):
            raise ValueError(length)
        for one in self.layers:
            one["n"] = length
            one["k"][:, :, length:] = 0
            one["v"][:, :, length:] = 0


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    total = 0
    for _ in range(n_layers):
        for _ in ("keys", "values"):
            total += batch * n_kv_heads * length * head_dim * itemsize
    return total


@torch.no_grad()
def generate(model, ids, n, cache=None):
    B, new = len(ids), ids.new_zeros(len(ids), 0)
    while new.shape[1] < n:
        if cache is None:
            read, first = torch.cat([ids, new], dim=1), 0
        else:
            read, first = (ids if new.shape[1] == 0 else new[:, -1:]), cache.length
        places = torch.arange(first, first + read.shape[1]).expand(B, -1)
        best = model.hidden(read, cache, places)[:, -1] @ model.head.weight.T
        new = torch.cat([new, best.max(-1).indices[:, None]], dim=1)
    return new

# %% right: a layer class, the prompt apart from the loop; topk
class LayerCache:
    def __init__(self, shape, dtype):
        self.pair, self.used = torch.zeros(2, *shape, dtype=dtype), 0

    def add(self, k, v):
        end = self.used + k.shape[2]
        self.pair[:, :, :, self.used : end] = torch.stack([k, v])
        self.used = end
        return self.pair[0, :, :, :end], self.pair[1, :, :, :end]


class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.max_len = max_len
        self.layers = [LayerCache((batch, n_kv_heads, max_len, head_dim), dtype) for _ in range(n_layers)]

    @property
    def length(self):
        return self.layers[-1].used

    def append(self, layer, k, v):
        if self.layers[layer].used + k.shape[2] > self.max_len:
            raise ValueError("full: max_len tokens are held already, or would be more than " + str(self.max_len))
        return self.layers[layer].add(k, v)

    def truncate(self, length):
        if length > self.length or length < 0:
            raise ValueError("no such length")
        for one in self.layers:
            one.used = min(one.used, length)


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    def step(read, first):
        positions = torch.arange(first, first + read.shape[1])
        return model(read, cache, positions)[:, -1:].topk(1).indices[..., 0]

    text = torch.cat([ids, step(ids, cache.length if cache else 0)], 1)
    for _ in range(n - 1):
        nxt = step(text[:, -1:], cache.length) if cache else step(text, 0)
        text = torch.cat([text, nxt], 1)
    return text[:, -n:]

# %% right: numpy's memory, and a step written out for the two ways
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.key_room = torch.zeros((n_layers, batch, n_kv_heads, max_len, head_dim), dtype=dtype)
        self.value_room = torch.zeros_like(self.key_room)
        self.ends = np.zeros(n_layers, dtype=int)
        self.limit = max_len

    @property
    def length(self):
        return int(self.ends.min())

    def append(self, layer, k, v):
        n = int(self.ends[layer])
        T = k.shape[2]
        if T > self.limit - n:
            raise ValueError(f"max_len={self.limit} leaves room for {self.limit - n} tokens, not {T}")
        keys, values = self.key_room[layer], self.value_room[layer]
        keys[..., n : n + T, :] = k
        values[..., n : n + T, :] = v
        self.ends[layer] += T
        return keys[..., : n + T, :], values[..., : n + T, :]

    def truncate(self, length):
        if length < 0 or (self.ends < length).any():
            raise ValueError("length")
        self.ends[:] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: joins at every step | hint: same place
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, 0, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, 0, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len = max_len

    @property
    def length(self):
        return min(k.shape[2] for k in self.k)

    def append(self, layer, k, v):
        if self.k[layer].shape[2] + k.shape[2] > self.max_len:
            raise ValueError(f"max_len is {self.max_len}")
        self.k[layer] = torch.cat([self.k[layer], k.to(self.k[layer].dtype)], 2)
        self.v[layer] = torch.cat([self.v[layer], v.to(self.v[layer].dtype)], 2)
        return self.k[layer], self.v[layer]

    def truncate(self, length):
        if not 0 <= length <= self.length:
            raise ValueError("length")
        self.k = [k[:, :, :length] for k in self.k]
        self.v = [v[:, :, :length] for v in self.v]


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: takes room, but gives copies | hint: same place
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new].clone(), self.v[layer][:, :, :new].clone()

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: contiguous copies | hint: same place
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new].contiguous(), self.v[layer][:, :, :new].contiguous()

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: keys are views, values copies | hint: same place
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new] + 0

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: doubles its room when it is short of it | hint: same place
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, 2, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, 2, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        while self.k[layer].shape[2] < new:
            self.k[layer] = torch.cat([self.k[layer]] * 2, 2)
            self.v[layer] = torch.cat([self.v[layer]] * 2, 2)
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: joins, then writes into the room: everything is copied each step | hint: copy
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, :new].copy_(torch.cat([self.k[layer][:, :, :old].clone(), k], 2))
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: one count for all layers | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[0]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"max_len = {self.max_len}")
        self.k[layer][:, :, old:new] = k
        self.v[layer][:, :, old:new] = v
        self.counts = [new] * len(self.counts)
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: length is the first layer's | hint: length
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return self.counts[0]

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: length is the most that any layer holds | hint: length
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return max(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: length is the sum of the layers' | hint: length
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return sum(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: length is a method
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: length is max_len | hint: length
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return self.max_len

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: one room for all layers | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype)] * n_layers
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype)] * n_layers
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: keys and values share their room | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = self.k
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: overwrites from the start | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, : new - old].copy_(k)
        self.v[layer][:, :, : new - old].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: gives what is new alone | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return k, v

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: gives all the room | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer], self.v[layer]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: gives what was held before | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :old], self.v[layer][:, :, :old]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: keys for values | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(k)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: takes one token at a time | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k[:, :, -1:])
        self.v[layer][:, :, old:new].copy_(v[:, :, -1:])
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: newest first | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k.flip(2))
        self.v[layer][:, :, old:new].copy_(v.flip(2))
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the new ones in front | hint: order
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        for room, one in ((self.k[layer], k), (self.v[layer], v)):
            room[:, :, new - old : new] = room[:, :, :old].clone()
            room[:, :, : new - old] = one
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the last place is never used
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new >= self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: one token too many
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if old > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: forgets the oldest when it is full | hint: max_len
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            drop = new - self.max_len
            self.k[layer][:, :, : old - drop] = self.k[layer][:, :, drop:old].clone()
            self.v[layer][:, :, : old - drop] = self.v[layer][:, :, drop:old].clone()
            old, new = old - drop, self.max_len
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: keeps what fits, and says nothing | hint: max_len
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            new = self.max_len
            k, v = k[:, :, : new - old], v[:, :, : new - old]
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: an IndexError | hint: max_len
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise IndexError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: an assertion | hint: max_len
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        assert new <= self.max_len, 'max_len'
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the message does not name max_len | hint: max_len
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError("the cache is full")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: counts before it refuses | hint: before
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        self.counts[layer] = new
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: writes what fits before it refuses: over nothing, but counts it | hint: before
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            fits = self.max_len - old
            self.k[layer][:, :, old:] = k[:, :, :fits]
            self.counts[layer] = self.max_len
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: empties itself before it refuses | hint: before
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            self.counts = [0] * len(self.counts)
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: always float32 | hint: dtype
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=torch.float32) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=torch.float32) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: always what the small model has
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=torch.float64) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=torch.float64) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: PyTorch's default dtype, whatever is asked | hint: dtype
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: float64 by default
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float64):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: room for a batch of one
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(1, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(1, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: twice the room | hint: Room
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, 2 * max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, 2 * max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: room for every layer in each layer | hint: Room
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(n_layers, batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(n_layers, batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][layer][:, :, old:new].copy_(k)
        self.v[layer][layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][layer][:, :, :new], self.v[layer][layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: room is the class's, shared by all caches | hint: Two caches
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        same = (n_layers, batch, n_kv_heads, max_len, head_dim, dtype)
        self.k, self.v = KVCache.rooms.setdefault(same, ([], []))
        self.max_len, self.counts = max_len, [0] * n_layers
        if self.k:
            return
        self.k += [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v += [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    rooms = {}

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncates the first layer alone | hint: truncate
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(1):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncates the last layer alone | hint: truncate
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in [-1]:
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate drops so many, instead of keeping them
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] -= length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate does nothing | hint: truncate
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            pass


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate empties | hint: truncate
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = 0


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate keeps one more | hint: truncate
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = min(length + 1, self.counts[layer])


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate keeps the last ones | hint: truncate
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            old = self.counts[layer]
            self.k[layer][:, :, :length] = self.k[layer][:, :, old - length : old].clone()
            self.v[layer][:, :, :length] = self.v[layer][:, :, old - length : old].clone()
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate cuts the room too
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length
        self.max_len = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate zeroes, and leaves the counts | hint: truncate
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.k[layer][:, :, length:] = 0


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate to more than is held: nothing is said | hint: cannot be kept
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate compares with max_len | hint: cannot be kept
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.max_len:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate below 0 counts from the end | hint: refused
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0:
            length += self.length
        if length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate refuses the length that is held | hint: truncated to nothing and to all
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length >= self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncate refuses 0
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length <= 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: appending changes what it was given | hint: given
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        v.zero_()
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: bytes of keys alone | hint: Keys and values
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: numbers, not bytes | hint: Keys and values
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim)


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: bytes of one layer | hint: Keys and values
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: bytes of one sequence
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: bits
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize * 8


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: bytes of one token
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: always four bytes a number
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * 4


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: a head's width squared
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim**2) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: gigabytes
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize / 1e9


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: positions begin at 0 in every step | hint: position
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = 0
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: no positions are given | hint: position
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache)
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: positions are one behind | hint: position
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = max(cache.length - 1, 0)
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: positions count the new tokens alone | hint: position
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = len(made)
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: positions from the prompt on, whatever was held | hint: follow
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = 0 if not made else ids.shape[1] + len(made) - 1
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the cache is not used | hint: others one
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if True:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the cache is emptied and filled again at every step | hint: others one
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            cache.truncate(0)
            step, at = torch.cat([ids, *made], 1), 0
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: all is read again into the cache
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            step = torch.cat([ids, *made], 1)
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the prompt is read token by token | hint: first step
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    if cache is not None:
        for i in range(ids.shape[1] - 1):
            model(ids[:, i : i + 1], cache, torch.arange(cache.length, cache.length + 1))
        step = ids[:, -1:]
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the last token is read, too | hint: last
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    if cache is not None:
        model(step, cache, torch.arange(cache.length, cache.length + 1))
    return torch.cat(made, 1)

# %% wrong: the prompt's last token is read twice
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    if cache is not None:
        model(ids, cache, torch.arange(cache.length, cache.length + ids.shape[1]))
        step = ids[:, -1:]
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the prompt alone is read from an empty cache | hint: follow
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    if cache is not None:
        cache.truncate(0)
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: reads anew what a cache holds already | hint: follow
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    if cache is not None:
        step = ids[:, min(cache.length, ids.shape[1] - 1) :]
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: ids are returned as well
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat([ids, *made], 1)

# %% wrong: one token too few
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n - 1):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: one token too many
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n + 1):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the first token's logits, not the last's
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, 0].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: a draw, not the likeliest
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = torch.multinomial(logits[:, -1].softmax(-1), 1)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the least likely
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmin(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the last token of the first sequence for all
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:1, -1].argmax(-1, keepdim=True).expand(len(ids), 1)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: ids grow in place
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    new = []
    for _ in range(n):
        at = 0 if cache is None else cache.length
        step = model(ids, cache, torch.arange(at, at + ids.shape[1]))[:, -1:].argmax(-1)
        new.append(step)
        ids = torch.cat([ids, step], 1) if cache is None else ids[:, :1].copy_(step)
    return torch.cat(new, 1)

# %% wrong: a cache of its own beside the one given
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    if cache is not None:
        c = model.config
        cache = KVCache(c.num_hidden_layers, len(ids), c.num_key_value_heads, 64, c.head_dim, model.embed.weight.dtype)
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: None is a cache made inside
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    if cache is None:
        c = model.config
        cache = KVCache(c.num_hidden_layers, len(ids), c.num_key_value_heads, 64, c.head_dim, model.embed.weight.dtype)
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: drops what has no room, to go on | hint: room for 9
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            if at + step.shape[1] > cache.max_len:
                cache.truncate(at - step.shape[1])
                at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: stops when the cache is full | hint: room for 9
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            if at + step.shape[1] > cache.max_len:
                break
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: truncates the cache when done
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    if cache is not None:
        cache.truncate(0)
    return torch.cat(made, 1)

# %% wrong: the prompt's whole answer at once
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return logits[:, -n:].argmax(-1)

# %% wrong: one position for all that is read | hint: position
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.tensor([at]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: positions of the last tokens of the room
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.max_len - step.shape[1]
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the likeliest over the batch, not over the words
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(0)[:1].expand(len(ids), 1)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: the next text begins with what the last call left unread
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    if cache is not None and cache.length:
        step = torch.cat([generate.last, ids], 1)
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    generate.last = step
    return torch.cat(made, 1)

# %% wrong: the cache is read for the whole text at each step, and cut
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            if made:
                cache.truncate(at - 1)
                at, step = at - 1, torch.cat([ids, *made], 1)[:, -2:]
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: length is cut, the layers' counts are not | hint: truncate
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.length = 0
        self.max_len, self.counts = max_len, [0] * n_layers

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        self.length = min(self.counts)
        return self.k[layer][:, :, :new], self.v[layer][:, :, :new]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        self.length = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)

# %% wrong: copies come from the room's copy
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.v = [torch.zeros(batch, n_kv_heads, max_len, head_dim, dtype=dtype) for _ in range(n_layers)]
        self.max_len, self.counts = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.counts)

    def append(self, layer, k, v):
        old = self.counts[layer]
        new = old + k.shape[-2]
        if new > self.max_len:
            raise ValueError(f"the cache is full: max_len = {self.max_len}")
        self.k[layer][:, :, old:new].copy_(k)
        self.v[layer][:, :, old:new].copy_(v)
        self.counts[layer] = new
        places = torch.arange(new)
        return self.k[layer][:, :, places], self.v[layer][:, :, places]

    def truncate(self, length):
        if length < 0 or length > self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        for layer in range(len(self.counts)):
            self.counts[layer] = length


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * (batch * n_kv_heads * length * head_dim) * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
    return torch.cat(made, 1)


# %% wrong: truncate takes new room | hint: Two caches
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = torch.zeros(n_layers, batch, n_kv_heads, max_len, head_dim, dtype=dtype)
        self.v = torch.zeros_like(self.k)
        self.max_len = max_len
        self.filled = [0] * n_layers
    @property
    def length(self):
        return min(self.filled)
    def append(self, layer, k, v):
        start = self.filled[layer]
        stop = start + k.shape[2]
        if stop > self.max_len:
            raise ValueError(f"no room: {stop} tokens, max_len is {self.max_len}")
        self.k[layer, :, :, start:stop] = k
        self.v[layer, :, :, start:stop] = v
        self.filled[layer] = stop
        return self.k[layer, :, :, :stop], self.v[layer, :, :, :stop]
    def truncate(self, length):
        if not 0 <= length <= self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        self.k, self.v = self.k.clone(), self.v.clone()
        self.filled = [length] * len(self.filled)
def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return 2 * n_layers * batch * n_kv_heads * length * head_dim * itemsize
@torch.no_grad()
def generate(model, ids, n, cache=None):
    text, new = ids, ids
    out = []
    for _ in range(n):
        if cache is None:
            logits = model(text)
        else:
            positions = torch.arange(cache.length, cache.length + new.shape[1])
            logits = model(new, cache=cache, positions=positions)
        new = logits[:, -1].argmax(-1, keepdim=True)
        text = torch.cat([text, new], 1)
        out.append(new)
    return torch.cat(out, 1)


# %% wrong: counts are the class's | hint: Two caches
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.k = torch.zeros(n_layers, batch, n_kv_heads, max_len, head_dim, dtype=dtype)
        self.v = torch.zeros_like(self.k)
        self.max_len = max_len
        KVCache.filled = [0] * n_layers
    @property
    def length(self):
        return min(self.filled)
    def append(self, layer, k, v):
        start = self.filled[layer]
        stop = start + k.shape[2]
        if stop > self.max_len:
            raise ValueError(f"no room: {stop} tokens, max_len is {self.max_len}")
        self.k[layer, :, :, start:stop] = k
        self.v[layer, :, :, start:stop] = v
        self.filled[layer] = stop
        return self.k[layer, :, :, :stop], self.v[layer, :, :, :stop]
    def truncate(self, length):
        if not 0 <= length <= self.length:
            raise ValueError(f"cannot keep {length} of {self.length}")
        KVCache.filled[:] = [length] * len(self.filled)
def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return 2 * n_layers * batch * n_kv_heads * length * head_dim * itemsize
@torch.no_grad()
def generate(model, ids, n, cache=None):
    text, new = ids, ids
    out = []
    for _ in range(n):
        if cache is None:
            logits = model(text)
        else:
            positions = torch.arange(cache.length, cache.length + new.shape[1])
            logits = model(new, cache=cache, positions=positions)
        new = logits[:, -1].argmax(-1, keepdim=True)
        text = torch.cat([text, new], 1)
        out.append(new)
    return torch.cat(out, 1)

# %% wrong: ends at the end token of the config | hint: ends nothing
class KVCache:
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        self.keys, self.values = torch.zeros(2, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=dtype)
        self.max_len, self.held = max_len, [0] * n_layers

    @property
    def length(self):
        return min(self.held)

    def append(self, layer, k, v):
        start, end = self.held[layer], self.held[layer] + k.shape[2]
        if end > self.max_len:
            raise ValueError(f"max_len is {self.max_len}")
        self.keys[layer, :, :, start:end], self.values[layer, :, :, start:end] = k, v
        self.held[layer] = end
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def truncate(self, length):
        if not 0 <= length <= self.length:
            raise ValueError("length")
        self.held = [length] * len(self.held)


def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    return n_layers * 2 * batch * n_kv_heads * length * head_dim * itemsize


def generate(model, ids, n, cache=None):
    made, step = [], ids
    for _ in range(n):
        if cache is None:
            logits = model(torch.cat([ids, *made], 1))
        else:
            at = cache.length
            logits = model(step, cache, torch.arange(at, at + step.shape[1]))
        step = logits[:, -1].argmax(-1, keepdim=True)
        made.append(step)
        if (step == model.config.eos_token_id).all():
            break
    return torch.cat(made, 1)
