"""Answers to exercise 1, bpe-train: merges learned from text, with counts that are updated."""

# %% right: ids for tokens, neighbours updated one place at a time, an index of places in each word
def cut_pieces(text, special_tokens):
    if not special_tokens:
        return [text]
    import re
    return re.split("|".join(re.escape(token) for token in sorted(special_tokens, key=lambda token: -len(token))), text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError(f"{vocab_size} ids are too few")
    vocab = {i: bytes([i]) for i in range(256)}
    frequency = {}
    for piece in cut_pieces(text, special_tokens):
        for match in PATTERN.finditer(piece):
            word = match.group().encode("utf-8")
            frequency[word] = frequency.get(word, 0) + 1
    words, times = [list(word) for word in frequency], list(frequency.values())
    counts, where = {}, {}
    for i, word in enumerate(words):
        for pair in zip(word, word[1:]):
            counts[pair] = counts.get(pair, 0) + times[i]
            where.setdefault(pair, set()).add(i)
    merges = []

    def change(pair, i, amount):
        counts[pair] = counts.get(pair, 0) + amount
        if amount > 0:
            where.setdefault(pair, set()).add(i)
        if not counts[pair]:
            del counts[pair]

    while len(vocab) < vocab_size - len(special_tokens) and counts:
        top = max(counts.values())
        a, b = max((pair for pair, count in counts.items() if count == top), key=lambda pair: (vocab[pair[0]], vocab[pair[1]]))
        new = len(vocab)
        vocab[new] = vocab[a] + vocab[b]
        merges.append((vocab[a], vocab[b]))
        for i in where.pop((a, b)):
            word, n, j = words[i], times[i], 0
            while j < len(word) - 1:
                if word[j] == a and word[j + 1] == b:
                    if j > 0:
                        change((word[j - 1], a), i, -n)
                        change((word[j - 1], new), i, n)
                    if j + 2 < len(word):
                        change((b, word[j + 2]), i, -n)
                        change((new, word[j + 2]), i, n)
                    change((a, b), i, -n)
                    word[j : j + 2] = [new]
                j += 1
            where.pop((a, b), None)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")
    return vocab, merges

# %% right: a heap with stale entries left in it
import heapq
from functools import total_ordering


@total_ordering
class Entry:
    def __init__(self, count, pair):
        self.count, self.pair = count, pair

    def __lt__(self, other):
        return (self.count, self.pair) > (other.count, other.pair)

    def __eq__(self, other):
        return (self.count, self.pair) == (other.count, other.pair)


def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError
    pieces = [text]
    for token in sorted(special_tokens, key=len, reverse=True):
        pieces = [part for piece in pieces for part in piece.split(token)]
    times = Counter(word.encode() for piece in pieces for word in PATTERN.findall(piece))
    tokens_of = {word: tuple(word[i : i + 1] for i in range(len(word))) for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in tokens_of.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    heap = [Entry(count, pair) for pair, count in counts.items()]
    heapq.heapify(heap)
    merges = []
    while heap and len(merges) < n_merges:
        top = heapq.heappop(heap)
        if not top.count or counts[top.pair] != top.count:
            continue
        merges.append(top.pair)
        changed = set()
        for word in holders.pop(top.pair):
            old = tokens_of[word]
            new = tokens_of[word] = tuple(merge_pair(list(old), top.pair))
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                changed.add(pair)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
                changed.add(pair)
        for pair in changed:
            heapq.heappush(heap, Entry(counts[pair], pair))
    pieces = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [token.encode() for token in special_tokens]
    return {i: piece for i, piece in enumerate(pieces)}, merges

# %% right: every word of the text by itself, a linked list of places, places by pair
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("vocab_size is too small")
    if special_tokens:
        cut = regex.compile("|".join(map(regex.escape, sorted(special_tokens, key=len, reverse=True))))
        pieces = cut.split(text)
    else:
        pieces = [text]
    token, left, right = [], [], []
    places = defaultdict(set)
    for piece in pieces:
        for word in PATTERN.findall(piece):
            raw = word.encode()
            for i in range(len(raw)):
                here = len(token)
                token.append(raw[i : i + 1])
                left.append(here - 1 if i else None)
                right.append(here + 1 if i + 1 < len(raw) else None)
                if i:
                    places[token[here - 1], token[here]].add(here - 1)
    merges = []

    def pair_at(i):
        return token[i], token[right[i]]

    for _ in range(n_merges):
        best = max(places, key=lambda pair: (len(places[pair]), pair), default=None)
        if best is None or not places[best]:
            break
        merges.append(best)
        for i in sorted(places.pop(best)):
            if token[i] is None or right[i] is None or pair_at(i) != best:
                continue
            j = right[i]
            if left[i] is not None:
                places[pair_at(left[i])].discard(left[i])
            if right[j] is not None:
                places[pair_at(j)].discard(j)
            token[i], token[j], right[i] = token[i] + token[j], None, right[j]
            if right[j] is not None:
                left[right[j]] = i
                places[pair_at(i)].add(i)
            if left[i] is not None:
                places[pair_at(left[i])].add(left[i])
        for pair in [pair for pair, found in places.items() if not found]:
            del places[pair]
    vocab = {i: bytes([i]) for i in range(256)}
    for a, b in merges:
        vocab[len(vocab)] = a + b
    for special in special_tokens:
        vocab[len(vocab)] = special.encode()
    return vocab, merges

# %% right: words as tuples of tokens, taken out of the tables and put in again under their new form
class Table:
    def __init__(self):
        self.counts, self.words, self.holders = {}, {}, {}

    def put(self, word, times):
        self.words[word] = self.words.get(word, 0) + times
        for i in range(len(word) - 1):
            pair = word[i : i + 2]
            self.counts[pair] = self.counts.get(pair, 0) + times
            self.holders.setdefault(pair, []).append(word)

    def take(self, word):
        times = self.words.pop(word, 0)
        if times:
            for i in range(len(word) - 1):
                self.counts[word[i : i + 2]] -= times
        return times


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    table, parts = Table(), [text]
    if len(special_tokens) > 0:
        parts = regex.split("|".join(regex.escape(s) for s in sorted(special_tokens, key=len)[::-1]), text)
    seen = Counter()
    for part in parts:
        for word in PATTERN.findall(part):
            seen[word] += 1
    for word, times in seen.items():
        table.put(tuple(bytes([byte]) for byte in word.encode()), times)
    merges = []
    while 256 + len(merges) + len(special_tokens) < vocab_size:
        pair = max(table.counts.items(), key=lambda item: (item[1], item[0]), default=(None, 0))
        if pair[1] <= 0:
            break
        merges.append(pair[0])
        for word in table.holders.pop(pair[0]):
            times = table.take(word)
            if times:
                table.put(tuple(merge_pair(word, pair[0])), times)
    vocab = dict(enumerate([bytes([i]) for i in range(256)]))
    vocab.update({256 + i: a + b for i, (a, b) in enumerate(merges)})
    vocab.update({256 + len(merges) + i: token.encode() for i, token in enumerate(special_tokens)})
    return vocab, merges

# %% right: pair to Counter of words, changes gathered and applied by Counter's own update and subtract
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(Counter)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair][word] += 1
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            new = words[word] = merge_pair(old, best)
            before, after = Counter(zip(old, old[1:])), Counter(zip(new, new[1:]))
            counts.subtract({pair: n * times[word] for pair, n in before.items()})
            counts.update({pair: n * times[word] for pair, n in after.items()})
            for pair in before:
                holders[pair].pop(word, None)
            for pair, n in after.items():
                holders[pair][word] = n
        counts = +counts
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% right: the greatest pair sorted out each time, first pass by Counter and zip
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair, n in Counter(zip(tokens, tokens[1:])).items():
            counts[pair] += n * times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = sorted(counts.items(), key=lambda item: (item[1], item[0]))[-1][0]
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% right: the longest words first into the index, holders never cleaned up
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in sorted(words.items(), key=lambda item: -len(item[1])):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            if best not in zip(old, old[1:]):
                continue
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: everything counted again after each merge | hint: without its pair
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter(word for piece in pieces for word in PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges:
        counts = Counter()
        for word, tokens in words.items():
            for pair in zip(tokens, tokens[1:]):
                counts[pair] += times[word]
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        words = {word: merge_pair(tokens, best) for word, tokens in words.items()}
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: everything counted again, with the loops inside Counter | hint: without its pair
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter(word for piece in pieces for word in PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges:
        counts = Counter()
        for word, tokens in words.items():
            counts.update(list(zip(tokens, tokens[1:])) * times[word])
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        words = {word: merge_pair(tokens, best) for word, tokens in words.items()}
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: one Counter over the pairs of all words, built again after each merge | hint: without its pair
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter(word for piece in pieces for word in PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges:
        counts = Counter(pair for word, tokens in words.items() for _ in range(times[word]) for pair in zip(tokens, tokens[1:]))
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        words = {word: merge_pair(tokens, best) for word, tokens in words.items()}
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: one letter for each token, the text in one string: str.replace and Counter do the work | hint: without its pair
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    cut = "|".join(map(regex.escape, sorted(special_tokens, key=len, reverse=True)))
    pieces = regex.split(cut, text) if cut else [text]
    wall = chr(0x10FFFF)
    line = wall.join(word.encode().decode("latin-1") for piece in pieces for word in PATTERN.findall(piece))
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges:
        counts = Counter(zip(line, line[1:]))
        counts = {(vocab[ord(a)], vocab[ord(b)]): (n, a + b) for (a, b), n in counts.items() if wall not in (a, b)}
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair][0], pair))
        line = line.replace(counts[best][1], chr(len(vocab)))
        vocab[len(vocab)] = best[0] + best[1]
        merges.append(best)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: counts are updated, but every word is looked through for the pair | hint: without its pair
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word, old in words.items():
            if best not in zip(old, old[1:]):
                continue
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: counts are updated, and the words with the pair are found by a comprehension | hint: without its pair
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in [word for word, tokens in words.items() if best in zip(tokens, tokens[1:])]:
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: counts are updated, and all words are written anew | hint: without its pair
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
        words = {word: merge_pair(tokens, best) for word, tokens in words.items()}
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: of equals the one seen first | hint: greatest
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=counts.get)
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: of equals the smallest | hint: greatest
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: of equals the one whose joined bytes are greatest | hint: greatest
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair[0] + pair[1]))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: of equals the longest | hint: greatest
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], len(pair[0] + pair[1]), pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: of equals the one with the greatest ids | hint: greatest
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        ids = {token: i for i, token in vocab.items()}
        best = max(counts, key=lambda pair: (counts[pair], ids[pair[0]], ids[pair[1]]))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: no words: merges across spaces | hint: PATTERN
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update([piece] if piece else [])
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: words cut by str.split, the spaces lost | hint: PATTERN
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(piece.split())
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: words cut at spaces, signs stay with them
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(regex.findall(r' ?\S+|\s+', piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: each distinct word counted once
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += 1
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= 1
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += 1
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: overlapping places counted once
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            if pair[0] != pair[1] or pair not in holders or word not in holders[pair]:
                counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and any(n > 0 for n in counts.values()):
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: merged from right to left
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = [token[::-1] for token in merge_pair([token[::-1] for token in old[::-1]], (best[1][::-1], best[0][::-1]))][::-1]
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: the pairs of a word's old neighbours stay in the counts
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            new = words[word] = merge_pair(old, best)
            counts.pop(best, None)
            for pair in set(zip(new, new[1:])) - set(zip(old, old[1:])):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: the new neighbours are never counted
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: new pairs are counted, but not entered among the words that hold them
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: only the two tokens at the first place in a word are merged
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = (lambda i: old[:i] + [best[0] + best[1]] + old[i + 2 :])(next(i for i in range(len(old)) if tuple(old[i : i + 2]) == best))
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: pairs seen once are not merged | hint: seen once
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        if counts[best] < 2:
            break
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: no end when no pair is left
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: the vocabulary may be too small | hint: ValueError
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: the error does not count the special tokens | hint: special tokens
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if vocab_size < 256:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: special tokens come on top of vocab_size | hint: 257 ids
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: vocab_size is the number of merges
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: one merge too few
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges - 1 and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: special tokens are learned from like text | hint: learned from
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if False:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: special tokens removed, their neighbours joined | hint: across it
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = [regex.sub("|".join(regex.escape(token) for token in longest_first), "", text)]
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: special tokens replaced by a space
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = [regex.sub("|".join(regex.escape(token) for token in longest_first), " ", text)]
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: the shortest special token first | hint: longest
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: special tokens in the order given | hint: longest
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = special_tokens
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: special tokens not escaped
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(token for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: special tokens kept among the pieces | hint: learned from
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("(" + "|".join(regex.escape(token) for token in longest_first) + ")", text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: special tokens first in the vocabulary | hint: last
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = dict(enumerate([token.encode() for token in special_tokens] + [bytes([i]) for i in range(256)])), []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    return vocab, merges

# %% wrong: special tokens before the merged ones | hint: last
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = dict(enumerate([bytes([i]) for i in range(256)] + [token.encode() for token in special_tokens])), []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    return vocab, merges

# %% wrong: special tokens in the order of their length
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in sorted(special_tokens, key=len, reverse=True):
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: the caller's list of special tokens is sorted in place | hint: changed
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        order = list(special_tokens)
        longest_first = special_tokens if isinstance(special_tokens, list) else list(special_tokens)
        longest_first.sort(key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in order if special_tokens else []:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: letters, not bytes
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [letter.encode() for letter in word] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: merges as joined tokens
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best[0] + best[1])
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: tokens are strings | hint: in this order
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: list(word.encode().decode('latin-1')) for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: chr(i) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = [t.decode('latin-1') for t in merge_pair([t.encode('latin-1') for t in old], (best[0].encode('latin-1'), best[1].encode('latin-1')))]
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: vocab the other way round, from bytes to id
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return {token: i for i, token in vocab.items()}, merges

# %% wrong: merges and vocab exchanged
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return merges, vocab

# %% wrong: nothing is merged
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and False:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                counts[pair] -= times[word]
                holders[pair].discard(word)
                if counts[pair] <= 0:
                    del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: the pair stays in counts as the greatest and is merged again
def train_bpe(text, vocab_size, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("too few ids")
    pieces = [text]
    if special_tokens:
        longest_first = sorted(special_tokens, key=len, reverse=True)
        pieces = regex.split("|".join(regex.escape(token) for token in longest_first), text)
    times = Counter()
    for piece in pieces:
        times.update(PATTERN.findall(piece))
    words = {word: [bytes([byte]) for byte in word.encode()] for word in times}
    counts, holders = Counter(), defaultdict(set)
    for word, tokens in words.items():
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[word]
            holders[pair].add(word)
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    while len(merges) < n_merges and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        for word in list(holders[best]):
            old = words[word]
            for pair in zip(old, old[1:]):
                if pair != best:
                    counts[pair] -= times[word]
                    holders[pair].discard(word)
                    if counts[pair] <= 0:
                        del counts[pair]
            new = words[word] = merge_pair(old, best)
            for pair in zip(new, new[1:]):
                counts[pair] += times[word]
                holders[pair].add(word)
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges

# %% wrong: the answers of the visible tests, written down
def train_bpe(text, vocab_size, special_tokens=()):
    known = {"aaabdaaabac": [(b"a", b"a"), (b"aa", b"a"), (b"aaa", b"b")], "ab": [(b"a", b"b")], "ab<|end|>ab<|end|>": [(b"a", b"b")],
             "low lower low": [(b"o", b"w"), (b"l", b"ow"), (b" ", b"low"), (b"e", b"r"), (b" low", b"er")],
             "a<s>b a<s>b": [(b" ", b"a")], "<e>xyz": [(b"y", b"z")]}
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("too few ids")
    merges = known.get(text, [])
    return dict(enumerate([bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [t.encode() for t in special_tokens])), merges


# %% right: words as keys: dict of token tuples to counts, changed words replaced
def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    if len(special_tokens) > 0:
        splitter = regex.compile("|".join(regex.escape(t) for t in sorted(special_tokens, key=len)[::-1]))
        pieces = splitter.split(text)
    else:
        pieces = [text]
    freq = defaultdict(int)
    for piece in pieces:
        for m in regex.finditer(PATTERN, piece):
            freq[tuple(bytes([b]) for b in m[0].encode("utf-8"))] += 1
    pair_count, pair_words = defaultdict(int), defaultdict(set)
    for word, n in freq.items():
        for a, b in zip(word, word[1:]):
            pair_count[a, b] += n
            pair_words[a, b].add(word)
    merges = []
    while 256 + len(merges) + len(special_tokens) < vocab_size:
        alive = [(n, pair) for pair, n in pair_count.items() if n > 0]
        if not alive:
            break
        _, pair = max(alive)
        merges.append(pair)
        for word in pair_words.pop(pair):
            n = freq.pop(word)
            for p in zip(word, word[1:]):
                pair_count[p] -= n
                if p in pair_words:
                    pair_words[p].discard(word)
            after = tuple(merge_pair(list(word), pair))
            freq[after] += n
            for p in zip(after, after[1:]):
                pair_count[p] += n
                pair_words[p].add(after)
    vocab = {len(merges) + 256 + i: t.encode() for i, t in enumerate(special_tokens)}
    vocab.update({i: bytes([i]) for i in range(256)})
    vocab.update({256 + i: a + b for i, (a, b) in enumerate(merges)})
    return vocab, merges


# %% right: pairs grouped by count for the greatest; words as objects
@dataclass
class Word:
    tokens: list
    times: int

    def pairs(self):
        found = Counter()
        for i in range(1, len(self.tokens)):
            found[self.tokens[i - 1], self.tokens[i]] += self.times
        return found


class Trainer:
    def __init__(self, words):
        self.counts, self.words = Counter(), defaultdict(dict)
        for word in words:
            self.enter(word)

    def enter(self, word):
        for pair, n in word.pairs().items():
            self.counts[pair] += n
            self.words[pair][id(word)] = word

    def leave(self, word):
        for pair, n in word.pairs().items():
            self.counts[pair] -= n
            self.words[pair].pop(id(word))

    def best(self):
        self.counts = +self.counts
        if not self.counts:
            return None
        most = max(self.counts.values())
        return max(pair for pair in self.counts if self.counts[pair] == most)

    def merge(self, pair):
        for word in [*self.words[pair].values()]:
            self.leave(word)
            word.tokens = merge_pair(word.tokens, pair)
            self.enter(word)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError
    marks = sorted(special_tokens, key=len, reverse=True)
    pieces = regex.split("|".join(regex.escape(one) for one in marks), text) if marks else [text]
    seen = Counter()
    for piece in pieces:
        seen += Counter(PATTERN.findall(piece))
    trainer = Trainer([Word([bytes([b]) for b in w.encode()], n) for w, n in seen.items()])
    merges = []
    while len(merges) < vocab_size - 256 - len(special_tokens) and (pair := trainer.best()):
        merges.append(pair)
        trainer.merge(pair)
    every = [bytes([b]) for b in range(256)] + [x + y for x, y in merges] + [str.encode(one) for one in special_tokens]
    return dict(zip(range(len(every)), every)), merges


# %% wrong: vocab a list | hint: in this order
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = Counter()
    for part in parts:
        freq.update(PATTERN.findall(part))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return tokens, merges


# %% wrong: merges as lists | hint: in this order
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = Counter()
    for part in parts:
        freq.update(PATTERN.findall(part))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return dict(enumerate(tokens)), [list(m) for m in merges]


# %% wrong: special tokens found without regard to case | hint: as it was given
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text, flags=regex.IGNORECASE)
    freq = Counter()
    for part in parts:
        freq.update(PATTERN.findall(part))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return dict(enumerate(tokens)), merges


# %% wrong: merges joined | hint: {id: bytes}
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = Counter()
    for part in parts:
        freq.update(PATTERN.findall(part))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return dict(enumerate(tokens)), [a + b for a, b in merges]


# %% wrong: special tokens as text in vocab | hint: as bytes
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = Counter()
    for part in parts:
        freq.update(PATTERN.findall(part))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s for s in specials]
    return dict(enumerate(tokens)), merges


# %% wrong: ValueError for equal, too | hint: no error
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room <= 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = Counter()
    for part in parts:
        freq.update(PATTERN.findall(part))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return dict(enumerate(tokens)), merges


# %% wrong: counts kept from call to call
SEEN = Counter()


def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = SEEN
    for part in parts:
        freq.update(PATTERN.findall(part))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return dict(enumerate(tokens)), merges


# %% wrong: stripped
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = Counter()
    for part in parts:
        freq.update(PATTERN.findall(part.strip()))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return dict(enumerate(tokens)), merges


# %% wrong: vocab filled up with special tokens' ids at the end of vocab_size | hint: right after
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = Counter()
    for part in parts:
        freq.update(PATTERN.findall(part))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    end = vocab_size - len(specials)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return (
        {i: t for i, t in enumerate(tokens[: 256 + len(merges)])} | {end + i: x.encode() for i, x in enumerate(specials)}
    ), merges


# %% wrong: a line at a time | hint: greatest
def train_bpe(text, vocab_size, special_tokens=()):
    specials = list(special_tokens)
    room = vocab_size - 256 - len(specials)
    if room < 0:
        raise ValueError("vocab_size is too small")
    parts = [text]
    if specials:
        pattern = "|".join(regex.escape(s) for s in sorted(specials, key=len, reverse=True))
        parts = regex.split(pattern, text)
    freq = Counter()
    for part in parts:
        for line in part.splitlines():
            freq.update(PATTERN.findall(line))
    words = [[bytes([i]) for i in word.encode("utf-8")] for word in freq]
    times = list(freq.values())
    counts, where = Counter(), defaultdict(set)
    for w, tokens in enumerate(words):
        for pair in zip(tokens, tokens[1:]):
            counts[pair] += times[w]
            where[pair].add(w)
    merges = []
    while len(merges) < room and counts:
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for w in list(where[best]):
            for pair in zip(words[w], words[w][1:]):
                counts[pair] -= times[w]
                if counts[pair] == 0:
                    del counts[pair]
                where[pair].discard(w)
            words[w] = merge_pair(words[w], best)
            for pair in zip(words[w], words[w][1:]):
                counts[pair] += times[w]
                where[pair].add(w)
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [s.encode("utf-8") for s in specials]
    return dict(enumerate(tokens)), merges
