# %% right: two loops, flags
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% right: recursive, outside of except
import gc

def mfu(n_params, tokens_per_s, peak_flops):
    return train_flops(n_params, tokens_per_s) / peak_flops

def _fits(step, rows):
    try:
        step(rows)
        return True
    except torch.OutOfMemoryError:
        pass
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return False

def largest_batch(step, start=1, low=None, high=None):
    low = low or 0
    if high is None:
        return largest_batch(step, start, low, None) if False else _double(step, start)
    return low

def _double(step, rows, last=0):
    if _fits(step, rows):
        return _double(step, 2 * rows, rows)
    return _bisect(step, last, rows) if last else 0

def _bisect(step, low, high):
    if high - low <= 1:
        return low
    middle = low + (high - low) // 2
    return _bisect(step, middle, high) if _fits(step, middle) else _bisect(step, low, middle)

# %% right: bits from the top
def mfu(n_params, tokens_per_s, peak_flops):
    useful = 6.0 * n_params * tokens_per_s
    return useful / peak_flops

def largest_batch(step, start=1):
    def runs(rows):
        ok = True
        try:
            step(rows)
        except torch.cuda.OutOfMemoryError:
            ok = False
        return ok

    if not runs(start):
        return 0
    best = start
    while runs(2 * best):
        best *= 2
    gap, best_failed = best, 2 * best
    while best_failed - best > 1:
        trial = best + (best_failed - best + 1) // 2
        if trial == best_failed:
            trial -= 1
        if runs(trial):
            best = trial
        else:
            best_failed = trial
    return best

# %% right: the library's bisect
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops


def largest_batch(step, start=1):
    import bisect

    def too_many(rows):
        try:
            step(rows)
            return False
        except torch.OutOfMemoryError:
            pass
        return True

    high = start
    while not too_many(high):
        high *= 2
    if high == start:
        return 0
    return bisect.bisect_left(range(high), True, lo=high // 2 + 1, key=too_many) - 1

# %% wrong: 2 for 6 | hint: 6
def mfu(n_params, tokens_per_s, peak_flops):
    return 2 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: tokens divided
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params / tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: as a percentage
def mfu(n_params, tokens_per_s, peak_flops):
    return 600 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: doubles only | hint: powers of 2
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    return fine
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: the first that does not fit
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return high

# %% wrong: start that does not fit goes on
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: swallows every error | hint: ValueError
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except Exception:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: catches RuntimeError, which OutOfMemoryError is | hint: RuntimeError
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except RuntimeError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: start ignored
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, 1
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: stops a row early
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 2:
        middle = (low + high) // 2
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: one by one after the doubling | hint: 21
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    fine, rows = 0, start
    while True:
        failed = False
        try:
            step(rows)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            break
        fine, rows = rows, rows * 2
    if fine == 0:
        return 0
    low, high = fine, rows
    while high - low > 1:
        middle = low + 1
        failed = False
        try:
            step(middle)
        except torch.OutOfMemoryError:
            failed = True
        if failed:
            high = middle
        else:
            low = middle
    return low

# %% wrong: goes on inside the except block | hint: except
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    def search(low, high):
        if high is not None and (low == 0 or high - low <= 1):
            return low
        rows = max(start, 2 * low) if high is None else (low + high) // 2
        try:
            step(rows)
        except torch.OutOfMemoryError:
            return search(low, rows)
        return search(rows, high)
    return search(0, None)

# %% wrong: keeps the errors | hint: error kept
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    errors, fine, rows = [], 0, start
    def fits(rows):
        try:
            step(rows)
        except torch.OutOfMemoryError as error:
            errors.append(error)
            return False
        return True
    while fits(rows):
        fine, rows = rows, 2 * rows
    while fine and rows - fine > 1:
        middle = (fine + rows) // 2
        fine, rows = (middle, rows) if fits(middle) else (fine, middle)
    return fine

# %% wrong: one row more at a time | hint: 21
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    rows = start
    while True:
        try:
            step(rows)
        except torch.OutOfMemoryError:
            break
        rows += 1
    return rows - 1 if rows > start else 0

# %% wrong: asks once and believes it
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops

def largest_batch(step, start=1):
    step(start)
    return start

# %% wrong: multiples of start only | hint: exactly
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops


def largest_batch(step, start=1):
    def fits(rows):
        try:
            step(rows)
        except torch.OutOfMemoryError:
            return False
        return True

    good, bad = 0, start
    while fits(bad):
        good, bad = bad, 2 * bad
    if good == 0:
        return 0
    while bad - good > start:
        middle = (good + bad) // 2 // start * start
        if fits(middle):
            good = middle
        else:
            bad = middle
    return good

# %% wrong: never more than 2048 | hint: exactly
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops


def largest_batch(step, start=1):
    def fits(rows):
        try:
            step(rows)
        except torch.OutOfMemoryError:
            return False
        return True

    good, bad = 0, start
    while bad <= 1024 and fits(bad):
        good, bad = bad, 2 * bad
    if good == 0:
        return 0
    while bad - good > 1:
        middle = (good + bad) // 2
        if fits(middle):
            good = middle
        else:
            bad = middle
    return good

# %% wrong: start is tried twice | hint: twice
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops


def largest_batch(step, start=1):
    def fits(rows):
        try:
            step(rows)
        except torch.OutOfMemoryError:
            return False
        return True

    if not fits(start):
        return 0
    good, bad = 0, start
    while fits(bad):
        good, bad = bad, 2 * bad
    if good == 0:
        return 0
    while bad - good > 1:
        middle = (good + bad) // 2
        if fits(middle):
            good = middle
        else:
            bad = middle
    return good

# %% wrong: a utilization rounded to a tenth of a percent | hint: digits
def mfu(n_params, tokens_per_s, peak_flops):
    return round(6 * n_params * tokens_per_s / peak_flops, 3)


def largest_batch(step, start=1):
    def fits(rows):
        try:
            step(rows)
        except torch.OutOfMemoryError:
            return False
        return True

    good, bad = 0, start
    while fits(bad):
        good, bad = bad, 2 * bad
    if good == 0:
        return 0
    while bad - good > 1:
        middle = (good + bad) // 2
        if fits(middle):
            good = middle
        else:
            bad = middle
    return good

# %% wrong: calls itself inside the except block | hint: except
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops


def largest_batch(step, start=1):
    def search(good, bad):
        if bad is not None and bad - good <= 1:
            return good
        rows = (good + bad) // 2 if bad else max(2 * good, start)
        try:
            step(rows)
        except torch.OutOfMemoryError:
            return search(good, rows) if rows > start else 0
        return search(rows, bad)
    return search(0, None)

# %% wrong: keeps the last error | hint: error kept
def mfu(n_params, tokens_per_s, peak_flops):
    return 6 * n_params * tokens_per_s / peak_flops


def largest_batch(step, start=1):
    errors = []

    def fits(rows):
        try:
            step(rows)
        except torch.OutOfMemoryError as error:
            errors[:] = [error]
            return False
        return True

    good, bad = 0, start
    while fits(bad):
        good, bad = bad, 2 * bad
    if good == 0:
        return 0
    while bad - good > 1:
        middle = (good + bad) // 2
        if fits(middle):
            good = middle
        else:
            bad = middle
    return good
