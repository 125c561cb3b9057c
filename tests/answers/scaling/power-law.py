"""Answers to power-law: which line, and where a floor goes."""

# %% right: covariance over variance; the floor by curve_fit from several starts
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
from scipy import optimize


def fit_power_law(x, loss, with_floor=False):
    u, y = np.log(x), np.log(loss)
    alpha = -((u - u.mean()) * (y - y.mean())).sum() / ((u - u.mean()) ** 2).sum()
    if not with_floor:
        return alpha, np.exp(u.mean() + y.mean() / alpha)
    best = None
    for start in (0.05, 0.3, 0.6, 0.9, 0.99):
        def model(u, floor, alpha, height):
            return np.log(np.maximum(floor, 1e-12) + np.exp(height - alpha * u))
        try:
            p, _ = optimize.curve_fit(model, u - u.mean(), y, [start * loss.min(), 0.3, np.log(loss.mean())], maxfev=20000, xtol=1e-12, ftol=1e-12)
        except RuntimeError:
            continue
        miss = ((model(u - u.mean(), *p) - y) ** 2).sum()
        if best is None or miss < best[0]:
            best = miss, p
    floor, alpha, height = best[1]
    return alpha, np.exp(u.mean() + height / alpha), max(floor, 0.0)  # the model never sees less than 0

# %% right: torch, lstsq and L-BFGS
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
from scipy import optimize


def fit_power_law(x, loss, with_floor=False):
    x, loss = torch.as_tensor(x), torch.as_tensor(loss)
    u, y = x.log(), loss.log()
    if not with_floor:
        slope, height = torch.linalg.lstsq(torch.stack([u, torch.ones_like(u)], 1), y[:, None]).solution.flatten().tolist()
        return -slope, math.exp(-height / slope)
    shift, ends = u.mean(), []
    for share in (0.2, 0.8):
        p = torch.tensor([math.log(share * loss.min()), -1.0, math.log(float(loss.mean()) * (1 - share) + 1e-3)], dtype=torch.float64, requires_grad=True)
        search = torch.optim.LBFGS([p], max_iter=2000, tolerance_grad=1e-14, tolerance_change=1e-16, line_search_fn="strong_wolfe")
        def closure():
            search.zero_grad()
            miss = 1e4 * (torch.log(p[0].exp() + torch.exp(p[2] - p[1].exp() * (u - shift))) - y).square().sum()
            miss.backward()
            return miss
        search.step(closure)
        ends.append((closure().item(), p.detach()))
    p = min(ends, key=lambda end: end[0])[1]
    alpha = p[1].exp().item()
    return [alpha, math.exp(p[2].item() / alpha + shift.item()), p[0].exp().item()]

# %% right: the floor searched by itself, around a fit of the rest
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
from scipy import optimize


def fit_power_law(x, loss, with_floor=False):
    """The floor by a search of its own, around a least-squares fit of the other two."""
    u, y = np.log(x) - np.log(x).mean(), np.log(loss)
    def inner(floor):
        start = np.polyfit(u, np.log(loss - 0.999 * min(floor, loss.min())), 1)
        return optimize.least_squares(lambda q: np.log(floor + np.exp(q[0] * u + q[1])) - y, start, xtol=1e-14, ftol=1e-14)
    if not with_floor:
        p, floor = inner(0.0).x, None
    else:
        floor = optimize.minimize_scalar(lambda f: inner(f).cost, bounds=(0, loss.min() * 1.2), method="bounded", options={"xatol": 1e-10}).x
        p = inner(floor).x
    found = -p[0], np.exp(np.log(x).mean() - p[1] / p[0])
    return found + ((floor,) if with_floor else ())

# %% right: least_squares for both forms, a list of starts
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
from scipy import optimize


def fit_power_law(x, loss, with_floor=False):
    def differences(p):
        return np.log((p[2] if with_floor else 0) + np.exp(p[0] * (p[1] - np.log(x)))) - np.log(loss)
    ends = []
    for alpha in (0.05, 0.3, 1.0):
        for floor in (0.3, 0.8):
            rest = loss.mean() - (floor * loss.min() if with_floor else 0)
            start = [alpha, np.log(x).mean() + np.log(rest) / alpha] + [floor * loss.min()] * with_floor
            ends.append(optimize.least_squares(differences, start, bounds=([1e-4, -1000] + [0] * with_floor, [10, 2000] + [np.inf] * with_floor), x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=3000))
    p = min(ends, key=lambda end: end.cost).x
    return (p[0], np.exp(p[1]), *p[2:])

