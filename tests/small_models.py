"""Small random models with tokenizers, saved as on the Hub: what a name stands for where there is no network."""

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    DistilBertConfig,
    DistilBertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)


def saved(folder, model, tokenizer):
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def small_distilbert(folder):
    vocab = ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]", *"is this film good or bad ? dull fine a".split()]
    core = Tokenizer(models.WordPiece({one: i for i, one in enumerate(vocab)}, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    names = {f"{one}_token": f"[{one.upper()}]" for one in ("pad", "cls", "sep", "mask", "unk")}
    sizes = {"max_position_embeddings": 32, "n_layers": 2, "n_heads": 2, "dim": 16, "hidden_dim": 32}
    sizes |= {"initializer_range": 0.2, "dropout": 0.0, "attention_dropout": 0.0}  # so that it soon learns
    torch.manual_seed(0)
    model = DistilBertForMaskedLM(DistilBertConfig(vocab_size=len(vocab), pad_token_id=0, **sizes))
    return saved(folder, model, PreTrainedTokenizerFast(tokenizer_object=core, **names))


def small_causal(folder, kind="gpt2"):
    """A GPT-2, Llama or Qwen2 whose tokenizer brings no chat template."""
    letters = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    core = Tokenizer(models.BPE(letters, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|endoftext|>")
    plain = {"vocab_size": len(tokenizer), "bos_token_id": 256, "eos_token_id": 256, "pad_token_id": None}
    torch.manual_seed(0)
    if kind == "gpt2":
        model = GPT2LMHeadModel(GPT2Config(**plain, n_positions=256, n_embd=16, n_layer=2, n_head=2))
    else:
        config, model = {"llama": (LlamaConfig, LlamaForCausalLM), "qwen": (Qwen2Config, Qwen2ForCausalLM)}[kind]
        sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2}
        model = model(config(**plain, **sizes, num_attention_heads=2, num_key_value_heads=1))
    return saved(folder, model, tokenizer)
