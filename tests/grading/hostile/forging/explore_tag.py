"""Tags test and solution cells explore, so that they count as decoration.

ours: zero
"""
# %% stubs
# %% metadata tests
{"tags": ["explore"]}
# %% metadata solutions
{"tags": ["explore"]}
