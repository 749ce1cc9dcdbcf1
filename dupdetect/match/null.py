"""Nulls: how much honest, independent writing on one subject has in common.

In: texts that honest people wrote independently, several on each subject. Out: a table of quantiles
from which p-values are read. A table holds numbers only, never texts, and names its sources.

* The p-value of a **pair** is the share of pairs of independent texts on one subject that score as
  high or higher.
* The p-value of a **family** of k members is the share of honest collections of n texts on one
  subject in which linkage finds a group of k or more members with as much evidence; n is the number
  of documents at hand that are on the family's subject. Groups are sought in the null as they are
  sought in the collection, so that the choice of the best group is paid for.

A null has strata, such as reports of one event, answers to one question, web pages on one subject,
papers of one field: nobody knows which of them a collection is like, so the largest p-value counts.
Beyond the last quantile the tail goes on as an exponential, whose scale is the mean excess over
the 0.9 quantile.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dupdetect.errors import ConfigError
from dupdetect.match.background import ENGLISH, Background
from dupdetect.match.linkage import candidates
from dupdetect.match.overlap import Wording, overlaps, score_blocks

#: Upper tails at which quantiles are kept.
TAILS = (0.9, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002)
#: Sizes of collections for which the evidence of their groups is kept.
SIZES = (3, 6, 12, 25, 50, 100)
#: Sizes of groups from which on they are held against larger ones only.
MEMBERS = (2, 3, 4, 6, 9)
#: Collections drawn of each size.
DRAWS = 1000
# A quantile is kept if so many draws or pairs lie beyond it.
_LEAST_BEYOND = 4
# The scale of the tail is the mean excess over this tail's quantile, and no less than this.
_SCALE_FROM, _LEAST_SCALE = 0.1, 0.05
# Pairs of a stratum that are looked at.
_MAX_PAIRS = 20_000
_VERSION = 2
# The tail is followed to so many times what its values resolve: in a large run, where many groups
# are tested, only what lies beyond the values can be decided.
_BEYOND_N = 1000


@dataclass(frozen=True, slots=True)
class Tail:
    """The upper tail of a distribution: `values[i]` is reached with probability `tails[i]`.

    Attributes:
        tails: probabilities, descending.
        values: the quantiles, ascending.
        scale: how far beyond the last one the probability falls to 1/e of it.
        n: different pairs or collections that it was measured on.
    """

    tails: tuple[float, ...]
    values: tuple[float, ...]
    scale: float
    n: int

    def p(self, value: float) -> float:
        """The probability of so much or more, in (0, 1].

        Never less than a thousandth of what n values resolve; where none was seen, what they do.

        >>> tail = Tail((0.9, 0.1, 0.01), (0.0, 1.0, 2.0), 0.5, n=400)
        >>> [round(tail.p(value), 4) for value in (-1.0, 1.0, 1.5, 3.0)]
        [1.0, 0.1, 0.0316, 0.0014]
        """
        if not self.values:
            return 1 / (self.n + 1)
        if value < self.values[0]:
            return 1.0 if self.tails[0] == max(TAILS) else self.tails[0]
        if value <= self.values[-1]:
            return float(math.exp(np.interp(value, self.values, np.log(self.tails))))
        beyond = (value - self.values[-1]) / self.scale
        return max(1 / (_BEYOND_N * self.n), self.tails[-1] * math.exp(-beyond))


def tail_of(values: Sequence[float], n: int | None = None) -> Tail:
    """The upper tail of a sample, at those of TAILS that it has enough values for.

    Args:
        values: the sample.
        n: how many of them are independent; None: all.

    >>> round(tail_of([float(value) for value in range(100)]).p(90.0), 9)
    0.1
    """
    ordered = np.sort(np.array(values, dtype=np.float64))
    kept: dict[float, float] = {}
    for tail in TAILS:
        beyond = int(tail * len(ordered) + 1e-9)
        if beyond >= _LEAST_BEYOND:
            # Of equal quantiles the smaller probability would be wrong below them.
            kept.setdefault(round(float(ordered[len(ordered) - beyond]), 4), tail)
    finite = {value: tail for value, tail in kept.items() if math.isfinite(value)}
    real = ordered[np.isfinite(ordered)]
    upper = real[-max(1, int(_SCALE_FROM * len(ordered))) :]
    excess = float((upper - upper[0]).mean()) if len(upper) else 0.0
    scale = round(max(excess, _LEAST_SCALE), 4)
    return Tail(tuple(finite.values()), tuple(finite), scale, len(values) if n is None else n)


@dataclass(frozen=True, slots=True)
class Stratum:
    """One kind of honest writing.

    Attributes:
        name: what it is, for a reader.
        n_documents: texts it was measured on.
        n_pairs: pairs on one subject that were measured.
        rate: own words a token that such a pair shares, median.
        pairs: of their scores.
        groups: of the strongest evidence in collections: by the size of the collection, and by the
            least number of members of the group.
    """

    name: str
    n_documents: int
    n_pairs: int
    rate: float
    pairs: Tail
    groups: Mapping[int, Mapping[int, Tail]]

    def family_p(self, evidence: float, n_members: int, n_on_subject: int) -> float:
        """The p-value of a group of so many members, found among so many texts on its subject.

        Between two sizes of the table the larger counts. A group is never rarer among more texts,
        whatever the scatter of the draws. Beyond the largest size, a collection counts as several,
        each of which may hold such a group by chance.
        """
        sizes = sorted(self.groups)
        reached = sizes[: bisect_left(sizes, n_on_subject) + 1]
        alone = max(self._p(evidence, n_members, size) for size in reached)
        if n_on_subject <= sizes[-1] or alone >= 1.0:
            return alone
        rounds = n_on_subject / sizes[-1]
        several = float(-np.expm1(np.log1p(-min(alone, 1 - 1e-12)) * rounds))
        return min(1.0, max(alone, several))  # rounding must not make it rarer

    def _p(self, evidence: float, n_members: int, size: int) -> float:
        """In collections of one size.

        A group of k members is one of k - 1 or more, too, so the least of those p-values holds.
        """
        tails = self.groups[size]
        asked = [least for least in tails if least <= max(n_members, min(tails))]
        return min(tails[least].p(evidence) for least in asked)


@dataclass(frozen=True, slots=True)
class Null:
    """How much honest writing has in common; see the module.

    Attributes:
        name: for a reader.
        sha256: of its table; names it in every report.
        expected_rate: own words a token that independent texts on one subject share.
        strata: the kinds of honest writing it holds.
        sources: what it was measured on, each with the sha256 of its file.
        background: how common words are.
        script: the script of the texts it holds for: "LATIN", "EAST ASIAN", ...
    """

    name: str
    sha256: str
    expected_rate: float
    strata: tuple[Stratum, ...]
    sources: Mapping[str, str]
    background: Background = field(default=ENGLISH, compare=False)
    script: str = "LATIN"

    @property
    def is_english(self) -> bool:
        """Whether it holds for English alone."""
        return self.background is ENGLISH

    def pair_p(self, score: float) -> float:
        """The p-value of a pair: the largest over the strata."""
        return max(stratum.pairs.p(score) for stratum in self.strata)

    def family_p(self, evidence: float, n_members: int, n_on_subject: int) -> float:
        """The p-value of a group of so many members among so many texts on its subject.

        The largest over the strata whose collections could hold such a group: three reports of each
        event say nothing of five texts. If there is none, over those with the largest collections.
        """
        largest = [max(stratum.groups) for stratum in self.strata]
        needed = min(n_members, max(largest))
        return max(
            stratum.family_p(evidence, n_members, n_on_subject)
            for stratum, size in zip(self.strata, largest, strict=True)
            if size >= needed
        )

    def to_dict(self) -> dict[str, Any]:
        """The table as plain data, without its hash."""
        return {
            "version": _VERSION,
            "name": self.name,
            "script": self.script,
            "background": self.background.name,
            "expected_rate": self.expected_rate,
            "sources": dict(self.sources),
            "strata": [
                {
                    "name": stratum.name,
                    "n_documents": stratum.n_documents,
                    "n_pairs": stratum.n_pairs,
                    "rate": stratum.rate,
                    "pairs": _plain(stratum.pairs),
                    "groups": {
                        str(size): {str(least): _plain(tail) for least, tail in tails.items()}
                        for size, tails in stratum.groups.items()
                    },
                }
                for stratum in self.strata
            ],
        }


def _plain(tail: Tail) -> dict[str, Any]:
    return {
        "tails": list(tail.tails),
        "values": list(tail.values),
        "scale": tail.scale,
        "n": tail.n,
    }


def hashed(table: Mapping[str, Any]) -> str:
    """The sha256 of a table, whatever its white space."""
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def shipped() -> Null:
    """The null that comes with the package: English, four kinds of honest writing.

    >>> shipped().is_english
    True
    """
    return from_json((files("dupdetect") / "match" / "null.json").read_text("utf-8"), "null.json")


def from_json(text: str, source: str) -> Null:
    """A null from its table as JSON, such as `python -m benchmarks.calibrate` writes it.

    Raises:
        ConfigError: it is no such table.
    """
    try:
        table = json.loads(text)
        strata = tuple(
            Stratum(
                name=str(each["name"]),
                n_documents=int(each["n_documents"]),
                n_pairs=int(each["n_pairs"]),
                rate=float(each["rate"]),
                pairs=_tail(each["pairs"]),
                groups={
                    int(size): {int(least): _tail(tail) for least, tail in tails.items()}
                    for size, tails in each["groups"].items()
                },
            )
            for each in table["strata"]
        )
        if table["version"] != _VERSION or table["background"] != ENGLISH.name or not strata:
            raise ValueError("another version or background")
        if not all(
            each.groups and min(each.groups) > 0 and all(each.groups.values()) for each in strata
        ):
            raise ValueError("a kind of writing without groups")
        return Null(
            name=str(table["name"]),
            sha256=hashed(table),
            expected_rate=float(table["expected_rate"]),
            strata=strata,
            sources=dict(table["sources"]),
            script=str(table["script"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ConfigError(
            [
                f"{source} is no null table of version {_VERSION} ({error!r}); make one with "
                "python -m benchmarks.calibrate"
            ]
        ) from None


def _tail(plain: Mapping[str, Any]) -> Tail:
    tails = tuple(float(tail) for tail in plain["tails"])
    values = tuple(float(value) for value in plain["values"])
    scale, n = float(plain["scale"]), int(plain["n"])
    ordered = list(values) == sorted(values) and list(tails) == sorted(tails, reverse=True)
    if not ordered or len(tails) != len(values) or not scale > 0 or n < 1:
        raise ValueError("quantiles out of order")
    if not all(0 < tail <= 1 for tail in tails) or not all(map(math.isfinite, (*values, scale))):
        raise ValueError("quantiles out of range")
    return Tail(tails, values, scale, n)


def fit(
    name: str,
    strata: Mapping[str, Sequence[Sequence[int]]],
    wording: Wording,
    sources: Mapping[str, str],
    *,
    join: float,
    spread: float,
    background: Background = ENGLISH,
    script: str = "LATIN",
    seed: int = 1,
) -> Null:
    """A null, measured on honest texts.

    Args:
        name: for a reader.
        strata: for each kind of writing, its subjects: rows of texts that honest people wrote
            independently on one subject. A text may stand in several subjects.
        wording: of the texts.
        sources: what the texts are, with the sha256 of each file.
        join: as in `candidates`.
        spread: as in `candidates`.
        background: how common words are.
        script: the script of the texts.
        seed: of the draws.

    Raises:
        ConfigError: a kind has no subject of three texts, from which groups could be drawn.
    """
    _check_subjects(strata)
    pairs = {kind: _pairs(subjects, seed) for kind, subjects in strata.items()}
    rates = {
        kind: float(np.median(found.shared_words / found.expected_words))
        for kind, rows in pairs.items()
        for found in [overlaps(rows, wording, 1.0)]
    }
    expected_rate = round(float(np.median(list(rates.values()))), 5)
    made = tuple(
        Stratum(
            name=kind,
            n_documents=len({row for subject in subjects for row in subject}),
            n_pairs=len(pairs[kind]),
            rate=round(rates[kind], 5),
            pairs=tail_of(overlaps(pairs[kind], wording, expected_rate).scores.tolist()),
            groups=_groups(subjects, wording, expected_rate, join, spread, seed),
        )
        for kind, subjects in strata.items()
    )
    null = Null(name, "", expected_rate, made, sources, background, script)
    return Null(name, hashed(null.to_dict()), expected_rate, made, sources, background, script)


def _check_subjects(strata: Mapping[str, Sequence[Sequence[int]]]) -> None:
    faults = [
        f"{kind}: the most texts on one subject are {most}; allowed: {SIZES[0]} or more; add texts"
        for kind, subjects in strata.items()
        for most in [max(map(len, subjects), default=0)]
        if most < SIZES[0]
    ]
    if faults or not strata:
        raise ConfigError(faults or ["strata is empty; give at least one kind of writing"])


def _pairs(subjects: Sequence[Sequence[int]], seed: int) -> NDArray[np.int64]:
    found = {pair for subject in subjects for pair in combinations(sorted(subject), 2)}
    ordered = sorted(found)
    if len(ordered) > _MAX_PAIRS:
        ordered = random.Random(seed).sample(ordered, _MAX_PAIRS)
    return np.array(ordered, dtype=np.int64).reshape(-1, 2)


def _groups(
    subjects: Sequence[Sequence[int]],
    wording: Wording,
    expected_rate: float,
    join: float,
    spread: float,
    seed: int,
) -> dict[int, dict[int, Tail]]:
    """The strongest evidence of groups of each size in drawn collections of each size."""
    rng = random.Random(seed)
    tails: dict[int, dict[int, Tail]] = {}
    for size in SIZES:
        # Sorted: the order of the subjects must not change what is drawn.
        large_enough = sorted(sorted(subject) for subject in subjects if len(subject) >= size)
        if not large_enough:
            continue
        best: dict[int, list[float]] = {least: [] for least in MEMBERS if least <= size}
        drawn = set()
        for _ in range(DRAWS):
            rows = tuple(sorted(rng.sample(rng.choice(large_enough), size)))
            drawn.add(rows)
            table = score_table(np.array(rows, dtype=np.int64), wording, expected_rate)
            found = list(candidates(table, join, spread))
            for least, values in best.items():
                evidence = (each.evidence for each in found if len(each.members) >= least)
                values.append(max(evidence, default=-math.inf))
        tails[size] = {least: tail_of(values, len(drawn)) for least, values in best.items()}
    return tails


def score_table(
    rows: NDArray[np.int64], wording: Wording, expected_rate: float
) -> NDArray[np.float64]:
    """The scores of some texts, all with all; shape (n_rows, n_rows), 0 on the diagonal."""
    table = np.zeros((len(rows), len(rows)))
    for first, scores in score_blocks(wording, rows, expected_rate):
        table[first : first + len(scores)] = scores
    np.fill_diagonal(table, 0.0)
    return table
