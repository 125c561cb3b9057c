# %% [markdown]
r"""
# What is attacked

Seven exercises, one for each kind of check and two more. Whatever reads "secret" stands where no student may look.
"""

# %%
import torch

from course import check

# %% SOLUTION twice
def twice(x):
    """Twice every entry of x."""
    ### BEGIN SOLUTION
    # secret-solution-2c9d
    return 2 * x
    ### END SOLUTION

# %% TEST twice-test 4
"""A small tensor."""
x = check.normal(2, 3)
check.close(lambda: twice(x), 2 * check.normal(2, 3), "Is every entry doubled?")
### BEGIN HIDDEN TESTS
# secret-comment-4b1e
y = check.normal(4, seed=1)
check.close(lambda: twice(y), 2 * check.normal(4, seed=1), "Is every entry of a vector doubled?")
check.close(y, check.normal(4, seed=1), "Is the input left as it was?")
### END HIDDEN TESTS

# %% TEST twice-test-again 2
"""Another seed."""
check.close(lambda: twice(check.normal(5, seed=2)), 2 * check.normal(5, seed=2), "Does it hold for any shape?")

# %% SOLUTION unit
def unit(v):
    """v, at length 1."""
    ### BEGIN SOLUTION
    return v / v.norm()
    ### END SOLUTION

# %% TEST unit-test 4
"""Its length and its direction."""
check.that(lambda: unit(check.normal(5)), lambda u: abs(float(u.norm()) - 1) < 1e-6, "Is its length 1?")
### BEGIN HIDDEN TESTS
check.close(lambda: unit(torch.tensor([3.0, 4.0])), torch.tensor([0.6, 0.8]), "Is its direction kept?")
### END HIDDEN TESTS

# %% SOLUTION stamp
def stamp(text):
    """The text backwards, in capitals."""
    ### BEGIN SOLUTION
    return text[::-1].upper()
    ### END SOLUTION

# %% TEST stamp-test 4
"""Words."""
check.equal(lambda: stamp("abc"), "CBA", "Is it turned round?")
### BEGIN HIDDEN TESTS
check.equal(lambda: stamp("a1f7 terces"), "SECRET 7F1A", "Are digits and spaces left as they are?")
### END HIDDEN TESTS

# %% SOLUTION total
def total(x):
    """The sum of all entries."""
    ### BEGIN SOLUTION
    return x.sum()
    ### END SOLUTION

# %% TEST total-test 4
"""The order does not matter."""
m = check.normal(3, 4)
check.same(lambda: total(m), lambda: total(m.flip(0)), "Does the order of the rows matter?")
### BEGIN HIDDEN TESTS
check.close(lambda: total(torch.full((3, 3), 4999.75, dtype=torch.float64)), 44997.75, "Are all entries added?")
### END HIDDEN TESTS

# %% SOLUTION root
def root(x):
    """The square root of a number; ValueError if it is below 0."""
    ### BEGIN SOLUTION
    if x < 0:
        raise ValueError("x is below 0")
    return x**0.5
    ### END SOLUTION

# %% TEST root-test 4
"""What has no root is refused."""
check.raises(lambda: root(-1.0), ValueError, "Is a negative number refused?")
### BEGIN HIDDEN TESTS
check.close(lambda: root(2047.5625), 45.25, "Is it the square root?")
### END HIDDEN TESTS

# %% SOLUTION milli
def milli(x):
    """A thousandth of every entry."""
    ### BEGIN SOLUTION
    return x / 1000
    ### END SOLUTION

# %% TEST milli-test 4
"""Small numbers."""
check.close(lambda: milli(check.normal(6)), check.normal(6) / 1000, "Is it a thousandth?")
### BEGIN HIDDEN TESTS
check.close(lambda: milli(check.uniform(7, seed=3)), check.uniform(7, seed=3) / 1000, "Is it a thousandth of each?")
### END HIDDEN TESTS

# %% SOLUTION chain
def chain(x):
    """Four times every entry, by way of `twice`."""
    ### BEGIN SOLUTION
    return twice(twice(x))
    ### END SOLUTION

# %% TEST chain-test 4
"""Twice and twice again."""
check.close(lambda: chain(check.normal(3)), 4 * check.normal(3), "Is every entry four times as large?")
### BEGIN HIDDEN TESTS
check.close(lambda: chain(check.normal(2, seed=9)), 4 * check.normal(2, seed=9), "Are others, too?")
### END HIDDEN TESTS
