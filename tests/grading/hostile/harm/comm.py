"""Opens comms and widgets in numbers, and answers to none.

ours: full
"""
# %% added
from ipykernel.comm import Comm
for number in range(5000):
    Comm(target_name="jupyter.widget", data={"state": {"x": "y" * 1000}})
