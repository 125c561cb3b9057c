"""The checks: what they let through, what they stop, and what they then say."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course import check

ONES = torch.ones(2, 3, dtype=torch.float64)


def message(function, *arguments, **options):
    """What the failing check says."""
    with pytest.raises(check.CheckFailed) as caught:
        function(*arguments, **options)
    return str(caught.value)


def test_inputs_are_the_same_everywhere_and_differ_by_seed_and_shape():
    assert torch.equal(check.normal(2, 3), check.normal(2, 3))
    assert not torch.equal(check.normal(2, 3), check.normal(2, 3, seed=1))
    assert not torch.equal(check.normal(2, 3).flatten(), check.normal(3, 2).flatten())
    # Stored once, so that a change of numpy's generators or of ours is noticed: answer keys would no longer fit.
    assert check.normal(2).tolist() == pytest.approx([0.07154542648946223, 0.606933951933849])
    assert check.integers(4, high=100).tolist() == [19, 22, 7, 41]
    assert check.uniform(100, low=-1, high=2).min() >= -1 and check.uniform(100, low=-1, high=2).max() < 2
    assert check.integers(100, low=3, high=5).unique().tolist() == [3, 4]
    assert check.normal(2, dtype=torch.float32).dtype == torch.float32 and check.normal().dim() == 0


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (0.1 + 0.2, 0.3),
        (np.float32(0.1), 0.1),
        (torch.tensor([1.0, math.inf, math.nan]), torch.tensor([1.0, math.inf, math.nan])),
        (np.ones((2, 3)), ONES),
        ((ONES, [1, 2.0]), [ONES, (1, 2)]),
        ({"a": 1, "b": ONES}, {"b": ONES, "a": 1.0}),
        (ONES.clone().requires_grad_(), ONES),
        (lambda: ONES, ONES),
        (True, 1),
    ],
)
def test_close_lets_equal_values_through_however_they_are_held(actual, expected):
    check.close(actual, expected, "?")


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (0 * ONES, ONES, ["expected: 1 at [0, 0]", "got: 0", "6 of 6 values differ, by up to 1"]),
        (ONES.T, ONES, ["expected: shape (2, 3)", "got: shape (3, 2)"]),
        (None, ONES, ["return its result", "got: None"]),
        ("ones", ONES, ["expected: a number or a tensor", "str"]),
        ((ONES,), (ONES, ONES), ["expected: 2 results"]),
        (ONES, (ONES, ONES), ["expected: 2 results"]),
        ([1.0, 2.5], [1.0, 2.0], ["expected: 2 at [1]", "got: 2.5"]),
        ({"a": 1}, {"b": 1}, ["the keys ['b']"]),
        (math.nan, 1.0, ["got: nan"]),
        (1.0, math.inf, ["expected: inf"]),
        (1.000001234567, 1.000000000001, ["1.00000123457"]),
        (lambda: 1 / 0, 1.0, ["Your code raised ZeroDivisionError: division by zero"]),
    ],
)
def test_close_stops_a_difference_and_says_which(actual, expected, words):
    said = message(check.close, actual, expected, "Is it so?", rtol=1e-9)
    assert said.startswith("Is it so?") and all(word in said for word in words), said


def test_tolerance_is_what_the_narrower_dtype_can_hold():
    third = torch.tensor(1 / 3, dtype=torch.float64)
    check.close(third.float(), third, "?")
    check.close(third.float(), third.bfloat16(), "?")  # half precision counts where it is expected
    assert message(check.close, third.bfloat16(), third, "?")  # and gets nobody a wider tolerance where it is not
    assert message(check.close, torch.zeros(3, dtype=torch.bfloat16), torch.full((3,), 1e-3), "?")
    check.close(third + 1e-9, third, "?")
    assert message(check.close, third + 1e-6, third, "?")
    assert message(check.close, third.float() + 1e-3, third, "?")
    assert message(check.close, 1 / 3 + 1e-5, 1 / 3, "?")  # a plain float is held to nearly float64
    check.close(float(third.float()), 1 / 3, "?")
    assert message(check.close, third.float(), third, "?", rtol=0, atol=1e-10)


def test_nothing_but_numbers_counts_as_a_number():
    class EqualsEverything:
        def __eq__(self, other):
            return True

    assert "a number or a tensor" in message(check.close, EqualsEverything(), 3.0, "?")


def test_same_says_that_two_ways_differ():
    check.same(lambda: ONES, ONES, "?")
    assert "the other way gave: 1" in message(check.same, 2.0, lambda: 1.0, "?")


def test_equal_compares_exactly_and_names_the_place():
    check.equal((1, [2, "a"]), [1, (2, "a")], "?")
    check.equal(torch.tensor([1, 2]), [1, 2], "?")
    check.equal(torch.Size([2, 3]), (2, 3), "?")
    assert "expected: 3 at place 1" in message(check.equal, [1, 2], [1, 3], "?")
    assert "expected: 1 entries" in message(check.equal, [1, 2], [1], "?")
    assert "got: 1.0000001" in message(check.equal, 1.0000001, 1, "?")


def test_that_judges_a_property_and_does_not_crash_on_it():
    check.that(lambda: 3, lambda x: x > 2, "?")
    assert "got: 1" in message(check.that, 1, lambda x: x > 2, "Bigger?")
    assert "could not be judged: TypeError" in message(check.that, None, lambda x: x > 2, "Bigger?")


def test_raises_wants_that_error_and_no_other():
    check.raises(lambda: int("x"), ValueError, "?")
    check.raises(lambda: [][0], (KeyError, IndexError), "?")
    assert "expected: ValueError\n  got: no error, but 3" in message(check.raises, lambda: 3, ValueError, "?")
    assert "got: ZeroDivisionError" in message(check.raises, lambda: 1 / 0, ValueError, "?")


def test_a_stub_is_told_in_one_line():
    def stub():
        raise NotImplementedError("Exercise 'low-rank': write it here")

    for function in (lambda: check.close(stub, 1, "?"), lambda: check.raises(stub, ValueError, "?")):
        with pytest.raises(NotImplementedError) as caught:
            function()
        assert caught.value._render_traceback_() == ["\x1b[33m○ Exercise 'low-rank': write it here\x1b[0m"]


def test_the_message_in_a_notebook_names_the_line_that_broke():
    def answer():
        return torch.ones(2) @ torch.ones(3)

    with pytest.raises(check.CheckFailed) as caught:
        check.close(answer, 1.0, "Do the sizes fit?")
    shown = "\n".join(caught.value._render_traceback_())
    assert "✗ Do the sizes fit?" in shown and "raised in answer" in shown and "torch.ones(2) @ torch.ones(3)" in shown
    assert 'the test: check.close(answer, 1.0, "Do the sizes fit?")' in shown


def test_calls_are_counted_and_the_functions_still_work():
    x = torch.ones(3, requires_grad=True)
    with check.calls("torch.autograd.grad", "torch.nn.functional.softmax") as count:
        (grad,) = torch.autograd.grad((x**2).sum(), x)
        F.softmax(x, -1)
        F.softmax(x, -1)
    assert count == {"torch.autograd.grad": 1, "torch.nn.functional.softmax": 2} and grad.tolist() == [2, 2, 2]
    torch.autograd.grad((x**2).sum(), x)
    assert count["torch.autograd.grad"] == 1
