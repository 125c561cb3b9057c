"""Shows NaN as the test cell's result.

ours: twice=0
"""
# %% solution twice
def twice(x):
    get_ipython().displayhook(float("nan"))
    return x
