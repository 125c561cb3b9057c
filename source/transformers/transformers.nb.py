# %% [markdown]
r"""
# Transformers

**From bytes to a chat model that runs on your own code.**

You start with a file of bytes. Fifteen exercises later you have written a tokenizer, attention, a GPT and its training
loop, and your own Llama has loaded the weights of a real chat model, and answers you.

*100 points · core exercises 3 hours · all of them 10 hours*
"""

# %% [markdown]
r"""
## Where to start

You have done the foundations notebook, or know cross-entropy, backpropagation and a training loop in PyTorch.
**Weekend track**: the eleven exercises marked *core*. **Full track**: all fifteen.

First watch 3Blue1Brown's [chapters on GPT and attention](https://www.3blue1brown.com/topics/neural-networks), and read
Alammar's [Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/). Beside part C, Karpathy's
[Let's build GPT](https://www.youtube.com/watch?v=kCc8FmEb1nY). After part B, section 3 of Vaswani et al., closely. The
minutes of exercises that are not core include the paper's section.

Replace `raise NotImplementedError(...)`, then run every cell down to the next text. A function leaves its arguments as
they were. The tests you see are a part of those that grade you. **Validate** runs everything from a fresh start, as
grading does.
"""

# %% nbgrader={"grade": false, "grade_id": "given-imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import regex
import torch
from torch import nn
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from course import check, data, device, models, plot, widgets

# Graded cells work on small tensors: a second thread would only wait for the first. Long runs ask for all cores.
torch.set_num_threads(1)

# %% [markdown]
r"""
# A · Text becomes numbers

A language model reads whole numbers. How text is cut into them decides how long a sentence is, how large the model's
table must be, and which words it can spell at all.
"""

# %% [markdown]
r"""
### 1 · Learning a vocabulary

*9 points · core · 25 min · Sennrich et al. 2016, section 3.2; Radford et al. 2019, section 2.2*

256 bytes can spell anything, slowly. **Byte-pair encoding** makes the most frequent pair of neighbours one token,
again and again. A pattern first cuts the text into *words*; no merge crosses them.

Counting all pairs anew after each merge is slow and needless: only words with that pair have changed.

<details><summary>A nudge</summary>Keep equal words once, with their number, and three tables: a word's tokens, a
pair's count, a pair's words.</details>
<details><summary>The key step</summary>In each word of the winner: take its pairs out of the counts, merge, put its new
ones in.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-bpe", "locked": true, "schema_version": 3, "solution": false, "task": false}
import sys
from unittest import mock

# GPT-2's: an English ending, or letters, digits or signs with one space before them, or white space.
PATTERN = regex.compile(r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")

def merge_pair(tokens, pair):
    """A new list with the pair made one token, from left to right: [a, a, a, b] and (a, a) give [aa, a, b]."""
    merged, i = [], 0
    while i < len(tokens):
        step = 2 if tuple(tokens[i : i + 2]) == pair else 1
        merged.append(b"".join(tokens[i : i + step]))
        i += step
    return merged

def lines_run(work):
    """For the tests: how many lines of Python `work()` runs, those of a loop once for each turn, and calls."""
    count, before = 0, sys.gettrace()
    def trace(frame, event, argument):
        nonlocal count
        count += 1
        return trace
    def tally(mapping, items):  # Counter's own loop is written in C, where lines are not seen
        for item in items: mapping[item] = mapping.get(item, 0) + 1
    with mock.patch("collections._count_elements", tally):
        sys.settrace(trace)
        try: work()
        finally: sys.settrace(before)
    return count
PATTERN.findall("We'll see: it's 1999 in the café,\n\n   isn't it?")

# %% nbgrader={"grade": false, "grade_id": "bpe-train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_bpe(text, vocab_size, special_tokens=()):
    """Learn byte-level merges. Returns vocab, {id: bytes}, and merges, [(bytes, bytes)], in the order learned.

    vocab: bytes 0 to 255, merged tokens, special_tokens as given: vocab_size in all, or fewer if no pair is left.
    ValueError if vocab_size is below 256 + len(special_tokens). text is cut at special tokens (the longest that fits),
    then by PATTERN into words. Each merge takes the most frequent pair inside words (aaa holds (a, a) twice), of equals
    the greatest as Python orders them. After one pass over the text, a merge works only on words that hold its pair."""
    ### BEGIN SOLUTION
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError(f"vocab_size must be at least {256 + len(special_tokens)}")
    cut = "|".join(map(regex.escape, sorted(special_tokens, key=len, reverse=True))) or "(?!)"  # which fits nowhere
    times = Counter(word for piece in regex.split(cut, text) for word in PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders, merges = Counter(), defaultdict(set), []
    def enter(word, sign):
        for pair in zip(words[word], words[word][1:]):
            counts[pair] += sign * times[word]
            (holders[pair].add if sign > 0 else holders[pair].discard)(word)
    for word in words:
        enter(word, 1)
    while len(merges) < n_merges and (top := max(zip(counts.values(), counts), default=(0, None)))[0]:
        merges.append(top[1])
        for word in holders.pop(merges[-1]):
            enter(word, -1)
            words[word] = merge_pair(words[word], merges[-1])
            enter(word, 1)
    tokens = [*map(bytes, zip(range(256))), *map(b"".join, merges), *map(str.encode, special_tokens)]
    return dict(enumerate(tokens)), merges
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "bpe-train-test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""aaabdaaabac by hand: (a, a) stands in 4 places. Then aa·a and a·b stand in 2 each, and aa·a is the greater pair."""
def train_shown(*given):
    """The merges as pairs of text, and the tokens by id; latin-1 has a letter for every byte."""
    vocab, merges = train_bpe(*given)
    shown = {i: str(token, "latin-1") for i, token in vocab.items()}
    return [[str(a, "latin-1"), str(b, "latin-1")] for a, b in merges], [shown[i] for i in range(len(vocab))]
check.equal(lambda: (lambda vocab, merges: f"{vocab.get(256)} {merges}")(*train_bpe("ab", 257)), "b'ab' [(b'a', b'b')]",
    "Do vocab, {id: bytes}, and merges, [(bytes, bytes)], come back in this order, a pair seen once merged too?")
check.equal(lambda: train_shown("aaabdaaabac", 259)[0], [["a", "a"], ["aa", "a"], ["aaa", "b"]],
    "Is it the most frequent pair of bytes, every place counted, and of equals the greatest, as max() orders them?")
check.equal(lambda: train_shown("aaabdaaabac", 259)[1], [*map(chr, range(256)), "aa", "aaa", "aaab"],
    "Ids 0 to 255 are the single bytes, then the merged tokens in their order.")
check.equal(lambda: train_shown("low lower low", 1000)[0],
    [["o", "w"], ["l", "ow"], [" ", "low"], ["e", "r"], [" low", "er"]],
    "Words are what PATTERN finds. Is the greatest of equals taken, and pairs seen once too, until none is left?")
check.raises(lambda: train_bpe("abc", 255), ValueError, "255 ids are too few for 256 bytes: is there a ValueError?")
### BEGIN HIDDEN TESTS
def oracle(pieces, n_merges):  # everything counted again for each merge
    words, merges = [[bytes([b]) for b in word.encode()] for piece in pieces for word in PATTERN.findall(piece)], []
    while len(merges) < n_merges and (pairs := Counter(pair for word in words for pair in zip(word, word[1:]))):
        merges.append(max(pairs, key=lambda pair: (pairs[pair], pair)))
        words = [merge_pair(word, merges[-1]) for word in words]
    return [[a.decode("latin-1"), b.decode("latin-1")] for a, b in merges]
for letters, seed in [("ab", 1), ("abc ", 2), ("aé漢🙂 \n", 3), ("1'st, ", 4), ("a", 5)]:
    text = "".join(letters[i] for i in check.integers(300, high=len(letters), seed=seed))
    check.equal(lambda: train_shown(text, 300)[0], oracle([text], 44),
        "Is every place of a pair counted, old neighbours taken out, new ones put in? Is the greatest of equals taken?")
