"""Answers to mlm: who is chosen, what becomes of the chosen, what the labels hold, and where the chance comes from."""


# %% right: bernoulli three times, as Hugging Face's collator does it
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    inputs, labels = ids.clone(), ids.clone()
    chances = torch.full(ids.shape, float(p)).masked_fill(special_mask, 0.0)
    chosen = torch.bernoulli(chances, generator=generator).bool()
    labels[~chosen] = -100
    masked = torch.bernoulli(torch.full(ids.shape, 0.8), generator=generator).bool() & chosen
    inputs[masked] = mask_id
    random = torch.bernoulli(torch.full(ids.shape, 0.5), generator=generator).bool() & chosen & ~masked
    inputs[random] = torch.randint(0, vocab_size, ids.shape, generator=generator)[random]
    return inputs, labels


# %% right: one uniform number does both: below 0.8p, 0.9p, p
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    u = torch.rand(ids.shape, generator=generator, dtype=torch.float64)
    u = torch.where(special_mask, 2.0, u)
    labels = torch.full_like(ids, -100)
    labels[u < p] = ids[u < p]
    inputs = ids.clone()
    swapped = (0.8 * p <= u) & (u < 0.9 * p)
    inputs[swapped] = torch.randint(vocab_size, (int(swapped.sum()),), generator=generator)
    inputs[u < 0.8 * p] = mask_id
    return inputs, labels


# %% right: a loop, token by token
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    def uniform():
        return torch.rand((), generator=generator).item()

    inputs, labels = [], []
    for token, special in zip(ids.flatten().tolist(), special_mask.flatten().tolist()):
        if special or uniform() >= p:
            inputs.append(token)
            labels.append(-100)
            continue
        labels.append(token)
        fate = uniform()
        if fate < 0.1:
            inputs.append(token)
        elif fate < 0.2:
            inputs.append(int(torch.randint(vocab_size, (), generator=generator)))
        else:
            inputs.append(mask_id)
    return torch.tensor(inputs).reshape(ids.shape), torch.tensor(labels).reshape(ids.shape)


# %% right: only the chosen draw: multinomial decides between three candidates
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    places = ((torch.rand(ids.shape, generator=generator) < p) * ~special_mask).nonzero(as_tuple=True)
    original = ids[places]
    n = len(original)
    inputs, labels = ids.clone(), ids.new_full(ids.shape, -100)
    labels[places] = original
    if n:
        candidates = torch.stack([torch.full_like(original, mask_id), original.clone().random_(0, vocab_size, generator=generator), original])
        fate = torch.multinomial(torch.tensor([0.8, 0.1, 0.1]), n, replacement=True, generator=generator)
        inputs[places] = candidates.gather(0, fate[None])[0]
    return inputs, labels


# %% right: numpy's draws, seeded by one from the generator
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    dice = np.random.default_rng(torch.randint(2**62, (1,), generator=generator).item())
    shape, old, special = tuple(ids.shape), ids.numpy(), special_mask.numpy()
    chosen = (dice.random(shape) < p) & ~special
    fate = dice.choice(3, size=shape, p=[0.8, 0.1, 0.1])
    new = np.select([chosen & (fate == 0), chosen & (fate == 1)], [np.int64(mask_id), dice.integers(vocab_size, size=shape)], old)
    return torch.from_numpy(new.astype(np.int64)), torch.from_numpy(np.where(chosen, old, -100))


# %% right: random ids by scaling a uniform number; the choice last
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    fate = torch.rand(ids.shape, generator=generator)
    changed = torch.full_like(ids, mask_id)
    noise = (torch.rand(ids.shape, generator=generator, dtype=torch.float64) * vocab_size).long()
    changed = torch.where(fate > 0.8, noise, changed)
    changed = torch.where(fate > 0.9, ids, changed)
    chosen = torch.empty(ids.shape).uniform_(generator=generator).lt(p).logical_and(special_mask.logical_not())
    return ids.masked_scatter(chosen, changed[chosen]), ids.masked_fill(~chosen, -100)


# %% right: four fates a token by one multinomial
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    weights = torch.tensor([1 - p, 0.8 * p, 0.1 * p, 0.1 * p]).double()
    fate = torch.multinomial(weights, max(1, ids.numel()), replacement=True, generator=generator)[: ids.numel()].view(
        ids.shape
    )
    fate = fate.masked_fill(special_mask, 0)
    words = (
        torch.randint_like(ids, vocab_size)
        if generator is None
        else torch.randint(vocab_size, ids.shape, generator=generator)
    )
    inputs = torch.where(fate == 1, torch.full_like(ids, mask_id), torch.where(fate == 2, words, ids))
    return inputs, torch.where(fate > 0, ids, torch.full_like(ids, -100))


