"""The test cells hold nothing but a pass.

ours: twice=0 stamp=0
"""
# %% solution twice
def twice(x):
    return x
# %% test twice-test
pass
# %% test twice-test-again
"All right"
# %% solution stamp
def stamp(text):
    return text
# %% test stamp-test
check.equal("a", "a", "")
