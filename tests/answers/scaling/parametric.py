"""Answers to parametric: what is summed, from where it is searched, and the best split of a budget."""

# %% right: torch takes the gradient; the optimum by both exponents
def fit_parametric(N, D, L):
    u, v, y = (torch.as_tensor(np.log(one)) for one in (N, D, L))
    def objective(p):
        a, b, e, alpha, beta = p = torch.tensor(p, dtype=torch.float64, requires_grad=True)
        law = torch.logsumexp(torch.stack([a - alpha * u, b - beta * v, e.expand_as(u)]), 0)
        total = 1e6 * F.huber_loss(law, y, reduction="sum", delta=1e-3)
        total.backward()
        return total.item(), p.grad.numpy()
    best = None
    for a in (0, 10):
        for b in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(objective, [a, b, 0, alpha, beta], jac=True, method="L-BFGS-B")
                    best = end if best is None or end.fun < best.fun else best
    a, b, e, alpha, beta = best.x
    return {"alpha": alpha, "beta": beta, "A": np.exp(a), "B": np.exp(b), "E": np.exp(e)}


def compute_optimal(C, fit):
    A, B, alpha, beta = fit["A"], fit["B"], fit["alpha"], fit["beta"]
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    return G * (C / 6) ** (beta / (alpha + beta)), (C / 6) ** (alpha / (alpha + beta)) / G

# %% right: scipy takes the gradient by differences; in logarithms
def fit_parametric(N, D, L):
    u, v, y = np.log(N), np.log(D), np.log(L)
    def total(p):
        law = np.logaddexp(np.logaddexp(p[0] - p[3] * u, p[1] - p[4] * v), p[2])
        r = np.abs(law - y) * 1e3
        return np.where(r < 1, r * r / 2, r - 0.5).sum()
    best, least = None, math.inf
    for i in range(16):
        start = [10 * (i & 1), 5 * (i & 2), 0, 0.2 + 0.1 * (i & 4), 0.2 + 0.05 * (i & 8)]
        end = optimize.minimize(total, start, method="L-BFGS-B", options={"maxfun": 100000})
        if end.fun < least:
            best, least = end.x, end.fun
    p = best
    return dict(A=float(np.exp(p[0])), B=float(np.exp(p[1])), E=float(np.exp(p[2])), alpha=float(p[3]), beta=float(p[4]))


def compute_optimal(C, fit):
    log_n = (math.log(fit["alpha"] * fit["A"]) - math.log(fit["beta"] * fit["B"]) + fit["beta"] * math.log(C / 6)) / (fit["alpha"] + fit["beta"])
    return math.exp(log_n), C / 6 / math.exp(log_n)

# %% right: scipy's own huber, a trust region, from the same starts
def fit_parametric(N, D, L):
    u, v, y = np.log(N) - np.log(N).mean(), np.log(D) - np.log(D).mean(), np.log(L)
    def miss(p):
        return np.log(np.exp(p[0] - p[3] * u) + np.exp(p[1] - p[4] * v) + np.exp(p[2])) - y
    ends = []
    for alpha in (0.2, 0.6):
        for beta in (0.2, 0.6):
            start = [-1, -1, np.log(L.min() / 2), alpha, beta]
            ends.append(optimize.least_squares(miss, start, loss="huber", f_scale=1e-3, max_nfev=1000, xtol=1e-13, ftol=1e-13, gtol=1e-13))
    a, b, e, alpha, beta = min(ends, key=lambda end: end.cost).x
    a, b = a + alpha * np.log(N).mean(), b + beta * np.log(D).mean()
    return {"E": np.exp(e), "A": np.exp(a), "B": np.exp(b), "alpha": alpha, "beta": beta}


def compute_optimal(C, fit):
    D = (fit["beta"] * fit["B"] / (fit["alpha"] * fit["A"]) * (C / 6) ** fit["alpha"]) ** (1 / (fit["alpha"] + fit["beta"]))
    return C / (6 * D), D

