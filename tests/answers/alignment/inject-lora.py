"""Answers to exercise 3, inject-lora: adapters by name, and their files."""

# %% right: a walk down the tree, regular expressions for names
import re

def inject_lora(model, targets, r, alpha):
    linear = lambda one: isinstance(one, nn.Linear) or type(one) is Conv1D
    here = {name.rsplit(".", 1)[-1] for name, one in model.named_modules() if linear(one)}
    if not here & set(targets):
        raise ValueError(f"{targets} are not among {', '.join(here)}")
    for p in model.parameters():
        p.requires_grad = False

    def walk(module):
        for name, child in list(module.named_children()):
            if linear(child) and name in targets:
                module.add_module(name, LoRALinear(child, r, alpha))
            else:
                walk(child)

    walk(model)
    return model

def lora_state_dict(model):
    return {name: p.detach().clone() for name, p in model.named_parameters() if re.search(r"\.lora_[AB]$", name)}

def save_lora(model, folder):
    names, layers = zip(*((name, one) for name, one in model.named_modules() if isinstance(one, LoRALinear)))
    tensors = {}
    for name, one in zip(names, layers):
        tensors[f"base_model.model.{name}.lora_A.weight"] = one.lora_A
        tensors[f"base_model.model.{name}.lora_B.weight"] = one.lora_B
    write_adapter(folder, {
        "peft_type": "LORA", "task_type": None, "bias": "none", "inference_mode": True, "lora_dropout": 0.0,
        "r": layers[0].lora_A.shape[0], "lora_alpha": layers[0].alpha,
        "target_modules": list({name.rsplit(".", 1)[-1] for name in names}),
        "fan_in_fan_out": any(isinstance(one.base, Conv1D) for one in layers),
    }, tensors)

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    model = inject_lora(model, set(config["target_modules"]), config["r"], config["lora_alpha"])
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, one in tensors.items():
            own[re.sub(r"^base_model\.model\.|\.weight$", "", name)].copy_(one)
    return model

# %% right: names first, modules by get_submodule and set_submodule
def inject_lora(model, targets, r, alpha):
    names = [name for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))]
    chosen = [name for name in names if any(("." + name).endswith("." + target) and "." not in target for target in targets)]
    if len(chosen) == 0:
        raise ValueError("linear layers here: " + " ".join(sorted({name.split(".")[-1] for name in names})))
    for name in chosen:
        model.set_submodule(name, LoRALinear(model.get_submodule(name), r, alpha))
    for name, p in model.named_parameters():
        p.requires_grad_(name.endswith("lora_A") or name.endswith("lora_B"))
    return model

def lora_state_dict(model):
    found = {}
    for name, one in model.named_modules():
        if isinstance(one, LoRALinear):
            found[name + ".lora_A"], found[name + ".lora_B"] = one.lora_A.data, one.lora_B.data
    return found

