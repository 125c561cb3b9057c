"""Answers to llama: parts as the config says, in their order, and every weight in its place."""


# %% right: other names, each weight copied by hand
class LlamaLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        C = config.hidden_size
        self.norm_1, self.norm_2 = RMSNorm(C, config.rms_norm_eps), RMSNorm(C, config.rms_norm_eps)
        self.attention = MultiHeadAttention(
            C, config.num_attention_heads, n_kv_heads=config.num_key_value_heads, rope_base=rope_base(config)
        )
        self.feed = SwiGLU(C, config.intermediate_size)

    def forward(self, x):
        h = x + self.attention(self.norm_1(x))
        return h + self.feed(self.norm_2(h))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.tied = config.tie_word_embeddings
        self.embedding = nn.Embedding(config.vocab_size, config.hidden_size)
        self.stack = nn.Sequential(*[LlamaLayer(config) for _ in range(config.num_hidden_layers)])
        self.last = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        if not self.tied:
            self.head = nn.Parameter(torch.empty(config.vocab_size, config.hidden_size).normal_(std=0.02))

    def forward(self, ids):
        return F.linear(self.last(self.stack(self.embedding(ids))), self.embedding.weight if self.tied else self.head)


@torch.no_grad()
def load_hf_llama(model, state_dict):
    model.embedding.weight.copy_(state_dict["model.embed_tokens.weight"])
    model.last.weight.copy_(state_dict["model.norm.weight"])
    if not model.tied:
        model.head.copy_(state_dict["lm_head.weight"])
    for i, layer in enumerate(model.stack):
        prefix = f"model.layers.{i}."
        layer.norm_1.weight.copy_(state_dict[prefix + "input_layernorm.weight"])
        layer.norm_2.weight.copy_(state_dict[prefix + "post_attention_layernorm.weight"])
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            getattr(layer.attention, name).weight.copy_(state_dict[f"{prefix}self_attn.{name}.weight"])
        for name in ("gate_proj", "up_proj", "down_proj"):
            getattr(layer.feed, name).weight.copy_(state_dict[f"{prefix}mlp.{name}.weight"])
    return model


