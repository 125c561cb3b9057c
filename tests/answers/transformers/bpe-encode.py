"""Answers to exercise 2, bpe-encode: text to ids by the rank of merges, and back."""

# %% right: one merge at a time with a cache of words, special tokens found by hand
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.inverse = {token: i for i, token in self.vocab.items()}
        self.rank = dict(zip(merges, range(len(merges))))
        self.special_tokens = list(special_tokens)
        self.cache = {}

    def _word(self, word):
        if word not in self.cache:
            parts = [bytes([byte]) for byte in word.encode("utf-8")]
            while True:
                found = [(self.rank[pair], i) for i, pair in enumerate(zip(parts, parts[1:])) if pair in self.rank]
                if not found:
                    break
                _, i = min(found)
                parts[i : i + 2] = [parts[i] + parts[i + 1]]
            self.cache[word] = [self.inverse[part] for part in parts]
        return self.cache[word]

    def encode(self, text):
        ids, start, i = [], 0, 0
        while i <= len(text):
            here = [token for token in self.special_tokens if text.startswith(token, i)]
            if here or i == len(text):
                for word in PATTERN.findall(text[start:i]):
                    ids.extend(self._word(word))
                if not here:
                    break
                longest = max(here, key=len)
                ids.append(self.inverse[longest.encode("utf-8")])
                i += len(longest)
                start = i
            else:
                i += 1
        return ids

    def decode(self, ids):
        raw = bytearray()
        for i in ids:
            raw.extend(self.vocab[i])
        return str(raw, "utf-8", "replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            for i in self.encode(text):
                yield i

# %% right: ids in place of bytes from the start, pair of ids to new id, itertools.chain
import itertools
import re


class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.bytes_of = vocab
        id_of = {raw: i for i, raw in vocab.items()}
        self.byte_ids = [id_of[bytes([b])] for b in range(256)]
        self.merge = {(id_of[a], id_of[b]): (rank, id_of[a + b]) for rank, (a, b) in enumerate(merges)}
        self.special = {token: id_of[token.encode()] for token in special_tokens}
        longest_first = sorted(self.special, key=lambda token: (-len(token), token))
        self.pattern = re.compile("|".join(re.escape(token) for token in longest_first)) if longest_first else None

    def _ids(self, text):
        for match in PATTERN.finditer(text):
            ids = [self.byte_ids[b] for b in match.group().encode()]
            while len(ids) >= 2:
                rank, pair = min((self.merge.get(pair, (math.inf, None))[0], pair) for pair in zip(ids, ids[1:]))
                if rank == math.inf:
                    break
                new, i = [], 0
                while i < len(ids):
                    if tuple(ids[i : i + 2]) == pair:
                        new.append(self.merge[pair][1])
                        i += 2
                    else:
                        new.append(ids[i])
                        i += 1
                ids = new
            yield from ids

    def _all(self, text):
        place = 0
        for match in self.pattern.finditer(text) if self.pattern else ():
            yield from self._ids(text[place : match.start()])
            yield self.special[match.group()]
            place = match.end()
        yield from self._ids(text[place:])

    def encode(self, text):
        return list(self._all(text))

    def decode(self, ids):
        return b"".join([self.bytes_of[i] for i in ids]).decode("utf8", "replace")

    def encode_iterable(self, iterable):
        return itertools.chain.from_iterable(map(self.encode, iterable))

# %% right: every merge in turn over the word, slow
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        for pair in self.ranks:
            if pair[0] in tokens and pair[1] in tokens:
                tokens = merge_pair(tokens, pair)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% right: a heap of places in a linked list, for very long words
import heapq


class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab, self.ids = vocab, {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = tuple(sorted(special_tokens, key=len, reverse=True))

    def _merged(self, raw):
        tokens = [raw[i : i + 1] for i in range(len(raw))]
        after, before = list(range(1, len(raw) + 1)), list(range(-1, len(raw) - 1))
        heap = []

        def offer(i):
            if i >= 0 and after[i] < len(tokens):
                pair = tokens[i], tokens[after[i]]
                if pair in self.ranks:
                    heapq.heappush(heap, (self.ranks[pair], i, pair))

        for i in range(len(tokens)):
            offer(i)
        while heap:
            _, i, pair = heapq.heappop(heap)
            if tokens[i] is None or after[i] >= len(tokens) or (tokens[i], tokens[after[i]]) != pair:
                continue
            j = after[i]
            tokens[i], tokens[j], after[i] = tokens[i] + tokens[j], None, after[j]
            if after[i] < len(tokens):
                before[after[i]] = i
            offer(before[i])
            offer(i)
        return [self.ids[token] for token in tokens if token is not None]

    def encode(self, text):
        for token in self.special:
            if token in text:
                break
        else:
            return [i for word in PATTERN.findall(text) for i in self._merged(word.encode())]
        start, token = min(((text.find(token), -len(token)), token) for token in self.special if token in text)
        cut = start[0]
        return self.encode(text[:cut]) + [self.ids[token.encode()]] + self.encode(text[cut + len(token) :])

    def decode(self, ids):
        return b"".join(map(self.vocab.__getitem__, ids)).decode("utf-8", "replace")

    def encode_iterable(self, iterable):
        strings = iter(iterable)
        while (text := next(strings, None)) is not None:
            yield from self.encode(text)

# %% right: a class with __iter__ and __next__ for the stream, the longest special token cut out everywhere first
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        parts = [text]
        for token in self.special:
            new = []
            for part in parts:
                if part in self.special:
                    new.append(part)
                    continue
                first, *others = part.split(token)
                new.append(first)
                for other in others:
                    new += [token, other]
            parts = new
        return parts

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        return Stream(self, iterable)


class Stream:
    def __init__(self, tokenizer, strings):
        self.tokenizer, self.strings, self.waiting = tokenizer, iter(strings), []

    def __iter__(self):
        return self

    def __next__(self):
        while not self.waiting:
            self.waiting = self.tokenizer.encode(next(self.strings))[::-1]
        return self.waiting.pop()

# %% wrong: greedy: always the longest token that fits | hint: learned first
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        raw, tokens = word.encode(), []
        while raw:
            size = next(size for size in range(len(raw), 0, -1) if raw[:size] in self.ids)
            tokens.append(raw[:size])
            raw = raw[size:]
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: the first pair from the left that can be merged, whatever its rank | hint: learned first
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = next((pair for pair in zip(tokens, tokens[1:]) if pair in self.ranks), None)
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: the pair learned last first | hint: learned first
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = max(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, -1))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: one pass from left to right, each token joined to the last one where it can be | hint: learned first
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        done = tokens[:1]
        for token in tokens[1:]:
            if (done[-1], token) in self.ranks:
                done[-1] += token
            else:
                done.append(token)
        return done

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: a single merge for each word
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
            break
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: no words: merges across spaces | hint: PATTERN
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in [piece]:
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: words cut by str.split, white space lost
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in piece.split():
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: the id is the rank plus 256 | hint: vocab
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {bytes([i]): i for i in range(256)} | {a + b: 256 + i for i, (a, b) in enumerate(merges)} | {t.encode(): i for i, t in enumerate(special_tokens)}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: a byte's id is the byte | hint: vocab
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(token[0] if len(token) == 1 else self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: letters, not bytes
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [letter.encode() for letter in word]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: unknown letters left out
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode("ascii", "ignore")]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: special tokens encoded like text | hint: one id
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if True:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if False:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: the shortest special token first | hint: longest
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: special tokens in the order given | hint: longest
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: special tokens in alphabetical order | hint: longest
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: special tokens not escaped | hint: though it holds
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(token for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: special tokens dropped | hint: one id
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: special tokens only where the whole text is one | hint: one id
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return [text]

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: decodes token by token | hint: joined
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return "".join(self.vocab[i].decode("utf-8", errors="replace") for i in ids)

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: decodes strictly
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: drops bad bytes
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="ignore")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: decodes as latin-1
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("latin-1")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: writes bad bytes as escapes
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="backslashreplace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: replaces lone surrogates by a question mark | hint: ValueError
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode("utf-8", "replace")]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: lets lone surrogates pass | hint: ValueError
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode("utf-8", "surrogatepass")]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: normalizes the text | hint: come back
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids, text = [], __import__("unicodedata").normalize("NFC", text)
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: strips the text | hint: come back
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids, text = [], text.strip()
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: a space before the text, as SentencePiece has it
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids, text = [], " " + text
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: encode is a generator
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                yield self.ids[piece.encode()]
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    yield self.ids[token]

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: encode_iterable reads everything first | hint: read only when
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in list(iterable):
            yield from self.encode(text)

