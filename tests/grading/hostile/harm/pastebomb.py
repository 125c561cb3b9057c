"""Source nested so deeply that parsers break: brackets, operators, attributes.

ours: any
"""
# %% added
value = eval("[" * 150 + "]" * 150)
# %% solution twice
def twice(x):
    return x if (not not not not not not not not not not not not not not not not not not not not x) else -x
    return """ + "-" * 30000 + """
