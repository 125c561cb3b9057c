"""Answers to exercise 8, loss-scaling: GradScaler."""

# %% right: a tensor as scale, the check before the division, a count modulo the interval
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self._scale = torch.tensor(float(init_scale))
        self._growth, self._backoff, self._interval = growth, backoff, growth_interval
        self._count, self._bad = 0, False

    def scale(self, loss):
        return self._scale * loss

    @torch.no_grad()
    def step(self, optimizer):
        self._bad = False
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                if torch.isnan(p.grad).any() or torch.isinf(p.grad).any():
                    self._bad = True
                p.grad.mul_(1.0 / self._scale)
        if not self._bad:
            optimizer.step()
        return not self._bad

    def update(self):
        if self._bad:
            self._scale, self._count = self._scale * self._backoff, 0
        else:
            self._count += 1
            if self._count % self._interval == 0:
                self._scale = self._scale * self._growth

# %% right: new gradients in p.grad, float64 inside, the count run down
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.s = float(init_scale)
        self.up, self.down, self.interval = growth, backoff, growth_interval
        self.left, self.skipped = growth_interval, False

    def scale(self, loss):
        return torch.mul(loss, self.s)

    def step(self, optimizer):
        finite = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad = (p.grad.double() / self.s).to(p.grad.dtype)
                    finite = finite and torch.isfinite(p.grad).all().item()
        self.skipped = not finite
        if finite:
            optimizer.step()
        return finite

    def update(self):
        self.left = self.interval if self.skipped else self.left - 1
        self.s *= self.down if self.skipped else 1.0
        if self.left == 0:
            self.s, self.left = self.s * self.up, self.interval

# %% right: PyTorch's own inside
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.inner = torch.amp.GradScaler("cpu", init_scale, growth, backoff, growth_interval)

    def scale(self, loss):
        return self.inner.scale(loss)

    def step(self, optimizer):
        self.inner.scale(torch.ones(()))  # it wants to be asked for the scale first
        self.inner.unscale_(optimizer)
        ok = all(torch.isfinite(p.grad).all() for group in optimizer.param_groups for p in group["params"] if p.grad is not None)
        self.inner.step(optimizer)
        return bool(ok)

    def update(self):
        self.inner.update()

# %% right: the check by multiplication with 0, numpy
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.history = []

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        params = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for p in params:
            p.grad.copy_(p.grad / self.factor)
        ok = all(np.isfinite(p.grad.numpy()).all() for p in params)
        if ok:
            optimizer.step()
        self.history.append(ok)
        return bool(ok)

    def update(self):
        if not self.history[-1]:
            self.factor, self.history = self.factor * self.backoff, []
        elif len(self.history) == self.growth_interval:
            self.factor, self.history = self.factor * self.growth, []

# %% wrong: gradients not divided | hint: divided by S
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            pass
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: gradients multiplied | hint: divided
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad *= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: the loss is changed in place
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        with torch.no_grad():
            loss.mul_(self.factor)
        return loss

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: the loss is not scaled | hint: multiplied by 8
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: the loss is divided, gradients multiplied
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss / self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad *= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: inf alone is looked for | hint: inf and nan
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool((~grad.isinf()).all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: nan alone is looked for | hint: inf and nan
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool((~grad.isnan()).all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: +inf and nan, not -inf | hint: inf and nan
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool((grad < math.inf).all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: the first group alone
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups[:1] for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: the last gradient's verdict is kept | hint: only one kept
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        for grad in grads:
            self.stepped = bool(grad.isfinite().all())
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: bad gradients are set to 0, and the step is taken | hint: weight decay
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        for grad in grads:
            grad.nan_to_num_(0.0, 0.0, 0.0)
        optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: bad gradients alone are left out | hint: no weight moves
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        for group in optimizer.param_groups:
            for p in group['params']:
                if p.grad is not None and not p.grad.isfinite().all():
                    p.grad = None
        optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: a norm is looked at, which overflows | hint: norm
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = math.isfinite(sum(grad.norm() ** 2 for grad in grads))
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: a missing gradient is a crash
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"]]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: returns nothing
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: never skips
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: the scale does not fall | hint: fall
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: the scale does not grow | hint: grow
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.good = 0

# %% wrong: a skip does not start the count anew | hint: anew
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: no new count after growth: then it grows each step | hint: anew
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good >= self.growth_interval:
            self.factor *= self.growth

# %% wrong: grows one step late
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good > self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: growth and backoff fixed at 2 and 1/2 | hint: is each used
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor /= 2
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= 2
            self.good = 0

# %% wrong: the scale is held at 1 or more
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor = max(1.0, self.factor * self.backoff)
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: other defaults | hint: 2,000
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=1000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        if not self.stepped:
            self.factor *= self.backoff
            self.good = 0
            return
        self.good += 1
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% right: PyTorch's own unscale kernel
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        found, inverse = torch.zeros(1), torch.tensor(1.0 / self.factor)
        grads = [p.grad for g in optimizer.param_groups for p in g["params"] if p.grad is not None]
        torch._amp_foreach_non_finite_check_and_unscale_(grads, found, inverse)
        self.stepped = found.item() == 0
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        self.good = (self.good + 1) * self.stepped
        if not self.stepped:
            self.factor *= self.backoff
        if self.good == self.growth_interval:
            self.factor *= self.growth
            self.good = 0

# %% wrong: stops at the first None
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        self.stepped = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    break
                if True:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool(p.grad.isfinite().all())
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0

# %% wrong: a size limit instead of finite | hint: norm
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        self.stepped = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool((p.grad.abs() < 65504).all())
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0

# %% wrong: the division in float16
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        self.stepped = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad = (p.grad.half() / self.factor).float()
                    self.stepped = self.stepped and bool(p.grad.isfinite().all())
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0

# %% wrong: steps first, looks afterwards
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        self.stepped = True
        optimizer.step()
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool(p.grad.isfinite().all())
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0

# %% wrong: once skipped, always skipped
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool(p.grad.isfinite().all())
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0

# %% wrong: the count is shared between scalers
class GradScaler:
    counts = {'good': 0}
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped = True

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        self.stepped = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool(p.grad.isfinite().all())
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        self.counts['good'] = self.counts['good'] + 1 if self.stepped else 0
        self.good = self.counts['good']
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.counts['good'] = self.factor * self.growth, 0

# %% wrong: zeroes the gradients after the step
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        self.stepped = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool(p.grad.isfinite().all())
        if self.stepped:
            optimizer.step()
            optimizer.zero_grad()
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0

# %% wrong: scale detaches
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss.detach() * self.factor

    def step(self, optimizer):
        self.stepped = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool(p.grad.isfinite().all())
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0

# %% wrong: clips after unscaling
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        self.stepped = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool(p.grad.isfinite().all())
        if self.stepped:
            nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g['params']], 1.0)
            optimizer.step()
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0

# %% wrong: the largest entry alone is looked at | hint: inf and nan
class GradScaler:
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        return loss * self.factor

    def step(self, optimizer):
        self.stepped = True
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad /= self.factor
                    self.stepped = self.stepped and bool(p.grad.max().isfinite())
        if self.stepped:
            optimizer.step()
        return self.stepped

    def update(self):
        self.good = self.good + 1 if self.stepped else 0
        if not self.stepped:
            self.factor *= self.backoff
        elif self.good >= self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0
