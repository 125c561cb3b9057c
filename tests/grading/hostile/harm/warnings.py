"""Warns a hundred thousand times on standard error; nbgrader takes one for a failed test.

ours: full
"""
# %% solution twice
import sys, warnings

def twice(x):
    for number in range(1000):
        print(f"careful {number}", file=sys.stderr)
    warnings.warn("right all the same")
    return 2 * x
