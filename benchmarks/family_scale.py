"""Families in a hundred thousand documents: what is proposed, what is found, time and memory.

    python -m benchmarks.family_scale --data DIR [--documents 100000] [--detect] [--cache DIR]

In: the folder of labelled texts, and the corpora of benchmarks.corpora. Out: figures of each stage:
seconds, memory, the share of family pairs among the candidates, and with --detect the families.

Strangers are public texts cut into pieces of article length: standards, licences, installation
guides in nine languages, mails, the sources and suspicious texts of PAN 2013, and human stories,
essays and abstracts. Few public texts are short articles by themselves, so that nearly all are
pieces, and the more are asked for, the shorter they are. They reuse one another: licences quote
licences, guides have nine editions, PAN plants its passages. Only the planted families are known.

Families are articles that several language models wrote to one prompt, 3 to 7 of them; beyond 7,
members are spun from two of those (`hostile.spin`): sentences of either, in another order, with a
fifth of the words swapped as far as the table of synonyms goes.

What was decided of the 75 planted families, whose 685 members have 3,832 pairs (seed 1):

    documents   proposed   exactly right   met   B-cubed F1   strangers in them
        1,500      0.980              51    72        0.937                   1
        6,500      0.977              47    68        0.921                   1
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import re
import statistics
import tarfile
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.corpora import Fetching, add_options, fetching_of, load
from benchmarks.hostile import set_length, spin
from benchmarks.metrics import bcubed_f1
from dupdetect import Family, Report, detect, detector, read_documents
from dupdetect.config import ReadingConfig
from dupdetect.match.joins import join_candidates, term_matrix, word_weights
from dupdetect.text.background import zipf
from dupdetect.text.prepare import prepare

LEAST_WORDS, MOST_WORDS = 150, 800
MOST_MEMBERS = 20
PUBLIC = ("rfc", "licences", "guides", "mails")
HUMAN = ("human_news", "human_essays", "human_formal", "same_event_news")
# Exponents of `_lengths`: 1 gives 390 words in the mean, 6 gives 220.
_SKEWS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0, 20.0)
# The default of 64 MiB is for a folder of files; 100,000 documents in one are 150 MB.
_MAX_FILE_SIZE = 2**32
_STRETCH = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Label:
    """What one document of the collection is.

    Attributes:
        origin: the corpus it is from.
        n_words: its length.
        family: the prompt of a planted article; "": a stranger.
        is_spun: whether it was mixed from two members.
    """

    origin: str
    n_words: int
    family: str = ""
    is_spun: bool = False


Labelled = tuple[str, Label]


def planted_families(folder: Path, seed: int) -> list[Labelled]:
    """One family of each prompt: every other one natural, of 3 to 7 members, the rest of 8 to 20.

    Members are cut at lengths drawn as those of the strangers would be if there were enough text:
    from 150 to 800 words, each doubling equally likely.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for text, prompt in _labelled(folder / "machine_essays.jsonl.gz"):
        groups[prompt].append(text)
    planted = []
    for number, (family, group) in enumerate(sorted(groups.items())):
        rng = Random(f"{seed} family {family}")
        is_natural = number % 2 == 0
        size = rng.randint(3, len(group)) if is_natural else rng.randint(8, MOST_MEMBERS)
        members = rng.sample(group, min(size, len(group)))
        texts = list(members)
        while len(texts) < size:
            one, other = rng.sample(members, 2)
            texts.append(spin(one, other, rng))
        for place, text in enumerate(texts):
            cut = set_length(text, _length(rng, 1.0))
            is_spun = place >= len(members)
            label = Label("machine_essays", len(_STRETCH.findall(cut)), family, is_spun)
            planted.append((cut, label))
    return planted


def strangers(folder: Path, fetching: Fetching, n_wanted: int, seed: int) -> list[Labelled]:
    """Pieces of public texts, as long as the number that is wanted allows.

    Raises:
        SystemExit: there is less text than that.
    """
    texts = [(text, origin) for text, origin in _public_texts(folder, fetching)]
    n_words = [len(_STRETCH.findall(text)) for text, _ in texts]
    n_pieces = 0
    for skew in _SKEWS:
        rng = Random(f"{seed} pieces {skew}")
        lengths = [_lengths(rng, n, skew) for n in n_words]
        n_pieces = sum(map(len, lengths))
        if n_pieces >= n_wanted:
            break
    else:
        raise SystemExit(f"there is text for {n_pieces} strangers, not {n_wanted}; ask for fewer")
    chosen = set(rng.sample(range(n_pieces), n_wanted))
    pieces = (
        (piece, Label(origin, length))
        for (text, origin), each in zip(texts, lengths, strict=True)
        for piece, length in zip(_pieces(text, each), each, strict=True)
    )
    return [piece for row, piece in enumerate(pieces) if row in chosen]


