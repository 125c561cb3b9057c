"""Answers to pipeline: when each step is run, what is kept until then, what is sent, and how the loss is made."""

# %% right: simulated unit by unit, as lists; isend by hand, the message's gradient by autograd.backward
def simulate(p, m, most, greedy=False):
    """Step by step: each stage does B where it can, else F while fewer than most(stage) are under way."""
    time, plan, done = 0, [], {}
    while len(plan) < 2 * p * m:
        for s in range(p):
            f, b = (sum(one[1:3] == (s, kind) for one in plan) for kind in "FB")
            if b < f and done.get((s, "F", b), time) < time and (s == p - 1 or done.get((s + 1, "B", b), time) < time) and (f == m or not greedy):
                step = (s, "B", b)
            elif f < m and f - b < most(s) and (s == 0 or done.get((s - 1, "F", f), time) < time):
                step = (s, "F", f)
            else:
                continue
            plan.append((time, *step))
            done[step] = time
        time += 1
    return plan

def gpipe(n_stages, n_micro):
    return simulate(n_stages, n_micro, lambda s: n_micro, greedy=True)

def one_f_one_b(n_stages, n_micro):
    return simulate(n_stages, n_micro, lambda s: min(n_stages - s, n_micro))

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n, m, inputs, outputs, handles = dist.get_rank(), len(stages), len(micro_batches), {}, {}, []
    for _, stage, kind, i in sorted(schedule, key=lambda one: one[0]):
        if stage != rank:
            continue
        if kind == "F":
            x = micro_batches[i][0]
            if rank > 0:
                x = torch.empty_like(x)
                dist.irecv(x, rank - 1, tag=i).wait()
                x.requires_grad = True
            inputs[i], outputs[i] = x, stages[rank](x)
            if rank < n - 1:
                handles.append(dist.isend(outputs[i].detach(), rank + 1, tag=i))
        elif rank == n - 1:
            (loss_fn(outputs.pop(i), micro_batches[i][1]) / m).backward()
        else:
            gradient = torch.empty_like(outputs[i])
            dist.recv(gradient, rank + 1, tag=i)
            torch.autograd.backward(outputs.pop(i), gradient)
        if kind == "B":
            x = inputs.pop(i)
            if rank > 0:
                handles.append(dist.isend(x.grad, rank - 1, tag=i))
    while handles:
        handles.pop().wait()

# %% right: backward in the other order in GPipe, a row of steps for each stage in 1F1B; gradients scaled at the end
def gpipe(n_stages, n_micro):
    end = 2 * (n_stages + n_micro - 1)
    ahead = [(s + i, s, "F", i) for s in range(n_stages) for i in range(n_micro)]
    return ahead + [(end - 1 - time, s, "B", i) for time, s, _, i in ahead]

def one_f_one_b(n_stages, n_micro):
    plan = []
    for s in range(n_stages):
        first = min(n_stages - s, n_micro)
        order = [("F", i) for i in range(first)]
        for i in range(n_micro):
            order += [("B", i)] + [("F", first + i)] * (first + i < n_micro)
        for kind, i in order:
            late = [time for time, stage, *_ in plan if stage == s]
            if kind == "B":
                time = 2 * n_stages - 1 - s + 2 * i
            else:
                need = [time for time, *one in plan if one == [s - 1, "F", i]] if s else []
                time = max([time + 1 for time in late + need], default=0)
            plan.append((time, s, kind, i))
    return plan

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()
    for p in stages[rank].parameters():
        p.grad /= len(micro_batches)

# %% right: the loss weighted in the gradient that backward starts from; GPipe backward from the last micro-batch
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * (n_stages + n_micro) - 3 - s - i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target)
        else:
            x, out = kept.pop(i)
            one = torch.ones(()) .to(out) / len(micro_batches)
            out.backward(one if rank == len(stages) - 1 else mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% right: 1F1B without a warm-up: an F every second unit from the start
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% right: each start the latest of what it waits for
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    start = {}
    for i in range(n_micro):
        for s in range(n_stages):
            room = start.get(("B", s, i - (n_stages - s)), -1) + 1
            came = start.get(("F", s - 1, i), -1) + 1
            free = start.get(("F", s, i - 1), -1) + 1
            start["F", s, i] = max(room, came, free)
        for s in reversed(range(n_stages)):
            down = start["B", s + 1, i] if s + 1 < n_stages else start["F", s, i]
            start["B", s, i] = max(down, start.get(("B", s, i - 1), -2) + 1) + 1 if s + 1 < n_stages else down + 1
    return [(time, s, kind, i) for (kind, s, i), time in start.items()]


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: one micro-batch after the other | hint: units
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: 2 * n_stages * i + s, lambda s, i: 2 * n_stages * (i + 1) - 1 - s)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: GPipe's backward starts on the first stage | hint: before
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_stages + n_micro - 1 + s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: GPipe's backward a unit late | hint: units
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 1 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: every stage at the same time | hint: before
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: i, lambda s, i: n_micro + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: two steps at once: B as soon as it can, F too | hint: at once
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages - 1 - s + i)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: 1F1B is GPipe | hint: many
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    return gpipe(n_stages, n_micro)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: GPipe is 1F1B | hint: first B
def gpipe(n_stages, n_micro):
    return one_f_one_b(n_stages, n_micro)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: 1F1B with one micro-batch under way | hint: pause
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + 2 * n_stages * i, lambda s, i: 2 * n_stages * (i + 1) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: every stage may hold p, and does F first | hint: pause
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    plan, fs, bs, time = [], [0] * n_stages, [0] * n_stages, 0
    done = {}
    while len(plan) < 2 * n_stages * n_micro:
        now = []
        for s in range(n_stages):
            b, f = bs[s], fs[s]
            ready_f = f < n_micro and f - b < n_stages and (s == 0 or (s - 1, "F", f) in done)
            ready_b = b < f and (s == n_stages - 1 or (s + 1, "B", b) in done)
            if ready_f:
                now.append((s, "F", f))
            elif ready_b:
                now.append((s, "B", b))
        for s, kind, i in now:
            done[s, kind, i] = time
            plan.append((time, s, kind, i))
            fs[s] += kind == "F"
            bs[s] += kind == "B"
        time += 1
    return plan

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: GPipe in groups of p | hint: units
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    plan, begin = [], 0
    for first in range(0, n_micro, n_stages):
        m = min(n_stages, n_micro - first)
        plan += [(begin + time, s, kind, first + i) for time, s, kind, i in gpipe(n_stages, m)]
        begin += 2 * (n_stages + m - 1)
    return plan

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: the tuple's order is wrong | hint: order
def gpipe(n_stages, n_micro):
    return [(s, time, kind, i) for time, s, kind, i in timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)]

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: the sum of the losses, not their mean | hint: mean
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: divides twice | hint: mean
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches) ** 2
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: the whole model on every rank | hint: messages
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank = dist.get_rank()
    sum(loss_fn(nn.Sequential(*stages)(x), target) for x, target in micro_batches).div(len(micro_batches)).backward()

