"""Proof: the passages behind a pair, by what is claimed of it.

Most pairs are shown by their passages: stretches of several sentences. What is said of a recycled
pair rests on words in many sentences all over the texts: there, single sentences that are alike are
shown, and counted as witnesses, though they are alike more loosely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import Config
from dupdetect.evidence.passages import PassageFinder
from dupdetect.evidence.sentences import n_sentences_left_out
from dupdetect.results import Passage, Relation
from dupdetect.text.prepare import PreparedText


class Proof:
    """What two texts share, to be shown and to be counted.

    Args:
        texts: the texts, by row.
        config: which sentences count as shared.

    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> a = prepare(Document("a", "Rain fell on the old town all day. Nobody came to the fair."))
    >>> b = prepare(Document("b", "The fair was shut. Rain fell on the old town all night."))
    >>> len(Proof([a, b], Config()).passages(0, 1, "recycled"))
    1
    """

    def __init__(self, texts: Sequence[PreparedText], config: Config) -> None:
        lens = config.recycled
        self._texts, self._config = texts, config.evidence
        self._strict = PassageFinder(texts, config.evidence)
        alone = replace(
            config.evidence, min_cosine=lens.min_cosine, min_dice=lens.min_dice, max_gap=0
        )
        self._loose = self._strict.sharing(alone, merge=False)

    def passages(self, a: int, b: int, relation: Relation) -> tuple[Passage, ...]:
        """What is shown of a pair, best first.

        Args:
            a: row of the first text.
            b: row of the second.
            relation: what is claimed: of recycled texts sentences are shown, each with the one that
                it is most alike; of all others passages.
        """
        if relation == "recycled":
            return self._loose.shared(a, b).sentences
        return self._strict.shared(a, b).passages

    def sentences(self, a: int, b: int, relation: Relation) -> tuple[Passage, ...]:
        """Of a pair for review, the sentences that it is to be decided on."""
        return self._loose.shared(a, b).sentences if relation == "review" else ()

    def n_not_compared(self, a: int, b: int) -> int:
        """Sentences of the two texts in which no passage is looked for."""
        return sum(n_sentences_left_out(self._texts[row], self._config) for row in (a, b))

    def n_places(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """In how many different places the texts of each pair say the same; shape (n_pairs,)."""
        places = [self._loose.shared(a, b).n_places for a, b in pairs.tolist()]
        return np.array(places, dtype=np.int64)
