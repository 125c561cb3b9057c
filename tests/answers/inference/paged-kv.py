"""Answers to paged-kv: who holds which block, when one is copied, and what a full memory may leave behind."""

# %% right: a list of spare blocks, the last freed first; slots token by token
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% right: the highest free block; grow tries, and gives back what it took
class BlockAllocator(Blocks):
    def allocate(self):
        for block in reversed(range(len(self.counts))):
            if self.counts[block] == 0:
                self.counts[block] += 1
                return block
        raise OutOfBlocks()

    def free(self, block):
        if self.counts[block] <= 0:
            raise ValueError(block)
        self.counts[block] = self.counts[block] - 1

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, length, taken = list(self.tables[seq]), self.lengths[seq], []
        place, inside = divmod(length, self.block_size)
        shared = bool(n and inside and self.allocator.counts[table[place]] >= 2)
        try:
            while len(table) * self.block_size < length + n:
                taken.append(self.allocator.allocate())
                table.append(taken[-1])
            if shared:
                taken.append(self.allocator.allocate())
        except OutOfBlocks:
            for block in taken:
                self.allocator.free(block)
            raise
        if shared:
            self.keys[:, taken[-1], :inside] = self.keys[:, table[place], :inside]
            self.values[:, taken[-1], :inside] = self.values[:, table[place], :inside]
            self.allocator.free(table[place])
            table[place] = taken[-1]
        self.tables[seq], self.lengths[seq] = table, length + n

    def slots(self, seq):
        at = torch.arange(self.lengths[seq])
        table = torch.tensor(self.tables[seq], dtype=torch.long)
        return table[at // self.block_size] * self.block_size + at % self.block_size

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% right: a set of free blocks, n_free its size; the copy as a new table entry
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        self.counts, self.idle = [0] * n_blocks, set(range(n_blocks))

    @property
    def n_free(self):
        return len(self.idle)

    def allocate(self):
        if len(self.idle) == 0:
            raise OutOfBlocks("none left")
        block = min(self.idle)
        self.idle.remove(block)
        self.counts[block] = 1
        return block

    def free(self, block):
        if block in self.idle:
            raise ValueError("free already")
        self.counts[block] -= 1
        if not self.counts[block]:
            self.idle.add(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        table = self.tables[seq].copy()
        [self.allocator.share(block) for block in table]
        return self.add(table, self.lengths[seq])

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        parts = [torch.arange(block * self.block_size, (block + 1) * self.block_size) for block in self.tables[seq]]
        return torch.cat([torch.arange(0), *parts])[: self.lengths[seq]]

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% right: counts in a dictionary's stead as they are; grow one token at a time after counting
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        if n == 0:
            return
        table, allocator = self.tables[seq], self.allocator
        room = -self.lengths[seq] % self.block_size
        needed = max(0, (n - room + self.block_size - 1) // self.block_size)
        if room and allocator.counts[table[-1]] > 1:
            needed += 1
        if allocator.n_free < needed:
            raise OutOfBlocks(f"{needed} > {allocator.n_free}")
        for _ in range(n):
            if self.lengths[seq] % self.block_size == 0:
                table.append(allocator.allocate())
            elif allocator.counts[table[-1]] > 1:
                old = table.pop()
                table.append(allocator.allocate())
                for pool in (self.keys, self.values):
                    pool[:, table[-1]] = pool[:, old].clone()
                allocator.free(old)
            self.lengths[seq] += 1

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: a full memory gives an IndexError | hint: OutOfBlocks
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        block = self.spare.pop()
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: a full memory gives None | hint: OutOfBlocks
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            return None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: freed twice without an error | hint: twice
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: the count goes below zero before the error | hint: counts
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        self.counts[block] -= 1
        if self.counts[block] < 0:
            raise ValueError("double free")
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: free takes all holders away | hint: One holder
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] = 0
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: freed as soon as one holder goes | hint: OutOfBlocks
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: freed blocks never come back | hint: OutOfBlocks
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: blocks are numbered from 1 | hint: Three of five
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(1, n_blocks + 1))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: allocate forgets the holder | hint: holder
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: a fork copies every block | hint: holds the same two
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        self.grow(new, self.lengths[seq])
        for old, copy in zip(self.tables[seq], self.tables[new]):
            self.keys[:, copy], self.values[:, copy] = self.keys[:, old], self.values[:, old]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: a fork does not count | hint: fork
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: a fork holds the same list | hint: no copy
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        for block in self.tables[seq]:
            self.allocator.share(block)
        new = self.add()
        self.tables[new], self.lengths[new] = self.tables[seq], self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: a fork shares only the full blocks | hint: fork
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        full = self.tables[seq][: self.lengths[seq] // self.block_size]
        for block in full:
            self.allocator.share(block)
        return self.add(full, len(full) * self.block_size)

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: no copy on write | hint: copied
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = False and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: the copy is empty | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: only the keys are copied | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: only the first layer is copied | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[0, mine].copy_(self.keys[0, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: copies a full shared block as well | hint: no copy
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and len(table) > 0
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: always copies the last block | hint: room for two
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and True
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: copies even for n = 0 | hint: n = 0
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: the old block keeps its holder after a copy | hint: copied
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: copies all the blocks of a table | hint: first stays shared
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = [i for i, block in enumerate(table) if written and self.allocator.counts[block] > 1]
        if missing + len(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        for i in shared:
            mine = self.allocator.allocate()
            self.keys[:, mine], self.values[:, mine] = self.keys[:, table[i]], self.values[:, table[i]]
            self.allocator.free(table[i])
            table[i] = mine
        table += [self.allocator.allocate() for _ in range(missing)]
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: the copy is not counted among the blocks needed | hint: copy
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: not all or nothing | hint: nothing may change
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: the length grows before the error | hint: nothing may change
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        self.lengths[seq] = end
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: a new block for each grow | hint: new blocks
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = math.ceil(n / size)
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: a block more than needed | hint: no copy
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, (end // size + 1) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: one token too few in the last block | hint: 13
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, (end // size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: reserves for one token more | hint: room for two
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) >= self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: slots of all blocks, beyond the length | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        return torch.cat([torch.arange(0)] + [torch.arange(self.block_size) + block * self.block_size for block in self.tables[seq]])

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: slots in the order of the block numbers | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = sorted(self.tables[seq]), self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: slots as if blocks lay side by side | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[0] * size + i for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: block + place, not block times block_size | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: int32 slots | hint: [0]
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.int32)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: the last block is not given back | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq][:-1]:
            self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]

# %% wrong: blocks are not given back | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            pass
        del self.tables[seq], self.lengths[seq]

# %% wrong: a freed sequence stays in the tables | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            self.allocator.free(block)
        self.tables[seq], self.lengths[seq] = [], 0

# %% wrong: gives blocks back although others hold them | hint: operations
class BlockAllocator(Blocks):
    def __init__(self, n_blocks):
        super().__init__(n_blocks)
        self.spare = list(range(n_blocks))

    def allocate(self):
        try:
            block = self.spare.pop()
        except IndexError:
            raise OutOfBlocks("all blocks are held") from None
        self.counts[block] = 1
        return block

    def free(self, block):
        if self.counts[block] == 0:
            raise ValueError("double free")
        self.counts[block] -= 1
        if self.counts[block] == 0:
            self.spare.append(block)

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        new = self.add()
        for block in self.tables[seq]:
            self.allocator.share(block)
            self.tables[new].append(block)
        self.lengths[new] = self.lengths[seq]
        return new

    def grow(self, seq, n):
        table, size, end = self.tables[seq], self.block_size, self.lengths[seq] + n
        missing = max(0, math.ceil(end / size) - len(table))
        written = n > 0 and self.lengths[seq] < len(table) * size
        shared = written and self.allocator.counts[table[-1]] > 1
        if missing + int(shared) > self.allocator.n_free:
            raise OutOfBlocks("too few blocks are free")
        if shared:
            mine = self.allocator.allocate()
            self.keys[:, mine].copy_(self.keys[:, table[-1]])
            self.values[:, mine].copy_(self.values[:, table[-1]])
            self.allocator.free(table[-1])
            table[-1] = mine
        for _ in range(missing):
            table.append(self.allocator.allocate())
        self.lengths[seq] = end

    def slots(self, seq):
        table, size = self.tables[seq], self.block_size
        return torch.tensor([table[i // size] * size + i % size for i in range(self.lengths[seq])], dtype=torch.long)

    def free(self, seq):
        for block in self.tables[seq]:
            while self.allocator.counts[block]:
                self.allocator.free(block)
        del self.tables[seq], self.lengths[seq]


# %% wrong: all keys are copied for one block | hint: made once
class BlockAllocator(Blocks):
    def allocate(self):
        for block, count in enumerate(self.counts):
            if count == 0:
                self.counts[block] = 1
                return block
        raise OutOfBlocks("no free block")
    def free(self, block):
        if self.counts[block] <= 0:
            raise ValueError(f"block {block} is not held")
        self.counts[block] -= 1

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        for block in self.tables[seq]:
            self.allocator.share(block)
        return self.add(self.tables[seq], self.lengths[seq])
    def grow(self, seq, n):
        if n == 0:
            return
        table, length = self.tables[seq], self.lengths[seq]
        used = length % self.block_size
        cow = used > 0 and self.allocator.counts[table[-1]] > 1
        total = math.ceil((length + n) / self.block_size)
        need = total - len(table)
        if need + cow > self.allocator.n_free:
            raise OutOfBlocks(f"{need + cow} blocks needed")
        if cow:
            old, new = table[-1], self.allocator.allocate()
            self.keys = self.keys.clone(); self.keys[:, new] = self.keys[:, old]
            self.values[:, new] = self.values[:, old]
            self.allocator.free(old)
            table[-1] = new
        for _ in range(need):
            table.append(self.allocator.allocate())
        self.lengths[seq] = length + n
    def slots(self, seq):
        table = torch.tensor(self.tables[seq], dtype=torch.long)
        place = torch.arange(self.lengths[seq])
        return table[place // self.block_size] * self.block_size + place % self.block_size
    def free(self, seq):
        for block in self.tables.pop(seq):
            self.allocator.free(block)
        del self.lengths[seq]


# %% wrong: free leaves the length behind | hint: forget
class BlockAllocator(Blocks):
    def allocate(self):
        for block, count in enumerate(self.counts):
            if count == 0:
                self.counts[block] = 1
                return block
        raise OutOfBlocks("no free block")
    def free(self, block):
        if self.counts[block] <= 0:
            raise ValueError(f"block {block} is not held")
        self.counts[block] -= 1

class PagedKVCache(PagedMemory):
    def fork(self, seq):
        for block in self.tables[seq]:
            self.allocator.share(block)
        return self.add(self.tables[seq], self.lengths[seq])
    def grow(self, seq, n):
        if n == 0:
            return
        table, length = self.tables[seq], self.lengths[seq]
        used = length % self.block_size
        cow = used > 0 and self.allocator.counts[table[-1]] > 1
        total = math.ceil((length + n) / self.block_size)
        need = total - len(table)
        if need + cow > self.allocator.n_free:
            raise OutOfBlocks(f"{need + cow} blocks needed")
        if cow:
            old, new = table[-1], self.allocator.allocate()
            self.keys[:, new] = self.keys[:, old]
            self.values[:, new] = self.values[:, old]
            self.allocator.free(old)
            table[-1] = new
        for _ in range(need):
            table.append(self.allocator.allocate())
        self.lengths[seq] = length + n
    def slots(self, seq):
        table = torch.tensor(self.tables[seq], dtype=torch.long)
        place = torch.arange(self.lengths[seq])
        return table[place // self.block_size] * self.block_size + place % self.block_size
    def free(self, seq):
        for block in self.tables.pop(seq):
            self.allocator.free(block)
