"""Two small reports made by hand; the golden files show them as text, JSON and Markdown.

`example` has families and one of everything about documents; in `undecided` no family was found,
but groups for review, one story told twice, boilerplate, and texts that could not be judged.

`python -m tests.example_report` rewrites them; the change is reviewed as a diff.
"""

from pathlib import Path

from dupdetect.report import render
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

GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = {"terminal": "txt", "json": "json", "markdown": "md", "html": "html"}
# Of a page most is style, and its tests say what it has to show.
WITHOUT_GOLDEN = {"html"}

TEXTS = {
    "farm/harbour-1.txt": (
        "The harbour has been quick to welcome electric ferries of every size. These boats "
        "serve various routes, from the old pier and the market to the airport and the islands. "
        "The Harbour Plan, launched in 2017, outlines a comprehensive strategy to 香港AI renew "
        "the quays. As the port navigates the challenges and opportunities"
    ),
    "farm/harbour-2.txt": (
        "The\xa0harbour has been quick to welcome electric ferries.\n\nThese boats serve "
        "various routes, including the old pier, the market, and the airport. The “Harbour Plan” "
        "outlines a strategic vision for the 香港AI quays and lifts the quality of life."
    ),
    "farm/harbour-3.txt": (
        "Ferries are new hereĀ\xa0and the harbourĀ\xa0Plan, launched in 2017, outlines a "
        "comprehensive approach to renew the quays. The harbour has welcomed electric ferries "
        "of every size."
    ),
    "news/council.txt": "The council met on Monday and agreed to mend the clock of the town hall.",
    "news/council (copy).txt": (
        "The council met on Monday and agreed to mend the clock of the town hall."
    ),
    "news/council-short.txt": "The council met on Monday and agreed to mend the clock.",
    "news/渡輪.txt": "新渡輪服務將於下月投入運作，連接舊碼頭與機場，市民可以使用電子錢包付款。",
}

_LICENCE = "This text may be shared freely as long as its author is named."
STORIES = {
    "dale/bridge-1.txt": (
        "The old bridge sags a little more each winter, and nobody in the valley has the money to "
        f"mend it. Carts wait on both banks until the wind drops. {_LICENCE}"
    ),
    "dale/bridge-2.txt": (
        "Each winter the old bridge sags a little more. Nobody has the money to mend it, and carts "
        "wait on either bank for the wind to drop."
    ),
    "dale/bridge-3.txt": (
        "A little more each winter, the bridge sags. Carts wait for hours until the wind drops."
    ),
    "news/flood-a.txt": (
        "Mayor Ilse Brandt said the river Orle rose 3.2 metres on 4 May. “We lost the mill and "
        f"two barns,” Brandt told Radio Orle. {_LICENCE}"
    ),
    "news/flood-b.txt": (
        "On 4 May the Orle climbed by 3.2 metres; “we lost the mill and two barns,” Ilse Brandt, "
        "mayor of Orle, said in an interview."
    ),
    "news/flood-c.txt": (
        "Ilse Brandt, mayor of Orle, said the river had climbed by 3.2 metres; by nightfall the "
        "barns stood empty and sheep huddled along the ridge."
    ),
    "news/flood-d.txt": (
        "The Orle rose 3.2 metres. As night fell, sheep huddled on the ridge and the barns of "
        f"mayor Brandt stood empty. {_LICENCE}"
    ),
    "news/short.txt": "Rain again.",
    "news/渡輪.txt": TEXTS["news/渡輪.txt"],
}
_ALL_TEXTS = TEXTS | STORIES


def span(id: str, words: str) -> tuple[int, int]:
    start = _ALL_TEXTS[id].index(words)
    return start, start + len(words)


def passage(
    a: str, words_a: str, b: str, words_b: str, cosine: float, kind: str, **more
) -> Passage:
    return Passage(*span(a, words_a), *span(b, words_b), cosine, kind, **more)


