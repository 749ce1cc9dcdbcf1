"""Shared passages against labelled ones: plagdet, graded reuse, and the time of a pair.

python -m benchmarks.passages --data DIR [--pairs N] [--seed N] [--part WHICH]

DIR holds pan13_train.tar.xz (the training corpus of PAN 2013, text alignment) and
graded_reuse.jsonl.gz (Clough and Stevenson 2011). They are not the project's to ship. The archive
is read, never unpacked onto the disk. Settings are the defaults, one for all classes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import random
import re
import statistics
import tarfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from benchmarks.plagdet import Case, Score, macro, micro
from dupdetect import Document, compare
from dupdetect.evidence.passages import PassageFinder
from dupdetect.text.prepare import PreparedText, prepare

PAN13 = "pan13_train.tar.xz"
SHA256 = {
    PAN13: "38db8894d70f0067b13606fb422a866fd77e7eb6993ab5950e78c57b8d664a80",
    "graded_reuse.jsonl.gz": "258c0b8c70b8f0a41160e0779639d21e8a738d4c8d1ac1a34ce4dfabc6cfa0e9",
}
LEVELS = ("cut", "light", "heavy", "non")
TIMED_WORDS = 1000


def packed(folder: Path, name: str) -> bytes:
    """A file of the data folder, checked against the sha256 the figures are from."""
    content = (folder / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise SystemExit(f"{folder / name}: another version than the one the figures are from")
    return content


@dataclass(frozen=True, slots=True)
class Corpus:
    """PAN 2013: texts by file name, and for each class its pairs with their planted passages.

    Attributes:
        texts: each text, by file name.
        classes: for each obfuscation class, the passages of each pair of file names.
    """

    texts: dict[str, str]
    classes: dict[str, dict[tuple[str, str], list[Case]]]


def pan_corpus(content: bytes) -> Corpus:
    """The corpus from its archive; members are read in memory, so no path can lead anywhere."""
    texts: dict[str, str] = {}
    pairs: dict[str, list[tuple[str, str]]] = {}
    labels: dict[tuple[str, str], bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() else None
            folder, _, name = member.name.rpartition("/")
            folder = folder.rpartition("/")[2]
            if file is None:
                continue
            if folder in ("src", "susp"):
                texts[name] = file.read().decode("utf-8")
            elif re.match(r"0\d-", folder) and name == "pairs":
                lines = file.read().decode("utf-8").splitlines()
                pairs[folder] = [(a, b) for a, b in (line.split() for line in lines)]
            elif re.match(r"0\d-", folder) and name.endswith(".xml"):
                labels[folder, name] = file.read()
    classes = {
        folder: {
            (a, b): list(planted(labels[folder, f"{Path(a).stem}-{Path(b).stem}.xml"], a, b))
            for a, b in rows
        }
        for folder, rows in sorted(pairs.items())
    }
    return Corpus(texts, classes)


def planted(label: bytes, a: str, b: str) -> Iterator[Case]:
    """The passages that one label file names."""
    # Python's parser resolves no external entity, and the archive's sha256 is known.
    for feature in ElementTree.fromstring(label).iter("feature"):
        if feature.get("name") == "plagiarism":
            values = [
                int(feature.attrib[name])
                for name in ("this_offset", "this_length", "source_offset", "source_length")
            ]
            this, source = (values[0], sum(values[:2])), (values[2], sum(values[2:]))
            yield Case(a, this, b, source)


def detected(a: PreparedText, b: PreparedText) -> list[Case]:
    """The passages that two texts share, as the measure takes them."""
    return [
        Case(a.document.id, (p.a_start, p.a_end), b.document.id, (p.b_start, p.b_end))
        for p in PassageFinder([a, b]).shared(0, 1).passages
    ]


def row(name: str, score: Score, *rest: str) -> str:
    """One line of the table."""
    values = (score.plagdet, score.recall, score.precision, score.granularity)
    return f"{name:<28}" + "".join(f"{value:>9.3f}" for value in values) + "  ".join(("", *rest))


def plagdet_table(corpus: Corpus, n_pairs: int | None, seed: int) -> None:
    """Print the four measures for each class and for all together."""
    rng = random.Random(seed)
    print(f"{'class':<28}  plagdet   recall    prec.    gran.   pairs, passages there and found")
    all_there: list[Case] = []
    all_found: list[Case] = []
    for name, pairs in corpus.classes.items():
        chosen = sorted(pairs)
        if n_pairs is not None:
            chosen = sorted(rng.sample(chosen, min(n_pairs, len(chosen))))
        ready = prepared(corpus, {each for pair in chosen for each in pair})
        there = [case for pair in chosen for case in pairs[pair]]
        found = [case for a, b in chosen for case in detected(ready[a], ready[b])]
        counts = f"{len(chosen):,} pairs, {len(there):,} there, {len(found):,} found"
        print(row(name, macro(there, found), counts), flush=True)
        all_there += there
        all_found += found
    print(row("all, macro (official)", macro(all_there, all_found)))
    print(row("all, micro (characters)", micro(all_there, all_found)))


def prepared(corpus: Corpus, names: Iterable[str]) -> dict[str, PreparedText]:
    """Some texts of the corpus, ready to compare."""
    return {name: prepare(Document(name, corpus.texts[name])) for name in sorted(names)}


def graded_table(content: bytes) -> None:
    """Print how the answers' scores follow the four levels of reuse."""
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line in gzip.decompress(content).decode("utf-8").splitlines():
        record = json.loads(line)
        groups[record["group"]].append(record)
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for records in groups.values():
        (original,) = (each for each in records if each["label"] == "orig")
        ready = prepare(Document("original", original["text"]))
        for each in records:
            if each["label"] != "orig":
                answer = prepare(Document("answer", each["text"]))
                for name, score in graded_scores(answer, ready).items():
                    scores[name][each["label"]].append(score)
    print(f"\n{'graded reuse':<28}{'AUC':>9}" + "".join(f"{level:>9}" for level in LEVELS))
    for name, of_level in scores.items():
        means = [statistics.fmean(of_level[level]) for level in LEVELS]
        reused = [score for level in LEVELS[:3] for score in of_level[level]]
        value = auc(reused, of_level["non"])
        in_order = "in order" if means == sorted(means, reverse=True) else "not in order"
        print(f"{name:<28}{value:>9.3f}" + "".join(f"{m:>9.3f}" for m in means), f"  {in_order}")


