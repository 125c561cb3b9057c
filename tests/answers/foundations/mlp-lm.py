"""Answers to exercise 10, mlp-lm: a network that reads the last letters."""

# %% right: nn.Sequential with nn.Flatten
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Embedding(vocab_size, embed_dim),
            nn.Flatten(),
            nn.Linear(context * embed_dim, hidden),
            nn.Tanh(),
            nn.Linear(hidden, vocab_size),
        )

    def forward(self, ids):
        return self.net(ids)

# %% right: bare parameters, matrices stored input by output
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.C = nn.Parameter(torch.randn(vocab_size, embed_dim))
        self.W1 = nn.Parameter(torch.randn(context * embed_dim, hidden) / (context * embed_dim) ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(hidden))
        self.W2 = nn.Parameter(torch.randn(hidden, vocab_size) * 0.01)
        self.b2 = nn.Parameter(torch.zeros(vocab_size))

    def forward(self, ids):
        emb = self.C[ids]
        h = torch.tanh(emb.view(emb.shape[0], -1) @ self.W1 + self.b1)
        return h @ self.W2 + self.b2

# %% right: the vectors concatenated position by position, other order of the parameters
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.context = context
        self.lm_head = nn.Linear(hidden, vocab_size)
        self.fc = nn.Linear(embed_dim * context, hidden)
        self.wte = nn.Embedding(vocab_size, embed_dim)

    def forward(self, ids):
        vectors = [self.wte(ids[:, i]) for i in range(self.context)]
        x = torch.cat(vectors, dim=-1)
        return self.lm_head(self.fc(x).tanh())

# %% right: one-hot rows times the embedding, and einsum over positions
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.sizes = vocab_size, context, embed_dim, hidden
        self.E = nn.Embedding(vocab_size, embed_dim)
        self.l1 = nn.Linear(context * embed_dim, hidden)
        self.l2 = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        V, C, D, H = self.sizes
        e = torch.einsum("bcv,vd->bcd", F.one_hot(ids, V).to(self.E.weight.dtype), self.E.weight)
        h = torch.tanh(torch.einsum("bcd,hcd->bh", e, self.l1.weight.view(H, C, D)) + self.l1.bias)
        return torch.einsum("bh,vh->bv", h, self.l2.weight) + self.l2.bias

# %% right: F.embedding, F.linear, tanh through the sigmoid, a loop over the batch
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.table = nn.Embedding(vocab_size, embed_dim)
        self.first = nn.Linear(embed_dim * context, hidden, bias=True)
        self.second = nn.Linear(hidden, vocab_size, bias=True)
        nn.init.normal_(self.table.weight, std=0.5)

    def forward(self, ids):
        rows = torch.stack([F.embedding(one, self.table.weight).reshape(-1) for one in ids])
        h = 2 * torch.sigmoid(2 * F.linear(rows, self.first.weight, self.first.bias)) - 1
        return F.linear(h, self.second.weight, self.second.bias)

# %% wrong: the vectors are averaged, not laid side by side | hint: all the context's vectors
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).mean(1))))

# %% wrong: reads the last letter only, the other inputs are the same vector again
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.context = context
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids[:, -1]).repeat(1, self.context))))

# %% wrong: newest letter first | hint: oldest first
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids.flip(1)).flatten(1))))

# %% wrong: width before positions when flattening | hint: side by side
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).transpose(1, 2).flatten(1))))

# %% wrong: positions and batch mixed in one reshape | hint: side by side
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        vectors = self.embed(ids.T)
        return self.out(torch.tanh(self.hidden(vectors.reshape(len(ids), -1))))

# %% wrong: probabilities, not logits | hint: softmax
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1)))).softmax(-1)

# %% wrong: log-probabilities, not logits | hint: softmax
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return F.log_softmax(self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1)))), dim=-1)

# %% wrong: no tanh | hint: tanh
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(self.hidden(self.embed(ids).flatten(1)))

# %% wrong: relu in place of tanh | hint: tanh
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(F.relu(self.hidden(self.embed(ids).flatten(1))))

# %% wrong: tanh once more, on the logits | hint: raw
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return torch.tanh(self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1)))))

