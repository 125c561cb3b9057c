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

# %% right: shifted after flattening: position 0 holds no target
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses = []
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits.flatten(0, 1)[:-1], labels.flatten()[1:])
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.eval()
    return losses

# %% right: a CSV parser of its own; AdamW by hand
def read_pairs(path):
    import os
    import re
    name = Path(path).name
    kind = Path(path).suffix
    if kind != ".csv" and kind != ".jsonl":
        raise ValueError("%s: unknown kind of file" % name)
    with open(os.fspath(path), "rb") as file:
        text = file.read().decode("utf-8")
    text = text.removeprefix("\ufeff")

    def csv_records():
        """(first line, cells) of each record; no cells for a blank line."""
        cells, cell, state, line, first = [], "", "start", 1, 1
        for token in re.findall(r'\r\n|[\r\n",]|[^\r\n",]+', text):
            newline = token in ("\r\n", "\r", "\n")
            line += newline
            if state == "quoted":
                if token == '"':
                    state = "closed"
                else:
                    cell += token
            elif token == '"' and state == "closed":
                cell, state = cell + '"', "quoted"
            elif token == '"' and state == "start":
                state = "quoted"
            elif token == ",":
                cells.append(cell)
                cell, state = "", "start"
            elif newline:
                yield first, cells + [cell] if cells or state != "start" else []
                cells, cell, state, first = [], "", "start", line
            else:
                cell, state = cell + token, "plain"
        if cells or state != "start":
            yield first, cells + [cell]

    def objects():
        if kind == ".csv":
            records = csv_records()
            _, header = next(records, (1, []))
            for line, cells in records:
                if cells:
                    yield line, dict(zip(header, cells))
        else:
            for line, one in enumerate(re.split(r"\r\n|\r|\n", text), 1):
                if one.strip():
                    try:
                        yield line, json.loads(one)
                    except json.JSONDecodeError:
                        yield line, None

    pairs = []
    for line, one in objects():
        if not isinstance(one, dict):
            raise ValueError("%s: line %d: not an object in JSON" % (name, line))
        missing = [k for k in ("prompt", "answer") if not (isinstance(one.get(k), str) and one[k].strip())]
        if missing:
            raise ValueError("%s: line %d: no usable %s" % (name, line, ", no usable ".join(missing)))
        pairs.append((one["prompt"], one["answer"]))
    if not pairs:
        raise ValueError("%s: not one pair" % name)
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    params = [p for p in model.parameters() if p.requires_grad]
    state = {}  # place of the parameter -> (number of updates, mean, mean square)
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    losses = []
    for step in range(steps):
        model.train()
        index = torch.randint(len(examples), (batch_size,), generator=generator)
        chosen = [examples[j] for j in index.tolist()]
        width = max(len(ids) for ids, _ in chosen)
        ids = torch.stack([F.pad(torch.tensor(ids), (0, width - len(ids)), value=0) for ids, _ in chosen])
        labels = torch.stack([F.pad(torch.tensor(labels), (0, width - len(labels)), value=-100) for _, labels in chosen])
        ids, labels = ids.to(params[0].device), labels.to(params[0].device)
        logits = model(input_ids=ids).logits[:, :-1]
        goal = labels[:, 1:]
        loss = F.nll_loss(logits.log_softmax(-1).reshape(-1, logits.shape[-1]), goal.reshape(-1), ignore_index=-100)
        grads = torch.autograd.grad(loss, params, allow_unused=True)
        rate = lr * (1 - step / steps)
        with torch.no_grad():
            for place, (p, g) in enumerate(zip(params, grads)):
                if g is None:
                    continue
                t, m, v = state.get(place, (0, torch.zeros_like(p), torch.zeros_like(p)))
                t += 1
                m = beta1 * m + (1 - beta1) * g
                v = beta2 * v + (1 - beta2) * g * g
                state[place] = t, m, v
                m_hat = m / (1 - beta1 ** t)
                v_hat = v / (1 - beta2 ** t)
                p -= rate * m_hat / (v_hat.sqrt() + eps)
        losses.append(loss.detach().tolist())
        if watch is not None:
            watch(losses)
    model.eval()
    return losses

# %% right: the loss from the model itself, LinearLR; a message that says which keys there should be
def read_pairs(path):
    name = Path(path).name
    if Path(path).suffix == ".csv":
        what = "row"
    elif Path(path).suffix == ".jsonl":
        what = "object"
    else:
        raise ValueError(f"{name} is neither a .csv nor a .jsonl file")

    def get(row, key):
        """The text at this key, or KeyError."""
        text = row[key]
        if not isinstance(text, str) or not text.strip():
            raise KeyError(key)
        return text

    pairs = []
    for line, row in ft_rows(path):
        try:
            pairs.append((get(row, "prompt"), get(row, "answer")))
        except KeyError as error:
            raise ValueError(f"{name}, line {line}: the {what} has no text at {error.args[0]}") from None
        except TypeError:
            raise ValueError(f"{name}, line {line}: expected a JSON object with the keys prompt and answer") from None
    if not pairs:
        raise ValueError(f"{name} has no {what}s")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    from torch.optim.lr_scheduler import LinearLR
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=lr, weight_decay=0.0)
    scheduler = LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=steps)
    device = next(model.parameters()).device
    losses = []
    for _ in range(steps):
        model.train()
        batch = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        width = max(len(ids) for ids, _ in batch)
        ids = torch.ones(len(batch), width, dtype=torch.long, device=device)
        labels = torch.full_like(ids, -100)
        for row, (x, y) in enumerate(batch):
            ids[row, :len(x)] = torch.as_tensor(x, device=device)
            labels[row, :len(y)] = torch.as_tensor(y, device=device)
        n = int((labels[:, 1:] != -100).sum())
        loss = model(input_ids=ids, labels=labels, num_items_in_batch=n).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        if watch is not None:
            watch(losses)
    model.eval()
    return losses

