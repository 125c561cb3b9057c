"""Exponents without end, NaN and Infinity as JSON numbers.

ours: full
"""


def data(honest):
    return honest.replace(b'"execution_count": null', b'"execution_count": -Infinity').replace(
        b'"nbformat_minor": 5', b'"nbformat_minor": 1e999999, "x": NaN'
    )