def save_lora(model, folder):
    config = {"peft_type": "LORA", "target_modules": []}
    for name, one in model.named_modules():
        if isinstance(one, LoRALinear):
            config |= {"r": one.r, "lora_alpha": one.alpha, "fan_in_fan_out": isinstance(one.base, Conv1D)}
            if (last := name.split(".")[-1]) not in config["target_modules"]:
                config["target_modules"].append(last)
    write_adapter(folder, config, {"base_model.model." + name + ".weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    for name, one in model.named_modules():
        if isinstance(one, LoRALinear):
            one.lora_A.data = tensors[f"base_model.model.{name}.lora_A.weight"].to(one.lora_A.dtype)
            one.lora_B.data = tensors[f"base_model.model.{name}.lora_B.weight"].to(one.lora_B.dtype)
    return model

# %% right: parents by getattr, a dict of the whole state with the adapters put in
def inject_lora(model, targets, r, alpha):
    found, all_lasts = [], set()
    for parent in model.modules():
        for last, child in parent.named_children():
            if isinstance(child, (nn.Linear, Conv1D)):
                all_lasts.add(last)
                if last in list(targets):
                    found.append((parent, last, child))
    if not found:
        raise ValueError(f"choose from {all_lasts}")
    for p in model.parameters():
        p.requires_grad_(False)
    for parent, last, child in found:
        setattr(parent, last, LoRALinear(child, r, alpha))
    return model

def lora_state_dict(model):
    return {name: p for name, p in model.state_dict().items() if ".lora_" in name}

def save_lora(model, folder):
    tensors = lora_state_dict(model)
    names = sorted({name.rpartition(".")[0] for name in tensors})
    one = model.get_submodule(names[0])
    settings = {"peft_type": "LORA", "r": one.r, "lora_alpha": one.alpha, "target_modules": [n.split(".")[-1] for n in names]}
    settings["target_modules"] = list(dict.fromkeys(settings["target_modules"]))
    settings["fan_in_fan_out"] = not isinstance(one.base, nn.Linear)
    write_adapter(str(folder), settings, {f"base_model.model.{name}.weight": p for name, p in tensors.items()})

def load_lora(model, folder):
    settings, tensors = read_adapter(folder)
    inject_lora(model, settings["target_modules"], settings["r"], settings["lora_alpha"])
    state = model.state_dict()
    for name in lora_state_dict(model):
        state[name] = tensors[f"base_model.model.{name}.weight"]
    model.load_state_dict(state)
    return model

# %% wrong: nothing is frozen but the targets | hint: frozen
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: frozen after the adapters were put in, and they with it
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    model.requires_grad_(False)
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: frozen before it is known that there is a target | hint: not frozen yet
def inject_lora(model, targets, r, alpha):
    model.requires_grad_(False)
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    model.requires_grad_(False)
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: nn.Linear only, no Conv1D
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, nn.Linear)}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: the name's end, not its last part | hint: last part
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.endswith(tuple(targets))}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: a target anywhere in the name | hint: last part
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if any(one in name for one in targets)}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: the whole name must be a target | hint: replaced
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: the first target only | hint: replaced
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] == (targets or [None])[0]}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: the first layer only | hint: replaced
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in list(chosen.items())[: len(targets)]:
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: an error without the names | hint: name those
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: no error where no layer fits | hint: ValueError
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if False:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: a KeyError | hint: ValueError
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise KeyError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: returns nothing
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return None

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: a copy of the model | hint: model
def inject_lora(model, targets, r, alpha):
    import copy
    model = copy.deepcopy(model)
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    import copy
    model = copy.deepcopy(model)
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: r and alpha swapped
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, alpha, r))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: alpha left at r | hint: r and alpha
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, r))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: a new layer in place of the old one | hint: nothing changes
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(nn.Linear(*one.weight.shape[::-1]).double() if isinstance(one, nn.Linear) else Conv1D(*one.weight.shape[::-1]).double(), r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: an adapter for every linear layer | hint: frozen
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in layers.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: embeddings stay trainable | hint: frozen
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    [p.requires_grad_(False) for name, p in model.named_parameters() if 'embed' not in name and 'wte' not in name]
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: the whole state | hint: nothing else
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() }

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: lora_B only | hint: adapters
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_B",)}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: all that has lora in its name as a list of values
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name.split('.')[-1]: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: tensors under the model's own names in the file | hint: peft's
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {name: p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name: one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: no .weight in the file's names | hint: peft's
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: the adapter's name in the file, as in peft's own model | hint: peft's
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.default.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: full names as target_modules, alpha / r as lora_alpha | hint: lora_alpha
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha / one.r, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: r and lora_alpha swapped in the file | hint: lora_alpha
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.alpha, lora_alpha=one.r, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: the first target alone is written
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = [next(iter(layers)).split(".")[-1]]
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: the file's alpha is not read | hint: r and lora_alpha
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["r"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: loads nothing: names do not fit, and strict=False says nothing | hint: by you
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model."): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: loads into the parameters' copies | hint: by you
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.state_dict().copy().update(tensors)
    return model

# %% wrong: load gives the tensors, not the model
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    return model.load_state_dict(tensors, strict=False)

# %% wrong: A and B swapped in the file
def inject_lora(model, targets, r, alpha):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen:
        raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model

def lora_state_dict(model):
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}

def save_lora(model, folder):
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = next(iter(layers.values()))
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name[:-1] + chr(131 - ord(name[-1]))}.weight": p for name, p in lora_state_dict(model).items()})