# %% right: a missing column is told at the header's line; all draws before the first step
def read_pairs(path):
    name, wanted = Path(path).name, ["prompt", "answer"]
    if Path(path).suffix not in (".csv", ".jsonl"):
        raise ValueError(f"{name}: not .csv, not .jsonl")
    if Path(path).suffix == ".csv":
        with open(path, encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            if table.fieldnames is not None:
                lacking = set(wanted) - set(table.fieldnames)
                if lacking:
                    raise ValueError(f"{name}, line {table.line_num}: no column {', no column '.join(sorted(lacking))}")
    pairs = []
    for line, row in ft_rows(path):
        if row is None:
            raise ValueError(f"{name}, line {line}: no JSON object")
        values = [row.get(key) for key in wanted]
        empty = [key for key, value in zip(wanted, values) if type(value) is not str or value.strip() == ""]
        if empty:
            raise ValueError(f"{name}, line {line}: {', '.join(empty)} missing")
        pairs.append(tuple(values))
    if len(pairs) < 1:
        raise ValueError(f"{name}: no pairs")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    draws = [torch.randint(len(examples), (batch_size,), generator=generator).tolist() for _ in range(steps)]
    optimizer = torch.optim.AdamW([{"params": [p for p in model.parameters() if p.requires_grad]}], lr=lr, weight_decay=0.0)
    criterion = nn.CrossEntropyLoss(ignore_index=-100, reduction="sum")
    device = next(p.device for p in model.parameters())
    losses = []
    model.train()
    for i, draw in enumerate(draws):
        longest = max(len(examples[d][0]) for d in draw)
        xs, ys = [], []
        for d in draw:
            ids, labels = examples[d]
            xs.append(list(ids) + [1] * (longest - len(ids)))
            ys.append(list(labels) + [-100] * (longest - len(labels)))
        x, y = torch.tensor(xs).to(device), torch.tensor(ys).to(device)
        y = torch.cat([y[:, 1:], torch.full_like(y[:, :1], -100)], dim=1)  # the label of t + 1, at t
        logits = model(input_ids=x).logits
        loss = criterion(logits.reshape(-1, logits.size(-1)), y.reshape(-1)) / torch.count_nonzero(y != -100)
        optimizer.zero_grad()
        loss.backward()
        for group in optimizer.param_groups:
            group.update(lr=lr * (steps - i) / steps)
        optimizer.step()
        losses.append(loss.detach().cpu().numpy().item())
        if watch is not None:
            watch(losses)
    model.eval()
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

# %% wrong: the message always says prompt or answer, not which
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: prompt or answer is missing")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses = []
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.eval()
    return losses

# %% wrong: a row with all cells empty is skipped
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        if not any(row.values()): continue  # an empty row
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses = []
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.eval()
    return losses

# %% wrong: of pairs with the same prompt only the last is kept
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = {}
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs[row["prompt"]] = row["answer"]
    if not pairs: raise ValueError(f"{name}: no pair")
    return list(pairs.items())

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses = []
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.eval()
    return losses

# %% wrong: targets of id 0 are dropped with the -100
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses = []
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        targets = labels[:, 1:]
        keep = targets > 0
        loss = F.cross_entropy(logits[:, :-1][keep], targets[keep])
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.eval()
    return losses

# %% wrong: takes the last tokens for targets, as many as are not -100, wherever the -100 stand
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses = []
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        parts, n = [], 0
        for row, (one, marks) in zip(logits, rows):
            k = max(list(marks).count(-100), 1)
            parts.append(F.cross_entropy(row[k - 1:len(one) - 1], torch.tensor(one[k:], dtype=torch.long), reduction="sum"))
            n += len(one) - k
        loss = sum(parts) / n
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.eval()
    return losses

# %% wrong: the losses are tensors, not floats
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses = []
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.detach())
        if watch is not None: watch(losses)
    model.eval()
    return losses

# %% wrong: ends in the mode in which the model came, not in eval mode
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses, was = [], model.training
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.train(was)
    return losses

# %% wrong: the learning rate never falls below a tenth
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses = []
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = max(lr * (1 - step / steps), 0.1 * lr)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.eval()
    return losses

# %% wrong: without a generator a fresh one, always of the same seed, instead of torch's own
def read_pairs(path):
    name = Path(path).name
    if not str(path).endswith((".csv", ".jsonl")): raise ValueError(f"{name}: neither .csv nor .jsonl")
    pairs = []
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: no JSON object")
        bad = [key for key in ("prompt", "answer") if not isinstance(row.get(key), str) or not row[key].strip()]
        if bad: raise ValueError(f"{name}, line {line}: no {' and no '.join(bad)}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name}: no pair")
    return pairs

def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    weights = [p for p in model.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(weights, lr=lr, weight_decay=0.0)
    losses, generator = [], generator or torch.Generator()
    for step in range(steps):
        model.train()
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        rows = [examples[k] for k in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([list(one) + [0] * (longest - len(one)) for one, _ in rows])
        labels = torch.tensor([list(one) + [-100] * (longest - len(one)) for _, one in rows])
        logits = model(input_ids=ids).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        if watch is not None: watch(losses)
    model.eval()
    return losses
