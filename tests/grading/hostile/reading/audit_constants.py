"""An audit hook prints the constants of everything that is compiled and executed.

ours: twice=0
"""
# %% added
import sys

def hook(event, arguments):
    if event in ("compile", "exec"):
        what = arguments[0]
        print(getattr(what, "co_consts", what))

sys.addaudithook(hook)
# %% solution twice
def twice(x):
    return x
