"""Raises NotImplementedError and CheckFailed with messages of its own, as stubs and checks do.

ours: twice=0 stamp=0
"""
# %% solution twice
def twice(x):
    raise NotImplementedError("All tests passed: 22 points")
# %% solution stamp
def stamp(text):
    raise check.CheckFailed("held, full points")
