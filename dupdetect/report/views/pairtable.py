"""Tables of pairs, as every section of the HTML page has them.

In: pairs, with their places in the report. Out: rows; their numbers are named by their place in the
JSON report, except the parts of a score, which are shown so that they add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dupdetect.report import reuse
from dupdetect.results import Pair

MAX_PAIR_ROWS = 60  # of one section


@dataclass(frozen=True, slots=True)
class PairRow:
    """A row of a table of pairs.

    Attributes:
        index: of the pair in the report.
        a: what the first document is called here.
        b: what the second is called.
        relation: of the two.
        label: the relation in words.
        parts: of the score, by their names in the JSON, as shown: they add up; empty for copies.
        passages: how many there are, or "all".
        is_named: whether a and b are names as read, not numbers.
    """

    index: int
    a: str
    b: str
    relation: str
    label: str
    parts: tuple[tuple[str, str], ...]
    passages: str
    is_named: bool


@dataclass(frozen=True, slots=True)
class PairTable:
    """A table of pairs, and which columns say something.

    Attributes:
        rows: of it.
        n_hidden: pairs beyond them.
        contained: whether containments are shown.
        facts: whether shared facts are shown.
    """

    rows: tuple[PairRow, ...]
    n_hidden: int
    contained: bool
    facts: bool


def pair_table(
    pairs: Sequence[tuple[int, Pair]], alias: Mapping[str, str] | None, n_hidden: int = 0
) -> PairTable:
    """Pairs as the rows of a table.

    Args:
        pairs: each with its index in the report.
        alias: what the documents are called; None: by their names.
        n_hidden: pairs beyond them.
    """
    relations = {pair.relation for _, pair in pairs}
    return PairTable(
        rows=tuple(_pair_row(index, pair, alias) for index, pair in pairs),
        n_hidden=n_hidden,
        contained=bool(relations & {"near-duplicate", "contained", "review"}),
        facts="same-story" in relations,
    )


_PARTS = ("surplus", "distance", "brevity", "score")


def _pair_row(index: int, pair: Pair, alias: Mapping[str, str] | None) -> PairRow:
    held = pair.relation == "recycled" and not reuse.by_itself(pair)
    parts: tuple[tuple[str, str], ...] = ()
    if pair.overlap is not None and pair.relation in reuse.BY_OWN_WORDS:
        parts = tuple(zip(_PARTS, reuse.shown_parts(pair.overlap), strict=True))
    return PairRow(
        index=index,
        a=pair.a if alias is None else alias[pair.a],
        b=pair.b if alias is None else alias[pair.b],
        relation=pair.relation,
        label=reuse.NOT_BY_ITSELF if held else pair.relation,
        parts=parts,
        passages="all" if pair.relation == "exact" else f"{len(pair.passages):,}",
        is_named=alias is None,
    )