def runs(a: str, b: str, *words: str | tuple[str, str]) -> tuple[tuple[int, int, int, int], ...]:
    """Runs of the same words in two texts, or of words that differ as they were read."""
    both = [(each, each) if isinstance(each, str) else each for each in words]
    return tuple((*span(a, in_a), *span(b, in_b)) for in_a, in_b in both)


def document(id: str, relation: str = "distinct", family: str | None = None, **more) -> object:
    text = _ALL_TEXTS[id]
    return DocumentReport(
        id=id,
        source=f"seeds/{id}",
        encoding="utf-8",
        text=text,
        n_chars=len(text),
        n_tokens=len(text.split()),
        relation=relation,
        family=family,
        **more,
    )


ONE, TWO, THREE, COUNCIL, COPY, SHORT, FERRY = TEXTS
BRIDGE, BRIDGE_2, BRIDGE_3, FLOOD, FLOOD_2, FLOOD_3, FLOOD_4, RAIN, _ = STORIES


def _anchor(id: str, *slots: Occurrence) -> Signal:
    return Signal(
        "inserted-anchor",
        *span(id, "香港AI"),
        "香港AI",
        "a foreign-script run breaks the sentence; in 2 of 3 members of family-1",
        occurrences=tuple(Occurrence(each, *span(each, "香港AI")) for each in (ONE, TWO)),
        n_members=2,
        n_places=2,
        slots=slots,
        n_slots=len(slots),
    )


def _no_break(nth: int) -> Repair:
    start = [at for at, c in enumerate(TEXTS[THREE]) if c == "Ā"][nth]
    return Repair("mojibake", start, start + 2, "Ā\xa0", " ")


def _phrase(words: str, *members: str, bits: float | None, kind: str = "phrasing") -> Phrase:
    places = tuple(Occurrence(id, *span(id, words)) for id in members)
    return Phrase(words, members, places, bits, kind)


def overlap(
    shared: int,
    expected: float,
    facts: int,
    closeness: float,
    parts: tuple[float, ...],
    p: object,
    *words: str,
) -> Overlap:
    return Overlap(shared, expected, facts, closeness, *parts, sum(parts), p, words)


def reading(id: str, sentence: str, *agreed: str) -> Reading:
    """A sentence of a text, and where it has words of the skeleton: each after the one before."""
    start, end = span(id, sentence)
    spans, at = [], start
    for words in agreed:
        at = _ALL_TEXTS[id].index(words, at, end)
        spans.append((at, at + len(words)))
        at += len(words)
    return Reading(id, start, end, tuple(spans))


def histogram(counts: tuple[int, ...], recycled: tuple[int, ...], above: int, other: int) -> object:
    """Of so many pairs in bins of half a nat, with what as many honest pairs would give."""
    shares = 0.02, 0.3, 0.33, 0.16, 0.07, 0.015, 0.005
    n_pairs = sum(counts)
    return ScoreHistogram(
        edges=(-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0),
        counts=counts,
        recycled=recycled,
        expected=tuple(n_pairs * share for share in shares),
        n_pairs=n_pairs,
        n_other_pairs=other,
        level=0.05,
        threshold=0.645,
        n_above=above,
        expected_above=0.05 * n_pairs,
    )


OWN_WORDS = (
    "electric", "ferries", "launched", "lifts", "market", "navigates", "outlines", "pier", "quays",
    "quick", "renew", "routes", "serve", "welcome",
)  # fmt: skip

_REUSE = Reuse(
    p=0.00041,
    p_adjusted=0.00082,
    evidence=1.6049,
    n_on_subject=4,
    shared_words=12.333333333,
    expected_words=0.84,
    weakest=THREE,
    weakest_score=0.906,
)


