"""Answers to constitution: what is asked, what is cut off, which letters count, and for which answer."""

# %% right: a loop of argmax, no cache; log-softmax of the two letters
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = start = judge_ids(tokenizer, text)
        for _ in range(60):
            best = model(ids).logits[:, -1].argmax(-1, keepdim=True)
            ids = torch.cat([ids, best], 1)
            if best.item() == tokenizer.eos_token_id:
                break
        new = [i for i in ids[0, start.shape[1]:].tolist() if i not in tokenizer.all_special_ids]
        return tokenizer.decode(new).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    revision = reply(revision_prompt(prompt, response, critique, principle))
    return critique, revision


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    place = [tokenizer.convert_tokens_to_ids("A"), tokenizer.convert_tokens_to_ids("B")]
    total = 0.0
    for turn, (one, other) in enumerate([(a, b), (b, a)]):
        text = judge_prompt(prompt, one, other, principle)
        logp = model(input_ids=judge_ids(tokenizer, text)).logits[0, -1, place].log_softmax(0)
        total += logp[turn].exp().item()
    return total / 2

# %% right: generate from what the chat template gives; both orders in one batch
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    found = []
    for step in range(2):
        text = critique_prompt(prompt, response, principle) if step == 0 else revision_prompt(prompt, response, found[0], principle)
        ids = judge_ids(tokenizer, text)
        out = model.generate(input_ids=ids, max_new_tokens=60, do_sample=False, num_beams=1, use_cache=False)
        [words] = tokenizer.batch_decode(out[:, ids.shape[1]:], skip_special_tokens=True)
        found.append(words.strip())
    return tuple(found)


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    rows = [judge_ids(tokenizer, judge_prompt(prompt, *pair, principle))[0] for pair in ((a, b), (b, a))]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True)
    ends = torch.tensor([len(row) for row in rows])
    mask = (torch.arange(ids.shape[1]) < ends[:, None]).long()
    logits = model(ids, attention_mask=mask).logits[torch.arange(2), ends - 1]
    A, B = tokenizer("A", add_special_tokens=False).input_ids[0], tokenizer("B", add_special_tokens=False).input_ids[0]
    gap = logits[:, A] - logits[:, B]
    return float((torch.sigmoid(gap[0]) + torch.sigmoid(-gap[1])) / 2)

# %% right: generate with a list of strings cut at the end token; float64
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def say(question):
        ids = judge_ids(tokenizer, question)
        full = model.generate(ids, attention_mask=ids * 0 + 1, do_sample=False, max_new_tokens=60)[0].tolist()
        return tokenizer.decode(full[len(ids[0]):], skip_special_tokens=True).strip()
    first = say(critique_prompt(prompt, response, principle))
    return [first, say(revision_prompt(prompt, response, first, principle))]


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    def gap(one, other):
        z = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1].double()
        z = z - z[[tokenizer.encode("A", add_special_tokens=False)[0], tokenizer.encode("B", add_special_tokens=False)[0]]].max()
        za, zb = (z[tokenizer.encode(x, add_special_tokens=False)[0]].exp().item() for x in "AB")
        return za / (za + zb)
    return 0.5 * gap(a, b) + 0.5 * (1.0 - gap(b, a))

# %% wrong: one order only
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return first(a, b)

# %% wrong: letters not exchanged in the second order | hint: second
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + first(b, a)) / 2

# %% wrong: the same order twice
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + first(a, b)) / 2