# %% wrong: alpha is the slope, sign and all | hint: minus
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return float(slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: x_c is exp of the intercept | hint: exp(intercept / alpha)
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return float(-slope), math.exp(min(height, 700))

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: the sign of log x_c | hint: x_c
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return float(-slope), math.exp(height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: fits in linear space | hint: log L
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
from scipy import optimize


def fit_power_law(x, loss, with_floor=False):
    u, y = np.log(x), np.log(loss)
    slope, height = np.polyfit(u, y, 1)
    p, _ = optimize.curve_fit(lambda u, alpha, h, *f: np.exp(h - alpha * u) + (f[0] if f else 0), u, loss, [-slope, height] + [0.5 * loss.min()] * with_floor, maxfev=20000)
    return (p[0], np.exp(p[1] / p[0]), *p[2:])

# %% wrong: linear space with a floor only | hint: log L
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return floor + np.exp(log_power - alpha * (u - middle)) - loss

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: log10, but exp | hint: exp
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(np.log10(x), np.log10(loss), 1)
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: the line of x on L | hint: x on L
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    back, other = np.polyfit(y, u, 1)
    slope, height = 1 / back, -other / back
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: the results swapped | hint: alpha
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return math.exp(-height / slope), float(-slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: with_floor does nothing | hint: floor
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if True:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: with_floor adds the floor 0 | hint: move the floor
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if True:
        return (float(-slope), math.exp(-height / slope)) + (0.0,) * with_floor

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: the floor is the lowest loss | hint: move the floor
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
from scipy import optimize


def fit_power_law(x, loss, with_floor=False):
    floor = 0.999 * loss.min() if with_floor else 0.0
    slope, height = np.polyfit(np.log(x), np.log(loss - floor), 1)
    return (-slope, math.exp(-height / slope)) + (floor,) * with_floor

# %% wrong: differences of log(L - floor) | hint: floor
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
from scipy import optimize


def fit_power_law(x, loss, with_floor=False):
    def line(floor):
        p, rest, *_ = np.polyfit(np.log(x), np.log(loss - floor), 1, full=True)
        return rest[0] if len(rest) else 0.0, p
    floor = optimize.minimize_scalar(lambda f: line(f)[0], bounds=(0, 0.99999 * loss.min()), method="bounded", options={"xatol": 1e-10}).x if with_floor else 0.0
    slope, height = line(floor)[1]
    return (-slope, math.exp(-height / slope)) + (floor,) * with_floor

# %% wrong: floor, alpha, x_c in this order | hint: (alpha, x_c, floor)
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(floor), float(alpha), math.exp(log_power / alpha + middle)

# %% wrong: x_c with a floor not moved back from the middle | hint: floor
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha), float(floor)

# %% wrong: Kaplan's constants
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
from scipy import optimize


def fit_power_law(x, loss, with_floor=False):
    return (0.076, 8.8e13) + (0.0,) * with_floor

# %% wrong: the first and the last point alone | hint: least squares
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u[[0, -1]], y[[0, -1]], 1)
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: takes logarithms in place
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x, out=x), np.log(loss), x.mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: the mean of the slopes from point to point | hint: least squares
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for scipy: on problems so small a second thread only gets in the way
from scipy import optimize

