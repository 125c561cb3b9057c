"""Shows more points than there are as the test cell's result.

ours: twice=0
"""
# %% solution twice
def twice(x):
    get_ipython().displayhook(1e308)
    return x