def graded_scores(answer: PreparedText, original: PreparedText) -> dict[str, float]:
    """How much of an answer is from the original, by what is read from it, each in [0, 1]."""
    passages = PassageFinder([answer, original]).shared(0, 1).passages
    spans = [(each.a_start, each.a_end) for each in passages]
    runs = [run[:2] for each in passages for run in each.runs]
    return {
        "tokens in passages": covered(answer, spans),
        "tokens that stayed in them": covered(answer, runs),
        "window resemblance": compare(answer.document, original.document).resemblance,
    }


def covered(text: PreparedText, spans: Iterable[tuple[int, int]]) -> float:
    """The share of a text's tokens that lie in some spans of it, in [0, 1]."""
    inside = np.zeros(len(text.tokens), dtype=np.bool_)
    for start, end in spans:
        inside |= (text.spans[:, 0] >= start) & (text.spans[:, 1] <= end)
    return float(inside.mean())


def auc(higher: list[float], lower: list[float]) -> float:
    """The chance that one of the first scores above one of the second; ties count half.

    >>> auc([0.9, 0.5], [0.5, 0.1])
    0.875
    """
    wins = sum((h > low) + (h == low) / 2 for h in higher for low in lower)
    return wins / (len(higher) * len(lower))


def times_table(corpus: Corpus, seed: int) -> None:
    """Print how long a pair of 1,000-word texts takes, preparing excluded."""
    rng = random.Random(seed)
    print(f"\n{'ms for a pair of 1,000 words':<40}{'median':>9}{'worst':>9}   pairs")
    rows: dict[str, list[tuple[PreparedText, PreparedText]]] = defaultdict(list)
    for name, pairs in corpus.classes.items():
        for a, b in rng.sample(sorted(pairs), 60):
            # Cut around the first planted passage, so that there is something to find.
            first = pairs[a, b][0] if pairs[a, b] else Case(a, (0, 0), b, (0, 0))
            left = words_around(corpus.texts[a], first.a_span[0])
            right = words_around(corpus.texts[b], first.b_span[0])
            if left and right:
                rows[name].append((left, right))
                rows["a text and itself"].append((left, left))
    for name, timed in rows.items():
        elapsed = [milliseconds(a, b) for a, b in timed]
        median, worst = statistics.median(elapsed), max(elapsed)
        print(f"{name:<40}{median:>9.1f}{worst:>9.1f}   {len(elapsed)}")


def words_around(text: str, place: int) -> PreparedText | None:
    """A thousand words of a text from a little before a place; None where it has fewer."""
    ready = prepare(Document("text", text))
    if len(ready.tokens) < TIMED_WORDS:
        return None
    first = int(np.searchsorted(ready.spans[:, 0], place)) - TIMED_WORDS // 4
    first = min(max(first, 0), len(ready.tokens) - TIMED_WORDS)
    cut = text[ready.spans[first, 0] : ready.spans[first + TIMED_WORDS - 1, 1]]
    return prepare(Document("cut", cut))


def milliseconds(a: PreparedText, b: PreparedText) -> float:
    """The better of two runs: the first may wait for another process."""
    runs = []
    for _ in range(2):
        started = time.perf_counter()
        PassageFinder([a, b]).shared(0, 1)
        runs.append((time.perf_counter() - started) * 1000)
    return min(runs)


def main() -> None:
    """Print the parts that were asked for."""
    parser = argparse.ArgumentParser(description="Shared passages against labelled ones.")
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled collections")
    parser.add_argument("--pairs", type=int, help="pairs of each class (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the pairs drawn (default: 1)")
    parser.add_argument(
        "--part", choices=("all", "plagdet", "graded", "times"), default="all", help="default: all"
    )
    options = parser.parse_args()
    if options.part in ("all", "plagdet", "times"):
        corpus = pan_corpus(packed(options.data, PAN13))
        if options.part != "times":
            plagdet_table(corpus, options.pairs, options.seed)
        if options.part != "plagdet":
            times_table(corpus, options.seed)
    if options.part in ("all", "graded"):
        graded_table(packed(options.data, "graded_reuse.jsonl.gz"))


if __name__ == "__main__":
    main()
