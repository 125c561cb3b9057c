"""Returns for a predicate what makes it slow: sixty megabytes of text and numbers.

ours: unit=0
"""
# %% solution unit
def unit(v):
    return torch.ones(60 << 17, dtype=torch.float64)
