"""Answers to exercise 11, ddp: rank 0's copy for all, gradients averaged in buckets during the backward pass."""

# %% right: flat buffers that live on, divided before they are summed, a count for each bucket
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        with torch.no_grad():
            for tensor in [*module.parameters(), *module.buffers()]:
                dist.broadcast(tensor, src=0)
        trained = [p for p in reversed(list(module.parameters())) if p.requires_grad]
        self.buckets = in_buckets(trained, bucket_bytes)
        self.flats = [torch.zeros(sum(p.numel() for p in bucket), dtype=bucket[0].dtype) for bucket in self.buckets]
        self.reset()
        for i, bucket in enumerate(self.buckets):
            for p in bucket:
                p.register_post_accumulate_grad_hook(lambda p, i=i: self.one_ready(i))

    def reset(self):
        self.left, self.works = [len(bucket) for bucket in self.buckets], []

    def one_ready(self, i):
        self.left[i] -= 1
        while len(self.works) < len(self.buckets) and self.left[len(self.works)] == 0:
            self.launch()

    def launch(self):
        i = len(self.works)
        start = 0
        for p in self.buckets[i]:
            piece = self.flats[i][start : start + p.numel()]
            piece.zero_() if p.grad is None else piece.copy_(p.grad.flatten())
            start += p.numel()
        self.flats[i] /= dist.get_world_size()
        self.works.append(dist.all_reduce(self.flats[i], op=dist.ReduceOp.SUM, async_op=True))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers():
            dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        for bucket, flat, work in zip(self.buckets, self.flats, self.works):
            work.wait()
            start = 0
            for p in bucket:
                if p.grad is None:
                    p.grad = torch.zeros_like(p)
                p.grad.copy_(flat[start : start + p.numel()].view(p.shape))
                start += p.numel()
        self.reset()

# %% right: gradients are views of the bucket from the start of finish on, dictionaries, rank's own generator of buckets
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.got, self.pending = module, {}, []
        for name, tensor in module.state_dict().items():
            dist.broadcast(tensor, 0)
        order = list(module.parameters())[::-1]
        self.buckets = in_buckets([p for p in order if p.requires_grad], bucket_bytes)
        for bucket in self.buckets:
            for p in bucket:
                p.register_post_accumulate_grad_hook(self.hook)

    def hook(self, p):
        self.got[id(p)] = p
        self.advance(lambda bucket: all(id(q) in self.got for q in bucket))

    def advance(self, may_go):
        for i in range(len(self.pending), len(self.buckets)):
            if not may_go(self.buckets[i]):
                return
            parts = [torch.zeros(q.numel(), dtype=q.dtype) if q.grad is None else q.grad.reshape(-1) for q in self.buckets[i]]
            whole = torch.hstack(parts)
            self.pending.append((whole, dist.all_reduce(whole, async_op=True).get_future()))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers():
            dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    @torch.no_grad()
    def finish(self):
        self.advance(lambda bucket: True)
        for bucket, (whole, future) in zip(self.buckets, self.pending):
            future.wait()
            whole.mul_(1 / dist.get_world_size())
            start = 0
            for q in bucket:
                q.grad = whole[start : start + q.numel()].view(q.shape)
                start += q.numel()
        self.got.clear()
        self.pending.clear()

