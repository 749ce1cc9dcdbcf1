"""What deduplication finds and removes, against the exact answer and against gold groups.

    python -m benchmarks.quality [--corpora NAME ...] [--threshold 0.8] [--seeds 1,2,3]

In: the corpora of benchmarks.corpora and their truth. Out: tables in Markdown on the standard
output, and all figures in results/quality.json.

Definitions. Exact copies are texts with the same words in the same order; they are folded, and
pairs are counted between the different texts that are left.

- recall: true pairs (exact Jaccard at or above the threshold) that were found and verified.
- precision: reported pairs, exact and near, that are true when counted anew by benchmarks.truth.
- pair F1: the harmonic mean of the two.
- kept by truth: documents that exact all-pairs would keep under the same rule: in order, a text is
  kept unless a kept one matches it directly.
- backed removals: removed documents of which a direct, reported match with the kept one is true.
- doubles left: true pairs of which both documents are kept.

Against gold groups a cluster is a kept document with all that it stands for; documents alone are
clusters of one, in the gold groups too, and documents without a label are left out.

- pair precision, recall, F1: over pairs in one cluster, and pairs in one gold group.
- B-cubed (Bagga and Baldwin 1998): for each document, the share of its cluster that is of its gold
  group, and the share of its gold group that is in its cluster, itself included; means over
  documents, F1 of the two means.
- ARI: adjusted Rand index (Hubert and Arabie 1985).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.corpora import (
    Corpus,
    CorpusError,
    add_options,
    chosen_names,
    fetching_of,
    load,
    summary,
    write_whole,
)
from benchmarks.truth import LEAST_JACCARD, Truth, truth_of
from dupdetect import Config, dedupe_texts
from dupdetect.config import NearDuplicateConfig
from dupdetect.match.banding import Banding, choose_banding
from dupdetect.match.candidates import lsh_pairs
from dupdetect.sketch import engine
from dupdetect.sketch.sketcher import Sketcher

RESULTS = Path(__file__).parent / "results" / "quality.json"
LEAST_RECALL = 0.98
THRESHOLD = 0.8
SEEDS = (1, 2, 3)
BIN_WIDTH = 0.05


class Answer(Protocol):
    """What is judged: a dupdetect Deduplication, or as much of one."""

    @property
    def keeper(self) -> NDArray[np.int64]:
        """The row that stands for each text; shape (n,)."""
        ...

    @property
    def pairs(self) -> NDArray[np.int64]:
        """Reported pairs of rows, i < j; shape (n_pairs, 2)."""
        ...

    @property
    def relations(self) -> Sequence[str]:
        """Of each pair, "exact" or "near-duplicate"."""
        ...

    @property
    def jaccard(self) -> NDArray[np.float64]:
        """Of each pair."""
        ...

    @property
    def containment_a(self) -> NDArray[np.float64]:
        """Of each pair."""
        ...

    @property
    def containment_b(self) -> NDArray[np.float64]:
        """Of each pair."""
        ...


@dataclass(frozen=True, slots=True)
class Scores:
    """How one answer stands against the exact truth: plain counts, and the shares made of them.

    Attributes:
        documents: texts in all.
        exact_copies: texts with the words of an earlier one.
        exact_found: of these, those reported as copies of the first with their words.
        true_pairs: near pairs at or above the threshold, exact copies folded.
        found_pairs: of these, those reported.
        reported_pairs: exact and near ones.
        false_pairs: of these, those that are not so.
        misstated_pairs: reported near pairs of which a score differs from the one counted anew.
        removed: documents removed.
        backed: of these, those with a direct, true, reported match with the kept one they name.
        kept_by_truth: documents that exact all-pairs would keep under the same rule.
        doubles_left: true pairs, exact or near, of which both documents are kept.
    """

    documents: int
    exact_copies: int
    exact_found: int
    true_pairs: int
    found_pairs: int
    reported_pairs: int
    false_pairs: int
    misstated_pairs: int
    removed: int
    backed: int
    kept_by_truth: int
    doubles_left: int

    @property
    def kept(self) -> int:
        """Documents kept."""
        return self.documents - self.removed

    @property
    def exact_recall(self) -> float:
        """Share of exact copies that were reported, in [0, 1]."""
        return share(self.exact_found, self.exact_copies)

    @property
    def recall(self) -> float:
        """Share of true near pairs that were reported, in [0, 1]."""
        return share(self.found_pairs, self.true_pairs)

    @property
    def precision(self) -> float:
        """Share of reported pairs that are so, in [0, 1]."""
        return share(self.reported_pairs - self.false_pairs, self.reported_pairs)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]."""
        return harmonic_mean(self.precision, self.recall)

    @property
    def backed_removals(self) -> float:
        """Share of removed documents with a direct, true match with a kept one, in [0, 1]."""
        return share(self.backed, self.removed)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How clusters agree with gold groups: all in [0, 1], but ari, which is at most 1."""

    documents: int
    groups: int
    clusters: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    ari: float


@dataclass(frozen=True, slots=True)
class Bin:
    """True pairs of one range of similarity, over all seeds.

    Attributes:
        low: least similarity; high: the end of the range, excluded unless it is 1.
        high: see low.
        pairs: true pairs in it, of one seed.
        promised: mean of 1 - (1 - s**rows) ** bands over them; None: there are none.
        proposed: share that agreed in a band of the rows; None: there are none.
        verified: share of those at or above the threshold that was reported; None: there are none.
    """

    low: float
    high: float
    pairs: int
    promised: float | None
    proposed: float | None
    verified: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """One corpus deduplicated with one seed.

    Attributes:
        seed: of the MinHash permutations.
        kernel: which one ran.
        scores: against the exact truth.
        agreement: with the gold groups; None: the corpus has none.
        counts: what dedupe says it did and left out.
        reported: which pairs of the truth were reported; shape (n_pairs,).
    """

    seed: int
    kernel: str
    scores: Scores
    agreement: Agreement | None
    counts: dict[str, int]
    reported: NDArray[np.bool_]

    def figures(self) -> dict[str, float]:
        """The figures that a floor can be put under: higher is better."""
        found = {
            name: getattr(self.scores, name)
            for name in ("exact_recall", "recall", "precision", "f1", "backed_removals")
        }
        found["stated_scores"] = 1 - share(self.scores.misstated_pairs, self.scores.reported_pairs)
        if self.agreement is not None:
            names = ("pair_f1", "bcubed_f1", "ari")
            found |= {f"gold_{name}": getattr(self.agreement, name) for name in names}
        return found


def measure(
    corpus: Corpus, truth: Truth, threshold: float, seed: int, kernel: engine.Kernel = "auto"
) -> Run:
    """Deduplicates a corpus, and checks the whole answer."""
    answer = dedupe_texts(corpus.texts, settings(threshold, seed), keep="first", kernel=kernel)
    return Run(
        seed=seed,
        kernel=answer.kernel,
        scores=score(answer, truth, threshold),
        agreement=agreement(answer.keeper, corpus.labels),
        counts={name: int(count) for name, count in sorted(answer.counts.items())},
        reported=reported(answer, truth),
    )


def settings(threshold: float, seed: int) -> Config:
    """The settings of dedupe, with this threshold and seed."""
    return Config(seed=seed, near_duplicate=NearDuplicateConfig(threshold=threshold))


# Against the exact truth


def score(answer: Answer, truth: Truth, threshold: float) -> Scores:
    """Holds every reported pair and every removal against the truth."""
    rows = np.arange(len(truth.first))
    is_exact = np.array([relation == "exact" for relation in answer.relations], dtype=np.bool_)
    exact, near = answer.pairs[is_exact], answer.pairs[~is_exact]
    copies = np.flatnonzero(truth.first != rows)
    expected = np.stack([truth.first[copies], copies], axis=1)
    counted = truth.scores(near)
    stated = np.stack([answer.jaccard, answer.containment_a, answer.containment_b], axis=1)
    n_false_exact = (truth.first[exact[:, 0]] != truth.first[exact[:, 1]]).sum()
    is_true = truth.jaccard >= threshold
    kept = answer.keeper == rows
    return Scores(
        documents=len(rows),
        exact_copies=len(copies),
        exact_found=int(np.isin(pack(expected), pack(exact)).sum()),
        true_pairs=int(is_true.sum()),
        found_pairs=int((is_true & reported(answer, truth)).sum()),
        reported_pairs=len(answer.pairs),
        false_pairs=int(n_false_exact + (counted[:, 0] < threshold).sum()),
        misstated_pairs=int((counted != stated[~is_exact]).any(axis=1).sum()),
        removed=int((~kept).sum()),
        backed=int(backed(answer, truth, threshold).sum()),
        kept_by_truth=int(kept_by_truth(truth, threshold).sum()),
        doubles_left=doubles_left(kept, truth, threshold),
    )


def reported(answer: Answer, truth: Truth) -> NDArray[np.bool_]:
    """Which pairs of the truth were reported, by any of the texts with the same words."""
    near = np.array([relation != "exact" for relation in answer.relations], dtype=np.bool_)
    folded = np.sort(truth.first[answer.pairs[near]], axis=1)
    return np.isin(pack(truth.pairs), pack(folded))


def backed(answer: Answer, truth: Truth, threshold: float) -> NDArray[np.bool_]:
    """Which removed documents have a direct match with the kept one they name; shape (n_removed,).

    It has the same words, or it was reported as a pair (or the texts with the same words were) and
    is one when counted anew.
    """
    removed = np.flatnonzero(answer.keeper != np.arange(len(answer.keeper)))
    keeper = answer.keeper[removed]
    pairs = np.stack([removed, keeper], axis=1)
    folded = np.sort(truth.first[pairs], axis=1)
    was_reported = np.isin(pack(folded), pack(np.sort(truth.first[answer.pairs], axis=1)))
    is_near = was_reported & (truth.scores(pairs)[:, 0] >= threshold)
    is_backed: NDArray[np.bool_] = (answer.keeper[keeper] == keeper) & (
        is_near | (folded[:, 0] == folded[:, 1])
    )
    return is_backed


def kept_by_truth(truth: Truth, threshold: float) -> NDArray[np.bool_]:
    """What exact all-pairs would keep: a text unless a kept one before it matches it directly."""
    kept: NDArray[np.bool_] = truth.first == np.arange(len(truth.first))
    pairs = truth.pairs[truth.jaccard >= threshold]
    # By the later document: what comes before it is decided when its turn comes.
    for earlier, later in pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))].tolist():
        if kept[earlier]:
            kept[later] = False
    return kept


def doubles_left(kept: NDArray[np.bool_], truth: Truth, threshold: float) -> int:
    """How many true pairs, exact or near, are kept on both sides; exact ones as (first, copy)."""
    originals = truth.first[kept]
    is_kept = np.zeros(len(kept), dtype=np.bool_)
    is_kept[originals] = True
    near = is_kept[truth.pairs].all(axis=1) & (truth.jaccard >= threshold)
    return len(originals) - int(is_kept.sum()) + int(near.sum())


def pack(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each pair of rows; rows below 2**31."""
    packed: NDArray[np.int64] = (pairs[:, 0] << 31) + pairs[:, 1]
    return packed


