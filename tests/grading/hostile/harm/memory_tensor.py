"""Asks for a tensor of a thousand terabytes.

ours: twice=0
"""
# %% solution twice
def twice(x):
    return torch.empty(10**15, dtype=torch.uint8)
