"""Answers to exercise 7, accumulate: a batch read in parts."""

# %% right: gradients of the sums, divided once at the end
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = None
    total, count = 0.0, 0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        total += loss.detach()
        count += targets.ne(-100).sum()
    for group in optimizer.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                p.grad /= count
    optimizer.step()
    return (total / count).item()

# %% right: the mean of each part, weighted by its share; zeros instead of None
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad(set_to_none=False)
    counts = [(targets != -100).sum().item() for _, targets in micro_batches]
    losses = []
    for (inputs, targets), n in zip(micro_batches, counts, strict=True):
        if n:
            mean = loss_fn(model(inputs), targets) / n
            share = n / sum(counts)
            (mean * share).backward()
            losses.append(mean.item() * share)
    optimizer.step()
    return sum(losses)

# %% right: backward with a gradient of 1 / n, one tensor of all targets, returns a tensor
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    model.zero_grad()
    everything = torch.cat([targets.reshape(-1) for _, targets in micro_batches])
    n = torch.count_nonzero(everything + 100)
    total = torch.zeros(())
    for batch in micro_batches:
        loss = loss_fn(model(batch[0]), batch[1])
        loss.backward(gradient=torch.ones_like(loss) / n)
        total = total + loss.detach() / n
    optimizer.step()
    return total

# %% right: torch.autograd.grad in each part, sums kept apart
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    params = [p for p in model.parameters() if p.requires_grad]
    sums, n, total = [torch.zeros_like(p) for p in params], 0, 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets)
        for s, g in zip(sums, torch.autograd.grad(loss, params)):
            s += g
        n += int((targets != -100).sum())
        total += loss.item()
    for p, s in zip(params, sums):
        p.grad = s / n
    optimizer.step()
    return total / n

# %% wrong: the mean of the parts' means | hint: not by 4 or 2
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        n = max(1, int((targets != -100).sum()))
        loss = loss_fn(model(inputs), targets) / n / len(micro_batches)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: divides by the number of parts | hint: 6 real targets
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / len(micro_batches)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: steps inside the loop | hint: no step between
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total

# %% wrong: zeroes and steps inside the loop
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    total = 0.0
    for inputs, targets in micro_batches:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total

# %% wrong: zeroes inside the loop, so that the last part alone counts
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    total = 0.0
    for inputs, targets in micro_batches:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: no zeroing | hint: zeroed
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    total = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: zeroes after the step alone
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    total = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return total

# %% wrong: counts padding too | hint: -100
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(targets.numel() for _, targets in micro_batches)
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: divides by the targets read so far
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    n, total = 0, 0.0
    for inputs, targets in micro_batches:
        n += int((targets != -100).sum())
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: adds the graphs up, one backward at the end | hint: graph
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    optimizer.zero_grad()
    loss = sum(loss_fn(model(inputs), targets) for inputs, targets in micro_batches) / n
    loss.backward()
    optimizer.step()
    return loss.item()

# %% wrong: returns the last part's loss | hint: 'loss'
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    optimizer.zero_grad()
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
    optimizer.step()
    return loss.item()

# %% wrong: returns the sum of losses, not their mean
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets)
        (loss / n).backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: divides by each part's own targets, then a part of padding alone makes everything nan
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum((targets != -100).sum() for _, targets in micro_batches)
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        own = (targets != -100).sum()
        loss = loss_fn(model(inputs), targets) / own * (own / n)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: its own cross-entropy, loss_fn not used
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        out = model(inputs)
        logits = out[0] if isinstance(out, tuple) else out
        loss = F.cross_entropy(logits.flatten(0, -2), targets.flatten(), reduction="sum") / n
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total

# %% wrong: never steps
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    n = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / n
        loss.backward()
        total += loss.item()
    return total

# %% right: optimizer.step with a closure
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    total = sum(int((y != -100).sum()) for _, y in micro_batches)
    def closure():
        optimizer.zero_grad()
        value = 0.0
        for x, y in micro_batches:
            loss = loss_fn(model(x), y) / total
            loss.backward()
            value += loss.item()
        return value
    return optimizer.step(closure)

# %% right: skips parts that are padding alone; backward is given its factor
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    counts = [int((targets != -100).sum()) for _, targets in micro_batches]
    total, losses = sum(counts), []
    optimizer.zero_grad(set_to_none=True)
    for (inputs, targets), n in zip(micro_batches, counts):
        if n == 0:
            continue
        loss = loss_fn(model(inputs), targets)
        loss.backward(torch.ones_like(loss) / total)
        losses.append(loss.item())
        del loss
    optimizer.step()
    return math.fsum(losses) / total

# %% wrong: keeps the graph of each part (retain_graph) | hint: graph
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = sum((targets != -100).sum() for _, targets in micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / total
        loss.backward(retain_graph=True)
        summed += loss.item()
    optimizer.step()
    return summed

# %% wrong: a pipelined loop: the next forward pass before this one's backward | hint: graph
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = sum((y != -100).sum() for _, y in micro_batches)
    value, before = 0.0, None
    for x, y in micro_batches:
        loss = loss_fn(model(x), y) / total
        if before is not None:
            before.backward()
        value += loss.item()
        before = loss
    before.backward()
    optimizer.step()
    return value

# %% wrong: clips the gradient | hint: left as they are
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = sum((targets != -100).sum() for _, targets in micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / total
        loss.backward()
        summed += loss.item()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return summed

# %% wrong: the model is left in eval mode | hint: mode
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    model.eval()
    total = sum((targets != -100).sum() for _, targets in micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / total
        loss.backward()
        summed += loss.item()
    optimizer.step()
    return summed

# %% wrong: old gradients zeroed only where the parts exceed one | hint: zeroed
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    if len(micro_batches) > 1: optimizer.zero_grad()
    total = sum((targets != -100).sum() for _, targets in micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / total
        loss.backward()
        summed += loss.item()
    optimizer.step()
    return summed

# %% wrong: class 0 counts as padding
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = sum((targets > 0).sum() for _, targets in micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / total
        loss.backward()
        summed += loss.item()
    optimizer.step()
    return summed

# %% wrong: an extra forward pass for the loss
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = sum((targets != -100).sum() for _, targets in micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / total
        loss.backward()
        with torch.no_grad():
            summed += (loss_fn(model(inputs), targets) / total).item()
    optimizer.step()
    return summed

# %% wrong: writes over the padding
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = sum((targets != -100).sum() for _, targets in micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        targets[targets == -100] = 0
        loss = loss_fn(model(inputs), targets) / total
        loss.backward()
        summed += loss.item()
    optimizer.step()
    return summed

# %% wrong: SGD written by hand, optimizer not used
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = sum((targets != -100).sum() for _, targets in micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / total
        loss.backward()
        summed += loss.item()
    with torch.no_grad():
        for p in model.parameters():
            p -= optimizer.param_groups[0]['lr'] * p.grad
    return summed

# %% wrong: divides by the first part's count, times the parts
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    total = (micro_batches[0][1] != -100).sum() * len(micro_batches)
    summed = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / total
        loss.backward()
        summed += loss.item()
    optimizer.step()
    return summed
