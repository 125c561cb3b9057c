"""Answers to isoflop: the parabola, its lowest point, two slopes."""

# %% right: torch, least squares on a design matrix
def isoflop_optimum(n_params, loss):
    u = torch.as_tensor(n_params).log()
    p, q, _ = torch.linalg.lstsq(torch.stack([(u - u.mean()) ** 2, u - u.mean(), torch.ones_like(u)], 1), torch.as_tensor(loss)[:, None]).solution.flatten()
    if p <= 0:
        raise ValueError("no lowest point")
    return (u.mean() - q / (2 * p)).exp().item()


def fit_isoflop(runs):
    C = torch.tensor(list(runs), dtype=torch.float64).log()
    N = torch.tensor([isoflop_optimum(*runs[budget]) for budget in runs], dtype=torch.float64).log()
    a = ((C - C.mean()) * (N - N.mean())).sum() / (C - C.mean()).square().sum()
    return a.item(), 1 - a.item()

# %% right: a Polynomial and its derivative, in log10
def isoflop_optimum(n_params, loss):
    valley = np.polynomial.Polynomial.fit(np.log10(n_params), loss, 2)
    if not valley.deriv(2)(0) > 0:
        raise ValueError("a hill")
    return 10 ** valley.deriv().roots()[0]


def fit_isoflop(runs):
    from scipy import stats
    C = sorted(runs)
    N = [isoflop_optimum(*runs[one]) for one in C]
    D = [one / 6 / size for one, size in zip(C, N)]
    return [stats.linregress(np.log10(C), np.log10(y)).slope for y in (N, D)]

# %% right: normal equations, sums in loops
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    middle = u.mean()
    rows = [[sum((u - middle) ** (i + j)) for j in range(3)] for i in range(3)]
    _, linear, square = np.linalg.solve(rows, [sum(loss * (u - middle) ** i) for i in range(3)])
    if not square > 0:
        raise ValueError("no valley")
    return math.exp(middle - linear / square / 2)


def fit_isoflop(runs):
    rows = [(math.log(C), math.log(isoflop_optimum(N, L))) for C, (N, L) in runs.items()]
    x, y = zip(*rows)
    n = len(rows)
    a = (n * sum(i * j for i, j in rows) - sum(x) * sum(y)) / (n * sum(i * i for i in x) - sum(x) ** 2)
    d = [i - math.log(6) - j for i, j in rows]
    b = (n * sum(i * j for i, j in zip(x, d)) - sum(x) * sum(d)) / (n * sum(i * i for i in x) - sum(x) ** 2)
    return np.array([a, b])[0], np.array([a, b])[1]

# %% wrong: a parabola in N | hint: log N
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(n_params, loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return -linear / (2 * square)

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: the best run | hint: right of the best run
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return float(n_params[loss.argmin()])

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: a parabola of log loss | hint: right of
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), np.log(loss), 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: gives log N | hint: exp(u)
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return -linear / (2 * square)

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: log10, but exp | hint: exp(u)
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log10(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: -q / p | hint: exp(u)
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / square)

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: the sign of q | hint: exp(u)
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: a hill gives its top | hint: hill
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: a ValueError beyond the largest run | hint: beyond
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0 or not n_params.min() < math.exp(-linear / (2 * square)) < n_params.max():
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: three points around the best run | hint: all runs
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    order = np.argsort(n_params)
    i = min(max(loss[order].argmin(), 1), len(loss) - 2)
    some = order[i - 1 : i + 2]
    square, linear, _ = np.polyfit(np.log(n_params[some]), loss[some], 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: D grows as N does | hint: C / (6 N_opt)
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, sizes)]
    return tuple(map(float, slopes))

# %% wrong: b is a - 1 | hint: C / (6 N_opt)
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, sizes / budgets)]
    return tuple(map(float, slopes))

# %% wrong: b before a | hint: slope
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (budgets / (6 * sizes), sizes)]
    return tuple(map(float, slopes))

