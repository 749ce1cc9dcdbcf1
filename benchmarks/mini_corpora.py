"""What the defaults find, and where they should stay silent, on small collections of real texts.

python -m benchmarks.mini_corpora --data DIR [--threshold X] [--draws N] [--seed N]

DIR holds labelled collections as `NAME.jsonl.gz` with the fields id, group and text: human_news,
human_formal, human_essays, same_event_news and machine_essays. They are not the project's to ship.
Copies are removed first, by the near-duplicate lens. Each line of the table is the share of drawn
collections in which something holds.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dupdetect import Config, Document, Report, detect, read_documents

SEEDS = Path(__file__).parent.parent / "seeds"
SHA256 = {
    "human_news": "c8d2e940e62be346f0a4fe9df94043b8c6d12fb3b83d486d3f241f4ca1b5b3c2",
    "human_formal": "79cb782802cb3f408b7e61ee3bbf8b0a3c8b811da7490ffb11917667dee3187d",
    "human_essays": "a1212430e341a84a0813b5addee13991408a916a3720e1079557fb0f6ddf5803",
    "same_event_news": "7e345f4f1e7ee32468ef3d7f152e19bdb2ade60c6769dfcceaaa8b59661b60cb",
    "machine_essays": "fb3b1a52095e9c73642c1e8d10b4cb91d2c94ed58cc306ad884781bb49259d51",
}

Collection = list[Document]
Groups = dict[str, Collection]


def load(folder: Path, name: str) -> Groups:
    """The documents of one collection by group, checked against the sha256 the figures are from."""
    path = folder / f"{name}.jsonl.gz"
    packed = path.read_bytes()
    if hashlib.sha256(packed).hexdigest() != SHA256[name]:
        raise SystemExit(f"{path}: another version than the one the figures are from")
    groups: Groups = defaultdict(list)
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        row = json.loads(line)
        groups[str(row["group"])].append(Document(str(row["id"]), row["text"]))
    return groups


def without_copies(documents: Collection) -> Collection:
    """The documents without the second of each two copies."""
    found = detect(documents, Config(lens="near-duplicate"))
    copies = {pair.b for pair in found.pairs}
    return [document for document in documents if document.id not in copies]


def flat(groups: Groups) -> Collection:
    """All documents of all groups."""
    return [document for group in groups.values() for document in group]


def members(report: Report) -> list[set[str]]:
    """The members of each family."""
    return [set(family.members) for family in report.families]


def share(
    draws: int, config: Config, draw: Callable[[], tuple[Collection, Callable[[Report], bool]]]
) -> float:
    """The share of draws for which the report is as expected."""
    good = 0
    for _ in range(draws):
        documents, expected = draw()
        good += expected(detect(documents, config))
    return good / draws


def silent(report: Report) -> bool:
    """Whether no family was found."""
    return not report.families


def main() -> None:
    """Draw, detect, and print one line a kind of collection."""
    parser = argparse.ArgumentParser(description="Families in small collections of real texts.")
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled collections")
    parser.add_argument("--threshold", type=float, help="recycled.threshold (default: as shipped)")
    parser.add_argument("--draws", type=int, default=100, help="collections a line (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="of the draws (default: 1)")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    config = Config()
    if options.threshold is not None:
        config = replace(config, recycled=replace(config.recycled, threshold=options.threshold))

    data = {name: load(options.data, name) for name in SHA256}
    news = without_copies(flat(data["human_news"]))
    formal = without_copies(flat(data["human_formal"]))
    questions = [without_copies(group) for group in data["human_essays"].values()]
    events = [without_copies(group) for group in data["same_event_news"].values()]
    families = list(data["machine_essays"].values())
    seeds = list(read_documents(SEEDS))
    farm = {document.id for document in seeds[:4]}

    def some(documents: Collection) -> Collection:
        return rng.sample(documents, min(len(documents), rng.randint(3, 12)))

    def seeds_among_news() -> tuple[Collection, Callable[[Report], bool]]:
        return [*seeds, *rng.sample(news, 10)], lambda report: farm in members(report)

    def seeds_alone_among_news() -> tuple[Collection, Callable[[Report], bool]]:
        return [*seeds, *rng.sample(news, 10)], lambda report: members(report) == [farm]

    def machine_family() -> tuple[Collection, Callable[[Report], bool]]:
        family = rng.sample(rng.choice(families), rng.randint(3, 6))
        ids = {document.id for document in family}
        strangers = rng.sample(news, rng.randint(1, 6))
        return [*family, *strangers], lambda report: members(report) == [ids]

    lines: dict[str, Callable[[], tuple[Collection, Callable[[Report], bool]]]] = {
        "seeds and ten stories: the four are one family, joined by none": seeds_among_news,
        "seeds and ten stories: and there is no other family": seeds_alone_among_news,
        "machine family among news: exactly that family": machine_family,
        "unrelated news: no family": lambda: (some(news), silent),
        "formal prose: no family": lambda: (some(formal), silent),
        "students on one question: no family": lambda: (some(rng.choice(questions)), silent),
        "one event in several outlets: no family": lambda: (rng.choice(events), silent),
    }
    print(f"recycled.threshold {config.recycled.threshold}, {options.draws} draws, ", end="")
    print(f"seed {options.seed}, settings {config.digest()}")
    for name, draw in lines.items():
        print(f"{name:<66}{share(options.draws, config, draw):5.2f}")


if __name__ == "__main__":
    main()
