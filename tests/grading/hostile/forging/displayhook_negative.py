"""Shows a score far below zero as the test cell's result.

ours: twice=0
"""
# %% solution twice
def twice(x):
    get_ipython().displayhook(-1e9)
    return x