# %% right: one class, its layers in dictionaries, renamed with str.replace
class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        C, eps = config.hidden_size, config.rms_norm_eps
        self.wte, self.ln_f = nn.Embedding(config.vocab_size, C), RMSNorm(C, eps)
        self.blocks = nn.ModuleList()
        for _ in range(config.num_hidden_layers):
            attn = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, True, rope_base(config), False)
            parts = {"ln_1": RMSNorm(C, eps), "attn": attn, "ln_2": RMSNorm(C, eps), "mlp": SwiGLU(C, config.intermediate_size)}
            self.blocks.append(nn.ModuleDict(parts))
        self.head = nn.Linear(C, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.head.weight = self.wte.weight

    def forward(self, ids):
        x = self.wte(ids)
        for block in self.blocks:
            x = x + block["attn"](block["ln_1"](x))
            x = x + block["mlp"](block["ln_2"](x))
        return self.head(self.ln_f(x))


def load_hf_llama(model, state_dict):
    names = {"model.layers": "blocks", "model.norm": "ln_f", "model.embed_tokens": "wte", "lm_head": "head", "self_attn": "attn"}
    names |= {"input_layernorm": "ln_1", "post_attention_layernorm": "ln_2"}
    with torch.no_grad():
        for name, value in state_dict.items():
            for theirs, ours in names.items():
                name = name.replace(theirs, ours)
            model.get_parameter(name).copy_(value)
    return model


# %% right: PyTorch's attention and norms, float64 inside
class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config, self.base = config, rope_base(config)
        C, D = config.hidden_size, config.hidden_size // config.num_attention_heads
        sizes = {"input_layernorm": (C,), "post_attention_layernorm": (C,)}
        sizes |= {"self_attn.q_proj": (C, C), "self_attn.o_proj": (C, C)}
        sizes |= dict.fromkeys(("self_attn.k_proj", "self_attn.v_proj"), (config.num_key_value_heads * D, C))
        sizes |= dict.fromkeys(("mlp.gate_proj", "mlp.up_proj"), (config.intermediate_size, C))
        sizes["mlp.down_proj"] = (C, config.intermediate_size)
        shapes = {f"model.layers.{i}.{name}.weight": s for i in range(config.num_hidden_layers) for name, s in sizes.items()}
        shapes |= {"model.norm.weight": (C,), "model.embed_tokens.weight": (config.vocab_size, C)}
        if not config.tie_word_embeddings:
            shapes["lm_head.weight"] = (config.vocab_size, C)
        self.weights = nn.ParameterDict({name.replace(".", "/"): torch.zeros(*shape) for name, shape in shapes.items()})

    def w(self, name):
        return self.weights[f"{name}.weight".replace(".", "/")].double()

    def norm(self, x, name):
        return F.rms_norm(x, x.shape[-1:], self.w(name), self.config.rms_norm_eps)

    def forward(self, ids):
        x, places = self.w("model.embed_tokens")[ids], torch.arange(ids.shape[1])
        for i in range(self.config.num_hidden_layers):
            at = f"model.layers.{i}."
            h = self.norm(x, at + "input_layernorm")
            width = self.config.hidden_size // self.config.num_attention_heads
            q, k, v = (F.linear(h, self.w(f"{at}self_attn.{one}_proj")) for one in "qkv")
            q, k, v = (one.unflatten(-1, (-1, width)).transpose(1, 2) for one in (q, k, v))
            q, k = rope(q, places, self.base), rope(k, places, self.base)
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
            x = x + F.linear(mixed.transpose(1, 2).flatten(2), self.w(at + "self_attn.o_proj"))
            h = self.norm(x, at + "post_attention_layernorm")
            h = F.silu(F.linear(h, self.w(at + "mlp.gate_proj"))) * F.linear(h, self.w(at + "mlp.up_proj"))
            x = x + F.linear(h, self.w(at + "mlp.down_proj"))
        head = "model.embed_tokens" if self.config.tie_word_embeddings else "lm_head"
        return F.linear(self.norm(x, "model.norm"), self.w(head)).float()


def load_hf_llama(model, state_dict):
    for name, p in model.weights.items():
        p.data.copy_(state_dict[name.replace("/", ".")])
    return model


# %% right: transformers' names, a tied nn.Linear, load_state_dict
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% right: zip of sorted names, .data copies, subclassed block list, tied modules under two names
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    norms = [RMSNorm(C, eps) for _ in range(2)]
    return norms[0], attention, norms[1], SwiGLU(C, config.intermediate_size)


class TiedHead(nn.Module):
    def __init__(self, embedding):
        super().__init__()
        self.weight = embedding.weight

    def forward(self, x):
        return x @ self.weight.T


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = (
            TiedHead(self.embed_tokens)
            if config.tie_word_embeddings
            else nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        )

    def forward(self, ids):
        hidden = self.embed_tokens(ids)
        for block in self.layers:
            hidden = block.forward(hidden)
        return self.lm_head(self.norm(hidden))


def load_hf_llama(model, state_dict):
    for name, p in model.named_parameters(remove_duplicate=False):
        theirs = name if name == "lm_head.weight" else "model." + name
        p.data.copy_(state_dict[theirs].data)
    return model


# %% right: sequential trunk, recursive getattr loading
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        embed = nn.Embedding(config.vocab_size, config.hidden_size)
        self.trunk = nn.Sequential(
            embed,
            *(LlamaBlock(config) for _ in range(config.num_hidden_layers)),
            RMSNorm(config.hidden_size, config.rms_norm_eps),
        )
        self.head = nn.Linear(config.hidden_size, config.vocab_size, False)
        if config.tie_word_embeddings:
            self.head.weight = embed.weight

    def forward(self, ids):
        return self.head(self.trunk(ids))


def load_hf_llama(model, state_dict):
    last = len(model.trunk) - 1
    with torch.no_grad():
        for name, value in state_dict.items():
            if name == "lm_head.weight":
                p = model.head.weight
            elif name == "model.embed_tokens.weight":
                p = model.trunk[0].weight
            elif name == "model.norm.weight":
                p = model.trunk[last].weight
            else:
                _, _, i, rest = name.split(".", 3)
                p = model.trunk[int(i) + 1].get_parameter(rest)
            p.copy_(value)
    return model


# %% wrong: the norms keep their own eps | hint: rms_norm_eps
def llama_parts(config):
    C = config.hidden_size
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C), heads, RMSNorm(C), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: the last norm keeps its own eps | hint: rms_norm_eps
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: a fixed rotary base | hint: rope_base
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=10000.0)
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: no rotary positions
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads)
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: keys and values as many as queries | hint: both numbers
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: heads fixed
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, 3, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: attention looks ahead
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    sizes = (C, config.num_attention_heads, config.num_key_value_heads)
    heads = MultiHeadAttention(*sizes, causal=False, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: attention with biases, left as they are drawn
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, bias=True, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()}, strict=False)
    return model


