"""Answers to exercise 4, finetune: pairs from a file, and the loop."""

# %% right: the model's own loss, parameter groups, a scheduler
def read_pairs(path):
    path = Path(path)
    if path.suffix not in {".csv", ".jsonl"}:
        raise ValueError(f"{path.name}: only .csv and .jsonl are read")
    pairs = []
    for line, row in ft_rows(path):
        if row is None:
            raise ValueError(f"{path.name}:{line}: no object")
        missing = [key for key in ("prompt", "answer") if not str(row.get(key) or "").strip() or type(row[key]) is not str]
        if missing:
            raise ValueError(f"{path.name}:{line}: {' and '.join(missing)} missing")
        pairs.append(tuple(row[key] for key in ("prompt", "answer")))
    if len(pairs) == 0:
        raise ValueError(f"{path.name}: empty")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=lr, weight_decay=0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / max(steps, 1))
    model.train()
    losses = []
    for _ in range(steps):
        chosen = torch.randint(len(examples), (batch_size,), generator=generator).tolist()
        T = max(len(examples[i][0]) for i in chosen)
        ids = torch.zeros(batch_size, T, dtype=torch.long)
        labels, mask = torch.full((batch_size, T), -100), torch.zeros(batch_size, T, dtype=torch.long)
        for row, i in enumerate(chosen):
            n = len(examples[i][0])
            ids[row, :n], labels[row, :n], mask[row, :n] = torch.tensor(examples[i][0]), torch.tensor(examples[i][1]), 1
        logits = model(input_ids=ids, attention_mask=mask).logits
        real = labels[:, 1:] != -100
        loss = -logits[:, :-1][real].log_softmax(-1).gather(1, labels[:, 1:][real][:, None]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if watch is not None:
            watch(losses)
    model.eval()
    return losses

# %% right: row by row, the sum over the count; files read without the given function
def read_pairs(path):
    path = Path(path)
    text = path.read_bytes().decode("utf-8-sig")
    if path.name.endswith(".csv"):
        import io
        table = csv.reader(io.StringIO(text, newline=""))
        head = next(table, [])
        rows = [(table.line_num, dict(zip(head, cells))) for cells in table if cells]
    elif path.name.endswith(".jsonl"):
        rows = []
        for n, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    rows.append((n, dict(json.loads(line))))
                except (ValueError, TypeError):
                    raise ValueError(f"{path.name} line {n} is no object") from None
    else:
        raise ValueError(f"{path.name}: what is that?")
    if not rows:
        raise ValueError(f"{path.name} is empty")
    for n, row in rows:
        for key in ["prompt", "answer"]:
            value = row.get(key, "")
            if not isinstance(value, str) or value.strip() == "":
                raise ValueError(f"{path.name} line {n} lacks {key}")
    return [(row["prompt"], row["answer"]) for _, row in rows]

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params = [p for p in model.parameters() if p.requires_grad]
    optimizer, losses = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), []
    for step in range(steps):
        model.train()
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        n = sum(label != -100 for _, labels in rows for label in labels[1:])
        optimizer.zero_grad()
        total = 0.0
        for ids, labels in rows:
            logits = model(input_ids=torch.tensor([ids])).logits[0, :-1]
            loss = F.cross_entropy(logits, torch.tensor(labels[1:]), reduction="sum") / n
            loss.backward()
            total += loss.item()
        for group in optimizer.param_groups:
            group["lr"] = lr - step * lr / steps
        optimizer.step()
        losses.append(total)
        if watch:
            watch(losses)
    model.eval()
    return losses

