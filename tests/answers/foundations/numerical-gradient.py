"""Answers to numerical-gradient."""

# %% right: every index by itertools, a clone for each side
import itertools


def numerical_gradient(f, x, eps=1e-5):
    grad = torch.empty_like(x)
    for index in itertools.product(*(range(n) for n in x.shape)):
        up, down = x.clone(), x.clone()
        up[index] += eps
        down[index] -= eps
        grad[index] = (f(up) - f(down)) / (2 * eps)
    return grad

# %% right: all directions at once, by vmap over a scaled identity
def numerical_gradient(f, x, eps=1e-5):
    steps = eps * torch.eye(x.numel(), dtype=x.dtype).reshape(-1, *x.shape)
    slopes = torch.vmap(lambda step: (f(x + step) - f(x - step)) / (2 * eps))(steps)
    return slopes.reshape(x.shape)

# %% right: changes x itself, and puts the saved number back
def numerical_gradient(f, x, eps=1e-5):
    flat, slopes = x.view(-1), []
    for i in range(flat.numel()):
        old = flat[i].item()
        flat[i] = old + eps
        above = f(x).item()
        flat[i] = old - eps
        below = f(x).item()
        flat[i] = old
        slopes.append((above - below) / (2 * eps))
    return torch.tensor(slopes, dtype=x.dtype).reshape(x.shape)

# %% right: numpy, by np.ndindex
import numpy as np


def numerical_gradient(f, x, eps=1e-5):
    values = x.detach().numpy()
    grad = np.zeros_like(values)

    def at(index, change):
        moved = values.copy()
        moved[index] += change
        return float(f(torch.from_numpy(np.asarray(moved))))

    for index in np.ndindex(values.shape):
        grad[index] = (at(index, eps) - at(index, -eps)) / (2 * eps)
    return torch.from_numpy(np.asarray(grad))

# %% right: one axis at a time, by recursion
def numerical_gradient(f, x, eps=1e-5):
    if x.dim() == 0:
        return torch.as_tensor((f(x + eps) - f(x - eps)) / (2 * eps), dtype=x.dtype)

    def row(i):
        return lambda part: f(torch.cat([x[:i], part[None], x[i + 1:]]))

    return torch.stack([numerical_gradient(row(i), x[i].clone(), eps) for i in range(len(x))])

# %% wrong: a difference to one side | hint: both sides
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x)) / eps
    return grad

# %% wrong: divides by eps, not 2 eps | hint: 2·eps
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / eps
    return grad

# %% wrong: to one side, over 2 eps | hint: both sides
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x)) / (2 * eps)
    return grad

# %% wrong: half of eps to each side | hint: the step to each side
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps / 2
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / eps
    return grad

# %% wrong: adds to x in place and never puts it back | hint: rather than to a copy
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    flat = x.view(-1)
    for i in range(x.numel()):
        flat[i] += eps
        above = f(x)
        flat[i] -= 2 * eps
        grad.view(-1)[i] = (above - f(x)) / (2 * eps)
    return grad

# %% wrong: puts x back by arithmetic, which rounds | hint: rather than to a copy
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    flat = x.view(-1)
    for i in range(x.numel()):
        flat[i] += eps
        above = f(x)
        flat[i] -= 2 * eps
        below = f(x)
        flat[i] += eps
        grad.view(-1)[i] = (above - below) / (2 * eps)
    return grad

# %% wrong: pushes all entries together: a single number | hint: shape
def numerical_gradient(f, x, eps=1e-5):
    return (f(x + eps) - f(x - eps)) / (2 * eps)

# %% wrong: pushes a whole row at a time | hint: one entry at a time
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        grad[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad

# %% wrong: the step keeps the entries pushed before | hint: one entry at a time
def numerical_gradient(f, x, eps=1e-5):
    grad, step = torch.zeros_like(x), torch.zeros_like(x)
    for i in range(x.numel()):
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad

# %% wrong: a flat gradient | hint: shape
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros(x.numel(), dtype=x.dtype)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad

# %% wrong: f is given each entry alone | hint: entries
def numerical_gradient(f, x, eps=1e-5):
    slopes = [(f(one + eps) - f(one - eps)) / (2 * eps) for one in x.reshape(-1)]
    return torch.stack(slopes).reshape(x.shape)

# %% wrong: f is given a flat x | hint: shape
def numerical_gradient(f, x, eps=1e-5):
    flat, grad = x.flatten(), torch.zeros(x.numel(), dtype=x.dtype)
    for i in range(len(flat)):
        step = torch.zeros_like(flat)
        step[i] = eps
        grad[i] = (f(flat + step) - f(flat - step)) / (2 * eps)
    return grad.reshape(x.shape)

# %% wrong: two axes only | hint: axes
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    rows, columns = x.shape
    for i in range(rows):
        for j in range(columns):
            above, below = x.clone(), x.clone()
            above[i, j] += eps
            below[i, j] -= eps
            grad[i, j] = (f(above) - f(below)) / (2 * eps)
    return grad

# %% wrong: a gradient in float32 | hint: dtype
def numerical_gradient(f, x, eps=1e-5):
    slopes = []
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        slopes.append((f(x + step) - f(x - step)).item() / (2 * eps))
    return torch.tensor(slopes).reshape(x.shape)

# %% wrong: measures nothing, asks autograd | hint: eps
def numerical_gradient(f, x, eps=1e-5):
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf)[0]

# %% wrong: eps is not the caller's | hint: eps
def numerical_gradient(f, x, eps=1e-5):
    eps, grad = 1e-5, torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad

# %% wrong: the slope of a sum of cubes, by heart | hint: x's own shape
def numerical_gradient(f, x, eps=1e-5):
    return 3 * x**2

# %% wrong: prints the gradient | hint: return
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * eps)
    print(grad)

# %% wrong: below minus above | hint: both sides
def numerical_gradient(f, x, eps=1e-5):
    grad = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[i] = eps
        grad.view(-1)[i] = (f(x - step) - f(x + step)) / (2 * eps)
    return grad
