"""Thirty megabytes of output, in lines.

ours: full
"""
# %% added
for _ in range(30):
    print(("x" * 99 + "\n") * 10_000)