def example() -> Report:
    first = passage(
        ONE,
        "The harbour has been quick to welcome electric ferries of every size.",
        TWO,
        "The\xa0harbour has been quick to welcome electric ferries.",
        0.871,
        "edited",
        runs=runs(
            ONE,
            TWO,
            (
                "The harbour has been quick to welcome electric ferries",
                "The\xa0harbour has been quick to welcome electric ferries",
            ),
        ),
        n_tokens_kept=9,
        n_tokens=12,
    )
    second = passage(
        ONE,
        "These boats serve various routes, from the old pier and the market to the airport "
        "and the islands.",
        TWO,
        "These boats serve various routes, including the old pier, the market, and the airport.",
        0.7423,
        "edited",
    )
    third = passage(
        ONE,
        "The Harbour Plan, launched in 2017, outlines a comprehensive strategy to 香港AI renew "
        "the quays.",
        THREE,
        "and the harbourĀ\xa0Plan, launched in 2017, outlines a comprehensive approach to renew "
        "the quays.",
        0.69,
        "edited",
        runs=runs(
            ONE,
            THREE,
            (
                "The Harbour Plan, launched in 2017, outlines a comprehensive",
                "the harbourĀ\xa0Plan, launched in 2017, outlines a comprehensive",
            ),
            ("to 香港AI renew the quays", "to renew the quays"),
        ),
        n_tokens_kept=13,
        n_tokens=15,
    )
    fourth = passage(
        TWO,
        "The “Harbour Plan” outlines a strategic vision for the 香港AI quays and lifts the "
        "quality of life.",
        THREE,
        "The harbour has welcomed electric ferries of every size.",
        0.455,
        "reworded",
        quotation=True,
        runs=runs(TWO, THREE, "of"),
        n_tokens_kept=1,
        n_tokens=15,
    )
    slot = Occurrence(THREE, *span(THREE, "to renew the quays"))
    inner = passage(COUNCIL, TEXTS[SHORT][:-1], SHORT, TEXTS[SHORT][:-1], 0.97, "identical")
    return Report(
        documents=tuple(
            sorted(
                (
                    document(ONE, "recycled", "family-1", signals=(_anchor(ONE, slot), _cut(ONE))),
                    document(TWO, "recycled", "family-1", signals=(_anchor(TWO),)),
                    document(THREE, "recycled", "family-1", repairs=(_no_break(0), _no_break(1))),
                    document(COUNCIL, "exact", "family-2"),
                    document(COPY, "exact", "family-2"),
                    document(SHORT, "contained"),
                    document(FERRY),
                ),
                key=lambda each: each.id,
            )
        ),
        pairs=(
            Pair(COPY, COUNCIL, "exact", 1.0, 1.0, 1.0, 1.0),
            Pair(COUNCIL, SHORT, "contained", 0.6, 0.6, 1.0, 0.7, (inner,)),
            Pair(
                ONE,
                TWO,
                "recycled",
                0.084337349,
                0.14,
                0.17,
                0.412345678,
                (first, second),
                overlap=overlap(
                    14, 1.1, 4, 0.7123456789, (1.855, 0.0, -0.117), 0.00002, *OWN_WORDS
                ),
            ),
            Pair(
                ONE,
                THREE,
                "recycled",
                0.05,
                0.08,
                0.11,
                0.305,
                (third,),
                1300,
                overlap=overlap(12, 0.82, 5, 0.61, (1.444, -0.004, -0.144), 0.00213),
            ),
            Pair(
                TWO,
                THREE,
                "recycled",
                0.01,
                0.02,
                0.02,
                0.199,
                (fourth,),
                overlap=overlap(6, 0.6, 2, 0.33, (0.8, 0.0, -0.16), 0.2404),
            ),
        ),
        families=(
            Family(
                "family-1",
                "recycled",
                (ONE, TWO, THREE),
                ONE,
                0.305448559,
                (
                    _phrase("quick to welcome electric ferries", ONE, TWO, bits=31.4),
                    _phrase("the quays", ONE, THREE, bits=None),
                    _phrase("outlines a", ONE, TWO, THREE, bits=9.04, kind="facts"),
                ),
                n_phrases=5,
                reuse=_REUSE,
                coverage=(
                    Coverage(ONE, 0.62264, (Cover(TWO, 0.71), Cover(THREE, 1.0))),
                    Coverage(TWO, 0.34, (Cover(ONE, 0.9141),)),
                    Coverage(THREE, 0.464, (Cover(ONE, 0.999),), n_not_compared=1),
                ),
                collations=(_PLAN, _WELCOME),
                n_collations=3,
            ),
            Family("family-2", "exact", (COPY, COUNCIL), COUNCIL, 1.0),
        ),
        skipped=(
            Skipped("seeds/empty.txt", "no text: the file is empty"),
            Skipped("seeds/feed.jsonl:17", 'no field "text" (found "body", "title")'),
        ),
        counts={
            "documents": 7,
            "skipped": 2,
            "exact_copies": 1,
            "near_candidates": 1,
            "near_pairs": 1,
            "not_judged": 0,
            "recycled_pairs_joined": 3,
            "recycled_groups": 1,
            "recycled_proved": 3,
            "for_review": 0,
            "same_story": 0,
            "pairs": 5,
            "pairs_not_listed": 0,
            "sentences_not_compared": 1300,
            "families": 2,
            "boilerplate": 0,
            "reviews": 0,
        },
        settings=SETTINGS,
        histogram=histogram((1, 0, 0, 0, 1, 1, 1), (0, 0, 0, 0, 1, 1, 1), above=2, other=6),
        heat_map=HeatMap(
            (THREE, ONE, TWO, COUNCIL, FERRY),
            (
                (),
                (1.296,),
                (0.64, 1.738),
                (-1.614, -1.1, -1.4037219),
                (-4.21, -3.977, -4.0301, -3.86),
            ),
            n_left_out=2,
        ),
    )


