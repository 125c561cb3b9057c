"""Returns NaN and infinities, with which comparisons may be neither true nor false.

ours: twice=0 chain=0 unit=0 total=0 milli=0
"""
# %% solution twice
def twice(x): return x * float("nan")
# %% solution unit
def unit(v): return v * float("nan")
# %% solution total
def total(x): return float("nan")
# %% solution milli
def milli(x): return x * float("inf")
# %% solution chain
def chain(x): return x / 0