# %% right: hooks on the nodes that accumulate, averages as float64, works in a queue
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for p in module.parameters():
            dist.broadcast(p.data, 0)
        for b in module.buffers():
            dist.broadcast(b.data, 0)
        self.buckets = in_buckets([p for p in list(module.parameters())[::-1] if p.requires_grad], bucket_bytes)
        self.nodes, self.queue, self.done = [], [], set()
        for bucket in self.buckets:
            for p in bucket:
                node = p.expand_as(p).grad_fn.next_functions[0][0]
                node.register_hook(lambda *_, p=p: self.note(id(p)))
                self.nodes.append(node)

    def note(self, key):
        self.done.add(key)
        while len(self.queue) < len(self.buckets):
            if not {id(p) for p in self.buckets[len(self.queue)]} <= self.done:
                break
            self.go()

    def go(self):
        flat = []
        for p in self.buckets[len(self.queue)]:
            flat.append((p.data * 0 if p.grad is None else p.grad).reshape(-1))
        flat = torch.cat(flat)
        self.queue.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers():
            dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        for _ in range(len(self.buckets) - len(self.queue)):
            self.go()
        while self.queue:
            i = len(self.buckets) - len(self.queue)
            work, flat = self.queue.pop(0)
            work.wait()
            mean = flat.double() / dist.get_world_size()
            for p, one in zip(self.buckets[i], mean.split([p.numel() for p in self.buckets[i]])):
                p.grad = one.to(p.dtype).view_as(p)
        self.done = set()

# %% wrong: the sum, not the mean | hint: mean over
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p)
        self.ready, self.sent = set(), []

# %% wrong: divided twice | hint: mean over
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            flat /= self.n
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: no broadcast at the start | hint: go to all at the start
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: only the parameters at the start | hint: buffer
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in module.parameters(): dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: one collective for each parameter | hint: each bucket
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = [[p] for p in module.parameters() if p.requires_grad][::-1]
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: one bucket for all | hint: each bucket
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], 2**60)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: buckets from the first parameter on | hint: last to the first
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: no hooks: all is sent in finish | hint: was it sent
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: waits in the hook | hint: async_op
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: asks for a work and awaits it at once | hint: async_op
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
            self.sent[-1][-1].wait()
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: sends each bucket when it is ready, in whatever order | hint: one order
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets:
            if any(bucket is one for one, _, _ in self.sent) or not (self.ready.issuperset(bucket) or None in self.ready): continue
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: what is unused is never sent | hint: all buckets
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: leaves out what has no gradient | hint: zeros for None
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([p.grad.flatten() for p in bucket if p.grad is not None] or [torch.zeros(0)])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip([p for p in bucket if p.grad is not None], flat.split([p.numel() for p in bucket if p.grad is not None])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: a rank's unused parameter keeps None | hint: zeros for None
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = None if p.grad is None else total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: nothing is put back after finish | hint: next step
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n

# %% wrong: what was ready in the last step is ready still | hint: next step
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.sent = []

# %% wrong: the means stay in the bucket | hint: p.grad
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): total /= self.n
        self.ready, self.sent = set(), []

# %% wrong: divided by the bucket's length | hint: mean over
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / len(bucket)
        self.ready, self.sent = set(), []

# %% wrong: the last hook sends everything | hint: was it sent
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if len(self.ready) < sum(map(len, self.buckets)) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: each rank averages its own gradients | hint: mean over
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat.clone(), async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: the average weights, not the gradients | hint: mean over
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.data).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.data = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% wrong: everybody's mean weights at the start | hint: go to all at the start
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.all_reduce(tensor.data)
        for p in module.parameters(): p.data /= self.n
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []

# %% right: flat by torch._utils, a flag that forces the rest
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        dist._broadcast_coalesced(dist.group.WORLD, [p.detach() for p in module.parameters()], 2**28, 0) if list(module.parameters()) else None
        for b in module.buffers():
            dist.broadcast(b, 0)
        self.buckets = [dict(params=ps, left=len(ps), work=None) for ps in in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)]
        for bucket in self.buckets:
            for p in bucket["params"]:
                p.register_post_accumulate_grad_hook(lambda p, bucket=bucket: self.hook(bucket))
    def hook(self, bucket):
        bucket["left"] -= 1
        self.flush(force=False)
    def flush(self, force):
        for bucket in self.buckets:
            if bucket["work"] is None:
                if bucket["left"] > 0 and not force:
                    break
                for p in bucket["params"]:
                    if p.grad is None:
                        p.grad = torch.zeros_like(p)
                bucket["flat"] = torch._utils._flatten_dense_tensors([p.grad for p in bucket["params"]])
                bucket["work"] = dist.all_reduce(bucket["flat"], async_op=True)

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    @torch.no_grad()
    def finish(self):
        self.flush(force=True)
        for bucket in self.buckets:
            bucket["work"].wait()
            grads = [p.grad for p in bucket["params"]]
            for p, g in zip(bucket["params"], torch._utils._unflatten_dense_tensors(bucket["flat"], grads)):
                p.grad.copy_(g).mul_(1 / dist.get_world_size())
            bucket.update(left=len(bucket["params"]), work=None)