# %% right: Hoffmann's 4,500 starts judged at once, the best 30 followed
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    grid = np.stack(np.meshgrid(range(0, 30, 5), range(0, 30, 5), [-1, -0.5, 0, 0.5, 1], [0, 0.5, 1, 1.5, 2], [0, 0.5, 1, 1.5, 2]), -1)
    starts = sorted(grid.reshape(-1, 5).astype(float), key=lambda p: objective(p)[0])[:30]
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: fits L itself | hint: log L
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (np.exp(law) - L) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: squares, no Huber | hint: Huber
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = (miss**2 / 2).sum()
        pull = np.exp(terms - law) * miss / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: absolute differences | hint: better fit
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = abs(miss).sum()
        pull = np.exp(terms - law) * np.sign(miss) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: a single start at 0, 0, 0, 0.5, 0.5 | hint: start
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in [np.array([0, 0, 0, 0.5, 0.5])]]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: a single start at ones
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in [np.ones(5)]]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: a single start at 5, 5, 0.5, 0.5, 0.5 | hint: start
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in [np.array([5, 5, 0.5, 0.5, 0.5])]]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: a single start at Hoffmann's constants | hint: start
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in [np.array([6.0, 6.0, 0.52, 0.34, 0.28])]]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: the last end, not the best | hint: best end
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = ends[-1].x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: alpha and beta swapped | hint: alpha N
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": beta, "beta": alpha}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: A and B swapped | hint: alpha N
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(b), "B": math.exp(a), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: N and D swapped | hint: alpha N
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(D), np.log(N), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: logarithms given back | hint: exponentials
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": e, "A": a, "B": b, "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: a mean of Huber losses, not in units of delta: L-BFGS ends early | hint: early
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        k = 1e-6 / len(u)
        return k * total, k * np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: E is known
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, math.log(1.69))])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*(pull.sum(1) * [1, 1, 0]), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": 1.69, "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: Hoffmann's constants, whatever the runs
def fit_parametric(N, D, L):
    return {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}


def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: no floor | hint: early
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, -50.0)])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*(pull.sum(1) * [1, 1, 0]), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: C = ND, without the 6 | hint: count alike
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * C ** (beta / (alpha + beta))
    return N, C / N

