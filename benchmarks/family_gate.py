"""The gate of the recycled lens: families and passages may not get worse.

    python -m benchmarks.family_gate --data DIR

In: family_gate.json, which holds the floor of each figure. Out: one line a figure, and exit code 1
if one lies below its floor. DIR holds the labelled collections (benchmarks/families.py) and PAN
2013 (benchmarks/passages.py); both check the sha256 of what they read.

Floors lie below what was measured by about what another seed of the draws moves a figure. They are
lowered by hand alone, which a diff shows.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.families import judge
from benchmarks.family_draws import KINDS, draw_corpora, load_labelled
from benchmarks.family_rivals import ours
from benchmarks.passages import PAN13, detected, packed, pan_corpus, prepared
from benchmarks.plagdet import Case, macro
from dupdetect import Config

FLOORS = Path(__file__).parent / "family_gate.json"


def figures(data: Path, n_draws: int, n_pairs: int, seed: int) -> Iterator[tuple[str, float]]:
    """Each figure with its name: families exactly right by kind, and macro plagdet.

    Args:
        data: folder of the labelled collections.
        n_draws: collections drawn of each kind.
        n_pairs: pairs of texts of each class of PAN 2013.
        seed: of the draws.
    """
    texts = load_labelled(data)
    for kind in KINDS:
        judged = judge(kind, draw_corpora(kind, texts, n_draws, seed), [ours(Config())])
        yield f"exactly right: {kind}", judged.exact["dupdetect"].value
    yield "macro plagdet", _plagdet(data, n_pairs, seed)


def _plagdet(data: Path, n_pairs: int, seed: int) -> float:
    corpus = pan_corpus(packed(data, PAN13))
    rng = random.Random(seed)
    there: list[Case] = []
    found: list[Case] = []
    for _, pairs in sorted(corpus.classes.items()):
        chosen = sorted(rng.sample(sorted(pairs), n_pairs))
        ready = prepared(corpus, {each for pair in chosen for each in pair})
        there += [case for pair in chosen for case in pairs[pair]]
        found += [case for a, b in chosen for case in detected(ready[a], ready[b])]
    return macro(there, found).plagdet


def failures(measured: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """Figures below their floors, and floors without a figure.

    >>> failures({"a": 0.8}, {"a": 0.9})
    ['a is 0.800, below its floor 0.9']
    """
    return [
        f"{name} was not measured"
        if name not in measured
        else f"{name} is {measured[name]:.3f}, below its floor {floor}"
        for name, floor in sorted(floors.items())
        if not measured.get(name, -1.0) >= floor
    ]


def main() -> None:
    """Measures, prints a line a figure, and ends with 1 below a floor."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled collections")
    options = parser.parse_args()
    gate = json.loads(FLOORS.read_text(encoding="utf-8"))
    measured: dict[str, float] = {}
    for name, value in figures(options.data, gate["draws"], gate["pairs"], gate["seed"]):
        measured[name] = value
        print(f"{name:<36}{value:.3f}  floor {gate['floors'].get(name, 'none')}", flush=True)
    if wrong := failures(measured, gate["floors"]):
        raise SystemExit("\n".join(["", "The gate is shut:", *wrong]))


if __name__ == "__main__":
    main()
