"""A small report made by hand, with one of everything; the golden files show it in every format.

`python -m tests.example_report` rewrites them; the change is reviewed as a diff.
"""

from pathlib import Path

from dupdetect.report import FORMATS, render
from dupdetect.results import (
    DocumentReport,
    Family,
    Occurrence,
    Pair,
    Passage,
    Phrase,
    Repair,
    Report,
    Signal,
    Skipped,
)

GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = {"terminal": "txt", "json": "json", "markdown": "md"}

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


def span(id: str, words: str) -> tuple[int, int]:
    start = TEXTS[id].index(words)
    return start, start + len(words)


def passage(a: str, words_a: str, b: str, words_b: str, cosine: float, kind: str) -> Passage:
    return Passage(*span(a, words_a), *span(b, words_b), cosine, kind)


def document(id: str, relation: str = "distinct", family: str | None = None, **more) -> object:
    text = TEXTS[id]
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


def _anchor(id: str) -> Signal:
    return Signal(
        "inserted-anchor",
        *span(id, "香港AI"),
        "香港AI",
        "a foreign-script run breaks the sentence; in 2 of 3 members of family-1",
    )


def _no_break(nth: int) -> Repair:
    start = [at for at, c in enumerate(TEXTS[THREE]) if c == "Ā"][nth]
    return Repair("mojibake", start, start + 2, "Ā\xa0", " ")


def _phrase(words: str, *members: str) -> Phrase:
    places = tuple(Occurrence(id, *span(id, words)) for id in members)
    return Phrase(words, members, places)


def example() -> Report:
    first = passage(
        ONE,
        "The harbour has been quick to welcome electric ferries of every size.",
        TWO,
        "The\xa0harbour has been quick to welcome electric ferries.",
        0.871,
        "edited",
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
    )
    fourth = passage(
        TWO,
        "The “Harbour Plan” outlines a strategic vision for the 香港AI quays and lifts the "
        "quality of life.",
        THREE,
        "The harbour has welcomed electric ferries of every size.",
        0.455,
        "reworded",
    )
    inner = passage(COUNCIL, TEXTS[SHORT][:-1], SHORT, TEXTS[SHORT][:-1], 0.97, "identical")
    return Report(
        documents=tuple(
            sorted(
                (
                    document(ONE, "recycled", "family-1", signals=(_anchor(ONE), _cut(ONE))),
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
            Pair(ONE, TWO, "recycled", 0.084337349, 0.14, 0.17, 0.412345678, (first, second)),
            Pair(ONE, THREE, "recycled", 0.05, 0.08, 0.11, 0.305, (third,), 1300),
            Pair(TWO, THREE, "recycled", 0.01, 0.02, 0.02, 0.199, (fourth,)),
        ),
        families=(
            Family(
                "family-1",
                "recycled",
                (ONE, TWO, THREE),
                ONE,
                0.305448559,
                (
                    _phrase("quick to welcome electric ferries", ONE, TWO),
                    _phrase("the quays", ONE, THREE),
                    _phrase("outlines a", ONE, TWO, THREE),
                ),
                n_phrases=5,
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
            "recycled_candidates": 3,
            "recycled_above_threshold": 3,
            "recycled_not_examined": 0,
            "recycled_proved": 3,
            "pairs": 5,
            "pairs_not_listed": 0,
            "sentences_not_compared": 1300,
            "families": 2,
        },
        settings={
            "digest": "0123456789ab",
            "lens": "all",
            "config": {"near_duplicate": {"threshold": 0.55}, "recycled": {"threshold": 0.18}},
            "versions": {"dupdetect": "0.1.0", "python": "3.11.7"},
        },
    )


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


def hostile() -> Report:
    """One with hostile text wherever text from outside can stand."""
    ids = [f"{HOSTILE}{n}" for n in range(4)]
    whole = (0, len(HOSTILE))
    member = {
        "source": HOSTILE,
        "encoding": HOSTILE,
        "text": HOSTILE,
        "n_chars": len(HOSTILE),
        "n_tokens": 9,
        "repairs": (Repair("mojibake", *whole, HOSTILE, HOSTILE), Repair("html", 0, 0, "", "@a")),
        "signals": (Signal("hidden-characters", *whole, HOSTILE, HOSTILE),),
    }
    shared = Passage(*whole, *whole, 0.5, "reworded")
    places = tuple(Occurrence(id, *whole) for id in ids[:2])
    return Report(
        documents=(
            DocumentReport(id=ids[0], relation="recycled", family="family-1", **member),
            DocumentReport(id=ids[1], relation="recycled", family="family-1", **member),
            DocumentReport(id=ids[2], relation="contained", family=None, **member),
            DocumentReport(id=ids[3], relation="distinct", family=None, **member),
        ),
        pairs=(
            Pair(ids[0], ids[2], "contained", 0.5, 0.5, 1.0, 0.5, (shared,)),
            Pair(ids[0], ids[1], "recycled", 0.1, 0.1, 0.1, 0.3, (shared,)),
        ),
        families=(
            Family(
                "family-1", "recycled", (ids[0], ids[1]), ids[0], 0.3,
                (Phrase(HOSTILE, (ids[0], ids[1]), places),), 1,
            ),
        ),
        skipped=(Skipped(HOSTILE, HOSTILE),),
        counts={"documents": 4},
        settings={"digest": "0123456789ab", "config": {"reading": {"text_field": HOSTILE}}},
    )  # fmt: skip


if __name__ == "__main__":
    for name in FORMATS:
        text = render(example(), name)
        (GOLDEN / f"example.{SUFFIXES[name]}").write_text(text, "utf-8", newline="\n")
