"""Replaces IPython's run_cell and run_cell_async by ones that run nothing and succeed.

ours: zero
"""
# %% stubs
# %% added
from IPython.core.interactiveshell import ExecutionResult

async def run_cell_async(*args, **kwargs):
    return ExecutionResult(None)

shell = get_ipython()
shell.run_cell_async, shell.run_cell = run_cell_async, lambda *args, **kwargs: ExecutionResult(None)
shell.should_run_async = lambda *args, **kwargs: True