# %% wrong: ignores the schedule: GPipe's order | hint: steps
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in [(0, 0, kind, i) for kind in 'FB' for i in range(len(micro_batches))]:
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: sends that wait: two ranks send to each other | hint: it waits in send
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            if rank + 1 < len(stages):
                dist.send(out.detach(), rank + 1, tag=i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            if rank > 0:
                dist.send(x.grad, rank - 1, tag=i)
    mail.wait()

# %% wrong: the gradient that came is not used | hint: gradient
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            g = mail.receive(out, rank + 1, i)
            out.backward(None if g is None else torch.ones_like(out))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: the activation is not asked for its gradient | hint: gradient
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i)
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: keeps only the newest micro-batch | hint: gradient
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[0] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept[0]
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: messages are not told apart: micro-batch 0 for all | hint: which
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, 0).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, 0)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, 0))
            mail.send(x.grad, rank - 1, 0)
    mail.wait()

# %% wrong: graphs are kept after their backward pass | hint: holds
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i), retain_graph=True)
            kept[i] = x, out
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: the loss is sent round to everybody | hint: messages
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()
    dist.barrier()
    dist.all_reduce(torch.zeros(1))

# %% wrong: shapes sent before each activation | hint: messages
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            mail.receive(torch.zeros(2, dtype=torch.long), rank - 1, 1000 + i)
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(torch.tensor(out.shape), rank + 1, 1000 + i)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: gradients of the last micro-batch alone | hint: gradient
def gpipe(n_stages, n_micro):
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)

def one_f_one_b(n_stages, n_micro):
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)

def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            stages[rank].zero_grad()
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: loss_fn(target, output) | hint: loss_fn
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(target, y) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: every row counts the same, not every micro-batch | hint: rows
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) * len(y) / sum(len(x) for x, _ in micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: steps as they are listed, not by time | hint: listed
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in schedule:
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: its own count of micro-batches, not the schedule's | hint: B1 before B0
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    count = {'F': 0, 'B': 0}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        i = count[kind]
        count[kind] += 1
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: receives all in the first micro-batch's shape | hint: shape
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(micro_batches[0][0], rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(micro_batches[0][0], rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: asks for the gradient of the data | hint: as they were
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            x.requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: a count that outlives the call | hint: first call
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss, mail=Mail(), kept={}, count=[0]):
    rank, n = dist.get_rank(), dist.get_world_size()
    count[0] += len(micro_batches)
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / count[0]).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: takes the steps out of the caller's list | hint: schedule
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    schedule.sort()
    while schedule:
        _, stage, kind, i = schedule.pop(0)
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: takes a step as well | hint: weights
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()
    with torch.no_grad():
        for p in stages[rank].parameters():
            p -= 0.1 * p.grad

# %% wrong: the newest activation is taken, whatever the micro-batch
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.popitem()[1]
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()

# %% wrong: 1F1B up to 8 micro-batches, then GPipe | hint: p - s
def gpipe(n_stages, n_micro):
    last = n_stages - 1
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: n_micro + last + last - s + i)


def one_f_one_b(n_stages, n_micro):
    if n_micro > 8:
        return gpipe(n_stages, n_micro)

    def ahead(s, i):
        return s + i if i < n_stages - s else s + 2 * i

    def back(s, i):
        return 2 * n_stages - 1 - s + 2 * i

    return timetable(n_stages, n_micro, ahead, back)


def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    rank, n = dist.get_rank(), dist.get_world_size()
    mail, kept = Mail(), {}
    for _, stage, kind, i in sorted(schedule):
        if stage != rank:
            continue
        x, target = micro_batches[i]
        if kind == "F":
            if rank > 0:
                x = mail.receive(x, rank - 1, i).requires_grad_()
            y = stages[rank](x)
            mail.send(y, rank + 1, i)
            kept[i] = x, y
        else:
            x, y = kept.pop(i)
            if rank == n - 1:
                (loss_fn(y, target) / len(micro_batches)).backward()
            else:
                y.backward(mail.receive(y, rank + 1, i))
            if rank > 0:
                mail.send(x.grad, rank - 1, i)
    mail.wait()
