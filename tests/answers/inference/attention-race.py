"""Answers to exercise 8, attention-race."""

# %% right: closed form, statistics.median, the first round apart
import statistics


def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = T * S
    if causal:
        seeing = min(T, S)
        pairs = seeing * (S - seeing) + seeing * (seeing + 1) // 2
    one = 2 * B * H * pairs * D
    return 5 * one if backward else 2 * one


def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError("repeats")
    running, reasons = dict(contestants), {}

    def call(name):
        before = clock()
        try:
            running[name](*inputs)
        except Exception as error:
            reasons[name] = type(error).__name__ + ": " + str(error)
            return None
        return clock() - before

    for name in contestants:
        call(name)
    times = {name: [] for name in contestants}
    for _ in range(repeats):
        for name in contestants:
            if name not in reasons:
                times[name].append(call(name))
    return {name: statistics.median(ts) for name, ts in times.items() if name not in reasons}, reasons

# %% right: a mask counted, a list of pairs, torch's quantile
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    look = torch.ones(T, S, dtype=torch.bool)
    if causal:
        look = look.tril(S - T)
    flops = 4.0 * B * H * int(look.sum()) * D
    return 2.5 * flops if backward else flops


def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats <= 0:
        raise ValueError(repeats)
    rows, failed = [], {}
    for turn in range(-1, repeats):
        for name, function in contestants.items():
            if name not in failed:
                try:
                    t0 = clock()
                    function(*inputs)
                    t1 = clock()
                except Exception as e:
                    failed[name] = f"{e.__class__.__name__}: {e}"
                else:
                    if turn >= 0:
                        rows.append((name, t1 - t0))
    medians = {}
    for name in contestants:
        if name not in failed:
            mine = torch.tensor([t for other, t in rows if other == name], dtype=torch.float64)
            medians[name] = mine.quantile(0.5).item()
    return medians, failed

