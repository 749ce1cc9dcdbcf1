"""Rebuild the null that the package ships: what honest, independent writing has in common.

python -m benchmarks.calibrate --data DIR [--without KIND ...] [--output FILE]

DIR holds labelled collections (see benchmarks/families.py) and pan13_train.tar.xz. Four kinds of
honest writing are measured: reports of one event by several outlets, answers of students to one
question, web pages on one subject, abstracts of papers in one field. Copies are left out; of web
pages, whose origin nobody knows, also one of each two with three runs of eight words in common.
Only quantiles are written, never texts.

--without leaves a kind out, to judge the null on a kind that it has not seen.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import passages
from benchmarks.family_draws import SHA256, load_labelled
from benchmarks.passages import PAN13, packed, pan_corpus
from dupdetect import Config, Document
from dupdetect.match.background import ENGLISH
from dupdetect.match.null import Null, fit
from dupdetect.match.overlap import Wording, measure
from dupdetect.match.verify import verify_pairs
from dupdetect.sketch.shingles import ShingleSets, word_shingles
from dupdetect.text.prepare import PreparedText, prepare

KINDS = {
    "reports of one event": "same_event_news",
    "answers to one question": "human_essays",
    "web pages on one subject": "pan13",
    "abstracts of one field": "human_formal",
}
OUTPUT = Path(__file__).parent.parent / "dupdetect" / "match" / "null.json"

# Two texts are on one subject from this closeness on.
_CLOSENESS = 0.2
# Texts of one subject that are drawn together at most: the first and its nearest.
_MAX_NEAR = 12
# Two pages that have so many runs of so many words in common are of one site, or one of them took
# from the other.
_COPIED_WORDS, _COPIED_RUNS = 8, 3
_WORDS = (150, 2000)


def calibrated(folder: Path, without: Iterable[str] = ()) -> Null:
    """The null measured on the collections of a folder.

    Args:
        folder: the labelled collections.
        without: kinds, or the names of their files, to leave out.

    Raises:
        SystemExit: a kind is unknown, or none is left.
    """
    left_out = set(without)
    if unknown := left_out - set(KINDS) - set(KINDS.values()):
        raise SystemExit(f"--without {', '.join(sorted(unknown))}: known are {', '.join(KINDS)}")
    kept = {kind: file for kind, file in KINDS.items() if not {kind, file} & left_out}
    if not kept:
        raise SystemExit("--without leaves no kind of writing")
    labelled = load_labelled(folder)
    groups: dict[str, list[Sequence[Document]]] = {
        "same_event_news": list(labelled.events),
        "human_essays": list(labelled.questions.values()),
        "pan13": [_web_pages(folder)],
        "human_formal": [labelled.formal],
    }
    texts: list[PreparedText] = []
    subjects: dict[str, list[list[int]]] = {}
    for kind, file in kept.items():
        subjects[kind] = []
        for group in groups[file]:
            rows = range(len(texts), len(texts) + len(group))
            texts += [prepare(document) for document in group]
            subjects[kind].append(list(rows))
    wording = measure(texts, ENGLISH)
    shingles = word_shingles([text.tokens.words for text in texts], _COPIED_WORDS)
    for kind, file in kept.items():
        if file == "pan13":
            subjects[kind] = _neighbourhoods(np.array(subjects[kind][0]), wording, shingles)
    recycled = Config().recycled
    hashes = {**SHA256, "pan13": passages.SHA256[PAN13]}
    return fit(
        "English" if not left_out else f"English, without {', '.join(sorted(left_out))}",
        {kind: [rows for rows in found if len(rows) > 1] for kind, found in subjects.items()},
        wording,
        {file: hashes[file] for file in sorted(kept.values())},
        join=recycled.join,
        spread=recycled.spread,
    )


def _web_pages(folder: Path) -> list[Document]:
    """The source pages of PAN 2013: pages that search engines gave for 145 subjects."""
    corpus = pan_corpus(packed(folder, PAN13))
    low, high = _WORDS
    return [
        Document(name, text)
        for name, text in sorted(corpus.texts.items())
        if name.startswith("source") and low <= len(text.split()) <= high
    ]


def _neighbourhoods(
    rows: NDArray[np.int64], wording: Wording, shingles: ShingleSets
) -> list[list[int]]:
    """Each page with those nearest in subject, the dependent ones left out."""
    subject = wording.subject[rows]
    closeness = (subject @ subject.T.tocsr()).toarray()
    np.fill_diagonal(closeness, 0.0)
    found = set()
    for place, near in enumerate(closeness):
        nearest = np.argsort(-near, kind="stable")[: 2 * _MAX_NEAR]
        on_subject = [int(rows[each]) for each in nearest.tolist() if near[each] >= _CLOSENESS]
        independent = _independent([int(rows[place]), *on_subject], shingles)[:_MAX_NEAR]
        if len(independent) > 2:
            found.add(tuple(sorted(independent)))
    return [list(each) for each in sorted(found)]


def _independent(rows: Sequence[int], shingles: ShingleSets) -> list[int]:
    """The rows but those that carry much of one before them."""
    kept: list[int] = []
    for row in rows:
        pairs = np.array([(each, row) for each in kept], dtype=np.int64).reshape(-1, 2)
        scores = verify_pairs(pairs, shingles)
        shared = np.rint(scores.containment_b * shingles.sizes[row])
        if shared.max(initial=0.0) < _COPIED_RUNS:
            kept.append(row)
    return kept


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description="What honest, independent writing has in common.")
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled collections")
    parser.add_argument("--without", action="append", default=[], metavar="KIND", help="leave out")
    parser.add_argument("--output", type=Path, default=OUTPUT, help=f"default: {OUTPUT.name}")
    options = parser.parse_args()
    null = calibrated(options.data, options.without)
    text = json.dumps(null.to_dict(), indent=1) + "\n"
    unfinished = options.output.with_suffix(".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(options.output)
    print(f"{options.output.name}: sha256 {null.sha256[:12]}, ", end="")
    print(f"{null.expected_rate * 1000:.1f} own words expected in 1,000")
    for stratum in null.strata:
        sizes = ", ".join(map(str, stratum.groups))
        print(f"  {stratum.name:<26}{stratum.n_documents:6,} texts", end="")
        print(f" {stratum.n_pairs:7,} pairs  {stratum.rate * 1000:5.1f} own words in 1,000", end="")
        print(f"; collections of {sizes}")


if __name__ == "__main__":
    main()
