"""Imports itself, the notebook and things that run at import without end.

ours: twice=0
"""
# %% added
from pathlib import Path

Path("loops.py").write_text("import loops\nclass X:\n    def __del__(self): import loops\n")
import loops
# %% solution twice
import antigravity, this

def twice(x):
    return x
