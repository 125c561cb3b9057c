"""Answers to exercise 15, accelerate: train, in processes that Accelerate joins."""

# %% right: no_sync by hand, plain gather with the repeated rows cut off, model in eval mode
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu)
    model, optimizer, train_loader, test_loader = task()
    n_test = len(test_loader.dataset)
    model, optimizer = accelerator.prepare(model, optimizer)
    train_loader, test_loader = accelerator.prepare(train_loader), accelerator.prepare(test_loader)
    if resume:
        accelerator.load_state(folder)
    micro = 0
    for epoch in range(epochs):
        model.train()
        for i, (x, y) in enumerate(train_loader):
            micro += 1
            last = micro % accumulate == 0 or i + 1 == len(train_loader)
            if last:
                accelerator.backward(F.mse_loss(model(x), y) / accumulate)
                optimizer.step()
                optimizer.zero_grad()
            else:
                with accelerator.no_sync(model):
                    accelerator.backward(F.mse_loss(model(x), y) / accumulate)
    model.eval()
    collected = []
    for x, y in test_loader:
        with torch.inference_mode():
            collected.append(accelerator.gather(F.mse_loss(model(x), y, reduction="none")).clone())
    accelerator.wait_for_everyone()
    accelerator.save_state(folder)
    return float(torch.cat(collected)[:n_test].mean())

# %% right: predictions and targets gathered in pairs, losses logged by reduce, state saved after each epoch
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    from accelerate.utils import set_seed
    accelerator = Accelerator(gradient_accumulation_steps=accumulate, cpu=cpu)
    set_seed(1)
    net, opt, data, test = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    accelerator.save_state(folder)
    history = []
    for epoch in range(epochs):
        for x, y in data:
            with accelerator.accumulate(net):
                out = net(x)
                loss = ((out - y) ** 2).mean()
                accelerator.backward(loss)
                opt.step()
                opt.zero_grad()
            history.append(accelerator.reduce(loss.detach(), "mean").item())
        accelerator.save_state(folder)
    guesses, truths = [], []
    for x, y in test:
        guess, truth = accelerator.gather_for_metrics((net(x).detach(), y))
        guesses.extend(guess.flatten().tolist())
        truths.extend(truth.flatten().tolist())
    return sum((a - b) ** 2 for a, b in zip(guesses, truths)) / len(truths)

# %% right: batches by index, errors summed before the division, weights saved by pickle
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    acc = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    parts = acc.prepare(*task())
    model, optimizer, loader, rest = parts
    if resume is True:
        acc.load_state(str(folder))
    for epoch in range(epochs):
        for batch in loader:
            with acc.accumulate(model):
                acc.backward(nn.MSELoss()(model(batch[0]), batch[1]))
                optimizer.step()
                optimizer.zero_grad(set_to_none=False)
    acc.save_state(str(folder), safe_serialization=False)
    total = count = 0.0
    with torch.no_grad():
        for x, y in rest:
            squares = acc.gather_for_metrics((model(x) - y).square())
            total, count = total + squares.sum().item(), count + len(squares)
    return total / count

# %% right: zero_grad before accumulate, where the last step still counts
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            optimizer.zero_grad()
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
    accelerator.save_state(folder)
    errors = []
    with torch.no_grad():
        for x, y in held_out:
            errors.append(accelerator.gather_for_metrics((model(x) - y) ** 2))
    return torch.cat(errors).mean().item()

# %% wrong: zero_grad first: it works in the last micro-batch alone, and loses the others | hint: zero_grad
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                optimizer.zero_grad()
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: no accumulate: a step for each batch | hint: accumulate
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            accelerator.backward(F.mse_loss(model(x), y))
            optimizer.step()
            optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: a step every k batches without no_sync: gradients sent every time | hint: accumulate
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for i, (x, y) in enumerate(train_on):
            accelerator.backward(F.mse_loss(model(x), y) / accumulate)
            if (i + 1) % accumulate == 0:
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: accumulate is not told to the Accelerator
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: accumulation of 2, whatever is asked
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=2)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: gather instead of gather_for_metrics: repeated rows count twice | hint: 13
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: mean of the batches' means | hint: mean
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics(F.mse_loss(model(x), y)).mean() for x, y in held_out]
    return torch.stack(errors).mean().item()

# %% wrong: each process returns the error of its own rows | hint: gathered
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [(model(x) - y) ** 2 for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: the held-out loader is not prepared | hint: loader prepared
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = task()
    model, optimizer, train_on = accelerator.prepare(model, optimizer, train_on)
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [(model(x) - y) ** 2 for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: the training loader is not prepared: every process reads all
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = task()
    model, optimizer, held_out = accelerator.prepare(model, optimizer, held_out)
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: the model is not prepared: each process trains its own
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = task()
    optimizer, train_on, held_out = accelerator.prepare(optimizer, train_on, held_out)
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: loss.backward instead of accelerator.backward: k times too large a gradient
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                F.mse_loss(model(x), y).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: no zero_grad
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: one process: plain PyTorch in each, no Accelerator | hint: sent
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    model, optimizer, train_on, held_out = task()
    for _ in range(epochs):
        for x, y in DataLoader(train_on.dataset, 4 * accumulate * dist.get_world_size()):
            F.mse_loss(model(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()
    return sum(((model(x) - y) ** 2).sum() for x, y in held_out).item() / 13

# %% wrong: resumes with the weights alone: AdamW begins anew | hint: AdamW
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.unwrap_model(model).load_state_dict(torch.load(f"{folder}/model.pt"))
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    torch.save(accelerator.unwrap_model(model).state_dict(), f"{folder}/model.pt")
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: the state is loaded before prepare, into nothing | hint: after prepare
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    if resume:
        accelerator.load_state(folder)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: resume does nothing
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: resumes whenever the folder holds a state
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if os.listdir(folder):
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: the state is saved before training
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    accelerator.save_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: one epoch, whatever is asked
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(1):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()

# %% wrong: returns the tensors of one process alone: a list
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return [one.mean().item() for one in errors]

# %% wrong: a folder of its own for each number of epochs | hint: folder
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(f'{folder}/{epochs}')
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(f'{folder}/{epochs}')
    errors = []
    with torch.no_grad():
        for x, y in held_out:
            errors.append(accelerator.gather_for_metrics((model(x) - y) ** 2))
    return torch.cat(errors).mean().item()

# %% wrong: the loss divided by accumulate once more
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y) / accumulate)
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    errors = []
    with torch.no_grad():
        for x, y in held_out:
            errors.append(accelerator.gather_for_metrics((model(x) - y) ** 2))
    return torch.cat(errors).mean().item()

# %% wrong: the bare optimizer: it steps in every micro-batch
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.optimizer.step()
                optimizer.optimizer.zero_grad()
    accelerator.save_state(folder)
    errors = []
    with torch.no_grad():
        for x, y in held_out:
            errors.append(accelerator.gather_for_metrics((model(x) - y) ** 2))
    return torch.cat(errors).mean().item()