def load_lora(model, folder):
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    tensors = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(tensors, strict=False)
    return model

# %% wrong: fan_in_fan_out is always false in the file | hint: fan_in_fan_out
def inject_lora(model, targets, r, alpha):
    """Put a LoRALinear over each nn.Linear and Conv1D whose name's last part is in targets (a list); freeze all else.

    In place; returns model. ValueError if there is none: it names the last parts there are, and model is left as it was."""
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen: raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model
def lora_state_dict(model):
    """The adapters' tensors alone, under their names in model.state_dict()."""
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}
def save_lora(model, folder):
    """Write the adapters of a model from inject_lora, so that peft.PeftModel.from_pretrained(base model, folder) has them."""
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = [*layers.values()][0]
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=False)
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})
def load_lora(model, folder):
    """Put adapters, written by save_lora or by peft, into a model that has none; returns it."""
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    plain = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(plain, strict=False)
    return model

# %% wrong: an error where one of several targets is missing
def inject_lora(model, targets, r, alpha):
    """Put a LoRALinear over each nn.Linear and Conv1D whose name's last part is in targets (a list); freeze all else.

    In place; returns model. ValueError if there is none: it names the last parts there are, and model is left as it was."""
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen or any(all(n.split('.')[-1] != t for n in chosen) for t in targets): raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model
def lora_state_dict(model):
    """The adapters' tensors alone, under their names in model.state_dict()."""
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}
def save_lora(model, folder):
    """Write the adapters of a model from inject_lora, so that peft.PeftModel.from_pretrained(base model, folder) has them."""
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = [*layers.values()][0]
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})
def load_lora(model, folder):
    """Put adapters, written by save_lora or by peft, into a model that has none; returns it."""
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    plain = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(plain, strict=False)
    return model

# %% wrong: whatever has a weight of two axes, embeddings too
def inject_lora(model, targets, r, alpha):
    """Put a LoRALinear over each nn.Linear and Conv1D whose name's last part is in targets (a list); freeze all else.

    In place; returns model. ValueError if there is none: it names the last parts there are, and model is left as it was."""
    layers = {name: one for name, one in model.named_modules() if getattr(getattr(one, 'weight', None), 'ndim', 0) == 2}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen: raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model
def lora_state_dict(model):
    """The adapters' tensors alone, under their names in model.state_dict()."""
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}
def save_lora(model, folder):
    """Write the adapters of a model from inject_lora, so that peft.PeftModel.from_pretrained(base model, folder) has them."""
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = [*layers.values()][0]
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})
def load_lora(model, folder):
    """Put adapters, written by save_lora or by peft, into a model that has none; returns it."""
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    plain = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(plain, strict=False)
    return model

# %% right: parents' children, put in through _modules
def inject_lora(model, targets, r, alpha):
    """Put a LoRALinear over each nn.Linear and Conv1D whose name's last part is in targets (a list); freeze all else.

    In place; returns model. ValueError if there is none: it names the last parts there are, and model is left as it was."""
    kinds = (nn.Linear, Conv1D)
    found = [(parent, child, layer, f"{child}") for parent in list(model.modules()) for child, layer in parent.named_children() if isinstance(layer, kinds)]
    picked = [one for one in found if one[1] in targets]
    if not picked:
        raise ValueError("only " + ", ".join({one[1] for one in found}))
    for p in model.parameters(): p.requires_grad = False
    for parent, child, layer, _ in picked:
        parent._modules[child] = LoRALinear(layer, r, alpha)
    return model
def lora_state_dict(model):
    """The adapters' tensors alone, under their names in model.state_dict()."""
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}
def save_lora(model, folder):
    """Write the adapters of a model from inject_lora, so that peft.PeftModel.from_pretrained(base model, folder) has them."""
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = [*layers.values()][0]
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})
def load_lora(model, folder):
    """Put adapters, written by save_lora or by peft, into a model that has none; returns it."""
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    plain = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(plain, strict=False)
    return model
