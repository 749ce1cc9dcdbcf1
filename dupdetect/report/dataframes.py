"""The report as tables for pandas.

In: a Report and the name of a table. Out: a DataFrame. Its columns and their types are the same for
every report, an empty one included: text and what may be missing from it are objects, whole numbers
int64, scores float64 (NaN: missing), whole numbers that may be missing Int64, and truths bool.

    documents   a row for each document, by id
    pairs       a row for each listed pair, strongest first
    families    a row for each member of each family and of each group for review
    passages    a row for each passage, in the order of the pairs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from dupdetect.errors import ConfigError
from dupdetect.results import Coverage, DocumentReport, Family, Pair, Passage, Report

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame

_Row = tuple[object, ...]

_TEXT, _WHOLE, _MAYBE_WHOLE, _SCORE, _TRUTH = "object", "int64", "Int64", "float64", "bool"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a report.

    Attributes:
        columns: the type of each column, in their order.
        rows: of a report, the values of these columns.
    """

    columns: Mapping[str, str]
    rows: Callable[[Report], Iterator[_Row]]


def to_frame(report: Report, table: str = "pairs") -> DataFrame:
    """A table of a report.

    Args:
        report: what `detect` returned.
        table: one of TABLES.

    Raises:
        ConfigError: there is no such table, or pandas is not installed.
    """
    if table not in TABLES:
        raise ConfigError([f"table is {table!r}; allowed: {', '.join(TABLES)}"])
    try:
        import pandas
    except ImportError as error:
        raise ConfigError(["to_pandas needs a package more: pip install pandas"]) from error
    columns = TABLES[table].columns
    values = list(zip(*TABLES[table].rows(report), strict=True)) or [()] * len(columns)
    return pandas.DataFrame(
        {
            name: pandas.Series(list(column), dtype=type_)
            for (name, type_), column in zip(columns.items(), values, strict=True)
        }
    )


def _documents(report: Report) -> Iterator[_Row]:
    return map(_document, report.documents)


def _document(each: DocumentReport) -> _Row:
    return (
        each.id,
        each.source,
        each.encoding,
        each.n_chars,
        each.n_tokens,
        each.relation,
        each.family,
        len(each.repairs),
        len(each.signals),
        each.not_judged,
        each.text,
    )


def _pairs(report: Report) -> Iterator[_Row]:
    return map(_pair, report.pairs)


_OVERLAP = {
    "shared_words": _MAYBE_WHOLE,
    "expected_words": _SCORE,
    "shared_facts": _MAYBE_WHOLE,
    "closeness": _SCORE,
    "surplus": _SCORE,
    "distance": _SCORE,
    "brevity": _SCORE,
    "score": _SCORE,
    "p": _SCORE,
}


def _pair(each: Pair) -> _Row:
    overlap = (getattr(each.overlap, name, None) for name in _OVERLAP)
    return (
        each.a,
        each.b,
        each.relation,
        each.jaccard,
        each.containment_a,
        each.containment_b,
        each.resemblance,
        *overlap,
        len(each.passages),
        len(each.sentences),
        each.sentences_not_compared,
    )


def _members(report: Report) -> Iterator[_Row]:
    return chain.from_iterable(map(_family, (*report.families, *report.reviews)))


def _family(family: Family) -> Iterator[_Row]:
    reuse = family.reuse
    coverage: dict[str, Coverage] = {each.id: each for each in family.coverage}
    for member in family.members:
        covered = coverage.get(member)
        yield (
            family.id,
            family.relation,
            len(family.members),
            member,
            member == family.keeper,
            reuse is not None and member == reuse.weakest,
            None if covered is None else covered.recycled_share,
            None if covered is None else covered.n_not_compared,
            family.cohesion,
            None if reuse is None else reuse.p,
            None if reuse is None else reuse.p_adjusted,
            None if reuse is None else reuse.evidence,
        )


def _passages(report: Report) -> Iterator[_Row]:
    texts = {document.id: document.text for document in report.documents}
    for number, pair in enumerate(report.pairs):
        for each in pair.passages:
            yield _passage(number, pair, each, texts, loose=False)
        for each in pair.sentences:
            yield _passage(number, pair, each, texts, loose=True)


def _passage(
    number: int, pair: Pair, each: Passage, texts: Mapping[str, str], *, loose: bool
) -> _Row:
    return (
        number,
        pair.a,
        pair.b,
        pair.relation,
        loose,
        each.a_start,
        each.a_end,
        each.b_start,
        each.b_end,
        each.kind,
        each.quotation,
        each.cosine,
        each.n_tokens_kept,
        each.n_tokens,
        texts[pair.a][each.a_start : each.a_end],
        texts[pair.b][each.b_start : each.b_end],
    )


#: The tables by name; the columns are those of the JSON report, where it has them.
TABLES: dict[str, Table] = {
    "documents": Table(
        {
            "id": _TEXT,
            "source": _TEXT,
            "encoding": _TEXT,
            "n_chars": _WHOLE,
            "n_tokens": _WHOLE,
            "relation": _TEXT,
            "family": _TEXT,  # None: in no family
            "n_repairs": _WHOLE,
            "n_signals": _WHOLE,
            "not_judged": _TEXT,
            "text": _TEXT,
        },
        _documents,
    ),
    "pairs": Table(
        {
            "a": _TEXT,
            "b": _TEXT,
            "relation": _TEXT,
            "jaccard": _SCORE,
            "containment_a": _SCORE,
            "containment_b": _SCORE,
            "resemblance": _SCORE,
            **_OVERLAP,  # missing where the recycled lens did not run
            "n_passages": _WHOLE,
            "n_sentences": _WHOLE,
            "sentences_not_compared": _WHOLE,
        },
        _pairs,
    ),
    "families": Table(
        {
            "family": _TEXT,
            "relation": _TEXT,
            "n_members": _WHOLE,
            "member": _TEXT,
            "is_keeper": _TRUTH,
            "is_weakest": _TRUTH,
            "recycled_share": _SCORE,  # these two are missing in families of copies
            "n_not_compared": _MAYBE_WHOLE,
            "cohesion": _SCORE,
            "p": _SCORE,  # and these three
            "p_adjusted": _SCORE,
            "evidence": _SCORE,
        },
        _members,
    ),
    "passages": Table(
        {
            "pair": _WHOLE,  # the row in "pairs"
            "a": _TEXT,
            "b": _TEXT,
            "relation": _TEXT,
            "is_sentence": _TRUTH,  # a single sentence of a pair for review
            "a_start": _WHOLE,
            "a_end": _WHOLE,
            "b_start": _WHOLE,
            "b_end": _WHOLE,
            "kind": _TEXT,
            "quotation": _TRUTH,
            "cosine": _SCORE,
            "n_tokens_kept": _WHOLE,
            "n_tokens": _WHOLE,
            "a_text": _TEXT,
            "b_text": _TEXT,
        },
        _passages,
    ),
}
