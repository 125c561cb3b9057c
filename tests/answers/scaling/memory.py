# %% right: stage by stage
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% right: a table
STATES = {"mixed": (2, 2, 12), "float32": (4, 4, 8)}

def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    try:
        w, g, s = STATES[precision]
    except KeyError:
        raise ValueError(f"unknown precision {precision}") from None
    if not 0 <= zero_stage <= 3 or n_gpus <= 0:
        raise ValueError("zero_stage 0 to 3, n_gpus from 1")
    table = [w + g + s, w + g + s / n_gpus, w + (g + s) / n_gpus, (w + g + s) / n_gpus]
    return table[zero_stage] * n_params

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    table = {"none": sbh * (34 + 5 * heads * T / d_model), "selective": 34.0 * sbh, "full": 2.0 * sbh}
    if checkpoint not in table:
        raise ValueError(checkpoint)
    return layers * table[checkpoint]

# %% right: item by item, whole bytes where they are whole
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision == "mixed":
        parts = {"weights": 2, "gradients": 2, "copy": 4, "momentum": 4, "variance": 4}
    elif precision == "float32":
        parts = {"weights": 4, "gradients": 4, "momentum": 4, "variance": 4}
    else:
        raise ValueError("precision")
    if zero_stage not in range(4) or n_gpus < 1:
        raise ValueError("zero")
    first = {"weights": 3, "gradients": 2}
    return sum(n_params * size / (n_gpus if zero_stage >= first.get(name, 1) else 1) for name, size in parts.items())

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "full":
        per_layer = 2 * T * batch * d_model
    elif checkpoint in ("none", "selective"):
        per_layer = (11 + 19 + 4) * T * batch * d_model
        if checkpoint == "none":
            per_layer += (2 + 1 + 2) * batch * heads * T**2
    else:
        raise ValueError("checkpoint")
    total = 0
    for _ in range(layers):
        total += per_layer
    return total

# %% wrong: no copy of the weights: 12 bytes
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 8) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: gradients in float32
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 4, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: float32 with a copy too | hint: copy
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 12)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: float32 ignored
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: stage 1 shares the gradients, stage 2 the state | hint: Stage 1
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        gradient = gradient / n_gpus
    if zero_stage >= 2:
        state = state / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: each stage alone, not on top
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage == 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: stages off by one | hint: Stage 1
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage > 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: everything divided at any stage | hint: Stage 1
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state, gradient, weight = state / n_gpus, gradient / n_gpus, weight / n_gpus
        zero_stage = 0
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: stage 3 keeps the gradients
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage == 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: whole bytes a share
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state // n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: no ValueError
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: no check of n_gpus | hint: n_gpus
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3):
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: any unknown checkpoint is full
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    return layers * 2 * T * batch * d_model

# %% wrong: scores without the heads
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: the quadratic term once more times T's width
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch * d_model)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: 24 for 34: no MLP dropout, no norms
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (24 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: selective drops the first term | hint: 34
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 5 * heads * T * T * batch
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: full keeps nothing | hint: input
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return 0 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: full keeps one layer's input alone
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: batch forgotten in scores
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: 4 bytes a number
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return 2 * layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * 2 * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: in elements
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("no such setting")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradient = gradient / n_gpus
    if zero_stage == 3:
        weight = weight / n_gpus
    return n_params * (weight + gradient + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    if checkpoint == "none":
        return layers * (34 * T * batch * d_model + 5 * heads * T * T * batch)
    if checkpoint == "selective":
        return layers * 34 * T * batch * d_model
    if checkpoint == "full":
        return layers * T * batch * d_model
    raise ValueError("none, selective or full")

# %% wrong: n_gpus is asked not to be 0 alone | hint: n_gpus
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus == 0:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: n_gpus is looked at only where something is shared | hint: n_gpus
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if zero_stage > 0 and n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: precision in any case of letters | hint: just so
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    precision = precision.lower()
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: float16 and bfloat16 are taken as mixed | hint: just so
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    precision = {"float16": "mixed", "bfloat16": "mixed"}.get(precision, precision)
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: stage 3 by default | hint: default
def training_bytes(n_params, precision="mixed", zero_stage=3, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: eight GPUs by default | hint: default
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=8):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: None is none | hint: selective or full
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint in ("none", None):
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: whatever is false is none | hint: selective or full
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if not checkpoint or checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: selective by its first letter | hint: selective or full
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint[0] == "s":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: numpy's int32 overflows
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = int(np.prod(np.array([T, batch, d_model], dtype=np.int32), dtype=np.int32))
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: a KeyError for the stage | hint: zero_stage
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise KeyError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    else:
        raise ValueError("checkpoint")
    return layers * one

# %% wrong: an unknown checkpoint meets a name that was never set | hint: selective or full
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    if precision not in ("mixed", "float32"):
        raise ValueError("precision")
    if zero_stage not in (0, 1, 2, 3):
        raise ValueError("zero_stage")
    if n_gpus < 1:
        raise ValueError("n_gpus")
    weights, gradients, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    if zero_stage >= 1:
        state = state / n_gpus
    if zero_stage >= 2:
        gradients = gradients / n_gpus
    if zero_stage >= 3:
        weights = weights / n_gpus
    return n_params * (weights + gradients + state)

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    sbh = T * batch * d_model
    if checkpoint == "none":
        one = sbh * (34 + 5 * heads * T / d_model)
    elif checkpoint == "selective":
        one = sbh * 34
    elif checkpoint == "full":
        one = 2 * sbh
    return layers * one