# %% right: reset in forward, not in finish
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        self.reset()
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()

# %% right: start by broadcast_object_list of the state
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        held = [[one.detach().clone() for one in [*module.parameters(), *module.buffers()]]]
        dist.broadcast_object_list(held, src=0)
        with torch.no_grad():
            for one, theirs in zip([*module.parameters(), *module.buffers()], held[0]): one.copy_(theirs)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: trainable parameters alone at the start | hint: not trained too
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*[p for p in module.parameters() if p.requires_grad], *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: parameters broadcast at every forward pass | hint: at the start alone
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        for p in self.module.parameters(): dist.broadcast(p.detach(), 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: one bucket late: sends a bucket when the next is full | hint: was it sent
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and sum(self.missing[: len(self.works) + 2]) == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: PyTorch's own | hint: each bucket
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        self.inner = nn.parallel.DistributedDataParallel(module, bucket_cap_mb=bucket_bytes / 2**20, find_unused_parameters=True)
    def forward(self, *args, **kwargs):
        return self.inner(*args, **kwargs)
    def finish(self):
        for p in self.module.parameters():
            if p.requires_grad and p.grad is None: p.grad = torch.zeros_like(p)

# %% wrong: a hook on the gradient before it is accumulated
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_hook(lambda grad, p=p: self.ready(p))

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: all_gather instead of all_reduce
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        every = [torch.empty_like(flat) for _ in range(dist.get_world_size())]
        work = dist.all_gather(every, flat, async_op=True)
        self.works.append((work, every))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (sum(flat) / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: adds the mean to the gradient | hint: mean
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = (0 if p.grad is None else p.grad) + mean.view_as(p).clone()
        self.reset()

# %% wrong: a copy of the module
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        import copy
        self.module = module = copy.deepcopy(module)
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: hooks are added in every forward pass
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        self.trained = trained

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        for p in self.trained: p.register_post_accumulate_grad_hook(self.ready)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: bucket_bytes not used: the visible test's 200
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], 200)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.reset()

# %% wrong: the counts are not reset: from the second step on all goes in finish | hint: second step
class DataParallel(nn.Module):
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        self.module = module
        for one in [*module.parameters(), *module.buffers()]:
            dist.broadcast(one.detach(), 0)
        trained = [p for p in module.parameters() if p.requires_grad]
        self.buckets = in_buckets(trained[::-1], bucket_bytes)
        self.where = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.reset()
        for p in trained:
            p.register_post_accumulate_grad_hook(self.ready)

    def reset(self):
        self.missing, self.works = [len(bucket) for bucket in self.buckets], []

    def ready(self, p):
        self.missing[self.where[p]] -= 1
        while len(self.works) < len(self.buckets) and self.missing[len(self.works)] == 0:
            self.launch()

    def launch(self):
        bucket = self.buckets[len(self.works)]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
        self.works.append((dist.all_reduce(flat, async_op=True), flat))

    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)
        return self.module(*args, **kwargs)

    def finish(self):
        while len(self.works) < len(self.buckets):
            self.launch()
        n = dist.get_world_size()
        for bucket, (work, flat) in zip(self.buckets, self.works):
            work.wait()
            for p, mean in zip(bucket, (flat / n).split([p.numel() for p in bucket])):
                p.grad = mean.view_as(p).clone()
        self.works = []
