"""Masked language models, BERT and its kin, made to answer: the answer's places are masked, and the model fills them in.

Such a model reads the whole text at once and tells what stands behind each mask (Devlin et al. 2018, section 3.1). Here a prompt
and its answer are written [CLS] prompt [SEP] answer [SEP]; what follows the first [SEP] is hidden, and the prediction for a place
is reported one place earlier, where a model that reads from left to right would make it. So the loops and losses of one kind do
for the other. The masks of an answer are filled in side by side, and their number tells its length.
"""

ONE_ANSWER = "A masked model takes one answer, and it comes last."
TEMPLATE = (
    "{{ cls_token }}{% for one in messages %}{% if one.role != 'assistant' %}{{ one.content }} "
    "{% elif loop.last %}{{ sep_token }}{{ one.content }}{{ sep_token }}"
    "{% else %}{{ raise_exception('" + ONE_ANSWER + "') }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ sep_token }}{% endif %}"
)


def is_masked(config) -> bool:
    """Whether a model's configuration, as transformers has it, was saved with a masked language model."""
    return any(name.endswith("ForMaskedLM") for name in config.architectures or ())


def ready(tokenizer):
    """The tokenizer with a chat template for one prompt and one answer, and [SEP] as its end token."""
    tokenizer.chat_template, tokenizer.eos_token = TEMPLATE, tokenizer.sep_token
    return tokenizer


def answering(model, tokenizer):
    """The model, which from now on hides the answers it is given and reports its logits one place earlier.

    Its forward takes input_ids (B, T), padded on the right with anything, and gives logits (B, T, V); it ignores all else.
    """

    def hide(module, args, kwargs):
        ids = args[0] if args else kwargs["input_ids"]
        ends = ids == tokenizer.sep_token_id
        part = ends.cumsum(1) - ends.long()  # 0: the prompt and its [SEP]; 1: the answer and its own; 2: padding
        return (), {"input_ids": ids.where(part != 1, tokenizer.mask_token_id), "attention_mask": (part < 2).long()}

    def earlier(module, args, output):
        output.logits = output.logits.roll(-1, 1)
        return output

    model.register_forward_pre_hook(hide, with_kwargs=True)
    model.register_forward_hook(earlier)
    return model
