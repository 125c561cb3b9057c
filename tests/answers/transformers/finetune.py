"""Answers to finetune: which token is read, which next tokens count, and how the two losses are added."""

# %% right: the GPT's own forward, with targets of -100 where there is no next token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.wte.weight.shape[1], n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        rows = torch.arange(ids.shape[0])
        logits = self.head(self.gpt.hidden(ids)[rows, lengths - 1])
        if labels is None:
            return logits, None
        targets = torch.full_like(ids, -100)
        targets[:, :-1] = ids[:, 1:]
        targets[torch.arange(ids.shape[1]) + 1 >= lengths.unsqueeze(1)] = -100
        _, lm_loss = self.gpt(ids, targets)
        return logits, nn.CrossEntropyLoss()(logits, labels) + lm_weight * lm_loss


# %% right: loops over the texts, each cut to its length first
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.wte.embedding_dim, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        logits, losses = [], []
        for row, length in zip(ids, lengths.tolist()):
            text = row[:length].unsqueeze(0)
            logits.append(self.head(self.gpt.hidden(text)[0, -1]))
            if length > 1 and labels is not None:
                predicted = self.gpt(text)[0][0, :-1]
                losses.append(F.cross_entropy(predicted, text[0, 1:], reduction="none"))
        logits = torch.stack(logits)
        if labels is None:
            return logits, None
        return logits, F.cross_entropy(logits, labels) + lm_weight * torch.cat(losses).mean()


# %% right: gather, log_softmax and a mask of ones and zeros
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.n_classes = n_classes
        self.head = nn.Linear(gpt.config.d_model, n_classes, bias=True)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        B, T, C = hidden.shape
        last = hidden.gather(1, (lengths - 1).view(B, 1, 1).expand(B, 1, C)).squeeze(1)
        logits = self.head(last)
        if labels is None:
            return logits, None
        label_loss = -(F.one_hot(labels, self.n_classes) * logits.log_softmax(-1)).sum(-1).mean()
        log_probs = torch.einsum("btc,vc->btv", hidden, self.gpt.wte.weight).log_softmax(-1)
        found = log_probs[:, :-1].gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1)
        mask = (torch.arange(T - 1)[None] + 1 < lengths[:, None]).to(found.dtype)
        return logits, label_loss - lm_weight * (found * mask).sum() / mask.sum()