_PLAN = Collation(
    ONE,
    (
        reading(
            ONE,
            "The Harbour Plan, launched in 2017, outlines a comprehensive strategy to 香港AI renew "
            "the quays.",
            "The Harbour Plan, launched in 2017, outlines a comprehensive",
            "to",
            "renew the quays",
        ),
        reading(
            TWO,
            "The “Harbour Plan” outlines a strategic vision for the 香港AI quays and lifts the "
            "quality of life.",
            "The “Harbour Plan",
            "outlines a",
            "the",
            "quays",
        ),
        reading(
            THREE,
            TEXTS[THREE].partition(" The harbour has")[0],
            "the harbourĀ\xa0Plan, launched in 2017, outlines a comprehensive",
            "to renew the quays",
        ),
    ),
    "edited",
    n_tokens_agreed=13,
    n_tokens=14,
)
_WELCOME = Collation(
    ONE,
    (
        reading(
            ONE,
            "The harbour has been quick to welcome electric ferries of every size.",
            "The harbour has been quick to welcome electric ferries of every size",
        ),
        reading(
            TWO,
            "The\xa0harbour has been quick to welcome electric ferries.",
            "The\xa0harbour has been quick to welcome electric ferries",
        ),
        reading(
            THREE,
            "The harbour has welcomed electric ferries of every size.",
            "The harbour has",
            "electric ferries of every size",
        ),
    ),
    "edited",
    n_tokens_agreed=12,
    n_tokens=12,
)
_SAGS = Collation(
    BRIDGE,
    (
        reading(
            BRIDGE,
            "The old bridge sags a little more each winter, and nobody in the valley has the money "
            "to mend it.",
            "The old bridge sags a little more each winter",
        ),
        reading(
            BRIDGE_2,
            "Each winter the old bridge sags a little more.",
            "the old bridge sags a little more",
        ),
        reading(
            BRIDGE_3, "A little more each winter, the bridge sags.", "A little more each winter"
        ),
    ),
    "reworded",
    n_tokens_agreed=9,
    n_tokens=20,
)


