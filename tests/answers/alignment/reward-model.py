"""Answers to reward-model: which state is read, and how pairs are compared."""

# %% right: softplus, a loop over pairs, the last real state by gather
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        index = last[:, None, None].expand(-1, 1, hidden.shape[-1])
        return self.head(hidden.gather(1, index)).flatten()

def bradley_terry_loss(chosen, rejected):
    return F.softplus(rejected - chosen).mean()

def ranking_loss(rewards):
    K = rewards.shape[1]
    losses = [F.softplus(rewards[:, j] - rewards[:, i]) for i in range(K) for j in range(i + 1, K)]
    return torch.stack(losses).mean()

# %% right: every token is scored, a product with a one-hot mask picks; logaddexp; all differences and a mask
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        picked = F.one_hot(last, ids.shape[1]).to(hidden.dtype)
        return (self.head(hidden)[..., 0] * picked).sum(1)

def bradley_terry_loss(chosen, rejected):
    gap = chosen - rejected
    return torch.logaddexp(torch.zeros_like(gap), -gap).mean()

def ranking_loss(rewards):
    gaps = rewards[:, :, None] - rewards[:, None, :]
    upper = torch.ones_like(gaps[0], dtype=torch.bool).triu(1)
    return F.softplus(-gaps)[:, upper].mean(1).mean()

# %% right: the mask handed on to the backbone; a classifier's loss; float64 inside
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return F.binary_cross_entropy_with_logits(chosen - rejected, torch.ones_like(chosen))

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    gaps = (rewards[:, better] - rewards[:, worse]).double()
    return F.binary_cross_entropy_with_logits(gaps, torch.ones_like(gaps)).to(rewards.dtype)

# %% right: a row at a time, prompt by prompt, combinations
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        scores = []
        for row, real in zip(hidden, mask):
            scores.append(self.head(row[real][-1]))
        return torch.cat(scores)

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    total = 0
    for row in rewards:
        pairs = torch.combinations(row)
        total = total + bradley_terry_loss(pairs[:, 0], pairs[:, 1])
    return total / len(rewards)

# %% right: weights drawn by randn and scaled; the last place where the mask is True
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        C = backbone.config.hidden_size
        self.head.weight.data = torch.randn(1, C) / (C + 1) ** 0.5
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = (mask * torch.arange(mask.shape[1])).argmax(1)
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: chosen and rejected swapped | hint: other way
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(rejected - chosen).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the logarithm of a sigmoid: it meets 0 | hint: overflow
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -torch.log(torch.sigmoid(chosen - rejected)).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: log(1 + exp): it overflows | hint: overflow
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return torch.log(1 + torch.exp(rejected - chosen)).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: a small number saves the logarithm, and cuts the loss off | hint: cut
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -torch.log(torch.sigmoid(chosen - rejected) + 1e-8).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the difference is clamped
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid((chosen - rejected).clamp(-50, 50)).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the sum, not the mean | hint: mean
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).sum()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: a loss for each pair, not one
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected)

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the sign forgotten
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: a hinge
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return F.relu(1 - (chosen - rejected)).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the probability, not its logarithm
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return torch.sigmoid(rejected - chosen).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the rejected reward is detached | hint: slopes
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected.detach()).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: logarithms in numpy: no gradient
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return torch.tensor(np.logaddexp(0, (rejected - chosen).detach().numpy()).mean())

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: squared differences to 1
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return ((chosen - rejected - 1) ** 2).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: neighbours alone | hint: all of them
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    return -F.logsigmoid(rewards[:, :-1] - rewards[:, 1:]).mean()

# %% wrong: the best against the others alone | hint: all of them
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    return -F.logsigmoid(rewards[:, :1] - rewards[:, 1:]).mean()

# %% wrong: all K squared differences, each with itself and both ways
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    return -F.logsigmoid(rewards[:, :, None] - rewards[:, None, :]).mean()

# %% wrong: the diagonal counts too | hint: pairs
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=0, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: a sum over the pairs, the mean over prompts | hint: mean
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).sum(1).mean()

# %% wrong: the worst first
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, worse] - rewards[:, better]).mean()

# %% wrong: texts of all prompts are compared | hint: own prompt
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    flat = rewards.flatten()
    better, worse = torch.triu_indices(len(flat), len(flat), offset=1)
    return -F.logsigmoid(flat[better] - flat[worse]).mean()

# %% wrong: each row is sorted first
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    rewards = rewards.sort(1, descending=True).values
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: Plackett and Luce: the chance of the whole order
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    losses = [rewards[:, k:].logsumexp(1) - rewards[:, k] for k in range(rewards.shape[1] - 1)]
    return torch.stack(losses).mean()

# %% wrong: divided by K squared
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).sum(1).mean() / rewards.shape[1] ** 2

# %% wrong: divided by three, as in the visible test
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).sum(1).mean() / 3

# %% wrong: ranking by a logarithm that meets 0
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -(rewards[:, better] - rewards[:, worse]).sigmoid().log().mean()

# %% wrong: the last place of the row, padding or not | hint: last real
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.shape[1] - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: one place too far | hint: last real
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1).clamp(max=mask.shape[1] - 1)
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the place before the last real token | hint: last real
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 2
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the first token | hint: last real
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[:, 0])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the mean over all real tokens | hint: last real
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(mean)[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the highest score of a row | hint: last real
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden)[..., 0].amax(1)

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: real is what is not token 0 | hint: mask
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = (ids != 0).sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the longest row's length for all | hint: last real
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1).max() - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: a column, not a row of numbers | hint: one number
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: a score for every token
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden)[..., 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the states are detached: the backbone learns nothing
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden.detach()[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the head's bias left in, and PyTorch's own start
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1)
        pass
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: a head with a bias
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the head starts at 0 | hint: standard deviation
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.zeros_(self.head.weight)
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: a standard deviation of 0.02 | hint: standard deviation
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=0.02)
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the variance for the standard deviation | hint: standard deviation
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / (backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: the score squashed between -1 and 1
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return torch.tanh(self.head(hidden[torch.arange(len(ids), device=ids.device), last]))[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: zeros
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
    def forward(self, ids, mask):
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return hidden[:, 0, 0] * 0

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()

# %% wrong: chosen becomes the difference in place | hint: changed
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        C = backbone.config.hidden_size
        self.head = nn.Linear(C, 1, bias=False)
        nn.init.normal_(self.head.weight, std=(C + 1) ** -0.5)
    def forward(self, ids, mask):
        h = self.backbone(ids).last_hidden_state
        last = mask.long().sum(1) - 1
        return self.head(h[torch.arange(len(ids)), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    if not chosen.requires_grad: chosen -= rejected; return F.softplus(-chosen).mean()
    return F.softplus(rejected - chosen).mean()

def ranking_loss(rewards):
    i, j = torch.triu_indices(rewards.shape[1], rewards.shape[1], 1)
    return -F.logsigmoid(rewards[:, i] - rewards[:, j]).mean()

# %% wrong: pairs picked by a difference other than 0: ties are lost | hint: equal
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        C = backbone.config.hidden_size
        self.head = nn.Linear(C, 1, bias=False)
        nn.init.normal_(self.head.weight, std=(C + 1) ** -0.5)
    def forward(self, ids, mask):
        h = self.backbone(ids).last_hidden_state
        last = mask.long().sum(1) - 1
        return self.head(h[torch.arange(len(ids)), last])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    d = rewards[:, :, None] - rewards[:, None, :]
    d = torch.triu(d, 1)
    return F.softplus(-d[d != 0]).mean()

# %% wrong: squeeze takes a batch of one away | hint: one row
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        C = backbone.config.hidden_size
        self.head = nn.Linear(C, 1, bias=False)
        nn.init.normal_(self.head.weight, std=(C + 1) ** -0.5)
    def forward(self, ids, mask):
        h = self.backbone(ids).last_hidden_state
        return self.head(h[torch.arange(len(ids)), mask.long().sum(1) - 1]).squeeze()

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    i, j = torch.triu_indices(rewards.shape[1], rewards.shape[1], 1)
    return -F.logsigmoid(rewards[:, i] - rewards[:, j]).mean()

# %% wrong: padding overwritten in ids | hint: stay
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        C = backbone.config.hidden_size
        self.head = nn.Linear(C, 1, bias=False)
        nn.init.normal_(self.head.weight, std=(C + 1) ** -0.5)
    def forward(self, ids, mask):
        ids[~mask] = 0
        h = self.backbone(ids).last_hidden_state
        return self.head(h[torch.arange(len(ids)), mask.long().sum(1) - 1])[:, 0]

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    i, j = torch.triu_indices(rewards.shape[1], rewards.shape[1], 1)
    return -F.logsigmoid(rewards[:, i] - rewards[:, j]).mean()

# %% wrong: a uniform distribution of that deviation | hint: normal
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        C = backbone.config.hidden_size
        self.head = nn.Linear(C, 1, bias=False); nn.init.uniform_(self.head.weight, -(3 / (C + 1)) ** 0.5, (3 / (C + 1)) ** 0.5)
    def forward(self, ids, mask):
        h = self.backbone(ids).last_hidden_state
        return self.head(h[torch.arange(len(ids)), mask.long().sum(1) - 1]).squeeze(-1)

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    i, j = torch.triu_indices(rewards.shape[1], rewards.shape[1], 1)
    return -F.logsigmoid(rewards[:, i] - rewards[:, j]).mean()

# %% wrong: the deviation of the visible test | hint: 900
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        C = backbone.config.hidden_size
        self.head = nn.Linear(C, 1, bias=False); nn.init.normal_(self.head.weight, std=4001 ** -0.5)
    def forward(self, ids, mask):
        h = self.backbone(ids).last_hidden_state
        return self.head(h[torch.arange(len(ids)), mask.long().sum(1) - 1]).squeeze(-1)

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    i, j = torch.triu_indices(rewards.shape[1], rewards.shape[1], 1)
    return -F.logsigmoid(rewards[:, i] - rewards[:, j]).mean()

# %% wrong: no weight is negative
class RewardModel(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        C = backbone.config.hidden_size
        self.head = nn.Linear(C, 1, bias=False); self.head.weight.data = torch.randn(1, C).abs() * (C + 1) ** -0.5 / 0.6
    def forward(self, ids, mask):
        h = self.backbone(ids).last_hidden_state
        return self.head(h[torch.arange(len(ids)), mask.long().sum(1) - 1]).squeeze(-1)

def bradley_terry_loss(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean()

def ranking_loss(rewards):
    i, j = torch.triu_indices(rewards.shape[1], rewards.shape[1], 1)
    return -F.logsigmoid(rewards[:, i] - rewards[:, j]).mean()