# %% right: the mask of the last token picks, float64 inside the losses, transposed cross-entropy
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.add_module("gpt", gpt)
        self.head = nn.Linear(gpt.wte.weight.size(-1), n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        spots = torch.arange(ids.shape[1], device=ids.device)
        is_last = spots[None] == (lengths - 1)[:, None]
        logits = self.head((self.gpt.hidden(ids) * is_last[..., None]).sum(1))
        loss = None
        if labels is not None:
            targets = ids[:, 1:].masked_fill(spots[1:][None] >= lengths[:, None], -100)
            guesses = self.gpt(ids[:, :-1])[0].double().transpose(1, 2)
            loss = F.nll_loss(F.log_softmax(logits.double(), -1), labels)
            loss = loss + lm_weight * F.cross_entropy(guesses, targets, ignore_index=-100)
        return logits, loss


# %% right: the next tokens are listed one by one
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(torch.stack([hidden[i, n - 1] for i, n in enumerate(lengths)]))
        if labels is None:
            return logits, None
        places = [(i, t) for i, n in enumerate(lengths.tolist()) for t in range(n - 1)]
        rows, spots = (torch.tensor(one) for one in zip(*places))
        following = F.linear(hidden[rows, spots], self.gpt.wte.weight)
        return logits, F.cross_entropy(logits, labels) + lm_weight * F.cross_entropy(following, ids[rows, spots + 1])


# %% right: one-hot picks, masked sum over count, skips the language model at weight 0
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = torch.nn.Linear(in_features=gpt.config.d_model, out_features=n_classes)
    def lm_loss(self, h, ids, lengths):
        logp = torch.log_softmax(h[:, :-1] @ self.gpt.wte.weight.T, dim=-1)
        picked = torch.take_along_dim(logp, ids[:, 1:, None], dim=-1)[..., 0]
        keep = (torch.arange(ids.size(1) - 1)[None] + 1 < lengths[:, None])
        return -torch.where(keep, picked, 0.0).sum() / keep.sum()
    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        h = self.gpt.hidden(ids)
        pick = F.one_hot(lengths - 1, ids.shape[1]).to(h.dtype)
        out = self.head(torch.einsum("bt,btc->bc", pick, h))
        if labels is None:
            return out, None
        loss = nn.CrossEntropyLoss()(out, labels)
        if lm_weight != 0:
            loss = loss + lm_weight * self.lm_loss(h, ids, lengths)
        return out, loss


# %% right: padding replaced in a copy, cut to the longest
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        ids = ids[:, : int(lengths.max())]
        ids = torch.where(torch.arange(ids.shape[1]) < lengths[:, None], ids, 0)
        h = self.gpt.hidden(ids)
        rows = torch.arange(len(ids))
        logits = self.head(h[rows, lengths - 1])
        if labels is None:
            return logits, None
        scores = F.linear(h, self.gpt.wte.weight)[:, :-1]
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        targets = ids[:, 1:].masked_fill(~real, -100)
        lm = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm


# %% wrong: reads the last column, which may be padding | hint: length - 1
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[:, -1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: reads at length, not at length - 1 | hint: last token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: reads at length, held inside the batch | hint: length - 1
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths.clamp(max=ids.shape[1] - 1)])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: reads at length - 2 | hint: last token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 2])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: reads the first token | hint: last token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[:, 0])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the mean of all tokens, padding too | hint: last token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden.mean(1))
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the mean of all real tokens | hint: last token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head((hidden * (torch.arange(ids.shape[1]) < lengths[:, None])[..., None]).sum(1) / lengths[:, None])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the largest of each feature over the tokens | hint: last token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden.amax(1))
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: finds the end by the padding token 0
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), (ids != 0).sum(1) - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the head reads the embedding of the last token, not what the GPT made of it | hint: hidden()
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(self.gpt.wte(ids)[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the last token of the first text, for all | hint: length - 1
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[:, lengths[0] - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: a logit for every token | hint: last token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden)
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: returns probabilities | hint: raw scores
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1]).softmax(-1)
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: returns log-probabilities | hint: raw scores
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1]).log_softmax(-1)
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the head is on the language model's logits | hint: head
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.vocab_size, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(self.gpt(ids)[0][torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the head has no bias | hint: bias
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes, bias=False)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the head's bias is not added | hint: bias
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = hidden[torch.arange(len(ids)), lengths - 1] @ self.head.weight.T
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: a hidden layer too many before the head | hint: parameters
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)
        self.more = nn.Linear(gpt.config.d_model, gpt.config.d_model)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(torch.tanh(self.more(hidden[torch.arange(len(ids)), lengths - 1])))
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the GPT is hidden in a list, so that its parameters are not found | hint: attribute gpt
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.parts, self.head = [gpt], nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.parts[0].hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.parts[0].wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the loss is 0 without labels | hint: None
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, torch.tensor(0.0)
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: without labels the language model's loss comes back | hint: None
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        if labels is None:
            return logits, lm_weight * lm_loss
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: returns the logits alone without labels | hint: two results
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the language model's loss counts padding | hint: padding
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.ones_like(ids[:, 1:], dtype=torch.bool)
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: leaves out next tokens equal to 0, as if 0 were padding | hint: token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = ids[:, 1:] != 0
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: one place too many: the last real token predicts the padding | hint: next token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(ids.shape[1] - 1) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: one place too few: the last real token is never predicted | hint: next token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(2, ids.shape[1] + 1) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: not shifted: the logits at t meet token t | hint: token t + 1
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[torch.arange(ids.shape[1]) < lengths[:, None]], ids[torch.arange(ids.shape[1]) < lengths[:, None]])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: shifted the wrong way: the logits at t + 1 meet token t | hint: token t + 1
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, 1:][real], ids[:, :-1][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the mean of each text's mean | hint: one mean
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = torch.stack([F.cross_entropy((h @ self.gpt.wte.weight.T)[: n - 1], row[1:n]) for h, row, n in zip(hidden, ids, lengths) if n > 1]).mean()
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the sum over the next tokens | hint: one mean
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real], reduction="sum")
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: divides by all places, padding too | hint: one mean
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real], reduction="sum") / real.numel()
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: divides by the texts, as the paper's sum over tokens would | hint: one mean
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real], reduction="sum") / len(ids)
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the plain sum: lm_weight is ignored | hint: lm_weight
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_loss


# %% wrong: always 0.5, whatever lm_weight is | hint: lm_weight
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + 0.5 * lm_loss


# %% wrong: lm_weight on the labels' loss | hint: lm_weight
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, lm_weight * F.cross_entropy(logits, labels) + lm_loss


# %% wrong: a weighted mean of the two | hint: labels' loss
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, (1 - lm_weight) * F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the language model's loss is subtracted | hint: mean over
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) - lm_weight * lm_loss


# %% wrong: lm_weight is 0 unless given | hint: 0.5
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.0):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the labels' loss is a sum | hint: mean cross-entropy
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels, reduction="sum") + lm_weight * lm_loss


