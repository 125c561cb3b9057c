# %% right: term by term
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    def linear(into, out):
        return into * out + out

    norm = 2 * d_model
    block = linear(d_model, 3 * d_model) + linear(d_model, d_model) + linear(d_model, 4 * d_model) + linear(4 * d_model, d_model)
    total = vocab_size * d_model + context * d_model + norm
    for _ in range(n_layers):
        total += block + 2 * norm
    if not tied:
        total += vocab_size * d_model
    return total

def train_flops(n_params, n_tokens):
    return (2 + 4) * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    def product(m, k, n):
        return 2 * m * k * n

    block = product(T, d_model, 3 * d_model) + product(T, d_model, T) + product(T, T, d_model)
    block += product(T, d_model, d_model) + product(T, d_model, 4 * d_model) + product(T, 4 * d_model, d_model)
    return n_layers * block + product(T, d_model, vocab_size)

# %% right: by the given model, counted
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    block = sum(p.numel() for p in Block(GPTConfig(1, 1, 1, 1, 1)).parameters()) and 12 * d_model * d_model + 13 * d_model
    return sum([vocab_size * d_model * (1 if tied else 2), context * d_model, 2 * d_model, n_layers * block])

def train_flops(n_params, n_tokens):
    return 6 * n_tokens * n_params

def forward_flops(n_layers, d_model, T, vocab_size):
    per_token = n_layers * (2 * 12 * d_model**2 + 2 * 2 * T * d_model) + 2 * vocab_size * d_model
    return per_token * T

# %% right: from 2N, with attention added
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return int(np.dot([n_layers, 1], [d_model * (12 * d_model + 13), d_model * (vocab_size * (2 - tied) + context + 2)]))

def train_flops(n_params, n_tokens):
    return 3 * (2 * n_params * n_tokens)

def forward_flops(n_layers, d_model, T, vocab_size):
    matrices = gpt_params(n_layers, d_model, vocab_size, 0) - 13 * n_layers * d_model - 2 * d_model
    return 2 * matrices * T + n_layers * 2 * (2 * T * T * d_model)

# %% wrong: no biases in the linear layers
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 4 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: no norms in the blocks
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 9 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: Kaplan's 12 n_layers d^2 alone
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: the last norm forgotten | hint: ln_f
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model+ (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: positions forgotten
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + vocab_size * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: the head always counted
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + vocab_size * d_model

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: tied the wrong way round
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (vocab_size * d_model if tied else 0)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: an untied head with a bias | hint: no bias
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model + vocab_size)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: 2ND, forward only | hint: 6
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 2 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: 3ND
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 3 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: one operation for a multiplication and an addition
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (12 * T * d_model**2 + 2 * T**2 * d_model) + T * d_model * vocab_size

# %% wrong: attention's products forgotten
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2) + 2 * T * d_model * vocab_size

# %% wrong: one of attention's two products
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 2 * T**2 * d_model) + 2 * T * d_model * vocab_size

# %% wrong: only the causal half of attention
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 2 * T * (T + 1) * d_model) + 2 * T * d_model * vocab_size

# %% wrong: logits forgotten | hint: logits
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model)

# %% wrong: logits of the last token alone
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * d_model * vocab_size

# %% wrong: softmax counted as well
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model + 5 * T**2) + 2 * T * d_model * vocab_size

# %% wrong: forward and backward
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return 3 * (n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size)

# %% wrong: an MLP three times as wide
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    return n_layers * (12 * d_model**2 + 13 * d_model) + (vocab_size + context) * d_model + 2 * d_model + (0 if tied else vocab_size * d_model)

def train_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens

def forward_flops(n_layers, d_model, T, vocab_size):
    return n_layers * (20 * T * d_model**2 + 4 * T**2 * d_model) + 2 * T * d_model * vocab_size
