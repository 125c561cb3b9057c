"""The metadata give one test a thousand points, and the solution cell some as well.

ours: twice=0
"""
# %% solution twice
def twice(x):
    return x
# %% metadata unit-test
{"nbgrader": {"points": 1000}}
# %% metadata twice
{"nbgrader": {"grade": True, "points": 500}}