# %% wrong: softmax before cross-entropy | hint: without softmax
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits.softmax(-1), labels) + lm_weight * lm_loss


# %% wrong: only the labels' loss | hint: next tokens
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels)


# %% wrong: the GPT is frozen: hidden under no_grad | hint: frozen
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        with torch.no_grad():
            hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the head reads a detached vector | hint: detached
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1].detach())
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the language model's loss is detached | hint: detached
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss.detach()


# %% wrong: the embedding is detached where it gives the logits | hint: detached
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.detach().T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: a copy of the GPT is trained | hint: copied
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        import copy

        self.gpt, self.head = copy.deepcopy(gpt), nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: writes over the padding of the caller's ids | hint: came back changed
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        ids[torch.arange(ids.shape[1]) >= lengths[:, None]] = 0
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: counts the lengths down in place | hint: came back changed
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        hidden = self.gpt.hidden(ids)
        lengths -= 1
        logits = self.head(hidden[torch.arange(len(ids)), lengths])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1]) < 1 + lengths[:, None]
        lm_loss = F.cross_entropy((hidden @ self.gpt.wte.weight.T)[:, :-1][real], ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss


# %% wrong: the head starts at 0 | hint: nn.Linear
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.config.d_model, n_classes)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        h = self.gpt.hidden(ids)
        rows = torch.arange(len(ids))
        logits = self.head(h[rows, lengths - 1])
        if labels is None:
            return logits, None
        scores = F.linear(h, self.gpt.wte.weight)[:, :-1]
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        targets = ids[:, 1:].masked_fill(~real, -100)
        lm = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm


# %% wrong: the head starts as GPT-2's layers do | hint: nn.Linear
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.config.d_model, n_classes)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        h = self.gpt.hidden(ids)
        rows = torch.arange(len(ids))
        logits = self.head(h[rows, lengths - 1])
        if labels is None:
            return logits, None
        scores = F.linear(h, self.gpt.wte.weight)[:, :-1]
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        targets = ids[:, 1:].masked_fill(~real, -100)
        lm = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm


# %% wrong: the whole is started anew
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.config.d_model, n_classes)
        init_gpt(self)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        h = self.gpt.hidden(ids)
        rows = torch.arange(len(ids))
        logits = self.head(h[rows, lengths - 1])
        if labels is None:
            return logits, None
        scores = F.linear(h, self.gpt.wte.weight)[:, :-1]
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        targets = ids[:, 1:].masked_fill(~real, -100)
        lm = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm


# %% wrong: texts of one token dropped | hint: single token
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        keep = lengths > 1
        ids, lengths = ids[keep], lengths[keep]
        labels = labels if labels is None else labels[keep]
        h = self.gpt.hidden(ids)
        rows = torch.arange(len(ids))
        logits = self.head(h[rows, lengths - 1])
        if labels is None:
            return logits, None
        scores = F.linear(h, self.gpt.wte.weight)[:, :-1]
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        targets = ids[:, 1:].masked_fill(~real, -100)
        lm = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm


# %% wrong: lm_weight 0 taken for the default | hint: lm_weight 0
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        h = self.gpt.hidden(ids)
        rows = torch.arange(len(ids))
        logits = self.head(h[rows, lengths - 1])
        if labels is None:
            return logits, None
        scores = F.linear(h, self.gpt.wte.weight)[:, :-1]
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        targets = ids[:, 1:].masked_fill(~real, -100)
        lm = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
        return logits, F.cross_entropy(logits, labels) + (lm_weight or 0.5) * lm


# %% wrong: dropout before the head
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.config.d_model, n_classes)

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        h = self.gpt.hidden(ids)
        rows = torch.arange(len(ids))
        logits = self.head(F.dropout(h[rows, lengths - 1], 0.1))
        if labels is None:
            return logits, None
        scores = F.linear(h, self.gpt.wte.weight)[:, :-1]
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        targets = ids[:, 1:].masked_fill(~real, -100)
        lm = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm


# %% wrong: the language model has an output matrix of its own
class Classifier(nn.Module):
    def __init__(self, gpt, n_classes):
        super().__init__()
        self.gpt = gpt
        self.head = nn.Linear(gpt.config.d_model, n_classes)
        self.out = nn.Parameter(gpt.wte.weight.detach().clone())

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        h = self.gpt.hidden(ids)
        rows = torch.arange(len(ids))
        logits = self.head(h[rows, lengths - 1])
        if labels is None:
            return logits, None
        scores = F.linear(h, self.out)[:, :-1]
        real = torch.arange(1, ids.shape[1]) < lengths[:, None]
        targets = ids[:, 1:].masked_fill(~real, -100)
        lm = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm
