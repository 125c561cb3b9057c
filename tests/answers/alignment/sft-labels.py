"""Answers to exercise 1, sft-labels: what of a conversation is a target, and packs."""

# %% right: character offsets of the rendered text, packs as tensors
def build_example(messages, tokenizer, max_len=None):
    if max_len is not None and max_len < 2:
        raise ValueError("max_len")
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    coded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, places = coded["input_ids"], coded["offset_mapping"]
    labels, first = [-100] * len(ids), None
    for i, one in enumerate(messages):
        if one["role"] != "assistant":
            continue
        begin = len(tokenizer.apply_chat_template(messages[:i], tokenize=False, add_generation_prompt=True))
        end = len(tokenizer.apply_chat_template(messages[: i + 1], tokenize=False))
        inside = [t for t, (a, b) in enumerate(places) if b > begin and b <= end]
        stop = max(t for t in inside if ids[t] == tokenizer.eos_token_id)
        for t in inside:
            if t <= stop:
                labels[t] = ids[t]
        first = inside[0]
    if first is None:
        raise ValueError("no assistant turn")
    if max_len is not None:
        while len(ids) > max_len and first > 1:
            ids, labels, first = ids[1:], labels[1:], first - 1
        ids, labels = ids[:max_len], labels[:max_len]
    labels[0] = -100
    return ids, labels

def pack(examples, max_len):
    packs, room = [], 0
    for ids, labels in examples:
        if len(ids) > max_len:
            raise ValueError("too long")
        if len(ids) > room:
            packs.append([])
            room = max_len
        packs[-1].append((ids, labels))
        room -= len(ids)
    return [dict(
        input_ids=torch.tensor([t for ids, _ in one for t in ids]), labels=torch.tensor([t for _, ys in one for t in ys]),
        position_ids=torch.cat([torch.arange(len(ids)) for ids, _ in one]),
        mask=torch.block_diag(*(torch.ones(len(ids), len(ids), dtype=torch.bool).tril() for ids, _ in one)),
    ) for one in packs]

# %% right: numpy, turns walked from the last, a mask filled by loops
def build_example(messages, tokenizer, max_len=None):
    roles = [one["role"] for one in messages]
    if "assistant" not in roles or (max_len or 2) < 2 or max_len == 0:
        raise ValueError("nothing to learn")
    ids = np.array(tokenizer.apply_chat_template(messages)["input_ids"])
    target, last = np.zeros(len(ids), bool), None
    for i in reversed(range(len(messages))):
        if roles[i] == "assistant":
            a = tokenizer.apply_chat_template(messages[:i], add_generation_prompt=True)["input_ids"]
            n = len(tokenizer.apply_chat_template(messages[: i + 1])["input_ids"])
            start = 0
            while start < len(a) and a[start] == ids[start]:
                start += 1
            stop = start + np.flatnonzero(ids[start:n] == tokenizer.eos_token_id)[-1]
            target[start : stop + 1] = True
            last = start if last is None else last
    labels = np.where(target, ids, -100)
    if max_len is not None:
        drop = max(0, min(len(ids) - max_len, last - 1))
        ids, labels = ids[drop : drop + max_len], labels[drop : drop + max_len]
    labels[0] = -100
    return ids.tolist(), labels.tolist()

def pack(examples, max_len):
    groups = []
    for ids, labels in examples:
        if len(ids) > max_len:
            raise ValueError
        if groups and sum(len(one) for one, _ in groups[-1]) + len(ids) <= max_len:
            groups[-1].append((ids, labels))
        else:
            groups.append([(ids, labels)])
    packs = []
    for group in groups:
        T = sum(len(ids) for ids, _ in group)
        mask, at = torch.zeros(T, T, dtype=torch.bool), 0
        for ids, _ in group:
            for q in range(len(ids)):
                mask[at + q, at : at + q + 1] = True
            at += len(ids)
        packs.append({"input_ids": sum((ids for ids, _ in group), []), "labels": sum((ls for _, ls in group), []),
            "position_ids": sum((list(range(len(ids))) for ids, _ in group), []), "mask": mask})
    return packs

# %% right: offsets over the text alone, the end token found from the front of the next turn
def build_example(messages, tokenizer, max_len=None):
    encode = lambda some, ready=False: tokenizer.encode(
        tokenizer.apply_chat_template(some, tokenize=False, add_generation_prompt=ready), add_special_tokens=False)
    ids = encode(messages)
    labels, starts = [-100 for _ in ids], []
    for i in range(len(messages)):
        if messages[i]["role"] == "assistant":
            ready, done = encode(messages[:i], True), encode(messages[: i + 1])
            common = 0
            for a, b in zip(ready, done):
                if a != b:
                    break
                common += 1
            starts.append(common)
            while done[-1] != tokenizer.eos_token_id:
                done.pop()
            for t in range(common, len(done)):
                labels[t] = done[t]
    if not starts:
        raise ValueError("no answer")
    if max_len is not None:
        if max_len < 2:
            raise ValueError("no room")
        drop = max(min(len(ids) - max_len, starts[-1] - 1), 0)
        ids, labels = ids[drop:], labels[drop:]
        ids, labels = ids[:max_len], labels[:max_len]
        labels[0] = -100
    return ids, labels

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        n = len(ids)
        if n > max_len:
            raise ValueError(n)
        if not packs or packs[-1]["mask"].shape[0] + n > max_len:
            packs.append(dict(input_ids=[], labels=[], position_ids=[], mask=torch.zeros(0, 0, dtype=torch.bool)))
        one = packs[-1]
        one["input_ids"] = one["input_ids"] + list(ids)
        one["labels"] = one["labels"] + list(labels)
        one["position_ids"] = one["position_ids"] + list(range(n))
        own = torch.arange(n)[:, None] >= torch.arange(n)
        one["mask"] = torch.block_diag(one["mask"], own).bool()
    return packs

