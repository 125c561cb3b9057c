"""Answers to goodhart: the distance of best-of-n, and what it earns by another score."""

# %% right: weights one from the next; 1/n - 1
def best_of_n_kl(n):
    if np.min(n) < 1:
        raise ValueError(n)
    return np.log(n) + 1 / np.asarray(n, dtype=np.float64) - 1


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if n < 1 or n > N:
        raise ValueError(n)
    order, total, weight = np.argsort(-proxy), 0.0, n / N
    for place in range(N - n + 1):
        total += weight * gold[order[place]]
        weight *= (N - place - n) / max(N - place - 1, 1)
    return float(total)

# %% right: log-gamma; torch
def best_of_n_kl(n):
    n = torch.as_tensor(n, dtype=torch.float64)
    if bool((n < 1).any()):
        raise ValueError("n >= 1")
    return (n.log() - 1 + n.reciprocal()).numpy()


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if n < 1 or N < n:
        raise ValueError("1 <= n <= N")
    i = torch.arange(n - 1, N, dtype=torch.float64)
    lg = torch.lgamma
    one = torch.ones((), dtype=torch.float64)
    log_w = lg(i + 1) - lg(one * n) - lg(i - n + 2) - (lg(one * N + 1) - lg(one * n + 1) - lg(one * (N - n) + 1))
    kept = torch.as_tensor(gold, dtype=torch.float64)[torch.as_tensor(proxy).argsort()][n - 1:]
    return (log_w.exp() * kept).sum().item()

# %% right: differences of the shares of choices that stay below; fractions
def best_of_n_kl(n):
    flat = [float(one) for one in np.ravel(n)]
    if min(flat) < 1:
        raise ValueError("n must be 1 or more")
    return np.array([math.log(one) - (one - 1) / one for one in flat]).reshape(np.shape(n))


def best_of_n(proxy, gold, n):
    from fractions import Fraction
    N = len(proxy)
    if n not in range(1, N + 1):
        raise ValueError(f"{n} of {N}")
    below = [Fraction(math.comb(i, n), math.comb(N, n)) for i in range(N + 1)]
    ranked = sorted(zip(proxy.tolist(), gold.tolist()))
    return sum(float(below[i + 1] - below[i]) * score for i, (_, score) in enumerate(ranked))

# %% wrong: log n alone
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n)


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: (n - 1) / n is added
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) + (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: n - 1 over n + 1
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / (n + 1)


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: in bits | hint: nats
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log2(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: 1 / n - 1 with the wrong sign
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - 1 / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: no error | hint: ValueError
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: an error only where all are below 1
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).all():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: an error for best of one, too
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n <= 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: whole numbers divided as such
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) // n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: flattened
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float).ravel()
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: sorted
def best_of_n_kl(n):
    n = np.sort(-np.asarray(n, dtype=float)) * -1
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: its square root
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.sqrt(np.log(n) - (n - 1) / n)


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: sorted by gold
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(gold)]))

# %% wrong: the proxy's score
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(proxy)[np.argsort(proxy)]))

# %% wrong: sorted the other way round: the worst of n
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(-proxy)]))

# %% wrong: the best of all, whatever n
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(gold[np.argmax(proxy)])

# %% wrong: the best of the first n
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(gold[np.argmax(proxy[:n])])

# %% wrong: blocks of n
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.mean([gold[i + np.argmax(proxy[i:i + n])] for i in range(0, N - n + 1, n)]))

# %% wrong: drawn with replacement
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [((i + 1) / N) ** n - (i / N) ** n for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: random choices
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.mean([gold[max(random.sample(range(N), n), key=lambda i: proxy[i])] for _ in range(2000)]))

# %% wrong: off by one: comb(i, n)
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: off by one: comb(i + 1, n - 1)
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i + 1, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: ranks for an order
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(np.argsort(proxy))]))

# %% wrong: scores sorted in place
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    order = np.argsort(proxy)
    proxy.sort()
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[order]))

# %% wrong: the mean of the n best by proxy
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.mean(gold[np.argsort(proxy)[-n:]]))

# %% wrong: no error for too large an n
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / max(math.comb(N, n), 1) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: no error for n = 0
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 0 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, max(n - 1, 0)) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: factorials as floats
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [float(math.comb(i, n - 1)) / float(math.comb(N, n)) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% wrong: normalized by the number of samples
def best_of_n_kl(n):
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n


def best_of_n(proxy, gold, n):
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / (N * n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))

# %% right: weights one from another, from the best down
def best_of_n_kl(n):
    n = np.asarray(n)
    if np.any(n < 1): raise ValueError("n must be at least 1")
    r = np.log(n) - (n - 1) / n
    return r if n.ndim else float(r)

def best_of_n(proxy, gold, n):
    if not 1 <= n <= len(proxy): raise ValueError("n")
    N = len(proxy)
    w, total = n / N, 0.0
    for k, i in enumerate(np.argsort(-proxy)):
        total += w * gold[i]
        left = N - 1 - k
        if left < n:
            break
        w *= (left - n + 1) / left
    return float(total)

# %% wrong: argsort taken for ranks
def best_of_n_kl(n):
    n = np.asarray(n)
    if np.any(n < 1): raise ValueError("n must be at least 1")
    r = np.log(n) - (n - 1) / n
    return r if n.ndim else float(r)

def best_of_n(proxy, gold, n):
    if not 1 <= n <= len(proxy): raise ValueError("n")
    N = len(proxy)
    r = np.argsort(proxy); return float(sum(math.comb(int(r[i]), n - 1) / math.comb(N, n) * gold[i] for i in range(N)))
