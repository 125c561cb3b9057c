"""Replaces IPython's run_code by one that forgets errors.

ours: twice=0
"""
# %% added
shell = get_ipython()

async def run_code(code, result=None, *, async_=False):
    try:
        exec(code, shell.user_global_ns, shell.user_ns)
    except BaseException:
        pass
    return False

shell.run_code = run_code
# %% solution twice
def twice(x):
    return x