# Against gold groups


def agreement(
    clusters: Sequence[int] | NDArray[np.int64], labels: Sequence[str | None]
) -> Agreement | None:
    """How clusters agree with gold groups, over the documents with a label; None: there are none.

    >>> found = agreement([0, 0, 2, 2], ["a", "a", "a", "b"])
    >>> found.pair_precision, found.bcubed_precision, round(found.bcubed_recall, 3), found.ari
    (0.5, 0.75, 0.667, 0.0)
    """
    numbers: dict[str, int] = {}
    judged = np.array([row for row, label in enumerate(labels) if label is not None], dtype=int)
    gold = np.array(
        [numbers.setdefault(label, len(numbers)) for label in labels if label is not None]
    )
    if not len(judged):
        return None
    cells = np.stack([np.asarray(clusters)[judged], gold])
    both = np.unique(cells, axis=1, return_inverse=True, return_counts=True)
    in_both = both[2][both[1].ravel()]
    in_cluster, n_clusters = _group_sizes(cells[0])
    in_group, n_groups = _group_sizes(cells[1])

    # Pairs twice over: each document with the others of its cluster, group, or both.
    n_both, n_cluster, n_group = (int((each - 1).sum()) for each in (in_both, in_cluster, in_group))
    n_pairs = len(judged) * (len(judged) - 1)
    expected = n_cluster * n_group / max(n_pairs, 1)
    most = (n_cluster + n_group) / 2
    pair_precision, pair_recall = share(n_both, n_cluster), share(n_both, n_group)
    bcubed_precision = float((in_both / in_cluster).mean())
    bcubed_recall = float((in_both / in_group).mean())
    return Agreement(
        documents=len(judged),
        groups=n_groups,
        clusters=n_clusters,
        pair_precision=pair_precision,
        pair_recall=pair_recall,
        pair_f1=harmonic_mean(pair_precision, pair_recall),
        bcubed_precision=bcubed_precision,
        bcubed_recall=bcubed_recall,
        bcubed_f1=harmonic_mean(bcubed_precision, bcubed_recall),
        ari=1.0 if most == expected else (n_both - expected) / (most - expected),
    )


def _group_sizes(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The size of the group of each member, and how many groups there are."""
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return sizes[place], len(sizes)


def share(part: int, whole: int) -> float:
    """A part of a whole, in [0, 1]; all of nothing is 1."""
    return part / whole if whole else 1.0


def harmonic_mean(one: float, other: float) -> float:
    """Of two shares; 0 if both are 0."""
    return 2 * one * other / (one + other) if one + other else 0.0


# Recall by similarity


def proposed(
    corpus: Corpus, truth: Truth, threshold: float, seed: int, kernel: engine.Kernel = "auto"
) -> NDArray[np.bool_]:
    """Which pairs of the truth agree in a band of their MinHash rows, whatever their similarity."""
    config = settings(threshold, seed)
    originals = np.unique(truth.first)
    texts = [corpus.records[row].text for row in originals.tolist()]
    loaded = engine.load(kernel, sum(map(len, texts)))
    rows = Sketcher(config, loaded).sketch(texts).rows
    return np.isin(pack(truth.pairs), pack(originals[lsh_pairs(rows, banding_of(config))]))


def banding_of(config: Config) -> Banding:
    """The bands that dedupe chooses with these settings."""
    near = config.near_duplicate
    return choose_banding(near.threshold, near.recall, near.num_perm)


def recall_curve(
    truth: Truth,
    banding: Banding,
    threshold: float,
    proposals: Sequence[NDArray[np.bool_]],
    reports: Sequence[NDArray[np.bool_]],
) -> tuple[Bin, ...]:
    """Recall in each range of similarity.

    Args:
        truth: the true pairs.
        banding: what promises the recall.
        threshold: pairs below it are proposed, and never reported.
        proposals: for each seed, which true pairs were proposed.
        reports: for each seed, which true pairs were reported.
    """
    n_bins = round((1 - LEAST_JACCARD) / BIN_WIDTH)
    edges = np.round(LEAST_JACCARD + BIN_WIDTH * np.arange(n_bins + 1), 10)
    bin_of = np.minimum(np.searchsorted(edges, truth.jaccard, side="right") - 1, n_bins - 1)
    was_proposed, was_reported = np.mean(proposals, axis=0), np.mean(reports, axis=0)
    promised = np.array([banding.expected_recall(each) for each in truth.jaccard.tolist()])
    is_true = truth.jaccard >= threshold
    return tuple(
        Bin(
            low=float(edges[number]),
            high=float(edges[number + 1]),
            pairs=int((bin_of == number).sum()),
            promised=_mean(promised[bin_of == number]),
            proposed=_mean(was_proposed[bin_of == number]),
            verified=_mean(was_reported[is_true & (bin_of == number)]),
        )
        for number in range(n_bins)
    )


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(values.mean()) if len(values) else None


# Tables


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; shares with four digits, None as a dash.

    >>> print(table(["corpus", "recall"], [["mails", 0.98765], ["none", None]]))
    | corpus | recall |
    |---|---:|
    | mails | 0.9876 |
    | none | - |
    """
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    shown = ["| " + " | ".join(map(_shown, row)) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(lines[0]) + " |", "|" + "|".join(lines[1]) + "|", *shown])


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        # Cut, not rounded: only what is whole is shown as 1.0000.
        return f"{np.floor(value * 10_000) / 10_000:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def truth_table(runs: Sequence[tuple[str, Run]]) -> str:
    """One line for each corpus and seed: against the exact truth."""
    head = "corpus, seed|documents|exact copies|found|near pairs|recall|precision|pair F1|kept"
    head += "|kept by truth|backed removals|doubles left"
    return table(
        head.split("|"),
        [
            (
                *(f"{name}, {run.seed}", each.documents, each.exact_copies, each.exact_recall),
                *(each.true_pairs, each.recall, each.precision, each.f1, each.kept),
                *(each.kept_by_truth, each.backed_removals, each.doubles_left),
            )
            for name, run in runs
            for each in (run.scores,)
        ],
    )


