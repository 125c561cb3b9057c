"""A graded cell of the student's own, worth a hundred points.

ours: twice=0
"""
# %% solution twice
def twice(x):
    return x
# %% copy unit-test
assert True
# %% metadata unit-test
{"nbgrader": {"grade_id": "bonus-test", "points": 100}}
