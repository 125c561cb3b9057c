"""Replaces the kernel's do_execute by one that always says ok.

ours: zero
"""
# %% stubs
# %% added
async def done(*args, **kwargs):
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

get_ipython().kernel.do_execute = done