# %% wrong: every chosen token becomes the mask | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    return torch.where(chosen, mask_id, ids), torch.where(chosen, ids, -100)


# %% wrong: special tokens are chosen too | hint: special
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p)
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: special_mask the wrong way round | hint: special
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: special tokens are put back in the inputs, but keep their labels | hint: special
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p)
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    inputs = torch.where(special_mask, ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: labels everywhere | hint: label
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, ids.clone()


# %% wrong: labels taken after the change | hint: original
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, inputs, -100)


# %% wrong: labels where a token is not chosen | hint: label
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, -100, ids)


# %% wrong: labels are 0 elsewhere | hint: -100
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, 0)


# %% wrong: no label for tokens that stay as they are | hint: label
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen & (fate < 0.8), ids, -100)


# %% wrong: only tokens that really changed have a label | hint: label
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(inputs != ids, ids, -100)


# %% wrong: a tenth of the rest is random: 80, 2, 18 | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8) & (torch.rand(ids.shape, generator=generator) < 0.1), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: random ids also replace masks: 72, 10, 18 | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (torch.rand(ids.shape, generator=generator) < 0.1), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: 10 masks, 80 random | hint: 0.8
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.1), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.2), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: no token stays: 80, 20 | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.8), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: no random ids: 80, 20 stay | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    masked = chosen & (torch.rand(ids.shape, generator=generator) < 0.8)
    return torch.where(masked, mask_id, ids), torch.where(chosen, ids, -100)


# %% wrong: one draw for both, not scaled by p: the chosen are all below 0.8 | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    u = torch.rand(ids.shape, generator=generator)
    chosen = (u < p) & ~special_mask
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (u < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (u >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: 80, 10, 10 of all tokens, chosen or not | hint: changed
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(fate < 0.8 * p, mask_id, ids)
    inputs = torch.where(fate >= 1 - 0.1 * p, random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: random ids reach tokens that were not chosen | hint: chosen
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(fate >= 0.9, random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: the highest id is never drawn | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size - 1, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: id 0 is never drawn | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(1, vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: a random id is never the original | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = (ids + torch.randint(1, vocab_size, ids.shape, generator=generator)) % vocab_size
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: the random ids are the batch's own tokens, shuffled | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = ids.flatten()[torch.randperm(ids.numel(), generator=generator)].reshape(ids.shape)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: one random id for the whole call | hint: 0.1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, (1,), generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: one fate for a row | hint: draw
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand((*ids.shape[:-1], 1), generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: the same places in every row | hint: chosen
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape[-1], generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: exactly the share p, by permutation | hint: fixed
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    open_places = (~special_mask).flatten().nonzero()[:, 0]
    order = torch.randperm(len(open_places), generator=generator)[: round(p * len(open_places))]
    chosen = torch.zeros(ids.numel(), dtype=torch.bool)
    chosen[open_places[order]] = True
    chosen = chosen.reshape(ids.shape)
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: the chosen are split exactly, 80 in 100, rounded down | hint: 0.8
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    places = chosen.flatten().nonzero()[:, 0]
    places = places[torch.randperm(len(places), generator=generator)]
    n_mask, n_random = int(0.8 * len(places)), int(0.1 * len(places))
    inputs = ids.clone().flatten()
    inputs[places[:n_mask]] = mask_id
    inputs[places[n_mask : n_mask + n_random]] = torch.randint(vocab_size, (n_random,), generator=generator)
    return inputs.reshape(ids.shape), torch.where(chosen, ids, -100)


# %% wrong: special tokens are made up for, so that p of all are chosen | hint: special
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p * ids.numel() / (~special_mask).sum()) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: p is ignored | hint: p=1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < 0.15) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: p is the share that is kept | hint: p=1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) >= p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: the default of p is another | hint: 0.15
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.2, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: writes into ids | hint: changed
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    labels = torch.where(chosen, ids, -100)
    ids[chosen & (fate < 0.8)] = mask_id
    places = chosen & (fate >= 0.9)
    ids[places] = random_ids[places]
    return ids, labels


# %% wrong: labels are the caller's ids, overwritten | hint: changed
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    labels = ids
    labels[~chosen] = -100
    return inputs, labels


# %% wrong: the generator is ignored | hint: generator
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape) < p) & ~special_mask
    fate = torch.rand(ids.shape)
    random_ids = torch.randint(vocab_size, ids.shape)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: the generator decides who is chosen, the global one what they become | hint: generator
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: random ids come from the global generator | hint: generator
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: the generator's seed is set as the global one | hint: call
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    if generator is not None:
        torch.manual_seed(generator.initial_seed())
    chosen = (torch.rand(ids.shape) < p) & ~special_mask
    fate = torch.rand(ids.shape)
    random_ids = torch.randint(vocab_size, ids.shape)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: every call starts the generator anew | hint: call
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    if generator is not None:
        generator.manual_seed(generator.initial_seed())
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: without a generator every call draws the same | hint: two calls
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    if generator is None:
        generator = torch.Generator().manual_seed(0)
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: without a generator, a new one with a seed of its own | hint: global
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    if generator is None:
        generator = torch.Generator()
        generator.seed()
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)


