"""Answers to in-context: the prompt's exact text, which tokens are a choice's, and where their log-probabilities stand."""

# %% right: text grown by +=, and per choice a loop over its own tokens in the one batch's logits
def few_shot_prompt(examples, query):
    prompt = ""
    for text, label in examples:
        prompt += "Review: " + text + "\n"
        prompt += "Sentiment: " + label + "\n\n"
    return prompt + "Review: " + query + "\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ["tokens", None]:
        raise ValueError("unknown")
    start = tokenizer.encode(prompt, add_special_tokens=False)
    rows = [tokenizer.encode(prompt + choice, add_special_tokens=False) for choice in choices]
    longest = max(len(row) for row in rows)
    ids = torch.tensor([row + [row[-1]] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    log_probs = torch.log_softmax(model(input_ids=ids, attention_mask=mask).logits, dim=-1)
    results = []
    for i, row in enumerate(rows):
        first = 0
        while first < len(start) and row[first] == start[first]:
            first += 1
        total = sum(log_probs[i, t - 1, row[t]] for t in range(first, len(row)))
        if normalize == "tokens":
            total = total / (len(row) - first)
        results.append(total)
    return torch.stack(results)


# %% right: cross_entropy with targets of -100 outside the choice, no attention mask
def few_shot_prompt(examples, query):
    blocks = [f"Review: {text}\nSentiment: {label}" for text, label in examples] + [f"Review: {query}\nSentiment:"]
    return "\n\n".join(blocks)


def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    from os.path import commonprefix

    start = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = tokenizer([prompt + choice for choice in choices], add_special_tokens=False)["input_ids"]
    ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    targets = torch.full_like(ids, -100)
    for i, row in enumerate(rows):
        same = len(commonprefix([start, row]))
        ids[i, : len(row)] = torch.tensor(row)
        targets[i, same : len(row)] = torch.tensor(row[same:])
    with torch.inference_mode():
        logits = model(ids).logits
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2).double(), targets[:, 1:], reduction="none")
    scores = -losses.sum(1)
    if normalize is None:
        return scores
    if normalize == "tokens":
        return scores / (targets != -100).sum(1)
    raise ValueError(normalize)


# %% right: padded on the left, with positions that say so
def few_shot_prompt(examples, query):
    lines = []
    for text, label in examples:
        lines += [f"Review: {text}", f"Sentiment: {label}", ""]
    return "\n".join([*lines, f"Review: {query}", "Sentiment:"])


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    divisors = {None: lambda n: 1, "tokens": lambda n: n}
    if normalize not in divisors:
        raise ValueError(normalize)
    start = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    T = max(map(len, rows))
    ids = torch.stack([F.pad(torch.tensor(row), (T - len(row), 0)) for row in rows])
    mask = torch.stack([F.pad(torch.ones(len(row), dtype=torch.long), (T - len(row), 0)) for row in rows])
    places = (mask.cumsum(1) - 1).clamp(min=0)
    logits = model(input_ids=ids, attention_mask=mask, position_ids=places).logits
    scores = torch.zeros(len(rows))
    for i, row in enumerate(rows):
        shared = min([t for t, pair in enumerate(zip(row, start)) if pair[0] != pair[1]] + [len(start)])
        n = len(row) - shared
        tail = logits[i, -n - 1 : -1].log_softmax(-1)
        scores[i] = tail[torch.arange(n), torch.tensor(row[shared:])].sum() / divisors[normalize](n)
    return scores


# %% right: the tokens are compared as a tensor, and their running sum is differenced
def few_shot_prompt(examples, query):
    return "".join("Review: {}\nSentiment: {}\n\n".format(*example) for example in examples) + "Review: %s\nSentiment:" % query


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize is not None and normalize != "tokens":
        raise ValueError("normalize")
    pad = lambda rows, fill: nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], True, fill)
    encode = lambda text: list(tokenizer(text, add_special_tokens=False).input_ids)
    rows = [encode(prompt + choice) for choice in choices]
    ends = torch.tensor([len(row) for row in rows])
    together = pad([encode(prompt), *rows], -1)
    starts = (together[1:] == together[:1]).long().cumprod(1).sum(1)
    ids = pad(rows, 0)
    logits = model(ids, attention_mask=(torch.arange(ids.shape[1]) < ends[:, None]).long()).logits
    each = logits[:, :-1].gather(2, ids[:, 1:, None])[..., 0] - logits[:, :-1].logsumexp(-1)
    running = F.pad(each.double().cumsum(1), (1, 0))
    sums = (running.gather(1, ends[:, None] - 1) - running.gather(1, starts[:, None] - 1))[:, 0]
    if normalize == "tokens":
        sums = sums / (ends - starts)
    return sums


