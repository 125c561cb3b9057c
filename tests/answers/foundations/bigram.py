"""Answers to exercise 9, bigram: the table of pairs and its mean surprise."""

# %% right: a Counter, numpy and one division
def bigram_log_probs(words, smoothing=1.0):
    from collections import Counter

    import numpy as np

    seen = Counter(pair for word in words for pair in zip("." + word, word + "."))
    table = np.array([[seen[a, b] + smoothing for b in letters] for a in letters])
    return torch.from_numpy(np.log(table) - np.log(table.sum(axis=1, keepdims=True)))


def nll(log_probs, words):
    total = count = 0
    for word in words:
        line = "." + word + "."
        for a, b in zip(line, line[1:]):
            total -= float(log_probs[index[a], index[b]])
            count += 1
    return total / count

# %% right: bincount over pair numbers, float32
def pair_numbers(words):
    line = torch.tensor([ord(c) - 96 if c != "." else 0 for c in "." + "".join(word + "." for word in words)])
    return line[:-1] * 27 + line[1:]


def bigram_log_probs(words, smoothing=1.0):
    counts = torch.bincount(pair_numbers(words), minlength=27 * 27).view(27, 27).float() + smoothing
    return counts.log() - counts.sum(dim=1, keepdim=True).log()


def nll(log_probs, words):
    return -log_probs.flatten()[pair_numbers(words)].mean()

# %% right: smoothing added at the end, row by row, and a weighted sum of the table
def count_pairs(words):
    counts = torch.zeros(27, 27, dtype=torch.float64)
    for word in words:
        ids = [0] + [letters.index(c) for c in word] + [0]
        for i in range(1, len(ids)):
            counts[ids[i - 1], ids[i]] += 1
    return counts


def bigram_log_probs(words, smoothing=1.0):
    rows = [(row + smoothing) / (row.sum() + 27 * smoothing) for row in count_pairs(words)]
    return torch.stack(rows).log()


def nll(log_probs, words):
    counts = count_pairs(words)
    return -(counts * log_probs).sum() / counts.sum()

# %% right: PyTorch's index_put_, log_softmax of the logarithms and nll_loss
def last_and_next(words):
    last = torch.tensor([index[c] for word in words for c in "." + word])
    following = torch.tensor([index[c] for word in words for c in word + "."])
    return last, following


def bigram_log_probs(words, smoothing=1.0):
    counts = torch.zeros(27, 27)
    counts.index_put_(last_and_next(words), torch.tensor(1.0), accumulate=True)
    return F.log_softmax((counts + smoothing).log(), dim=1)


def nll(log_probs, words):
    last, following = last_and_next(words)
    return F.nll_loss(log_probs[last], following).item()

# %% right: a dictionary of dictionaries, plain Python to the end
def bigram_log_probs(words, smoothing=1.0):
    following = {a: dict.fromkeys(letters, smoothing) for a in letters}
    for word in words:
        before = "."
        for letter in list(word) + ["."]:
            following[before][letter] += 1
            before = letter
    table = []
    for a in letters:
        total = sum(following[a].values())
        table.append([math.log(following[a][b] / total) for b in letters])
    return torch.tensor(table)


def nll(log_probs, words):
    surprises = []
    for word in words:
        before = 0
        for letter in word:
            surprises.append(-log_probs[before][index[letter]].item())
            before = index[letter]
        surprises.append(-log_probs[before][0].item())
    return torch.tensor(surprises, dtype=torch.float64).mean()

# %% right: helpers of its own, with names that anyone might choose
def pairs(words):
    return [(index[a], index[b]) for word in words for a, b in zip("." + word, word + ".")]


def mean_surprise(log_probs, found):
    return sum(-log_probs[pair].item() for pair in found) / len(found)


def bigram_log_probs(words, smoothing=1.0):
    table = torch.zeros(27, 27, dtype=torch.float64)
    for pair in pairs(words):
        table[pair] += 1
    table += smoothing
    return torch.log(table / table.sum(dim=1, keepdim=True))


def nll(log_probs, words):
    return mean_surprise(log_probs, pairs(words))

# %% wrong: names do not begin with a dot | hint: start
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip(word, word[1:] + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip(word, word[1:] + ".")]).mean()

