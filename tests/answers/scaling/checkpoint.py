"""Answers to exercise 9, checkpoint."""

# %% right: the state put back by hand, a dummy argument in forward's signature
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, dummy, *args):
        ctx.fn, ctx.state = fn, torch.random.get_rng_state()
        ctx.tensor = [isinstance(one, torch.Tensor) for one in args]
        ctx.rest = [one for one, is_tensor in zip(args, ctx.tensor) if not is_tensor]
        ctx.save_for_backward(dummy, *[one for one, is_tensor in zip(args, ctx.tensor) if is_tensor])
        with torch.no_grad():
            return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        tensors, rest, args = list(ctx.saved_tensors[1:]), list(ctx.rest), []
        for is_tensor in ctx.tensor:
            if is_tensor:
                old = tensors.pop(0)
                new = old.detach()
                new.requires_grad = old.requires_grad
                args.append(new)
            else:
                args.append(rest.pop(0))
        before = torch.random.get_rng_state()
        try:
            torch.random.set_rng_state(ctx.state)
            with torch.enable_grad():
                result = ctx.fn(*args)
        finally:
            torch.random.set_rng_state(before)
        if torch.is_tensor(result):
            result = (result,)
        with torch.enable_grad():
            total = sum((one * grad).sum() for one, grad in zip(result, grads) if one.requires_grad)
        total.backward()
        return (None, None) + tuple(one.grad if torch.is_tensor(one) and one.requires_grad else None for one in args)


def checkpoint(fn, *args):
    return Checkpoint.apply(fn, torch.ones(1, requires_grad=True), *args)

# %% right: inputs kept on ctx itself, the state saved as a tensor, copies by clone
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, dummy, *args):
        ctx.fn, ctx.inputs = fn, args
        ctx.save_for_backward(torch.get_rng_state())
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        (state,) = ctx.saved_tensors
        copies = []
        for one in ctx.inputs:
            copy = one
            if torch.is_tensor(one):
                copy = one.detach().clone()
                if ctx.needs_input_grad[2 + len(copies)]:
                    copy.requires_grad_()
            copies.append(copy)
        with torch.random.fork_rng(devices=()):
            torch.set_rng_state(state)
            with torch.enable_grad():
                out = ctx.fn(*copies)
        outs = (out,) if torch.is_tensor(out) else out
        chosen = [i for i, one in enumerate(outs) if one.requires_grad and grads[i] is not None]
        torch.autograd.backward(tuple(outs[i] for i in chosen), tuple(grads[i] for i in chosen))
        return None, None, *[getattr(one, "grad", None) if torch.is_tensor(one) else None for one in copies]


def checkpoint(fn, *args):
    return Checkpoint.apply(fn, torch.empty(0, requires_grad=True), *args)

# %% right: setup_context, an outer state by fork_rng, unused outputs without gradient
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(fn, state, dummy, *args):
        return fn(*args)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.fn, ctx.state, _, *args = inputs
        ctx.template = [None if torch.is_tensor(one) else one for one in args]
        ctx.mask = [torch.is_tensor(one) for one in args]
        ctx.save_for_backward(*filter(torch.is_tensor, args))
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx, *grads):
        saved = iter(ctx.saved_tensors)
        args = [next(saved) if here else one for here, one in zip(ctx.mask, ctx.template)]
        args = [one.detach().requires_grad_(one.requires_grad) if torch.is_tensor(one) else one for one in args]
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            out = (out,) if torch.is_tensor(out) else out
        pairs = [(one, grad) for one, grad in zip(out, grads) if grad is not None and one.requires_grad]
        if pairs:
            torch.autograd.backward(*zip(*pairs))
        return (None,) * 3 + tuple(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    return Checkpoint.apply(fn, torch.get_rng_state(), torch.zeros(1).requires_grad_(), *args)

# %% wrong: fn alone: everything is kept | hint: keep
class Checkpoint(torch.autograd.Function):
    pass


def checkpoint(fn, *args):
    return fn(*args)

# %% wrong: PyTorch's own | hint: How often
import torch.utils.checkpoint


def checkpoint(fn, *args):
    return torch.utils.checkpoint.checkpoint(fn, *args, use_reentrant=False)

# %% wrong: keeps the graph of the first run | hint: keep
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, dummy, *args):
        ctx.args = [one.detach().requires_grad_(one.requires_grad) if torch.is_tensor(one) else one for one in args]
        with torch.enable_grad():
            out = fn(*ctx.args)
        ctx.out = out if isinstance(out, tuple) else (out,)
        return tuple(one.detach() for one in out) if isinstance(out, tuple) else out.detach()

    @staticmethod
    def backward(ctx, *grads):
        pairs = [(one, grad) for one, grad in zip(ctx.out, grads) if one.requires_grad]
        torch.autograd.backward(*zip(*pairs))
        return None, None, *(one.grad if torch.is_tensor(one) else None for one in ctx.args)