# %% wrong: LayerNorm for RMSNorm
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return LayerNorm(C, eps), heads, LayerNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()}, strict=False)
    return model


# %% wrong: LayerNorm at the end
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = LayerNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()}, strict=False)
    return model


# %% wrong: one norm for both places
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    norm = RMSNorm(C, eps)
    return norm, heads, norm, SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: the norms after, as in Vaswani et al.
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class LlamaBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.self_attn, self.post_attention_layernorm, self.mlp = llama_parts(config)

    def forward(self, x):
        x = self.input_layernorm(x + self.self_attn(x))
        return self.post_attention_layernorm(x + self.mlp(x))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: the branches are normed, not the stream that they read
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class LlamaBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.self_attn, self.post_attention_layernorm, self.mlp = llama_parts(config)

    def forward(self, x):
        x = x + self.input_layernorm(self.self_attn(x))
        return x + self.post_attention_layernorm(self.mlp(x))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: attention and SwiGLU side by side
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class LlamaBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.self_attn, self.post_attention_layernorm, self.mlp = llama_parts(config)

    def forward(self, x):
        return x + self.self_attn(self.input_layernorm(x)) + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: no residual stream
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class LlamaBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.self_attn, self.post_attention_layernorm, self.mlp = llama_parts(config)

    def forward(self, x):
        return self.mlp(self.post_attention_layernorm(self.self_attn(self.input_layernorm(x))))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: the norms exchanged
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class LlamaBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.self_attn, self.post_attention_layernorm, self.mlp = llama_parts(config)

    def forward(self, x):
        x = x + self.self_attn(self.post_attention_layernorm(x))
        return x + self.mlp(self.input_layernorm(x))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: subtracts the stream at the end
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class LlamaBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.self_attn, self.post_attention_layernorm, self.mlp = llama_parts(config)

    def forward(self, x):
        x = x + self.self_attn(self.input_layernorm(x))
        return self.mlp(self.post_attention_layernorm(x)) - x


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: no norm at the end | hint: norm
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(x)


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: embedding times the root of C, as Gemma does
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids) * self.norm.weight.numel() ** 0.5
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: GPT's learned positions
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight
        self.wpe = nn.Embedding(64, config.hidden_size)

    def forward(self, ids):
        x = self.embed_tokens(ids) + self.wpe(torch.arange(ids.shape[1]))
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()}, strict=False)
    return model


# %% wrong: always tied
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: never tied | hint: counted once
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: tied the wrong way round
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if not config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: the layers in a plain list
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = [LlamaBlock(config) for _ in range(config.num_hidden_layers)]
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()}, strict=False)
    return model


# %% wrong: two layers, whatever the config | hint: layer
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(2)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()}, strict=False)
    return model


# %% wrong: the layers run backwards
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in reversed(self.layers):
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: GELU for silu
class GeGLU(SwiGLU):
    def forward(self, x):
        return self.down_proj(gelu(self.gate_proj(x)) * self.up_proj(x))


