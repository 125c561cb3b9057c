"""The alignment notebook's adapters, packs and loop beside peft and transformers, on random sizes."""

import warnings

import numpy as np
import pytest
import torch
from small_models import small_causal, small_distilbert
from torch import nn
from torch.nn import functional as F

from course import answers, models, notebooks

KINDS = {"llama": ["q_proj", "v_proj", "o_proj", "up_proj", "down_proj"], "gpt2": ["c_attn", "c_proj", "c_fc"]}
KINDS |= {"distilbert": ["q_lin", "v_lin", "lin1", "lin2"]}


@pytest.fixture(scope="module")
def names(root):
    """Everything that the notebook defines up to its loop."""
    return answers.names_until(notebooks.source(root, "alignment"), "finetune")


def drawn(seed):
    """A kind of model, a maker of it at random sizes, some targets, r and alpha."""
    from transformers import (
        DistilBertConfig,
        DistilBertModel,
        GPT2Config,
        GPT2LMHeadModel,
        LlamaConfig,
        LlamaForCausalLM,
    )

    draw = np.random.default_rng(seed)
    kind = list(KINDS)[seed % 3]
    heads, layers = int(draw.integers(1, 4)), int(draw.integers(1, 4))
    width, inner = heads * 2 * int(draw.integers(2, 7)), int(draw.integers(5, 30))
    plain = {"vocab_size": 19, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}

    def make():
        torch.manual_seed(seed)
        if kind == "llama":
            sizes = {"hidden_size": width, "intermediate_size": inner, "num_hidden_layers": layers, "num_attention_heads": heads}
            model = LlamaForCausalLM(LlamaConfig(**plain, **sizes))
        elif kind == "gpt2":
            model = GPT2LMHeadModel(GPT2Config(**plain, n_positions=32, n_embd=width, n_layer=layers, n_head=heads))
        else:
            sizes = {"max_position_embeddings": 32, "n_layers": layers, "n_heads": heads, "dim": width, "hidden_dim": inner}
            model = DistilBertModel(DistilBertConfig(vocab_size=19, pad_token_id=0, **sizes))
        return model.eval()

    targets = [str(one) for one in draw.choice(KINDS[kind], size=int(draw.integers(1, 4)), replace=False)]
    return kind, make, targets, int(draw.integers(1, 6)), float(draw.integers(1, 20))


def with_peft(make, kind, targets, r, alpha):
    from peft import LoraConfig, get_peft_model

    return get_peft_model(make(), LoraConfig(r=r, lora_alpha=alpha, target_modules=targets, fan_in_fan_out=kind == "gpt2"))


def short(name):
    return name.removeprefix("base_model.model.").replace(".default.weight", "")