# %% wrong: N grows as C^(alpha / (alpha + beta)) | hint: does N grow
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (alpha / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: G upside down | hint: factor
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (beta * fit["B"] / (alpha * fit["A"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: G without alpha and beta | hint: factor
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (fit["A"] / fit["B"]) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: G without its root | hint: factor
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"]))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)

# %% wrong: (D, N)
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return C / (6 * N), N

# %% wrong: Chinchilla's 20 tokens a parameter | hint: alike
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}

def compute_optimal(C, fit):
    N = (C / 120) ** 0.5
    return N, 20 * N

# %% wrong: E is kept under 1.8
def fit_parametric(N, D, L):
    n, d, y = np.log(N), np.log(D), np.log(L)
    delta = 1e-3
    def cost(p):
        logA, logB, logE, alpha, beta = p
        terms = np.stack([logA - alpha * n, logB - beta * d, np.full_like(n, logE)])
        top = terms.max(0)
        weights = np.exp(terms - top)
        z = weights.sum(0)
        weights = weights / z
        r = top + np.log(z) - y
        small = np.abs(r) <= delta
        huber = np.where(small, r**2 / 2, delta * (np.abs(r) - delta / 2))
        g = np.where(small, r, delta * np.sign(r))
        gA, gB, gE = (weights * g).sum(1)
        slopes = np.array([gA, gB, gE, -(weights[0] * g * n).sum(), -(weights[1] * g * d).sum()])
        return huber.sum() / delta**2, slopes / delta**2
    best = None
    for logA in (0, 10):
        for logB in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(cost, [logA, logB, 0, alpha, beta], jac=True, method="L-BFGS-B", bounds=[(None, None), (None, None), (None, math.log(1.8)), (None, None), (None, None)], options={"maxiter": 2000})
                    if best is None or end.fun < best.fun:
                        best = end
    logA, logB, logE, alpha, beta = best.x
    return {"E": float(np.exp(logE)), "A": float(np.exp(logA)), "B": float(np.exp(logB)), "alpha": float(alpha), "beta": float(beta)}

def compute_optimal(C, fit):
    A, B, alpha, beta = fit["A"], fit["B"], fit["alpha"], fit["beta"]
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    return float(N), float(D)

# %% wrong: sorts the runs by N, in place | hint: stay
def fit_parametric(N, D, L):
    D[:], L[:] = D[np.argsort(N)], L[np.argsort(N)]; N.sort()
    n, d, y = np.log(N), np.log(D), np.log(L)
    delta = 1e-3
    def cost(p):
        logA, logB, logE, alpha, beta = p
        terms = np.stack([logA - alpha * n, logB - beta * d, np.full_like(n, logE)])
        top = terms.max(0)
        weights = np.exp(terms - top)
        z = weights.sum(0)
        weights = weights / z
        r = top + np.log(z) - y
        small = np.abs(r) <= delta
        huber = np.where(small, r**2 / 2, delta * (np.abs(r) - delta / 2))
        g = np.where(small, r, delta * np.sign(r))
        gA, gB, gE = (weights * g).sum(1)
        slopes = np.array([gA, gB, gE, -(weights[0] * g * n).sum(), -(weights[1] * g * d).sum()])
        return huber.sum() / delta**2, slopes / delta**2
    best = None
    for logA in (0, 10):
        for logB in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(cost, [logA, logB, 0, alpha, beta], jac=True, method="L-BFGS-B", options={"maxiter": 2000})
                    if best is None or end.fun < best.fun:
                        best = end
    logA, logB, logE, alpha, beta = best.x
    return {"E": float(np.exp(logE)), "A": float(np.exp(logA)), "B": float(np.exp(logB)), "alpha": float(alpha), "beta": float(beta)}

def compute_optimal(C, fit):
    A, B, alpha, beta = fit["A"], fit["B"], fit["alpha"], fit["beta"]
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    return float(N), float(D)

# %% wrong: takes the constants out of the dict | hint: stay
def fit_parametric(N, D, L):
    n, d, y = np.log(N), np.log(D), np.log(L)
    delta = 1e-3
    def cost(p):
        logA, logB, logE, alpha, beta = p
        terms = np.stack([logA - alpha * n, logB - beta * d, np.full_like(n, logE)])
        top = terms.max(0)
        weights = np.exp(terms - top)
        z = weights.sum(0)
        weights = weights / z
        r = top + np.log(z) - y
        small = np.abs(r) <= delta
        huber = np.where(small, r**2 / 2, delta * (np.abs(r) - delta / 2))
        g = np.where(small, r, delta * np.sign(r))
        gA, gB, gE = (weights * g).sum(1)
        slopes = np.array([gA, gB, gE, -(weights[0] * g * n).sum(), -(weights[1] * g * d).sum()])
        return huber.sum() / delta**2, slopes / delta**2
    best = None
    for logA in (0, 10):
        for logB in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(cost, [logA, logB, 0, alpha, beta], jac=True, method="L-BFGS-B", options={"maxiter": 2000})
                    if best is None or end.fun < best.fun:
                        best = end
    logA, logB, logE, alpha, beta = best.x
    return {"E": float(np.exp(logE)), "A": float(np.exp(logA)), "B": float(np.exp(logB)), "alpha": float(alpha), "beta": float(beta)}

def compute_optimal(C, fit):
    A, B, alpha, beta = fit.pop("A"), fit.pop("B"), fit.pop("alpha"), fit.pop("beta")
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    return float(N), float(D)

# %% wrong: a search between 1e3 and 1e12 parameters | hint: Other constants
def fit_parametric(N, D, L):
    n, d, y = np.log(N), np.log(D), np.log(L)
    delta = 1e-3
    def cost(p):
        logA, logB, logE, alpha, beta = p
        terms = np.stack([logA - alpha * n, logB - beta * d, np.full_like(n, logE)])
        top = terms.max(0)
        weights = np.exp(terms - top)
        z = weights.sum(0)
        weights = weights / z
        r = top + np.log(z) - y
        small = np.abs(r) <= delta
        huber = np.where(small, r**2 / 2, delta * (np.abs(r) - delta / 2))
        g = np.where(small, r, delta * np.sign(r))
        gA, gB, gE = (weights * g).sum(1)
        slopes = np.array([gA, gB, gE, -(weights[0] * g * n).sum(), -(weights[1] * g * d).sum()])
        return huber.sum() / delta**2, slopes / delta**2
    best = None
    for logA in (0, 10):
        for logB in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(cost, [logA, logB, 0, alpha, beta], jac=True, method="L-BFGS-B", options={"maxiter": 2000})
                    if best is None or end.fun < best.fun:
                        best = end
    logA, logB, logE, alpha, beta = best.x
    return {"E": float(np.exp(logE)), "A": float(np.exp(logA)), "B": float(np.exp(logB)), "alpha": float(alpha), "beta": float(beta)}

def compute_optimal(C, fit):
    A, B, alpha, beta = fit["A"], fit["B"], fit["alpha"], fit["beta"]
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    f = lambda u: A * math.exp(-alpha * u) + B * (C / 6 / math.exp(u)) ** -beta
    u = optimize.minimize_scalar(f, bounds=(math.log(1e3), math.log(1e12)), method='bounded', options={'xatol': 1e-10}).x; return math.exp(u), C / 6 / math.exp(u)

# %% wrong: beyond delta a run costs a constant | hint: early
def fit_parametric(N, D, L):
    n, d, y = np.log(N), np.log(D), np.log(L)
    delta = 1e-3
    def cost(p):
        logA, logB, logE, alpha, beta = p
        terms = np.stack([logA - alpha * n, logB - beta * d, np.full_like(n, logE)])
        top = terms.max(0)
        weights = np.exp(terms - top)
        z = weights.sum(0)
        weights = weights / z
        r = top + np.log(z) - y
        small = np.abs(r) <= delta
        huber = np.where(small, r**2 / 2, delta**2 / 2)
        g = np.where(small, r, 0)
        gA, gB, gE = (weights * g).sum(1)
        slopes = np.array([gA, gB, gE, -(weights[0] * g * n).sum(), -(weights[1] * g * d).sum()])
        return huber.sum() / delta**2, slopes / delta**2
    best = None
    for logA in (0, 10):
        for logB in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(cost, [logA, logB, 0, alpha, beta], jac=True, method="L-BFGS-B", options={"maxiter": 2000})
                    if best is None or end.fun < best.fun:
                        best = end
    logA, logB, logE, alpha, beta = best.x
    return {"E": float(np.exp(logE)), "A": float(np.exp(logA)), "B": float(np.exp(logB)), "alpha": float(alpha), "beta": float(beta)}

def compute_optimal(C, fit):
    A, B, alpha, beta = fit["A"], fit["B"], fit["alpha"], fit["beta"]
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    return float(N), float(D)

# %% wrong: Huber with delta 1e-2 | hint: better fit
def fit_parametric(N, D, L):
    n, d, y = np.log(N), np.log(D), np.log(L)
    delta = 1e-2
    def cost(p):
        logA, logB, logE, alpha, beta = p
        terms = np.stack([logA - alpha * n, logB - beta * d, np.full_like(n, logE)])
        top = terms.max(0)
        weights = np.exp(terms - top)
        z = weights.sum(0)
        weights = weights / z
        r = top + np.log(z) - y
        small = np.abs(r) <= delta
        huber = np.where(small, r**2 / 2, delta * (np.abs(r) - delta / 2))
        g = np.where(small, r, delta * np.sign(r))
        gA, gB, gE = (weights * g).sum(1)
        slopes = np.array([gA, gB, gE, -(weights[0] * g * n).sum(), -(weights[1] * g * d).sum()])
        return huber.sum() / delta**2, slopes / delta**2
    best = None
    for logA in (0, 10):
        for logB in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(cost, [logA, logB, 0, alpha, beta], jac=True, method="L-BFGS-B", options={"maxiter": 2000})
                    if best is None or end.fun < best.fun:
                        best = end
    logA, logB, logE, alpha, beta = best.x
    return {"E": float(np.exp(logE)), "A": float(np.exp(logA)), "B": float(np.exp(logB)), "alpha": float(alpha), "beta": float(beta)}

def compute_optimal(C, fit):
    A, B, alpha, beta = fit["A"], fit["B"], fit["alpha"], fit["beta"]
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    return float(N), float(D)

# %% wrong: the first fit is kept for all calls
def fit_parametric(N, D, L):
    n, d, y = np.log(N), np.log(D), np.log(L)
    delta = 1e-3
    def cost(p):
        logA, logB, logE, alpha, beta = p
        terms = np.stack([logA - alpha * n, logB - beta * d, np.full_like(n, logE)])
        top = terms.max(0)
        weights = np.exp(terms - top)
        z = weights.sum(0)
        weights = weights / z
        r = top + np.log(z) - y
        small = np.abs(r) <= delta
        huber = np.where(small, r**2 / 2, delta * (np.abs(r) - delta / 2))
        g = np.where(small, r, delta * np.sign(r))
        gA, gB, gE = (weights * g).sum(1)
        slopes = np.array([gA, gB, gE, -(weights[0] * g * n).sum(), -(weights[1] * g * d).sum()])
        return huber.sum() / delta**2, slopes / delta**2
    best = None
    for logA in (0, 10):
        for logB in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(cost, [logA, logB, 0, alpha, beta], jac=True, method="L-BFGS-B", options={"maxiter": 2000})
                    if best is None or end.fun < best.fun:
                        best = end
    logA, logB, logE, alpha, beta = best.x
    fit_parametric.done = fit_parametric.__dict__.get('done', (logA, logB, logE, alpha, beta))
    logA, logB, logE, alpha, beta = fit_parametric.done
    return {"E": float(np.exp(logE)), "A": float(np.exp(logA)), "B": float(np.exp(logB)), "alpha": float(alpha), "beta": float(beta)}

def compute_optimal(C, fit):
    A, B, alpha, beta = fit["A"], fit["B"], fit["alpha"], fit["beta"]
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    return float(N), float(D)

# %% wrong: Hoffmann's exponents, whatever the fit | hint: Other constants
def fit_parametric(N, D, L):
    n, d, y = np.log(N), np.log(D), np.log(L)
    delta = 1e-3
    def cost(p):
        logA, logB, logE, alpha, beta = p
        terms = np.stack([logA - alpha * n, logB - beta * d, np.full_like(n, logE)])
        top = terms.max(0)
        weights = np.exp(terms - top)
        z = weights.sum(0)
        weights = weights / z
        r = top + np.log(z) - y
        small = np.abs(r) <= delta
        huber = np.where(small, r**2 / 2, delta * (np.abs(r) - delta / 2))
        g = np.where(small, r, delta * np.sign(r))
        gA, gB, gE = (weights * g).sum(1)
        slopes = np.array([gA, gB, gE, -(weights[0] * g * n).sum(), -(weights[1] * g * d).sum()])
        return huber.sum() / delta**2, slopes / delta**2
    best = None
    for logA in (0, 10):
        for logB in (0, 10):
            for alpha in (0.2, 0.6):
                for beta in (0.2, 0.6):
                    end = optimize.minimize(cost, [logA, logB, 0, alpha, beta], jac=True, method="L-BFGS-B", options={"maxiter": 2000})
                    if best is None or end.fun < best.fun:
                        best = end
    logA, logB, logE, alpha, beta = best.x
    return {"E": float(np.exp(logE)), "A": float(np.exp(logA)), "B": float(np.exp(logB)), "alpha": float(alpha), "beta": float(beta)}

def compute_optimal(C, fit):
    A, B, alpha, beta = fit["A"], fit["B"], 0.34 if fit["alpha"] != fit["beta"] else 0.5, 0.28 if fit["alpha"] != fit["beta"] else 0.5
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    D = (C / 6) ** (alpha / (alpha + beta)) / G
    return float(N), float(D)
