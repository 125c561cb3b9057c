"""Answers to optimizers: what each state sums up, when it is corrected, and which parameters stay as they are."""


# %% right: through .data, formula by formula, new tensors
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.v[i] = self.momentum * self.v[i] + p.grad
            p.data = p.data - self.lr * self.v[i]


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    def step(self):
        self.t += 1
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g * g
            m_hat = self.m[i] / (1 - beta1**self.t)
            v_hat = self.v[i] / (1 - beta2**self.t)
            p.data = p.data * (1 - self.lr * self.weight_decay) - self.lr * m_hat / (torch.sqrt(v_hat) + self.eps)


# %% right: state by parameter, made at its first gradient, each with a t of its own, as torch.optim has it
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.buffers = momentum, {}

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is None:
                continue
            step = p.grad
            if self.momentum:
                if p in self.buffers:
                    self.buffers[p].mul_(self.momentum).add_(p.grad)
                else:
                    self.buffers[p] = p.grad.clone()
                step = self.buffers[p]
            p.add_(step, alpha=-self.lr)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for p in self.params:
            if p.grad is None:
                continue
            t, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
            t += 1
            p *= 1 - self.lr * self.weight_decay
            m.mul_(b1).add_(p.grad, alpha=1 - b1)
            v.mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
            self.state[p] = t, m, v
            p.addcdiv_(m, (v.sqrt() / math.sqrt(1 - b2**t)).add_(self.eps), value=-self.lr / (1 - b1**t))


# %% right: lr folded into v, which is the same while lr stays; decay and step both from the old value
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    def step(self):
        with torch.no_grad():
            for v, p in zip(self.v, self.params):
                if p.grad is None:
                    continue
                v.copy_(self.momentum * v - self.lr * p.grad)
                p += v


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    def step(self):
        with torch.no_grad():
            self.t += 1
            b1, b2 = self.betas
            for p, m, v in zip(self.params, self.m, self.v):
                if p.grad is None:
                    continue
                m += (1 - b1) * (p.grad - m)
                v += (1 - b2) * (p.grad.square() - v)
                move = m / (1 - b1**self.t) / ((v / (1 - b2**self.t)) ** 0.5 + self.eps)
                p -= self.lr * (move + self.weight_decay * p)


# %% right: numpy states, no zeros_like; the correction kept as a running product
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.mu, self.velocity = momentum, [0.0] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is not None:
                self.velocity[i] = self.mu * self.velocity[i] + p.grad.numpy()
                p.copy_(torch.from_numpy(p.numpy() - self.lr * self.velocity[i]))


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        self.m, self.s = [0.0] * len(self.params), [0.0] * len(self.params)
        self.power1 = self.power2 = 1.0

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        self.power1 *= b1
        self.power2 *= b2
        for i, p in enumerate(self.params):
            if p.grad is not None:
                g, value = p.grad.numpy(), p.numpy() * (1 - self.lr * self.weight_decay)
                self.m[i] = b1 * self.m[i] + (1 - b1) * g
                self.s[i] = b2 * self.s[i] + (1 - b2) * g**2
                root = (self.s[i] / (1 - self.power2)) ** 0.5
                p.copy_(torch.from_numpy(value - self.lr * self.m[i] / (1 - self.power1) / (root + self.eps)))


# %% right: torch.optim's own step inside
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.inner = torch.optim.SGD(self.params, lr, momentum)

    def step(self):
        self.inner.step()


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.inner = torch.optim.AdamW(self.params, lr, betas, eps, weight_decay)

    def step(self):
        self.inner.step()