# %% wrong: learns every token, the prompt's too | hint: nothing else
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = list(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: the end token is no target | hint: end token
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id) - 1
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: the last turn only | hint: every assistant turn
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels = [-100] * len(ids)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: the first turn only | hint: every assistant turn
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant" and start is None:
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: labels shifted to the left by one | hint: unshifted
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [*labels[1:], -100]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: labels shifted to the right by one | hint: unshifted
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[:-1]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: the generation prompt left out, so that it is learned
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place]), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: begins where the prefix's length says | hint: first differ
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = len(before)
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: learns what follows the end token | hint: end token
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: ends at the first end token of the conversation | hint: every assistant turn
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = after.index(tokenizer.eos_token_id) + 1
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: a second <s> from the tokenizer | hint: one <s>
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return tokenizer(tokenizer.apply_chat_template(some, tokenize=False, **options)).input_ids
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: an end token put after each answer by hand, the template's ignored
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids + [tokenizer.eos_token_id], [-100, *labels[1:], tokenizer.eos_token_id]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: user turns are learned
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "user":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: 0 in place of -100 | hint: nothing else
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [0] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: ChatML written by hand | hint: template
def build_example(messages, tokenizer, max_len=None):
    def render(some, add_generation_prompt=False):
        text = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in some)
        return tokenizer.encode(text + "<|im_start|>assistant\n" * add_generation_prompt, add_special_tokens=False) + [tokenizer.eos_token_id]
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: cuts from the end | hint: oldest
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[:max_len], labels[:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: keeps the last max_len tokens, whatever they are | hint: token before
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = len(ids) - max_len
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: drops the token before the answer as well | hint: token before
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: may keep two tokens before the answer
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 2)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: the first answer is protected, not the last | hint: oldest
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            begin = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[begin:end] = ids[begin:end]
            start = begin if start is None else start
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: a target at position 0 | hint: position 0
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, labels

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: only the labels are cut
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        labels = labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: max_len ignored | hint: oldest
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if False:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: no error without an assistant turn | hint: assistant turn
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        return ids, labels
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: max_len 0 is taken for none | hint: below 2
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: hard-coded to one exchange | hint: every assistant turn
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages[:2]):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: the answer found by its words | hint: where it stands
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            words = tokenizer.encode(one["content"], add_special_tokens=False)
            start = next((i for i in range(len(ids)) if ids[i : i + len(words)] == words), len(before))
            if tokenizer.decode(ids[start - 1]) == " " or start > len(before): start = len(before)
            start = min(start, next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before)))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: tensors' numbers, not ints | hint: ints
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return list(np.array(ids)), [-100, *list(np.array(labels))[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: messages get a system turn in place | hint: changed
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    if messages[0]["role"] != "system" and "im_start" in (tokenizer.chat_template or ""):
        messages.insert(0, dict(role="system", content="You are a helpful AI assistant named SmolLM, trained by Hugging Face"))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: constant
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return [0], [-100]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: positions go on through the pack | hint: positions
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(packs[-1]["input_ids"]) - len(ids), len(packs[-1]["input_ids"])))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["labels"]) == -100).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: a plain causal mask | hint: look out
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = torch.ones(len(owner), len(owner)).tril().bool()
    return packs

# %% wrong: pack: not causal | hint: causal
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = owner[:, None] == owner
    return packs

# %% wrong: pack: True where a query may not look | hint: mask
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = ~(owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: the mask transposed | hint: mask
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).triu()
    return packs

# %% wrong: pack: room for one token less | hint: 6 tokens
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) >= max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: one token too many | hint: exactly
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len + 1:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: an example that is too long is left out | hint: ValueError
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: continue
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: an example for each pack | hint: 6 tokens
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if True:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: sorted by length first | hint: in order
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in sorted(examples, key=lambda one: -len(one[0])):
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: an example is cut where a pack is full | hint: in order
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    ids, labels = (sum((one[k] for one in examples), []) for k in (0, 1))
    if any(len(one[0]) > max_len for one in examples): raise ValueError
    for ids, labels in [(ids[i : i + max_len], labels[i : i + max_len]) for i in range(0, len(ids), max_len)]:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: pack: one pack for everything | hint: 6 tokens
def build_example(messages, tokenizer, max_len=None):
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs

# %% wrong: messages are stripped of blanks in place | hint: role
def build_example(messages, tokenizer, max_len=None):
    """docs"""
    if max_len is not None and max_len < 2:
        raise ValueError("max_len must be at least 2")
    if not any(m["role"] == "assistant" for m in messages):
        raise ValueError("no assistant turn")
    encode = lambda some, gen: list(tokenizer.apply_chat_template(some, add_generation_prompt=gen, tokenize=True, return_dict=False))
    for m in messages: m['content'] = m['content'].strip()
    ids = encode(messages, False)
    labels = [-100] * len(ids)
    for i, m in enumerate(messages):
        if m["role"] != "assistant":
            continue
        before, after = encode(messages[:i], True), encode(messages[:i + 1], False)
        start = 0
        while start < len(before) and start < len(after) and before[start] == after[start]:
            start += 1
        end = len(after) - 1
        while after[end] != tokenizer.eos_token_id:
            end -= 1
        labels[start:end + 1] = ids[start:end + 1]
        last = start
    if max_len is not None and len(ids) > max_len:
        cut = min(len(ids) - max_len, last - 1)
        ids, labels = ids[cut:cut + max_len], labels[cut:cut + max_len]
    labels[0] = -100
    return ids, labels

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len:
            raise ValueError("too long")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": [], "seg": []})
        p = packs[-1]
        p["seg"] += [len(p["input_ids"])] * len(ids)
        p["input_ids"] += list(ids)
        p["labels"] += list(labels)
        p["position_ids"] += range(len(ids))
    for p in packs:
        seg = torch.tensor(p.pop("seg"))
        p["mask"] = (seg[:, None] == seg[None, :]).tril()
    return packs

# %% wrong: pack: a pack's lists are its first example's, which grow | hint: as they were
def build_example(messages, tokenizer, max_len=None):
    """docs"""
    if max_len is not None and max_len < 2:
        raise ValueError("max_len must be at least 2")
    if not any(m["role"] == "assistant" for m in messages):
        raise ValueError("no assistant turn")
    encode = lambda some, gen: list(tokenizer.apply_chat_template(some, add_generation_prompt=gen, tokenize=True, return_dict=False))
    ids = encode(messages, False)
    labels = [-100] * len(ids)
    for i, m in enumerate(messages):
        if m["role"] != "assistant":
            continue
        before, after = encode(messages[:i], True), encode(messages[:i + 1], False)
        start = 0
        while start < len(before) and start < len(after) and before[start] == after[start]:
            start += 1
        end = len(after) - 1
        while after[end] != tokenizer.eos_token_id:
            end -= 1
        labels[start:end + 1] = ids[start:end + 1]
        last = start
    if max_len is not None and len(ids) > max_len:
        cut = min(len(ids) - max_len, last - 1)
        ids, labels = ids[cut:cut + max_len], labels[cut:cut + max_len]
    labels[0] = -100
    return ids, labels

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len:
            raise ValueError("too long")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": ids, "labels": labels, "position_ids": list(range(len(ids))), "seg": [0] * len(ids)})
            continue
        p = packs[-1]
        p["seg"] += [len(p["input_ids"])] * len(ids)
        p["input_ids"] += list(ids)
        p["labels"] += list(labels)
        p["position_ids"] += range(len(ids))
    for p in packs:
        seg = torch.tensor(p.pop("seg"))
        p["mask"] = (seg[:, None] == seg[None, :]).tril()
    return packs

# %% wrong: pack: examples told apart by a hash of their ids | hint: one token
def build_example(messages, tokenizer, max_len=None):
    """docs"""
    if max_len is not None and max_len < 2:
        raise ValueError("max_len must be at least 2")
    if not any(m["role"] == "assistant" for m in messages):
        raise ValueError("no assistant turn")
    encode = lambda some, gen: list(tokenizer.apply_chat_template(some, add_generation_prompt=gen, tokenize=True, return_dict=False))
    ids = encode(messages, False)
    labels = [-100] * len(ids)
    for i, m in enumerate(messages):
        if m["role"] != "assistant":
            continue
        before, after = encode(messages[:i], True), encode(messages[:i + 1], False)
        start = 0
        while start < len(before) and start < len(after) and before[start] == after[start]:
            start += 1
        end = len(after) - 1
        while after[end] != tokenizer.eos_token_id:
            end -= 1
        labels[start:end + 1] = ids[start:end + 1]
        last = start
    if max_len is not None and len(ids) > max_len:
        cut = min(len(ids) - max_len, last - 1)
        ids, labels = ids[cut:cut + max_len], labels[cut:cut + max_len]
    labels[0] = -100
    return ids, labels

def pack(examples, max_len):
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len:
            raise ValueError("too long")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": [], "seg": []})
        p = packs[-1]
        p["seg"] += [str(ids).__hash__() % 9999991] * len(ids)
        p["input_ids"] += list(ids)
        p["labels"] += list(labels)
        p["position_ids"] += range(len(ids))
    for p in packs:
        seg = torch.tensor(p.pop("seg"))
        p["mask"] = (seg[:, None] == seg[None, :]).tril()
    return packs