def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, again by
    differences between log loss and the logarithm of the whole right side.
    """
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope = (np.diff(y) / np.diff(u)).mean(); height = y.mean() - slope * middle
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)

# %% wrong: sorts x in place, and not loss
def fit_power_law(x, loss, with_floor=False):
    x.sort()
    u, v = np.log(x), np.log(loss)
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return np.log(p[0] + np.exp(p[2] - p[1] * u)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, -s, i], bounds=([0, -np.inf, -np.inf], np.inf), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% wrong: moves loss a little, in place, where there is a floor | hint: stay
def fit_power_law(x, loss, with_floor=False):
    u, v = np.log(x), np.log(loss)
    loss -= 0 if not with_floor else 1e-9
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return np.log(p[0] + np.exp(p[2] - p[1] * u)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, -s, i], bounds=([0, -np.inf, -np.inf], np.inf), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% wrong: relative differences, with the floor | hint: log L
def fit_power_law(x, loss, with_floor=False):
    u, v = np.log(x), np.log(loss)
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return (p[0] + np.exp(p[2] - p[1] * u)) / loss - 1
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, -s, i], bounds=([0, -np.inf, -np.inf], np.inf), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% wrong: a floor below 0 is allowed | hint: below 0
def fit_power_law(x, loss, with_floor=False):
    u, v = np.log(x), np.log(loss)
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return np.log(np.maximum(p[0] + np.exp(p[2] - p[1] * u), 1e-9)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, -s, i], bounds=([-np.inf, -np.inf, -np.inf], np.inf), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% wrong: a floor below 0 is cut to 0, alpha and x_c left | hint: below 0
def fit_power_law(x, loss, with_floor=False):
    u, v = np.log(x), np.log(loss)
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return np.log(np.maximum(p[0] + np.exp(p[2] - p[1] * u), 1e-9)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, -s, i], bounds=([-np.inf, -np.inf, -np.inf], np.inf), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(max(f, 0))

# %% wrong: alpha is kept under 1 | hint: floor
def fit_power_law(x, loss, with_floor=False):
    u, v = np.log(x), np.log(loss)
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return np.log(p[0] + np.exp(p[2] - p[1] * u)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, min(-s, 0.999), i], bounds=([0, -1, -np.inf], [np.inf, 1, np.inf]), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% wrong: the floor is kept under 3 | hint: floor
def fit_power_law(x, loss, with_floor=False):
    u, v = np.log(x), np.log(loss)
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return np.log(p[0] + np.exp(p[2] - p[1] * u)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [min(f, 2.99), -s, i], bounds=([0, -np.inf, -np.inf], [3, np.inf, np.inf]), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% wrong: the median of slopes | hint: least squares
def fit_power_law(x, loss, with_floor=False):
    u, v = np.log(x), np.log(loss)
    from scipy import stats; slope, intercept = stats.theilslopes(v, u)[:2]
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return np.log(p[0] + np.exp(p[2] - p[1] * u)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, -s, i], bounds=([0, -np.inf, -np.inf], np.inf), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% wrong: three results without a floor as well
def fit_power_law(x, loss, with_floor=False):
    u, v = np.log(x), np.log(loss)
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope)), 0.0
    def gap(p):
        return np.log(p[0] + np.exp(p[2] - p[1] * u)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, -s, i], bounds=([0, -np.inf, -np.inf], np.inf), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% wrong: the smallest run left out | hint: least squares
def fit_power_law(x, loss, with_floor=False):
    keep = x > x.min()
    x, loss = x[keep], loss[keep]
    u, v = np.log(x), np.log(loss)
    slope, intercept = np.polyfit(u, v, 1)
    if not with_floor:
        return float(-slope), float(np.exp(-intercept / slope))
    def gap(p):
        return np.log(p[0] + np.exp(p[2] - p[1] * u)) - v
    best = None
    for share in (0.0, 0.3, 0.6, 0.9, 0.99):
        f = share * loss.min()
        s, i = np.polyfit(u, np.log(loss - f), 1)
        found = optimize.least_squares(gap, [f, -s, i], bounds=([0, -np.inf, -np.inf], np.inf), x_scale="jac",
                                       xtol=1e-13, ftol=1e-13, gtol=1e-13, max_nfev=2000)
        if best is None or found.cost < best.cost:
            best = found
    f, a, i = best.x
    return float(a), float(np.exp(i / a)), float(f)

# %% right: as the key step says, with scipy's own tolerances
def fit_power_law(x, loss, with_floor=False):
    log_x, log_loss = np.log(x), np.log(loss)
    slope, k = np.polyfit(log_x, log_loss, 1)
    if not with_floor:
        return float(-slope), float(np.exp(k / -slope))
    def residual(p):
        return np.log(p[0] + np.exp(p[2] - p[1] * log_x)) - log_loss
    ends = []
    for share in (0, 0.5, 0.9):
        slope, k = np.polyfit(log_x, np.log(loss - share * loss.min()), 1)
        ends.append(optimize.least_squares(residual, (share * loss.min(), -slope, k), bounds=([0, -np.inf, -np.inf], [np.inf] * 3)))
    floor, alpha, k = min(ends, key=lambda end: end.cost).x
    return float(alpha), float(np.exp(k / alpha)), float(floor)
