"""All solved, with a schema version of nbgrader's that will come in a hundred years.

ours: full
"""
# %% metadata tests
{"nbgrader": {"schema_version": 99}}