def gold_table(runs: Sequence[tuple[str, Run]]) -> str:
    """One line for each corpus and seed: against the gold groups."""
    head = "corpus, seed|labelled|gold groups|clusters|pair P|pair R|pair F1|B-cubed P|B-cubed R"
    head += "|B-cubed F1|ARI"
    return table(
        head.split("|"),
        [
            (f"{name}, {run.seed}", *asdict(run.agreement).values())
            for name, run in runs
            if run.agreement is not None
        ],
    )


def curve_table(name: str, curve: Sequence[Bin]) -> str:
    """One line for each range of similarity."""
    return table(
        [f"{name}: similarity", "pairs", "promised", "proposed", "verified"],
        [
            (f"{each.low:.2f} to {each.high:.2f}", each.pairs, *shares)
            for each in curve
            for shares in [(each.promised, each.proposed, each.verified)]
        ],
    )


def faults(name: str, run: Run) -> list[str]:
    """What must not be, on any corpus."""
    found = []
    scores = run.scores
    if scores.recall < LEAST_RECALL:
        found.append(f"recall is {scores.recall:.4f}, below {LEAST_RECALL}")
    if scores.exact_recall < 1:
        found.append(f"{scores.exact_copies - scores.exact_found} exact copies were missed")
    if scores.false_pairs:
        found.append(f"{scores.false_pairs} reported pairs are false")
    if scores.misstated_pairs:
        found.append(f"{scores.misstated_pairs} pairs have scores that are not so")
    if scores.backed < scores.removed:
        found.append(
            f"{scores.removed - scores.backed} removals have no direct match with a kept one"
        )
    if name == "scripts" and run.agreement is not None and run.agreement.ari < 1:
        found.append("the made texts are not grouped as they were made")
    return [f"{name}, seed {run.seed}: {fault}" for fault in found]