# %% wrong: names do not end with a dot | hint: end
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word)]).mean()

# %% wrong: each column is divided by its sum
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(0, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: rows divided by their sums without keepdim, so that columns are
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: the whole table is one distribution
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum()).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: rows and columns exchanged, in both functions
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[b], index[a]] += 1
    return (counts / counts.sum(0, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[b], index[a]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: always adds 1, whatever smoothing is | hint: smoothing
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.ones(27, 27, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: smoothing above the line only, divided by the plain counts
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.zeros(27, 27, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return ((counts + smoothing) / counts.sum(1, keepdim=True).clamp(min=1)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: smoothing added to the probabilities, after the division
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.zeros(27, 27, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    p = counts / counts.sum(1, keepdim=True).clamp(min=1) + smoothing
    return (p / p.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: only pairs that were seen are smoothed
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.zeros(27, 27, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    counts[counts > 0] += smoothing
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: returns probabilities, not their logarithms
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return counts / counts.sum(1, keepdim=True)


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]].log() for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: bits, not nats
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log2()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: `counts[last, next] += 1` with lists of ids, which counts a repeated pair once
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    last = [index[c] for word in words for c in "." + word]
    following = [index[c] for word in words for c in word + "."]
    counts[last, following] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: every name once, though names repeat
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in sorted(set(words)):
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: the counts are global and go on growing
counts = torch.zeros(27, 27, dtype=torch.float64)


def bigram_log_probs(words, smoothing=1.0):
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    table = counts + smoothing
    return (table / table.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: the dots are written into the caller's list
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for i in range(len(words)):
        words[i] = "." + words[i] + "."
        for a, b in zip(words[i], words[i][1:]):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: works for the letters of the small tests only
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        counts[0, index[word[0]]] += 1
        counts[index[word[-1]], 0] += 1
        if len(word) == 2:
            counts[index[word[0]], index[word[1]]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: the mean of each name's mean | hint: weighed
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    means = [torch.stack([log_probs[index[a], index[b]] for a, b in zip("." + w, w + ".")]).mean() for w in words]
    return -torch.stack(means).mean()

# %% wrong: the sum, not the mean | hint: mean
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -sum(log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + "."))

# %% wrong: the sum over the number of names
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -sum(log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")) / len(words)

# %% wrong: the sum over the letters, the ends left out of the count
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    total = sum(log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + "."))
    return -total / sum(len(word) for word in words)

# %% wrong: forgot the minus | hint: minus
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: the table is right, its surprise leaves the end of the name out | hint: predictions
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word)]).mean()

# %% wrong: nll reads the table with row and column exchanged
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    return -torch.stack([log_probs[index[b], index[a]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: takes the logarithm once more
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    pairs = [(index[a], index[b]) for word in words for a, b in zip("." + word, word + ".")]
    return -torch.stack([log_probs[pair] for pair in pairs]).log().mean()

# %% wrong: perplexity, the exponential of what is asked
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    pairs = [(index[a], index[b]) for word in words for a, b in zip("." + word, word + ".")]
    return (-torch.stack([log_probs[pair] for pair in pairs]).mean()).exp()

# %% wrong: nll ignores the table and counts its own from the words
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    log_probs = bigram_log_probs(words)
    return -torch.stack([log_probs[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: nll weighs every kind of pair once, however often it stands there
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    pairs = {(index[a], index[b]) for word in words for a, b in zip("." + word, word + ".")}
    return -torch.stack([log_probs[pair] for pair in pairs]).mean()

# %% wrong: nll changes the sign of the caller's table
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    surprise = log_probs.neg_()
    return torch.stack([surprise[index[a], index[b]] for word in words for a, b in zip("." + word, word + ".")]).mean()

# %% wrong: prints in place of returning | hint: return
def bigram_log_probs(words, smoothing=1.0):
    counts = torch.full((27, 27), smoothing, dtype=torch.float64)
    for word in words:
        for a, b in zip("." + word, word + "."):
            counts[index[a], index[b]] += 1
    return (counts / counts.sum(1, keepdim=True)).log()


def nll(log_probs, words):
    pairs = [(index[a], index[b]) for word in words for a, b in zip("." + word, word + ".")]
    print("nll:", -torch.stack([log_probs[pair] for pair in pairs]).mean().item())