check.equal(lambda: [len(train_shown("", 300)[1]), train_shown("abc", 256)[0]], [256, []],
    "No pair, or room for the 256 bytes and no merge: is that an answer too, and no error?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bpe-train-test-special", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Special tokens are cut out of the text before anything is counted, and get the last ids."""
check.equal(lambda: train_shown("ab", 300, ["<b>", "<a>"])[1][255:], ["\xff", "ab", "<b>", "<a>"],
    "Special tokens come last, right after the merged ones, as bytes, in the order given: does vocab hold them so?")
check.equal(lambda: train_shown("ab<|end|>ab<|end|>", 300, ["<|end|>"])[0], [["a", "b"]],
    "Is anything learned from the letters of <|end|>, or across it?")
check.equal(lambda: train_shown("a<s>b a<s>b", 300, ["<s>"])[0], [[" ", "a"]],
    "a and b are no neighbours, a special token stands between them: do you cut the text there, or only remove it?")
check.equal(lambda: train_shown("<e>xyz", 300, ["<e>", "<e>x"])[0], [["y", "z"]],
    "Two special tokens begin here: is the longest cut out?")
check.raises(lambda: train_bpe("ab", 257, ["<b>", "<a>"]), ValueError,
    "257 ids are too few for 256 bytes and two special tokens: is there a ValueError?")
### BEGIN HIDDEN TESTS
signs = ["(.)", "a|b", "a|b+", "^", "é漢"]
check.equal(lambda: train_shown("xy(.)xy ca|b+bca|bca xyé漢 xy^xyz", 300, signs)[0],
    oracle(["xy", "xy c", "bc", "ca xy", " xy", "xyz"], 44),
    "A special token may hold any signs: are those that mean something in a pattern escaped, and the longest taken?")
check.equal(signs, ["(.)", "a|b", "a|b+", "^", "é漢"], "The list of special tokens came back changed.")
check.equal(lambda: train_shown("xy(.)xy", 263, signs)[1][256:], ["xy", "(.)", "a|b", "a|b+", "^", "Ã©æ¼¢"],
    "After the merged tokens come the special ones as UTF-8 bytes, in the order in which they were given.")
check.equal(lambda: [len(train_shown("abc", 258, ("<s>",))[i]) for i in (0, 1)], [1, 258],
    "Does vocab_size count the special tokens, so that there is room for one merge here?")
check.equal(lambda: train_shown("AB", 300, ["ab"])[0], [["A", "B"]],
    "AB is not the special token ab: is the text cut only where a special token stands as it was given?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bpe-train-test-work", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Merges inside one long word cost the same work, however many other words the text holds."""
def work(words, long):
    """Lines of Python that 20 merges more take, all of them inside `long`, which stands 40 times beside the words."""
    text = "\n".join([*words, *[long] * 40])
    return lines_run(lambda: train_bpe(text, 256 + 21)) - lines_run(lambda: train_bpe(text, 256 + 1))

some = "abcdefghijklmnopq"
few = [some[i] + some[j] + some[(i + j) % 17] for i in range(17) for j in range(17)]  # every pair is there
many = [a + b + c for a in some for b in some for c in some]  # the same pairs, 34 times each
check.that(lambda: [work(few, "ABCDEFGHIJKLMNOPQRSTUV"), work(many, "ABCDEFGHIJKLMNOPQRSTUV")],
    lambda lines: 0 < lines[1] < 2 * lines[0],
    "Lines run for 20 merges, beside 289 other words and beside 4,913: does a merge look at words without its pair?")
### BEGIN HIDDEN TESTS
check.that(lambda: [work(few, "ZYXWVUTSRQPONMLKJIHGFED"), work(many, "ZYXWVUTSRQPONMLKJIHGFED")],
    lambda lines: 0 < lines[1] < 2 * lines[0],
    "Lines run for 20 merges, beside 289 other words and beside 4,913: does a merge look at words without its pair?")
def library(text, size):
    """What the tokenizers library learns; here no two pairs are equally frequent, and its tie rule is another."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    made, known = Tokenizer(models.BPE()), pre_tokenizers.ByteLevel.alphabet()
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.train_from_iterator([text], trainers.BpeTrainer(vocab_size=size, initial_alphabet=known, show_progress=False))
    return [made.id_to_token(i).replace("Ġ", " ").replace("Ċ", "\n") for i in range(256, size)]

check.equal(lambda: train_shown(data.shakespeare()[:100_000], 296)[1][256:], library(data.shakespeare()[:100_000], 296),
    "On real text: is every word counted as often as it stands there?")
### END HIDDEN TESTS

# %% [markdown]
r"""
The first merges on some pages of Shakespeare (`_` is a space), and what the vocabulary saves as it grows. **Look for**
whole words among the first forty, for the curve that flattens, and for the new pages that gain less: each token more
saves less, and costs the model one more row in its table.
"""

# %% tags=["explore"]
page, next_page = data.shakespeare()[:200_000], data.shakespeare()[200_000:300_000]
page_vocab, page_merges = train_bpe(page, 3000)
print(" ".join(repr((a + b).decode()).strip("'").replace(" ", "_") for a, b in page_merges[:40]))

def bytes_per_token(text):
    """After each merge: every token written as one character, words apart by a sign that is none of them."""
    line = chr(0x10FFFF).join(PATTERN.findall(text))
    sign, sizes = {token: chr(i) for i, token in page_vocab.items()}, []
    for a, b in page_merges:
        line = line.replace(sign[a] + sign[b], sign[a + b])
        sizes.append(len(text) / (len(line) - line.count(chr(0x10FFFF))))
    return sizes

series = {"the pages it learned from": bytes_per_token(page), "the pages after": bytes_per_token(next_page)}
plot.curves(series, x=range(257, 257 + len(page_merges)), xlabel="vocabulary size", ylabel="bytes per token");

# %% [markdown]
r"""
### 2 · Text to ids and back

*7 points · core · 15 min · Sennrich et al. 2016, section 3.2; Radford et al. 2019, section 2.2*

Encoding repeats what training did: cut at special tokens, cut into words, take a word's bytes, and of all its pairs
merge the one learned **first**; then again. That need not give the longest token that would fit.

Decoding joins the bytes before it reads UTF-8, for one letter may take two tokens. U+FFFD (�) stands for bytes that are
no text.

Uses `PATTERN`; `merge_pair` may help.

<details><summary>A nudge</summary>Number the merges: a dictionary from pair to rank.</details>
<details><summary>The key step</summary>While any pair of the word has a rank, merge the lowest.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "bpe-encode", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Tokenizer:
    """vocab: {id: bytes} of all bytes, merged and special tokens, any ids; merges, special_tokens: as in train_bpe."""
    def __init__(self, vocab, merges, special_tokens=()):
        ### BEGIN SOLUTION
        self.vocab, self.ids = vocab, {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.cut = f"({'|'.join(map(regex.escape, sorted(special_tokens, key=len, reverse=True))) or '(?!)'})"
        ### END SOLUTION
    def encode(self, text):
        """A list of ids; of special tokens that begin at one place, the longest. ValueError for a lone surrogate."""
        ### BEGIN SOLUTION
        ids = []
        for place, piece in enumerate(regex.split(self.cut, text)):  # every second piece is a special token
            for word in [piece] if place % 2 else PATTERN.findall(piece):
                tokens = [word.encode()] if place % 2 else [bytes([byte]) for byte in word.encode()]
                while pairs := [pair for pair in zip(tokens, tokens[1:]) if pair in self.ranks]:
                    tokens = merge_pair(tokens, min(pairs, key=self.ranks.get))
                ids += [self.ids[token] for token in tokens]
        return ids
        ### END SOLUTION
    def decode(self, ids):
        """A string; a byte that is no part of UTF-8 becomes U+FFFD."""
        ### BEGIN SOLUTION
        return b"".join(self.vocab[i] for i in ids).decode(errors="replace")
        ### END SOLUTION
    def encode_iterable(self, iterable):
        """An iterator over the ids of each string, encoded by itself; it reads a string only when its ids are due."""
        ### BEGIN SOLUTION
        return (i for text in iterable for i in self.encode(text))
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "bpe-encode-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""abcd by hand: b·c was learned first (256), then a·b (257), then bc·d (258)."""
def toy(merges, special_tokens=(), first=0):
    """A Tokenizer: the special tokens have the ids from `first` on, then come the 256 bytes, then the merges."""
    tokens = [*map(str.encode, special_tokens), *(bytes([i]) for i in range(256)), *map(b"".join, merges)]
    return Tokenizer(dict(enumerate(tokens, first)), list(merges), special_tokens)
abcd = [(b"b", b"c"), (b"a", b"b"), (b"bc", b"d")]
check.equal(lambda: str(toy(abcd).encode("abcd")), "[97, 258]",
    "Is the merge learned first applied to the bytes, then the next, until no pair has a merge? Is it a list of ids?")
check.equal(lambda: toy(abcd, first=1000).encode("ab abab"), [1257, 1032, 1257, 1257],
    "Are ids looked up in vocab, and is a pair merged at each place in the word?")
check.equal(lambda: toy(abcd).decode([97, 258, 195, 169, 255, 33]), "abcdé\ufffd!",
    "é is the bytes 195 and 169, here two tokens: are all bytes joined before they are read? And 255 is in no UTF-8.")
for text in ["", " \nnaïve café\t\r\n\n  ", "👩‍👩‍👧 e\u0301 कि \x00 \U0010ffff"]:
    check.equal(lambda: ascii(toy(abcd).decode(toy(abcd).encode(text))), ascii(text),
        "Does any text come back as it was, white space and accents too? (Other letters are shown by their numbers.)")
check.raises(lambda: toy(abcd).encode("a\ud800b"), ValueError,
    "Half a surrogate pair is no letter and has no UTF-8: is there a ValueError?")
### BEGIN HIDDEN TESTS
check.equal(lambda: toy([(b"a", b"a"), (b"aa", b"aa"), (b"aa", b"a")]).encode("aaaaaaa aaa"), [257, 258, 32, 258],
    "Runs of one letter: is a pair merged from left to right, at each place, before the next is chosen?")
check.equal(lambda: toy([(b" ", b"b"), (b"b", b"b"), (b"a", b" ")], first=7).encode("a bb"), [104, 263, 105],
    "Is the text cut into words by PATTERN, with no merge across?")
check.equal(lambda: [toy(abcd, first=5).decode([102, 263, 133, 260]), toy(abcd).decode([])], ["abcd\ufffd\ufffd", ""],
    "Is each id looked up in vocab, and each wrong byte (here 128 and 255) replaced by U+FFFD, not dropped?")
check.raises(lambda: toy(abcd).encode("\udcff"), ValueError, "Half a surrogate pair: is there a ValueError?")
own = dict(enumerate([b"bcd", b"ab", b"bc"], 256)) | {i: bytes([i]) for i in range(256)}
check.equal(lambda: [Tokenizer(own, abcd[:]).encode("abcd"), toy(sorted(abcd)).encode("abcd")],
    [[97, 256], [256, 99, 100]], "Other ids, then another order of merges: does its place in merges rank a pair, no "
    "id? Does one Tokenizer reuse the words of another Tokenizer?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bpe-encode-test-real", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Special tokens stay whole; and the chat model's merges give the ids that the chat model knows."""
def own_chat_tokenizer():
    """Yours, from the chat model's parts. Its vocabulary lacks 21 rare bytes: they get ids after all others."""
    vocab, merges, special_tokens = models.bpe()
    rare = sorted({bytes([i]) for i in range(256)} - set(vocab.values()))
    return Tokenizer(vocab | dict(enumerate(rare, len(vocab))), merges, special_tokens)
tags = ["<s>", "<s><s>", "</s>"]
check.equal(lambda: toy(abcd, tags).encode("<s>bc<s><s></s>"), [0, 259, 1, 2],
    "Is a special token one id wherever it stands, and of those that begin at one place the longest?")
check.equal(tags, ["<s>", "<s><s>", "</s>"], "The list of special tokens came back changed.")
check.equal(lambda: toy(abcd, tags).decode([0, 259, 1, 2]), "<s>bc<s><s></s>", "Special tokens are written out again.")
check.equal(lambda: own_chat_tokenizer().encode("Hello, world!<|im_end|>"), [19556, 28, 905, 17, 2],
    "The chat model's own ids: is each word merged by rank, and <|im_end|> found, though it holds a |?")
### BEGIN HIDDEN TESTS
signs = ["a|b", "(*", "a|b(", "é漢", "[^]"]
given = dict(enumerate([*map(str.encode, tags), *(bytes([i]) for i in range(256)), b"bc"])), [(b"b", b"c")], tags
check.equal(lambda: toy(abcd, signs).encode("bca|b(bca|b[^]bc(*é漢A|B"), [261, 2, 261, 0, 4, 261, 1, 3, 70, 129, 71],
    "A special token may hold any signs: are they escaped, the longest taken, and A|B no special token here?")
check.equal(lambda: (lambda ids: [Tokenizer(*given).decode(ids), ids, *map(len, given)])([0, 259]),
    ["<s>bc", [0, 259], 260, 1, 3], "Do ids, vocab, merges and special_tokens stay as they were? (Lengths come last.)")
reals = [data.shakespeare()[5000:5300], "Er fuhr übers Eis. Там снег. 北京 🙂", data.ratings()[7].text,
    "def f(x):\n    return [i**2 for i in range(x)]  # 1999, we'll see\n", "<|im_start|>user\nHi<|im_end|>\n"]
theirs = models.tokenizer()
for text in reals:
    check.equal(lambda: own_chat_tokenizer().encode(text), theirs.encode(text, add_special_tokens=False),
        "The ids are not the chat model's: is every word cut by PATTERN, merged by rank, and are special tokens whole?")
check.equal(lambda: (lambda chat: chat.decode(chat.encode("\x04 ñ<|im_end|>")))(own_chat_tokenizer()),
    "\x04 ñ<|im_end|>",
    "Does any text come back as it was, special tokens too?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bpe-encode-test-iterable", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A file of any length: how many of its lines had been read when each id came out."""
def lines_read(lines):
    """The ids of encode_iterable, each with the number of lines read by then."""
    read = []
    def file():
        for line in lines:
            read.append(line)
            yield line
    ids = toy([*abcd, (b"\n", b"\n")], ["<s>"]).encode_iterable(file())
    return [len(read), *([i, len(read)] for i in ids)]
check.equal(lambda: lines_read(["bc", "da", "\n\n", "<s>"]), [0, [257, 1], [101, 2], [98, 2], [260, 3], [0, 4]],
    "Lines read at first, then id and lines: is each string encoded by itself, line ends too, and read only when due?")
check.equal(lambda: next(iter(toy(abcd).encode_iterable(["bcd", "a"]))), 258, "Does it give one id after the other?")
### BEGIN HIDDEN TESTS
import weakref
class Line(str): pass
def held(n):
    """The most lines of a file of n that were in memory at one time."""
    alive, most = weakref.WeakSet(), 0
    def file():
        for i in range(n):
            line = Line(f"bcd {i}")
            alive.add(line)
            yield line
    for _ in toy(abcd).encode_iterable(file()): most = max(most, len(alive))
    return most

check.that(lambda: held(3000), lambda most: 0 < most < 1500, "Are the strings kept after their ids were given?")
check.equal(lambda: lines_read(["", "", "abcd", "", "<s>"]), [0, [98, 3], [259, 3], [0, 5]], "Some strings are empty.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Three vocabularies: yours, of 2,000 tokens; a unigram model of the same size from the same plays (Kudo 2018: it starts
with too many pieces, and drops those it misses least); and the chat model's, 49,152 tokens from the web.
**Look for** the bars at 1: a script that was not in the text is spelt byte by byte. The line below tells how many tokens
one story, in five languages, costs the chat model.
"""

# %% tags=["explore"]
import inspect
import io

from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

plays, unigram = data.shakespeare()[:500_000], io.BytesIO()
own = train_bpe(plays, 2000)
how = {"vocab_size": 2000, "byte_fallback": True, "user_defined_symbols": "\n", "minloglevel": 2}  # unigram by default
how |= {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "add_dummy_prefix": False}
SentencePieceTrainer.train(sentence_iterator=iter(plays.splitlines()), model_writer=unigram, **how)
encoders = {
    "yours, from plays": Tokenizer(*own).encode,
    "unigram, from plays": SentencePieceProcessor(model_proto=unigram.getvalue()).encode,
    "the chat model's, from the web": own_chat_tokenizer().encode,
}
samples = {
    "another play": data.shakespeare()[1_000_000:1_002_000],
    "Python": inspect.getsource(check.close),
    "English": "It rained all day and we stayed at home. In the evening my brother made soup and we told stories.",
    "German": "Es regnete den ganzen Tag und wir blieben daheim. Abends kochte mein Bruder Suppe und wir erzählten.",
    "Greek": "Έβρεχε όλη μέρα και μείναμε στο σπίτι. Το βράδυ ο αδελφός μου έφτιαξε σούπα και λέγαμε ιστορίες.",
    "Hindi": "सारा दिन बारिश होती रही और हम घर पर ही रहे। शाम को मेरे भाई ने सूप बनाया और हमने कहानियाँ सुनाईं।",
    "Chinese": "下了一整天的雨，我们待在家里。晚上哥哥煮了汤，我们互相讲故事。",
}
rates = {name: [len(text.encode()) / len(ids(text)) for text in samples.values()] for name, ids in encoders.items()}
plot.groups(list(samples), rates, ylabel="bytes per token")
print({name: len(encoders["the chat model's, from the web"](text)) for name, text in list(samples.items())[2:]})

# %% [markdown]
r"""
# B · Attention

One idea, in four steps: look back at everything with learned weights (Bahdanau et al.), say where each token stands,
do without the network that reads step by step (Vaswani et al.), and look in several ways at once.

From here on shapes are written with one letter an axis: **B** batch, **T** and **S** tokens, **C** the model's width,
**H** heads, **D** the width of one head's queries and keys, **E** that of its values, **V** the vocabulary.
"""

# %% [markdown]
r"""
### 3 · Looking back at the source

*6 points · 95 min · Bahdanau et al. 2014, section 3.1 and appendix A.1.2*

A *recurrent network* (here a GRU) reads a character a step: from it and its state, a vector, it computes the next state.
One reads the source, a second writes. At first only the last state passed between them.

Bahdanau et al. keep every state as a *key*, $k_1$ to $k_S$. The writer's state, the *query* $q$, scores each (matrices
$W$, $U$, a vector $v$), softmax makes weights, and the *context* is the weighted sum:

$$e_j=v^\top\tanh(Wq+Uk_j)\qquad\alpha=\mathrm{softmax}(e)\qquad c=\sum_j\alpha_jk_j$$

<details><summary>A nudge</summary>Wq is one vector a row, Uk one for each key: which axis is missing?</details>
<details><summary>The key step</summary>A score at padding becomes −∞ <em>before</em> the softmax over the
keys.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "bahdanau", "locked": false, "schema_version": 3, "solution": true, "task": false}
class AdditiveAttention(nn.Module):
    """Mix the keys by how well each suits the query, judged by a small network: Bahdanau et al. 2014, appendix A.1.2.

    Three nn.Linear without bias, nothing else: query_proj (W, to hidden), key_proj (U, to hidden), score (v, to 1).
    """
    def __init__(self, query_dim, key_dim, hidden):
        super().__init__()
        ### BEGIN SOLUTION
        self.query_proj = nn.Linear(query_dim, hidden, bias=False)
        self.key_proj = nn.Linear(key_dim, hidden, bias=False)
        self.score = nn.Linear(hidden, 1, bias=False)
        ### END SOLUTION
    def forward(self, query, keys, mask):
        """query (B, Dq), keys (B, S, Dk), mask bool (B, S): True at real keys, anywhere in a row; every row has one.

        Returns the context (B, Dk) and the weights (B, S): rows sum to 1, and are exactly 0 where the mask is False,
        however large the scores are, those at padding too.
        """
        ### BEGIN SOLUTION
        hidden = torch.tanh(self.query_proj(query)[:, None] + self.key_proj(keys))
        scores = self.score(hidden).squeeze(-1).masked_fill(~mask, float("-inf"))
        weights = scores.softmax(-1)
        return (weights[:, None] @ keys).squeeze(1), weights
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "bahdanau-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""With known W, U and v, the context and the weights are known."""
def matrices(Dq, Dk, H): return [check.normal(H, Dq), check.normal(H, Dk, seed=1), check.normal(1, H, seed=2)]
def known_layer(Dq, Dk, H, scale=1.0):
    """The student's layer with these matrices times scale, in float64."""
    layer = AdditiveAttention(Dq, Dk, H).double()
    with torch.no_grad():
        for part, known in zip((layer.query_proj, layer.key_proj, layer.score), matrices(Dq, Dk, H)):
            part.weight.copy_(scale * known)
    return layer
def looked_up(query, keys, mask, W, U, v):
    """The oracle: the formula, one row and one key at a time; it never looks at padding."""
    weights = torch.zeros(mask.shape).double()
    for b, j in mask.nonzero().tolist():
        weights[b, j] = (v[0] @ torch.tanh(W @ query[b] + U @ keys[b, j])).exp()
    weights = weights / weights.sum(1, keepdim=True)
    return torch.stack([row @ one for row, one in zip(weights, keys)]), weights
check.equal(lambda: {name: p.shape for name, p in AdditiveAttention(4, 5, 6).named_parameters()},
    {"query_proj.weight": (6, 4), "key_proj.weight": (6, 5), "score.weight": (1, 6)},
    "Are there three nn.Linear(..., bias=False) of these names and sizes, and nothing else to learn?")
q, k, real = check.normal(2, 4), check.normal(2, 3, 5), torch.ones(2, 3).bool()
check.close(lambda: known_layer(4, 5, 6)(q, k, real), looked_up(q, k, real, *matrices(4, 5, 6)),
    "Is it v · tanh(Wq + Uk), softmax over keys (axis 1), the keys summed? Context first. NaN: the mask upside down?")
### BEGIN HIDDEN TESTS
for B, S, Dk in ((1, 1, 2), (1, 4, 2), (3, 2, 1), (3, 1, 2)):
    q, k, real = check.normal(B, 3), check.normal(B, S, Dk), torch.ones(B, S).bool()
    check.close(lambda: known_layer(3, Dk, 4)(q, k, real), looked_up(q, k, real, *matrices(3, Dk, 4)),
        "Another size, of one row or one key perhaps: does it keep its axes (B, Dk) and (B, S)?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "bahdanau-test-mask", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Padding counts for nothing, wherever it stands."""
keys = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [90.0, 90.0]], [[70.0, 70.0], [5.0, 6.0], [80.0, 80.0]]]).double()
mask, q = torch.tensor([[True, True, False], [False, True, False]]), check.normal(2, 4)
check.close(lambda: known_layer(4, 2, 3, scale=0.0)(q, keys, mask),
    (torch.tensor([[2.0, 3.0], [5.0, 6.0]]), torch.tensor([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]])),
    "All scores are 0: the real keys (mask True) share the weight. Does padding get any, does a row not sum to 1?")
check.close([mask.int(), keys.sum(), q], [torch.tensor([[1, 1, 0], [0, 1, 0]]), 501.0, check.normal(2, 4)],
    "An argument came back changed: the mask [0], the keys [1] or the query [2].")
check.equal(lambda: known_layer(4, 2, 3)(q, keys, mask)[1][~mask], [0.0] * 3, "Padding gets a weight of exactly 0.")
### BEGIN HIDDEN TESTS
q, k = check.normal(3, 4), check.normal(3, 5, 2)
mask = torch.tensor([[1, 1, 1, 1, 1], [0, 0, 1, 1, 1], [1, 0, 1, 1, 0]]).bool()
check.close(lambda: known_layer(4, 2, 3)(q, k, mask), looked_up(q, k, mask, *matrices(4, 2, 3)),
    "Padding at the front and between: does the mask go to the scores as it stands, before the softmax?")
check.close(lambda: known_layer(4, 2, 3)(q, k.masked_fill(~mask[..., None], 1e6), mask)[0],
    looked_up(q, k, mask, *matrices(4, 2, 3))[0], "What stands at padding must not matter.")
for seen in (mask | True, mask):
    check.close(lambda: known_layer(4, 2, 3, 60.0).float()(q.float(), k.float(), seen),
        looked_up(q, k, seen, *[60 * one for one in matrices(4, 2, 3)]), "Large scores, at padding too: does exp "
        "overflow, or leave zeros alone? Is padding out before the softmax, the maximum taken off?", 0.01, 1e-3)
def slopes(look, *tensors): return list(torch.autograd.grad((look()[0] ** 3).sum(), tensors))
def student_slopes(layer, q, k):
    return slopes(lambda: layer(q, k, mask), q, k, layer.query_proj.weight, layer.key_proj.weight, layer.score.weight)
inputs = [one.requires_grad_() for one in (check.normal(3, 4), check.normal(3, 5, 2), *matrices(4, 2, 3))]
check.close(lambda: student_slopes(known_layer(4, 2, 3), *inputs[:2]),
    slopes(lambda: looked_up(*inputs[:2], mask, *inputs[2:]), *inputs),
    "Is the way from the context back to W, U, v, the query and the keys cut somewhere?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-dates", "locked": true, "schema_version": 3, "solution": false, "task": false}
from datetime import date as Date

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
FORMS = ["{d}.{m}.{y}", "{y}/{m}/{d}", "{d} {mon} {y}", "{month} {d}, {y}", "{weekday}, {d} {month} {y}"]
FORMS += ["the {nth} of {month}, {y}"]

def written(date, dice):
    """A date as somebody may write it."""
    d, month = date.day, MONTHS[date.month - 1]
    nth = f"{d}{'th' if d in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(d % 10, 'th')}"
    names = {"d": d, "m": date.month, "y": date.year, "nth": nth, "month": month, "mon": month[:3]}
    return dice.choice(FORMS).format(weekday=WEEKDAYS[date.weekday()], **names)

def to_bytes(texts):
    """Texts as their bytes (B, S), 0 where one has ended."""
    return nn.utils.rnn.pad_sequence([torch.tensor(list(text.encode())) for text in texts], batch_first=True)

def texts_of(dates, n, B, dice):
    """B texts of n dates each, as bytes (B, S), and what to write: year - 1900, month, day of each date (B, 3n)."""
    drawn = [dice.choices(dates, k=n) for _ in range(B)]
    answers = [[part for date in row for part in (date.year - 1900, date.month, date.day)] for row in drawn]
    return to_bytes("; ".join(written(date, dice) for date in row) for row in drawn), torch.tensor(answers)

# %% nbgrader={"grade": false, "grade_id": "given-translator", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Translator(nn.Module):
    """A GRU reads bytes both ways, another writes numbers. Without attention it gets the reader's last states alone."""

    def __init__(self, attend, C=32):
        super().__init__()
        self.byte, self.number = nn.Embedding(128, C), nn.Embedding(131, C)
        self.reader, self.writer = nn.GRU(C, C, batch_first=True, bidirectional=True), nn.GRUCell(3 * C, 2 * C)
        self.start, self.out = nn.Linear(2 * C, 2 * C), nn.Linear(4 * C, 131)
        self.attention = AdditiveAttention(2 * C, 2 * C, C) if attend else None

    def forward(self, text, n, answer=None):
        """text (B, S) to n numbers: logits (B, n, 131), weights (B, n, S). Each step is told the last one."""
        mask, rnn = text != 0, nn.utils.rnn
        states, ends = self.reader(rnn.pack_padded_sequence(self.byte(text), mask.sum(1), True, enforce_sorted=False))
        keys, last = rnn.pad_packed_sequence(states, batch_first=True)[0], ends.transpose(0, 1).flatten(1)
        query, before, steps = torch.tanh(self.start(last)), torch.full_like(text[:, 0], 130), []
        for i in range(n):
            context, weights = self.attention(query, keys, mask) if self.attention else (last, mask / mask.sum(1, True))
            query = self.writer(torch.cat([self.number(before), context], -1), query)
            steps.append((self.out(torch.cat([query, context], -1)), weights))
            before = steps[-1][0].argmax(-1) if answer is None else answer[:, i]
        return [torch.stack(parts, 1) for parts in zip(*steps)]

# %% [markdown]
r"""
People write a date in many ways, ISO 8601 in one: *the 3rd of May, 1999* is 1999-05-03. A text here holds one to three
dates. Two networks, equal but for your attention, learn to translate from the same texts; the days that test them stood
in none.

**Look for** what length does to each. Then see where the writer looks; put dates of your own into `text`.
"""

# %% tags=["explore"]
from tqdm.auto import trange

def learn(attend, steps=300):
    """A translator that has seen 64 texts a step."""
    torch.manual_seed(0)
    model, dice = Translator(attend), random.Random(0)
    adam = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 0.01, total_steps=steps, pct_start=0.1)
    for _ in trange(steps, desc="with attention" if attend else "without"):
        n = dice.randint(1, 3)
        text, answer = texts_of(train_dates, n, 64, dice)
        loss = F.cross_entropy(model(text, 3 * n, answer)[0].flatten(0, 1), answer.flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        schedule.step()
    return model

days = [Date.fromordinal(n) for n in range(Date(1980, 1, 1).toordinal(), Date(2030, 1, 1).toordinal())]
test_dates, train_dates = days[::10], [day for i, day in enumerate(days) if i % 10]
translators = {"with attention": learn(True), "without": learn(False)}

# %% tags=["explore"]
text = "Monday, 3 May 1999; the 21st of June, 2004"
tests = [texts_of(test_dates, n, 300, random.Random(n)) for n in (1, 2, 3)]
right = {name: [] for name in translators}
with torch.no_grad():
    for name, model in translators.items():
        for source, answer in tests:
            hits = model(source, answer.shape[1])[0].argmax(-1) == answer
            right[name].append(hits.unflatten(1, (-1, 3)).all(2).double().mean())
    logits, weights = translators["with attention"](to_bytes([text]), 6)

lengths = [(source != 0).sum(1).double().mean() for source, _ in tests]
plot.curves(right, x=lengths, xlabel="characters in a text (1 to 3 dates)", ylabel="share of dates translated right")
names = [f"{1900 + part}" if i % 3 == 0 else f"-{part:02}" for i, part in enumerate(logits[0].argmax(-1).tolist())]
plot.heatmap(weights[0], names, list(text), "the text", "what is written", "weight", ax=plot.grid(1, 1, 9, 2)[0]);

# %% [markdown]
r"""
### 4 · Where a token stands

*7 points · core · 15 min · Vaswani et al. 2017, section 3.5; Su et al. 2021, section 3.2*

Attention sees a set. Vaswani et al. **add** waves to token $t$: $\sin(t\theta_i)$ in column $2i$,
$\cos(t\theta_i)$ in $2i+1$, with $\theta_i=10000^{-2i/D}$.

Su et al. **rotate** queries and keys. RoPE takes their entries in pairs $(a,b)$, and turns pair $i$ by
$\varphi=t\,\theta_i$, with `base` for 10000:

$$(a,b)\mapsto(a\cos\varphi-b\sin\varphi,\;a\sin\varphi+b\cos\varphi)$$

Attention will score a key by its dot product with the query; of positions, that now sees the **distance** alone. Pair
$i$ is columns $2i$, $2i+1$ in the paper (*interleaved*), $i$, $i+D/2$ in Hugging Face's Llama (*half-split*).

<details><summary>A nudge</summary>Which shape has <code>positions[..., None] * theta</code>?</details>
<details><summary>The key step</summary>Take a and b out of x, each (..., T, D/2); turn them; put them back.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "positions", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sinusoidal(T, D):
    """Waves for positions 0 to T - 1: (T, D), float32, D even; sines in columns 0, 2, …, cosines in 1, 3, …"""
    ### BEGIN SOLUTION
    theta = 10000.0 ** (-torch.arange(0, D, 2) / D)
    angles = torch.arange(T)[:, None] * theta
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)
    ### END SOLUTION

def rope(x, positions, base=10000.0, interleaved=False):
    """Turn each pair of columns of x by its token's position times the pair's frequency (Su et al. 2021).

    x: (..., T, D), D even; positions: whole numbers, (T,) or any shape that broadcasts to x's (..., T), in any order,
    up to 100,000. Pairs: columns i and i + D/2; if interleaved, 2i and 2i + 1. Returns x's shape and dtype;
    gradients pass. The angles are computed in float32 or better, whatever x's dtype is.
    """
    ### BEGIN SOLUTION
    D = x.shape[-1]
    theta = base ** (-torch.arange(0, D, 2, dtype=torch.float64, device=x.device) / D)
    angles = positions[..., None] * theta
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "positions-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The waves by hand: with D = 4 there are two frequencies, 1 and 1/100."""
rows = [[math.sin(t), math.cos(t), math.sin(t / 100), math.cos(t / 100)] for t in range(3)]
check.close(lambda: sinusoidal(3, 4), torch.tensor(rows),
    "Row t holds sin t, cos t, sin(t/100), cos(t/100). Do sine and cosine take turns, two by two sharing a frequency?")
check.equal(lambda: str(sinusoidal(3, 4).dtype), "torch.float32",
    "The table is added to float32 vectors: is it float32 itself?")
### BEGIN HIDDEN TESTS
def wave(t, column, D):
    """One entry, as the paper writes it."""
    angle = t / 10000 ** (2 * (column // 2) / D)
    return math.cos(angle) if column % 2 else math.sin(angle)

for T, D in [(1, 2), (60, 10), (5, 32), (2100, 4)]:
    check.close(lambda: sinusoidal(T, D), torch.tensor([[wave(t, c, D) for c in range(D)] for t in range(T)]),
        f"T = {T}, D = {D}: has pair i the frequency 10000^(-2i/D), row t position t, not rounded?", atol=1e-4)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "positions-test-rope", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""One vector at position 2, by hand: with D = 4 the first pair turns by 2, the second by 2/100."""
x, at_two = torch.tensor([[1.0, 2.0, 3.0, 4.0]]), torch.tensor([2])
c, s, slow_c, slow_s = math.cos(2), math.sin(2), math.cos(0.02), math.sin(0.02)
check.close(lambda: rope(x.clone(), at_two),
    torch.tensor([[1 * c - 3 * s, 2 * slow_c - 4 * slow_s, 1 * s + 3 * c, 2 * slow_s + 4 * slow_c]]),
    "Half-split: are the pairs (1, 3) and (2, 4), turned by 2 and by 2/100? Is it the position that counts?")
check.close(lambda: rope(x.clone(), at_two, interleaved=True),
    torch.tensor([[1 * c - 2 * s, 1 * s + 2 * c, 3 * slow_c - 4 * slow_s, 3 * slow_s + 4 * slow_c]]),
    "Interleaved: are the pairs (1, 2) and (3, 4), turned by 2 and by 2/100, and put back where they were?")
check.equal(lambda: [rope(x, at_two), rope(x, at_two, 9.0, True), x][2], [[1, 2, 3, 4]], "x came back changed.")
### BEGIN HIDDEN TESTS
def turned(x, positions, base, interleaved):
    """The oracle: a pair is a complex number, turned by a product with exp(iφ)."""
    pairs = x.unflatten(-1, (-1, 2)) if interleaved else x.unflatten(-1, (2, -1)).mT
    angles = positions[..., None] / base ** (2 * torch.arange(pairs.shape[-2]).double() / x.shape[-1])
    out = torch.view_as_real(torch.view_as_complex(pairs.contiguous()) * torch.exp(1j * angles))
    return (out if interleaved else out.mT).flatten(-2)

two = [[[4, 5, 6, 7]], [[0, 0, 1, 2]]]  # positions of two sequences, for all three heads
for shape, spots in [((3, 2), [0, 1, 2]), ((2, 3, 5, 8), [9, 0, 40, 3, 3]), ((2, 3, 4, 6), two)]:
    for base, interleaved in [(10000.0, False), (10000.0, True), (50.0, False), (50.0, True)]:
        check.close(lambda: rope(check.normal(*shape, dtype=torch.float32), torch.tensor(spots), base, interleaved),
            turned(check.normal(*shape), torch.tensor(spots), base, interleaved), "Other positions, in any order "
            "or for each sequence, and other bases: is pair i turned by t·base^(-2i/D)?", atol=1e-4)
def slope(x):
    rope(x.requires_grad_(), torch.tensor([2])).sum().backward()
    return x.grad
check.close(lambda: slope(torch.ones(1, 4)), torch.tensor([[c + s, slow_c + slow_s, c - s, slow_c - slow_s]]),
    "Does the gradient find its way back to x?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "positions-test-distance", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A query meets a key: only their distance counts, as far out as position 100,000."""
far, c, s, slow_c, slow_s = torch.tensor([100_000]), math.cos(1e5), math.sin(1e5), math.cos(1e3), math.sin(1e3)
check.close(lambda: rope(torch.ones(1, 4), far), torch.tensor([[c - s, slow_c - slow_s, c + s, slow_c + slow_s]]),
    "Here the pairs turn by 100,000 and by 1,000. Are these angles computed in float32 or better?", atol=0.05)
def fit(here, there, interleaved):
    """The dot product of a query at position `here` and a key at position `there`."""
    q, k = check.normal(2, 1, 8, dtype=torch.float32)
    turned = [rope(one, torch.tensor([t]), interleaved=interleaved) for one, t in ((q, here), (k, there))]
    return (turned[0] * turned[1]).sum()

for interleaved in (False, True):
    for shift in (1, 100, 100_000 - 7):
        check.same(lambda: fit(7, 4, interleaved), lambda: fit(7 + shift, 4 + shift, interleaved),
            f"Both moved on by {shift}, the distance is 3 as before: does the dot product change?", atol=0.05)
for dtype in ("float32", "bfloat16"):
    check.equal(lambda: str(rope(torch.ones(2, 4, dtype=getattr(torch, dtype)), torch.tensor([0, 1])).dtype),
        f"torch.{dtype}", "Is the result in the dtype of x?")
### BEGIN HIDDEN TESTS
def llama(x, positions, base):
    """The oracle: Hugging Face's own."""
    from transformers.models.llama import modeling_llama as hf
    config = hf.LlamaConfig(head_dim=x.shape[-1], rope_parameters={"rope_type": "default", "rope_theta": base})
    return hf.apply_rotary_pos_emb(x, x, *hf.LlamaRotaryEmbedding(config)(x, positions[None]))[0]

spots = torch.tensor([99_000, 7, 100_000, 250])
for dtype in (torch.float32, torch.bfloat16):
    check.close(lambda: rope(check.uniform(2, 3, 4, 16, dtype=dtype), spots.clone(), 5e5),
        llama(check.uniform(2, 3, 4, 16), spots, 5e5),
        f"x is {dtype}, positions go up to 100,000: are the angles computed in float32 or better?", atol=0.05)
### END HIDDEN TESTS

# %% [markdown]
r"""
**Look for** two things. To the left, the table of waves: fast columns count single steps, slower ones tell early from
late. To the right, a vector meets itself some tokens further on: the fit falls with distance, more slowly with a larger
base. Llama 2 takes 10,000, Llama 3 takes 500,000, the chat model of exercise 15 takes 100,000.
"""

# %% tags=["explore"]
left, right = plot.grid(1, 2, width=5, height=3.6)
some = [place if place % 8 == 0 else "" for place in range(48)]
plot.heatmap(sinusoidal(48, 48), some, some, "column", "position", "added to the vector", ax=left).tick_params(length=0)
vectors, fits = torch.ones(4096, 64) / 8, {}
for base in (100, 10_000, 1_000_000):
    met = (vectors[0] * rope(vectors, torch.arange(4096), base)).sum(-1)
    fits[f"base {base:,}"] = met.view(-1, 64).mean(-1)
plot.curves(fits, range(32, 4096, 64), "distance (tokens)", "dot product, mean over 64 distances", ax=right);

# %% [markdown]
r"""
### 5 · Attention

*7 points · core · 15 min · Vaswani et al. 2017, section 3.2.1*

Each token looks something up: its *query* meets every token's *key*, softmax makes weights, the answer is the weighted
mean of the *values*. All three come from tokens' vectors (exercise 6).

$$\mathrm{attention}(q,k,v)=\mathrm{softmax}\left(\frac{qk^\top}{\sqrt D}\right)v$$

With entries of variance 1, $q\cdot k$ has variance $D$: undivided, one key takes all weight, gradients vanish.

A **mask** says where a query may look; a *causal* one: itself and back. If nowhere, the query gets zeros, gradients no NaN.

<details><summary>A nudge</summary>To softmax every finite score has weight. When must the mask act?</details>
<details><summary>The key step</summary>Masked scores become −∞. A row of nothing else gives NaN: set its
<em>weights</em> to 0, before they meet v.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention(q, k, v, mask=None):
    """Each query's mean of the values, weighted by how well it fits the keys; scores may be of any size.

    q: (..., T, D); k: (..., S, D); v: (..., S, E); mask: bool, two axes or more, broadcasts to (..., T, S), True where
    a query may look. Returns (..., T, E). A query that may look nowhere gets zeros; every gradient stays finite.
    """
    ### BEGIN SOLUTION
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is None:
        return scores.softmax(-1) @ v
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v
    ### END SOLUTION

def causal_mask(T):
    """bool (T, T): True where query t (row) may look at key s (column), itself and those before it."""
    ### BEGIN SOLUTION
    return torch.ones(T, T, dtype=torch.bool).tril()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "attention-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""By hand: scores ln 3 and 0 give weights 3/4 and 1/4. Then against PyTorch's own."""
def three(*shape, T=3, S=5, D=4, E=6, size=1.0):
    """Queries, keys and values, their leading axes as in `shape`."""
    ends = [(T, D, size), (S, D, size), (S, E, 1)]
    return [c * check.normal(*shape, a, b, seed=seed, dtype=torch.float32) for seed, (a, b, c) in enumerate(ends)]

one_query, two_keys = torch.tensor([[2 * math.log(3), 0, 0, 0]]), torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 0]])
check.close(lambda: attention(one_query, two_keys, torch.tensor([[4.0], [8.0]])), torch.tensor([[5.0]]),
    "q·k is 2·ln 3 and 0, D is 4: 3/4 of the value 4 and 1/4 of the value 8. Softmax over the keys of q·k/sqrt(D)?")
