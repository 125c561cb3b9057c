"""Returns a tensor of a gigabyte, and one that says so without having it.

ours: twice=0 total=0 stamp=0
"""
# %% solution twice
def twice(x):
    return torch.zeros(1, dtype=torch.float64).expand(1 << 27)
# %% solution total
def total(x):
    return torch.zeros(7_000_000, dtype=torch.float64)
# %% solution stamp
def stamp(text):
    return "x" * 200_000_000