# %% right: cross entropy with ignore_index, encode, padded by the row's last token
def common(a, b):
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def few_shot_prompt(examples, query):
    prompt = ""
    for text, label in examples:
        prompt += "Review: {}\nSentiment: {}\n\n".format(text, label)
    prompt += "Review: {}\nSentiment:".format(query)
    return prompt


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    divide = {"tokens": True, None: False}.get(normalize)
    if divide is None:
        raise ValueError(f"unknown: {normalize!r}")
    x = tokenizer.encode(prompt, add_special_tokens=False)
    rows = [tokenizer.encode(prompt + c, add_special_tokens=False) for c in choices]
    T = max(len(r) for r in rows)
    ids = torch.tensor([r + r[-1:] * (T - len(r)) for r in rows])
    mask, targets = torch.zeros_like(ids), torch.full_like(ids, -100)
    for b, r in enumerate(rows):
        mask[b, : len(r)] = 1
        targets[b, max(1, common(x, r)) : len(r)] = torch.tensor(r[max(1, common(x, r)) :])
    logits = model(ids, attention_mask=mask).logits
    nats = F.cross_entropy(logits[:, :-1].transpose(1, 2), targets[:, 1:], ignore_index=-100, reduction="none").sum(1)
    return -nats / (targets != -100).sum(1) if divide else -nats


# %% right: double precision, bool mask, negated sum, generator cleverness
def few_shot_prompt(examples, query):
    lines = []
    for text, label in examples:
        lines += [f"Review: {text}", f"Sentiment: {label}", ""]
    return "\n".join([*lines, f"Review: {query}", "Sentiment:"])


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    match normalize:
        case None | "tokens":
            pass
        case _:
            raise ValueError("normalize is 'tokens' or None")
    enc = lambda s: list(tokenizer(s, add_special_tokens=False).input_ids)
    p, rows = enc(prompt), [enc(prompt + c) for c in choices]
    longest = max(len(r) for r in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    for i, r in enumerate(rows):
        ids[i, : len(r)], mask[i, : len(r)] = torch.tensor(r), True
    logits = model(ids, attention_mask=mask).logits.double()
    out = torch.zeros(len(rows), dtype=torch.float64)
    for i, r in enumerate(rows):
        s = 0
        while s < len(p) and s < len(r) and p[s] == r[s]:
            s += 1
        s = max(s, 1)
        tail = torch.tensor(r[s:])
        picked = logits[i, s - 1 : len(r) - 1]
        logp = picked.gather(1, tail[:, None])[:, 0] - picked.logsumexp(1)
        out[i] = logp.mean() if normalize else logp.sum()
    return out


# %% wrong: a space at the prompt's end | hint: no space
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment: "


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: one line between the examples | hint: empty line
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the query comes first | hint: in their order
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return f"Review: {query}\nSentiment:" + "".join(shown)


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the examples from last to first | hint: in their order
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in reversed(examples)]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: label and text the other way round | hint: in their order
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for label, text in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the last example's empty line is missing | hint: empty line
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown).strip() + "\n" + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: an instruction in front | hint: Examples
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "Label the reviews.\n\n" + "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the query stays outside | hint: query
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown)


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: without examples an empty line leads | hint: stands alone
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}" for text, label in examples]
    return "\n\n".join(shown) + f"\n\nReview: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: texts and the whole are stripped | hint: stripped
