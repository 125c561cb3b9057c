"""Answers to exercise 8, unbroadcast: the backward of broadcasting."""

# %% right: PyTorch's own sum_to_size
def unbroadcast(grad, shape):
    return grad.sum_to_size(shape)

# %% right: one sum over all axes at once, then a reshape
def unbroadcast(grad, shape):
    added = grad.dim() - len(shape)
    axes = list(range(added)) + [added + i for i, n in enumerate(shape) if n == 1 and grad.shape[added + i] > 1]
    return grad.sum(dim=axes).reshape(shape) if axes else grad.reshape(shape)

# %% right: the shape padded with ones in front, axes taken from the right
def unbroadcast(grad, shape):
    out = grad.clone()
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    for axis in range(-1, -grad.ndim - 1, -1):
        if padded[axis] != out.shape[axis]:
            out = out.sum(dim=axis, keepdim=True)
    return out.view(shape)

# %% right: every entry of the grad is added where its entry came from
def unbroadcast(grad, shape):
    result = torch.zeros(shape, dtype=grad.dtype)
    source = torch.arange(result.numel()).reshape(shape).expand(grad.shape)
    return result.flatten().index_add(0, source.flatten(), grad.flatten()).reshape(shape)

# %% right: recursion, one axis a call
def unbroadcast(grad, shape):
    if grad.ndim > len(shape):
        return unbroadcast(grad.sum(dim=0), shape)
    for axis, (have, want) in enumerate(zip(grad.shape, shape)):
        if have != want:
            return unbroadcast(grad.sum(dim=axis, keepdim=True), shape)
    return grad

# %% right: numpy, and back
def unbroadcast(grad, shape):
    import numpy as np

    array = np.asarray(grad)
    extra = array.ndim - len(shape)
    array = array.sum(axis=tuple(range(extra)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return torch.from_numpy(np.array(array.sum(axis=stretched, keepdims=True)))

# %% right: autograd's backward of expand
def unbroadcast(grad, shape):
    leaf = torch.zeros(shape, dtype=grad.dtype, requires_grad=True)
    return torch.autograd.grad(leaf.expand(grad.shape), leaf, grad_outputs=grad)[0]

# %% wrong: the identity | hint: in front
def unbroadcast(grad, shape):
    return grad

# %% wrong: sums the added axes only | hint: stretched
def unbroadcast(grad, shape):
    while grad.dim() > len(shape):
        grad = grad.sum(0)
    return grad

# %% wrong: sums the stretched axes only | hint: in front
def unbroadcast(grad, shape):
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis, keepdim=True)
    return grad

# %% wrong: the stretched axes vanish, for lack of keepdim | hint: length 1
def unbroadcast(grad, shape):
    grad = grad.sum(tuple(range(grad.dim() - len(shape)))) if grad.dim() > len(shape) else grad
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            grad = grad.sum(axis)
    return grad

# %% wrong: the mean in place of the sum | hint: summed
def unbroadcast(grad, shape):
    while grad.dim() > len(shape):
        grad = grad.mean(0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.mean(axis, keepdim=True)
    return grad

# %% wrong: sums with an empty list of axes, which in PyTorch means all of them | hint: Nothing was broadcast
def unbroadcast(grad, shape):
    added = grad.dim() - len(shape)
    axes = list(range(added)) + [added + i for i, n in enumerate(shape) if n == 1]
    return grad.sum(axes, keepdim=True).reshape(shape)

# %% wrong: takes one row in place of their sum | hint: summed
def unbroadcast(grad, shape):
    while grad.dim() > len(shape):
        grad = grad[0]
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.narrow(axis, 0, 1)
    return grad

# %% wrong: sums away trailing axes, not leading ones
def unbroadcast(grad, shape):
    while grad.dim() > len(shape):
        grad = grad.sum(-1)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis, keepdim=True)
    return grad

# %% wrong: sums one added axis at most, as the first test shows | hint: added
def unbroadcast(grad, shape):
    if grad.dim() > len(shape):
        grad = grad.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis, keepdim=True)
    return grad

# %% wrong: sums one stretched axis, then stops | hint: stretched
def unbroadcast(grad, shape):
    while grad.dim() > len(shape):
        grad = grad.sum(0)
    for axis, length in enumerate(shape):
        if length == 1 and grad.shape[axis] != 1:
            return grad.sum(axis, keepdim=True)
    return grad

# %% wrong: matches the axes from the left, as they come
def unbroadcast(grad, shape):
    wanted, axis = list(shape), 0
    for length in grad.shape:
        if wanted and length == wanted[0]:
            wanted.pop(0)
            axis += 1
        elif wanted and wanted[0] == 1:
            wanted.pop(0)
            grad = grad.sum(axis, keepdim=True)
            axis += 1
        else:
            grad = grad.sum(axis)
    return grad

# %% wrong: sums the axes whose length is not among those of the shape | hint: same length
def unbroadcast(grad, shape):
    axes = [i for i, n in enumerate(grad.shape) if n not in shape]
    return grad.sum(axes).reshape(shape) if axes else grad

# %% wrong: for a single number it gives one that forgot every axis but the first | hint: ()
def unbroadcast(grad, shape):
    if not shape:
        return grad.sum(0)
    while grad.dim() > len(shape):
        grad = grad.sum(0)
    for axis, length in enumerate(shape):
        grad = grad.sum(axis, keepdim=True) if length == 1 else grad
    return grad

# %% wrong: zeros of the right shape
def unbroadcast(grad, shape):
    return torch.zeros(shape, dtype=grad.dtype)

# %% wrong: cuts the right number of entries out of the grad
def unbroadcast(grad, shape):
    return grad.flatten()[: math.prod(shape)].reshape(shape)

# %% wrong: computes the sum and returns nothing | hint: return
def unbroadcast(grad, shape):
    grad = grad.sum_to_size(shape)

# %% wrong: sums into the caller's grad | hint: changed
def unbroadcast(grad, shape):
    while grad.dim() > len(shape):
        grad.data = grad.data.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad.data = grad.data.sum(axis, keepdim=True)
    return grad
