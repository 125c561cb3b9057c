"""Deletes and redefines every name that the instructor's cells use.

ours: twice=0 unit=any stamp=any total=any root=any milli=any chain=any
"""
# %% solution twice
def twice(x):
    return x

for name in ("print", "len", "range", "isinstance", "float", "abs", "check"):
    globals()[name] = None
