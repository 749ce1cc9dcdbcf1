r"""The report as JSON: all that is in it, never cut, described by schema/report.schema.json.

In: a Report, or one Pair with its documents. Out: plain data, or its serialised form. Offsets are
half-open code points into the text as it was read; a passage carries the two slices as well, so
that evidence can be read without the files. Scores are rounded to six decimals, p-values to six
digits that count. Every character a terminal or a browser could act upon is written as a \u escape,
so that a printed file is harmless.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dupdetect.report.safe_text import escape_json
from dupdetect.results import (
    Boilerplate,
    Collation,
    Coverage,
    Document,
    DocumentReport,
    Family,
    HeatMap,
    Occurrence,
    Overlap,
    Pair,
    Passage,
    Phrase,
    Repair,
    Report,
    Reuse,
    ScoreHistogram,
    Signal,
)

#: Additions raise the second number; a key that goes or changes its meaning raises the first.
SCHEMA_VERSION = "1.2"

_DECIMALS = 6
_P_DIGITS = 6  # digits, not decimals: of a p-value of 0.0000012 as well


def render(report: Report, *, width: int = 80, color: bool = False) -> str:
    """The report as JSON text; width and color are for other formats.

    >>> json.loads(render(Report((), (), (), (), {}, {})))["schema_version"]
    '1.2'
    """
    return dumps(to_dict(report))


def render_pair(
    pair: Pair,
    a: Document,
    b: Document,
    *,
    settings: Mapping[str, object],
    width: int = 80,
    color: bool = False,
) -> str:
    """One comparison as JSON text; width and color are for other formats."""
    return dumps(comparison_to_dict(pair, a, b, settings))


def dumps(value: Mapping[str, Any]) -> str:
    """Plain data as JSON text, with a line break at its end.

    Raises:
        ValueError: a number is not finite.
    """
    plain = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, default=_plain)
    return f"{escape_json(plain)}\n"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON data")


def to_dict(report: Report) -> dict[str, Any]:
    """The report as plain data: dicts, lists, text and numbers.

    >>> list(to_dict(Report((), (), (), (), {}, {})))[:3]
    ['schema_version', 'settings', 'documents']
    """
    texts = {document.id: document.text for document in report.documents}
    return {
        "schema_version": SCHEMA_VERSION,
        "settings": dict(report.settings),
        "documents": [_document(each) for each in report.documents],
        "pairs": [pair_to_dict(pair, texts[pair.a], texts[pair.b]) for pair in report.pairs],
        "families": [_family(each) for each in report.families],
        "reviews": [_family(each) for each in report.reviews],
        "boilerplate": [_boilerplate(each) for each in report.boilerplate],
        "histogram": None if report.histogram is None else _histogram(report.histogram),
        "heat_map": None if report.heat_map is None else _heat_map(report.heat_map),
        "skipped": [{"source": each.source, "reason": each.reason} for each in report.skipped],
        "counts": dict(report.counts),
    }


def comparison_to_dict(
    pair: Pair, a: Document, b: Document, settings: Mapping[str, object]
) -> dict[str, Any]:
    """One comparison as plain data: the settings, the two documents, and the pair."""
    return {
        "schema_version": SCHEMA_VERSION,
        "settings": dict(settings),
        "documents": [
            {
                "id": each.id,
                "source": each.source,
                "encoding": each.encoding,
                "n_chars": len(each.text),
            }
            for each in (a, b)
        ],
        "pair": pair_to_dict(pair, a.text, b.text),
    }


def pair_to_dict(pair: Pair, a_text: str, b_text: str) -> dict[str, Any]:
    """A pair as plain data, with the words of its passages.

    Args:
        pair: what to write.
        a_text: the text of pair.a as it was read.
        b_text: the text of pair.b as it was read.

    >>> shared = Passage(0, 3, 4, 7, cosine=1.0, kind="identical")
    >>> pair = Pair("x", "y", "recycled", 0.1, 0.1, 0.1, 1 / 3, (shared,))
    >>> plain = pair_to_dict(pair, "one two", "two one")
    >>> plain["resemblance"], plain["passages"][0]["b_text"]
    (0.333333, 'one')
    """
    return {
        "a": pair.a,
        "b": pair.b,
        "relation": pair.relation,
        "jaccard": _score(pair.jaccard),
        "containment_a": _score(pair.containment_a),
        "containment_b": _score(pair.containment_b),
        "resemblance": _score(pair.resemblance),
        "overlap": None if pair.overlap is None else _overlap(pair.overlap),
        "passages": [_passage(each, a_text, b_text) for each in pair.passages],
        "sentences": [_passage(each, a_text, b_text) for each in pair.sentences],
        "sentences_not_compared": pair.sentences_not_compared,
    }


def _score(value: float) -> float:
    return round(float(value), _DECIMALS) + 0.0  # a rounded -0.0 is 0.0


def _p(value: float) -> float:
    return float(f"{value:.{_P_DIGITS}g}")


def _overlap(overlap: Overlap) -> dict[str, Any]:
    return {
        "shared_words": overlap.shared_words,
        "expected_words": _score(overlap.expected_words),
        "shared_facts": overlap.shared_facts,
        "closeness": _score(overlap.closeness),
        "surplus": _score(overlap.surplus),
        "distance": _score(overlap.distance),
        "brevity": _score(overlap.brevity),
        "score": _score(overlap.score),
        "p": None if overlap.p is None else _p(overlap.p),
        "words": list(overlap.words),
    }


def _passage(passage: Passage, a_text: str, b_text: str) -> dict[str, Any]:
    return {
        "a_start": passage.a_start,
        "a_end": passage.a_end,
        "b_start": passage.b_start,
        "b_end": passage.b_end,
        "cosine": _score(passage.cosine),
        "kind": passage.kind,
        "quotation": passage.quotation,
        "n_tokens_kept": passage.n_tokens_kept,
        "n_tokens": passage.n_tokens,
        "runs": [list(run) for run in passage.runs],
        "a_text": a_text[passage.a_start : passage.a_end],
        "b_text": b_text[passage.b_start : passage.b_end],
    }


def _document(document: DocumentReport) -> dict[str, Any]:
    return {
        "id": document.id,
        "source": document.source,
        "encoding": document.encoding,
        "n_chars": document.n_chars,
        "n_tokens": document.n_tokens,
        "relation": document.relation,
        "family": document.family,
        "repairs": [_repair(each) for each in document.repairs],
        "signals": [_signal(each) for each in document.signals],
        "not_judged": document.not_judged,
    }


def _repair(repair: Repair) -> dict[str, Any]:
    return {
        "kind": repair.kind,
        "start": repair.start,
        "end": repair.end,
        "before": repair.before,
        "after": repair.after,
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "start": signal.start,
        "end": signal.end,
        "text": signal.text,
        "reason": signal.reason,
        "occurrences": _occurrences(signal.occurrences),
        "n_members": signal.n_members,
        "n_places": signal.n_places,
        "slots": _occurrences(signal.slots),
        "n_slots": signal.n_slots,
    }


def _occurrences(places: Sequence[Occurrence]) -> list[dict[str, Any]]:
    return [{"id": each.id, "start": each.start, "end": each.end} for each in places]


def _family(family: Family) -> dict[str, Any]:
    return {
        "id": family.id,
        "relation": family.relation,
        "members": list(family.members),
        "keeper": family.keeper,
        "cohesion": _score(family.cohesion),
        "phrases": [_phrase(each) for each in family.phrases],
        "n_phrases": family.n_phrases,
        "reuse": None if family.reuse is None else _reuse(family.reuse),
        "coverage": [_coverage(each) for each in family.coverage],
        "collations": [_collation(each) for each in family.collations],
        "n_collations": family.n_collations,
        "n_not_collated": family.n_not_collated,
    }


def _reuse(reuse: Reuse) -> dict[str, Any]:
    return {
        "p": _p(reuse.p),
        "p_adjusted": _p(reuse.p_adjusted),
        "evidence": _score(reuse.evidence),
        "n_on_subject": reuse.n_on_subject,
        "shared_words": _score(reuse.shared_words),
        "expected_words": _score(reuse.expected_words),
        "weakest": reuse.weakest,
        "weakest_score": _score(reuse.weakest_score),
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "id": coverage.id,
        "recycled_share": _score(coverage.recycled_share),
        "cover": [{"id": each.id, "share": _score(each.share)} for each in coverage.cover],
        "n_not_compared": coverage.n_not_compared,
    }


def _collation(collation: Collation) -> dict[str, Any]:
    return {
        "base": collation.base,
        "readings": [
            {
                "id": each.id,
                "start": each.start,
                "end": each.end,
                "agreed": [list(span) for span in each.agreed],
            }
            for each in collation.readings
        ],
        "kind": collation.kind,
        "n_tokens_agreed": collation.n_tokens_agreed,
        "n_tokens": collation.n_tokens,
    }


def _phrase(phrase: Phrase) -> dict[str, Any]:
    return {
        "text": phrase.text,
        "members": list(phrase.members),
        "occurrences": _occurrences(phrase.occurrences),
        "bits": None if phrase.bits is None else _score(phrase.bits),
        "kind": phrase.kind,
    }


def _boilerplate(boilerplate: Boilerplate) -> dict[str, Any]:
    return {
        "text": boilerplate.text,
        "members": list(boilerplate.members),
        "occurrences": _occurrences(boilerplate.occurrences),
        "n_chars_cut": boilerplate.n_chars_cut,
    }


def _histogram(histogram: ScoreHistogram) -> dict[str, Any]:
    return {
        "edges": [_score(edge) for edge in histogram.edges],
        "counts": list(histogram.counts),
        "recycled": list(histogram.recycled),
        "expected": [_score(expected) for expected in histogram.expected],
        "n_pairs": histogram.n_pairs,
        "n_other_pairs": histogram.n_other_pairs,
        "level": _p(histogram.level),
        "threshold": _score(histogram.threshold),
        "n_above": histogram.n_above,
        "expected_above": _score(histogram.expected_above),
    }


def _heat_map(heat_map: HeatMap) -> dict[str, Any]:
    return {
        "ids": list(heat_map.ids),
        "scores": [[_score(score) for score in scores] for scores in heat_map.scores],
        "n_left_out": heat_map.n_left_out,
    }
