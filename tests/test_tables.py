"""The tables of measurements that ship with the course: read whole, in their types, and saying where they come from."""

import re

import pytest

from course import data, tables

SHAPES = [(576, 576), (576, 192), (576, 1536), (1536, 576)]  # q, v, up and down in the chat model, in and out


@pytest.mark.parametrize("table", [tables.LADDER, tables.JUDGE, tables.FINETUNE], ids=lambda path: path.stem)
def test_a_table_says_where_it_comes_from(table):
    assert re.search(r"\b20\d\d\b", tables.source(table)) and "PyTorch" in tables.source(table)


def test_adapters_train_what_their_rank_says():
    rows = tables.finetune()
    assert {one.rank for one in rows} == {0, 1, 4, 16} and all(0 <= one.accuracy <= 1 for one in rows)
    assert all(one.trained == 10 * one.rank * sum(map(sum, SHAPES)) for one in rows if one.rank)
    steps = {name: [one.steps for one in rows if one.run == name] for name in {one.run for one in rows}}
    assert len({tuple(one) for one in steps.values()}) == 1  # the notebook draws them over one axis


def test_judgements_name_texts_in_the_raters_order():
    rated, judged = data.ratings(), tables.judge()
    assert len(judged) == 200 and all(0 < one.first < 1 and 0 < one.second < 1 for one in judged)
    assert all(rated[one.better].mean > rated[one.worse].mean for one in judged)
