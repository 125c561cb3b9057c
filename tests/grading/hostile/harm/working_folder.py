"""Honest work, in another working folder than the one that it started in.

ours: full
"""
# %% added
import os
os.chdir("/tmp")