def checkpoint(fn, *args):
    return Checkpoint.apply(fn, torch.zeros((), requires_grad=True), *args)

# %% wrong: the random state is not put back | hint: put back
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            out = ctx.fn(*args)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: a fixed seed for both runs | hint: seed of yours
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        torch.manual_seed(0)
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.manual_seed(0)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: the state is taken after the first run | hint: from before the first run
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        out = fn(*args)
        ctx.state = torch.get_rng_state()
        return out

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: the program's state is left where the second run ended | hint: After backward()
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: no argument that needs a gradient: parameters get none | hint: No argument needs
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = None
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: not detached | hint: detached
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: the arriving gradient is taken for 1 | hint: gradient that arrived
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [torch.ones_like(one) for one, _ in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: no graph in the second run
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.no_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: grads of arguments alone, by autograd.grad: parameters get none
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        inputs = [one for one in args if torch.is_tensor(one) and one.requires_grad]
        found = iter(torch.autograd.grad([one for one, _ in pairs], inputs, [grad for _, grad in pairs]))
        return None, *(next(found) if torch.is_tensor(one) and one.requires_grad else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: tensors alone may be arguments | hint: Does backward run
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None] * len(args)
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*args)
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: one input alone gets a gradient
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if i < 2 and torch.is_tensor(one) else None for i, one in enumerate(args))


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: one output alone | hint: Four outputs
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = (out[0] if isinstance(out, tuple) else out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: every tensor is made to need a gradient, ids too | hint: ids and a mask
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_()
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: a backward pass for each output frees the graph, or runs fn for each | hint: How often
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            for _ in range(2):
                torch.set_rng_state(ctx.state)
                out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: the arguments themselves are changed
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)

# %% wrong: a list comes back for a tuple, the tuple's first for a tensor
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.args = [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad():
            now = torch.get_rng_state()
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
            torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(one, grad) for one, grad in zip(outs, grads) if one.requires_grad]
        torch.autograd.backward([one for one, _ in pairs], [grad for _, grad in pairs])
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)


def checkpoint(fn, *args):
    dummy = torch.zeros((), requires_grad=True)
    return Checkpoint.apply(lambda _, *rest: fn(*rest), dummy, *args)[0]

# %% right: a scalar product of outputs and gradients, one backward
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        state = torch.get_rng_state()
        out = fn(*args)
        ctx.kept = fn, args, state
        return out

    @staticmethod
    def backward(ctx, *grads):
        fn, args, state = ctx.kept
        fresh = []
        for a in args:
            if isinstance(a, torch.Tensor):
                a = a.detach()
                if args[len(fresh)].requires_grad:
                    a.requires_grad_()
            fresh.append(a)
        mine = torch.get_rng_state()
        try:
            torch.set_rng_state(state)
            with torch.enable_grad():
                out = fn(*fresh)
                outs = [out] if torch.is_tensor(out) else out
                dot = sum((o * g.detach()).sum() for o, g in zip(outs, grads) if o.requires_grad)
        finally:
            torch.set_rng_state(mine)
        dot.backward()
        return None, *(a.grad if torch.is_tensor(a) else None for a in fresh)

def checkpoint(fn, *args):
    if any(torch.is_tensor(a) and a.requires_grad for a in args):
        return Checkpoint.apply(fn, *args)
    return Checkpoint.apply(lambda *all: fn(*all[1:]), torch.zeros(0, requires_grad=True), *args)

