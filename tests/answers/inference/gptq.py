"""Answers to exercise 10, gptq."""

# %% right: optimal brain quantization: an explicit inverse, each rounded column eliminated
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(bits)
    n, q = W.shape[1], 2 ** (bits - 1) - 1
    gram = X.T @ X
    gram.diagonal().add_(gram.diagonal().mean() / 100)
    A, w = torch.linalg.inv(gram), W.clone()
    codes, scales = torch.zeros(W.shape, dtype=torch.int64), []
    for j in range(n):
        if group is None and j == 0:
            scales.append(W.abs().max(dim=1).values / q)
        elif group is not None and j % group == 0:
            scales.append(w[:, j : j + group].abs().max(dim=1).values / q)
        scales[-1][scales[-1] == 0] = 1
        codes[:, j] = torch.round(w[:, j] / scales[-1]).clamp(min=-q, max=q).long()
        off = w[:, j] - scales[-1] * codes[:, j]
        w -= torch.outer(off / A[j, j], A[j]) * (torch.arange(n) > j)
        A = A - torch.outer(A[:, j], A[j]) / A[j, j]
    return codes, torch.stack(scales, dim=1)

# %% right: row by row, the factor of the inverse from that of the reversed Hessian
def gptq(W, X, bits, group=None):
    if bits <= 1:
        raise ValueError("bits")
    q, n = (1 << (bits - 1)) - 1, W.size(1)
    H = X.mT @ X
    H += torch.diag(H.diag().mean().expand(n) * 0.01)
    U = torch.linalg.inv(torch.linalg.cholesky(H.flip(0, 1)).flip(0, 1))
    rows, scales = [], []
    for row in W:
        w, code, scale = row.clone(), [], []
        for j in range(n):
            if j % (group or n) == 0:
                largest = w[j : j + (group or n)].abs().max()
                scale.append(largest / q if largest else torch.ones_like(largest))
            code.append(torch.clamp(torch.round(w[j] / scale[-1]), -q, q))
            w[j + 1 :] -= (w[j] - code[-1] * scale[-1]) * U[j, j + 1 :] / U[j, j]
        rows.append(torch.stack(code))
        scales.append(torch.stack(scale))
    return torch.stack(rows).to(torch.int8), torch.stack(scales)

# %% right: numpy in float64, the paper's blocks of columns
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError("bits")
    w, x, q = W.double().numpy().copy(), X.double().numpy(), 2 ** (bits - 1) - 1
    n = w.shape[1]
    group = n if group is None else group
    H = 2 * x.T @ x
    H[np.arange(n), np.arange(n)] += 0.01 * np.mean(np.diag(H))
    U = np.linalg.cholesky(np.linalg.inv(H)).T
    codes, scales = np.zeros(w.shape, dtype=np.int64), np.zeros((len(w), (n + group - 1) // group))
    for first in range(0, n, group):
        last = min(first + group, n)
        largest = np.abs(w[:, first:last]).max(1)
        scale = scales[:, first // group] = np.where(largest == 0, 1, largest / q)
        errors = np.zeros((len(w), last - first))
        for j in range(first, last):
            codes[:, j] = np.clip(np.round(w[:, j] / scale), -q, q)
            errors[:, j - first] = (w[:, j] - codes[:, j] * scale) / U[j, j]
            w[:, j + 1 : last] -= np.outer(errors[:, j - first], U[j, j + 1 : last])
        w[:, last:] -= errors @ U[first:last, last:]
    return torch.from_numpy(codes), torch.from_numpy(scales).to(W.dtype)

# %% right: targets by regression: what is left of the outputs, fitted by the columns that are left
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError("bits")
    q, n = 2 ** (bits - 1) - 1, W.shape[1]
    H = X.T @ X
    H = H + 0.01 * torch.trace(H) / n * torch.eye(n, dtype=W.dtype)
    # H = L D L^T from the last column to the first: a column's own weights on those before it
    R = torch.linalg.cholesky(H.flip(0, 1)).flip(0, 1)
    R = R / R.diagonal()
    errors, codes = torch.zeros_like(W), torch.zeros(W.shape, dtype=torch.int32)
    scales = torch.ones(len(W), -(-n // (group or n)), dtype=W.dtype)
    first = torch.linalg.solve_triangular(R, torch.eye(n, dtype=W.dtype), upper=True)
    for j in range(n):
        g = j // (group or n)
        if j % (group or n) == 0:
            block = W[:, j : j + (group or n)] - errors[:, :j] @ first[:j, j : j + (group or n)]
            scales[:, g] = block.abs().amax(1) / q
            scales[:, g][scales[:, g] == 0] = 1.0
        now = W[:, j] - errors[:, :j] @ first[:j, j]
        codes[:, j] = (now / scales[:, g]).round().clip(-q, q).int()
        errors[:, j] = now - codes[:, j] * scales[:, g]
    return codes, scales

# %% wrong: plain rounding | hint: every column
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
    return codes, torch.stack(scales, 1)

# %% wrong: the error goes to all columns, the earlier ones too
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes = (left / scales[-1][:, None]).round().clamp(-top, top).long(); codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left -= wrong[:, None] * (U + U.T)[j] / 2
    return codes, torch.stack(scales, 1)

# %% wrong: the factor of H, not of its inverse | hint: every column
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(H, upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: a row of the inverse, never of those that are left
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.inv(H)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: a lower factor
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)))
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: a column of the factor
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j + 1 :, j]
    return codes, torch.stack(scales, 1)

# %% wrong: not divided by the diagonal
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1])
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: divided by the diagonal twice
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j] ** 2
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: added in place of taken away
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] += wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: only the next column gets the error
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 : j + 2] -= wrong[:, None] * U[j, j + 1 : j + 2]
    return codes, torch.stack(scales, 1)