SETTINGS = {
    "digest": "0123456789ab",
    "lens": "all",
    "config": {
        "near_duplicate": {"threshold": 0.55},
        "recycled": {"level": 0.05, "review_level": 0.2, "min_tokens": 100},
    },
    "null": {
        "name": "English",
        "sha256": "fedcba9876543210" * 4,
        "background": "wordfreq en",
        "expected_rate": 0.00917,
        "strata": ["reports of one event", "answers to one question"],
        "sources": {"essays": "0" * 64},
    },
    "versions": {"dupdetect": "0.1.0", "python": "3.11.7"},
}


def undecided() -> Report:
    """No family was found; a group and a pair for review, and one story."""
    mended = passage(
        BRIDGE,
        "The old bridge sags a little more each winter, and nobody in the valley has the money to "
        "mend it.",
        BRIDGE_2,
        "Each winter the old bridge sags a little more. Nobody has the money to mend it,",
        0.81,
        "edited",
        runs=runs(
            BRIDGE,
            BRIDGE_2,
            ("The old bridge sags a little more", "the old bridge sags a little more"),
            ("nobody", "Nobody"),
            "has the money to mend it",
        ),
        n_tokens_kept=14,
        n_tokens=20,
    )
    quoted = passage(
        FLOOD,
        "“We lost the mill and two barns,”",
        FLOOD_2,
        "“we lost the mill and two barns,”",
        0.93,
        "identical",
        quotation=True,
        runs=runs(
            FLOOD, FLOOD_2, ("We lost the mill and two barns", "we lost the mill and two barns")
        ),
        n_tokens_kept=7,
        n_tokens=7,
    )
    licence = passage(FLOOD, _LICENCE, FLOOD_4, _LICENCE, 1.0, "identical")
    loose = passage(
        FLOOD_3,
        "by nightfall the barns stood empty and sheep huddled along the ridge.",
        FLOOD_4,
        "As night fell, sheep huddled on the ridge and the barns of mayor Brandt stood empty.",
        0.38,
        "reworded",
        runs=runs(FLOOD_3, FLOOD_4, "sheep huddled"),
        n_tokens_kept=2,
        n_tokens=15,
    )
    notices = tuple(Occurrence(id, *span(id, _LICENCE)) for id in (BRIDGE, FLOOD, FLOOD_4))
    documents = (
        *(document(id, "review") for id in (BRIDGE, BRIDGE_2, BRIDGE_3)),
        *(document(id, "same-story") for id in (FLOOD, FLOOD_2)),
        *(document(id, "review") for id in (FLOOD_3, FLOOD_4)),
        document(RAIN, not_judged="too short"),
        document(FERRY, not_judged="no null for its script"),
    )
    return Report(
        documents=documents,
        pairs=(
            Pair(
                BRIDGE, BRIDGE_2, "review", 0.09, 0.15, 0.2, 0.31, (mended,),
                overlap=overlap(
                    5, 0.9, 0, 0.52, (0.95, 0.0, -0.3), 0.0312,
                    "bank", "carts", "money", "sags", "wind",
                ),
            ),
            Pair(
                FLOOD_3, FLOOD_4, "review", 0.02, 0.05, 0.05, 0.18, (), 0,
                overlap(
                    4, 0.4, 9, 0.6, (1.1, 0.0, -0.41), 0.0211,
                    "empty", "huddled", "ridge", "sheep",
                ),
                (loose,),
            ),
            Pair(
                BRIDGE_2, BRIDGE_3, "review", 0.05, 0.1, 0.1, 0.2,
                overlap=overlap(3, 0.7, 0, 0.41, (0.7, -0.05, -0.35), 0.11),
            ),
            Pair(
                FLOOD, FLOOD_2, "same-story", 0.12, 0.2, 0.2, 0.28, (quoted,),
                overlap=overlap(1, 0.9, 12, 0.66, (0.02, 0.0, -0.41), 0.64, "barns"),
            ),
            Pair(
                FLOOD, FLOOD_4, "same-story", 0.11, 0.2, 0.2, 0.2, (licence,),
                overlap=overlap(1, 0.8, 7, 0.6, (0.0, 0.0, -0.42), 0.66, "barns"),
            ),
        ),
        families=(),
        skipped=(),
        counts={"documents": 9, "skipped": 0, "not_judged": 2, "for_review": 3, "same_story": 2},
        settings=SETTINGS,
        reviews=(
            Family(
                "review-1",
                "review",
                (BRIDGE, BRIDGE_2, BRIDGE_3),
                BRIDGE_2,
                0.255,
                (_phrase("sags", BRIDGE, BRIDGE_2, BRIDGE_3, bits=17.8),),
                n_phrases=1,
                reuse=Reuse(0.12, 0.12, 0.61, 3, 3.666666, 0.8, BRIDGE_3, 0.2),
                coverage=(
                    Coverage(BRIDGE, 0.29, (Cover(BRIDGE_2, 1.0),)),
                    Coverage(BRIDGE_2, 0.44, (Cover(BRIDGE, 1.0),)),
                    Coverage(BRIDGE_3, 0.0, ()),
                ),
                collations=(_SAGS,),
                n_collations=1,
            ),
        ),
        boilerplate=(Boilerplate(_LICENCE, (BRIDGE, FLOOD, FLOOD_4), notices, n_chars_cut=1200),),
        histogram=histogram((0, 2, 3, 2, 2, 0, 0), (0,) * 7, above=2, other=12),
        heat_map=HeatMap(
            (BRIDGE_3, BRIDGE_2, BRIDGE, FLOOD_2, FLOOD, FLOOD_4, FLOOD_3),
            (
                (),
                (0.3,),
                (0.1, 0.65),
                (-2.6, -2.41, -2.38),
                (-2.7, -2.52, -2.33, -0.39),
                (-2.66, -2.47, -2.3, -0.6, -0.42),
                (-2.58, -2.5, -2.44, -0.3, -0.55, 0.69),
            ),
            n_left_out=2,
        ),
    )  # fmt: skip