def same_numbers(own, theirs):
    """Random numbers in both models' adapters; the names agree."""
    ours = {name: p for name, p in own.named_parameters() if p.requires_grad}
    others = {short(name): p for name, p in theirs.named_parameters() if p.requires_grad}
    assert ours.keys() == others.keys()
    for name, p in ours.items():
        p.data.normal_(std=0.3)
        others[name].data.copy_(p)
    return ours, others


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(12))
def test_outputs_gradients_merges_and_files_are_pefts(names, tmp_path, seed):
    from peft import PeftModel

    kind, make, targets, r, alpha = drawn(seed)
    own, theirs = names["inject_lora"](make(), targets, r, alpha), with_peft(make, kind, targets, r, alpha)
    ours, others = same_numbers(own, theirs)
    ids = torch.randint(19, (2, 7))
    outputs = [model(input_ids=ids)[0] for model in (own, theirs)]
    for one in outputs:
        one.pow(2).mean().backward()
    torch.testing.assert_close(*outputs, rtol=1e-4, atol=1e-5)
    for name, p in ours.items():
        torch.testing.assert_close(p.grad, others[name].grad, rtol=1e-3, atol=1e-5)

    for one in own.modules():
        if isinstance(one, names["LoRALinear"]):
            one.merge()
    torch.testing.assert_close(own(input_ids=ids)[0], outputs[1], rtol=1e-3, atol=1e-4)
    for one in own.modules():
        if isinstance(one, names["LoRALinear"]):
            one.unmerge()

    names["save_lora"](own, tmp_path / "own")
    theirs.save_pretrained(tmp_path / "theirs")
    read = PeftModel.from_pretrained(make(), tmp_path / "own")
    torch.testing.assert_close(read(input_ids=ids)[0], outputs[1], rtol=1e-4, atol=1e-5)
    for folder in ("own", "theirs"):
        again = names["load_lora"](make(), tmp_path / folder)
        torch.testing.assert_close(again(input_ids=ids)[0], outputs[1], rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_dropout_is_pefts_with_the_same_seed(names):
    from peft import LoraConfig, get_peft_model

    holder = nn.ModuleDict({"lin": nn.Linear(6, 5)})
    own = names["LoRALinear"](nn.Linear(6, 5), 2, 4, dropout=0.3)
    own.base.load_state_dict(holder["lin"].state_dict())
    theirs = get_peft_model(holder, LoraConfig(r=2, lora_alpha=4, lora_dropout=0.3, target_modules=["lin"]))
    layer = theirs.base_model.model["lin"]
    own.lora_B.data.normal_()
    layer.lora_A["default"].weight.data.copy_(own.lora_A)
    layer.lora_B["default"].weight.data.copy_(own.lora_B)
    x = torch.randn(9, 6)
    for train in (True, False):
        torch.manual_seed(0)
        mine = own.train(train)(x)
        torch.manual_seed(0)
        torch.testing.assert_close(mine, layer.train(train)(x))


@pytest.mark.parametrize("seed", range(6))
def test_a_pack_loses_nothing_and_mixes_nothing(names, seed):
    """A Llama's loss of a pack, in one row, is that of its examples, padded into a batch."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    sizes = {"hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=23, **sizes)).eval().requires_grad_(False)
    draw = np.random.default_rng(seed)
    examples = []
    for n in draw.integers(2, 12, size=9):
        ids = draw.integers(23, size=int(n)).tolist()
        cut = int(draw.integers(1, n))
        examples.append((ids, [-100] * cut + ids[cut:]))
    packs = names["pack"](examples, 20)
    assert [t for one in packs for t in one["input_ids"]] == [t for ids, _ in examples for t in ids]
    assert all(len(one["input_ids"]) <= 20 for one in packs)
    total, alone = torch.zeros(()), torch.zeros(())
    for one in packs:
        ids, places = torch.tensor([one["input_ids"]]), torch.tensor([one["position_ids"]])
        logits = model(input_ids=ids, position_ids=places, attention_mask=one["mask"][None, None]).logits
        total += F.cross_entropy(logits[0, :-1], torch.tensor(one["labels"][1:]), reduction="sum")
    for ids, labels in examples:
        logits = model(input_ids=torch.tensor([ids])).logits
        alone += F.cross_entropy(logits[0, :-1], torch.tensor(labels[1:]), reduction="sum")
    torch.testing.assert_close(total, alone, rtol=1e-4, atol=1e-4)


def test_labels_are_those_of_a_template_that_marks_them(names):
    """Where a template marks the assistant's words itself, transformers' own mask says the same."""
    from course import models

    tokenizer = models.tokenizer()
    tokenizer.chat_template = (
        "{% for one in messages %}<|im_start|>{{ one.role }}\n{% if one.role == 'assistant' %}{% generation %}"
        "{{ one.content }}<|im_end|>{% endgeneration %}{% else %}{{ one.content }}<|im_end|>{% endif %}\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    talk = [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Two.\nThree"}] * 3
    theirs = tokenizer.apply_chat_template(talk, return_dict=True, return_assistant_tokens_mask=True)
    ids, labels = names["build_example"](talk, tokenizer)
    assert ids == theirs["input_ids"]
    assert [int(label != -100) for label in labels] == theirs["assistant_masks"]


@pytest.mark.parametrize("seed", range(3))
def test_the_loop_is_transformers_loss(names, seed):
    """Whole batches with attention masks and transformers' own loss, and the same steps."""
    from transformers import GPT2Config, GPT2LMHeadModel

    def make():
        torch.manual_seed(seed)
        plain = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0, "bos_token_id": 0, "eos_token_id": 0}
        return GPT2LMHeadModel(GPT2Config(vocab_size=13, n_positions=16, n_embd=8, n_layer=2, n_head=2, **plain))

    draw = np.random.default_rng(seed)
    examples = [
        (ids, [-100] * (len(ids) // 2) + ids[len(ids) // 2 :])
        for ids in (draw.integers(13, size=n).tolist() for n in range(3, 12))
    ]
    own = names["finetune"](make(), examples, 5, 0.01, 4, torch.Generator().manual_seed(seed))
    model, generator, losses = make(), torch.Generator().manual_seed(seed), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, 5)
    for _ in range(5):
        rows = [examples[i] for i in torch.randint(9, (4,), generator=generator)]
        pad = nn.utils.rnn.pad_sequence
        ids = pad([torch.tensor(one) for one, _ in rows], True)
        mask = pad([torch.ones(len(one)) for one, _ in rows], True)
        labels = pad([torch.tensor(one) for _, one in rows], True, -100)
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            schedule.step()
        losses.append(loss.item())
    assert own == pytest.approx(losses, rel=1e-3)


OWN = {
    "gpt2": (small_causal, ["c_attn"], False),
    "distilbert": (small_distilbert, ["q_lin", "v_lin"], False),
    "llama through peft": (lambda folder: small_causal(folder, "llama"), ["q_proj", "v_proj"], True),
    "qwen through peft": (lambda folder: small_causal(folder, "qwen"), ["q_proj", "v_proj"], True),
}


@pytest.fixture(scope="module")
def own_task(root, names):
    """The cells of exercise 4's run for a task of one's own: definitions, and the last with other settings."""
    cells = [one.source for one in notebooks.source(root, "alignment").cells if "explore" in notebooks.tags(one)]
    by_start = {start: next(one for one in cells if one.startswith(start)) for start in ("ft_rated", "def ft_compare", "ft_file")}
    exec(by_start["ft_rated"] + "\n" + by_start["def ft_compare"], names)

    def run(**settings):
        first, rest = by_start["ft_file"].split("\n", 1)
        assert first.count("None") == 2, "the settings stand in the first line"
        exec(rest, names | {"ft_curves": {}} | settings)

    return run


@pytest.mark.parametrize("kind", OWN)
def test_a_task_of_ones_own_with_another_model(own_task, tmp_path, monkeypatch, capsys, kind):
    from peft import PeftModel

    make, targets, by_peft = OWN[kind]
    folder = make(tmp_path / "model")
    rows = [f"is this film {'a ' * n}fine ?,good" for n in range(1, 11)]
    (tmp_path / "films.csv").write_text("\n".join(["prompt,answer", *rows]))
    monkeypatch.chdir(tmp_path)
    own_task(ft_file=str(tmp_path / "films.csv"), ft_name=folder, ft_targets=targets, ft_by_peft=by_peft)
    assert "films.csv: " in capsys.readouterr().out
    model, _ = models.load(folder)
    tuned = PeftModel.from_pretrained(model, "films-adapter")
    assert sum("lora_A" in name for name, _ in tuned.named_parameters()) == 2 * len(targets)


def test_too_few_pairs_of_ones_own(own_task, tmp_path):
    (tmp_path / "few.jsonl").write_text('{"prompt": "a", "answer": "b"}\n' * 12)
    with pytest.raises(ValueError, match="few.jsonl has 1 different pairs; add more"):
        own_task(ft_file=str(tmp_path / "few.jsonl"), ft_name=None, ft_targets=["q_proj"], ft_by_peft=False)


def test_a_masked_model_learns_by_the_same_loop(own_task, names, tmp_path):
    model, tokenizer = models.load(small_distilbert(tmp_path))
    words = {"fine": "good", "dull": "bad"}
    pairs = [(f"is this {'a ' * n}{word} film ?", answer) for n in range(5) for word, answer in words.items()]
    examples = [names["ft_example"](pair, tokenizer) for pair in pairs]
    before = names["ft_accuracy"](model, pairs, tokenizer)
    losses = names["finetune"](model, examples, 120, 0.01, 8, torch.Generator().manual_seed(0))
    assert before < 0.8 and losses[0] > 1 and losses[-1] < 0.2 and names["ft_accuracy"](model, pairs, tokenizer) == 1
