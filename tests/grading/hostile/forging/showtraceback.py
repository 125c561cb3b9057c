"""Silences IPython's tracebacks.

ours: twice=0
"""
# %% added
get_ipython().showtraceback = lambda *args, **kwargs: None
get_ipython()._showtraceback = lambda *args, **kwargs: None
# %% solution twice
def twice(x):
    return x
