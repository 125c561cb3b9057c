"""The notebook asks for a kernel and a language of its own.

ours: twice=0
"""
# %% solution twice
def twice(x):
    return x
# %% notebook
{"kernelspec": {"name": "bash", "display_name": "sh -c true", "language": "bash"}, "language_info": {"name": "bash"}}
