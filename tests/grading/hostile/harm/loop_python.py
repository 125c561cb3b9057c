"""A loop that never ends.

ours: twice=0
rest: any
"""
# %% solution twice
def twice(x):
    while True:
        pass