def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), GeGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: rotates neighbouring pairs
class Paired(MultiHeadAttention):
    def forward(self, x, positions=None):
        D = x.shape[-1] // self.n_heads
        q, k, v = (p(x).unflatten(-1, (-1, D)).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        places = torch.arange(x.shape[1])
        q, k = (rope(one, places, self.rope_base, interleaved=True) for one in (q, k))
        k, v = (one.repeat_interleave(q.shape[1] // k.shape[1], dim=1) for one in (k, v))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))


def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = Paired(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: the prefix stays, and strict=False hides it | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict(state_dict, strict=False)
    return model


# %% wrong: the prefix stays | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict(state_dict)
    return model


# %% wrong: gate and up exchanged | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    swap = {"gate_proj": "up_proj", "up_proj": "gate_proj"}
    renamed = {".".join(swap.get(part, part) for part in name.split(".")): value for name, value in state_dict.items()}
    model.load_state_dict({name.removeprefix("model."): value for name, value in renamed.items()})
    return model


# %% wrong: q and k exchanged | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    swap = {"q_proj": "k_proj", "k_proj": "q_proj"}
    renamed = {".".join(swap.get(part, part) for part in name.split(".")): value for name, value in state_dict.items()}
    model.load_state_dict({name.removeprefix("model."): value for name, value in renamed.items()})
    return model


# %% wrong: the two norms exchanged when loading | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    swap = {"input_layernorm": "post_attention_layernorm", "post_attention_layernorm": "input_layernorm"}
    renamed = {".".join(swap.get(part, part) for part in name.split(".")): value for name, value in state_dict.items()}
    model.load_state_dict({name.removeprefix("model."): value for name, value in renamed.items()})
    return model


# %% wrong: every matrix turned, as GPT-2's | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    ours = model.state_dict()
    for name, value in state_dict.items():
        name = name.removeprefix("model.")
        ours[name].copy_(value.t() if "proj" in name and value.t().shape == ours[name].shape else value)
    return model


# %% wrong: the norms are not loaded | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    kept = {name.removeprefix("model."): value for name, value in state_dict.items() if "norm" not in name}
    model.load_state_dict(kept, strict=False)
    return model


# %% wrong: the head is not loaded | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    kept = {name.removeprefix("model."): value for name, value in state_dict.items() if "lm_head" not in name}
    model.load_state_dict(kept, strict=False)
    return model


# %% wrong: points at their weights instead of copying | hint: copy
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()}, assign=True)
    return model


# %% wrong: into a new model | hint: arrive
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model = Llama(model.config)
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: returns what load_state_dict returns | hint: model returned
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    return model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})


# %% wrong: log-probabilities for logits
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x)).log_softmax(-1)


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: only the last token's logits
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x[:, -1]))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: logits and a loss, as GPT
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    heads = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), heads, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([LlamaBlock(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x)), None


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: state_dict's keys are renamed in place | hint: keys of state_dict left
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    for name in list(state_dict):
        state_dict[name.removeprefix("model.")] = state_dict.pop(name)
    model.load_state_dict(state_dict)
    return model


# %% wrong: the head is taken out of state_dict | hint: keys of state_dict left
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    head = state_dict.pop("lm_head.weight")
    model.load_state_dict(
        {name.removeprefix("model."): value for name, value in state_dict.items()} | {"lm_head.weight": head}
    )
    return model


# %% wrong: tied when loading only | hint: from the start
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    if torch.equal(model.lm_head.weight, model.embed_tokens.weight):
        model.lm_head.weight = model.embed_tokens.weight
    return model


# %% wrong: load returns nothing | hint: model returned
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})


# %% wrong: loads into a copy | hint: in place
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    import copy

    model = copy.deepcopy(model)
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: assign=True: the weights share memory | hint: memory shared
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()}, assign=True)
    return model


# %% wrong: cuts the ids at 16 tokens
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids[:, -16:])
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: changes the config
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        config.num_key_value_heads = config.num_attention_heads
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: tied by a copy | hint: from the start
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight.data.copy_(self.embed_tokens.weight)

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model


# %% wrong: shares memory: only the embedding | hint: memory shared
def llama_parts(config):
    C, eps = config.hidden_size, config.rms_norm_eps
    attention = MultiHeadAttention(C, config.num_attention_heads, config.num_key_value_heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(LlamaBlock(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.embed_tokens.weight

    def forward(self, ids):
        x = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def load_hf_llama(model, state_dict):
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    model.embed_tokens.weight.data = state_dict["model.embed_tokens.weight"].data
    return model
