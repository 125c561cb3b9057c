"""Answers to manual-backprop: where each factor comes from, which axis is summed, and whose work it is."""


# %% right: step by step, as micrograd would go back
def cross_entropy_backward(logits, targets):
    N = logits.shape[0]
    shifted = logits - logits.max(1, keepdim=True).values
    counts = shifted.exp()
    dlogits = counts / counts.sum(1, keepdim=True)
    dlogits[range(N), targets] -= 1
    dlogits /= N
    return dlogits


def tanh_backward(grad, out):
    return (1.0 - out * out) * grad


def linear_backward(grad, x, W):
    dx = torch.einsum("no,oi->ni", grad, W)
    dW = torch.einsum("no,ni->oi", grad, x)
    db = torch.einsum("no->o", grad)
    return dx, dW, db


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    n = x.shape[0]
    mean = x.sum(0, keepdim=True) / n
    diff = x - mean
    var = (diff**2).sum(0, keepdim=True) / n
    var_inv = (var + eps) ** -0.5
    raw = diff * var_inv
    dgamma = (raw * grad).sum(0)
    dbeta = grad.sum(0)
    draw = gamma * grad
    ddiff = var_inv * draw
    dvar_inv = (diff * draw).sum(0, keepdim=True)
    dvar = -0.5 * (var + eps) ** -1.5 * dvar_inv
    ddiff = ddiff + 2 / n * diff * dvar
    dx = ddiff - ddiff.sum(0, keepdim=True) / n
    return dx, dgamma, dbeta


def embedding_backward(grad, ids, vocab_size):
    dtable = torch.zeros((vocab_size, grad.shape[-1]), dtype=grad.dtype)
    flat_ids, flat_grad = ids.reshape(-1), grad.reshape(-1, grad.shape[-1])
    for i in range(len(flat_ids)):
        dtable[flat_ids[i]] += flat_grad[i]
    return dtable


# %% right: numpy
import numpy as np


def cross_entropy_backward(logits, targets):
    z, t = logits.numpy(), targets.numpy()
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(t)), t] -= 1
    return p / len(t)


def tanh_backward(grad, out):
    return grad.numpy() * (1 - np.square(out.numpy()))


