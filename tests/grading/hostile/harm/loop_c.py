"""A power in C that no interrupt reaches.

ours: twice=0
rest: any
"""
# %% solution twice
def twice(x):
    return 7 ** (10**9)
