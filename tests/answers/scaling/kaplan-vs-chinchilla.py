"""Answers to kaplan-vs-chinchilla: units, what is counted, and the cheapest pair on a line of equal loss."""

# %% right: fine grids, twice as fine around the best
def kaplan_optimal(C):
    pf_days = C / 8.64e19
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27


def without_embedding(C, fit, omega=47491):
    u = np.linspace(1, math.log(C / 6) - 1, 2001)
    for _ in range(3):
        n = np.exp(u)
        loss = fit["E"] + fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] / (C / (6 * n)) ** fit["beta"]
        i, step = loss.argmin(), u[1] - u[0]
        u = np.linspace(u[i] - 2 * step, u[i] + 2 * step, 2001)
    return n[i]


def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    gap = target_loss - fit["E"]
    if gap <= 0:
        raise ValueError("below the floor")
    u = math.log(fit["A"] / gap) / fit["alpha"] + np.geomspace(1e-5, 30, 20001)
    for _ in range(3):
        N = np.exp(u)
        D = (fit["B"] / (gap - fit["A"] / N ** fit["alpha"])) ** (1 / fit["beta"])
        total = np.where(6 * N * D <= C_train, 6 * N * D + 2 * N * tokens_served, math.inf)
        i = total.argmin()
        if total[i] == math.inf:
            raise ValueError("too little to train with")
        u = np.linspace(u[max(i - 2, 0)], u[min(i + 2, len(u) - 1)], 20001)
    return N[i], D[i]

# %% right: roots of derivatives
def kaplan_optimal(C):
    pf_days = C / 8.64e19
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27


def without_embedding(C, fit, omega=47491):
    A, B, alpha, beta = (fit[one] for one in ("A", "B", "alpha", "beta"))
    def slope(u):
        n = math.exp(u)
        N = n + omega * math.exp(u / 3)
        grows = (n + omega * math.exp(u / 3) / 3) / N
        return math.log(beta * B) + beta * math.log(6 * n / C) - math.log(alpha * A * grows) + alpha * math.log(N)
    return math.exp(optimize.brentq(slope, -20, math.log(C) + 10))


def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    A, B, alpha, beta, gap = fit["A"], fit["B"], fit["alpha"], fit["beta"], target_loss - fit["E"]
    if gap <= 0:
        raise ValueError("never")
    def tokens(N):
        return (B / (gap - A * N**-alpha)) ** (1 / beta)
    def slope(s):  # of the total over N; A / N^alpha = s * gap
        N = (A / (s * gap)) ** (1 / alpha)
        D = tokens(N)
        falls = D * alpha * s / (beta * (1 - s))
        return 6 * (D - falls) + 2 * tokens_served
    s = optimize.brentq(slope, 1e-9, 1 - 1e-9, xtol=1e-14)
    N = (A / (s * gap)) ** (1 / alpha)
    if 6 * N * tokens(N) > C_train:
        s0 = beta / (alpha + beta)
        least = (A / (s0 * gap)) ** (1 / alpha)
        if 6 * least * tokens(least) > C_train:
            raise ValueError("too little")
        N = optimize.brentq(lambda N: 6 * N * tokens(N) - C_train, N, least)
    return N, tokens(N)

# %% right: the search is over D; the limit by halving
def kaplan_optimal(C):
    days = C / 1e15 / 86400
    return [1.3e9 * math.exp(0.73 * math.log(days)), 2e10 * math.exp(0.27 * math.log(days))]


def without_embedding(C, fit, omega=47491):
    def loss(log_d):
        n = C / 6 / math.exp(log_d)
        N = n + omega * n ** (1 / 3)
        return math.log(fit["A"] * N ** -fit["alpha"] + fit["B"] * math.exp(-fit["beta"] * log_d))
    low, high = 0.0, math.log(C / 6)
    for _ in range(200):
        one, other = low + (high - low) * 0.4, low + (high - low) * 0.6
        low, high = (low, other) if loss(one) < loss(other) else (one, high)
    return C / 6 / math.exp((low + high) / 2)


def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    gap = target_loss - fit["E"]
    if gap <= 0:
        raise ValueError
    least_d = math.log(fit["B"] / gap) / fit["beta"]
    def size(v):
        return (fit["A"] / (gap - fit["B"] * math.exp(-fit["beta"] * v))) ** (1 / fit["alpha"])
    def total(v, served):
        return math.log(size(v)) + math.log(6 * math.exp(v) + 2 * served)
    def lowest(served, low, high):
        for _ in range(300):
            one, other = low + (high - low) * 0.45, low + (high - low) * 0.55
            low, high = (low, other) if total(one, served) < total(other, served) else (one, high)
        return low
    v = lowest(tokens_served, least_d + 1e-9, least_d + 40)
    first = lowest(0, least_d + 1e-9, least_d + 40)
    if total(first, 0) > math.log(C_train):
        raise ValueError
    if total(v, 0) > math.log(C_train):
        good, bad = first, v
        for _ in range(100):
            half = (good + bad) / 2
            good, bad = (half, bad) if total(half, 0) <= math.log(C_train) else (good, half)
        v = good
    return size(v), math.exp(v)

