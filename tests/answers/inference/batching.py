"""Answers to batching: who joins, who goes, what is read again, and in which order."""

# %% right: place by place, with a method that says whether there is room
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% right: counts blocks before it grows; states by lists made anew
class Scheduler(Service):
    def need(self, request, n):
        before = len(self.cache.tables[request.seq]) if request.seq in self.cache.tables else 0
        tokens = len(request.prompt) + len(request.output)
        return -(-tokens // self.cache.block_size) - before

    def step(self, run):
        said = {"joined": [], "preempted": [], "finished": []}
        free = lambda: self.cache.allocator.n_free
        while sum(self.need(one, 1) for one in self.running) > free():
            newest, self.running = self.running[-1], self.running[:-1]
            self.cache.free(newest.seq)
            self.waiting.insert(0, newest)
            said["preempted"] += [newest.name]
        work = []
        for one in self.running:
            self.cache.grow(one.seq, 1)
            work += [(one.seq, [one.output[-1]])]
        for one in list(self.waiting):
            one.seq = None
            if len(self.running) >= self.max_batch or self.need(one, 0) > free():
                break
            one.seq = self.cache.add()
            self.cache.grow(one.seq, len(one.prompt) + len(one.output))
            work += [(one.seq, [*one.prompt, *one.output])]
            said["joined"] += [one.name]
            self.running = self.running + [one]
            self.waiting.remove(one)
        tokens = run(work) if work else []
        for one, token in zip(self.running, tokens):
            one.output.append(token)
        for one in [one for one in self.running if len(one.output) == one.max_new]:
            said["finished"].append(one.name)
            self.cache.free(one.seq)
        self.running = [one for one in self.running if len(one.output) < one.max_new]
        return said

# %% right: the work in a dictionary by sequence, handed over in the other order
class Scheduler(Service):
    def step(self, run):
        said, work = dict(joined=[], preempted=[], finished=[]), {}
        for one in tuple(self.running):
            if one not in self.running:
                break
            while True:
                try:
                    self.cache.grow(one.seq, 1)
                    work[one.seq] = one, one.output[-1:]
                    break
                except OutOfBlocks:
                    last = self.running[-1]
                    del self.running[-1]
                    self.cache.free(last.seq)
                    self.waiting.appendleft(last)
                    said["preempted"].append(last.name)
                    if last is one:
                        break
        while len(self.running) < self.max_batch and len(self.waiting) > 0:
            one, seq = self.waiting.popleft(), self.cache.add()
            ids = list(one.prompt)
            ids.extend(one.output)
            try:
                self.cache.grow(seq, len(ids))
            except OutOfBlocks:
                self.cache.free(seq)
                self.waiting.appendleft(one)
                break
            one.seq, work[seq] = seq, (one, ids)
            self.running.append(one)
            said["joined"].append(one.name)
        order = sorted(work, reverse=True)
        if order:
            for seq, token in zip(order, run([(seq, work[seq][1]) for seq in order])):
                work[seq][0].output.append(token)
        for one in [one for one in self.running if len(one.output) == one.max_new]:
            self.running.remove(one)
            self.cache.free(one.seq)
            said["finished"].append(one.name)
        return said

# %% right: checks for room in the allocator alone, and joins before it grows the others' tables in fact
class Scheduler(Service):
    def step(self, run):
        said = {"joined": [], "preempted": [], "finished": []}
        size, cache = self.cache.block_size, self.cache
        def full(one): return cache.lengths[one.seq] == size * len(cache.tables[one.seq])
        while sum(map(full, self.running)) > cache.allocator.n_free:
            self.waiting.appendleft(self.running.pop())
            cache.free(self.waiting[0].seq)
            said["preempted"].append(self.waiting[0].name)
        left = cache.allocator.n_free - sum(map(full, self.running))
        grown = [(one, one.output[-1:]) for one in self.running]
        while self.waiting and len(grown) < self.max_batch:
            ids = self.waiting[0].prompt + self.waiting[0].output
            left -= (len(ids) + size - 1) // size
            if left < 0:
                break
            grown.append((self.waiting.popleft(), ids))
            grown[-1][0].seq = cache.add()
            said["joined"].append(grown[-1][0].name)
        for one, ids in grown:
            cache.grow(one.seq, len(ids))
        self.running = [one for one, _ in grown]
        if grown:
            for (one, _), token in zip(grown, run([(one.seq, ids) for one, ids in grown])):
                one.output += [token]
        for one in list(self.running):
            if len(one.output) == one.max_new:
                self.running.remove(one)
                cache.free(one.seq)
                said["finished"].append(one.name)
        return said

# %% wrong: static: new requests only when the batch is empty | hint: place of a
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        idle = not self.running
        while idle and self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: one request joins a step | hint: joined
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        for _ in range(1 if self.waiting and len(self.running) < self.max_batch else 0):
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: more than max_batch | hint: joined
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) <= self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: the oldest is preempted | hint: newest
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop(0)
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: preempted ones go to the end of the queue | hint: before c
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.append(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: preempted ones keep their blocks | hint: Three blocks
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: preempted ones forget what they have said | hint: reads all 6
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                newest.output.clear()
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: who resumes reads the prompt alone | hint: 6 tokens
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: who resumes reads the last token alone | hint: 6 tokens
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            ids = ids[-1:] if request.output else ids
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: nobody is preempted: who does not fit raises | hint: newest
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                raise OutOfBlocks('no room')
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: who does not fit ends | hint: newest
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: all are preempted at once | hint: steps
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                while len(self.running) > 1:
                    one = self.running.pop()
                    self.cache.free(one.seq)
                    self.waiting.appendleft(one)
                    preempted.append(one.name)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: later requests overtake one that does not fit | hint: before c
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                fit = [one for one in self.waiting if -(-len(one.prompt + one.output) // self.cache.block_size) <= self.cache.allocator.n_free]
                if not fit:
                    break
                request, seq = fit[0], self.cache.add()
                ids = request.prompt + request.output
                self.room(seq, len(ids))
            self.waiting.remove(request)
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: the shortest first | hint: joined
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = min(self.waiting, key=lambda one: one.max_new)
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.remove(request)
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: the last that came first | hint: joined
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[-1]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.pop()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: who has finished keeps its blocks | hint: free
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: who has finished stays in the batch | hint: place of a
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                if request.seq in self.cache.tables and len(self.running) == sum(len(one.output) >= one.max_new for one in self.running):
                    for one in self.running:
                        self.cache.free(one.seq)
                        finished.append(one.name)
                    self.running.clear()
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: one token too many | hint: finished
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) > request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: all tokens are read anew in each step | hint: ids run
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, request.prompt + request.output) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: grows by one token more, for the one to come | hint: ids run
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1 if place else 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids) + 1):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: no room is made for the running | hint: ids run
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if True:
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: joins do not read the prompt in the same step | hint: joined
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
        if work:
            for request, token in zip([one for one in self.running if one.output], run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: runs one request after the other | hint: in each call
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, one in zip(self.running, work):
                request.output.extend(run([one]))
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: run is called with nothing to do | hint: each call
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if True:
            for request, token in zip(self.running, run(work) or []):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: the prompt grows with the output | hint: prompt
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = list(request.prompt)
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
                request.prompt.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: the sequence that did not fit is left in the cache | hint: Three blocks
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.tables[seq] = [self.cache.allocator.allocate() for _ in range(self.cache.allocator.n_free)]
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: resumed ones are not among the joined | hint: Three blocks
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            if not request.output:
                joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted, "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: preempted from the oldest to the newest in what step says | hint: steps
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)
        return {"joined": joined, "preempted": preempted[::-1], "finished": finished}

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True

# %% wrong: says nothing | hint: joined
class Scheduler(Service):
    def step(self, run):
        joined, preempted, finished = [], [], []
        place = 0
        while place < len(self.running):
            if self.room(self.running[place].seq, 1):
                place += 1
            else:
                newest = self.running.pop()
                self.cache.free(newest.seq)
                newest.seq = None
                self.waiting.appendleft(newest)
                preempted.append(newest.name)
        work = [(request.seq, [request.output[-1]]) for request in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request = self.waiting[0]
            ids = request.prompt + request.output
            seq = self.cache.add()
            if not self.room(seq, len(ids)):
                self.cache.free(seq)
                break
            self.waiting.popleft()
            request.seq = seq
            self.running.append(request)
            joined.append(request.name)
            work.append((seq, ids))
        if work:
            for request, token in zip(self.running, run(work)):
                request.output.append(token)
        for request in list(self.running):
            if len(request.output) >= request.max_new:
                self.cache.free(request.seq)
                self.running.remove(request)
                finished.append(request.name)

    def room(self, seq, n):
        try:
            self.cache.grow(seq, n)
        except OutOfBlocks:
            return False
        return True
