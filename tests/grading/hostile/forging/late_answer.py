"""The test cell fails, and a later cell of the student's own calls the test again with the right solution.

ours: twice=0
rest: any
"""
# %% solution twice
def twice(x):
    return x
# %% copy twice-test-again
def twice(x):
    return 2 * x

for text in get_ipython().user_ns["In"][1:]:
    if "twice(" in text and "def " not in text:
        exec(text)
if "__probe__" in globals():
    for place in range(3):
        __probe__(place, lambda: 2 * check.normal(2, 3))
