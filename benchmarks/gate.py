"""The gate: no figure of quality may fall below its floor.

    python -m benchmarks.gate [--corpora NAME ...]
    python -m benchmarks.gate --raise [FIGURE ...]

In: gate.json, which names for each corpus its sha256 and the floor of each figure. Out: one line a
figure, and exit code 1 if one lies below its floor, if a corpus is another one than the floors are
from, or if it cannot be had (unless it is optional there: then it is said not to be checked).

A figure is the least of all seeds. Floors only rise, by --raise, to what is measured, rounded down
to three digits; a corpus that is not in the file yet gets an entry. Nothing here lowers a floor:
that takes an edit of the file, which a diff shows.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.corpora import NAMES, CorpusError, add_options, chosen_names, fetching_of, load
from benchmarks.quality import measure
from benchmarks.truth import truth_of
from dupdetect.sketch.engine import KERNELS

FLOORS = Path(__file__).parent / "gate.json"

_DIGITS = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """The floors of one corpus.

    Attributes:
        sha256: of the corpus that the floors are from.
        floors: the least value of each figure.
        optional: not everyone can have this corpus; without it the gate may pass.
    """

    sha256: str
    floors: Mapping[str, float]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Floors:
    """The file of floors: what is measured, and how low it may be."""

    threshold: float
    seeds: tuple[int, ...]
    corpora: Mapping[str, Entry]

    @classmethod
    def read(cls, path: Path) -> Floors:
        """The floors of a file."""
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        corpora = {name: Entry(**entry) for name, entry in plain["corpora"].items()}
        return cls(plain["threshold"], tuple(plain["seeds"]), corpora)

    def written(self) -> str:
        """The file of these floors, names in order."""
        corpora = {
            name: {
                "sha256": entry.sha256,
                "optional": entry.optional,
                "floors": dict(sorted(entry.floors.items())),
            }
            for name, entry in sorted(self.corpora.items())
        }
        plain = {"threshold": self.threshold, "seeds": self.seeds, "corpora": corpora}
        return json.dumps(plain, indent=1) + "\n"


def failures(name: str, entry: Entry, sha256: str, figures: Mapping[str, float]) -> list[str]:
    """What is wrong with a corpus: another one, or figures below their floors.

    >>> failures("mails", Entry("5e", {"recall": 0.98}), "5e", {"recall": 0.97})
    ['mails: recall is 0.970000, below its floor 0.98']
    """
    if sha256 != entry.sha256:
        return [
            f"{name}: the corpus has the sha256 {sha256}, and its floors are from {entry.sha256}; "
            "rebuild the corpus, or take its entry out of the file and --raise it anew"
        ]
    return [
        f"{name}: {figure} was not measured, and has the floor {floor}"
        if figure not in figures
        else f"{name}: {figure} is {figures[figure]:.6f}, below its floor {floor}"
        for figure, floor in sorted(entry.floors.items())
        if not figures.get(figure, math.nan) >= floor
    ]


def raised(entry: Entry, figures: Mapping[str, float], chosen: Collection[str] = ()) -> Entry:
    """The entry with its floors as high as the figures, and none lower than it was.

    Args:
        entry: the floors so far.
        figures: what was measured.
        chosen: figures to raise; none: all.

    >>> raised(Entry("5e", {"recall": 0.98, "ari": 0.5}), {"recall": 0.97, "ari": 0.7119}).floors
    {'recall': 0.98, 'ari': 0.711}
    """
    higher = {
        figure: max(entry.floors.get(figure, 0.0), math.floor(value * _DIGITS) / _DIGITS)
        for figure, value in figures.items()
        if not chosen or figure in chosen
    }
    return replace(entry, floors={**entry.floors, **higher})


def least_figures(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The least of each figure over the seeds.

    >>> least_figures([{"recall": 0.99}, {"recall": 0.985}])
    {'recall': 0.985}
    """
    return {figure: min(run[figure] for run in runs) for figure in runs[0]}


def main() -> None:
    """Measures, prints a line a figure, and ends with 1 below a floor."""
    options = _parsed_options()
    floors = Floors.read(options.floors)
    entries = dict(floors.corpora)
    wrong: list[str] = []
    for name in options.corpora or (entries if options.raised is None else NAMES):
        try:
            corpus = load(name, fetching_of(options))
        except CorpusError as error:
            print(f"{name}: not checked: {error}", file=sys.stderr)
            if not (name in entries and entries[name].optional):
                wrong.append(f"{name}: not checked: {error}")
            continue
        if name not in entries and options.raised is None:
            wrong.append(f"{name}: there are no floors for it; --raise makes them")
            continue
        entry = entries.get(name, Entry(corpus.sha256, {}))
        if found := failures(name, replace(entry, floors={}), corpus.sha256, {}):
            wrong += found
            continue
        truth = truth_of(corpus, options.cache)
        runs = [
            measure(corpus, truth, floors.threshold, seed, options.kernel).figures()
            for seed in floors.seeds
        ]
        figures = least_figures(runs)
        _print_figures(name, entry, figures)
        wrong += failures(name, entry, corpus.sha256, figures)
        if options.raised is not None:
            entries[name] = raised(entry, figures, options.raised)
    if wrong:
        raise SystemExit("\n".join(["", "The gate is shut:", *wrong]))
    if options.raised is not None:
        options.floors.write_text(replace(floors, corpora=entries).written(), encoding="utf-8")
        print(f"{options.floors}: written")


def _parsed_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--corpora", nargs="+", default=[], metavar="NAME", help="default: those with floors"
    )
    parser.add_argument(
        "--raise", dest="raised", nargs="*", metavar="FIGURE", help="raise floors; default: all"
    )
    parser.add_argument("--floors", type=Path, default=FLOORS, help="the file of floors")
    parser.add_argument("--kernel", choices=KERNELS, default="auto")
    add_options(parser)
    options = parser.parse_args()
    if options.corpora:
        options.corpora = chosen_names(parser, options.corpora)
    return options


def _print_figures(name: str, entry: Entry, figures: Mapping[str, float]) -> None:
    for figure, value in sorted(figures.items()):
        floor = entry.floors.get(figure)
        print(f"{name:<9} {figure:<16} {value:.6f}  floor {'none' if floor is None else floor}")


if __name__ == "__main__":
    main()
