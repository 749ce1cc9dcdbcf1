"""The passages of one pair, numbered in the order of its first text.

In: a pair. Out: its passages with their numbers, and where each lies in either text. The table, the
map and both texts of the pair view call a passage by this number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dupdetect.results import Pair, Passage

Side = Literal["a", "b"]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A passage of a pair, as a row of its table.

    Attributes:
        number: from 1, in the order of text a.
        pointer: where it stands in the JSON report.
        passage: what the two share.
        loose: whether it is a single sentence of a pair for review, which may be alike by chance.
        in_a: whether its beginning is among what is shown of text a.
        in_b: the same for text b.
    """

    number: int
    pointer: str
    passage: Passage
    loose: bool = False
    in_a: bool = False
    in_b: bool = False

    @property
    def letters(self) -> str:
        """I, E or R for its kind, and Q for a quotation.

        >>> Numbered(1, "/pairs/0/passages/0", Passage(0, 9, 0, 9, 0.9, "edited", True)).letters
        'E Q'
        """
        return self.passage.kind[0].upper() + " Q" * self.passage.quotation

    @property
    def words(self) -> str:
        """Its kind in words."""
        single = "single sentence, " * self.loose
        return f"{single}{self.passage.kind}{', quotation' * self.passage.quotation}"

    @property
    def classes(self) -> str:
        """Its classes in the page."""
        return f"k-{self.passage.kind}{' quotation' * self.passage.quotation}"

    def is_in(self, side: Side) -> bool:
        """Whether its beginning is among what is shown of a text."""
        return self.in_a if side == "a" else self.in_b


@dataclass(frozen=True, slots=True)
class Numbering:
    """The passages of a pair, numbered, and how many have no number.

    Attributes:
        rows: the passages in the order of text a.
        n_hardly: passages that are left out because hardly a word of them stayed.
        n_inside: single sentences that are left out because they lie inside a passage.
    """

    rows: tuple[Numbered, ...]
    n_hardly: int
    n_inside: int


def numbered_passages(pair: Pair, pointer: str) -> Numbering:
    """The passages of a pair in the order of text a, with their places in the JSON report.

    Those of `pair.sentences`, which a pair for review may have, are among them. Of texts that are
    no copies a passage needs some words that stayed, unless no passage has them: alike in their
    words' weights alone, sentences on one subject are paired, too.

    Args:
        pair: of which.
        pointer: where it stands in the JSON report.

    >>> late, early = (Passage(at, at + 9, 0, 9, 1.0, "identical") for at in (50, 0))
    >>> pair = Pair("a", "b", "recycled", 0.1, 0.1, 0.1, 0.1, (late, early))
    >>> [(each.number, each.pointer) for each in numbered_passages(pair, "/pairs/0").rows]
    [(1, '/pairs/0/passages/1'), (2, '/pairs/0/passages/0')]
    """
    found = [
        (passage, f"{pointer}/{name}/{place}", name == "sentences")
        for name, passages in (("passages", pair.passages), ("sentences", pair.sentences))
        for place, passage in enumerate(passages)
    ]
    telling = found
    if pair.relation in ("recycled", "review"):
        telling = [each for each in found if not _hardly_stayed(each[0])] or found
    whole = [passage for passage, _, loose in telling if not loose]
    rows = [each for each in telling if not (each[2] and _is_inside(each[0], whole))]
    rows.sort(key=lambda each: (*span_of(each[0], "a"), *span_of(each[0], "b")))
    return Numbering(
        rows=tuple(
            Numbered(n, place, passage, loose) for n, (passage, place, loose) in enumerate(rows, 1)
        ),
        n_hardly=len(found) - len(telling),
        n_inside=len(telling) - len(rows),
    )


def _hardly_stayed(passage: Passage) -> bool:
    """Whether fewer than four tokens stayed, and no three of them together.

    >>> from dataclasses import replace
    >>> shared = Passage(0, 60, 0, 60, 0.4, "reworded", n_tokens_kept=3, n_tokens=11)
    >>> _hardly_stayed(replace(shared, runs=((0, 4, 0, 4), (20, 30, 20, 30))))
    True
    >>> _hardly_stayed(replace(shared, runs=((0, 14, 0, 14),)))
    False
    """
    if passage.kind == "identical" or not passage.n_tokens or passage.n_tokens_kept >= 4:
        return False
    return passage.n_tokens_kept < 3 or len(passage.runs) != 1


def _is_inside(sentence: Passage, passages: Iterable[Passage]) -> bool:
    """Whether both stretches of a sentence lie in those of one passage."""
    return any(
        each.a_start <= sentence.a_start
        and sentence.a_end <= each.a_end
        and each.b_start <= sentence.b_start
        and sentence.b_end <= each.b_end
        for each in passages
    )


def span_of(passage: Passage, side: Side) -> tuple[int, int]:
    """Start and end of a passage in one of its texts, in code points as read.

    >>> span_of(Passage(0, 9, 20, 31, 0.8, "edited"), "b")
    (20, 31)
    """
    if side == "a":
        return passage.a_start, passage.a_end
    return passage.b_start, passage.b_end


def runs_of(passage: Passage, side: Side) -> list[tuple[int, int]]:
    """Start and end of what stayed of a passage word for word, in one of its texts.

    >>> runs_of(Passage(0, 9, 20, 31, 0.8, "edited", runs=((0, 4, 20, 24),)), "b")
    [(20, 24)]
    """
    return [run[:2] if side == "a" else run[2:] for run in passage.runs]