def _cut(id: str) -> Signal:
    words = "challenges and opportunities"
    return Signal("truncated-end", *span(id, words), words, "the text ends without a full stop")


HOSTILE = (
    "\x1b]52;c;ZXZpbA==\x07 \x1b[31m \x9b1m [link=https://evil.example]go[/link] [bold]x[/] "
    "<script>alert(1)</script> <img src=x onerror=alert(1)> \u202etxt.exe\u2066\u2069\u200f "
    "zero\u200b\u200d\ufeffwidth \U000e0041\U000e0042 \ud800 line\u2028end\u2029 \x85 \x00 \x7f "
    "| a \\| b | `code` ``two`` [t](javascript:alert(1)) ![i](https://evil.example/i.png) "
    "@everyone #123 GH-4 https://evil.example www.evil.example\n\n# heading\n- item\n> quote\n\t\\"
)
HOSTILE_CHARACTERS = {
    *map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), *map(chr, range(0xE0000, 0xE0080)),
    *map(chr, range(0x200B, 0x2010)), *map(chr, range(0x2028, 0x202F)),
    *map(chr, range(0x2060, 0x2070)), *map(chr, range(0xD800, 0xE000)),
    "\u061c", "\ufeff", "\xad",
} - {"\n"}  # fmt: skip


