"""Errors with messages of fifty megabytes.

ours: twice=0 stamp=0
"""
# %% solution twice
def twice(x):
    raise ValueError("x" * 50_000_000)
# %% solution stamp
def stamp(text):
    raise KeyError(list(range(2_000_000)))