def collection(folder: Path, fetching: Fetching, n_documents: int, seed: int) -> list[Labelled]:
    """Planted families among strangers, shuffled.

    Raises:
        SystemExit: there is less text, or there are more planted documents, than were asked for.
    """
    families = planted_families(folder, seed)
    if n_documents <= len(families):
        raise SystemExit(f"--documents must be above {len(families)}, as many are planted")
    documents = [*families, *strangers(folder, fetching, n_documents - len(families), seed)]
    Random(f"{seed} order").shuffle(documents)
    return documents


def _public_texts(folder: Path, fetching: Fetching) -> Iterator[tuple[str, str]]:
    for name in PUBLIC:
        for record in load(name, fetching).records:
            yield record.text, name
    yield from _pan_texts(folder / "pan13_train.tar.xz")
    for name in HUMAN:
        for text, _ in _labelled(folder / f"{name}.jsonl.gz"):
            yield text, name


def _labelled(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["text"], str(row["group"])


def _pan_texts(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path, "r|xz") as archive:
        for member in archive:
            part = Path(member.name).parent.name
            content = archive.extractfile(member) if member.name.endswith(".txt") else None
            if content is not None and part in ("src", "susp"):
                yield content.read().decode("utf-8"), f"pan_{part}"


def _length(rng: Random, skew: float) -> int:
    """Words of one piece: at a skew of 1, each doubling from 150 to 800 is equally likely."""
    length: float = LEAST_WORDS * (MOST_WORDS / LEAST_WORDS) ** (rng.random() ** skew)
    return round(length)


def _lengths(rng: Random, n_words: int, skew: float) -> list[int]:
    """Lengths of the pieces of a text; a rest too short for one goes to the last if it may."""
    lengths: list[int] = []
    while n_words >= LEAST_WORDS:
        length = min(_length(rng, skew), n_words)
        n_words -= length
        lengths.append(length)
    if lengths and lengths[-1] + n_words <= MOST_WORDS:
        lengths[-1] += n_words
    return lengths


def _pieces(text: str, lengths: Sequence[int]) -> Iterator[str]:
    spans = [match.span() for match in _STRETCH.finditer(text)] if lengths else []
    first = 0
    for length in lengths:
        yield text[spans[first][0] : spans[first + length - 1][1]]
        first += length


# Measuring


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage took.

    Attributes:
        name: what it does.
        elapsed_s: seconds.
        peak_mib: the most memory the process had held when it ended.
    """

    name: str
    elapsed_s: float
    peak_mib: float


class Clock:
    """Stages one after another, each from the end of the one before."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self._begin = time.perf_counter()

    def end(self, name: str) -> None:
        """What was done until now is the stage of this name."""
        now = time.perf_counter()
        self.stages.append(Stage(name, now - self._begin, machine.peak_mib()))
        self._begin = now


@contextmanager
def told_stages(clock: Clock) -> Iterator[None]:
    """While it lasts, the stages of `detect` end on a clock, but for the last one."""

    def told(name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            if name == "copies":
                clock.end("detect: prepare, shingle")
            found = stage(*given, **named)
            clock.end(f"detect: {name}")
            return found

        return call

    with ExitStack() as stack:
        for name in ("copies", "boilerplate", "recycled"):
            stage = getattr(detector, f"find_{name}")
            stack.enter_context(patch.object(detector, f"find_{name}", told(name, stage)))
        yield


def measured(path: Path, truth: Sequence[Label], options: argparse.Namespace) -> dict[str, Any]:
    """All stages on the collection in a file."""
    clock = Clock()
    documents = read_documents(path, ReadingConfig(max_file_size=_MAX_FILE_SIZE))
    if len(documents) != len(truth):
        raise SystemExit(f"{len(documents)} of {len(truth)} documents read; {documents.skipped}")
    clock.end("read")
    prepared = [prepare(document) for document in documents]
    clock.end("prepare")
    terms = term_matrix(text.native_words for text in prepared)
    weights = word_weights(zipf(terms.vocabulary))
    clock.end("terms")
    joined = join_candidates(
        terms.matrix, weights, max_partners=options.partners, budget=options.budget
    )
    clock.end("join")
    found: dict[str, Any] = {
        "documents": len(documents),
        "terms": len(terms.vocabulary),
        "entries": int(terms.matrix.nnz),
        "df_cap": joined.df_cap,
        "terms_capped": joined.n_terms_capped,
        "depth": joined.depth,
        "candidates": len(joined.pairs),
        "candidates_a_document": joined.mean_partners,
        "pairs_cut": joined.n_partners_cut,
        "proposed": proposed(joined.pairs, truth),
    }
    if options.detect:
        del prepared, terms, joined
        clock.end("judge the candidates")
        with told_stages(clock):
            report = detect(documents)
        clock.end("detect: report")
        found["counts"] = dict(report.counts)
        found["families"] = {
            level: judged(families, truth) for level, families in _levels(report).items()
        }
    return {"stages": [asdict(stage) for stage in clock.stages], **found}


def proposed(pairs: NDArray[np.int64], truth: Sequence[Label]) -> dict[str, Any]:
    """Which share of the pairs inside planted families is among these, by what they are.

    Args:
        pairs: rows of `truth`, i < j, sorted.
        truth: of each document.
    """
    true, kinds = _family_pairs(truth)
    packed = pairs[:, 0] * len(truth) + pairs[:, 1]
    is_in = np.isin(true[:, 0] * len(truth) + true[:, 1], packed)
    return {
        kind: {"pairs": int(chosen.sum()), "share": float(is_in[chosen].mean())}
        for kind, chosen in kinds.items()
        if chosen.any()
    }


def _family_pairs(
    truth: Sequence[Label],
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.bool_]]]:
    """The pairs inside planted families, and which of them are of each kind."""
    members: dict[str, list[int]] = defaultdict(list)
    for row, each in enumerate(truth):
        if each.family:
            members[each.family].append(row)
    pairs = np.array([pair for rows in members.values() for pair in combinations(rows, 2)])
    is_spun = np.array([each.is_spun for each in truth])[pairs].any(axis=1)
    shorter = np.array([each.n_words for each in truth])[pairs].min(axis=1)
    return pairs, {
        "all": np.ones(len(pairs), dtype=np.bool_),
        "both as written": ~is_spun,
        "one or both spun": is_spun,
        "shorter below 200 words": shorter < 200,
        "shorter of 200 to 400": (shorter >= 200) & (shorter < 400),
        "shorter above 400": shorter >= 400,
    }


