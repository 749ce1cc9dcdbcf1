"""Deduplication, slow and obviously right, and small collections in which much is alike."""

from __future__ import annotations

import hypothesis.strategies as st

from dupdetect.config import Config, NearDuplicateConfig
from dupdetect.results import Document
from dupdetect.text.prepare import prepare
from tests import reference

#: A low threshold, so that much matches, and a recall at which nothing is missed above 0.7.
CONFIG = Config(
    near_duplicate=NearDuplicateConfig(threshold=0.5, recall=0.9999, num_perm=64, shingle_words=2)
)
SURE = 0.7

SENTENCES = [
    "The council met on Monday to talk about the clock.",
    "Nobody could remember when it had last been right.",
    "A clockmaker from the next valley offered to mend it.",
    "Her workshop lies behind the mill by the river.",
    "Three members spoke against the plan, and lost.",
    "The cityâ€™s clock is Â£300 of work, she said.",
    "Bread &amp; butter &lt;b&gt;cost&lt;/b&gt; more than in May.",
    "香港特别行政区政府今日宣布新的措施。",
    "ราคาทองคำวันนี้ปรับตัวสูงขึ้นอีกครั้ง",
    "أعلنت الحكومة اليوم عن خطة جديدة للمدينة.",
    "Ёлка стоит в углу, и часы опять стоят.",
    "clock clock clock clock",
]
SCRAPS = ["", " ", "\n", "!?", "one", "The", "ONE", "\ud800", "e\u0301", "\x00", "AI 香港", "😀"]

texts = st.one_of(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5).map(" ".join),
    st.lists(st.sampled_from(SENTENCES[:5]), min_size=2, max_size=4).map("\n".join),
    st.tuples(st.sampled_from(SENTENCES), st.sampled_from(["", "!", " Twice.", " 香"])).map(
        "".join
    ),
    st.sampled_from(SCRAPS),
)
collections = st.lists(texts, max_size=12)


def shingles(text, config):
    return set(reference.shingles(words(text, config), config.near_duplicate.shingle_words))


def words(text, config):
    return prepare(Document("a", text), config.repair).tokens.words


def originals(texts, order, config):
    """The first in this order of all texts that have the words of a text; none: itself."""
    first = {}
    found = list(range(len(texts)))
    for row in order:
        folded = words(texts[row], config)
        found[row] = first.setdefault(folded, row) if folded else row
    return found


def exact_scores(texts, config):
    """Of each pair: Jaccard and both containments."""
    sets = [shingles(text, config) for text in texts]
    return {
        (i, j): (
            reference.jaccard(sets[i], sets[j]),
            reference.containment(sets[i], sets[j]),
            reference.containment(sets[j], sets[i]),
        )
        for i in range(len(sets))
        for j in range(i + 1, len(sets))
    }


def keepers(order, original, jaccard):
    """Who stands for each text, decided one by one in this order.

    Args:
        order: all rows, the most preferred first.
        original: of each row.
        jaccard: of each pair of originals that match.
    """
    kept, keeper = [], {}
    for row in order:
        if original[row] != row:
            continue
        scores = [(jaccard.get((min(row, k), max(row, k)), -1.0), k) for k in kept]
        best = max((score for score, _ in scores), default=-1.0)
        if best < 0:
            kept.append(row)
            keeper[row] = row
        else:
            keeper[row] = next(k for score, k in scores if score == best)
    return [keeper[original[row]] for row in range(len(original))]
