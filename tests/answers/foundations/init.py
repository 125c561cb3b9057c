"""Answers to init: what sets the scale of a layer, which layers are set, and which are left alone."""

# %% right: PyTorch's own initializer, then the last layer scaled down
def init_weights(model, nonlinearity="tanh"):
    last = None
    for m in model.modules():
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight, mode="fan_in", nonlinearity=nonlinearity)
            if m.bias is not None:
                nn.init.zeros_(m.bias)
            last = m
    if last is not None:
        with torch.no_grad():
            last.weight *= 0.1


# %% right: through .data, with torch.randn, recursion over the children
def init_weights(model, nonlinearity="tanh"):
    gain = 5 / 3 if nonlinearity == "tanh" else math.sqrt(2)
    found = []

    def visit(module):
        if isinstance(module, nn.Linear):
            found.append(module)
        for child in module.children():
            visit(child)

    visit(model)
    for number, layer in enumerate(found, 1):
        fan_out, fan_in = layer.weight.shape
        std = gain / math.sqrt(fan_in)
        if number == len(found):
            std = std / 10
        layer.weight.data = torch.randn(fan_out, fan_in, dtype=layer.weight.dtype) * std
        if layer.bias is not None:
            layer.bias.data.fill_(0.0)


# %% right: model.apply, calculate_gain, numbers from numpy
def init_weights(model, nonlinearity="tanh"):
    import numpy as np

    gain = nn.init.calculate_gain(nonlinearity)
    rng = np.random.default_rng(torch.randint(2**31, ()).item())
    linears = []

    def set_one(module):
        if type(module) is nn.Linear:
            linears.append(module)
            numbers = rng.normal(0.0, gain / np.sqrt(module.in_features), tuple(module.weight.shape))
            with torch.no_grad():
                module.weight.copy_(torch.from_numpy(numbers))
                if module.bias is not None:
                    module.bias.zero_()

    model.apply(set_one)
    linears[-1].weight.data.mul_(0.1)
    return model


# %% right: through named_modules, entry by entry
def init_weights(model, nonlinearity="tanh"):
    gains = dict(tanh=5 / 3, relu=math.sqrt(2))
    layers = {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    *_, last = layers
    for name, layer in layers.items():
        divisor = 10 if name == last else 1
        std = gains[nonlinearity] * layer.in_features**-0.5 / divisor
        for parameter_name, parameter in layer.named_parameters():
            if parameter_name == "weight":
                nn.init.normal_(parameter, mean=0.0, std=std)
            else:
                nn.init.constant_(parameter, 0.0)


# %% right: a uniform distribution of the right spread
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    for m in linears:
        nn.init.kaiming_uniform_(m.weight, nonlinearity=nonlinearity)
        if m.bias is not None:
            nn.init.zeros_(m.bias)
    linears[-1].weight.data *= 0.1


# %% wrong: fan-out in place of fan-in | hint: fan-in
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    gain = {"tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    with torch.no_grad():
        for linear in linears:
            linear.weight.normal_(0, gain / linear.weight.shape[0] ** 0.5)
            if linear.bias is not None:
                linear.bias.zero_()
        linears[-1].weight.mul_(0.1)


# %% wrong: Xavier, the mean of fan-in and fan-out | hint: fan-in
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    for m in linears:
        nn.init.xavier_normal_(m.weight, gain=nn.init.calculate_gain(nonlinearity))
        if m.bias is not None:
            nn.init.zeros_(m.bias)
    linears[-1].weight.data *= 0.1


# %% wrong: the gain is forgotten | hint: gain
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    with torch.no_grad():
        for linear in linears:
            linear.weight.normal_(0, 1 / linear.in_features**0.5)
            if linear.bias is not None:
                linear.bias.zero_()
        linears[-1].weight.mul_(0.1)


# %% wrong: the variance given where normal_ takes the standard deviation | hint: root
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    gain = {"tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    with torch.no_grad():
        for linear in linears:
            linear.weight.normal_(0, gain**2 / linear.in_features)
            if linear.bias is not None:
                linear.bias.zero_()
        linears[-1].weight.mul_(0.1)


# %% wrong: the last layer is like the others | hint: last
def init_weights(model, nonlinearity="tanh"):
    for m in model.modules():
        if isinstance(m, nn.Linear):
            nn.init.kaiming_normal_(m.weight, nonlinearity=nonlinearity)
            if m.bias is not None:
                nn.init.zeros_(m.bias)


# %% wrong: every layer gets a tenth | hint: gain
def init_weights(model, nonlinearity="tanh"):
    gain = {"tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    with torch.no_grad():
        for m in model.modules():
            if isinstance(m, nn.Linear):
                m.weight.normal_(0, 0.1 * gain / m.in_features**0.5)
                if m.bias is not None:
                    m.bias.zero_()


# %% wrong: biases keep what PyTorch gave them | hint: bias
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    for m in linears:
        nn.init.kaiming_normal_(m.weight, nonlinearity=nonlinearity)
    with torch.no_grad():
        linears[-1].weight *= 0.1


# %% wrong: the nonlinearity is ignored | hint: relu
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    with torch.no_grad():
        for linear in linears:
            linear.weight.normal_(0, 5 / 3 / linear.in_features**0.5)
            if linear.bias is not None:
                linear.bias.zero_()
        linears[-1].weight.mul_(0.1)


# %% wrong: the embedding is set as well | hint: embedding
def init_weights(model, nonlinearity="tanh"):
    gain = nn.init.calculate_gain(nonlinearity)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() == 2:
                p.normal_(0, gain / p.shape[1] ** 0.5)
            else:
                p.zero_()
        matrices[-1].mul_(0.1)


# %% wrong: a layer without a bias breaks it | hint: bias
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    for m in linears:
        nn.init.kaiming_normal_(m.weight, nonlinearity=nonlinearity)
        m.bias.data.zero_()
    linears[-1].weight.data *= 0.1


# %% wrong: only the model's own children, nothing nested | hint: nest
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.children() if isinstance(m, nn.Linear)]
    for m in linears:
        nn.init.kaiming_normal_(m.weight, nonlinearity=nonlinearity)
        if m.bias is not None:
            nn.init.zeros_(m.bias)
    if linears:
        linears[-1].weight.data *= 0.1


# %% wrong: new parameters, so that an optimizer made before holds the old ones | hint: in place
def init_weights(model, nonlinearity="tanh"):
    gain = nn.init.calculate_gain(nonlinearity)
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    for m in linears:
        scale = 0.1 if m is linears[-1] else 1.0
        m.weight = nn.Parameter(torch.randn(m.out_features, m.in_features) * scale * gain / m.in_features**0.5)
        if m.bias is not None:
            m.bias = nn.Parameter(torch.zeros(m.out_features))


# %% wrong: sets a copy and returns it | hint: in place
def init_weights(model, nonlinearity="tanh"):
    import copy

    model = copy.deepcopy(model)
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    for m in linears:
        nn.init.kaiming_normal_(m.weight, nonlinearity=nonlinearity)
        if m.bias is not None:
            nn.init.zeros_(m.bias)
    linears[-1].weight.data *= 0.1
    return model


# %% wrong: scales what PyTorch's initialization gave | hint: root of the fan-in
def init_weights(model, nonlinearity="tanh"):
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    gain = {"tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    with torch.no_grad():
        for linear in linears:
            linear.weight *= gain
            if linear.bias is not None:
                linear.bias.zero_()
        linears[-1].weight.mul_(0.1)


# %% wrong: does nothing | hint: fan-in
def init_weights(model, nonlinearity="tanh"):
    return model