def few_shot_prompt(examples, query):
    shown = [f"Review: {text.strip()}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query.strip()}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the query goes through format | hint: as it is
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + "Review: {}\nSentiment:".format(query).replace("{", "").replace("}", "")


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: empties the list of examples | hint: changed
def few_shot_prompt(examples, query):
    shown = []
    while examples:
        shown.append("Review: {}\nSentiment: {}\n\n".format(*examples.pop(0)))
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: logits at t for token t | hint: one place before
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, 1:].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the mask is one place late
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, :-1], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the prompt's tokens are scored as well
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = spots < ends
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: padding is scored | hint: never scored
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = spots >= torch.tensor(starts)[:, None]
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: padding is found by its id, 0, which is also the space | hint: space
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (ids != 0)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: only the choice's first token
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = spots == torch.tensor(starts)[:, None]
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: only the choice's last token
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = spots == ends - 1
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the first of the choice's tokens is left out
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots > torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: padded on the left, with the mask but without positions | hint: right
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = torch.stack([F.pad(torch.tensor(row), (max(map(len, rows)) - len(row), 0)) for row in rows])
    T = ids.shape[1]
    spots, gaps = torch.arange(T), torch.tensor([T - len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots >= gaps).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = spots >= gaps + torch.tensor(starts)[:, None]
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: padded on the left, without mask and positions | hint: right
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = torch.stack([F.pad(torch.tensor(row), (max(map(len, rows)) - len(row), 0)) for row in rows])
    T = ids.shape[1]
    spots, gaps = torch.arange(T), torch.tensor([T - len(row) for row in rows])[:, None]
    logits = model(ids).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = spots >= gaps + torch.tensor(starts)[:, None]
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the sum, unless told otherwise | hint: Unless told otherwise
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize=None):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: normalize is ignored: always by tokens
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes["tokens"]


# %% wrong: normalize is ignored: always the sum
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums


# %% wrong: divides by all tokens of prompt and choice | hint: own tokens
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": ends[:, 0], None: 1}
    return sums / sizes[normalize]


# %% wrong: divides by the longest choice's tokens | hint: own tokens
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1).max(), None: 1}
    return sums / sizes[normalize]


# %% wrong: divides by the tokens of the choice encoded alone | hint: counted
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": torch.tensor([len(tokenizer(choice, add_special_tokens=False).input_ids) for choice in choices]), None: 1}
    return sums / sizes[normalize]


# %% wrong: any other word means tokens | hint: Only
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes.get(normalize, sizes["tokens"])


# %% wrong: a KeyError for any other word | hint: ValueError
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: probabilities, not their logarithms
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return (sums / sizes[normalize]).exp()


# %% wrong: softmax in place of log_softmax
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: raw logits
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: log_softmax over the places, not the vocabulary
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: normalized over the choices
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return (sums / sizes[normalize]).log_softmax(0)


# %% wrong: surprise, the sign the other way round
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return -sums / sizes[normalize]


# %% wrong: bits, not nats
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize] / math.log(2)


# %% wrong: the border is ignored: the choice is encoded alone | hint: together
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [before + tokenizer(choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the choice begins at the number of the prompt's tokens, wherever they differ | hint: first differ
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [len(before)] * len(rows)
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the choice's tokens are counted back from the end, as many as it has alone | hint: first token that differs
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [len(row) - len(tokenizer(choice, add_special_tokens=False).input_ids) for row, choice in zip(rows, choices)]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: begins one token before the prompt's end at most | hint: first token that differs
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [len(before) - (row[: len(before)] != before) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: begins where the choices differ from one another
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, column in enumerate(zip(before, *rows)) if len(set(column)) > 1), len(before))] * len(rows)
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: scores only what the choices do not share
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, column in enumerate(zip(*rows)) if len(set(column)) > 1), len(before)) if len(rows) > 1 else len(before)] * len(rows)
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: by character offsets, so that a token before the border that changed is missed | hint: first token that differs
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next(i for i, (_, end) in enumerate(tokenizer(prompt + choice, add_special_tokens=False, return_offsets_mapping=True).offset_mapping) if end > len(prompt)) for choice in choices]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: with special tokens: <s> in front | hint: <s>
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=True).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=True).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: a space is put between prompt and choice
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + " " + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the choices are stripped
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice.strip(), add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: asks the tokenizer to pad, which has no pad token | hint: raised ValueError
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = tokenizer([prompt + choice for choice in choices], add_special_tokens=False, padding=True, return_tensors="pt").input_ids
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: pads by the tokenizer's pad_token_id, which is None | hint: raised
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=tokenizer.pad_token_id)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: gives the tokenizer a pad token, and leaves it there | hint: stays as it was
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    tokenizer.pad_token = "<s>"
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = tokenizer([prompt + choice for choice in choices], add_special_tokens=False, padding=True, return_tensors="pt").input_ids
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: adds a pad token to the tokenizer | hint: stays as it was
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    tokenizer.add_special_tokens({"pad_token": "[PAD]"})
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: one call for each choice | hint: called once
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = torch.cat([model(one[None]).logits for one in ids])
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: a call for every token | hint: called once
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = torch.stack([model(ids[:, : t + 1]).logits[:, -1] for t in range(ids.shape[1])], 1)
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: one choice loses its axis | hint: shape (1,)
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return (sums / sizes[normalize]).squeeze()


