"""A solution whose parsing alone takes the interpreter down.

ours: any
"""
# %% solution twice
def twice(x):
    import ast
    ast.literal_eval("-" * 100_000 + "1")
    return eval("x" + ".T" * 200_000)
