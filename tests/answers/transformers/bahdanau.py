"""Answers to bahdanau: which axis the softmax runs over, where the mask goes, and what the context is made of."""


# %% right: einsum over raw weights, finfo.min for padding, softmax by hand
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        W, U, v = self.query_proj.weight, self.key_proj.weight, self.score.weight
        projected = torch.einsum("bq,hq->bh", query, W).unsqueeze(1) + torch.einsum("bsk,hk->bsh", keys, U)
        e = torch.einsum("bsh,oh->bs", projected.tanh(), v)
        e = torch.where(mask, e, torch.finfo(e.dtype).min)
        e = (e - e.amax(dim=1, keepdim=True)).exp()
        alpha = e / e.sum(dim=1, keepdim=True)
        return torch.einsum("bs,bsk->bk", alpha, keys), alpha


# %% right: a loop over the batch; padding is never scored
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        contexts, rows = [], []
        for q, K, real in zip(query, keys, mask):
            places = real.nonzero().squeeze(1)
            e = self.score(torch.tanh(self.key_proj(K[places]) + self.query_proj(q))).squeeze(1)
            row = keys.new_zeros(len(K)).index_put((places,), F.softmax(e, dim=0))
            contexts.append((row.unsqueeze(1) * K).sum(0))
            rows.append(row)
        return torch.stack(contexts), torch.stack(rows)


# %% right: a loop over the keys, minus 1e9 at padding, bmm
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        q = self.query_proj(query)
        scores = torch.cat([self.score(torch.tanh(q + self.key_proj(keys[:, j]))) for j in range(keys.size(1))], dim=1)
        scores = scores - 1e9 * (~mask).to(scores.dtype)
        weights = F.softmax(scores, dim=-1)
        return torch.bmm(weights.unsqueeze(1), keys).squeeze(1), weights


# %% right: float64 inside, log-softmax, the layers made in a loop
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        for name, sizes in {"score": (hidden, 1), "key_proj": (key_dim, hidden), "query_proj": (query_dim, hidden)}.items():
            setattr(self, name, nn.Linear(*sizes, bias=False))

    def forward(self, query, keys, mask):
        q, k = query @ self.query_proj.weight.T, keys @ self.key_proj.weight.T
        e = (torch.tanh(q.unsqueeze(1).expand_as(k) + k) @ self.score.weight.T)[..., 0].double()
        e = e.masked_fill(mask.logical_not(), -math.inf)
        weights = (e - e.logsumexp(1, keepdim=True)).exp().to(keys.dtype)
        return weights.unsqueeze(-1).mul(keys).sum(dim=1), weights


# %% right: both linear maps as one on query and key side by side
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        B, S, _ = keys.shape
        both = torch.cat([query.unsqueeze(1).expand(B, S, -1), keys], dim=-1)
        joint = torch.cat([self.query_proj.weight, self.key_proj.weight], dim=1)
        scores = self.score(torch.tanh(F.linear(both, joint))).reshape(B, S)
        bias = torch.zeros_like(scores).masked_fill_(~mask, float("-inf"))
        weights = torch.softmax(scores + bias, dim=1)
        return torch.matmul(keys.transpose(1, 2), weights.unsqueeze(2)).reshape(B, -1), weights


# %% right: PyTorch's attention takes the scores as its mask; the weights beside it
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        e = self.score(torch.tanh(self.query_proj(query).unsqueeze(1) + self.key_proj(keys))).transpose(1, 2)
        e = e.masked_fill(~mask.unsqueeze(1), float("-inf"))
        nothing = torch.zeros_like(keys)
        context = F.scaled_dot_product_attention(nothing[:, :1], nothing, keys, attn_mask=e)
        return context.squeeze(1), e.softmax(-1).squeeze(1)


# %% wrong: mask after the softmax, and normalized again: nothing is left where padding scores highest | hint: before the softmax
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys)))[:, :, 0]
        weights = scores.softmax(dim=1) * mask
        weights = weights / weights.sum(dim=1, keepdim=True)
        return (weights[:, :, None] * keys).sum(dim=1), weights


