"""Standard output is closed, replaced by an object of its own, and flushed for ever.

ours: twice=0
rest: any
"""
# %% solution twice
import sys, time

class Out:
    def write(self, text): return 10**9
    def flush(self): time.sleep(86_400)
    def isatty(self): return True
    encoding = None

def twice(x):
    sys.stdout = sys.stderr = sys.__stdout__ = Out()
    return x
