"""The rated texts as tokens: the split, rows and their masks, pairs, and a small model that writes them."""

import pytest
import torch

from course import data, reviews


@pytest.fixture(scope="module")
def parts():
    return reviews.texts()


def test_no_text_is_on_both_sides(parts):
    learn, held_out = parts
    assert len(learn) + len(held_out) == len(data.ratings()) and 0.09 < len(held_out) / len(data.ratings()) < 0.11
    assert not {one.text for one in learn} & {one.text for one in held_out}
    assert {one.source for one in held_out} == set(data.RATED)


def test_rows_hold_their_text(parts):
    some = [one for one in parts[1] if one.source == "films"][:50]
    rows = reviews.encode(some)
    assert rows.shape == (50, reviews.CONTEXT) and rows.max() < reviews.VOCAB and (rows[:, 0] == reviews.END).all()
    for row, one in zip(rows, some, strict=True):
        told, whole = reviews.detokenize(row), " ".join(one.text.lower().split())
        assert whole == told if row[-1] == reviews.END else whole.startswith(told[:-3])
    assert torch.equal(reviews.encode([one.text for one in some]), rows)


def test_the_mask_ends_with_the_first_end():
    ids = torch.tensor([[0, 5, 6, 0, 0], [0, 7, 8, 9, 4], [0, 0, 3, 0, 0]])
    assert reviews.mask(ids).int().tolist() == [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1], [1, 1, 0, 0, 0]]


def test_pairs_are_of_one_source_and_in_order(parts):
    found = reviews.pairs(parts[1], 100, seed=1)
    assert len(found) == 100 and found == reviews.pairs(parts[1], 100, seed=1) != reviews.pairs(parts[1], 100, seed=2)
    for better, worse, margin in found:
        assert better.source == worse.source and margin == better.mean - worse.mean >= 0.25


def test_a_small_gpt_learns_and_writes_from_a_seed():
    model = reviews.small_gpt(32, 1)
    before = reviews.held_out_loss(model)
    assert reviews.pretrain(model, steps=60, batch=8) < before - 0.5
    prompts = reviews.encode(["a film that", "it is not the"])[:, :4]

    def drawn(seed, model=model):
        return reviews.sample(model, prompts, 12, generator=torch.Generator().manual_seed(seed))

    assert torch.equal(drawn(1), drawn(1)) and not torch.equal(drawn(1), drawn(2))
    assert drawn(1).shape == (2, 12) and torch.equal(drawn(1)[:, :4], prompts)
    # Cold, it takes the likeliest token at every step, as a pass over the whole row says.
    cold = reviews.sample(model, prompts, 12, temperature=1e-6, generator=torch.Generator())
    likeliest = model(cold).logits.argmax(-1)[:, 3:-1]
    real = reviews.mask(cold)[:, 4:]
    assert torch.equal(cold[:, 4:][real], likeliest[real])
