"""Ask the chat model which of two rated texts is the more positive, both ways round: `python bench/judge.py [pairs]`.

It writes course/tables/judge.csv, with the machine and the date in its first line: some minutes on a laptop. The form of the
question is the alignment notebook's.
"""

import sys

import torch
from tqdm import tqdm

from course import answers, data, models, notebooks, reviews, tables
from course.tables import ASKED, PRINCIPLE, Judgement

LEAST, LONGEST = 0.5, 18  # in mean rating; in words


def short_pairs(n: int) -> list[reviews.Pair]:
    """Pairs of short sentences from film reviews whose raters differ."""
    short = [one for one in reviews.texts()[0] if one.source == "films" and 4 <= len(one.text.split()) <= LONGEST]
    return reviews.pairs(short, n, seed=1, least=LEAST)


def main(n: int) -> None:
    names = answers.names_until(notebooks.source(notebooks.find_root(), "alignment"), "constitution")
    model, tokenizer = models.load()
    letters = [tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB"]
    places = {one.text: place for place, one in reversed(list(enumerate(data.ratings())))}

    @torch.no_grad()
    def says_first(one, other):
        ids = names["judge_ids"](tokenizer, names["judge_prompt"](ASKED, one, other, PRINCIPLE))
        return model(ids).logits[0, -1, letters].softmax(0)[0].item()

    rows = []
    for pair in tqdm(short_pairs(n)):
        texts = pair.better.text, pair.worse.text
        said = [says_first(*texts), says_first(*reversed(texts))]
        rows.append(Judgement(*(places[text] for text in texts), *(round(one, 6) for one in said)))
    tables.write(tables.JUDGE, rows, f"{n} pairs judged by {models.NAME}, by bench/judge.py")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