# %% right: transformers' own loss, labels padded by hand
def read_pairs(path):
    name = str(path).replace("\\", "/").split("/")[-1]
    if not (name.endswith(".csv") or name.endswith(".jsonl")):
        raise ValueError(name)
    def text(row, line, key):
        value = (row or {}).get(key)
        if isinstance(value, str) and value.strip():
            return value
        raise ValueError(f"In {name}, line {line} has no {key}." if row is not None else f"In {name}, line {line} is no object.")
    pairs = [(text(row, line, "prompt"), text(row, line, "answer")) for line, row in ft_rows(path)]
    if pairs:
        return pairs
    raise ValueError(f"In {name} there is nothing.")

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    model.train()
    adam = torch.optim.AdamW([{"params": [p]} for p in model.parameters() if p.requires_grad], lr=lr, weight_decay=0.0)
    losses, step = [], 0
    while step < steps:
        places = torch.randint(len(examples), (batch_size,), generator=generator)
        longest = max(len(examples[i][0]) for i in places)
        ids = torch.tensor([examples[i][0] + [1] * (longest - len(examples[i][0])) for i in places])
        labels = torch.tensor([examples[i][1] + [-100] * (longest - len(examples[i][1])) for i in places])
        loss = model(input_ids=ids, labels=labels).loss
        model.zero_grad()
        loss.backward()
        for group in adam.param_groups:
            group["lr"] = lr * (steps - step) / steps
        adam.step()
        losses.append(loss.item())
        step += 1
        if watch:
            watch(losses)
    model.train(False)
    return losses

# %% wrong: labels are not shifted | hint: t + 1
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: labels shifted the other way | hint: t + 1
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, 1:].flatten(0, 1), labels[:, :-1].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the loss on all tokens | hint: -100
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the mean of the rows' means | hint: one mean
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = sum(F.cross_entropy(a[:-1], b[1:]) for a, b in zip(logits, labels)) / len(rows)
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the sum, not the mean
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: divided by all tokens of the batch
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum") / labels.numel()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: labels padded with 0 | hint: one mean
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, 0).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: padding on the left
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k], padding_side="left").to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: cut to the shortest
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (torch.tensor([row[k][: min(len(one[0]) for one in rows)] for row in rows]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: all parameters are trained | hint: only one layer
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad_(True) is p], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the learning rate stays | hint: lr
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the learning rate falls too early | hint: lr
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - (step + 1) / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the learning rate set after the step | hint: lr
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: weight decay of AdamW's default
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: Adam's eps is another
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0, eps=1e-4), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: SGD
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.SGD(params, lr=lr), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: gradients add up over the steps
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the step before the gradients
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.step(), adam.zero_grad(), loss.backward()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: examples in order
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in [(step * batch_size + k) % len(examples) for k in range(batch_size)]]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the generator is not used
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,))]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: a permutation, no draw with replacement
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randperm(len(examples), generator=generator)[:batch_size]]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: eval mode throughout | hint: Train mode
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.eval().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: train mode at the end | hint: eval mode
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    return losses

# %% wrong: tensors as losses' last alone
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses[-1]

# %% wrong: no losses
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return None

# %% wrong: watch is never called | hint: watch
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
    model.eval()
    return losses

# %% wrong: watch gets the last loss | hint: watch
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses[-1:])
    model.eval()
    return losses

# %% wrong: one step too few
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(1, steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: the examples are padded in place | hint: changed
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        for row in rows:
            while len(row[0]) < max(len(one[0]) for one in rows): row[0].append(0), row[1].append(-100)
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: the row's number, not the line's | hint: line 4
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, (_, row) in enumerate(ft_rows(path), 2):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: the file's whole path and no line
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{path}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: what is missing is not named | hint: what is missing
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: something is missing")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: bad rows are left out
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): break
        else: pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: a KeyError, as it comes
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            row[key]
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: blanks pass | hint: what is missing
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: numbers pass | hint: told what is bad
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not str(row.get(key) or "").strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: an empty file gives an empty list | hint: told what is bad
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: any ending | hint: told what is bad
def read_pairs(path):
    name, pairs = Path(path).name, []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: texts are stripped | hint: JSON lines
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"].strip(), row["answer"].strip()))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: answer first
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["answer"], row["prompt"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

# %% wrong: read_pairs: lines split at commas
def read_pairs(path):
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    rows = ft_rows(path)
    if name.endswith('.csv'):
        head, *rest = Path(path).read_text('utf-8-sig').splitlines() or ['']
        rows = [(n, dict(zip(head.split(','), one.split(',')))) for n, one in enumerate(rest, 2)]
    for line, row in rows:
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses

