"""A report on 10,000 documents, made by hand: what the page does with very many of everything.

Not what a detector would find, but of the same shape: each span lies in its text, each id is that
of a document, and every list that can be long is.
"""

from __future__ import annotations

from itertools import combinations

from dupdetect.results import (
    Boilerplate,
    Collation,
    Cover,
    Coverage,
    DocumentReport,
    Family,
    HeatMap,
    Occurrence,
    Overlap,
    Pair,
    Passage,
    Phrase,
    Reading,
    Repair,
    Report,
    Reuse,
    ScoreHistogram,
    Signal,
    Skipped,
)
from tests.example_report import SETTINGS

N_DOCUMENTS = 10_000
_N_SENTENCES = 20
_WORDS = (
    "amber bring cloud drift early field grain hedge ideal joint knock latch meant north ocean "
    "paper quiet ridge sheep tower under valve wagon yield"
).split()
_LENGTH = len(_WORDS[0])  # all words are of one length, so that each place can be reckoned
_SENTENCE = 12 * (_LENGTH + 1)  # twelve words with a space or a full stop behind each
_OTHER = 5  # the word of each sentence that every document has for itself
#: Relations of the groups, how many there are of each, and of how many members.
_GROUPS = (
    ("recycled", 1, 1_000),
    ("recycled", 1_000, 5),
    ("near-duplicate", 400, 3),
    ("exact", 300, 2),
    ("contained", 100, 2),
    ("review", 200, 3),
)


def large() -> Report:
    """All at once."""
    names = iter(f"crawl/{number:05}.txt" for number in range(N_DOCUMENTS))
    families: list[Family] = []
    reviews: list[Family] = []
    pairs: list[Pair] = []
    relations: dict[str, tuple[str, str | None]] = {}
    for relation, size in [(each, size) for each, n, size in _GROUPS for _ in range(n)]:
        members = tuple(next(names) for _ in range(size))
        groups = reviews if relation == "review" else families
        name = "review" if relation == "review" else "family"
        group = _group(f"{name}-{len(groups) + 1}", relation, members)
        groups.append(group)
        pairs += [_pair(a, b, relation) for a, b in combinations(members[:8], 2)]
        family = None if relation == "review" else group.id
        relations |= dict.fromkeys(members, (relation, family))
    rest = list(names)
    stories = rest[:1_000]
    pairs += [_pair(a, b, "same-story") for a, b in zip(stories[::2], stories[1::2], strict=True)]
    relations |= dict.fromkeys(stories, ("same-story", None))
    notices = tuple(_notice(number, rest[number : number + 60]) for number in range(120))
    return Report(
        documents=tuple(
            _document(f"crawl/{number:05}.txt", number, relations) for number in range(N_DOCUMENTS)
        ),
        pairs=tuple(pairs),
        families=tuple(families),
        skipped=tuple(
            Skipped(f"crawl/empty-{number}.txt", f"no text: reason {number % 3}")
            for number in range(500)
        ),
        counts={
            "documents": N_DOCUMENTS,
            "skipped": 500,
            "near_candidates": 1_234_567,
            "pairs": len(pairs),
            "pairs_not_listed": 499_472,
            "families": len(families),
            "reviews": len(reviews),
        },
        settings=SETTINGS,
        reviews=tuple(reviews),
        boilerplate=notices,
        histogram=_histogram(),
        heat_map=_heat_map([f"crawl/{number:05}.txt" for number in range(48)]),
    )


def _text(id: str) -> str:
    return _FORM.replace("00000", id[-9:-4])


def _sentence(number: int) -> str:
    words = [_WORDS[(number * 7 + place * (number + 1)) % len(_WORDS)] for place in range(12)]
    words[_OTHER] = "00000"
    return " ".join(words) + "."


_FORM = " ".join(map(_sentence, range(_N_SENTENCES)))


def _span(number: int) -> tuple[int, int]:
    """Where a sentence stands, in every text."""
    start = number * (_SENTENCE + 1)
    return start, start + _SENTENCE