check.close(lambda: attention(*three(2)), F.scaled_dot_product_attention(*three(2)),
    "Is the softmax over the keys (the last axis), D the width of one query, and v multiplied last?")
q, k, v = three(2)
check.equal(lambda: [attention(q, k, v).shape, *(int((a != b).sum()) for a, b in zip((q, k, v), three(2)))],
    [(2, 3, 6), 0, 0, 0], "Is the result (..., T, E)? Are q, k, v left as they were (how many entries changed)?")
### BEGIN HIDDEN TESTS
for shape, size in [((), {}), ((2, 3), {}), ((1,), {"T": 1, "D": 64}), ((2,), {"D": 6, "E": 3}), ((2,), {"S": 1}),
    ((2,), {"S": 3})]:
    check.close(lambda: attention(*three(*shape, **size)), F.scaled_dot_product_attention(*three(*shape, **size)),
        "Other sizes: any leading axes? The root of q's own width? Without a mask, does each query see every key?")
check.close(lambda: attention(*three(2, size=15.0)), F.scaled_dot_product_attention(*three(2, size=15.0)),
    "Scores in the hundreds: does exp overflow? Is each row's own largest score subtracted?", rtol=1e-3, atol=1e-3)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-test-mask", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A query looks at itself and back, never ahead; a mask serves all heads."""
check.equal(lambda: causal_mask(3), [[True, False, False], [True, True, False], [True, True, True]],
    "Query t looks at keys 0 to t: is the diagonal in, and nothing above it?")
check.equal(lambda: str(causal_mask(2).dtype), "torch.bool", "The mask holds True and False.")
check.close(lambda: attention(*three(2, 3, T=4, S=4), causal_mask(4)),
    F.scaled_dot_product_attention(*three(2, 3, T=4, S=4), is_causal=True),
    "Does the mask act before the softmax, so that the weights left sum to 1? Does one (T, S) mask serve every head?")
### BEGIN HIDDEN TESTS
def seen(*shape):
    """A mask with holes, in which every query may look at key 0."""
    return (check.uniform(*shape, seed=5) < 0.5) | (torch.arange(shape[-1]) == 0)

for shape in [(3, 5), (2, 1, 3, 5), (2, 1, 1, 5), (1, 4, 3, 5), (2, 4, 3, 5)]:
    check.close(lambda: attention(*three(2, 4), seen(*shape)),
        F.scaled_dot_product_attention(*three(2, 4), seen(*shape)),
        f"A mask {shape} for scores (2, 4, 3, 5): is it broadcast, and True where a query may look?")
mask, keys = seen(3, 5), torch.tensor([[-3e5, 0, 0, 0], [3e5, 0, 0, 0]])
check.close(lambda: attention(keys[1:], keys, torch.tensor([[4.0], [8.0]]), torch.tensor([[True, False]])),
    torch.tensor([[4.0]]), "The scores are -4.5e10 and, hidden by the mask, 4.5e10. Does yours hide it enough?")
check.equal(lambda: [attention(*three(2, 4), mask).shape, int((mask != seen(3, 5)).sum())], [(2, 4, 3, 6), 0],
    "Is the mask left as it was (the last number: how many of its entries changed)?")