# %% wrong: C in operations | hint: PF-day
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: PF-hours | hint: PF-day
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: Kaplan's powers swapped
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.27, 2e10 * pf_days**0.73
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: Kaplan's D by C / 6n
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    n = 1.3e9 * pf_days**0.73
    return n, C / (6 * n)
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: omega is not used | hint: Does the loss see
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: the compute of all parameters | hint: only n
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * (n + omega * n ** (1 / 3)) / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: gives all parameters | hint: Does the loss see
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    n = math.exp(optimize.minimize_scalar(loss, **ends).x)
    return n + omega * n ** (1 / 3)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: the embedding subtracted | hint: Does the loss see
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / max(1e-9, n - omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: omega is always 47491
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    omega = 47491
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: Chinchilla's N, less its embedding | hint: Does the loss see
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    N = (fit['alpha'] * fit['A'] / fit['beta'] / fit['B']) ** (1 / (fit['alpha'] + fit['beta'])) * (C / 6) ** (fit['beta'] / (fit['alpha'] + fit['beta']))
    return optimize.brentq(lambda n: n + omega * n ** (1 / 3) - N, 0, N)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: n, not n^(1/3)
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: C_train is not looked at | hint: C_train
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    return pair(s)

# %% wrong: a ValueError where only the cheapest of all takes too much to train | hint: C_train
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(s) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: back to the cheapest to train where C_train is passed | hint: C_train
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(least if over(s) > 0 else s)

# %% wrong: C_train limits training and serving together
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, tokens_served) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: serving is not counted | hint: 2N
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(0,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: 6N for a token served | hint: 2N
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 6 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: N for a token served | hint: 2N
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: no error at the floor
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    target_loss = max(target_loss, E + 1e-3)
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: tokens served are tokens read
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    N, D = pair(optimize.brentq(over, least, s) if over(s) > 0 else s)
    return N, D + tokens_served

# %% wrong: (D, N)
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)[::-1]

# %% wrong: the target is taken above the floor: E added | hint: Does D give
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / target_loss, B / target_loss
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)

# %% wrong: half of the gap to each term | hint: training
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations."""
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(0.5)

# %% wrong: n is searched up to 1e12 | hint: Another budget
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(1e12), 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit[k] for k in ("E", "A", "B", "alpha", "beta"))
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, best, xtol=1e-12)
    return pair(best)

# %% wrong: notes the loss in the fit | hint: stay
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    fit['A'] = float(fit['A']) * 1.0; fit['loss'] = 0
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit[k] for k in ("E", "A", "B", "alpha", "beta"))
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, best, xtol=1e-12)
    return pair(best)

# %% wrong: kept from call to call by C alone
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    seen = without_embedding.__dict__.setdefault('seen', {})
    if C in seen: return seen[C]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    seen[C] = math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)
    return seen[C]

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit[k] for k in ("E", "A", "B", "alpha", "beta"))
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, best, xtol=1e-12)
    return pair(best)

# %% wrong: a target below E is let through | hint: Below E
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit[k] for k in ("E", "A", "B", "alpha", "beta"))
    room = target_loss - E
    if room == 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, best, xtol=1e-12)
    return pair(best)

# %% wrong: no limit is a limit of 1e25 | hint: Another law
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit[k] for k in ("E", "A", "B", "alpha", "beta"))
    C_train = min(C_train, 1e25)
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, best, xtol=1e-12)
    return pair(best)

# %% wrong: shares between 0.01 and 0.99 | hint: Another law
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit[k] for k in ("E", "A", "B", "alpha", "beta"))
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 4.6), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, best, xtol=1e-12)
    return pair(best)

# %% wrong: takes the constants out of the fit | hint: stay
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit.pop(k) for k in ("E", "A", "B", "alpha", "beta"))
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, best, xtol=1e-12)
    return pair(best)

# %% wrong: the fit's values in their order | hint: Another law
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = fit.values()
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, best, xtol=1e-12)
    return pair(best)

# %% wrong: all of C_train is spent, if there is a limit
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit[k] for k in ("E", "A", "B", "alpha", "beta"))
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if C_train < math.inf:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), easiest, 30, xtol=1e-12)
    return pair(best)

# %% wrong: where C_train binds, the larger model | hint: C_train
def kaplan_optimal(C):
    days = C / (1e15 * 24 * 3600)
    return 1.3e9 * days**0.73, 2e10 * days**0.27

def without_embedding(C, fit, omega=47491):
    def loss(u):
        n = math.exp(u)
        N, D = n + omega * n ** (1 / 3), C / (6 * n)
        return fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]
    grid = np.linspace(-5, math.log(C / 6) + 5, 2000)
    i = int(np.argmin([loss(u) for u in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return math.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)

def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    E, A, B, alpha, beta = (fit[k] for k in ("E", "A", "B", "alpha", "beta"))
    room = target_loss - E
    if room <= 0:
        raise ValueError("no model reaches this loss")
    def pair(t):
        s = 1 / (1 + math.exp(-t))
        return (A / (s * room)) ** (1 / alpha), (B / ((1 - s) * room)) ** (1 / beta)
    def train(t): N, D = pair(t); return math.log(N) + math.log(D) + math.log(6)
    def total(t): N, D = pair(t); return math.log(6 * N * D + 2 * N * tokens_served)
    easiest = optimize.minimize_scalar(train, bounds=(-20, 20), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(easiest)) > C_train:
        raise ValueError("C_train is too small")
    best = optimize.minimize_scalar(total, bounds=(easiest, 30), method="bounded", options={"xatol": 1e-9}).x
    if math.exp(train(best)) > C_train:
        best = optimize.brentq(lambda t: train(t) - math.log(C_train), -20, easiest, xtol=1e-12)
    return pair(best)