def _levels(report: Report) -> dict[str, Sequence[Family]]:
    """The families that are decided; and with those put to review, which take what both hold."""
    in_review = {name for review in report.reviews for name in review.members}
    others = [each for each in report.families if in_review.isdisjoint(each.members)]
    return {"decided": report.families, "decided or review": [*report.reviews, *others]}


def judged(families: Sequence[Family], truth: Sequence[Label]) -> dict[str, Any]:
    """Some families against the planted ones.

    B-cubed is over the planted documents and the strangers that were put among them. Families of
    strangers alone are told by relation and origin: public texts do reuse one another, and which
    of them do, nobody has labelled.

    Args:
        families: none of which share a document.
        truth: of each document.
    """
    label_of = {_id(row): each for row, each in enumerate(truth)}
    true: dict[str, set[str]] = defaultdict(set)
    for name, label in label_of.items():
        if label.family:
            true[label.family].add(name)
    planted = frozenset(map(frozenset, true.values()))
    touching, strangers = set(), Counter[str]()
    for family in families:
        if any(label_of[name].family for name in family.members):
            touching.add(frozenset(family.members))
        else:
            origins = sorted({label_of[name].origin for name in family.members})
            strangers[f"{family.relation}: {' + '.join(origins)}"] += 1
    judged_ids = sorted(frozenset().union(*planted, *touching))
    return {
        "planted": len(planted),
        "exactly_right": len(planted & touching),
        "met": sum(any(each & family for family in touching) for each in planted),
        "mixing_prompts": sum(
            len({label_of[name].family for name in family} - {""}) > 1 for family in touching
        ),
        "strangers_in_them": sum(not label_of[name].family for name in judged_ids),
        "bcubed_f1": bcubed_f1(frozenset(touching), planted, judged_ids),
        "of_strangers": dict(strangers.most_common()),
    }