def main() -> None:
    """Measures, prints the tables, saves the figures; ends with 1 if something must not be."""
    options = _parsed_options()
    fetching = fetching_of(options)
    lines: list[tuple[str, Run]] = []
    curves: dict[str, tuple[Bin, ...]] = {}
    corpora: dict[str, str] = {}
    banding = banding_of(settings(options.threshold, options.seeds[0]))
    for name in options.corpora:
        try:
            corpus = load(name, fetching)
        except CorpusError as error:
            corpora[name] = f"missing: {error}"
            print(f"{name} is missing: {error}", file=sys.stderr)
            continue
        print(summary(corpus), file=sys.stderr, flush=True)
        corpora[name] = corpus.sha256
        truth = truth_of(corpus, options.cache)
        arguments = [
            (corpus, truth, options.threshold, seed, options.kernel) for seed in options.seeds
        ]
        runs = [measure(*each) for each in arguments]
        lines += [(name, run) for run in runs]
        proposals = [proposed(*each) for each in arguments]
        reports = [run.reported for run in runs]
        curves[name] = recall_curve(truth, banding, options.threshold, proposals, reports)
    _print_tables(lines, curves, banding, options.threshold)
    write_whole(options.output, _as_json(lines, curves, corpora, options))
    if found := [fault for name, run in lines for fault in faults(name, run)]:
        raise SystemExit("\n".join(found))