def _agreed(number: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the words of a sentence stand that all texts have."""
    start, end = _span(number)
    other = start + _OTHER * (_LENGTH + 1)
    return (start, other - 1), (other + _LENGTH + 1, end - 1)


def _pair(a: str, b: str, relation: str) -> Pair:
    if relation == "exact":
        return Pair(a, b, "exact", 1.0, 1.0, 1.0, 1.0)
    passages = tuple(
        Passage(
            *_span(number),
            *_span(number),
            0.95 - number / 50,
            "edited",
            number == 7,
            11,
            12,
            tuple((*span, *span) for span in _agreed(number)),
        )
        for number in range(8)
    )
    overlap = Overlap(31, 4.8, 6, 0.62, 1.8, -0.01, -0.12, 1.67, 0.00071, ("amber", "cloud"))
    loose = {"passages": (), "sentences": passages} if relation == "review" else {}
    return Pair(
        a, b, relation, 0.31, 0.42, 0.43, 0.52, **({"passages": passages} | loose), overlap=overlap
    )


def _group(id: str, relation: str, members: tuple[str, ...]) -> Family:
    if relation == "exact":
        return Family(id, "exact", members, members[0], 1.0)
    judged = relation in ("recycled", "review")
    shown = members[:200]
    coverage = tuple(
        Coverage(each, 0.66, (Cover(members[0], 0.7), Cover(members[-1], 0.95))) for each in members
    )
    return Family(
        id,
        relation,
        members,
        members[0],
        0.52,
        tuple(
            Phrase(
                " ".join(_sentence(number).split()[:_OTHER]),
                members,
                tuple(Occurrence(each, *_agreed(number)[0]) for each in members),
                31.5,
            )
            for number in range(12)
        ),
        n_phrases=40,
        reuse=Reuse(0.0004, 0.0009, 1.6, 12, 31.0, 4.8, members[-1], 1.2) if judged else None,
        coverage=coverage if judged else (),
        collations=tuple(
            Collation(
                shown[0],
                tuple(Reading(each, *_span(number), _agreed(number)) for each in shown),
                "edited",
                11,
                12,
            )
            for number in range(10)
        ),
        n_collations=15,
        n_not_collated=len(members) - len(shown),
    )


def _document(id: str, number: int, relations: dict[str, tuple[str, str | None]]) -> DocumentReport:
    relation, family = relations.get(id, ("distinct", None))
    text = _text(id)
    repairs = (Repair("html-entity", 0, 5, text[:5], "&"),) if number % 5 == 0 else ()
    end = Signal("truncated-end", len(text) - 6, len(text), text[-6:], "the text breaks off")
    return DocumentReport(
        id=id,
        source=id,
        encoding="utf-8",
        text=text,
        n_chars=len(text),
        n_tokens=12 * _N_SENTENCES,
        relation=relation,
        family=family,
        repairs=repairs,
        signals=(end,) if number % 4 == 0 else (),
        not_judged="too short" if relation == "distinct" and number % 3 == 0 else "",
    )


def _notice(number: int, members: list[str]) -> Boilerplate:
    places = tuple(Occurrence(each, *_span(1)) for each in members)
    return Boilerplate(f"Notice {number}: all rights reserved.", tuple(members), places)


def _histogram() -> ScoreHistogram:
    edges = tuple(round(-2.0 + 0.2 * step, 1) for step in range(27))
    counts = (*(90_000 // (step + 1) for step in range(16)), *([500] * 10))
    recycled = (*([0] * 16), *([480] * 10))
    expected = tuple(60_000.0 / 2**step for step in range(26))
    return ScoreHistogram(
        edges, counts, recycled, expected, sum(counts), 49_000_000, 0.05, 0.6122, 5_000, 15_000.0
    )


def _heat_map(ids: list[str]) -> HeatMap:
    scores = tuple(
        tuple(round(2.1 - abs(row - column) / 9, 6) for column in range(row))
        for row in range(len(ids))
    )
    return HeatMap(tuple(ids), scores, N_DOCUMENTS - len(ids))