# %% wrong: P(b better)
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[B] - logits[A]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: votes, not probabilities
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return float(logits[A] > logits[B])
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: probability of A in the whole vocabulary
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return logits.softmax(0)[A].item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: a softmax that underflows | hint: 1/2
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        probs = logits.softmax(0)
        return (probs[A] / (probs[A] + probs[B])).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: probabilities with a small number added
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        probs = logits.softmax(0)
        return (probs[A] / (probs[A] + probs[B] + 1e-9)).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: a ratio of logits
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return (logits[A] / (logits[A] + logits[B])).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: letters with a space before them
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(" " + letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: the first logits, not the last
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, 0]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: without the chat template
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(tokenizer(judge_prompt(prompt, one, other, principle), return_tensors="pt").input_ids).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: the assistant's turn does not begin
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -2]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: logits averaged, then the sigmoid
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return (logits[A] - logits[B]).item()
    return 1 / (1 + math.exp((first(b, a) - first(a, b)) / 2))

# %% wrong: the sum, not the mean
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a))

# %% wrong: prompt and principle exchanged
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(principle, one, other, prompt))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: always undecided
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return 0.5

# %% wrong: texts stripped
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    a, b = a.split()[0] if a else a, b
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: the whole conversation comes back | hint: new text
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: special tokens stay | hint: special
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=False).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: not stripped
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: drawn at random
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=True)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: 20 tokens, the library's default
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=20, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: 61 tokens
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=61, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: 60 tokens with the question
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_length=ids.shape[1] + 59, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: the revision does not see the critique
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, "", principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: the critique is criticized
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(critique_prompt(prompt, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: the response comes back
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, response


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: revision and critique exchanged
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return reply(revision_prompt(prompt, response, critique, principle)), critique


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: without the chat template, too
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = tokenizer(text, return_tensors="pt").input_ids
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: goes on after the end
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False, min_new_tokens=60)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: first line only
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()[:30]
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: critique and response exchanged
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, critique, response, principle))


@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2

# %% wrong: a tensor, not a float | hint: float
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def ask(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1]:], skip_special_tokens=True).strip()
    critique = ask(critique_prompt(prompt, response, principle))
    return critique, ask(revision_prompt(prompt, response, critique, principle))

@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(x, add_special_tokens=False)[0] for x in "AB")
    def p(x, y):
        z = model(judge_ids(tokenizer, judge_prompt(prompt, x, y, principle))).logits[0, -1].double()
        return torch.sigmoid(z[A] - z[B])
    return (p(a, b) + 1 - p(b, a)) / 2

# %% wrong: white space before the reply is left | hint: white space
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def ask(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1]:], skip_special_tokens=True).rstrip()
    critique = ask(critique_prompt(prompt, response, principle))
    return critique, ask(revision_prompt(prompt, response, critique, principle))

@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(x, add_special_tokens=False)[0] for x in "AB")
    def p(x, y):
        z = model(judge_ids(tokenizer, judge_prompt(prompt, x, y, principle))).logits[0, -1].double()
        return torch.sigmoid(z[A] - z[B]).item()
    return (p(a, b) + 1 - p(b, a)) / 2

# %% wrong: line ends around the reply are left | hint: white space
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def ask(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1]:], skip_special_tokens=True).strip(" ")
    critique = ask(critique_prompt(prompt, response, principle))
    return critique, ask(revision_prompt(prompt, response, critique, principle))

@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(x, add_special_tokens=False)[0] for x in "AB")
    def p(x, y):
        z = model(judge_ids(tokenizer, judge_prompt(prompt, x, y, principle))).logits[0, -1].double()
        return torch.sigmoid(z[A] - z[B]).item()
    return (p(a, b) + 1 - p(b, a)) / 2

# %% right: logaddexp in float32
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    def ask(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1]:], skip_special_tokens=True).strip()
    critique = ask(critique_prompt(prompt, response, principle))
    return critique, ask(revision_prompt(prompt, response, critique, principle))

@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    A, B = (tokenizer.encode(x, add_special_tokens=False)[0] for x in "AB")
    def p(x, y):
        z = model(input_ids=judge_ids(tokenizer, judge_prompt(prompt, x, y, principle))).logits[0, -1, :]
        return math.exp((z[A] - torch.logaddexp(z[A], z[B])).item())
    return (p(a, b) + 1 - p(b, a)) / 2