# %% wrong: no bias in the hidden layer | hint: biases
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden, bias=False)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1))))

# %% wrong: one-hot letters straight into the hidden layer, no embedding | hint: embedding
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.vocab_size = vocab_size
        self.hidden = nn.Linear(context * vocab_size, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(F.one_hot(ids, self.vocab_size).flatten(1).to(self.out.weight.dtype))))

# %% wrong: an embedding of its own for each position
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embeds = nn.ModuleList(nn.Embedding(vocab_size, embed_dim) for _ in range(context))
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        row = torch.cat([embed(ids[:, i]) for i, embed in enumerate(self.embeds)], 1)
        return self.out(torch.tanh(self.hidden(row)))

# %% wrong: the embedding is kept in a plain list, where PyTorch does not find it
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.layers = [nn.Embedding(vocab_size, embed_dim), nn.Linear(context * embed_dim, hidden), nn.Linear(hidden, vocab_size)]

    def forward(self, ids):
        embed, first, second = self.layers
        return second(torch.tanh(first(embed(ids).flatten(1))))

# %% wrong: direct connections from the vectors to the logits, as in the paper
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)
        self.direct = nn.Linear(context * embed_dim, vocab_size, bias=False)

    def forward(self, ids):
        row = self.embed(ids).flatten(1)
        return self.out(torch.tanh(self.hidden(row))) + self.direct(row)

# %% wrong: batch normalization added
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.norm = nn.BatchNorm1d(hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.norm(self.hidden(self.embed(ids).flatten(1)))))

# %% wrong: dropout on the hidden units
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(self.drop(torch.tanh(self.hidden(self.embed(ids).flatten(1)))))

# %% wrong: the sizes of the course's names, whatever is asked for
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(27, embed_dim)
        self.hidden = nn.Linear(3 * embed_dim, hidden)
        self.out = nn.Linear(hidden, 27)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1))))

# %% wrong: three positions written out in forward | hint: context
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        row = torch.cat([self.embed(ids[:, 0]), self.embed(ids[:, 1]), self.embed(ids[:, 2])], 1)
        return self.out(torch.tanh(self.hidden(row)))

# %% wrong: squeeze drops the batch axis of a batch of one | hint: batch of one
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1)))).squeeze()

# %% wrong: the embedding is cut off the graph and never learns | hint: gradient
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).detach().flatten(1))))

# %% wrong: the whole body is cut off the graph, only the last layer learns | hint: gradient
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        with torch.no_grad():
            h = torch.tanh(self.hidden(self.embed(ids).flatten(1)))
        return self.out(h)

# %% wrong: no gradient at all | hint: gradient
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    @torch.no_grad()
    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1))))

# %% wrong: every weight begins at zero | hint: start
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)
        for p in self.parameters():
            nn.init.zeros_(p)

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1))))

# %% wrong: standard normal weights everywhere, so that it starts far too sure | hint: start
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.C = nn.Parameter(torch.randn(vocab_size, embed_dim))
        self.W1 = nn.Parameter(torch.randn(context * embed_dim, hidden))
        self.b1 = nn.Parameter(torch.randn(hidden))
        self.W2 = nn.Parameter(torch.randn(hidden, vocab_size))
        self.b2 = nn.Parameter(torch.randn(vocab_size))

    def forward(self, ids):
        return torch.tanh(self.C[ids].flatten(1) @ self.W1 + self.b1) @ self.W2 + self.b2

# %% wrong: zeros of the right shape
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        return torch.zeros(len(ids), self.out.out_features, dtype=self.out.weight.dtype)

# %% wrong: shifts the caller's ids in place | hint: changed
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.vocab_size = vocab_size
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        row = self.embed(ids).flatten(1)
        ids[:, :-1] = ids[:, 1:].clone()
        return self.out(torch.tanh(self.hidden(row)))

# %% wrong: forward returns nothing | hint: NoneType
class CharMLP(nn.Module):
    def __init__(self, vocab_size, context, embed_dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.hidden = nn.Linear(context * embed_dim, hidden)
        self.out = nn.Linear(hidden, vocab_size)

    def forward(self, ids):
        self.logits = self.out(torch.tanh(self.hidden(self.embed(ids).flatten(1))))