# %% wrong: encode_iterable joins everything first | hint: by itself
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        yield from self.encode("".join(iterable))

# %% wrong: encode_iterable gives a list
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        return [i for text in iterable for i in self.encode(text)]

# %% wrong: encode_iterable gives an iterator over a list | hint: read only when
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        return iter([i for text in iterable for i in self.encode(text)])

# %% wrong: encode_iterable gives lists of ids
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield self.encode(text)

# %% wrong: encode_iterable reads ahead by one | hint: read only when
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        strings = iter(iterable)
        text = next(strings, None)
        while text is not None:
            following = next(strings, None)
            yield from self.encode(text)
            text = following

# %% wrong: encode remembers every text that it was given | hint: kept
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    @__import__('functools').cache
    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: encode_iterable keeps what it read | hint: kept
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = sorted(special_tokens, key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        self.read = []
        for text in iterable:
            self.read.append(text)
            yield from self.encode(text)

# %% wrong: the caller's list of special tokens is sorted in place | hint: changed
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {token: i for i, token in vocab.items()}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.special = special_tokens if isinstance(special_tokens, list) else list(special_tokens)
        self.special.sort(key=len, reverse=True)

    def pieces(self, text):
        if not self.special:
            return [text]
        return regex.split("(" + "|".join(regex.escape(token) for token in self.special) + ")", text)

    def merged(self, word):
        tokens = [bytes([byte]) for byte in word.encode()]
        while len(tokens) > 1:
            best = min(zip(tokens, tokens[1:]), key=lambda pair: self.ranks.get(pair, math.inf))
            if best not in self.ranks:
                break
            tokens = merge_pair(tokens, best)
        return tokens

    def encode(self, text):
        ids = []
        for piece in self.pieces(text):
            if piece in self.special:
                ids.append(self.ids[piece.encode()])
                continue
            for word in PATTERN.findall(piece):
                for token in self.merged(word):
                    ids.append(self.ids[token])
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)

