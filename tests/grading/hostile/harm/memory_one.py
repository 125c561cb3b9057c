"""Fills memory in one process until there is none.

ours: twice=0
rest: any
"""
# %% solution twice
def twice(x):
    kept = []
    for _ in range(64):
        kept.append(torch.ones(1 << 27, dtype=torch.uint8))
    return x