# %% right: a backward pass for each output, on one graph
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.args, ctx.state = fn, args, torch.get_rng_state()
        return fn(*args[1:])

    @staticmethod
    def backward(ctx, *grads):
        dummy, *args = ctx.args
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(ctx.state)
            with torch.enable_grad():
                args = [a.detach().requires_grad_(a.requires_grad) if torch.is_tensor(a) else a for a in args]
                result = ctx.fn(*args)
                result = result if isinstance(result, tuple) else (result,)
        for i, (one, g) in enumerate(p for p in zip(result, grads) if p[0].grad_fn is not None):
            one.backward(g, retain_graph=True)
        return None, None, *[a.grad if torch.is_tensor(a) else None for a in args]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, torch.zeros((), requires_grad=True), *args)

# %% wrong: outputs that need no gradient break it | hint: whole numbers
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return fn(*args[:-1])

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.set_rng_state(ctx.state)
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads)]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[one.grad if torch.is_tensor(one) else None for one in args]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: one state for all segments, in a global | hint: put back
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, Checkpoint.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return fn(*args[:-1])

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.set_rng_state(Checkpoint.state)
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[one.grad if torch.is_tensor(one) else None for one in args]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: the program's seed instead of its state | hint: put back
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return fn(*args[:-1])

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.manual_seed(torch.initial_seed())
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[one.grad if torch.is_tensor(one) else None for one in args]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: the state from forward is put back at the end of backward | hint: After backward()
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return fn(*args[:-1])

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.set_rng_state(ctx.state)
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(ctx.state)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[one.grad if torch.is_tensor(one) else None for one in args]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: saves the output too | hint: grow with depth
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        out = fn(*args[:-1])
        ctx.save_for_backward(*[args[i] for i in ctx.places], *(out if isinstance(out, tuple) else (out,)))
        return out

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.set_rng_state(ctx.state)
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[one.grad if torch.is_tensor(one) else None for one in args]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: the second graph is retained in a global list | hint: dropped
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return fn(*args[:-1])

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.set_rng_state(ctx.state)
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs], retain_graph=True)
        Checkpoint.kept = [*getattr(Checkpoint, 'kept', []), outs]
        return None, *[one.grad if torch.is_tensor(one) else None for one in args]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: fn runs twice forward | hint: How often
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        fn(*args[:-1])
        torch.set_rng_state(ctx.state)
        return fn(*args[:-1])

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.set_rng_state(ctx.state)
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[one.grad if torch.is_tensor(one) else None for one in args]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: asks the user's arguments to need gradients
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return fn(*args[:-1])

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.set_rng_state(ctx.state)
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[one.grad if torch.is_tensor(one) else None for one in args]

def checkpoint(fn, *args):
    for one in args:
        if torch.is_tensor(one) and one.is_leaf and one.is_floating_point(): one.requires_grad_()
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: gradients of tensors first, None for the rest
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        ctx.fn, ctx.state = fn, torch.get_rng_state()
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.rest = [None if torch.is_tensor(one) else one for one in args]
        ctx.save_for_backward(*[args[i] for i in ctx.places])
        return fn(*args[:-1])

    @staticmethod
    def backward(ctx, *grads):
        args = list(ctx.rest)
        for i, one in zip(ctx.places, ctx.saved_tensors):
            args[i] = one.detach().requires_grad_(one.requires_grad)
        now = torch.get_rng_state()
        torch.set_rng_state(ctx.state)
        with torch.enable_grad():
            out = ctx.fn(*args[:-1])
        torch.set_rng_state(now)
        outs = out if isinstance(out, tuple) else (out,)
        pairs = [(o, g) for o, g in zip(outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[one.grad for one in args if torch.is_tensor(one)], *[None for one in args if not torch.is_tensor(one)]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))

# %% wrong: keeps the graph of the first run, and runs fn again for nothing | hint: keep
class Checkpoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, fn, *args):
        with torch.enable_grad():
            ctx.copies = [a.detach().requires_grad_(a.requires_grad) if torch.is_tensor(a) else a for a in args]
            out = fn(*ctx.copies[:-1])
        ctx.outs, ctx.fn = out if isinstance(out, tuple) else (out,), fn
        return tuple(o.detach() for o in ctx.outs) if isinstance(out, tuple) else out.detach()
    @staticmethod
    def backward(ctx, *grads):
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            ctx.fn(*ctx.copies[:-1])
        pairs = [(o, g) for o, g in zip(ctx.outs, grads) if o.requires_grad]
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs])
        return None, *[a.grad if torch.is_tensor(a) else None for a in ctx.copies]

def checkpoint(fn, *args):
    return Checkpoint.apply(fn, *args, torch.zeros(1, requires_grad=True))
