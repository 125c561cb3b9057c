"""The notebook's drafts, pages and scheduler on random sizes: beside exact distributions, plain lists, transformers' generate."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from course import answers, notebooks


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its scheduler, and the cells given after it."""
    nb, found = notebooks.source(root, "inference"), None
    for cell in nb.cells:
        if found is not None and notebooks.grade_id(cell) == "given-toy-server":
            answers.run_cell(cell.source, "given-toy-server", found)
            return found
        if notebooks.grade_id(cell) == "batching":
            found = answers.names_until(nb, "batching")


@pytest.mark.parametrize("seed", range(3))
def test_accepted_tokens_are_the_targets_own(names, seed):
    draw = np.random.default_rng(seed)
    gamma, V, n = int(draw.integers(1, 5)), int(draw.integers(2, 9)), 1500
    q, p = (torch.from_numpy(draw.dirichlet([0.7] * V, rows)) for rows in (gamma, gamma + 1))
    generator, counts = torch.Generator().manual_seed(seed), np.zeros((gamma + 1, V))
    for draft in torch.multinomial(q, n, replacement=True, generator=generator).T:
        for place, token in enumerate(names["accept"](draft, q, p, generator).tolist()):
            counts[place, token] += 1
    reach = torch.minimum(q, p[:-1]).sum(1).cumprod(0).tolist()
    assert counts[0].sum() == n
    assert all(stats.binomtest(int(row.sum()), n, chance).pvalue > 1e-6 for row, chance in zip(counts[1:], reach, strict=True))
    expected = counts.sum(1, keepdims=True) * p.numpy()
    chi2 = ((counts - expected) ** 2 / expected.clip(1e-12)).sum(1)
    often = expected.min(1) > 5  # the chi-square law needs a few of each
    assert (stats.chi2.sf(chi2, V - 1)[often] > 1e-6).all()


def test_tokens_of_a_pass_are_those_of_a_simulation(names):
    alpha, gamma = 0.7, 5
    wins = np.random.default_rng(0).random((40000, gamma)) < alpha
    assert (1 + wins.cumprod(1).sum(1)).mean() == pytest.approx(names["expected_tokens"](alpha, gamma), rel=0.01)


def test_a_guess_is_what_followed(names):
    draw = np.random.default_rng(1)
    for _ in range(200):
        ids = draw.integers(0, 4, int(draw.integers(0, 30)))
        text, found = "".join(map(str, ids)), names["prompt_lookup"](torch.from_numpy(ids), 6).tolist()
        size = next((size for size in (3, 2, 1) if len(text) > size and text[-size:] in text[:-1]), 0)
        place = text[:-1].rfind(text[-size:]) + size if size else len(text)
        assert "".join(map(str, found)) == text[place : place + 6]


def test_the_search_finds_no_difference_in_the_reference_and_leaves_no_folder(names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for size, n_blocks in ((1, 5), (2, 8), (3, 30), (8, 3)):
        assert names["shortest_failure"](lambda s=size, n=n_blocks: names["PagedKVCache"](s, n, 2, 1, 1), 40) == []
    assert not list(tmp_path.iterdir())


def test_the_search_shortens_what_it_finds(names):
    class Leaks(names["PagedKVCache"]):
        def free(self, seq):
            self.tables.pop(seq), self.lengths.pop(seq)

    class Shares(names["PagedKVCache"]):
        def grow(self, seq, n):
            new = -(-(self.lengths[seq] + n) // self.block_size) - len(self.tables[seq])
            if new > self.allocator.n_free:
                raise names["OutOfBlocks"]
            self.tables[seq] += [self.allocator.allocate() for _ in range(new)]
            self.lengths[seq] += n

    found = names["shortest_failure"](lambda: Leaks(3, 7, 2, 1, 1))
    assert found[:-1] == ["add()", "grow(1, 1)", "free(1)"] and "counts" in found[-1]
    found = names["shortest_failure"](lambda: Shares(3, 7, 2, 1, 1))
    assert found[:3] == ["add()", "grow(1, 1)", "fork(1)"] and len(found) == 6 and "keys" in found[-1]


@pytest.mark.parametrize("seed", range(3))
def test_served_answers_are_those_of_transformers_generate(names, seed):
    draw = np.random.default_rng(seed)
    llama = names["small_llama"](seed=seed)
    requests = [
        names["Request"](str(i), draw.integers(1, 29, int(draw.integers(1, 20))).tolist(), int(draw.integers(1, 15)))
        for i in range(8)
    ]
    size = int(draw.integers(1, 6))
    n_blocks = math.ceil(max(len(one.prompt) + one.max_new for one in requests) / size) + int(draw.integers(0, 6))
    cache = names["PagedKVCache"](size, n_blocks, 2, 2, 4, torch.float64)
    scheduler, run = names["Scheduler"](3, cache), names["paged_runner"](names["to_decoder"](llama), cache)
    for one in requests:
        scheduler.submit(one)
    while scheduler.running or scheduler.waiting:
        scheduler.step(run)
    assert cache.allocator.n_free == n_blocks and not cache.tables
    for one in requests:
        ids = torch.tensor([one.prompt])
        length = {"min_new_tokens": one.max_new, "max_new_tokens": one.max_new, "eos_token_id": None}
        alone = llama.generate(ids, do_sample=False, attention_mask=torch.ones_like(ids), pad_token_id=0, **length)
        assert one.output == alone[0, len(one.prompt) :].tolist()