def _parsed_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpora", nargs="+", default=[], metavar="NAME", help="default: all")
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--seeds", type=seeds_of, default=SEEDS, help="such as 1,2,3")
    parser.add_argument("--kernel", choices=engine.KERNELS, default="auto")
    parser.add_argument("--output", type=Path, default=RESULTS, help="all figures, as JSON")
    add_options(parser)
    options = parser.parse_args()
    options.corpora = chosen_names(parser, options.corpora)
    if not LEAST_JACCARD <= options.threshold <= 1:
        parser.error(f"--threshold is {options.threshold}; allowed: {LEAST_JACCARD} to 1")
    return options


def seeds_of(text: str) -> tuple[int, ...]:
    """Seeds as written on the command line.

    >>> seeds_of("1,2,3")
    (1, 2, 3)
    """
    return tuple(map(int, text.split(",")))


def _print_tables(
    lines: Sequence[tuple[str, Run]],
    curves: dict[str, tuple[Bin, ...]],
    banding: Banding,
    threshold: float,
) -> None:
    print(f"Threshold {threshold}, {banding.bands} bands of {banding.rows} rows.")
    print(f"\n{truth_table(lines)}")
    print(f"\n{gold_table(lines)}")
    for name, curve in curves.items():
        print(f"\n{curve_table(name, curve)}")
    left_out = {
        f"{name}, {run.seed}": {key: count for key, count in run.counts.items() if "hot" in key}
        for name, run in lines
        if any("hot" in key and count for key, count in run.counts.items())
    }
    print(f"\nHot buckets: {left_out or 'none'}")


def _as_json(
    lines: Sequence[tuple[str, Run]],
    curves: dict[str, tuple[Bin, ...]],
    corpora: dict[str, str],
    options: argparse.Namespace,
) -> bytes:
    content = {
        "threshold": options.threshold,
        "seeds": options.seeds,
        "machine": machine.described(),
        "versions": machine.versions(("numpy", "scipy", "numba", "ftfy")),
        "corpora": corpora,
        "runs": [
            {
                "corpus": name,
                "seed": run.seed,
                "kernel": run.kernel,
                "figures": run.figures(),
                "scores": asdict(run.scores),
                "gold": None if run.agreement is None else asdict(run.agreement),
                "counts": run.counts,
            }
            for name, run in lines
        ],
        "recall_by_similarity": {
            name: [asdict(each) for each in curve] for name, curve in curves.items()
        },
    }
    return json.dumps(content, indent=1).encode() + b"\n"


if __name__ == "__main__":
    main()
