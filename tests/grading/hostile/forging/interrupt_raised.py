"""Raises KeyboardInterrupt inside the test.

ours: twice=0
"""
# %% solution twice
def twice(x):
    raise KeyboardInterrupt