check.equal(lambda: causal_mask(7), torch.arange(7)[:, None] >= torch.arange(7), "Is the mask (T, T) for any T?")
check.equal(lambda: causal_mask(1), [[True]], "A single token looks at itself.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-test-nowhere", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A query that may look nowhere gets zeros, and does no harm to the others."""
rows = torch.tensor([[True, False, True], [False, False, False]])
check.close(lambda: attention(*three(T=2, S=3), rows)[1], torch.zeros(6),
    "Query 1 may look nowhere. Softmax of -inf alone is NaN, of one large negative number a plain mean: is that row 0?")
check.close(lambda: attention(*three(T=2, S=3), rows)[0], F.scaled_dot_product_attention(*three(T=2, S=3), rows)[0],
    "Query 0 may look at keys 0 and 2: is it as if query 1 were not there?")

def slopes(f, *shape, mask, kept=slice(None)):
    """The gradients of q, k and v under f, counted over the rows `kept`."""
    leaves = [one.requires_grad_() for one in three(*shape, T=mask.shape[-2], S=mask.shape[-1])]
    out = (f(*leaves, mask) * check.normal(mask.shape[-2], 6, seed=9, dtype=torch.float32))[..., kept, :].sum()
    return list(torch.autograd.grad(out, leaves, materialize_grads=True))

check.close(lambda: slopes(attention, mask=rows), slopes(F.scaled_dot_product_attention, mask=rows, kept=slice(0, 1)),
    "Zeros have no slope: does query 1's NaN come back through v or the softmax (0 · NaN is NaN)? Or is the way cut?")
### BEGIN HIDDEN TESTS
for empty in ([1], [0, 3], [0, 1, 2, 3]):
    holes = torch.ones(4, 5, dtype=torch.bool).tril().index_fill(0, torch.tensor(empty), False)
    some = [row for row in range(4) if row not in empty]
    check.close(lambda: attention(*three(2, T=4), holes),
        F.scaled_dot_product_attention(*three(2, T=4), holes).nan_to_num(),
        "Are the rows that may look nowhere zeros, and all the others untouched?")
    check.close(lambda: slopes(attention, 2, mask=holes),
        slopes(F.scaled_dot_product_attention, 2, mask=holes, kept=some),
        "Zeros have no slope. Does a NaN of an empty row come back through v or the softmax?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Random queries and keys of three widths. **Look for** the spread of the scores (above): it grows with $\sqrt D$, unless
divided by it. Below is what softmax makes of scores at $D=1024$, under a causal mask: one key takes nearly all, or each
has its share. (With the identity as values, attention gives back its weights.)
"""

# %% tags=["explore"]
def densities(divided, edges):
    """Density of the scores of random vectors, for three widths."""
    found = {}
    for D in (4, 64, 1024):
        scores = (check.normal(8_000, D) * check.normal(8_000, D, seed=1)).sum(-1) / (D**0.5 if divided else 1)
        found[f"D = {D}"] = np.histogram(scores, bins=edges, density=True)[0]
    return found

axes, (q, k) = plot.grid(2, 2, width=4.2, height=3.2), check.normal(2, 12, 1024)
for i, (divided, name, end) in enumerate([(False, r"$q\cdot k$", 100), (True, r"$q\cdot k/\sqrt{D}$", 5)]):
    edges = np.linspace(-end, end, 81)
    middle = (edges[1:] + edges[:-1]) / 2
    plot.curves(densities(divided, edges), middle, "score", "density", title=name, ax=axes[i])
    weights = attention(q if divided else q * 1024**0.5, k, torch.eye(12).double(), causal_mask(12))
    plot.heatmap(weights, range(12), range(12), "key", "query", "weight", ax=axes[2 + i])

# %% [markdown]
r"""
### 6 · Many heads

*8 points · core · 20 min · Vaswani et al. 2017, section 3.2.2; Ainslie et al. 2023, section 2.2*

One softmax gives one mean; a token needs several. So $H$ **heads**, each $D=C/H$ wide, attend with queries, keys and
values of their own; `o_proj` mixes their results. Heads are one more axis: (B, H, T, D).

**Grouped queries** save memory: fewer key and value heads. With 6 and 2, query heads 0, 1, 2 read key head 0.

`rope` (half-split) turns queries and keys, never values. Builds on exercises 4 and 5.

<details><summary>A nudge</summary>Which axis is split, which two swapped?</details>
<details><summary>The key step</summary><code>repeat_interleave</code> gives 0 0 1 1, <code>repeat</code> 0 1 0
1.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "multi-head", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MultiHeadAttention(nn.Module):
    """n_heads attentions side by side, each D = d_model / n_heads wide: head h has columns h · D to (h + 1) · D - 1.

    Layers, each nn.Linear: q_proj, k_proj, v_proj read x, o_proj the heads' answers; k_proj and v_proj give
    n_kv_heads · D (None: n_heads · D). bias: whether all four have one. causal: a token looks at itself and back, else
    at all. rope_base: rope's base, with D even; None: no rope.
    ValueError if n_heads does not divide d_model, or n_kv_heads does not divide n_heads.
    """
    def __init__(self, d_model, n_heads, n_kv_heads=None, causal=True, rope_base=None, bias=False):
        super().__init__()
        ### BEGIN SOLUTION
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if d_model % n_heads or n_heads % n_kv_heads:
            raise ValueError(f"{n_heads} heads must divide {d_model}, and {n_kv_heads} key heads {n_heads}")
        self.D, self.shared, self.causal, self.rope_base = d_model // n_heads, n_heads // n_kv_heads, causal, rope_base
        self.q_proj, self.o_proj = (nn.Linear(d_model, d_model, bias=bias) for _ in range(2))
        self.k_proj, self.v_proj = (nn.Linear(d_model, n_kv_heads * self.D, bias=bias) for _ in range(2))
        ### END SOLUTION
    def forward(self, x, positions=None):
        """x (B, T, C) to (B, T, C); positions for rope: (T,), or (B, T), row by row; None: 0 to T - 1."""
        ### BEGIN SOLUTION
        q, k, v = (p(x).unflatten(-1, (-1, self.D)).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        T = x.shape[1]
        if self.rope_base is not None:
            positions = torch.arange(T, device=x.device) if positions is None else positions.unsqueeze(-2)
            q, k = (rope(one, positions, self.rope_base) for one in (q, k))
        k, v = (one.repeat_interleave(self.shared, dim=1) for one in (k, v))
        mask = causal_mask(T).to(x.device) if self.causal else None
        return self.o_proj(attention(q, k, v, mask).transpose(1, 2).flatten(2))
        ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-heads", "locked": true, "schema_version": 3, "solution": false, "task": false}
def head_numbers(name, *shape):
    """What the parameter of this name holds in these tests: always the same normal numbers, others for each name."""
    return 0.3 * check.normal(*shape, seed=sum(name.encode()))

def filled(model, x, **given):
    """What the model makes of x when its parameters hold those numbers."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(head_numbers(name, *p.shape))
        return model(x, **given)

def torch_heads(x, n_heads, n_kv_heads, causal=True, bias=False):
    """The oracle: nn.MultiheadAttention with those numbers; query head i has a copy of its key head's weights."""
    T, C = x.shape[1:]
    read = torch.arange(n_heads) * n_kv_heads // n_heads
    def packed(kind, *width):
        q, k, v = (head_numbers(f"{one}_proj.{kind}", n * C // n_heads, *width).unflatten(0, (n, -1))
            for one, n in zip("qkv", (n_heads, n_kv_heads, n_kv_heads)))
        return torch.stack([q, k[read], v[read]]).flatten(0, 2)
    model = nn.MultiheadAttention(C, n_heads, bias=bias, batch_first=True, dtype=torch.float64)
    weights = {"in_proj_weight": packed("weight", C), "out_proj.weight": head_numbers("o_proj.weight", C, C)}
    if bias:
        weights |= {"in_proj_bias": packed("bias"), "out_proj.bias": head_numbers("o_proj.bias", C)}
    model.requires_grad_(False).load_state_dict(weights)
    mask = torch.ones(T, T, dtype=torch.bool).triu(1) if causal else None  # theirs: True where not to look
    return model(x, x, x, attn_mask=mask, need_weights=False)[0]

# %% nbgrader={"grade": true, "grade_id": "multi-head-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""As many key heads as query heads: PyTorch's own module with the same weights gives the same numbers."""
def shapes(*sizes, **options):
    """Every parameter's shape, by its name."""
    return {name: list(p.shape) for name, p in MultiHeadAttention(*sizes, **options).named_parameters()}
check.equal(lambda: shapes(12, 4), {f"{one}_proj.weight": [12, 12] for one in "qkvo"},
    "q_proj, k_proj, v_proj, o_proj, each an nn.Linear, no bias unless it is asked for: is there anything else?")
x = check.normal(2, 5, 12, dtype=torch.float32)
check.close(lambda: filled(MultiHeadAttention(12, 1, causal=False), x), torch_heads(x.double(), 1, 1, False),
    "One head, looking both ways: is it o_proj of attention over q_proj(x), k_proj(x) and v_proj(x), no more?")
check.close(lambda: filled(MultiHeadAttention(12, 4, causal=False), x), torch_heads(x.double(), 4, 4, False),
    "4 heads, 3 wide. Is C split into (H, D), H swapped with T, and all undone before o_proj?")
check.close(lambda: filled(MultiHeadAttention(12, 4), x), torch_heads(check.normal(2, 5, 12), 4, 4),
    "Causal, as it is unless told otherwise: does a token look at itself and back only?")
check.equal(x, check.normal(2, 5, 12, dtype=torch.float32), "x came back changed: do you write into it?")
for uneven in [(10, 4), (12, 6, 4)]:
    check.raises(lambda: MultiHeadAttention(*uneven), ValueError, f"{uneven} splits unevenly: is that a ValueError?")
### BEGIN HIDDEN TESTS
for B, T, C, H in [(1, 1, 4, 2), (3, 7, 6, 6), (2, 4, 5, 1)]:
    for causal in (True, False):
        x = check.normal(B, T, C, dtype=torch.float32)
        check.close(lambda: filled(MultiHeadAttention(C, H, causal=causal, bias=True), x),
            torch_heads(check.normal(B, T, C), H, H, causal, bias=True),
            f"B {B}, T {T}, C {C}, H {H}, causal: {causal}. Is a size fixed? With bias=True, have all four one?")
check.equal(lambda: len(shapes(12, 6, 2, bias=True)), 8, "With bias=True, have all four layers one, k_proj too?")
def slope(model=None):  # at x, of one number made from what the model gives, or the oracle
    x = check.normal(2, 5, 12).requires_grad_()
    out = [filled(model.double(), x), model(x)][1] if model else torch_heads(x, 4, 4)
    return torch.autograd.grad((out**3).sum(), x)[0]
check.close(lambda: slope(MultiHeadAttention(12, 4)), slope(), "Does the way back to x go through q, k and v, uncut?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "multi-head-test-groups", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""6 query heads, 2 key heads: query heads 0, 1, 2 read key head 0, the others key head 1."""
def sizes(*given):
    """How many numbers each of the four layers gives for a token."""
    return [getattr(MultiHeadAttention(*given), f"{one}_proj").weight.shape[0] for one in "qkvo"]

check.equal(lambda: sizes(12, 6, 2), [12, 4, 4, 12],
    "Two key heads, 2 wide: do k_proj and v_proj give 4 numbers for each token, q_proj and o_proj 12?")
x = check.normal(2, 5, 12, dtype=torch.float32)
check.close(lambda: filled(MultiHeadAttention(12, 6, 2), x), torch_heads(check.normal(2, 5, 12), 6, 2),
    "Do neighbours share a key head (repeat_interleave, not repeat)? Do keys and values alike?")
### BEGIN HIDDEN TESTS
for C, H, G in [(12, 6, 3), (8, 4, 1), (18, 9, 3), (6, 3, 3)]:
    for causal in (True, False):
        x = check.normal(3, 4, C, dtype=torch.float32)
        check.close(lambda: filled(MultiHeadAttention(C, H, G, causal, bias=True), x),
            torch_heads(check.normal(3, 4, C), H, G, causal, bias=True),
            f"{H} heads, {G} key heads: does query head i read key head i // {H // G}, its keys and its values?")
def after(at):  # the positions, after a call with them
    return [MultiHeadAttention(12, 6, 2, rope_base=9.0)(check.normal(2, 5, 12, dtype=torch.float32), at), at][1]
check.equal(lambda: after(torch.arange(5)), [0, 1, 2, 3, 4], "positions came back changed: do you write into them?")
def unreached():
    """How many parameters one walk back leaves without a slope."""
    model = MultiHeadAttention(12, 6, 2, rope_base=100.0)
    model(check.normal(2, 5, 12, dtype=torch.float32), torch.arange(5)).square().sum().backward()
    return sum(p.grad is None or not p.grad.any() for p in model.parameters())

check.equal(unreached, 0, "Some weights get no slope: is the way back from the output to a projection cut?")
check.equal(lambda: sum(p.numel() for p in MultiHeadAttention(576, 9, 3).parameters()), 2 * 576 * 576 + 2 * 192 * 576,
    "9 heads, 3 key heads, C = 576: has every matrix its own size, and is there no other parameter?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "multi-head-test-rope", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Queries and keys turn with their positions; values never."""
def placed(positions=None, heads=(3, 3), base=100.0, causal=True, before=()):
    model, x = MultiHeadAttention(12, *heads, causal=causal, rope_base=base), check.normal(2, 5, 12).float()
    return [filled(model, x[:, :T], positions=spots) for T, spots in [*before, (5, positions)]][-1]
check.close(lambda: placed(torch.full((5,), 7)), torch_heads(check.normal(2, 5, 12), 3, 3),
    "All at position 7, no score changes. Are these positions used, heads split before rope, values left alone?")
check.same(lambda: placed(), lambda: placed(torch.arange(5) + 50),
    "Without positions they are 0 to T - 1; all moved on by 50, no distance changes. Does the output?", atol=1e-3)
check.that(lambda: (placed(torch.arange(5)) - placed(10 * torch.arange(5))).abs().max().item(), lambda gap: gap > 0.05,
    "Ten times the distances, and the output is the same: do the positions reach rope, and rope the scores?")
### BEGIN HIDDEN TESTS
def by_hand(x, positions, H, G, base, causal):
    """The oracle: pairs turned as complex numbers, PyTorch's own grouped attention."""
    C, D = x.shape[-1], x.shape[-1] // H
    weights = [head_numbers(f"{one}_proj.weight", n * D, C) for one, n in zip("qkv", (H, G, G))]
    q, k, v = (F.linear(x, weight).unflatten(-1, (-1, D)).transpose(1, 2) for weight in weights)
    turn = torch.exp(1j * positions[..., None, :, None] / base ** (torch.arange(0, D, 2).double() / D))
    q, k = (torch.view_as_real(torch.complex(*one.chunk(2, dim=-1)) * turn).mT.flatten(-2) for one in (q, k))
    out = F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=True)
    return F.linear(out.transpose(1, 2).flatten(2), head_numbers("o_proj.weight", C, C))
for spots in ([0, 1, 2, 3, 4], [9, 0, 4, 4, 30], [[0, 1, 2, 3, 4], [0, 0, 0, 1, 2]]):
    for heads, base, causal in [((3, 3), 100.0, True), ((6, 2), 1e4, True), ((2, 1), 1e4, False)]:
        check.close(lambda: placed(torch.tensor(spots), heads, base, causal),
            by_hand(check.normal(2, 5, 12), torch.tensor(spots), *heads, base, causal),
            "Positions (T,) or (B, T), in any order: is each head's q and k turned by rope (half-split), at this base?")
check.close(lambda: placed(torch.arange(5), base=None), torch_heads(check.normal(2, 5, 12), 3, 3),
    "With rope_base=None positions do nothing.")
check.same(lambda: placed(before=[(3, None), (5, torch.arange(5) ** 2)]), placed,
    "One object, called with 3 tokens, then with 5: does it keep a mask or positions from an earlier call?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Layers of the real chat model, in **your** class: the names agree, so their weights fit. **Look for** four habits. One
head reads the token before; one rests on the first token, as heads do that find nothing; one finds the same word further
back; the last looks at what *followed* that word, an induction head (Olsson et al. 2022).

Sharing pays: 30 layers × 2 × 3 key heads × 64 numbers of 2 bytes are 23 kB to remember for each token. With 9 key heads
it would be 69.
"""

# %% tags=["explore"]
model, tokenizer = models.load()
text = "Anna loved Rome and Otto loved Paris. So Anna loved Rome and Otto loved"
ids = tokenizer(text, return_tensors="pt").input_ids
T, base = ids.shape[1], model.config.rope_parameters["rope_theta"]

@torch.no_grad()
def real_layer(depth):
    """A layer's attention weights (9, T, T) by your parts, and how far your output is from transformers'."""
    layer, mine = model.model.layers[depth], MultiHeadAttention(576, 9, 3, rope_base=base)
    for name, p in mine.named_parameters():
        p.copy_(layer.self_attn.get_parameter(name))
    x = layer.input_layernorm(model(ids, output_hidden_states=True).hidden_states[depth])
    turns = model.model.rotary_emb(x, torch.arange(T)[None])
    heads = [project(x).unflatten(-1, (-1, 64)).transpose(1, 2) for project in (mine.q_proj, mine.k_proj)]
    q, k = (rope(one, torch.arange(T), base) for one in heads)
    weights = attention(q, k.repeat_interleave(3, dim=1), torch.eye(T), causal_mask(T))
    return weights[0], (mine(x) - layer.self_attn(x, turns, None)[0]).abs().max().item()

words = [tokenizer.decode(one).strip() for one in ids[0]]
for (depth, head), ax in zip([(16, 0), (18, 8), (5, 6), (17, 4)], plot.grid(2, 2, width=4.6, height=4.2)):
    weights, gap = real_layer(depth)
    plot.heatmap(weights[head], words, words, "key", "query", "weight", ax=ax).tick_params(axis="x", rotation=90)
    ax.set_title(f"layer {depth}, head {head}; outputs differ by {gap:.0g}")

# %% [markdown]
r"""
# C · GPT

Attention moves information between tokens. What is left is small: a norm before each step, two layers that work on each
token alone, a loss, a schedule. Then it trains, and writes.
"""

# %% [markdown]
r"""
### 7 · Norms and gates

*6 points · core · 15 min · Ba et al. 2016; Zhang and Sennrich 2019; Shazeer 2020*

Each token's vector is normalized by itself, over its features. LayerNorm is
$w\,(x-\bar x)/\sqrt{\sigma^2+\varepsilon}+b$; RMSNorm leaves the mean in: $w\,x\,/\sqrt{\overline{x^2}+\varepsilon}$.
Yours must bear a mean 10,000 times the spread, and normalize an `x` of 16 bits in float32; `x`, parameters and result share a dtype.

GELU is $x\,\Phi(x)$, $\Phi$ the standard normal distribution function; GPT-2 takes
$\frac x2\left(1+\tanh\left(\sqrt{2/\pi}\,(x+0.044715\,x^3)\right)\right)$ for it. In SwiGLU one branch gates another, entry
by entry, with $\mathrm{silu}(z)=z/(1+e^{-z})$:

$$W_\text{down}\left(\mathrm{silu}(W_\text{gate}\,x)\odot W_\text{up}\,x\right)$$

<details><summary>A nudge</summary>$\Phi(x)=\frac12(1+\mathrm{erf}(x/\sqrt2))$. A mean keeps its axis with
<code>keepdim=True</code>.</details>
<details><summary>The key step</summary>Subtract the mean first, square then: $\overline{x^2}-\bar x^2$ loses every
digit when the mean is large.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-parameters", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Scale(nn.Module):
    """What RMSNorm keeps: eps, and a weight (dim,) that starts at 1."""

    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.eps, self.weight = eps, nn.Parameter(torch.ones(dim))

class ScaleAndShift(Scale):
    """What LayerNorm keeps: a bias (dim,) too, which starts at 0."""

    def __init__(self, dim, eps=1e-5):
        super().__init__(dim, eps)
        self.bias = nn.Parameter(torch.zeros(dim))

class Gates(nn.Module):
    """What SwiGLU keeps: two matrices from dim to hidden, and one back. No biases."""

    def __init__(self, dim, hidden):
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(dim, hidden, bias=False), nn.Linear(dim, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, dim, bias=False)

# %% nbgrader={"grade": false, "grade_id": "blocks", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LayerNorm(ScaleAndShift):
    """LayerNorm(dim, eps=1e-5): x (..., dim) to mean 0, biased variance 1 over dim; then times weight, plus bias."""
    def forward(self, x):
        ### BEGIN SOLUTION
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        var, mean = torch.var_mean(wide, -1, correction=0, keepdim=True)
        return ((wide - mean) * (var + self.eps).rsqrt() * self.weight + self.bias).to(x.dtype)
        ### END SOLUTION

class RMSNorm(Scale):
    """RMSNorm(dim, eps=1e-5): x (..., dim) over the root of (its mean square + eps), times weight."""
    def forward(self, x):
        ### BEGIN SOLUTION
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        return (wide * (wide.square().mean(-1, keepdim=True) + self.eps).rsqrt() * self.weight).to(x.dtype)
        ### END SOLUTION

def gelu(x, approximate=False):
    """x times the normal distribution function at x, any shape; approximate: by tanh (Hendrycks and Gimpel 2016)."""
    ### BEGIN SOLUTION
    bent = torch.tanh((2 / math.pi) ** 0.5 * (x + 0.044715 * x**3)) if approximate else torch.erf(x / 2**0.5)
    return 0.5 * x * (1 + bent)
    ### END SOLUTION

class SwiGLU(Gates):
    """SwiGLU(dim, hidden): x (..., dim) to hidden features, gated by silu of as many others, and back to (..., dim)."""
    def forward(self, x):
        ### BEGIN SOLUTION
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "blocks-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Each norm works on one row at a time, and is PyTorch's."""
def known(norm, x):  # what the norm makes of x in float64, its parameters random
    with torch.no_grad():
        for name, p in norm.double().named_parameters():
            p.copy_(check.normal(*p.shape, seed=len(name)))
    return norm(x)
def numbers(*shape): return 3 * check.normal(*shape) + 5
def theirs(dim, x, eps=1e-5): return [known(norm(dim, eps), x).detach() for norm in (nn.LayerNorm, nn.RMSNorm)]
pair, x = torch.tensor([[1.0, 7.0], [-1.0, 7.0]]), numbers(2, 3, 4)
check.close(lambda: LayerNorm(2)(pair.clone()), torch.tensor([[-1.0, 1.0], [-1.0, 1.0]]),
    "(1, 7) has mean 4 and variance 9, (-1, 7) mean 3 and variance 16: is it the biased variance of each row?")
check.close(lambda: RMSNorm(2)(pair.clone()), torch.tensor([[0.2, 1.4], [-0.2, 1.4]]),
    "The mean square of both rows is 25, so the root mean square is 5. Is the mean left in?")
check.close(lambda: [known(LayerNorm(4), numbers(2, 3, 4)), known(RMSNorm(4), numbers(2, 3, 4))],
    theirs(4, numbers(2, 3, 4)),
    "Is every row normalized over its last axis alone, eps under the root, times weight, plus bias, float64 kept?")
check.close(lambda: [known(LayerNorm(4), x), known(RMSNorm(4), x), x][2], numbers(2, 3, 4), "Is x changed, in place?")
### BEGIN HIDDEN TESTS
for size, eps in ((1e-3, 1e-5), (1.0, 0.5)):
    check.close(lambda: [known(norm(5, eps), size * numbers(3, 5)) for norm in (LayerNorm, RMSNorm)],
        theirs(5, size * numbers(3, 5), eps),
        "eps counts where numbers are small, or where eps is given: is it under the root, and the one given?")
def slopes(norm):
    """The gradients at x and at each parameter."""
    x = numbers(4, 6).requires_grad_()
    return list(torch.autograd.grad((known(norm, x) ** 3).sum(), [x, *norm.parameters()], materialize_grads=True))
check.close(lambda: [slopes(LayerNorm(6)), slopes(RMSNorm(6))], [slopes(nn.LayerNorm(6)), slopes(nn.RMSNorm(6, 1e-5))],
    "Gradients at x, at weight and at bias: is the mean, the variance or a parameter detached? Is float64 kept?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "blocks-test-precision", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Large means, constant rows, 16 bits."""
rows = torch.tensor([[9999.0, 10001.0], [-1e5, -1e5], [0.0, 0.0]])
check.close(lambda: LayerNorm(2)(rows.clone()), torch.tensor([[-1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]),
    "9999² and 10001² do not fit into float32's 24 bits: is the mean subtracted before anything is squared?")
check.close(lambda: RMSNorm(2)(rows.clone()), torch.tensor([[0.9999, 1.0001], [-1.0, -1.0], [0.0, 0.0]]),
    "A constant row has root mean square |x|, and a row of zeros stays 0: is eps added?", rtol=1e-5)
check.close(lambda: LayerNorm(2).bfloat16()(torch.tensor([[100.5, 101.0]]).bfloat16()), torch.tensor([[-1.0, 1.0]]),
    "bfloat16 has no 100.75, the mean of 100.5 and 101. Is x taken to float32 first, and normalized there?")
def dtype_of(norm, dtype): return str(norm(3).to(dtype)(check.normal(2, 3, dtype=dtype)).dtype)
for dtype in (torch.bfloat16, torch.float16, torch.float32, torch.float64):
    check.equal(lambda: [dtype_of(LayerNorm, dtype), dtype_of(RMSNorm, dtype)], [str(dtype)] * 2,
        "The parameters have the dtype of x here: has what comes out that dtype too?")
### BEGIN HIDDEN TESTS
sizes = (1 + torch.arange(128) / 128).bfloat16()
check.close(lambda: RMSNorm(2).bfloat16()(torch.stack([sizes, -sizes], -1)), torch.tensor([[1.0, -1.0]]).expand(128, 2),
    "Rows (c, -c) become (1, -1). bfloat16 would round c²: is x taken to float32 first, and normalized there?")
def far(): return torch.tensor([[300.0, -300.0], [2000.0, -2000.0]], dtype=torch.float16)
check.close(lambda: [LayerNorm(2).half()(far()), RMSNorm(2).half()(far())], [torch.tensor([[1.0, -1.0]] * 2)] * 2,
    "float16 ends at 65,504, and 300² is more: is x taken to float32 before it is squared?")
def long(dtype): return (100 + check.normal(3, 4096)).to(dtype)
check.close(lambda: LayerNorm(4096).bfloat16()(long(torch.bfloat16)),
    F.layer_norm(long(torch.bfloat16).float(), (4096,)),
    "4,096 features around 100 in bfloat16: are the mean and the variance kept in float32?", rtol=1e-2, atol=1e-2)
check.close(lambda: LayerNorm(512)((1e4 + check.normal(4, 512)).float()),
    F.layer_norm((1e4 + check.normal(4, 512)).float().double(), (512,)),
    "The mean is 10,000 times the spread: is it subtracted before anything is squared?", rtol=5e-3, atol=5e-3)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "blocks-test-gates", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Both GELUs, and the gated network."""
x = torch.linspace(-6, 6, 25, dtype=torch.float64)
check.close(lambda: gelu(x.clone()), F.gelu(x),
    "x times Φ(x), and Φ is half of 1 + erf(x / √2): is this the exact one, not an approximation?")
check.close(lambda: gelu(x.clone(), approximate=True), F.gelu(x, approximate="tanh"),
    "approximate=True: x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))).")
check.close(lambda: (lambda z: [gelu(z), gelu(z, True), z][2])(x.clone()), x, "Is x changed, in place?")
def gated(dim, hidden, x):  # what SwiGLU makes of x in float64, its matrices known
    model = SwiGLU(dim, hidden).double()
    with torch.no_grad():
        for seed, part in enumerate((model.gate_proj, model.up_proj, model.down_proj)):
            part.weight.copy_(check.normal(*part.weight.shape, seed=seed))
    return model(x)

def by_hand(dim, hidden, x):
    """The oracle: the formula, with silu(z) = z / (1 + exp(-z))."""
    gate, up = x @ check.normal(hidden, dim, seed=0).T, x @ check.normal(hidden, dim, seed=1).T
    return (gate / (1 + torch.exp(-gate)) * up) @ check.normal(dim, hidden, seed=2).T

check.close(lambda: gated(3, 5, check.normal(2, 4, 3)), by_hand(3, 5, check.normal(2, 4, 3)),
    "down(silu(gate(x)) · up(x)): does silu act on the gate alone, and do the two branches multiply?")
### BEGIN HIDDEN TESTS
check.close(lambda: [gelu(1e3 * check.normal(2, 3, 4)), gelu(check.normal(7, dtype=torch.float32), True)],
    [F.gelu(1e3 * check.normal(2, 3, 4)), F.gelu(check.normal(7, dtype=torch.float32), approximate="tanh")],
    "Far from 0 GELU is x or 0. Is the exact one the default, for any shape?")
check.close(lambda: gated(6, 4, 3 * check.normal(5, 6, seed=3)), by_hand(6, 4, 3 * check.normal(5, 6, seed=3)),
    "Other sizes, and negative gates, of which silu keeps a little.")
check.equal(lambda: sum(p.numel() for p in SwiGLU(3, 5).parameters()), 3 * 3 * 5, "Three matrices, no biases.")
check.close(lambda: (lambda z: [gated(3, 5, z), z][1])(check.normal(2, 3)), check.normal(2, 3), "x changed: in place?")
### END HIDDEN TESTS

# %% [markdown]
r"""
**Look at** the left: relu is flat below 0, where GELU and silu still have a slope to learn by. On the right, what GPT-2's
approximation costs: less than 0.0005 everywhere, most at $|x|\approx2.7$.
"""

# %% tags=["explore"]
x = torch.linspace(-5, 5, 1001, dtype=torch.float64)
error = gelu(x, approximate=True) - gelu(x)
left, right = plot.grid(1, 2, width=3.4)
plot.curves({"relu": F.relu(x), "GELU": gelu(x), "silu": F.silu(x)}, x=x, xlabel="x", ylabel="output", ax=left)
plot.curves({"error": error}, x=x, xlabel="x", ylabel="approximate - exact", ax=right)
print(f"largest error {error.abs().max():.6f}, at |x| = {x[error.abs().argmax()].abs():.2f}")

# %% [markdown]
r"""
### 8 · GPT

*9 points · core · 20 min · Radford et al. 2019, section 2.3*

In the **residual stream** each token has one vector, to which every step adds: its embedding (`wte`) plus its
position's (`wpe`), then what each of the `blocks` (`Block` is given) makes of a normed copy. `ln_f` norms the end, and
`wte`'s matrix, transposed, gives the logits. GPT-2's smallest has 124,439,808 parameters in all. `targets[b, t]` is what
should follow `ids[b, t]`; -100: nothing to predict.

For real weights `our_names` (given) translates names, not shapes.

<details><summary>A nudge</summary>transformers keeps GPT-2's linear layers (in, out), yours are (out, in).</details>
<details><summary>The key step</summary>Transposed, <code>c_attn</code> holds q, k and v, C rows each.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-block", "locked": true, "schema_version": 3, "solution": false, "task": false}
@dataclass
class GPTConfig:
    """The sizes of a GPT; as they stand, those of the smallest GPT-2."""

    vocab_size: int = 50257
    context: int = 1024  # the most tokens that it can read
    n_layers: int = 12
    n_heads: int = 12
    d_model: int = 768
    causal: bool = True  # False lets every token look both ways, for the encoder of exercise 12

class Block(nn.Module):
    """Adds to the stream x (B, T, C) twice: attention carries between tokens, two linear layers (the MLP) work on each.

    Both read a normed copy; the stream itself is not normed, so gradients run straight back through it.
    """

    def __init__(self, config):
        super().__init__()
        C = config.d_model
        self.ln_1, self.ln_2 = LayerNorm(C), LayerNorm(C)
        self.attn = MultiHeadAttention(C, config.n_heads, causal=config.causal, bias=True)
        self.c_fc, self.c_proj = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.c_proj(gelu(self.c_fc(self.ln_2(x)), approximate=True))

# %% nbgrader={"grade": false, "grade_id": "given-gpt", "locked": true, "schema_version": 3, "solution": false, "task": false}
def init_gpt(model):
    """GPT-2's start: standard deviation 0.02, over √(2·n_layers) where a layer adds to the stream; biases 0."""
    depth = sum(isinstance(part, Block) for part in model.modules())
    for name, part in model.named_modules():
        if isinstance(part, (nn.Linear, nn.Embedding)):
            adds = name.endswith(("o_proj", "c_proj"))
            nn.init.normal_(part.weight, std=0.02 / (2 * depth) ** 0.5 if adds else 0.02)
        if isinstance(part, nn.Linear) and part.bias is not None:
            nn.init.zeros_(part.bias)

def positions_of(ids, context):
    """0 to T - 1 for ids (B, T); ValueError where T is more than context."""
    if ids.shape[1] > context:
        raise ValueError(f"{ids.shape[1]} tokens are more than the context of {context}: cut the input.")
    return torch.arange(ids.shape[1], device=ids.device)

def our_names(state_dict):
    """A transformers GPT-2's weights as they are, under our names (attn.c_attn has none)."""
    renamed = {}
    for name, value in state_dict.items():
        for theirs, ours in (("transformer.", ""), ("h.", "blocks."), ("attn.c_proj", "attn.o_proj"), ("mlp.", "")):
            name = name.replace(theirs, ours)
        renamed[name] = value
    return {name: value for name, value in renamed.items() if name != "lm_head.weight"}  # it is wte.weight again

# %% nbgrader={"grade": false, "grade_id": "gpt", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GPT(nn.Module):
    """ids (B, T) to (logits (B, T, V), loss): mean nats over targets other than -100, or None. Starts by init_gpt."""
    def __init__(self, config):
        super().__init__()
        self.config = config
        ### BEGIN SOLUTION
        self.wte, self.wpe = (nn.Embedding(n, config.d_model) for n in (config.vocab_size, config.context))
        self.blocks, self.ln_f = nn.Sequential(*map(Block, [config] * config.n_layers)), LayerNorm(config.d_model)
        init_gpt(self)
        ### END SOLUTION
    def hidden(self, ids):
        """What ln_f makes of each token: (B, T, C). More tokens than config.context: ValueError."""
        ### BEGIN SOLUTION
        return self.ln_f(self.blocks(self.wte(ids) + self.wpe(positions_of(ids, self.config.context))))
        ### END SOLUTION
    def forward(self, ids, targets=None):
        ### BEGIN SOLUTION
        logits = self.hidden(ids) @ self.wte.weight.T
        return logits, None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        ### END SOLUTION

def load_hf_gpt2(model, state_dict):
    """Copy the weights of a transformers GPT2LMHeadModel into model, in place, and return model."""
    ### BEGIN SOLUTION
    for name, theirs in our_names(state_dict).items():
        weight = theirs if name in ("wte.weight", "wpe.weight") else theirs.t()
        for letter, part in zip("qkv", weight.chunk(3) if "c_attn" in name else [weight]):
            model.get_parameter(name.replace("c_attn", f"{letter}_proj")).data.copy_(part)
    return model
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "gpt-test", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
"""A GPT without blocks is arithmetic that can be followed by hand."""
def parts(model): return [model.wte.weight, model.wpe.weight, model.ln_f.weight, model.ln_f.bias]
def bare(V, T, C):  # a GPT without blocks, in float64, its weights known
    model = GPT(GPTConfig(V, T, n_layers=0, n_heads=1, d_model=C)).double()
    for seed, p in enumerate(parts(model)): p.data.copy_(check.normal(*p.shape, seed=seed))
    return model
def by_hand(ids, V, T, C):  # the oracle: the stream after ln_f, and the logits
    x = check.normal(V, C, seed=0)[ids] + check.normal(T, C, seed=1)[: ids.shape[1]]
    x = F.layer_norm(x, (C,), check.normal(C, seed=2), check.normal(C, seed=3))
    return [x, x @ check.normal(V, C, seed=0).T]
ids, targets = torch.tensor([[1, 4, 4], [0, 6, 2]]), torch.tensor([[4, 4, -100], [6, 0, 5]])
logits = by_hand(ids, 7, 5, 4)[1]
loss = -logits.log_softmax(-1)[[0, 0, 1, 1, 1], [0, 1, 0, 1, 2], [4, 4, 6, 0, 5]].mean()  # not the one of -100
check.close(lambda: bare(7, 5, 4)(ids, targets)[0], logits,
    "Logits first. Embedding plus position (the first is 0), ln_f, the matrix of wte: a step missing, or one too many?")
check.close(lambda: bare(7, 5, 4)(ids, targets)[1], loss,
    "targets[b, t] follows ids[b, t] already: is it held against the logits at [b, t]? Is it the mean, -100 left out?")
check.equal([ids, targets], [[[1, 4, 4], [0, 6, 2]], [[4, 4, -100], [6, 0, 5]]], "ids or targets came back changed.")
check.raises(lambda: bare(7, 5, 4)(check.integers(1, 6, high=7)), ValueError,
    "6 tokens do not fit into a context of 5: a ValueError says so. Do you use positions_of?")
### BEGIN HIDDEN TESTS
check.close(lambda: [bare(9, 6, 2).hidden(check.integers(1, 6, high=9)), bare(9, 6, 2)(torch.tensor([[8], [0]]))[0]],
    [by_hand(check.integers(1, 6, high=9), 9, 6, 2)[0], by_hand(torch.tensor([[8], [0]]), 9, 6, 2)[1]],
    "Other sizes: a full context, a single token. Does hidden(ids) end with ln_f? Two results without targets, too?")
check.equal(lambda: bare(7, 5, 4)(ids)[1] is None, True, "Without targets the loss is None.")
check.raises(lambda: bare(7, 5, 4).hidden(check.integers(1, 6, high=7)), ValueError, "Does hidden refuse them, too?")
def slopes(model): return torch.autograd.grad(model(ids, targets)[1], parts(model), materialize_grads=True)
check.equal(lambda: [int(one.reshape(len(one), -1).any(1).sum()) for one in slopes(bare(7, 5, 4))], [7, 3, 4, 4],
    "How many rows of wte (every token's), wpe, ln_f get a slope: is the way back cut, or the loss a plain number?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "gpt-test-load", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""With the weights of a transformers GPT-2, its logits; and GPT-2's size."""
def theirs(V, T, L, H, C):  # a GPT-2 of transformers in which every number is random
    sizes = dict(vocab_size=V, n_positions=T, n_layer=L, n_head=H, n_embd=C, bos_token_id=0, eos_token_id=0)
    model = GPT2LMHeadModel(GPT2Config(**sizes)).eval()
    for seed, p in enumerate(model.parameters()): p.data.copy_(check.normal(*p.shape, seed=seed) / 2)
    return model
def ours(weights, ids, *sizes):  # the model's logits; is it returned? How many weights came back changed, are shared?
    model, before = GPT(GPTConfig(*sizes)), {name: value.clone() for name, value in weights.items()}
    returned, own = load_hf_gpt2(model, weights) is model, {p.data_ptr() for p in model.parameters()}
    changed = sum(name not in weights or not torch.equal(weights[name], value) for name, value in before.items())
    return [model(ids)[0], returned, changed, sum(value.data_ptr() in own for value in weights.values())]
def size():
    with torch.device("meta"): return sum(p.numel() for p in GPT(GPTConfig()).parameters())  # shapes without numbers
check.equal(size, 124_439_808,
    "The size of GPT-2. 38,597,376 too many are a second matrix for the logits. Is anything made twice, or left out?")
check.close(lambda: ours(theirs(11, 6, 2, 3, 12).state_dict(), check.integers(2, 5, high=11), 11, 6, 2, 3, 12),
    [theirs(11, 6, 2, 3, 12)(check.integers(2, 5, high=11)).logits, True, 0, 0],
    "[0], logits: is each linear layer transposed, square ones too? c_attn cut into q, k, v? All copied, biases too, "
    "in full? [1]: is model itself returned? [2]: is state_dict left as it was? [3]: copied, not shared?", atol=1e-4)
### BEGIN HIDDEN TESTS
for sizes in ((13, 9, 1, 1, 8), (7, 4, 11, 2, 10)):
    check.close(lambda: ours(theirs(*sizes).transformer.state_dict(), check.integers(3, 4, high=7), *sizes),
        [theirs(*sizes)(check.integers(3, 4, high=7)).logits, True, 0, 0],
        "Other sizes, 11 blocks, names without 'transformer.': does it fill every block, in order?", atol=1e-4)
def start(model):  # its first loss over ln 500; over 0.02, the spread of two matrices in the last block
    spread = [model.get_parameter(f"blocks.1.{name}.weight").std() / 0.02 for name in ("c_fc", "c_proj")]
    return [model(*check.integers(2, 8, 16, high=500))[1] / math.log(500), *spread]
check.close(lambda: start(GPT(GPTConfig(500, 16, 2, 2, 32))), [1.0, 1.0, 0.5],
    "The first loss over ln 500, and two spreads over 0.02: does everything start as init_gpt has it?", atol=0.1)
### END HIDDEN TESTS

# %% [markdown]
r"""
Where GPT-2's 124 million numbers sit. **Look at** the first bar: at this size, nearly a third of the model only says
which vector a token has. Attention has half of what the MLP has, in every block.
"""

# %% tags=["explore"]
with torch.device("meta"):
    sizes = {name: p.numel() / 1e6 for name, p in GPT(GPTConfig()).named_parameters()}
kinds = {"wte": "wte.", "wpe": "wpe.", "attention": ".attn.", "MLP": ".c_", "norms": "ln_"}
millions = [sum(size for name, size in sizes.items() if part in name) for part in kinds.values()]
plot.bars(list(kinds), millions, ylabel="parameters (millions)")
print({kind: round(count, 2) for kind, count in zip(kinds, millions)}, "sum", round(sum(millions), 2))

# %% [markdown]
r"""
### 9 · What a training step needs

*7 points · core · 15 min · Radford et al. 2018, section 4.1; Brown et al. 2020, appendix B*

- **A batch**: windows from random places of one long text; each token's target is the next one.
- **Weight decay** pulls matrices and embeddings to 0; vectors (biases, gains) go free.
- **The learning rate** climbs for $n$ steps in a line, while Adam's averages settle, then falls along half a cosine
  until step $N$. At step $s$:

$$\eta_\text{min}+(\eta_\text{max}-\eta_\text{min})\,\tfrac12\left(1+\cos\pi\tfrac{s-n}{N-n}\right)$$

- **Clipping** scales the whole gradient, all parameters together, back to a limit on its norm.

<details><summary>A nudge</summary>At how many places can a window and its targets begin?</details>
<details><summary>The key step</summary>An iterator, such as <code>model.parameters()</code>, can be walked once: keep a
list.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "training", "locked": false, "schema_version": 3, "solution": true, "task": false}
def get_batch(data, batch_size, context, generator=None):
    """x, windows of data (N,) from places drawn evenly; y, one further: (batch_size, context). ValueError: N <= context."""
    ### BEGIN SOLUTION
    if len(data) <= context: raise ValueError(f"windows of {context} need {context + 1} tokens, not {len(data)}")
    spots = torch.randint(len(data) - context, (batch_size, 1), generator=generator) + torch.arange(context)
    return data[spots], data[spots + 1]
    ### END SOLUTION
def param_groups(model, weight_decay):
    """Two dicts for AdamW, of 'params' and 'weight_decay': dim >= 2 decays, the rest gets 0.0. Frozen ones: in none."""
    ### BEGIN SOLUTION
    params = [p for p in model.parameters() if p.requires_grad]
    matrices, vectors = [p for p in params if p.dim() >= 2], [p for p in params if p.dim() < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    ### END SOLUTION
def cosine_lr(step, max_lr, min_lr, warmup, total):
    """A line from 0 at step 0 to max_lr at `warmup` (0 to total - 1), half a cosine to min_lr at `total`; min_lr on."""
    ### BEGIN SOLUTION
    if step < warmup: return max_lr * step / warmup
    if step >= total: return min_lr
    done = (step - warmup) / (total - warmup)
    return min_lr + (max_lr - min_lr) * (1 + math.cos(math.pi * done)) / 2
    ### END SOLUTION
def clip_grad_norm(params, max_norm):
    """Scale all grads by one factor if their joint norm exceeds max_norm; returns the norm before, 0 if no grads."""
    ### BEGIN SOLUTION
    grads = [p.grad for p in params if p.grad is not None]
    norm = torch.as_tensor(sum(grad.square().sum() for grad in grads)) ** 0.5
    for grad in grads: grad.mul_((max_norm / norm).clamp(max=1))
    return norm
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "training-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Ten numbered tokens, windows of three: seven places to begin at. By chance 500 draws miss one in 1 of 10³² runs."""
def drawn(tokens, *sizes, seed=0, other=0):
    """x and y of one batch from a seeded generator, whatever the state of PyTorch's own."""
    torch.manual_seed(other)
    return get_batch(tokens, *sizes, generator=torch.Generator().manual_seed(seed))
ten, many = torch.arange(100, 110), torch.arange(100, 1100)
check.equal(lambda: [[one.shape, str(one.dtype)] for one in drawn(many, 4, 3)], [[(4, 3), "torch.int64"]] * 2,
    "x and y are long tensors, with a row for each window and a column for each of its tokens.")
check.equal(lambda: drawn(many, 20, 3)[0].diff(dim=1), torch.ones(20, 2).long(), "Is each row a run of neighbours?")
check.equal(lambda: drawn(many, 20, 3)[1] - drawn(many, 20, 3)[0], torch.ones(20, 3).long(),
    "Are the targets y the tokens after those in x, in the same window moved by one?")
check.equal(lambda: drawn(ten, 500, 3)[0][:, 0].unique(), list(range(100, 107)),
    "Can a window begin where its last token has a target and nowhere else: at every place, the last such place too?")
check.same(lambda: drawn(ten, 9, 3, other=1), lambda: drawn(ten, 9, 3, other=2), "Does `generator` draw the places?")
check.raises(lambda: drawn(torch.arange(4), 2, 4), ValueError, "4 tokens leave the last of 4 no target: a ValueError?")
### BEGIN HIDDEN TESTS
check.equal(lambda: drawn(torch.tensor([7, 3, 9, 9, 0]), 2, 4), [[[7, 3, 9, 9]] * 2, [[3, 9, 9, 0]] * 2],
    "context + 1 tokens are one window, from len(data) - context - 1 = 0; are y tokens of data, not x plus 1?")
check.that(lambda: torch.bincount(drawn(torch.arange(10), 7000, 3)[0][:, 0], minlength=7).tolist(),
    lambda counts: max(counts) < 1200 and min(counts) > 800,  # 6.8 standard deviations
    "Each of 7 places comes about 1,000 times in 7,000: are all equally likely?")
def sixty(dice):
    return [get_batch(torch.arange(10), 2, 3, dice)[0][:, 0].tolist() for _ in range(60)]
check.that(lambda: sixty(torch.Generator().manual_seed(0)),
    lambda pairs: len({a for a, _ in pairs}) > 3 and len({(b - a) % 7 for a, b in pairs}) > 3,
    "Batches from one generator: is each drawn anew, a place for each row by itself?")
check.equal(lambda: [get_batch(ten, 1, 9)[0], ten], [[list(range(100, 109))], list(range(100, 110))],
    "One window is a batch of one row; data stays as it was.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "training-test-groups", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Matrices and embeddings decay, vectors do not; a table with two names counts once."""
def decays(model, weight_decay):
    """What AdamW is told: each parameter's name and its decay."""
    names = {id(p): name for name, p in model.named_parameters()}
    told = [(group["params"], group.get("weight_decay", "AdamW's own")) for group in param_groups(model, weight_decay)]
    return sorted([names[id(p)], decay] for ps, decay in told for p in ([ps] if torch.is_tensor(ps) else ps))

def with_parts(**parts):
    model = nn.Module()
    for name, part in parts.items():
        setattr(model, name, part)
    return model

table = nn.Embedding(5, 3)
tied = with_parts(wte=table, norm=nn.LayerNorm(3), fc=nn.Linear(3, 4), head=nn.Linear(3, 5, bias=False))
tied.head.weight = table.weight
check.equal(lambda: decays(tied, 0.3),
    [["fc.bias", 0.0], ["fc.weight", 0.3], ["norm.bias", 0.0], ["norm.weight", 0.0], ["wte.weight", 0.3]],
    "Does each parameter stand in one dict, with weight_decay from two axes on, else 0, which the dict must say?")
### BEGIN HIDDEN TESTS
others = with_parts(bias=nn.Parameter(torch.ones(1, 3)), scale=nn.Parameter(torch.ones(3)), conv=nn.Conv1d(2, 3, 4),
    heat=nn.Parameter(torch.tensor(1.0)), weight=nn.Parameter(torch.ones(2)), fix=nn.Linear(2, 3).requires_grad_(False))
check.equal(lambda: decays(others, 0.5), [["bias", 0.5], ["conv.bias", 0.0], ["conv.weight", 0.5],
    ["heat", 0.0], ["scale", 0.0], ["weight", 0.0]],
    "By the number of axes, not by name or kind of layer; are those with requires_grad False left out?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "training-test-lr", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Warm-up over 4 steps, 12 in all, from 1.0 down to 0.1."""
check.close(lambda: [cosine_lr(step, 1.0, 0.1, 4, 12) for step in range(4)], [0, 0.25, 0.5, 0.75],
    "Does the warm-up go straight from 0 at step 0 to max_lr at step `warmup`?")
check.close(lambda: [cosine_lr(step, 1.0, 0.1, 4, 12) for step in (4, 6, 8, 12)], [1, 0.55 + 0.9 / 8**0.5, 0.55, 0.1],
    "Does the cosine begin at step `warmup` with max_lr, pass half-way in its middle, end at step `total` with min_lr?")
check.close(lambda: [cosine_lr(step, 1.0, 0.1, 4, 12) for step in (13, 20, 100)], [0.1] * 3,
    "After `total` the rate stays at min_lr: does your cosine rise again, or fall on?")
### BEGIN HIDDEN TESTS
def curve(max_lr, min_lr, warmup, total):
    """The oracle: cos² of half the angle is the same curve."""
    fall = [math.cos(math.pi / 2 * i / (total - warmup)) ** 2 for i in range(total - warmup)]
    rise = [max_lr / warmup * i for i in range(warmup)]
    return rise + [min_lr + (max_lr - min_lr) * share for share in fall] + [min_lr] * 10

for settings in [(0.6, 0.06, 20, 90), (3.0, 0.0, 1, 8), (2.0, 0.5, 0, 7), (0.5, 0.5, 3, 9)]:
    check.close(lambda: [cosine_lr(step, *settings) for step in range(settings[3] + 10)], curve(*settings),
        f"(max_lr, min_lr, warmup, total) = {settings}, every step: is one off by one, or a warm-up of 0 divided by?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "training-test-clip", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Gradients of 3 and 4 in two parameters have the norm 5 together; a third parameter has none."""
def clipped(max_norm, *grads):
    """What clip_grad_norm returns, the gradients after it, whether none is still none, and how far parameters moved."""
    params = [nn.Parameter(torch.zeros_like(grad)) for grad in (torch.zeros(2), *grads)]
    for p, grad in zip(params[1:], grads):
        p.grad = grad.clone()
    norm = clip_grad_norm(iter(params), max_norm)
    return [norm, [p.grad for p in params[1:]], params[0].grad is None, sum(p.abs().sum() for p in params)]

three, four = torch.tensor([3.0]), torch.tensor([[0.0, 4.0]])
check.close(lambda: clipped(1.0, three, four), [5.0, [torch.tensor([0.6]), torch.tensor([[0.0, 0.8]])], True, 0.0],
    "One norm for all parameters, one factor for all grads that are not None: is the norm from before returned?")
check.close(lambda: clipped(10.0, three, four), [5.0, [torch.tensor([3.0]), torch.tensor([[0.0, 4.0]])], True, 0.0],
    "A small gradient stays as it is: does your factor ever exceed 1?")
### BEGIN HIDDEN TESTS
def by_torch(max_norm, *grads):
    params = [nn.Parameter(torch.zeros_like(grad)) for grad in grads]
    for p, grad in zip(params, grads): p.grad = grad
    return [nn.utils.clip_grad_norm_(params, max_norm), [p.grad for p in params], True, 0.0]
for size, max_norm in [(1.0, 2.0), (1e4, 0.5), (1e-3, 0.5)]:
    grads = [size * check.normal(*shape) for shape in [(3, 2), (4,), (2, 1, 3)]]
    check.close(lambda: clipped(max_norm, *grads), by_torch(max_norm, *[grad.clone() for grad in grads]),
        "Is it the norm over every entry of every parameter, as PyTorch has it?", rtol=1e-5)
check.close(lambda: [clipped(1.0, torch.zeros(2)), clipped(1.0)], [[0, [torch.zeros(2)], True, 0], [0, [], True, 0]],
    "Gradients of 0 stay 0, and with none at all the norm is 0: is 0 divided by, or an empty list stacked?")
### END HIDDEN TESTS

# %% [markdown]
r"""
nanoGPT's schedule on a CPU, and two others. **Look for** the corner where each climb ends. Printed below it: GPT-2 in
your two groups.
"""

# %% tags=["explore"]
schedules = {"warm-up of 100": (100, 2000), "none": (0, 2000), "over by step 1,500": (300, 1500)}
rates = {label: [cosine_lr(step, 1e-3, 1e-4, *one) for step in range(2001)] for label, one in schedules.items()}
plot.curves(rates, ylabel="learning rate")

sizes = Counter()
with torch.device("meta"):  # shapes alone, no memory
    for group in param_groups(GPT(GPTConfig()), 0.1):
        sizes[group["weight_decay"]] += sum(p.numel() for p in group["params"])
print(f"GPT-2: {sizes[0.1]:,} numbers decay, {sizes[0.0]:,} do not")

# %% [markdown]
r"""
### 10 · Training it

*5 points · core · 10 min · Brown et al. 2020, appendix B; Karpathy, nanoGPT*

A step draws a batch and sets the learning rate; then comes what you know: the loss, fresh gradients, backward,
clipping, and AdamW with betas (0.9, 0.95).

The text is Shakespeare's plays, a token for each character; the loss is in nats per character.

Builds on exercise 9. The first step takes the rate at 1, for that at 0 is 0. `model` may be any that is called as
your GPT is.

<details><summary>A nudge</summary>At every step, AdamW reads <code>group["lr"]</code> of each of its
<code>param_groups</code>.</details>
<details><summary>The key step</summary>Clip between backward and the optimizer's step.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-characters", "locked": true, "schema_version": 3, "solution": false, "task": false}
text = data.shakespeare()
chars = sorted(set(text))
char_ids = {char: i for i, char in enumerate(chars)}
all_ids = torch.tensor(np.fromiter(map(char_ids.get, text), dtype=np.int64))
cut = text.index("TWELFTH NIGHT; OR, WHAT YOU WILL")  # the last three of 37 plays are held out
train_data, val_data = all_ids[:cut], all_ids[cut:]

@torch.no_grad()
def estimate_loss(model, data, batches=20, batch_size=12):
    """The mean loss on random batches, the same ones at each call, in nats per character."""
    dice, context = torch.Generator().manual_seed(0), model.config.context
    return sum(model(*get_batch(data, batch_size, context, dice))[1].item() for _ in range(batches)) / batches

class Pairs(nn.Module):
    """A tiny stand-in for a GPT: a row of a table for each character, plus a vector, gives the logits."""
    def __init__(self, context, vocab_size=5):
        super().__init__()
        self.config, self.shapes = GPTConfig(vocab_size, context), set()
        self.window = check.integers(context + 1, high=vocab_size, seed=context)
        self.table = nn.Parameter(3 * check.normal(vocab_size, vocab_size, seed=92))
        self.shift = nn.Parameter(3 * check.normal(vocab_size, seed=92))  # likeliest after 2: 1, then 3, 0, 4, 2
    def forward(self, ids, targets=None):
        self.shapes.add(tuple(ids.shape))
        logits = 3 * self.table[ids] + self.shift
        return logits, targets if targets is None else F.nll_loss(logits.log_softmax(-1).flatten(0, 1), targets.flatten())

print(f"{len(chars)} different characters; {len(train_data):,} to learn from, {len(val_data):,} held out")

# %% nbgrader={"grade": false, "grade_id": "train-gpt", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_gpt(model, data, steps, batch_size=12, max_lr=1e-3, min_lr=1e-4, warmup=100, weight_decay=0.1, clip=1.0,
              generator=None, on_step=None):
    """Train on random batches of data by AdamW with betas (0.9, 0.95) (Brown et al. 2020, appendix B).

    model: has config.context, and model(x, y) gives (logits, loss); data: long (N,). generator: every batch is drawn
    from it, and it goes on; None: PyTorch's global one.
    Step i, from 0 to steps - 1, has the rate cosine_lr(i + 1, max_lr, min_lr, warmup, steps). The gradient's norm is
    clipped to `clip`; matrices decay by weight_decay. After step i, on_step(i, its loss) is called, if given.
    Returns the loss of each step, as floats.
    """
    ### BEGIN SOLUTION
    optimizer = torch.optim.AdamW(param_groups(model, weight_decay), betas=(0.9, 0.95))
    losses = []
    for i in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = cosine_lr(i + 1, max_lr, min_lr, warmup, steps)
        _, loss = model(*get_batch(data, batch_size, model.config.context, generator))
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
        if on_step is not None:
            on_step(i, losses[-1])
    return losses
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "train-gpt-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Data of context + 1 characters are one window: no draw matters, and PyTorch's own parts must make the same steps."""
def trained(context, steps, *settings):
    """The losses, and the table after the last step."""
    model = Pairs(context)
    return train_gpt(model, model.window, steps, 2, *settings), model.table.detach()
def by_torch(context, steps, max_lr, min_lr, warmup, weight_decay, clip):
    """The oracle: PyTorch's parts, the rate by its formula. Last: step, loss and vector, step by step."""
    model, rows = Pairs(context), []
    groups = [{"params": [model.table], "weight_decay": weight_decay}, {"params": [model.shift], "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, betas=(0.9, 0.95))
    for i in range(steps):
        done = (i + 1 - warmup) / (steps - warmup)
        falling = min_lr + (max_lr - min_lr) * math.cos(math.pi / 2 * done) ** 2
        for group in adam.param_groups: group["lr"] = falling if done >= 0 else max_lr * (i + 1) / warmup
        loss = model(model.window[None, :-1], model.window[None, 1:])[1]
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        adam.step()
        rows.append([i, loss.item(), model.shift.tolist()])
    return [row[1] for row in rows], model.table.detach(), rows

STEPS = "Warm-up, decay and clipping off, six steps: fresh gradients, backward, one AdamW with betas (0.9, 0.95)?"
RATES = "With a warm-up of 3: is the rate of both groups set before each step, to cosine_lr(i + 1, ..., total=steps)?"
check.close(lambda: trained(4, 6, 0.1, 0.1, 0, 0.0, 1e9), by_torch(4, 6, 0.1, 0.1, 0, 0.0, 1e9)[:2], STEPS, rtol=1e-5)
check.close(lambda: trained(4, 6, 0.2, 0.05, 3, 0.0, 1e9), by_torch(4, 6, 0.2, 0.05, 3, 0.0, 1e9)[:2], RATES, rtol=1e-5)
### BEGIN HIDDEN TESTS
check.close(lambda: trained(7, 9, 0.3, 0.02, 5, 0.0, 1e9), by_torch(7, 9, 0.3, 0.02, 5, 0.0, 1e9)[:2], RATES, rtol=1e-5)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "train-gpt-test-limits", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Clipping, weight decay, and what on_step is told."""
def told(context, steps, *settings):
    """Each step's number and loss as on_step gets them, and the vector as it is then."""
    model, rows = Pairs(context), []
    train_gpt(model, model.window, steps, 2, *settings, on_step=lambda *it: rows.append([*it, model.shift.tolist()]))
    return rows

check.close(lambda: trained(4, 6, 0.1, 0.1, 0, 0.0, 0.05), by_torch(4, 6, 0.1, 0.1, 0, 0.0, 0.05)[:2],
    "Is the gradient clipped to `clip`, after backward and before AdamW's step?", rtol=1e-5)
check.close(lambda: trained(4, 6, 0.1, 0.1, 0, 2.0, 1e9), by_torch(4, 6, 0.1, 0.1, 0, 2.0, 1e9)[:2],
    "Does AdamW get your two groups, so that matrices decay by weight_decay and vectors do not?", rtol=1e-5)
check.close(lambda: told(4, 3, 0.1, 0.1, 0, 0.0, 1e9), by_torch(4, 3, 0.1, 0.1, 0, 0.0, 1e9)[2],
    "Is on_step(i, loss) called once a step, i from 0, after the parameters have moved?", rtol=1e-5)
check.equal(lambda: [type(loss).__name__ for loss in trained(4, 3)[0]], ["float"] * 3,
    "The losses are plain numbers: a tensor would hold its whole graph in memory.")
### BEGIN HIDDEN TESTS
everything = (0.2, 0.01, 2, 0.7, 0.3)
check.close(lambda: trained(3, 12, *everything), by_torch(3, 12, *everything)[:2],
    "All of it together, for 12 steps: is anything counted from the wrong step?", rtol=1e-5)
check.close(lambda: told(5, 12, *everything), by_torch(5, 12, *everything)[2],
    "on_step in a longer run: is it given this step's loss, the one that is returned?", rtol=1e-5)
check.equal(lambda: trained(4, 0)[0], [], "No steps, no losses.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "train-gpt-test-learns", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Where the batches come from; and a hundred small steps on Shakespeare."""
def still(seed=0, other=0, runs=1):
    """The losses when nothing moves, batches of 3; their shapes; whether data and PyTorch's global state changed."""
    torch.manual_seed(other)
    model, ids, state = Pairs(4), check.integers(500, high=5), torch.get_rng_state()
    dice = None if seed is None else torch.Generator().manual_seed(seed)
    losses = [x for _ in range(runs) for x in train_gpt(model, ids, 5, 3, max_lr=0.0, min_lr=0.0, generator=dice)]
    changed = [not torch.equal(ids, check.integers(500, high=5)), not torch.equal(state, torch.get_rng_state())]
    return losses, sorted(model.shapes), changed
def learn(seed):
    """A small GPT's loss on the plays held out, after 100 steps."""
    torch.manual_seed(seed)
    model = GPT(GPTConfig(len(chars), context=16, n_layers=1, n_heads=2, d_model=32))
    train_gpt(model, train_data, 100, 32, 1e-2, 1e-3, warmup=10, generator=torch.Generator().manual_seed(seed))
    return estimate_loss(model, val_data)
check.equal(lambda: still()[1], [(3, 4)], "Is each batch (batch_size, model.config.context)?")
check.that(lambda: still()[0], lambda losses: len(set(losses)) == 5, "Is a new batch drawn at each step?")
check.same(lambda: still(other=1)[0], lambda: still(other=2)[0], "Does the generator that was given draw the batches?")
check.that(lambda: learn(0), lambda loss: loss < 3.25,
    "To know how frequent each letter is, and no more, gives 3.31 nats. If all above passes: does your GPT learn?")
### BEGIN HIDDEN TESTS
check.close(lambda: train_gpt(Pairs(3), torch.full((50,), 2), 4)[0],
    F.cross_entropy(3 * Pairs(3).table[2] + Pairs(3).shift, torch.tensor(2)).item(), "Is it the loss before the step?")
def distinct(*seeds): return len({loss for seed in seeds for loss in still(seed, 0, 2)[0]})
check.that(lambda: distinct(1, 2), lambda n: n > 18, "Two seeds, two runs from each: does the generator go on?")
check.that(lambda: distinct(None), lambda n: n > 8, "Without a generator two runs differ: is a seed set anywhere?")
check.equal(lambda: still()[2], [False, False], "Has data changed, or PyTorch's global random state?")
### END HIDDEN TESTS

# %% [markdown]
r"""
For real, with nanoGPT's sizes for a CPU, four times its learning rate and half its steps: one to two minutes on two
cores. On plays it never saw, it reached 1.88 nats; nanoGPT reports 1.88 on a file of its own.

**Look for** the flat stretch near 2.6. A table of pairs gives 2.55 on the same plays: to get below it, attention must
read further back than one letter. And see what the samples learn first: frequent letters, the length of words, words. Held
out may lie lower: it is taken at the end of each stretch, the other is the mean over it.
"""

# %% tags=["explore", "gpu"]
from tqdm.auto import tqdm

gpu, cpu = (6, 6, 384, 256, 64, 5000, 1e-3), (4, 4, 128, 64, 12, 1000, 4e-3)
layers, heads, width, context, rows, steps, rate = device.size(gpu, cpu)
torch.manual_seed(0)
bard = GPT(GPTConfig(len(chars), context, layers, heads, width)).to(device.get())
learned, held_out = train_data.to(device.get()), val_data.to(device.get())
seen, history, bar, every = [], {"learned from": [], "held out": []}, tqdm(total=steps), steps // 20
curve = widgets.live(lambda: plot.curves(history, x=torch.arange(every, len(seen) + 1, every)))

def write(n=150):
    """n characters after a line's end, each drawn from the model's own probabilities (more in exercise 11)."""
    ids = torch.tensor([[char_ids["\n"]]], device=device.get())
    for _ in range(n):
        ids = torch.cat([ids, bard(ids[:, -context:])[0][:, -1].softmax(-1).multinomial(1)], dim=1)
    return "".join(chars[i] for i in ids[0])

def follow(i, loss):
    bar.update()
    seen.append(loss)
    if (i + 1) % every == 0:
        history["learned from"].append(sum(seen[-every:]) / every)
        history["held out"].append(estimate_loss(bard, held_out, 5))
        curve(now=i + 1 == steps)
    if i + 1 in (every, 5 * every, steps):
        print(f"after {i + 1:,} steps: {write()}\n")

with device.all_cores():
    train_gpt(bard, learned, steps, rows, rate, rate / 10, generator=torch.Generator().manual_seed(0), on_step=follow)
    print(f"held out: {estimate_loss(bard, held_out, 100):.2f} nats per character")

# %% [markdown]
r"""
### 11 · Choosing the next token

*6 points · core · 15 min · Holtzman et al. 2020, section 3; Fan et al. 2018, section 5.4*

What a model says depends on how you draw from its probabilities. Three steps, in this order:

1. **Temperature** divides the logits: below 1 sharpens, 0 is the likeliest token itself.
2. **Top-k** keeps the $k$ likeliest.
3. **Top-p** keeps the fewest of these whose share of what is left reaches $p$: the one that crosses $p$ stays.

The rest is renormalized, a token drawn and appended, the model asked again.

<details><summary>A nudge</summary>After a sort: how much came <em>before</em> each?</details>
<details><summary>The key step</summary><code>scatter</code> takes sorted probabilities back to their tokens.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "sampling", "locked": false, "schema_version": 3, "solution": true, "task": false}
def next_token_probs(logits, temperature=1.0, top_k=None, top_p=None):
    """Probabilities (..., V) to draw the next token from: logits (..., V) by temperature, then top_k, then top_p.

    Temperature 0: all to the first of the largest. A top_k above V keeps all; of equals at its border, any may stay.
    Of equals top_p, too, keeps the fewest. ValueError: temperature < 0, top_k < 1, top_p outside (0, 1].
    """
    ### BEGIN SOLUTION
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature >= 0, top_k >= 1, 0 < top_p <= 1")
    if temperature == 0: return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    logits = logits / temperature
    if top_k is not None:
        kept = logits.topk(min(top_k, logits.shape[-1]))
        logits = torch.full_like(logits, -math.inf).scatter(-1, kept.indices, kept.values)
    probs = logits.softmax(-1)
    if top_p is not None and top_p < 1:
        ordered, order = probs.sort(-1, descending=True)
        before = ordered.cumsum(-1) - ordered
        probs = torch.zeros_like(probs).scatter(-1, order, ordered.masked_fill(before >= top_p, 0.0))
    return probs / probs.sum(-1, keepdim=True)
    ### END SOLUTION
@torch.no_grad()
def sample(model, ids, n, temperature=1.0, top_k=None, top_p=None, generator=None):
    """Draw n tokens after ids (B, T), from model(last config.context ids), a (logits, loss), as a long (B, T + n)."""
    ### BEGIN SOLUTION
    for _ in range(n):
        probs = next_token_probs(model(ids[:, -model.config.context :])[0][:, -1], temperature, top_k, top_p)
        ids = torch.cat([ids, torch.multinomial(probs, 1, generator=generator)], dim=1)
    return ids
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "sampling-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Four tokens with probabilities 0.1, 0.4, 0.2, 0.3: temperature and top-k."""
def four():
    return torch.tensor([0.1, 0.4, 0.2, 0.3], dtype=torch.float64).log()
check.close(lambda: next_token_probs(four()), torch.tensor([0.1, 0.4, 0.2, 0.3]),
    "With nothing else given these are the softmax of the logits.", rtol=1e-6)
check.close(lambda: next_token_probs(four(), temperature=0.5), torch.tensor([0.01, 0.16, 0.04, 0.09]) / 0.3,
    "At temperature 1/2 probabilities are squared, then renormalized: are the logits divided?", rtol=1e-6)
check.close(lambda: next_token_probs(four(), temperature=0), torch.tensor([0, 1.0, 0, 0]),
    "At temperature 0 the largest logit has it all: is 0 divided by?")
check.close(lambda: next_token_probs(four(), top_k=2), torch.tensor([0, 4, 0, 3]) / 7,
    "The 2 likeliest stay, at their own places; are they renormalized?", rtol=1e-6)
check.close(lambda: (lambda z: [next_token_probs(z, 0.5), next_token_probs(z, 1.0, 2, 0.9), z][2])(four()), four(),
    "The logits came back changed: filter a copy.")
check.raises(lambda: next_token_probs(four(), temperature=-1.0), ValueError, "A temperature below 0 is a ValueError.")
### BEGIN HIDDEN TESTS
def by_hand(logits, temperature, k):
    """The oracle, one row at a time: exponentials of the k largest logits."""
    rows = [[(z - max(row)) / temperature for z in row] for row in logits.flatten(0, -2).tolist()]
    rows = [[math.exp(z) if z in sorted(row)[-k:] else 0.0 for z in row] for row in rows]
    return torch.tensor([[one / sum(row) for one in row] for row in rows], dtype=logits.dtype).view(logits.shape)
for temperature, k, size in [(0.7, 3, 1.0), (2.0, 1, 1.0), (1.5, 5, 30.0), (0.1, 9, 1e3)]:
    check.close(lambda: next_token_probs(size * check.normal(2, 3, 5), temperature, k),
        by_hand(size * check.normal(2, 3, 5), temperature, k),
        "Is each row of (..., V) filtered by itself, exactly k of it kept, or all if k is larger? Does exp overflow?")
for filters in [(), (2, 0.5)]:
    check.close(lambda: next_token_probs(torch.tensor([[1.0, 3, 3, 0], [0, -7, -5, -9]]), 0, *filters),
        torch.tensor([[0.0, 1, 0, 0], [1, 0, 0, 0]]), "Temperature 0: the first of equals, row by row, filters or not?")
for temperature, k in [(1.0, 0), (1.0, -2), (0, 0)]:
    check.raises(lambda: next_token_probs(four(), temperature, k), ValueError, "top_k < 1: a ValueError, always.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sampling-test-top-p", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Top-p on the same four tokens: 0.4, then 0.3, 0.2 and 0.1 in the order of their size."""
check.close(lambda: next_token_probs(four(), top_p=0.6), torch.tensor([0, 4, 0, 3]) / 7,
    "0.4 is not enough, 0.3 crosses 0.6: does the token that crosses stay, and go back to its own place?", rtol=1e-6)
check.close(lambda: next_token_probs(four(), top_p=0.35), torch.tensor([0, 1.0, 0, 0]),
    "The first token crosses 0.35 by itself: is at least one kept?")
check.close(lambda: next_token_probs(four(), top_k=2, top_p=0.5), torch.tensor([0, 1.0, 0, 0]),
    "Of the two that top-k leaves, the first has 4/7, over 0.5: is top-p applied last, to what is left, renormalized?")
check.close(lambda: next_token_probs(four(), temperature=0.5, top_p=0.5), torch.tensor([0, 1.0, 0, 0]),
    "At temperature 1/2 the first has 0.53, more than 0.5: is the temperature applied first?")
check.raises(lambda: next_token_probs(four(), top_p=1.5), ValueError, "A top_p outside (0, 1] is a ValueError.")
### BEGIN HIDDEN TESTS
def filtered(logits, temperature, k, p):
    """The oracle, one row at a time, token by token from the likeliest down."""
    out = torch.zeros_like(logits)
    for row, kept in zip(logits.flatten(0, -2).tolist(), out.view(-1, logits.shape[-1])):
        likeliest = sorted(range(len(row)), key=lambda i: -row[i])[:k]
        weights, total = [math.exp((row[i] - max(row)) / temperature) for i in likeliest], 0.0
        for i, weight in zip(likeliest, weights):
            kept[i] = weight if total < p * sum(weights) else 0.0
            total += weight
    return out / out.sum(-1, keepdim=True)
for temperature, k, p in [(1.0, 9, 0.8), (3.0, 4, 0.6), (0.4, 3, 0.9), (5.0, 2, 0.3), (1.0, 6, 1.0)]:
    check.close(lambda: next_token_probs(3 * check.normal(3, 4, 7), temperature, k, p),
        filtered(3 * check.normal(3, 4, 7), temperature, k, p),
        "Rows of 7: temperature, then top-k, then top-p, each row by itself?")
check.close(lambda: next_token_probs(torch.zeros(4, dtype=torch.float64), top_p=0.5).sort().values,
    torch.tensor([0, 0, 0.5, 0.5]), "Of four equals two reach 0.5: is one more kept, or all that are as likely?")
for temperature, p in [(1.0, 0.0), (1.0, -0.1), (0, 1.1)]:
    check.raises(lambda: next_token_probs(four(), temperature, None, p), ValueError, f"top_p={p}: ValueError, always.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sampling-test-sample", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Exercise 10's stand-in: what follows depends on the last token alone. It notes the shapes it is given."""
def chain(row, n):
    """The oracle at temperature 0."""
    model = Pairs(4)
    for _ in range(n):
        row = [*row, (3 * model.table[row[-1]] + model.shift).argmax().item()]
    return row

def watched(ids, n, context, temperature=0.0):
    """The ids that sample returns, the shapes that the model was given, and whether gradients were recorded."""
    model, recorded = Pairs(context), set()
    model.register_forward_hook(lambda *_: recorded.add(torch.is_grad_enabled()))
    return sample(model, ids, n, temperature), sorted(model.shapes), sorted(recorded)

start = torch.tensor([[1, 4], [3, 0], [2, 2]])
check.equal(lambda: watched(start, 6, 4)[0], [chain(row, 6) for row in ([1, 4], [3, 0], [2, 2])],
    "Temperature 0: does each row keep its ids, and go on with the likeliest token after its last one, n times?")
check.equal(lambda: start, [[1, 4], [3, 0], [2, 2]], "ids came back changed.")
check.equal(lambda: watched(start, 6, 4)[1:], [[(3, 2), (3, 3), (3, 4)], [False]],
    "Does the model see all ids so far, the last config.context of them if there are more, and with gradients off?")
### BEGIN HIDDEN TESTS
long = check.integers(2, 7, high=5)
rows = check.integers(2, 7, high=5).tolist()
check.equal(lambda: watched(long, 3, 5)[:2], [[chain(row, 3) for row in rows], [(2, 5)]],
    "A start longer than the context: is it whole in the result, and the model given the last part of it?")
check.equal(lambda: watched(start, 0, 2, 1.0)[0], [[1, 4], [3, 0], [2, 2]], "n = 0 adds nothing.")
check.equal(lambda: str(sample(Pairs(4), start, 2).dtype), "torch.int64", "The ids are long.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sampling-test-draws", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""4,000 rows begin with a 2: how often a token follows is its probability, to 0.05 (6 standard deviations)."""
def shares(n, *filters, seed=0, elsewhere=0):
    """How often each of the 5ⁿ continuations is drawn."""
    torch.manual_seed(elsewhere)
    start, dice = torch.full((4000, 1), 2), torch.Generator().manual_seed(seed)
    drawn = sample(Pairs(4), start, n, *filters, generator=dice)[:, 1:]
    return torch.bincount(drawn.long() @ 5 ** torch.arange(n).flip(0), minlength=5**n) / 4000

def softened(temperature, k):
    """The oracle, a row for each last token: what follows it by temperature, the k likeliest alone."""
    logits = (3 * Pairs(4).table + Pairs(4).shift).detach() / temperature
    return logits.masked_fill(logits < logits.sort().values[:, -k, None], -math.inf).softmax(1)

check.close(lambda: shares(1, 8.0), softened(8.0, 5)[2],
    "How often each is drawn: does chance decide, in each row, by next_token_probs at the given temperature?", 0, 0.05)
check.same(lambda: shares(1, 8.0, elsewhere=1), lambda: shares(1, 8.0, elsewhere=2), "Does `generator` draw?")
check.equal(lambda: shares(1, 8.0, 2) > 0, softened(8.0, 2)[2] > 0, "Is top_k passed on?")
### BEGIN HIDDEN TESTS
check.close(lambda: shares(2, 9.0, seed=2), (softened(9.0, 5)[2][:, None] * softened(9.0, 5)).flatten(),
    "How often each pair is drawn: is the second token drawn anew, by what follows the first?", 0, 0.04)
check.equal(lambda: shares(1, 8.0, None, 0.01, seed=1) > 0, softened(8.0, 1)[2] > 0, "Is top_p passed on?")
def distinct(*seeds):
    """How many different results two calls give with each generator, in order."""
    dice = [seed if seed is None else torch.Generator().manual_seed(seed) for seed in seeds]
    rows = torch.full((90, 1), 2)
    return len({str(sample(Pairs(4), rows, 1, 8.0, generator=one).tolist()) for one in dice for _ in range(2)})
check.equal(lambda: distinct(1, 2), 4, "Two seeds, two calls with each: is the generator used, and does it go on?")
check.equal(lambda: distinct(None), 2, "Without a generator two calls differ: is a seed set anywhere?")
### END HIDDEN TESTS

# %% [markdown]
r"""
What the chat model expects after two beginnings; the 15 likeliest tokens. **Move the sliders.** **Look for** what a top-p
of 0.9 keeps at temperature 1: 2 tokens where the model is sure, some 700 where it is not. No top-k fits both.
"""

# %% tags=["explore"]
chat_model, chat_tokenizer = models.load()

def next_logits(prompt):
    """The chat model's logits for what follows the prompt: (V,)."""
    with torch.no_grad():
        return chat_model(**chat_tokenizer(prompt, return_tensors="pt")).logits[0, -1]

following = {prompt: next_logits(prompt) for prompt in ("I'd like a cup of", "My favourite animal is the")}

def show_next(prompt, temperature, top_k, top_p):
    probs = next_token_probs(following[prompt], temperature, top_k, top_p)
    top = probs.topk(15)
    names = [repr(chat_tokenizer.decode(i))[1:-1] for i in top.indices]
    ax = plot.bars(names, top.values, title=f"{(probs > 0).sum():,} tokens left", top=1)
    ax.tick_params(axis="x", rotation=60)
    return ax

choices = {"temperature": [0, 0.5, 1.0, 1.5], "top_k": [49152, 50, 5], "top_p": [1.0, 0.9, 0.5]}
widgets.sliders(show_next, {"temperature": 1.0}, prompt=list(following), **choices)

# %% [markdown]
r"""
# D · What pretraining buys

The same blocks, four uses: fill gaps with both sides in view (BERT), carry what was read over to a task with few labels
(GPT-1), show the task in the prompt and train nothing (GPT-3), and chat, on your own code (Llama).
"""

# %% [markdown]
r"""
### 12 · Filling gaps

*6 points · 95 min · Devlin et al. 2018, section 3.1*

A causal model reads from the left, so as not to see what it predicts. BERT sees both sides, and hides some tokens of
the input: the loss asks for those.

Each token that is not special (padding, marks of beginning and end) is chosen with probability $p$, independently of
the others. Likewise, a chosen one becomes the mask with probability 0.8, a random id with 0.1, and stays
with 0.1: text in use has no masks.

<details><summary>A nudge</summary>Which random numbers does a token need?</details>
<details><summary>The key step</summary>Draw for every token, pick by <code>torch.where</code>: a second uniform number
decides what a chosen one becomes.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "mlm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mask_tokens(ids, mask_id, vocab_size, special_mask, p=0.15, generator=None):
    """Choose tokens to be predicted and hide most of them: Devlin et al. 2018, section 3.1.

    ids: long, any shape, left as they were; special_mask: bool of that shape, True where a token is never chosen.
    A random id is uniform over the whole vocabulary, 0 to vocab_size - 1, drawn anew for each token.
    generator: a torch.Generator from which every draw comes, so a second call goes on; None: PyTorch's global one.
    Returns (inputs, labels), long, of ids' shape; labels hold the original id where a token was chosen, -100 elsewhere.
    """
    ### BEGIN SOLUTION
    chosen = (torch.rand(ids.shape, generator=generator) < p) & ~special_mask
    fate = torch.rand(ids.shape, generator=generator)
    random_ids = torch.randint(vocab_size, ids.shape, generator=generator)
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), random_ids, inputs)
    return inputs, torch.where(chosen, ids, -100)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "mlm-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What is chosen, what is kept, what the labels hold."""
ids = torch.tensor([[1, 5, 6, 7, 2], [1, 8, 2, 0, 0]])
special = torch.tensor([[True, False, False, False, True], [True, False, True, True, True]])
def seeded(seed=0): return torch.Generator().manual_seed(seed)

check.equal(lambda: mask_tokens(ids, 3, 9, special, 1.0, seeded())[1],
    [[-100, 5, 6, 7, -100], [-100, 8, -100, -100, -100]],
    "With p=1 every token that is not special is chosen: is its label the original id, and -100 elsewhere?")
check.equal([ids, special.sum()], [[[1, 5, 6, 7, 2], [1, 8, 2, 0, 0]], 6], "ids or special_mask came back changed.")
check.equal(lambda: mask_tokens(ids, 3, 9, special, 1.0, seeded())[0][special], [1, 2, 1, 2, 0, 0],
    "A special token was changed.")
check.equal(lambda: mask_tokens(ids, 3, 9, special, p=0.0), [[[1, 5, 6, 7, 2], [1, 8, 2, 0, 0]], [[-100] * 5] * 2],
    "With p=0 no token is chosen, and none may change.")
check.equal(lambda: [str(one.dtype) for one in mask_tokens(ids, 3, 9, special)], ["torch.int64"] * 2, "Both are long.")
### BEGIN HIDDEN TESTS
def misplaced(ids, special):
    """How many labels are neither -100 nor the original, tokens changed without a label, special tokens with one."""
    inputs, labels = mask_tokens(ids, 7, 50, special, 0.5, seeded())
    wrong = ((labels != -100) & (labels != ids), (labels == -100) & (inputs != ids), special & (labels != -100))
    return [int(one.sum()) for one in wrong]
for shape in ((400,), (4, 3, 50)):
    some, special = check.integers(*shape, high=50), check.integers(*shape, high=4, seed=1) == 0
    check.equal(lambda: misplaced(some, special), [0, 0, 0],
        "Only chosen tokens may change, and each has the original as its label: is it taken before the change?")
    check.equal(lambda: mask_tokens(some, 7, 50, special, 1.0, seeded(1))[1],
        torch.where(special, -100, check.integers(*shape, high=50)),
        "With p=1 all but the special are chosen, in ids of any shape: does one that stays as it was have its label?")
    check.equal(some, check.integers(*shape, high=50), "ids came back changed.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "mlm-test-shares", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Shares over many draws. A bound is six standard errors or more: chance alone passes it once in 500 million times."""
def shares(original, mask_id, vocab_size, p, shape, generator):
    """All tokens are `original`, every fourth special: the share chosen of the others, and each id's share of these."""
    ids, special = torch.full(shape, original), torch.arange(math.prod(shape)).reshape(shape) % 4 == 0
    inputs, labels = mask_tokens(ids, mask_id, vocab_size, special, p, generator)
    chosen = labels != -100
    found = torch.bincount(inputs[chosen].clamp(0, vocab_size), minlength=vocab_size + 1)  # the last: no id at all
    return chosen[~special].double().mean(), found / chosen.sum()

CHOSEN = "Each token that is not special is chosen with the given p: are special ones left out, and not made up for?"
FATE = "0.8 mask, 0.1 any id from 0 to vocab_size - 1, 0.1 as it was, nothing else: does each token draw for itself?"
check.close(lambda: shares(0, 2, 3, 0.6, (4, 10_000), seeded())[0], 0.6, CHOSEN, rtol=0, atol=0.017)
check.close(lambda: shares(0, 2, 3, 0.6, (4, 10_000), seeded())[1],
    torch.tensor([0.1 / 3 + 0.1, 0.1 / 3, 0.1 / 3 + 0.8, 0]), FATE, rtol=0, atol=0.017)
### BEGIN HIDDEN TESTS
check.close(lambda: shares(4, 1, 5, 0.85, (20_000, 2), seeded(1))[0], 0.85, CHOSEN, rtol=0, atol=0.0125)
check.close(lambda: shares(4, 1, 5, 0.85, (20_000, 2), seeded(1))[1],
    torch.tensor([0.02, 0.02 + 0.8, 0.02, 0.02, 0.02 + 0.1, 0]), FATE, rtol=0, atol=0.0145)
def by_default():
    """The share chosen of 40,000 tokens when no p is given."""
    ids = torch.zeros(200, 200).long()
    return (mask_tokens(ids, 1, 2, ids.bool(), generator=seeded(2))[1] == 0).double().mean()
check.close(by_default, 0.15, "p is 0.15 unless another is given.", rtol=0, atol=0.011)
def twice():
    """In how many of 8,000 places two calls with one generator put the same random id: 0.08 by chance."""
    one, ids = seeded(3), torch.zeros(80, 100).long()
    first, second = (mask_tokens(ids, 1, 1000, ids.bool(), 1.0, one)[0] for _ in range(2))
    return int(((first == second) & (first > 1)).sum())
check.that(twice, lambda same: same < 12, "A second call draws other random ids: do they come from the generator?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "mlm-test-draws", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Tokens are independent, and every draw comes from the generator."""
def repeated(calls=2000, rows=4):
    """Mean and variance of how many of (rows, 5) are chosen, p=0.3; and of the masks about 0.85 of these."""
    one, nothing, ids = seeded(), torch.zeros(rows, 5).bool(), torch.zeros(rows, 5).long()
    inputs, labels = map(torch.stack, zip(*[mask_tokens(ids, 1, 2, nothing, 0.3, one) for _ in range(calls)]))
    counts, masks = (labels == 0).sum((1, 2)).double(), inputs.sum((1, 2))
    return [counts.mean(), counts.var(), (masks - 0.85 * counts).square().mean()]

check.close(lambda: repeated()[:2], [20 * 0.3, 20 * 0.3 * 0.7],
    "The number of chosen tokens is binomial. Is it fixed, do rows share their draws, does each call seed anew?",
    rtol=0, atol=0.8)
pages, none_special = check.integers(20, 30, high=50), torch.zeros(20, 30).bool()
def draw(generator): return torch.stack(mask_tokens(pages, 7, 50, none_special, 0.5, generator))
def disturbed():
    """Whether PyTorch's global random state changes though a generator is given."""
    before = torch.get_rng_state()
    draw(seeded(1))
    return bool((torch.get_rng_state() != before).any())
check.same(lambda: draw(seeded(1)), lambda: draw(seeded(1)),
    "The same seed gave another result: does every draw get the generator?")
check.equal(disturbed, False, "PyTorch's global random state changed: does each draw get the generator, is a seed set?")
### BEGIN HIDDEN TESTS
check.close(lambda: repeated(400, 40)[2], 200 * 0.3 * 0.85 * 0.15,
    "0.85 of the chosen become the mask, 0.05 by chance: does each draw for itself, not by quota?", rtol=0, atol=3.5)
check.same(lambda: (torch.manual_seed(3), draw(None))[1], lambda: (torch.manual_seed(3), draw(None))[1],
    "generator=None means PyTorch's global one: the same after torch.manual_seed(3).")
check.that(lambda: (draw(None) == draw(None)).double().mean(), lambda alike: alike < 0.8,
    "Without a generator, two calls differ.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Two models of one block read Shakespeare for 400 steps: a causal one, and your `GPT` with `causal=False`, for which the
mask is one more id.

**Look for** what the runs write into the table. With both sides in view a gap is filled better, though the encoder learns
from some 2 of 16 characters; what comes next it knows less well, and its text shows that.

So read both ways where the whole text is there, to classify, tag or search it. Read from the left to write: the product
of the predictions is the probability of the text.
"""

# %% tags=["explore"]
from tqdm.auto import trange

letters, codes = torch.unique(torch.tensor(list(data.shakespeare().encode())), return_inverse=True)
T, MASK, split = 16, len(letters), len(codes) * 9 // 10

def task(causal, part, B, dice):
    """What a model reads (B, T), and what it is asked: each next character, or those that are hidden from it."""
    x, following = get_batch(part, B, T, dice)
    no_special = torch.zeros_like(x, dtype=torch.bool)
    return (x, following) if causal else mask_tokens(x, MASK, MASK + 1, no_special, generator=dice)

def pretrain(causal, steps=400):
    torch.manual_seed(0)
    model, dice = GPT(GPTConfig(MASK + 1, T, n_layers=1, n_heads=4, d_model=64, causal=causal)), torch.Generator()
    adam = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.95))
    for step in trange(1, steps + 1, desc="causal" if causal else "both ways"):
        adam.param_groups[0]["lr"] = cosine_lr(step, 7e-3, 7e-4, 30, steps)
        loss = model(*task(causal, codes[:split], 256, dice))[1]
        adam.zero_grad()
        loss.backward()
        clip_grad_norm(model.parameters(), 1.0)
        adam.step()
    return model

readers = {causal: pretrain(causal) for causal in (True, False)}

# %% tags=["explore"]
@torch.no_grad()
def guess(causal, x, spot):
    """Logits (B, V) of the character at `spot`: from what stands before it, or from a mask in its place."""
    if causal:
        return readers[True](x[:, :spot])[0][:, -1, :MASK]
    return readers[False](torch.where(torch.arange(T) == spot, MASK, x))[0][:, spot, :MASK]

def write(causal, ids, n=60):
    """The text after n more characters, each drawn at the end of what is there."""
    dice = torch.Generator().manual_seed(0)
    for _ in range(n):
        probs = next_token_probs(guess(causal, F.pad(ids[:, 1 - T :], (0, 1)), T - 1), temperature=0.8)
        ids = torch.cat([ids, torch.multinomial(probs, 1, generator=dice)], 1)
    return bytes(letters[ids[0]].tolist()).decode().replace("\n", " / ")

dice, held = torch.Generator().manual_seed(1), codes[split:]
x, tasks = get_batch(held, 3000, T, dice)[0], {causal: task(causal, held, 3000, dice) for causal in readers}
with torch.no_grad():
    table = {"predictions that teach, a sequence": {c: (tasks[c][1] != -100).sum(1).double().mean() for c in readers},
             "held-out loss (nats a prediction)": {c: readers[c](*tasks[c])[1] for c in readers}}
for name, spot in (("right at a gap in the middle", T // 2), ("right at the end", T - 1)):
    table[name] = {c: (guess(c, x, spot).argmax(-1) == x[:, spot]).double().mean() for c in readers}
print(f"{'':36}{'causal':>10}{'both ways':>12}")
print("\n".join(f"{name:36}{row[True]:10.2f}{row[False]:12.2f}" for name, row in table.items()))
print(*[f"\n{name}: {write(causal, x[:1, :-1])}" for name, causal in (("causal", True), ("both ways", False))])

# %% [markdown]
r"""
### 13 · Pretraining pays

*6 points · 120 min · Radford et al. 2018, section 3.2*

Text is plentiful, labels are rare. GPT-1: train a language model, put a linear head on it, train all of it on with
labels. Only the last token has seen the whole text: the head reads its vector. Meanwhile the model goes on predicting,
with weight $\lambda$; both terms are means:

$$L=-\log p(y\mid x)-\lambda\,\log p(x_{t+1}\mid x_{\le t})$$

Padding, on the right, may hold any token and counts nowhere. Builds on exercise 8.

<details><summary>A nudge</summary>A text of 3 tokens: where is its last? How many next tokens has it?</details>
<details><summary>The key step</summary>The logits at t are for token t + 1, real where t + 1 &lt; length. Mask the
rest.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "finetune", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Classifier(nn.Module):
    """A GPT and, on each text's last real token, a linear layer: Radford et al. 2018, section 3.2.

    Attributes: gpt, the GPT itself and no copy, as in exercise 8 (used: hidden, wte, forward, config); head, nn.Linear
    from its width to n_classes, with its bias, as PyTorch starts it.
    """

    def __init__(self, gpt, n_classes):
        super().__init__()
        ### BEGIN SOLUTION
        self.gpt, self.head = gpt, nn.Linear(gpt.config.d_model, n_classes)
        ### END SOLUTION

    def forward(self, ids, lengths, labels=None, lm_weight=0.5):
        """ids (B, T), padded on the right with any tokens, lengths (B,), labels (B,) -> (logits (B, n_classes), loss).

        The loss is None without labels; else the mean cross-entropy of the labels, plus lm_weight times that of all
        real next tokens of the batch, in nats. Lengths are at least 1, one of them at least 2.
        """
        ### BEGIN SOLUTION
        hidden = self.gpt.hidden(ids)
        logits = self.head(hidden[torch.arange(len(ids)), lengths - 1])
        if labels is None:
            return logits, None
        real = torch.arange(1, ids.shape[1], device=ids.device) < lengths[:, None]
        lm_loss = F.cross_entropy(hidden[:, :-1][real] @ self.gpt.wte.weight.T, ids[:, 1:][real])
        return logits, F.cross_entropy(logits, labels) + lm_weight * lm_loss
        ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-tiny-gpt", "locked": true, "schema_version": 3, "solution": false, "task": false}
class TinyGPT(nn.Module):
    """A stand-in for your GPT with known weights: a token's vector is tanh of the sum of all embeddings up to it."""

    def __init__(self, V, C):
        super().__init__()
        self.config = GPTConfig(vocab_size=V, d_model=C)
        self.wte = nn.Embedding.from_pretrained(check.normal(V, C), freeze=False)

    def hidden(self, ids):
        return torch.tanh(self.wte(ids).cumsum(1))

    def forward(self, ids, targets=None):
        logits = F.linear(self.hidden(ids), self.wte.weight)
        return logits, targets if targets is None else F.nll_loss(logits.log_softmax(-1).flatten(0, 1), targets.flatten())

def classify(gpt, n_classes, *batch, **options):
    """The logits and the loss of your Classifier around gpt, its head's weights known."""
    model = Classifier(gpt, n_classes).double()
    with torch.no_grad():
        model.head.weight.copy_(check.normal(n_classes, gpt.config.d_model))
        model.head.bias.copy_(check.normal(n_classes))
    return model(*batch, **options)

def slopes(gpt, n_classes, *batch):
    """The gradient of gpt's embedding, from the loss of your Classifier around it."""
    return torch.autograd.grad(classify(gpt, n_classes, *batch)[1], gpt.wte.weight)[0]

# %% nbgrader={"grade": true, "grade_id": "finetune-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""The logits of two texts, of 4 tokens and of 2, among 5 classes."""
def logits_by_hand(gpt, n_classes, ids, lengths):
    """The oracle: text by text, without its padding."""
    last = torch.cat([gpt.hidden(row[None, :length])[:, -1] for row, length in zip(ids, lengths)])
    return last @ check.normal(n_classes, last.shape[1]).T + check.normal(n_classes)

ids, lengths = check.integers(2, 4, high=7), torch.tensor([4, 2])
check.equal(lambda: Classifier(TinyGPT(7, 3), 5).gpt.wte.weight.shape, (7, 3), "The GPT is the attribute gpt.")
check.equal(lambda: sum(p.numel() for p in Classifier(TinyGPT(7, 3), 5).parameters()), 7 * 3 + 5 * 3 + 5,
    "The GPT's parameters and those of head, a weight (n_classes, C) and a bias: are both modules attributes?")
check.equal(lambda: classify(TinyGPT(7, 3), 5, ids[1:].clone(), lengths[1:].clone())[1] is None, True,
    "Without labels there are two results: is the second one None?")
check.close(lambda: classify(TinyGPT(7, 3), 5, ids[:1].clone(), lengths[:1].clone())[0],
    logits_by_hand(TinyGPT(7, 3), 5, check.integers(2, 4, high=7)[:1], [4]),
    "One text, no padding: is the first result the head's raw scores, with its bias, of hidden() at the last token?")
check.close(lambda: classify(TinyGPT(7, 3), 5, ids, lengths)[0],
    logits_by_hand(TinyGPT(7, 3), 5, check.integers(2, 4, high=7), [4, 2]),
    "With padding, the last real token is at length - 1, in each text another place: is that one read?")
check.equal([ids, lengths], [check.integers(2, 4, high=7), [4, 2]], "The ids or the lengths came back changed.")
### BEGIN HIDDEN TESTS
ids, lengths = check.integers(5, 6, high=9, seed=1), torch.tensor([1, 3, 5, 2, 4])
check.close(lambda: classify(TinyGPT(9, 4), 2, ids, lengths)[0],
    logits_by_hand(TinyGPT(9, 4), 2, check.integers(5, 6, high=9, seed=1), [1, 3, 5, 2, 4]),
    "No text is as long as the batch is wide, one has a single token: is the vector at length - 1 read?")
check.same(lambda: classify(TinyGPT(9, 4), 2, ids, lengths)[0],
    lambda: classify(TinyGPT(9, 4), 2, ids.where(torch.arange(6) < lengths[:, None], 0), lengths)[0],
    "Padding may hold any token: do the lengths alone say where a text ends?")
check.close(lambda: [p.std().item() for p in Classifier(TinyGPT(9, 4), 4000).head.parameters()], [12**-0.5] * 2,
    "Does the head start as nn.Linear does, evenly from -1/2 to 1/2 here?", rtol=0.06)  # 8 standard errors
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "finetune-test-loss", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""The loss: the labels' cross-entropy, plus lm_weight times that of the real next tokens; and what reaches the GPT."""
def losses_by_hand(gpt, n_classes, ids, lengths, labels):
    """The oracle: the labels' mean loss, then that of the next tokens, one after the other."""
    texts = [row[:length] for row, length in zip(ids, lengths)]
    steps = [(gpt(text[None])[0][0, t], text[t + 1]) for text in texts for t in range(len(text) - 1)]
    surprise = sum(logits.exp().sum().log() - logits[i] for logits, i in steps) / len(steps)
    return F.cross_entropy(logits_by_hand(gpt, n_classes, ids, lengths), labels), surprise
ids, lengths, labels = check.integers(2, 4, high=7), torch.tensor([4, 2]), torch.tensor([3, 0])
label_loss, lm_loss = losses_by_hand(TinyGPT(7, 3), 5, check.integers(2, 4, high=7), [4, 2], torch.tensor([3, 0]))
for weight, hint in [(0, "With lm_weight 0 it is the mean cross-entropy of the labels: are the logits raw, without softmax?"),
    (1, "The labels' loss, and one mean over all 3 + 1 real next tokens: do logits at t meet token t + 1, no padding?"),
    (0.7, "Is the language model's loss, and it alone, multiplied by the lm_weight given?")]:
    check.close(lambda: classify(TinyGPT(7, 3), 5, ids, lengths, labels, lm_weight=weight)[1],
        label_loss + weight * lm_loss, hint)
check.close(lambda: classify(TinyGPT(7, 3), 5, ids, lengths, labels)[1], label_loss + 0.5 * lm_loss, "lm_weight: 0.5.")
### BEGIN HIDDEN TESTS
ids, lengths, labels = check.integers(5, 6, high=4, seed=1), torch.tensor([1, 3, 5, 2, 4]), torch.tensor([1, 0, 0, 1, 1])
gpt, truth = TinyGPT(4, 6), torch.tensor([1, 0, 0, 1, 1])
label_loss, lm_loss = losses_by_hand(gpt, 2, check.integers(5, 6, high=4, seed=1), [1, 3, 5, 2, 4], truth)
check.close(lambda: classify(TinyGPT(4, 6), 2, ids, lengths, labels, lm_weight=3.0)[1], label_loss + 3 * lm_loss,
    "A text of one token has no next token, the others have 2 + 4 + 1 + 3: is it one mean over these 10?")
check.same(lambda: classify(TinyGPT(4, 6), 2, ids, lengths, labels)[1],
    lambda: classify(TinyGPT(4, 6), 2, ids.where(torch.arange(6) < lengths[:, None], 0), lengths, labels)[1],
    "Padding may hold any token: do the lengths alone say which next tokens are real?")
check.close(lambda: slopes(TinyGPT(4, 6), 2, ids, lengths, labels),
    torch.autograd.grad(label_loss + 0.5 * lm_loss, gpt.wte.weight)[0],
    "The GPT that was given is trained further, by both losses: is it copied, frozen or detached anywhere?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Is a film review good or bad? Three starts: *from scratch*; the same small network after it read all other texts once,
half a million words; and the chat model's middle layer, frozen, under one linear layer. That one has read two trillion
tokens (its model card).

**Look for** what 50 labels give each. Half a minute of reading makes no difference beyond chance: 0.5 is a coin, and the
points at 500 and 5,000 are one run each. After two trillion tokens, 50 labels do more than 5,000 from scratch (measured
on 200 of the 1,000 held-out reviews): what *good* means was learned without one of these labels.
"""

# %% tags=["explore"]
from tqdm.auto import tqdm

rated = list({one.text: one for one in data.ratings()}.values())  # some texts come twice
random.Random(0).shuffle(rated)
films = [one for one in rated if one.source == "films" and abs(one.mean) >= 0.5]
held_out, labelled = films[:1000], films[1000:6000]
kept = {one.text for one in held_out}
reading = [one for one in rated if one.text not in kept]

words_of = regex.compile(r"\w+|[^\w\s]").findall
counts = Counter(word for one in reading for word in words_of(one.text.lower()))
index = {word: i for i, (word, _) in enumerate(counts.most_common(1498), 2)}  # 0 ends a text, 1 is any rarer word

def batch_of(some, T=40):
    """Ids (N, T), lengths (N,), labels (N,): 1 for a good review."""
    rows = [[index.get(word, 1) for word in words_of(one.text.lower())[: T - 1]] + [0] for one in some]
    ids = torch.tensor([row + [0] * (T - len(row)) for row in rows])
    return ids, torch.tensor([len(row) for row in rows]), torch.tensor([int(one.mean > 0) for one in some])

def fit(model, ids, lengths, labels, epochs, lm_weight=0.5):
    """Batches of 32 texts of like length, in random order."""
    batches = [rows for _ in range(epochs) for rows in (lengths + 6 * torch.rand(len(ids))).argsort().split(32)]
    adam = torch.optim.AdamW(param_groups(model, 0.1), betas=(0.9, 0.95))
    for step, i in enumerate(tqdm(torch.randperm(len(batches)), desc=f"{len(ids):,} texts", leave=False), 1):
        rows, rate = batches[i], cosine_lr(step, 3e-3, 1e-4, len(batches) // 10, len(batches))
        for group in adam.param_groups: group["lr"] = rate
        adam.zero_grad()
        model(ids[rows, : lengths[rows].max()], lengths[rows], labels[rows], lm_weight)[1].backward()
        clip_grad_norm(model.parameters(), 1.0)
        adam.step()

# %% tags=["explore"]
small = GPTConfig(1500, 40, n_layers=2, n_heads=4, d_model=64)
epochs, tries = {50: 15, 500: 6, 5000: 1}, {50: 2, 500: 1, 5000: 1}
starts = {"from scratch": GPT(small), "read 0.5 million words": GPT(small)}
ids, lengths, labels = batch_of(reading)
fit(Classifier(starts["read 0.5 million words"], 1), ids, lengths, 0 * labels, 1, 1.0)  # one class: no label to learn

def accuracy(start, n, seed):
    """The share of held-out reviews that are told right, after n labelled ones."""
    torch.manual_seed(seed)
    (ids, lengths, labels), model = batch_of(held_out), Classifier(GPT(small), 2)
    model.gpt.load_state_dict(start.state_dict())
    fit(model, *batch_of(random.Random(seed).sample(labelled, n)), epochs[n])
    with torch.no_grad():
        return (model(ids, lengths)[0].argmax(1) == labels).double().mean()

@torch.no_grad()
def vectors_of(some):
    """What layer 15 of the chat model's 30 makes of each text's last token, in units of its spread: (N, 576)."""
    model, tokenizer = models.load()
    model.model.layers, order, found = model.model.layers[:15], sorted(range(len(some)), key=lambda i: len(some[i].text)), []
    for part in tqdm([order[i : i + 50] for i in range(0, len(order), 50)], desc="the chat model reads", leave=False):
        rows = [torch.tensor(tokenizer(some[i].text).input_ids) for i in part]
        states = model.model(nn.utils.rnn.pad_sequence(rows, batch_first=True)).last_hidden_state
        found += [state[len(row) - 1] for state, row in zip(states, rows)]
    found = torch.stack(found)[torch.tensor(order).argsort()]
    return (found - found.mean(0)) / found.std(0)

# %% tags=["explore"]
with device.all_cores():
    vectors, good = vectors_of(films[800:1500]), 2.0 * batch_of(films[800:1500])[2] - 1  # 200 held out, 500 labelled

def linear(n):
    """The same share, of ridge regression on n vectors: the mean over all parts of 500 that have n."""
    right = []
    for X, y in zip(vectors[200:].split(n), good[200:].split(n)):
        w = X.T @ torch.linalg.solve(X @ X.T + 1000 * torch.eye(n), y)
        right.append((vectors[:200] @ w * good[:200] > 0).double().mean())
    return sum(right) / len(right)

shares = {}
for name, start in starts.items():
    shares[name] = [sum(accuracy(start, n, seed) for seed in range(tries[n])) / tries[n] for n in epochs]
shares["chat model, 2 trillion tokens"] = [linear(50), linear(500)]
across = {name: list(epochs)[: len(values)] for name, values in shares.items()}
ax = plot.curves(shares, across, "labelled reviews", "held-out reviews told right (share)", logx=True)
ax.set_xticks(list(epochs), list(epochs))
print({name: [round(float(share), 2) for share in values] for name, values in shares.items()})

# %% [markdown]
r"""
### 14 · Learning without learning

*5 points · 80 min · Brown et al. 2020, section 2*

Put solved examples into the prompt, then a question, and a large language model goes on in kind: $k$-shot
*in-context learning*. No weight moves.

To classify, score each answer as the prompt's continuation. With its $n$ tokens $c_i$ after the prompt $x$:

$$\mathrm{score}=\frac1n\sum_{i=1}^{n}\log p(c_i\mid x,c_{<i})$$

Tokens may merge across the border: `so` + `on` is `soon`. So encode the prompt, then prompt and answer together: the
answer begins where the two first differ.

<details><summary>A nudge</summary>A causal model never sees what stands to the right.</details>
<details><summary>The key step</summary>The logits at t are for token t + 1. Each row has its own first and last
place.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-tiny-model", "locked": true, "schema_version": 3, "solution": false, "task": false}
import tokenizers
import transformers

# 14 characters and six merges: words are spelt, but for these pieces. Encoding begins with <s> unless told not to.
pieces = [*" abdefgnosuwyé", "so", "on", "soon", "nd", "an", "go", "<s>"]
merges = [("s", "o"), ("o", "n"), ("so", "on"), ("n", "d"), ("a", "n"), ("g", "o")]
tiny = tokenizers.Tokenizer(tokenizers.models.BPE({token: i for i, token in enumerate(pieces)}, merges))
tiny.post_processor = tokenizers.processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", pieces.index("<s>"))])
tiny_tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=tiny)

# A GPT-2 as transformers has it, very small, with known weights.
sizes = {"vocab_size": len(pieces), "n_positions": 40, "n_embd": 8, "n_layer": 2, "n_head": 2}
tiny_model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, bos_token_id=None, eos_token_id=None)).eval()
with torch.no_grad():
    for p in tiny_model.parameters():
        p.copy_(check.normal(*p.shape))

def scores(prompt, choices, **options):
    """What your score_choices makes of the tiny model."""
    return score_choices(tiny_model, tiny_tokenizer, prompt, choices, **options)

# %% nbgrader={"grade": false, "grade_id": "in-context", "locked": false, "schema_version": 3, "solution": true, "task": false}
def few_shot_prompt(examples, query):
    r"""Each example (text, label) as "Review: {text}\nSentiment: {label}\n\n"; then "Review: {query}\nSentiment:"."""
    ### BEGIN SOLUTION
    shown = [f"Review: {text}\nSentiment: {label}\n\n" for text, label in examples]
    return "".join(shown) + f"Review: {query}\nSentiment:"
    ### END SOLUTION

@torch.no_grad()
def score_choices(model, tokenizer, prompt, choices, normalize="tokens"):
    """Log-probability in nats of each choice (a string) as the prompt's continuation: a tensor (n_choices,).

    model: of transformers, called once, as model(ids).logits, with or without a mask. tokenizer: used with
    add_special_tokens=False; it may have no pad token, and stays as it was. A choice's tokens begin where those of
    prompt + choice first differ from the prompt's, or else where these end. Given prompts have at least one token that
    stays, so this is never token 0, which has no logits.
    normalize: "tokens" divides by their number, None does not; anything else raises ValueError.
    """
    ### BEGIN SOLUTION
    if normalize not in ("tokens", None):
        raise ValueError(f"normalize is 'tokens' or None, not {normalize!r}")
    before, *rows = (tokenizer(prompt + text, add_special_tokens=False).input_ids for text in ["", *choices])
    starts = [next((i for i, (a, b) in enumerate(zip(before, row)) if a != b), len(before)) for row in rows]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    spots, ends = torch.arange(ids.shape[1]), torch.tensor([len(row) for row in rows])[:, None]
    logits = model(ids, attention_mask=(spots < ends).long()).logits
    found = logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    scored = ((spots >= torch.tensor(starts)[:, None]) & (spots < ends))[:, 1:]
    return found.masked_fill(~scored, 0.0).sum(1) / (scored.sum(1) if normalize else 1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "in-context-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""A prompt of two examples, character by character."""
shown = [("A joy.", "positive"), ("Too long.", "negative")]
check.equal(lambda: few_shot_prompt(shown, "I laughed."),
    "Review: A joy.\nSentiment: positive\n\nReview: Too long.\nSentiment: negative\n\nReview: I laughed.\nSentiment:",
    "Examples in their order, an empty line after each; the query's block ends at the colon, with no space after it.")
check.equal(shown, [("A joy.", "positive"), ("Too long.", "negative")], "The examples came back changed.")
### BEGIN HIDDEN TESTS
check.equal(lambda: few_shot_prompt([], "{Fine}"), "Review: {Fine}\nSentiment:",
    "Without examples the query's block stands alone, and the text comes as it is, braces and all.")
check.equal(lambda: few_shot_prompt([("Ok. ", "so-so")], "\tHm\n"),
    "Review: Ok. \nSentiment: so-so\n\nReview: \tHm\n\nSentiment:",
    "Texts and labels come as they are: is white space stripped?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "in-context-test-score", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Scores, held against a call of the model for each single token."""
def by_hand(*pairs):
    """The oracle: the log-probability of each pair's second tokens after its first, written with | between them."""
    sums = []
    for ids, scored in ([[pieces.index(token) for token in part.split("|")] for part in pair] for pair in pairs):
        rows = [tiny_model(torch.tensor([ids + scored[:n]])).logits[0, -1].log_softmax(-1) for n in range(len(scored))]
        sums.append(sum(row[i].item() for row, i in zip(rows, scored)))
    return torch.tensor(sums)

both = by_hand(("w|e| |d|o", " |b|u|g"), ("w|e| |d|o", " |a"))
check.close(lambda: scores("we do", [" a"], normalize=None), both[1:],
    "One choice, of two tokens (the space is one): is each read off one place before, without <s>, shape (1,)?")
check.close(lambda: scores("we do", [" bug", " a"], normalize=None), both,
    "Choices of 4 tokens and 2, in their order: does the padding stand on the right, and is it never scored?")
check.close(lambda: scores("we do", [" bug", " a"]), both / torch.tensor([4, 2]),
    "Unless told otherwise, a sum is divided by the number of the choice's own tokens.")
check.raises(lambda: scores("we do", [" a"], normalize="words"), ValueError, "Only 'tokens' and None are known.")
### BEGIN HIDDEN TESTS
def calls(prompt, choices):
    with check.calls("transformers.GPT2LMHeadModel.forward") as count:
        scores(prompt, choices)
    return sum(count.values())

check.equal(lambda: calls("we do", [" bug", " a", " go"]), 1, "All choices are one batch: is the model called once?")
for other in ("", False, True):
    check.raises(lambda: scores("we do", [" a"], normalize=other), ValueError, "Neither 'tokens' nor None.")
check.close(lambda: scores("a day", [" a", " good egg", " go"], normalize=None),
    by_hand(("a| |d|a|y", " |a"), ("a| |d|a|y", " |go|o|d| |e|g|g"), ("a| |d|a|y", " |go")),
    "Tokens that the choices share are scored too; a space (its id is 0) is no padding.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "in-context-test-border", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""At the border of prompt and choice: so + on is one token, soon."""
merging = by_hand(("w|e| |go| ", "soon"), ("w|e| |go| |so", " |a|nd"))
check.close(lambda: scores("we go so", ["on", " and"], normalize=None), merging,
    "Prompt and choice are encoded together: does each choice begin where its tokens first differ from the prompt's?")
check.close(lambda: scores("we go so", ["on", " and"]), merging / torch.tensor([1, 3]),
    "The tokens that are scored are those that are counted: 1 and 3.")
check.equal(lambda: [tiny_tokenizer.pad_token, tiny_tokenizer.padding_side, len(tiny_tokenizer)], [None, "right", 21],
    "The tokenizer has no pad token, and it stays as it was: the ids can be padded by any token.")
check.equal(lambda: scores("we go so", ["on"]).requires_grad, False, "Is torch.no_grad() still there?")
### BEGIN HIDDEN TESTS
check.close(lambda: scores("we ", ["do", "bug"], normalize=None), by_hand(("w|e| ", "d|o"), ("w|e| ", "b|u|g")),
    "The prompt ends with a space: is it encoded as it is, or stripped?")
splitting = by_hand(("b", "a|nd|y"), ("b|an", "s"), ("b|an", " |é|é"))
check.close(lambda: scores("ban", ["dy", "s", " éé"], normalize=None), splitting,
    "ban is b + an, bandy is b + a + nd + y: is the choice scored from the first token that differs?")
check.close(lambda: scores("ban", ["dy", "s", " éé"]), splitting / torch.tensor([3, 1, 3]),
    "The tokens that are scored are those that are counted.")
check.close(lambda: scores("a soo", ["n", "s"], normalize="tokens"), by_hand(("a| ", "soon"), ("a| |so|o", "s")),
    "soo is so + o, soon one token: is the choice scored from the first token that differs, however far back?")
### END HIDDEN TESTS

# %% [markdown]
r"""
The real chat model judges thirty short film reviews, each after 0, 1 and 4 solved ones. **Look for** what the examples
teach. One is enough for the *form*: the probability that the model says one of the two words at all leaps up. The
judgement was there before, and in this small model gets worse: more and more often it repeats the last example's word.

Min et al. 2022 see in larger models, too, that examples teach the form before the task
([Rethinking the Role of Demonstrations](https://arxiv.org/abs/2202.12837)), Zhao et al. 2021 the pull of the last one
([Calibrate Before Use](https://arxiv.org/abs/2102.09690)). Put your own examples in.
"""

# %% tags=["explore"]
means = {one.text: one.mean for one in data.ratings() if one.source == "films" and abs(one.mean) >= 1.5}
solved = [(text, "positive" if mean > 0 else "negative") for text, mean in means.items() if len(text.split()) <= 10]
random.Random(0).shuffle(solved)
to_judge, pool, shots = solved[:30], solved[30:], [0, 1, 4]
chat, chat_tokenizer = models.load()
shares = {"told right": [], "probability of the two words": [], "as the last example": []}

with device.all_cores():
    for k in shots:
        found = Counter()
        for i, (review, truth) in enumerate(tqdm(to_judge, desc=f"{k} examples", leave=False)):
            shown = random.Random(i).sample(pool, 4)[:k]
            logps = score_choices(chat, chat_tokenizer, few_shot_prompt(shown, review), [" negative", " positive"])
            answer = ["negative", "positive"][logps.argmax()]
            found["told right"] += answer == truth
            found["probability of the two words"] += logps.exp().sum().item()  # each of them is one token
            found["as the last example"] += answer == shown[-1][1] if shown else math.nan
        for name, values in shares.items():
            values.append(found[name] / len(to_judge))
plot.curves(shares, shots, "solved examples in the prompt", "share of 30 reviews").set(ylim=(0, 1.02), xticks=shots);

# %% [markdown]
r"""
### 15 · A chat model on your own code

*6 points · core · 15 min · Touvron et al. 2023, section 2.2*

Llama keeps GPT's stream and exchanges the parts: RMSNorm for LayerNorm, rotary positions in attention for `wpe`, SwiGLU
for the MLP, no biases; heads may share keys and values. The config, a transformers `LlamaConfig`, gives sizes
(`hidden_size`, `intermediate_size`, `num_attention_heads`, `num_key_value_heads`, …), `rms_norm_eps` and, by `rope_base`
(given), the rotary base; the head's matrix is the embedding's if `tie_word_embeddings`.

Weights come named: `model.embed_tokens.weight`, `model.layers.0.self_attn.q_proj.weight`, …, `model.norm.weight`,
`lm_head.weight`.

<details><summary>A nudge</summary>If your parts are named as theirs, all that differs is a prefix.</details>
<details><summary>The key step</summary>Attributes <code>embed_tokens</code>, <code>layers</code>, <code>norm</code>,
<code>lm_head</code>; then <code>load_state_dict</code>. Tied: <code>lm_head.weight</code> is <code>embed_tokens.weight</code>, one parameter.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-llama", "locked": true, "schema_version": 3, "solution": false, "task": false}
def rope_base(config):
    """The base of the rotary positions: transformers 5 keeps it in a dict, version 4 among the config's attributes."""
    return (getattr(config, "rope_parameters", None) or {}).get("rope_theta") or config.rope_theta

class LlamaBlock(nn.Module):
    """GPT's Block with the parts that your `llama_parts(config)` makes, named as transformers names them."""

    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.self_attn, self.post_attention_layernorm, self.mlp = llama_parts(config)

    def forward(self, x):
        x = x + self.self_attn(self.input_layernorm(x))
        return x + self.mlp(self.post_attention_layernorm(x))

# %% nbgrader={"grade": false, "grade_id": "llama", "locked": false, "schema_version": 3, "solution": true, "task": false}
def llama_parts(config):
    """The parts of one block in the order of their use: RMSNorm, MultiHeadAttention (causal), RMSNorm, SwiGLU."""
    ### BEGIN SOLUTION
    C, eps, heads = config.hidden_size, config.rms_norm_eps, (config.num_attention_heads, config.num_key_value_heads)
    attention = MultiHeadAttention(C, *heads, rope_base=rope_base(config))
    return RMSNorm(C, eps), attention, RMSNorm(C, eps), SwiGLU(C, config.intermediate_size)
    ### END SOLUTION

class Llama(nn.Module):
    """Llama(config), config as transformers' LlamaConfig: ids (B, T) to logits (B, T, V)."""
    def __init__(self, config):
        super().__init__()
        ### BEGIN SOLUTION
        V, C = config.vocab_size, config.hidden_size
        self.embed_tokens, self.norm = nn.Embedding(V, C), RMSNorm(C, config.rms_norm_eps)
        self.layers = nn.Sequential(*(LlamaBlock(config) for _ in range(config.num_hidden_layers)))
        self.lm_head = self.embed_tokens if config.tie_word_embeddings else nn.Linear(C, V, bias=False)
        ### END SOLUTION
    def forward(self, ids):
        ### BEGIN SOLUTION
        return self.norm(self.layers(self.embed_tokens(ids))) @ self.lm_head.weight.T
        ### END SOLUTION

def load_hf_llama(model, state_dict):
    """Copy the weights of a transformers LlamaForCausalLM into model, in place, and return model."""
    ### BEGIN SOLUTION
    model.load_state_dict({name.removeprefix("model."): value for name, value in state_dict.items()})
    return model
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "llama-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""With the weights of a transformers Llama, its logits."""
def small(**changes):  # untied
    sizes = dict(vocab_size=11, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3)
    return LlamaConfig(**(sizes | dict(rms_norm_eps=1e-5, bos_token_id=0, eos_token_id=0) | changes))
def theirs(config):
    """A Llama of transformers in which every number is random."""
    model = LlamaForCausalLM(config).eval().requires_grad_(False)
    for seed, p in enumerate(model.parameters()):
        p.copy_(check.normal(*p.shape, seed=seed) / 2)
    return model
def ours(config, ids):
    """The logits of the model that was to be loaded, how many numbers it has, new and then; and what else is asked."""
    model, weights = Llama(config), theirs(config).state_dict()
    keys, new, returned = list(weights), size(model), load_hf_llama(model, weights)
    shared = {one.data_ptr() for one in weights.values()} & {p.data_ptr() for p in model.parameters()}
    return {"logits": model(ids), "sizes": [new, size(model)], "model returned": returned is model,
        "memory shared with state_dict": len(shared), "keys of state_dict left": list(weights) == keys}
def size(model): return sum(p.numel() for p in model.parameters())
def right(config, ids):
    return {"logits": theirs(config)(ids).logits, "sizes": [size(theirs(config))] * 2, "model returned": True,
        "memory shared with state_dict": 0, "keys of state_dict left": True}
ids = check.integers(2, 24, high=11)
check.close(lambda: ours(small(), ids), right(small(), check.integers(2, 24, high=11)),
    "Embedding, blocks, norm, head: each as the config says? Does each weight arrive, as a copy, in place?", atol=1e-4)
check.equal(ids, check.integers(2, 24, high=11), "ids came back changed.")
### BEGIN HIDDEN TESTS
wide = small(vocab_size=7, hidden_size=16, intermediate_size=10, num_hidden_layers=3, num_attention_heads=2)
check.close(lambda: ours(wide, check.integers(3, 9, high=7)), right(wide, check.integers(3, 9, high=7)),
    "Other sizes, more layers: is any number fixed? Does every layer get its own weights?", atol=1e-4)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "llama-test-config", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""What else the config says: shared keys and values, the rotary base, eps, a tied head."""
def long(): return check.integers(2, 24, high=11)
check.close(lambda: ours(small(num_attention_heads=6, num_key_value_heads=2), long()),
    right(small(num_attention_heads=6, num_key_value_heads=2), long()),
    "6 heads of queries, 2 of keys and values: does MultiHeadAttention get both numbers?", atol=1e-4)
check.close(lambda: ours(small(rope_theta=50.0), long()), right(small(rope_theta=50.0), long()),
    "The base of the rotary positions is 50 here: is it rope_base(config)?", atol=1e-4)
check.close(lambda: ours(small(rms_norm_eps=0.1), long()), right(small(rms_norm_eps=0.1), long()),
    "eps is 0.1 here: do all the norms get config.rms_norm_eps, the last one too?", atol=1e-4)
check.close(lambda: ours(small(tie_word_embeddings=True), long()), right(small(tie_word_embeddings=True), long()),
    "Tied: embed_tokens and the head are one matrix from the start, counted once. Untied, they are two.", atol=1e-4)
### BEGIN HIDDEN TESTS
both = dict(num_attention_heads=4, num_key_value_heads=2, hidden_size=24, rope_theta=1e5, rms_norm_eps=0.03)
for tied in (True, False):
    check.close(lambda: ours(small(**both, tie_word_embeddings=tied), check.integers(1, 40, high=11)),
        right(small(**both, tie_word_embeddings=tied), check.integers(1, 40, high=11)),
        "All of it together, over 40 tokens: sizes, shared heads, base, eps, tied or not.", atol=1e-4)
### END HIDDEN TESTS

# %% [markdown]
r"""
Now the real one: SmolLM2-135M-Instruct in your Llama. **Look for** 134,515,008 parameters, and for how far any logit is
from transformers' (below 0.001 is rounding).

Then the same answers, letter for letter, and a box to ask in. It is a small model: fluent, and often wrong. Each word
costs a little more than the one before: to find one more token, your model reads the whole text again. The inference
notebook keeps what was read, in a cache of keys and values.
"""

# %% tags=["explore"]
def prompt(question):
    """A question as ids (1, T), in the form that the model was trained on."""
    turns = [{"role": "user", "content": question}]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    return tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids

hf, tokenizer = models.load()
mine = load_hf_llama(Llama(hf.config), hf.state_dict()).eval()
questions = ["What is the capital of France?", "Why is the sky blue?"]
print(f"{sum(p.numel() for p in mine.parameters()):,} parameters")
with device.all_cores(), torch.no_grad():
    for question in questions:
        ids = prompt(question)
        off = (mine(ids) - hf(ids).logits).abs().max()
        print(f"{question} largest difference {off:.1e} over {ids.shape[1]} tokens")

# %% tags=["explore"]
@torch.no_grad()
def chat(question, n=40):
    """Answer piece by piece, always by the likeliest token, in n tokens at the most."""
    ids, said = prompt(question), ""
    start = ids.shape[1]
    for _ in range(n):
        with device.all_cores():
            token = mine(ids)[0, -1].argmax()
        if token == tokenizer.eos_token_id:
            return
        ids = torch.cat([ids, token.view(1, 1)], dim=1)
        text = tokenizer.decode(ids[0, start:])
        if not text.endswith("\ufffd"):  # half a letter: the rest is still to come
            yield text[len(said) :]
            said = text

for question in questions:
    ids = prompt(question)
    with device.all_cores():
        answer = hf.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=24)
    text = tokenizer.decode(answer[0, ids.shape[1] :], skip_special_tokens=True)
    print(f"the same: {text == ''.join(chat(question, 24))} | {text}")
widgets.chat_box(chat, "Tell me a short story about a cat.")

# %% [markdown]
r"""
## What you can do now

You can turn any text into ids and back, write every part of a GPT and of a Llama from the paper, load somebody else's
weights into your own code and prove that it computes the same, train a model and choose how it speaks.

The picture of the whole: **tokens in a stream of vectors; attention moves, the small networks transform, every step
adds**. The next notebook keeps the model, and asks how large it should be, and how many machines can train it together.
"""

# %% [markdown]
r"""
## Where to go deeper

- Sutskever et al. 2014, [Sequence to Sequence Learning](https://arxiv.org/abs/1409.3215); Bahdanau et al. 2014,
  [Jointly Learning to Align and Translate](https://arxiv.org/abs/1409.0473): where attention came from.
- Vaswani et al. 2017, [Attention Is All You Need](https://arxiv.org/abs/1706.03762): section 3, closely.
- Radford et al. 2018, GPT-1, and 2019, GPT-2; Devlin et al. 2018, [BERT](https://arxiv.org/abs/1810.04805).
- Su et al. 2021, [RoFormer](https://arxiv.org/abs/2104.09864); Shazeer 2020,
  [GLU Variants](https://arxiv.org/abs/2002.05202); Zhang and Sennrich 2019, [RMSNorm](https://arxiv.org/abs/1910.07467).
- Ainslie et al. 2023, [GQA](https://arxiv.org/abs/2305.13245); Olsson et al. 2022,
  [Induction Heads](https://arxiv.org/abs/2209.11895): what heads share, and what they find.
- Sennrich et al. 2016, [Subword Units](https://arxiv.org/abs/1508.07909); Kudo 2018,
  [Subword Regularization](https://arxiv.org/abs/1804.10959): the unigram model.
- Raschka's *Build a Large Language Model (From Scratch)*, for a second pass in another voice.
"""

# %% [markdown]
r"""
## How far you are

The bar shows which exercises pass their visible tests **now**, in this kernel, and how much time the rest may take.
Save the notebook first.
"""

# %% tags=["explore"]
from course.progress import progress

progress()