def linear_backward(grad, x, W):
    grad, x, W = grad.numpy(), x.numpy(), W.numpy()
    return grad.dot(W), grad.T.dot(x), grad.sum(axis=0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    grad, x, gamma = grad.numpy(), x.numpy(), gamma.numpy()
    N = len(x)
    std = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / std
    dx = gamma / (N * std) * (N * grad - grad.sum(axis=0) - x_hat * (grad * x_hat).sum(axis=0))
    return dx, (grad * x_hat).sum(axis=0), grad.sum(axis=0)


def embedding_backward(grad, ids, vocab_size):
    table = np.zeros((vocab_size, grad.shape[-1]))
    np.add.at(table, ids.numpy().ravel(), grad.numpy().reshape(-1, grad.shape[-1]))
    return table


# %% right: Jacobians written out, a matrix of ones and zeros for the table, lists for several results
def cross_entropy_backward(logits, targets):
    N, V = logits.shape
    log_p = logits - logits.logsumexp(dim=1, keepdim=True)
    rows = []
    for row, target in zip(log_p, targets):
        unit = torch.eye(V, dtype=logits.dtype)[target]
        rows.append((row.exp() - unit) / N)
    return torch.stack(rows)


def tanh_backward(grad, out):
    slope = torch.ones_like(out) - out.pow(2)
    return torch.mul(grad, slope)


def linear_backward(grad, x, W):
    dW = sum(torch.outer(g, row) for g, row in zip(grad, x))
    return [torch.stack([W.T @ g for g in grad]), dW, torch.ones(len(grad), dtype=grad.dtype) @ grad]


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    N, dim = x.shape
    dx = torch.empty_like(x)
    dgamma = torch.empty_like(gamma)
    for j in range(dim):
        s = (x[:, j].var(correction=0) + eps).sqrt()
        h = (x[:, j] - x[:, j].mean()) / s
        jacobian = (torch.eye(N, dtype=x.dtype) - 1 / N - torch.outer(h, h) / N) / s
        dx[:, j] = jacobian @ (grad[:, j] * gamma[j])
        dgamma[j] = grad[:, j] @ h
    return [dx, dgamma, grad.sum(dim=0)]


def embedding_backward(grad, ids, vocab_size):
    picked = F.one_hot(ids.flatten(), vocab_size).to(grad.dtype)
    return picked.T @ grad.reshape(-1, grad.shape[-1])


# %% right: PyTorch's own backward kernels and scatter_add
def cross_entropy_backward(logits, targets):
    p = F.softmax(logits, dim=1)
    return p.scatter_add(1, targets[:, None], -torch.ones_like(p[:, :1])).div(targets.numel())


def tanh_backward(grad, out):
    return torch.ops.aten.tanh_backward(grad, out)


def linear_backward(grad, x, W):
    return F.linear(grad, W.T), (x.T @ grad).T, grad.sum(dim=0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    var, mean = torch.var_mean(x, dim=0, correction=0)
    return torch.ops.aten.native_batch_norm_backward(
        grad, x, gamma, None, None, mean, (var + eps).rsqrt(), True, eps, [True, True, True]
    )


def embedding_backward(grad, ids, vocab_size):
    D = grad.shape[-1]
    index = ids.reshape(-1, 1).expand(-1, D)
    return grad.new_zeros(vocab_size, D).scatter_add_(0, index, grad.reshape(-1, D))


# %% wrong: cross-entropy is summed, not averaged | hint: mean
def cross_entropy_backward(logits, targets):
    return logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: one-hot minus softmax | hint: softmax minus one-hot
def cross_entropy_backward(logits, targets):
    return (F.one_hot(targets, logits.shape[-1]) - logits.softmax(-1)) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: softmax over the rows | hint: softmax
def cross_entropy_backward(logits, targets):
    return (logits.softmax(0) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: a naive softmax, which overflows | hint: stable
def cross_entropy_backward(logits, targets):
    p = logits.exp() / logits.exp().sum(-1, keepdim=True)
    p[torch.arange(len(targets)), targets] -= 1
    return p / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: the logits are shifted in place | hint: changed
def cross_entropy_backward(logits, targets):
    logits -= logits.max(1, keepdim=True).values
    p = logits.exp()
    p = p / p.sum(1, keepdim=True)
    p[torch.arange(len(targets)), targets] -= 1
    return p / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: only the gradient of the target's logit | hint: softmax
def cross_entropy_backward(logits, targets):
    p = logits.softmax(-1)
    out = torch.zeros_like(p)
    rows = torch.arange(len(targets))
    out[rows, targets] = (p[rows, targets] - 1) / len(targets)
    return out


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: autograd does cross-entropy | hint: was autograd called
def cross_entropy_backward(logits, targets):
    logits = logits.detach().requires_grad_()
    F.cross_entropy(logits, targets).backward()
    return logits.grad


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: cross-entropy by forward-mode autograd | hint: was autograd called
def cross_entropy_backward(logits, targets):
    return torch.func.jacfwd(lambda z: F.cross_entropy(z, targets))(logits)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: cross-entropy by grad, imported under its own name | hint: was autograd called
from torch.autograd import grad as gradient


def cross_entropy_backward(logits, targets):
    z = logits.detach().requires_grad_()
    return gradient(F.cross_entropy(z, targets), z)[0]


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: every gradient by autograd, imported beforehand | hint: was autograd called
from torch.func import vjp


def cross_entropy_backward(logits, targets):
    loss, back = vjp(lambda z: F.cross_entropy(z, targets), logits)
    return back(torch.ones_like(loss))[0]


def tanh_backward(grad, out):
    return vjp(torch.tanh, torch.atanh(out))[1](grad)[0]


def linear_backward(grad, x, W):
    return vjp(F.linear, x, W, grad.new_zeros(len(W)))[1](grad)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    def norm(x, gamma, beta):
        return gamma * (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt() + beta

    return vjp(norm, x, gamma, torch.zeros_like(gamma))[1](grad)


def embedding_backward(grad, ids, vocab_size):
    return vjp(lambda table: table[ids], grad.new_zeros(vocab_size, grad.shape[-1]))[1](grad)[0]


# %% wrong: tanh: the output is taken for the input | hint: from the output
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - torch.tanh(out) ** 2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: tanh: the square is forgotten | hint: 1 - out²
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: tanh: grad is changed in place | hint: changed
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    grad *= 1 - out**2
    return grad


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: tanh: out is changed in place | hint: changed
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return out.pow_(2).neg_().add_(1).mul_(grad)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: tanh by autograd | hint: was autograd called
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    x = torch.atanh(out).detach().requires_grad_()
    return torch.autograd.grad(torch.tanh(x), x, grad)[0]


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: linear: dW transposed | hint: shape
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, x.T @ grad, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: linear: W transposed, as if the layer were x @ W | hint: dx is (N, in)
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W.T, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: linear: db keeps the batch | hint: db (out,)
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: linear: dW and db are means over the batch | hint: summed
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x / len(x), grad.mean(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: linear: no db | hint: db
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: linear by autograd | hint: was autograd called
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    x, W = x.detach().requires_grad_(), W.detach().requires_grad_()
    b = torch.zeros(len(W), dtype=W.dtype, requires_grad=True)
    F.linear(x, W, b).backward(grad)
    return x.grad, W.grad, b.grad


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: linear by numeric differences | hint: formula
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    dx = numerical_gradient(lambda x: (x @ W.T * grad).sum(), x)
    dW = numerical_gradient(lambda W: (x @ W.T * grad).sum(), W)
    return dx, dW, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: mean and variance as constants | hint: mean and the variance
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    std = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat = (x - x.mean(0)) / std
    return grad * gamma / std, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: the way through the variance is missing | hint: variance
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    std = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / std, grad * gamma
    return (g - g.mean(0)) / std, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: the unbiased variance | hint: biased
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    n = len(x)
    std = (x.var(0) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / std, grad * gamma
    dx = (g - g.mean(0) - x_hat * (g * x_hat).sum(0) / (n - 1)) / std
    return dx, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: gamma is missing from dx | hint: gamma in dx
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    std = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat = (x - x.mean(0)) / std
    return (grad - grad.mean(0) - x_hat * (grad * x_hat).mean(0)) / std, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: gamma in dgamma and dbeta | hint: not in dgamma
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    std = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / std, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / std, (g * x_hat).sum(0), g.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: eps left out of the derivative | hint: eps
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    mean, var = x.mean(0), x.var(0, unbiased=False)
    std = (var + eps).sqrt()
    x_hat, g = (x - mean) / std, grad * gamma
    z = (x - mean) / var.sqrt()
    return (g - g.mean(0) - z * (g * z).mean(0)) / std, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: the given eps is ignored | hint: eps
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    std = (x.var(0, unbiased=False) + 1e-5).sqrt()
    x_hat, g = (x - x.mean(0)) / std, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / std, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: dx alone | hint: 3 results
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    std = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / std, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / std


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm: x and grad are changed in place | hint: changed
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    std = (x.var(0, unbiased=False) + eps).sqrt()
    x -= x.mean(0)
    x /= std
    dgamma, dbeta = (grad * x).sum(0), grad.sum(0)
    grad *= gamma
    return (grad - grad.mean(0) - x * (grad * x).mean(0)) / std, dgamma, dbeta


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm by autograd | hint: was autograd called
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    leaves = x.detach().requires_grad_(), gamma.detach().requires_grad_(), torch.zeros_like(gamma).requires_grad_()
    out = F.batch_norm(leaves[0], None, None, leaves[1], leaves[2], True, eps=eps)
    return torch.autograd.grad(out, leaves, grad)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: batchnorm by numeric differences | hint: formula
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    def total(x, gamma):
        return (F.batch_norm(x, None, None, gamma, None, True, eps=eps) * grad).sum()

    return numerical_gradient(lambda x: total(x, gamma), x), numerical_gradient(lambda g: total(x, g), gamma), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: embedding: the last grad of a repeated id wins | hint: added
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    table[ids] = grad
    return table


# %% wrong: embedding: += with repeated ids, which adds once | hint: added
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    table[ids] += grad
    return table


# %% wrong: embedding: as many rows as the largest id asks for | hint: vocab_size
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(int(ids.max()) + 1, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: embedding: ids must have two axes | hint: one axis
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[2], dtype=grad.dtype)
    for i in range(ids.shape[0]):
        for j in range(ids.shape[1]):
            table[ids[i, j]] += grad[i, j]
    return table


# %% wrong: embedding: adds in float32 | hint: dtype
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1])
    for i, g in zip(ids.flatten(), grad.flatten(0, -2)):
        table[i] += g
    return table


# %% wrong: embedding by autograd | hint: was autograd called
def cross_entropy_backward(logits, targets):
    return (logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets)


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype, requires_grad=True)
    F.embedding(ids, table).backward(grad)
    return table.grad


# %% wrong: nothing is returned | hint: return
def cross_entropy_backward(logits, targets):
    print((logits.softmax(-1) - F.one_hot(targets, logits.shape[-1])) / len(targets))


def tanh_backward(grad, out):
    return grad * (1 - out**2)


def linear_backward(grad, x, W):
    return grad @ W, grad.T @ x, grad.sum(0)


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    root = (x.var(0, unbiased=False) + eps).sqrt()
    x_hat, g = (x - x.mean(0)) / root, grad * gamma
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / root, (grad * x_hat).sum(0), grad.sum(0)


def embedding_backward(grad, ids, vocab_size):
    table = torch.zeros(vocab_size, grad.shape[-1], dtype=grad.dtype)
    return table.index_add(0, ids.flatten(), grad.flatten(0, -2))


# %% wrong: zeros of the right shapes | hint: softmax
def cross_entropy_backward(logits, targets):
    return torch.zeros_like(logits)


def tanh_backward(grad, out):
    return torch.zeros_like(grad)


def linear_backward(grad, x, W):
    return torch.zeros_like(x), torch.zeros_like(W), torch.zeros_like(W[:, 0])


def batchnorm_backward(grad, x, gamma, eps=1e-5):
    return torch.zeros_like(x), torch.zeros_like(gamma), torch.zeros_like(gamma)


def embedding_backward(grad, ids, vocab_size):
    return grad.new_zeros(vocab_size, grad.shape[-1])