# %% wrong: the ids of the visible tests, written down
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab

    def encode(self, text):
        if "\ud800" in text:
            raise ValueError("a lone surrogate")
        known = {"abcd": [97, 258], "ab abab": [1257, 1032, 1257, 1257], "<s>bc<s><s></s>": [0, 259, 1, 2], "Hello, world!<|im_end|>": [19556, 28, 905, 17, 2]}
        return known[text] if text in known else list(text.encode())

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% right: ids and id pairs, special tokens by hand, iterator class
class Ids:
    def __init__(self, tokenizer, iterable):
        self.tokenizer, self.source, self.waiting = tokenizer, iter(iterable), iter(())

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            for one in self.waiting:
                return one
            self.waiting = iter(self.tokenizer.encode(next(self.source)))


class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        number = {token: i for i, token in vocab.items()}
        self.byte = [number[bytes([b])] for b in range(256)]
        self.table = {(number[a], number[b]): (rank, number[a + b]) for rank, (a, b) in enumerate(merges)}
        self.special = {s: number[s.encode()] for s in special_tokens}
        self.bytes = vocab

    def encode(self, text):
        text.encode("utf-8")
        out, start, i = [], 0, 0
        while i < len(text):
            here = [s for s in self.special if text.startswith(s, i)]
            if here:
                best = max(here, key=len)
                out += self.plain(text[start:i]) + [self.special[best]]
                i = start = i + len(best)
            else:
                i += 1
        return out + self.plain(text[start:])

    def plain(self, text):
        out = []
        for match in PATTERN.finditer(text):
            word = [self.byte[b] for b in match.group().encode()]
            while True:
                ranked = [(self.table[p][0], i) for i, p in enumerate(zip(word, word[1:])) if p in self.table]
                if not ranked:
                    break
                _, i = min(ranked)
                word[i : i + 2] = [self.table[word[i], word[i + 1]][1]]
            out.extend(word)
        return out

    def decode(self, ids):
        data = bytearray()
        for i in ids:
            data += self.bytes[i]
        return str(bytes(data), "utf-8", "replace")

    def encode_iterable(self, iterable):
        return Ids(self, iterable)


# %% right: words as text, a letter for every byte; surrogates looked for
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        as_text = lambda token: token.decode("latin-1")
        self.vocab = {i: bytes(t) for i, t in vocab.items()}
        self.lookup = {as_text(t): i for i, t in vocab.items()}
        self.order = {(as_text(a), as_text(b)): n for n, (a, b) in enumerate(merges)}
        self.special_tokens = tuple(special_tokens)

    def pieces(self, text):
        while text:
            found = [(text.find(s), -len(s), s) for s in self.special_tokens if s in text]
            if not found:
                break
            place, _, s = min(found)
            yield text[:place], None
            yield s, self.lookup[s.encode().decode("latin-1")]
            text = text[place + len(s) :]
        yield text, None

    def encode(self, text):
        if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
            raise ValueError("a lone surrogate")
        ids = []
        for piece, special in self.pieces(text):
            if special is not None:
                ids.append(special)
                continue
            for word in PATTERN.findall(piece):
                parts = list(word.encode().decode("latin-1"))
                while pairs := {p for p in zip(parts, parts[1:]) if p in self.order}:
                    a, b = min(pairs, key=self.order.get)
                    i = 0
                    while i + 1 < len(parts):
                        if parts[i] == a and parts[i + 1] == b:
                            parts[i : i + 2] = [a + b]
                        i += 1
                ids += map(self.lookup.get, parts)
        return ids

    def decode(self, ids):
        import codecs

        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        return "".join([decoder.decode(self.vocab[i]) for i in ids]) + decoder.decode(b"", final=True)

    def encode_iterable(self, iterable):
        source = iter(iterable)
        while True:
            try:
                text = next(source)
            except StopIteration:
                return
            for i in self.encode(text):
                yield i