# %% wrong: the first and the last budget alone | hint: line by all
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets[[0, -1]]), np.log(y[[0, -1]]), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: each budget by its best run | hint: line by all
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: n_params[loss.argmin()] for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: slopes in linear space | hint: a is the slope
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(budgets, y, 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: the slope of log C over log N | hint: a is the slope
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, the runs of one budget. ValueError: a parabola without a lowest point.
    """
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(y), np.log(budgets), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))

# %% wrong: the half and half of the paper
def isoflop_optimum(n_params, loss):
    return float(np.exp(np.log(n_params).mean()))


def fit_isoflop(runs):
    return 0.5, 0.5

# %% wrong: a ValueError below the smallest run | hint: below the smallest
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if p <= 0 or not u.min() <= -q / (2 * p):
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    a = np.polyfit(np.log(C), np.log(N), 1)[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: cut to the runs from below | hint: below the smallest
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if p <= 0:
        raise ValueError("no lowest point")
    return float(np.exp(np.maximum(-q / (2 * p), u.min())))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    a = np.polyfit(np.log(C), np.log(N), 1)[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: a hill judged by its best run | hint: bends down
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if loss.argmin() in (0, len(loss) - 1) and p < 0:
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    a = np.polyfit(np.log(C), np.log(N), 1)[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: a flat hill is let through | hint: bends down
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if p < -0.01:
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    a = np.polyfit(np.log(C), np.log(N), 1)[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: takes the mean off loss, in place | hint: stay
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    loss -= loss.mean()
    p, q, r = np.polyfit(u, loss, 2)
    if p <= 0:
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    a = np.polyfit(np.log(C), np.log(N), 1)[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: the inverse of the slope of log C over log N | hint: off the line
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if p <= 0:
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    a = 1 / np.polyfit(np.log(N), np.log(C), 1)[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: empties runs | hint: as they were
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if p <= 0:
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs.pop(c)) for c in list(runs)])
    D = C / (6 * N)
    a = np.polyfit(np.log(C), np.log(N), 1)[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: budgets weighed by their logarithm | hint: off the line
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if p <= 0:
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    a = np.polyfit(np.log(C), np.log(N), 1, w=np.log(C))[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: the median of slopes between budgets
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if p <= 0:
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    from scipy.stats import theilslopes; a = theilslopes(np.log(N), np.log(C))[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% wrong: a cubic where there are more than three runs
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if len(u) > 3:
        c = np.poly1d(np.polyfit(u, loss, 3)); g = np.linspace(u.min(), u.max(), 20001); return float(np.exp(g[c(g).argmin()]))
    if p <= 0:
        raise ValueError("no lowest point")
    return float(np.exp(-q / (2 * p)))

def fit_isoflop(runs):
    C = np.array(list(runs), dtype=float)
    N = np.array([isoflop_optimum(*runs[c]) for c in runs])
    D = C / (6 * N)
    a = np.polyfit(np.log(C), np.log(N), 1)[0]
    b = np.polyfit(np.log(C), np.log(D), 1)[0]
    return float(a), float(b)

# %% right: curve_fit of the parabola in vertex form
def isoflop_optimum(n_params, loss):
    u = np.log(n_params)
    p, q, r = np.polyfit(u, loss, 2)
    if p <= 0: raise ValueError("concave")
    vertex = lambda u, p, at, low: p * (u - at) ** 2 + low
    (p, at, low), _ = optimize.curve_fit(vertex, u, loss, p0=(p, -q / 2 / p, loss.min()))
    return float(np.exp(at))

def fit_isoflop(runs):
    C = np.array([float(c) for c in runs])
    N = np.array([isoflop_optimum(np.array(n), np.array(y)) for n, y in runs.values()])
    A = np.vstack([np.log(C), np.ones(len(C))]).T
    a = np.linalg.lstsq(A, np.log(N), rcond=None)[0][0]
    b = np.linalg.lstsq(A, np.log(C / 6 / N), rcond=None)[0][0]
    return a, b