# %% wrong: no damping, a tiny number for the inverse | hint: 1%
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 1e-9 * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: damping of 1% of each own diagonal | hint: 1%
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().diag()
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: damping of 0.01, whatever the inputs | hint: 1%
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: damping of 10% | hint: 1%
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.1 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: scales of groups from the original weights | hint: by then
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = W[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: group is ignored | hint: groups
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: a scale for the whole matrix
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax().expand(len(W))
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: one code more below | hint: cut off
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top - 1, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: no clamp | hint: cut off
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round()
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: the scale divides by 2^(bits - 1)
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / (top + 1), torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: truncates
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).trunc().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: a row of zeros gives NaN
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(largest / top)
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: scales of zeros stay 0 | hint: zeros
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(largest / top)
        codes[:, j] = (left[:, j] / scales[-1]).nan_to_num().round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: W is changed
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: codes are floats | hint: integers
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=W.dtype), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: scales are float32
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1).float()

# %% wrong: scales lie the other way round
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 0)

# %% wrong: weights come back in place of codes
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        left[:, j] = left[:, j]
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return left, torch.stack(scales, 1)

# %% wrong: an inverse for every column | hint: as often
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        A = torch.linalg.inv(H[j:, j:])
        left[:, j:] -= ((left[:, j] - codes[:, j] * scales[-1]) / A[0, 0])[:, None] * A[0]
    return codes, torch.stack(scales, 1)

# %% wrong: scales taken anew at every column
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if True:
            largest = left[:, j : j + width].abs().amax(1)
            scales[j // width :] = [torch.where(largest > 0, largest / top, torch.ones_like(largest))]
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: the Hessian of the outputs
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X + 0 * W.T @ W; H = H * 0 + torch.eye(columns, dtype=H.dtype)
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: no ValueError | hint: valueerror
def gptq(W, X, bits, group=None):
    bits = max(bits, 2)
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)

# %% wrong: from the last column to the first
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in reversed(range(columns)):
        if j % width == width - 1 or j == columns - 1:
            largest = left[:, max(0, j + 1 - width) : j + 1].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, :j] -= wrong[:, None] * U[j, :j]
    return codes, torch.stack(scales, 1)


# %% wrong: the error of a code before it is cut off | hint: whole error
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError("bits must be at least 2")
    W = W.clone()
    out, n = W.shape
    group = group or n
    qmax = 2 ** (bits - 1) - 1
    H = 2 * X.T @ X
    damp = 0.01 * H.diagonal().mean()
    H = H + damp * torch.eye(n, dtype=H.dtype)
    A = torch.cholesky_inverse(torch.linalg.cholesky(H))
    U = torch.linalg.cholesky(A, upper=True)
    codes = torch.zeros(out, n, dtype=torch.int64)
    scales = []
    for j in range(n):
        if j % group == 0:
            s = W[:, j:j + group].abs().amax(1) / qmax
            s = torch.where(s == 0, torch.ones_like(s), s)
            scales.append(s)
        c = torch.round(W[:, j] / s).clamp(-qmax, qmax)
        codes[:, j] = c.to(torch.int64)
        err = (W[:, j] - torch.round(W[:, j] / s) * s) / U[j, j]
        W[:, j + 1:] -= err[:, None] * U[j, j + 1:]
    return codes, torch.stack(scales, 1)


# %% wrong: rounds half up | hint: even
def gptq(W, X, bits, group=None):
    if bits < 2:
        raise ValueError("bits must be at least 2")
    W = W.clone()
    out, n = W.shape
    group = group or n
    qmax = 2 ** (bits - 1) - 1
    H = 2 * X.T @ X
    damp = 0.01 * H.diagonal().mean()
    H = H + damp * torch.eye(n, dtype=H.dtype)
    A = torch.cholesky_inverse(torch.linalg.cholesky(H))
    U = torch.linalg.cholesky(A, upper=True)
    codes = torch.zeros(out, n, dtype=torch.int64)
    scales = []
    for j in range(n):
        if j % group == 0:
            s = W[:, j:j + group].abs().amax(1) / qmax
            s = torch.where(s == 0, torch.ones_like(s), s)
            scales.append(s)
        c = torch.floor(W[:, j] / s + 0.5).clamp(-qmax, qmax)
        codes[:, j] = c.to(torch.int64)
        err = (W[:, j] - c * s) / U[j, j]
        W[:, j + 1:] -= err[:, None] * U[j, j + 1:]
    return codes, torch.stack(scales, 1)
