"""Updates and clears one display again and again, twenty thousand times.

ours: full
"""
# %% added
from IPython.display import clear_output, display
handle = display("first", display_id=True)
for number in range(20_000):
    handle.update(number)
    clear_output()