# %% wrong: softmax over the batch | hint: axis 1
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(0)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: softmax over the last axis of (B, S, 1): every weight is 1 | hint: softmax
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys)))
        weights = scores.softmax(-1).squeeze(-1) * mask
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the mask is ignored | hint: padding
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the mask after the softmax, the rest not made to sum to 1 | hint: sum to 1
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.softmax(-1) * mask
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the mask the wrong way round | hint: softmax
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: masked scores become 0, not minus infinity | hint: padding
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = (scores * mask).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: padding gets a score of -10, and so a little weight | hint: padding
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, -10.0).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the mask as lengths: padding is taken to be at the end | hint: padding
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        places = torch.arange(keys.shape[1])[None] < mask.sum(1, keepdim=True)
        weights = scores.masked_fill(~places, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the query is added after tanh | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(self.query_proj(query)[:, None] + torch.tanh(self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the query is left out of the scores | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: no tanh | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(self.query_proj(query)[:, None] + self.key_proj(keys)).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: relu, not tanh | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.relu(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: tanh around the score | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = torch.tanh(self.score(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: a dot product of the projections, not a sum | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = (self.key_proj(keys) @ self.query_proj(query)[..., None]).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: query times key inside tanh | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] * self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: scores divided by the root of hidden | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1) / self.score.in_features ** 0.5
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the context mixes the projected keys | hint: keys summed
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ self.key_proj(keys)).squeeze(1), weights


# %% wrong: the context is the weighted query | hint: keys summed
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return weights.sum(-1, keepdim=True) * query, weights


# %% wrong: the context is the plain mean of the keys | hint: keys summed
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return keys.mean(1), weights


# %% wrong: the context is the best key alone | hint: keys summed
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return keys[torch.arange(len(keys)), weights.argmax(-1)], weights


# %% wrong: the weights come back before the softmax | hint: softmax
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), scores


# %% wrong: raw scores mix the keys, unnormalized | hint: softmax
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, 0.0)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: exp over the sum, no maximum subtracted | hint: overflow
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.exp() * mask
        weights = weights / weights.sum(-1, keepdim=True)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the weights keep an axis of 1 | hint: softmax
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights[..., None]


# %% wrong: squeeze takes the batch axis too | hint: axes
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(), weights.squeeze()


# %% wrong: weights and context in the wrong order | hint: context
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return weights, (weights[:, None] @ keys).squeeze(1)


# %% wrong: the same mask for the whole batch | hint: padding
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask.all(0), float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: every row looks with the first row's query | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query[:1])[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: the weights are detached from the graph | hint: cut
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1).detach()
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: scores computed under no_grad | hint: cut
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        with torch.no_grad():
            scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: float32 inside | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys)).float() @ self.score.weight[0].float()
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1).to(keys.dtype)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: padding in the caller's keys is set to 0 | hint: changed
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        keys.masked_fill_(~mask[..., None], 0.0)
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: biases | hint: bias
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden)
        self.key_proj = nn.Linear(key_dim, hidden)
        self.score = nn.Linear(hidden, 1)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: a projection of the context that nobody asked for | hint: nothing else
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.out = nn.Linear(key_dim, key_dim, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return self.out((weights[:, None] @ keys).squeeze(1)), weights


# %% wrong: query_proj and key_proj swapped | hint: sizes
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(key_dim, hidden, bias=False)
        self.key_proj = nn.Linear(query_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        scores = self.score(torch.tanh(self.key_proj(query)[:, None] + self.query_proj(keys))).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights


# %% wrong: zeros of the right shapes | hint: softmax
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        return torch.zeros_like(keys[:, 0]), torch.zeros_like(keys[..., 0])


# %% right: log of the mask added; one matrix for both
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        both = torch.cat([query[:, None].expand(-1, keys.shape[1], -1), keys], -1)
        matrix = torch.cat([self.query_proj.weight, self.key_proj.weight], dim=1)
        e = (torch.tanh(both @ matrix.T) * self.score.weight[0]).sum(-1)
        w = torch.softmax(e + mask.to(e.dtype).log(), dim=1)
        return torch.matmul(w.unsqueeze(1), keys).squeeze(1), w


# %% right: exp by hand, the row's greatest real score away; einsum
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        q = torch.einsum("bd,hd->bh", query, self.query_proj.weight)
        k = torch.einsum("bsd,hd->bsh", keys, self.key_proj.weight)
        e = torch.einsum("bsh,oh->bs", torch.tanh(q.unsqueeze(-2) + k), self.score.weight)
        e = e.masked_fill(mask.logical_not(), -math.inf)
        alpha = torch.exp(e - e.max(dim=1, keepdim=True).values)
        alpha = alpha / alpha.sum(dim=1, keepdim=True)
        return torch.einsum("bs,bsd->bd", alpha, keys), alpha


# %% wrong: exp by hand, the greatest of all scores, padding's too, away | hint: at padding
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        mixed = torch.tanh(self.query_proj(query).unsqueeze(1) + self.key_proj(keys))
        scores = self.score(mixed).squeeze(-1)
        weights = (scores - scores.amax(1, keepdim=True)).exp() * mask
        weights = weights / weights.sum(1, keepdim=True)
        context = (weights.unsqueeze(-1) * keys).sum(1)
        return context, weights


# %% wrong: all axes of 1 squeezed | hint: axes
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        mixed = torch.tanh(self.query_proj(query).unsqueeze(1) + self.key_proj(keys))
        scores = self.score(mixed).squeeze()
        scores = scores.masked_fill(~mask, float("-inf"))
        weights = torch.softmax(scores, dim=1)
        context = (weights.unsqueeze(-1) * keys).sum(1)
        return context, weights


# %% wrong: mask turned round in place | hint: changed: the mask
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        mixed = torch.tanh(self.query_proj(query).unsqueeze(1) + self.key_proj(keys))
        scores = self.score(mixed).squeeze(-1)
        scores = scores.masked_fill(mask.logical_not_(), float("-inf"))
        weights = torch.softmax(scores, dim=1)
        context = (weights.unsqueeze(-1) * keys).sum(1)
        return context, weights


# %% wrong: mask the wrong way round | hint: upside down
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        mixed = torch.tanh(self.query_proj(query).unsqueeze(1) + self.key_proj(keys))
        scores = self.score(mixed).squeeze(-1)
        scores = scores.masked_fill(mask, float("-inf"))
        weights = torch.softmax(scores, dim=1)
        context = (weights.unsqueeze(-1) * keys).sum(1)
        return context, weights


# %% wrong: tanh of each, then the sum | hint: tanh
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        mixed = torch.tanh(self.query_proj(query)).unsqueeze(1) + torch.tanh(self.key_proj(keys))
        scores = self.score(mixed).squeeze(-1)
        scores = scores.masked_fill(~mask, float("-inf"))
        weights = torch.softmax(scores, dim=1)
        context = (weights.unsqueeze(-1) * keys).sum(1)
        return context, weights


# %% wrong: keys detached in the scores | hint: cut
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        mixed = torch.tanh(self.query_proj(query).unsqueeze(1) + self.key_proj(keys.detach()))
        scores = self.score(mixed).squeeze(-1)
        scores = scores.masked_fill(~mask, float("-inf"))
        weights = torch.softmax(scores, dim=1)
        context = (weights.unsqueeze(-1) * keys).sum(1)
        return context, weights


# %% wrong: masked score -100 | hint: exactly 0
class AdditiveAttention(nn.Module):
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, query, keys, mask):
        mixed = torch.tanh(self.query_proj(query).unsqueeze(1) + self.key_proj(keys))
        scores = self.score(mixed).squeeze(-1)
        scores = scores.masked_fill(~mask, -100.0)
        weights = torch.softmax(scores, dim=1)
        context = (weights.unsqueeze(-1) * keys).sum(1)
        return context, weights