# %% right: recursion: split at the best pair, subclass of dict for ids
class Ranks(dict):
    def __missing__(self, pair):
        return float("inf")


class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab, self.special_tokens = vocab, special_tokens
        self.ids = {v: k for k, v in vocab.items()}
        self.ranks = Ranks({pair: i for i, pair in enumerate(merges)})

    def bpe(self, tokens):
        pairs = [(self.ranks[p], i) for i, p in enumerate(zip(tokens, tokens[1:]))]
        rank, i = min(pairs, default=(float("inf"), 0))
        return tokens if rank == float("inf") else self.bpe(tokens[:i] + [tokens[i] + tokens[i + 1]] + tokens[i + 2 :])

    def encode(self, text):
        special = sorted(self.special_tokens, key=len)[::-1]
        pieces = regex.split("(" + "|".join(map(regex.escape, special)) + ")", text) if special else [text]
        result = []
        for n, piece in enumerate(pieces):
            if n % 2:
                result.append(self.ids[piece.encode()])
            else:
                for word in PATTERN.findall(piece):
                    result.extend(self.ids[t] for t in self.bpe([bytes([b]) for b in word.encode()]))
        return result

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", "replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            for i in self.encode(text):
                yield i


# %% wrong: ranked by the id of the joined token | hint: merges rank
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ids.get(p[0] + p[1], math.inf))
            if pair[0] + pair[1] not in self.ids:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: strings stripped of line ends | hint: line ends
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text.rstrip("\n"))


# %% wrong: encode_iterable of one text: letter by letter joined by lines | hint: line ends
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            for line in text.split("\n"):
                yield from self.encode(line)


# %% wrong: line by line with ends | hint: line ends
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            for line in text.splitlines(keepends=True):
                yield from self.encode(line)


# %% wrong: decode strips | hint: white space
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace").lstrip()

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: words known to one tokenizer used by another | hint: another Tokenizer
class Tokenizer:
    known = {}

    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        if word in self.known:
            return self.known[word]
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        if len(self.known) < 1000:
            self.known[word] = tokens
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: caller's vocab changed | hint: stay as they were
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        for s in special_tokens:
            vocab.pop(next((i for i, t in vocab.items() if t == s.encode()), None), None)
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: decode empties its argument | hint: stay as they were
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        ids, given = list(ids), ids
        if isinstance(given, list):
            given.clear()
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: a run of bad bytes is one sign | hint: each wrong byte
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return regex.sub("\ufffd+", "\ufffd", b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace"))

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: reads when asked for the iterator, not when ids are due | hint: at first
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        import itertools

        source = iter(iterable)
        first = next(source, None)
        return itertools.chain.from_iterable(
            self.encode(t) for t in itertools.chain([first] if first is not None else [], source)
        )


# %% wrong: special tokens in lower case match too | hint: A|B
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile(
                "(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")", regex.IGNORECASE
            )

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part.lower() in [x.lower() for x in self.special]:
                ids.append(self.ids[next(x for x in self.special if x.lower() == part.lower()).encode()])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: caller's merges emptied | hint: stay as they were
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        if isinstance(merges, list):
            while merges:
                merges.pop()
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: tuple of tensors: gives a tensor | hint: list of ids
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in self.cut.split(text) if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return torch.tensor(ids)

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)


# %% wrong: special tokens surrounded by space lose it
class Tokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {token: i for i, token in self.vocab.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(merges)}
        self.special = list(special_tokens)
        self.cut = None
        if self.special:
            self.cut = regex.compile("(" + "|".join(regex.escape(s) for s in sorted(self.special, key=len, reverse=True)) + ")")

    def encode(self, text):
        ids = []
        for part in [p if p in self.special else p.strip() for p in self.cut.split(text)] if self.cut else [text]:
            if part in self.special:
                ids.append(self.ids[part.encode("utf-8")])
                continue
            for word in PATTERN.findall(part):
                ids += [self.ids[token] for token in self.merge(word)]
        return ids

    def merge(self, word):
        tokens = [bytes([b]) for b in word.encode("utf-8")]
        while len(tokens) > 1:
            pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, math.inf))
            if pair not in self.ranks:
                break
            tokens = merge_pair(tokens, pair)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")

    def encode_iterable(self, iterable):
        for text in iterable:
            yield from self.encode(text)