# %% wrong: SGD climbs | hint: -lr
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.add_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD ignores the momentum | hint: momentum
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p -= self.lr * p.grad


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD takes a running mean of the gradients | hint: whole grad
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_((1 - self.momentum) * p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD moves before it updates v | hint: -lr
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                p.sub_(self.lr * v)
                v.mul_(self.momentum).add_(p.grad)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD has Nesterov's momentum | hint: momentum
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * (p.grad + self.momentum * v))


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD keeps one v for all parameters | hint: v of its own
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, 0.0

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                self.v = self.momentum * self.v + p.grad
                p.sub_(self.lr * self.v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD forgets v after each step | hint: momentum
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v = self.momentum * v + p.grad
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD binds a new tensor to a name, and no parameter moves | hint: -lr
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p = p - self.lr * v


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD puts new tensors into its list, and the model keeps the old ones | hint: -lr
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for i, (p, v) in enumerate(zip(self.params, self.v)):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                self.params[i] = p - self.lr * v


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD takes no grad for a grad of 0, and rolls on | hint: None
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            g = 0 if p.grad is None else p.grad
            v.mul_(self.momentum).add_(g)
            p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD breaks where the grad is None | hint: None
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            v.mul_(self.momentum).add_(p.grad)
            p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD stops at the first parameter without a grad | hint: None
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is None:
                return
            v.mul_(self.momentum).add_(p.grad)
            p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD changes the gradients | hint: only read
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(p.grad.copy_(v).mul_(self.lr))


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD's v is the gradient's own tensor | hint: only read
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [None] * len(self.params)

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is not None:
                if self.v[i] is None:
                    self.v[i] = p.grad
                else:
                    self.v[i].mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * self.v[i])


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD under no no_grad | hint: Your code raised RuntimeError
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: SGD ignores lr | hint: lr
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(0.05 * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW without bias correction | hint: start at 0
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m) / ((v).sqrt() + self.eps))


# %% wrong: AdamW corrects m alone | hint: start at 0
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v).sqrt() + self.eps))


# %% wrong: AdamW counts t from 0 | hint: t 1
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))
        self.t += 1


# %% wrong: AdamW never counts | hint: count
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**1)) / ((v / (1 - b2**1)).sqrt() + self.eps))


# %% wrong: AdamW counts every parameter as a step | hint: t 1
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        b1, b2 = self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                self.t += 1
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW's betas swapped | hint: beta
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b2, b1) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW's new share is beta, not 1 - beta | hint: beta
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, b1)
                v.lerp_(p.grad**2, b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW's eps inside the root | hint: root
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / (v / (1 - b2**self.t) + self.eps).sqrt())


# %% wrong: AdamW adds eps before the correction | hint: eps
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v.sqrt() + self.eps) / (1 - b2**self.t) ** 0.5))


# %% wrong: AdamW without eps | hint: eps
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt()))


# %% wrong: AdamW without the root | hint: under a root
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)) + self.eps))


# %% wrong: AdamW's v averages the gradient, not its square | hint: square
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).abs() + self.eps))


# %% wrong: Adam: the decay goes into the gradient | hint: apart from the gradient
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                g = p.grad + self.weight_decay * p
                m.lerp_(g, 1 - b1)
                v.lerp_(g**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW without decay | hint: decay
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW decays by weight_decay alone, not times lr | hint: lr times
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW decays after the step | hint: decay
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))
                p.mul_(1 - self.lr * self.weight_decay)


# %% wrong: AdamW decays parameters without a grad | hint: None
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            p.mul_(1 - self.lr * self.weight_decay)
            if p.grad is not None:
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW takes no grad for a grad of 0, and rolls on | hint: None
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.requires_grad:
                g = torch.zeros_like(p) if p.grad is None else p.grad
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(g, 1 - b1)
                v.lerp_(g**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW breaks where the grad is None | hint: None
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            p.mul_(1 - self.lr * self.weight_decay)
            m.lerp_(p.grad, 1 - b1)
            v.lerp_(p.grad**2, 1 - b2)
            p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW squares the gradient in place | hint: only read
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t, (b1, b2) = self.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad.square_(), 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: AdamW counts for all optimizers together | hint: count
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    t = 0

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        AdamW.t, (b1, b2) = AdamW.t + 1, self.betas
        for p, m, v in zip(self.params, self.m, self.v):
            if p.grad is not None:
                p.mul_(1 - self.lr * self.weight_decay)
                m.lerp_(p.grad, 1 - b1)
                v.lerp_(p.grad**2, 1 - b2)
                p.sub_(self.lr * (m / (1 - b1**self.t)) / ((v / (1 - b2**self.t)).sqrt() + self.eps))


# %% wrong: neither does anything | hint: -lr
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    def step(self):
        return None


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    def step(self):
        return None


# %% wrong: AdamW is SGD | hint: t 1
class SGD(Optimizer):
    def __init__(self, params, lr, momentum=0.0):
        super().__init__(params, lr)
        self.momentum, self.v = momentum, [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, v in zip(self.params, self.v):
            if p.grad is not None:
                v.mul_(self.momentum).add_(p.grad)
                p.sub_(self.lr * v)


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr)
        self.betas, self.eps, self.weight_decay, self.t = betas, eps, weight_decay, 0
        self.m, self.v = ([torch.zeros_like(p) for p in self.params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        for p in self.params:
            if p.grad is not None:
                p -= self.lr * (p.grad + self.weight_decay * p)