# %% wrong: the best choice's index
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return (sums / sizes[normalize]).argmax()


# %% wrong: the scores carry gradients | hint: no_grad
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return sums / sizes[normalize]


# %% wrong: the best score first
def few_shot_prompt(examples, query):
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError("normalize is 'tokens' or None")
    before = tokenizer(prompt, add_special_tokens=False).input_ids
    rows = [tokenizer(prompt + choice, add_special_tokens=False).input_ids for choice in choices]
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = (spots >= torch.tensor(starts)[:, None]) & (spots < ends)
    sums = found.masked_fill(~scored[:, 1:], 0.0).sum(1)
    sizes = {"tokens": scored.sum(1), None: 1}
    return (sums / sizes[normalize]).sort(descending=True).values


# %% wrong: False and '' pass for None | hint: neither
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize and normalize != "tokens":
        raise ValueError(normalize)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / (len(row) - n) if normalize == "tokens" else total)
    return torch.stack(scores)


# %% wrong: True passes for tokens | hint: neither
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None, True):
        raise ValueError(normalize)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / (len(row) - n) if normalize else total)
    return torch.stack(scores)


# %% wrong: the prompt's last space is stripped | hint: stripped
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError(normalize)
    prompt = prompt.rstrip()
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / (len(row) - n) if normalize == "tokens" else total)
    return torch.stack(scores)


# %% wrong: choices sorted in place by length | hint: in their order
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError(normalize)
    choices.sort(key=len)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / (len(row) - n) if normalize == "tokens" else total)
    return torch.stack(scores)


# %% wrong: the scores sorted | hint: in their order
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError(normalize)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / (len(row) - n) if normalize == "tokens" else total)
    return torch.stack(scores).sort(descending=True).values


# %% wrong: divided by characters
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError(normalize)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / len(choices[b]) if normalize == "tokens" else total)
    return torch.stack(scores)


# %% wrong: called twice | hint: called once
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError(normalize)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    model(ids[:, :1], attention_mask=mask[:, :1])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / (len(row) - n) if normalize == "tokens" else total)
    return torch.stack(scores)


# %% wrong: label capitalized
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label.capitalize()}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError(normalize)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice, add_special_tokens=False)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / (len(row) - n) if normalize == "tokens" else total)
    return torch.stack(scores)


# %% wrong: with <s> in the joint only
def few_shot_prompt(examples, query):
    shown = "".join(f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples)
    return shown + f"Review: {query}\nSentiment:"


@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    if normalize not in ("tokens", None):
        raise ValueError(normalize)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = [tokenizer(prompt + choice)["input_ids"] for choice in choices]
    starts = []
    for row in rows:
        n = 0
        while n < min(len(before), len(row)) and before[n] == row[n]:
            n += 1
        starts.append(max(1, n))
    T = max(map(len, rows))
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (T - len(row)) for row in rows])
    logp = model(ids, attention_mask=mask).logits.log_softmax(-1)
    scores = []
    for b, (row, n) in enumerate(zip(rows, starts)):
        total = sum(logp[b, t - 1, row[t]] for t in range(n, len(row)))
        scores.append(total / (len(row) - n) if normalize == "tokens" else total)
    return torch.stack(scores)