# The program


def write_collection(path: Path, options: argparse.Namespace) -> list[Label]:
    """Writes the documents as JSON lines, and gives what each of them is."""
    documents = collection(options.data, fetching_of(options), options.documents, options.seed)
    with path.open("w", encoding="ascii") as lines:
        for row, (text, _) in enumerate(documents):
            lines.write(json.dumps({"id": _id(row), "text": text}) + "\n")
    return [label for _, label in documents]


def _id(row: int) -> str:
    return f"document-{row:06}"


def described(truth: Sequence[Label]) -> dict[str, Any]:
    """What the collection is."""
    lengths = [each.n_words for each in truth]
    sizes = Counter(each.family for each in truth if each.family)
    return {
        "origins": dict(Counter(each.origin for each in truth).most_common()),
        "words": {
            "mean": sum(lengths) / len(lengths),
            "median": statistics.median(lengths),
            "most": max(lengths),
        },
        "families": len(sizes),
        "members": sum(sizes.values()),
        "spun": sum(each.is_spun for each in truth),
        "largest": max(sizes.values()),
    }


def lines_of(made: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    """The figures as they are printed."""
    words = made["words"]
    yield (
        f"{found['documents']:,} documents of {words['median']:.0f} words in the median and "
        f"{words['mean']:.0f} in the mean, {LEAST_WORDS} to {words['most']}; {made['families']} "
        f"families with {made['members']} members, {made['spun']} of them spun"
    )
    yield "  " + ", ".join(f"{name} {count:,}" for name, count in made["origins"].items())
    yield "\n| stage | s | peak MiB |\n|---|--:|--:|"
    for stage in found["stages"]:
        yield f"| {stage['name']} | {stage['elapsed_s']:.1f} | {stage['peak_mib']:,.0f} |"
    if "families" in found:
        whole = (each for each in found["stages"] if each["name"].startswith(("read", "detect")))
        yield f"| read and detect | {sum(each['elapsed_s'] for each in whole):.1f} | |"
    yield (
        f"\n{found['candidates_a_document']:.1f} candidates a document, of each text the best "
        f"{found['depth']}; words of more than {found['df_cap']:,} documents are not followed: "
        f"{found['terms_capped']:,} of {found['terms']:,}"
    )
    yield "\n| pairs inside families | number | proposed |\n|---|--:|--:|"
    for kind, each in found["proposed"].items():
        yield f"| {kind} | {each['pairs']:,} | {each['share']:.3f} |"
    for level, each in found.get("families", {}).items():
        yield (
            f"\n{level}: {each['exactly_right']} of {each['planted']} families exactly right, "
            f"{each['met']} met, {each['mixing_prompts']} mixed, {each['strangers_in_them']} "
            f"strangers in them, B-cubed F1 {each['bcubed_f1']:.3f}; of strangers alone:"
        )
        for kind, count in each["of_strangers"].items():
            yield f"  {count:,} {kind}"


def parsed_options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled texts")
    add_options(parser)
    parser.add_argument("--documents", type=int, default=100_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="of the collection")
    parser.add_argument(
        "--partners", type=int, default=50, help="candidates a document, at the most"
    )
    parser.add_argument(
        "--budget", type=int, default=4 * 10**9, help="steps of the join (default: %(default)s)"
    )
    parser.add_argument("--detect", action="store_true", help="find the families too")
    parser.add_argument("--output", type=Path, help="save the figures there, as JSON")
    return parser.parse_args()


def main() -> None:
    """Makes the collection, measures every stage, prints and saves the figures."""
    options = parsed_options()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.jsonl"
        # Made by another process: what that takes is not the memory of what is measured.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as maker:
            truth = maker.submit(write_collection, path, options).result()
        made = described(truth)
        found = measured(path, truth, options)
    print("\n".join(lines_of(made, found)))
    if options.output:
        versions = machine.versions(("dupdetect", "numpy", "scipy", "wordfreq"))
        saved = {"machine": machine.described(), "versions": versions, "seed": options.seed}
        saved |= {"budget": options.budget, "collection": made, "run": found}
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
