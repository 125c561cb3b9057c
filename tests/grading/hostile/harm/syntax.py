"""Solution cells that are no Python: magics, open brackets, tabs, a page of nothing.

ours: twice=0 unit=0 stamp=0 milli=0
"""
# %% solution twice
def twice(x):
    return ((((((
# %% solution unit
%%bash
echo unit
# %% solution stamp
?stamp
def stamp(text):
	return text
        return text
# %% solution milli
%run /etc/passwd
%load_ext nothing
%%time
