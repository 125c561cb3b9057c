"""Asks the front end to quit, to page and to replace the next cell.

ours: twice=0
rest: any
"""
# %% solution twice
def twice(x):
    shell = get_ipython()
    shell.payload_manager.write_payload({"source": "set_next_input", "text": "twice = None", "replace": True})
    shell.payload_manager.write_payload({"source": "ask_exit", "keepkernel": False})
    shell.ask_exit()
    return x
