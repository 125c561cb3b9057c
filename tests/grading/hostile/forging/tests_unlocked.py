"""The test cells are unlocked and declared solutions, to be graded by hand.

ours: twice=0
"""
# %% solution twice
def twice(x):
    return x
# %% test twice-test
pass
# %% metadata twice-test
{"nbgrader": {"locked": False, "solution": True, "checksum": "0"}}
