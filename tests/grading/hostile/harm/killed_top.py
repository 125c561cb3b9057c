"""A cell of the student's own kills the kernel each time that it runs.

ours: any
"""
# %% added
import os
os.kill(os.getpid(), 9)