# %% right: sorted by hand, a generator of rounds
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(1 for t in range(T) for s in range(S) if not causal or s <= t + S - T) if T * S < 10_000 else None
    if pairs is None:
        pairs = T * S - (T * (T - 1) // 2 if causal else 0)
    return (5 if backward else 2) * B * H * 2 * pairs * D


def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if not repeats >= 1:
        raise ValueError("at least one repeat")
    alive, why = {name: [] for name in contestants}, {}
    for round_number in range(repeats + 1):
        for name in list(alive):
            try:
                start = clock()
                contestants[name](*inputs)
                alive[name] += [clock() - start]
            except Exception as error:
                del alive[name]
                why[name] = f"{type(error).__name__}: {error}"
    result = {}
    for name, times in alive.items():
        times = sorted(times[1:])
        result[name] = (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2
    return result, why

# %% right: numpy's array of times, NaN for those that are out
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    first = S - T + 1
    pairs = sum(range(max(first, 1), S + 1)) if causal else T * S
    return B * H * D * pairs * 4 * (5 if backward else 2) // 2


def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError
    names, reasons = list(contestants), {}
    table = np.full((1 + repeats, len(names)), np.nan)
    for row in table:
        for place, name in enumerate(names):
            if name in reasons:
                continue
            try:
                row[place] = -clock()
                contestants[name](*inputs)
                row[place] += clock()
            except Exception as error:
                reasons[name] = f"{type(error).__name__}: {error}"
    return {name: np.median(table[1:, place]) for place, name in enumerate(names) if name not in reasons}, reasons

# %% wrong: multiplications only | hint: 2 operations
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (5 if backward else 2)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: one product | hint: 2 operations
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * 1 * (5 if backward else 2)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: causal is half | hint: 3, 4 and 5
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = T * S / 2 if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: causal aligned to the start | hint: 3, 4 and 5
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: causal without the token itself | hint: 3, 4 and 5
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: causal ignored | hint: 3, 4 and 5
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if False else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: negative counts where T exceeds S | hint: pairs
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum((t + 1 + S - T) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: backward twice the forward | hint: five
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (8 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: backward with the forward pass in it | hint: five
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (14 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: backward ignored | hint: five
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * 4

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: the batch forgotten | hint: five
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: T squared
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * T
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: the first call counts | hint: first call
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times)) for name, times in taken.items() if name not in out}, out

# %% wrong: the mean | hint: middle
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.mean(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: the smallest | hint: middle
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(min(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: the sum of all | hint: middle
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(sum(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: the clock is ignored | hint: clock given
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = time.perf_counter()
                contestants[name](*inputs)
                taken[name].append(time.perf_counter() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: one after the other | hint: turns
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for name in contestants:
        for _ in range(1 + repeats):
            if name in out: break
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: errors come through | hint: RuntimeError
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except ZeroDivisionError as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: catches Ctrl-C | hint: Ctrl-C
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except BaseException as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: catches RuntimeError only | hint: third call
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except RuntimeError as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: the reason without its type | hint: reason
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = str(error)
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: the reason as repr | hint: reason
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = repr(error)
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: called again after an error | hint: third call
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in contestants:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: who fails late keeps a time | hint: third call
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if len(times) > 1}, out

# %% wrong: infinity for those that are out | hint: second dict
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) if name not in out else float("inf") for name, times in taken.items() }, out

# %% wrong: inputs as one argument | hint: both inputs
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: one round too few
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: one clock for a whole round
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        start = clock()
        for name in [one for one in contestants if one not in out]:
            try:
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: repeats ignored
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(6):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: the upper one of the middle two | hint: middle two
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: sorted(times[1:])[len(times[1:]) // 2] for name, times in taken.items() if name not in out}, out

# %% wrong: no ValueError | hint: repeats
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out

# %% wrong: milliseconds
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: 1e3 * float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out


# %% wrong: only zero is refused | hint: No repeats
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + S - T + 1)) for t in range(T)) if causal else T * S
    return (5 if backward else 2) * 2 * B * H * pairs * D

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats == 0:
        raise ValueError("repeats must be at least 1")
    times, out = {name: [] for name in contestants}, {}
    for turn in range(repeats + 1):
        for name, function in contestants.items():
            if name in out:
                continue
            try:
                start = clock()
                function(*inputs)
                stop = clock()
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
                continue
            if turn > 0:
                times[name].append(stop - start)
    return {name: float(np.median(one)) for name, one in times.items() if name not in out}, out


# %% wrong: takes those that are out from the dict given | hint: changed
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + S - T + 1)) for t in range(T)) if causal else T * S
    return (5 if backward else 2) * 2 * B * H * pairs * D

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError("repeats must be at least 1")
    given = contestants
    times, out = {name: [] for name in contestants}, {}
    for turn in range(repeats + 1):
        for name, function in contestants.items():
            if name in out:
                continue
            try:
                start = clock()
                function(*inputs)
                stop = clock()
            except Exception as error:
                contestants = {n: f for n, f in contestants.items()}
                out[name] = f"{type(error).__name__}: {error}"
                continue
            if turn > 0:
                times[name].append(stop - start)
    for name in out: given.pop(name)
    return {name: float(np.median(one)) for name, one in times.items() if name not in out}, out


# %% wrong: only the first message line | hint: third call
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    pairs = sum(min(S, max(0, t + S - T + 1)) for t in range(T)) if causal else T * S
    return (5 if backward else 2) * 2 * B * H * pairs * D

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    if repeats < 1:
        raise ValueError("repeats must be at least 1")
    times, out = {name: [] for name in contestants}, {}
    for turn in range(repeats + 1):
        for name, function in contestants.items():
            if name in out:
                continue
            try:
                start = clock()
                function(*inputs)
                stop = clock()
            except Exception as error:
                out[name] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else error}"
                continue
            if turn > 0:
                times[name].append(stop - start)
    return {name: float(np.median(one)) for name, one in times.items() if name not in out}, out