# %% wrong: labels as floats | hint: long
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100).float()


# %% wrong: labels and inputs in the wrong order | hint: label
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return torch.where(chosen, ids, -100), inputs


# %% wrong: nothing is done | hint: p=1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    return ids.clone(), torch.full_like(ids, -100)


# %% wrong: 80, 10, 10 by quota over the chosen, in random order | hint: quota
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    labels = torch.where(chosen, ids, -100)
    fate = torch.ones(ids.shape)
    n = int(chosen.sum())
    fate[chosen] = ((torch.randperm(n, generator=generator) + 0.5) / max(n, 1)).float()
    anything = torch.randint(0, vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels


# %% wrong: fates alternate in a fixed order over the chosen | hint: quota
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    labels = torch.where(chosen, ids, -100)
    fate = torch.ones(ids.shape)
    n = int(chosen.sum())
    fate[chosen] = (torch.arange(n) + torch.randint(10, (1,), generator=generator)) % 10 / 10 + 0.05
    anything = torch.randint(0, vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels


# %% wrong: the chosen shuffled, first int(0.8 n) masked, next int(0.1 n) random
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    labels = torch.where(chosen, ids, -100)
    fate = torch.full(ids.shape, 0.85)
    at = chosen.flatten().nonzero()[:, 0]
    at = at[torch.randperm(len(at), generator=generator)]
    n = len(at)
    fate.view(-1)[at[: int(0.8 * n)]] = 0.0
    fate.view(-1)[at[int(0.8 * n) : int(0.8 * n) + int(0.1 * n)]] = 0.95
    anything = torch.randint(0, vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels


# %% wrong: random ids from a fixed seed at each call | hint: second call
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    labels = torch.where(chosen, ids, -100)
    fate = torch.rand(ids.shape, generator=generator)
    anything = torch.randint(0, vocab_size, ids.shape, generator=torch.Generator().manual_seed(1))
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels


# %% wrong: random id may be vocab_size | hint: vocab_size - 1
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    labels = torch.where(chosen, ids, -100)
    fate = torch.rand(ids.shape, generator=generator)
    anything = torch.randint(0, vocab_size + 1, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels


# %% wrong: mask_id of 103 (BERT's) | hint: 0.8 mask
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    labels = torch.where(chosen, ids, -100)
    fate = torch.rand(ids.shape, generator=generator)
    anything = torch.randint(0, vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), 103, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels


# %% wrong: choice and fate from the same numbers
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    again = torch.Generator()
    again.set_state(generator.get_state() if generator is not None else torch.get_rng_state())
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    labels = torch.where(chosen, ids, -100)
    fate = torch.rand(ids.shape, generator=again)
    anything = torch.randint(0, vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels


# %% wrong: at least one token always
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    if not chosen.any() and (~special_mask).any():
        chosen.view(-1)[(~special_mask).flatten().nonzero()[0]] = True
    labels = torch.where(chosen, ids, -100)
    fate = torch.rand(ids.shape, generator=generator)
    anything = torch.randint(0, vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels


# %% wrong: fate from a fixed seed
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    labels = torch.where(chosen, ids, -100)
    fate = torch.rand(ids.shape, generator=torch.Generator().manual_seed(0))
    anything = torch.randint(0, vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), anything, inputs)
    return inputs, labels
