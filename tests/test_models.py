"""The chat model: dequantized once, the same as transformers makes it, and clear words where it cannot be had."""

import threading

import huggingface_hub
import pytest
import torch
from small_models import small_causal, small_distilbert

from course import data, models
from course.errors import CourseError

PROMPT = "Naïve café: 1,024 tokens, don't panic!\n\tdef f(x):  return x  # 漢字 🙂"


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """An empty cache, a source that is there, and a dequantizer that takes no time; the list of its calls."""
    calls = []

    def dequantize(source, target):
        calls.append(source)
        (target / models.WEIGHTS).write_bytes(b"weights")
        (target / "config.json").write_text("{}")

    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(data, "fetch", lambda name: tmp_path / f"{name}.gguf")
    monkeypatch.setattr(models, "_dequantize", dequantize)
    return calls


def test_made_once_and_whole(elsewhere, tmp_path):
    place = models.folder()
    assert place == models.folder() == tmp_path / "cache" / models.KEPT
    assert len(elsewhere) == 1 and sorted(path.name for path in place.iterdir()) == ["config.json", "model.safetensors"]
    assert [path.name for path in place.parent.iterdir()] == [models.KEPT], "nothing half-made stays"


def test_a_folder_without_weights_is_made_anew(elsewhere, tmp_path):
    (tmp_path / "cache" / models.KEPT).mkdir()
    (tmp_path / "cache" / models.KEPT / "stale").touch()
    assert not (models.folder() / "stale").exists()


def test_several_at_once_end_with_one_folder(elsewhere):
    found = []
    threads = [threading.Thread(target=lambda: found.append(models.folder())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1 and (found[0] / models.WEIGHTS).is_file()


def test_a_full_disk_leaves_nothing_and_says_what_to_do(elsewhere, monkeypatch, tmp_path):
    def full(source, target):
        (target / models.WEIGHTS).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(models, "_dequantize", full)
    with pytest.raises(CourseError, match="No space left on device.*600 MB.*COURSE_CACHE") as error:
        models.folder()
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "cache").iterdir())


def test_a_name_that_is_not_to_be_had(monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)  # the variable was read at its import
    for ask in (models.load, models.tokenizer):
        with pytest.raises(CourseError, match="'nobody/nothing' could not be loaded.*check its name and the network") as error:
            ask("nobody/nothing")
        assert "\n" not in str(error.value)


@pytest.mark.slow
def test_the_real_model_is_what_its_file_holds():
    model, tokenizer = models.load()
    assert not model.training and model.dtype == torch.float32
    assert sum(p.numel() for p in model.parameters()) == 134_515_008
    assert model.lm_head.weight is model.model.embed_tokens.weight
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What is the capital of France?"}], add_generation_prompt=True, return_tensors="pt"
    )["input_ids"]
    with torch.no_grad():
        answer = model.generate(ids, max_new_tokens=12, do_sample=False)
    assert "Paris" in tokenizer.decode(answer[0, ids.shape[1] :])


@pytest.mark.slow
def test_the_merges_are_the_tokenizers():
    vocab, merges, special = models.bpe()
    tokenizer = models.tokenizer()
    assert len(vocab) == len(tokenizer) == 49_152 and sorted(vocab) == list(range(49_152))
    assert all(a + b in set(vocab.values()) for a, b in merges[:500])
    assert set(special) == set(tokenizer.get_added_vocab())
    ids = tokenizer.encode(PROMPT, add_special_tokens=False)
    assert b"".join(vocab[i] for i in ids).decode() == PROMPT == tokenizer.decode(ids)
    vocab.clear()
    assert models.bpe()[0], "what a caller does to his copy stays his"


TURNS = [
    {"role": "system", "content": "one word"},
    {"role": "user", "content": "is this film good ?"},
    {"role": "assistant", "content": "bad"},
]


def test_a_model_that_was_never_taught_to_chat_gets_a_template(tmp_path):
    _, tokenizer = models.load(small_causal(tmp_path))
    asked = tokenizer.apply_chat_template(TURNS[:2], tokenize=False, add_generation_prompt=True)
    assert asked == "one word\nis this film good ?\nAnswer:"
    assert tokenizer.apply_chat_template(TURNS, tokenize=False) == asked + " bad<|endoftext|>\n"


def test_a_template_that_a_tokenizer_brings_stays(tmp_path):
    small_causal(tmp_path)
    own = models.tokenizer(str(tmp_path))
    own.chat_template = "mine"
    own.save_pretrained(tmp_path)
    assert models.tokenizer(str(tmp_path)).chat_template == "mine"


def test_a_masked_model_answers_through_its_masks(tmp_path):
    from transformers import DistilBertForMaskedLM

    model, tokenizer = models.load(small_distilbert(tmp_path))
    ids = tokenizer.apply_chat_template(TURNS, return_dict=False)
    words = tokenizer.convert_ids_to_tokens(ids)
    assert words == "[CLS] [UNK] [UNK] is this film good ? [SEP] bad [SEP]".split() and tokenizer.eos_token == "[SEP]"
    hidden = [i if place < 9 else tokenizer.mask_token_id for place, i in enumerate(ids)]
    plain = DistilBertForMaskedLM.from_pretrained(tmp_path).eval()
    with torch.no_grad():
        expected = plain(input_ids=torch.tensor([hidden])).logits
        for padding in ([], [0, 0], [tokenizer.sep_token_id], [7, 5, 3]):
            logits = model(input_ids=torch.tensor([ids + padding]), logits_to_keep=2).logits
            # What is told at a place is meant for the next one.
            torch.testing.assert_close(logits[:, : len(ids) - 1], expected[:, 1:])


def test_a_masked_model_takes_one_answer(tmp_path):
    tokenizer = models.tokenizer(small_distilbert(tmp_path))
    with pytest.raises(Exception, match="takes one answer"):
        tokenizer.apply_chat_template([*TURNS, *TURNS], tokenize=False)