def hostile(words: str = HOSTILE) -> Report:
    """One with hostile text wherever text from outside can stand."""
    ids = [f"{words}{n}" for n in range(5)]
    whole = (0, len(words))
    places = tuple(Occurrence(id, *whole) for id in ids[:2])
    anchor = Signal(
        "inserted-anchor", *whole, words, words, places, 2, 2, (Occurrence(ids[1], *whole),), 1
    )
    member = {
        "source": words,
        "encoding": words,
        "text": words,
        "n_chars": len(words),
        "n_tokens": 9,
        "repairs": (Repair("mojibake", *whole, words, words), Repair("html", 0, 0, "", "@a")),
        "signals": (Signal("hidden-characters", *whole, words, words),),
        "not_judged": words,
    }
    first = member | {"signals": (*member["signals"], anchor)}
    shared = Passage(*whole, *whole, 0.5, "reworded", True, 3, 9, ((*whole, *whole),))
    edited = Passage(*whole, *whole, 0.5, "edited", False, 1, 9, ((0, 1, 0, 1),))
    found = overlap(3, 0.7, 9, 0.4, (0.7, -0.4, -0.35), 0.00001, words, words)
    reuse = Reuse(0.00001, 0.01, 1.0, 2, 31.0, 4.8, ids[1], -0.25)
    phrases = (Phrase(words, (ids[0], ids[1]), places, 40.0, "quotation"),)
    coverage = (
        Coverage(ids[0], 0.5, (Cover(ids[1], 1.0),)),
        Coverage(ids[1], 0.5, (Cover(ids[0], 0.95),), 3),
    )
    review = (ids[1], ids[3])
    readings = Reading(ids[0], *whole, (whole,)), Reading(ids[1], *whole, ((0, 1),))
    collations = (Collation(ids[0], readings, "edited", 1, 3),)
    return Report(
        documents=(
            DocumentReport(id=ids[0], relation="recycled", family="family-1", **first),
            DocumentReport(id=ids[1], relation="recycled", family="family-1", **member),
            DocumentReport(id=ids[2], relation="contained", family=None, **member),
            DocumentReport(id=ids[3], relation="review", family=None, **member),
            DocumentReport(id=ids[4], relation="distinct", family=None, **member),
        ),
        pairs=(
            Pair(ids[0], ids[2], "contained", 0.5, 0.5, 1.0, 0.5, (shared,)),
            Pair(ids[0], ids[1], "recycled", 0.1, 0.1, 0.1, 0.3, (edited,), 2, found),
            Pair(ids[1], ids[3], "review", 0.1, 0.1, 0.1, 0.3, (shared,), 0, found, (shared,)),
            Pair(ids[3], ids[4], "review", 0.1, 0.1, 0.1, 0.3, (), 0, found, (shared,)),
            Pair(ids[2], ids[3], "same-story", 0.1, 0.1, 0.1, 0.3, (shared,), 0, found),
        ),
        families=(
            Family(
                "family-1", "recycled", (ids[0], ids[1]), ids[0], 0.3, phrases, 1, reuse, coverage,
                collations, 4, 1,
            ),
        ),
        skipped=(Skipped(words, words),),
        counts={"documents": 5},
        settings={
            "digest": "0123456789ab",
            "config": {"reading": {"text_field": words}},
            "null": {"name": words, "sha256": words, "expected_rate": 0.01, "strata": [words]},
        },
        reviews=(
            Family(
                "review-1", "review", review, ids[1], 0.3,
                (Phrase(words, review, (), 3.0, "facts"),), 1, reuse,
                tuple(Coverage(id, 0.2, ()) for id in review),
            ),
        ),
        boilerplate=(Boilerplate(words, (ids[0], ids[3]), places, 7),),
        histogram=histogram((1, 0, 0, 0, 0, 1, 1), (0, 0, 0, 0, 0, 1, 0), above=2, other=3),
        heat_map=HeatMap(tuple(ids[:4]), ((), (0.5,), (-1.0, -1.5), (-2.0, 0.25, -0.5)), 1),
    )  # fmt: skip


REPORTS = {"example": example, "undecided": undecided}


if __name__ == "__main__":
    for title, report in REPORTS.items():
        for name in SUFFIXES.keys() - WITHOUT_GOLDEN:
            text = render(report(), name)
            (GOLDEN / f"{title}.{SUFFIXES[name]}").write_text(text, "utf-8", newline="\n")
