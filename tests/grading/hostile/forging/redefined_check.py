"""The name check stands for a class of the student's.

ours: twice=0
"""
# %% solution twice
class Kind:
    def __getattr__(self, name):
        return lambda *args, **kwargs: torch.zeros(1)

check = Kind()

def twice(x):
    return x
# %% solution unit
from course import check

def unit(v):
    return v / v.norm()
