"""Answers to low-rank."""

# %% right: the root of sigma into both factors
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W)
    root = S[:k].sqrt()
    return U[:, :k] @ torch.diag(root), torch.diag(root) @ Vh[:k, :]

# %% right: W times the leading eigenvectors of its Gram matrix
def low_rank(W, k):
    _, vectors = torch.linalg.eigh(W.T @ W)
    V = vectors.flip(-1)[:, :k]
    return W @ V, V.T

# %% right: numpy, the weights into B
import numpy as np


def low_rank(W, k):
    u, s, vh = np.linalg.svd(W.numpy(), full_matrices=False)
    return torch.from_numpy(u[:, :k].copy()), torch.from_numpy(s[:k, None] * vh[:k])

# %% right: the old torch.svd, which gives V and not Vh
def low_rank(W, k):
    U, S, V = torch.svd(W)
    return U[:, :k], (V[:, :k] * S[:k]).T

# %% right: subspace iteration, many times
def low_rank(W, k):
    generator = torch.Generator().manual_seed(0)
    Q = torch.randn(W.shape[1], k, dtype=W.dtype, generator=generator)
    for _ in range(3000):
        Q, _ = torch.linalg.qr(W.T @ (W @ Q))
    return W @ Q, Q.T

# %% wrong: sigma not applied at all | hint: exactly once
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return U[:, :k], Vh[:k]

# %% wrong: sigma into both factors | hint: exactly once
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return U[:, :k] * S[:k], S[:k, None] * Vh[:k]

# %% wrong: the first k columns of W, and the best B for them | hint: largest
def low_rank(W, k):
    A = W[:, :k]
    return A, torch.linalg.lstsq(A, W).solution

# %% wrong: keeps k columns of W and sets the rest to zero | hint: largest
def low_rank(W, k):
    return W[:, :k].clone(), torch.eye(k, W.shape[1], dtype=W.dtype)

# %% wrong: the smallest singular values | hint: largest
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return U[:, -k:] * S[-k:], Vh[-k:]

# %% wrong: the leading part of QR | hint: largest
def low_rank(W, k):
    Q, R = torch.linalg.qr(W)
    return Q[:, :k], R[:k]

# %% wrong: takes columns of Vh as if it were V | hint: Vh
def low_rank(W, k):
    U, S, V = torch.linalg.svd(W)
    return U[:, :k] * S[:k], V[:, :k].T

# %% wrong: the columns' means taken off first, as in PCA | hint: largest
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W - W.mean(0), full_matrices=False)
    return U[:, :k] * S[:k], Vh[:k]

# %% wrong: k - 1 pieces, for an off-by-one in the flipped order of eigh | hint: largest
def low_rank(W, k):
    _, vectors = torch.linalg.eigh(W.T @ W)
    V = vectors[:, -k - 1:-1] if k < W.shape[1] else vectors
    return W @ V, V.T

# %% wrong: one randomized pass | hint: largest
def low_rank(W, k):
    torch.manual_seed(0)
    U, S, V = torch.svd_lowrank(W, q=k, niter=1)
    return U * S, V.T

# %% wrong: the factors in the other order | hint: (m, k)
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return Vh[:k], U[:, :k] * S[:k]

# %% wrong: all pieces, whatever k is | hint: (m, k)
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return U * S, Vh

# %% wrong: the product and not the factors | hint: A is
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return U[:, :k] * S[:k] @ Vh[:k]

# %% wrong: a square of sigma, from eigenvalues without the root | hint: exactly once
def low_rank(W, k):
    squares, U = torch.linalg.eigh(W @ W.T)
    U, squares = U.flip(-1)[:, :k], squares.flip(-1)[:k]
    return U * squares, U.T @ W / squares[:, None].sqrt()

# %% wrong: left vectors by division, nan where a sigma is 0 | hint: divide
def low_rank(W, k):
    squares, V = torch.linalg.eigh(W.T @ W)
    V, S = V.flip(-1)[:, :k], squares.flip(-1)[:k].clamp(min=0)
    S = torch.where(S < 1e-10, 0, S).sqrt()
    U = W @ V / S
    return U * S, V.T

# %% wrong: takes the pieces off W itself | hint: W came back changed
def low_rank(W, k):
    columns, rows = [], []
    for _ in range(k):
        U, S, Vh = torch.linalg.svd(W, full_matrices=False)
        columns.append(U[:, 0] * S[0])
        rows.append(Vh[0])
        W -= torch.outer(columns[-1], rows[-1])
    return torch.stack(columns, 1), torch.stack(rows)

# %% wrong: zeros of the right shapes | hint: σ
def low_rank(W, k):
    return torch.zeros(W.shape[0], k, dtype=W.dtype), torch.zeros(k, W.shape[1], dtype=W.dtype)

# %% wrong: rank 2, always | hint: the k that was given
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return U[:, :2] * S[:2], Vh[:2]

# %% wrong: the singular values as a third result | hint: A is
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W, full_matrices=False)
    return U[:, :k], S[:k], Vh[:k]

# %% wrong: cuts W to its corner | hint: (m, k)
def low_rank(W, k):
    U, S, Vh = torch.linalg.svd(W[:k, :k])
    return U * S, Vh
