"""Families in small collections of real texts: found where they are, and nowhere else.

    python -m benchmarks.families --data DIR [--draws 100] [--seed 1] [--kinds NAME ...]
        [--parts families hostile pairs calibration] [--only ours|rivals|all]
        [--null SOURCE=FILE ...] [--set NAME=VALUE ...] [--text-dedup PYTHON] [--json FILE]

In: DIR, the labelled collections of benchmarks.family_draws. Out: tables in Markdown on the
standard output, and all figures as JSON.

- families: for each kind of collection, the share of collections in which exactly the true families
  were found and no other, and B-cubed F1. Where there is no family, right is to find none.
- hostile: the same for damaged, short, long, spun, crowded and lonely families, and honest texts
  with the same damage.
- pairs: how well the score of a pair tells the pairs of a machine family from independent ones, for
  each null: with the machine texts as they are, and cut to the lengths of the null's.
- calibration: how often a p-value is as low as it may be by chance, on independent pairs.

A table of nulls that was fitted on a collection is at home in the kinds that draw from it. With
--null, each such table is judged on the kinds that do not, and the worst of them is the figure.
Figures are of the same collections for every method, and the same in every run with one seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from benchmarks import machine
from benchmarks.corpora import CorpusError, write_whole
from benchmarks.family_draws import (
    HOSTILE,
    KINDS,
    SHA256,
    LabelledTexts,
    MiniCorpus,
    Null,
    Texts,
    draw_corpora,
    kind_of,
    load_labelled,
    nulls,
)
from benchmarks.family_rivals import (
    Method,
    PairScorer,
    config_for,
    our_pair_p_values,
    ours,
    pair_rivals,
    rivals,
)
from benchmarks.hostile import set_length
from benchmarks.metrics import (
    Estimate,
    ScoredPairs,
    bcubed_f1,
    mean_of,
    observed_rates,
    pair_figures,
    share_of,
)
from dupdetect import Config, Document
from dupdetect.errors import ConfigError
from dupdetect.match.null import Null as NullTable
from dupdetect.match.null import from_json, shipped

PARTS = ("families", "hostile", "pairs", "calibration")
RATES = (0.01, 0.001)
NOMINAL = (0.5, 0.05, 0.01, 0.001)
ELSEWHERE = "dupdetect, worst null elsewhere"

#: What is wanted, of the worst kind of each group; None: nothing was promised.
AIMS: tuple[tuple[str, tuple[str, ...], float | None], ...] = (
    (
        "family among human articles",
        ("family_news", "family_essays", "family_news_cut", "family_essays_cut", "family_two"),
        0.90,
    ),
    ("family beside one question", ("same_prompt",), None),
    ("seeds", ("seeds",), 1.0),
    ("news, articles, formal prose: none", ("news", "articles", "formal"), 0.97),
    ("same event: none", ("same_event", "same_event_news"), 0.80),
    ("same question: none", ("same_question",), 0.60),
)


@dataclass(frozen=True, slots=True)
class OtherNull:
    """A table of nulls, and the collections it was fitted on."""

    sources: frozenset[str]
    file: Path


@dataclass(frozen=True, slots=True)
class Setup:
    """The detector with one table of nulls.

    Attributes:
        name: for the tables.
        config: the settings.
        sources: the collections its nulls were fitted on; empty: it is the one that is shipped.
        null: the table.
    """

    name: str
    config: Config
    sources: frozenset[str] = frozenset()
    null: NullTable = field(default_factory=shipped)


@dataclass(frozen=True, slots=True)
class Judged:
    """One kind of collection, and how each method did on it.

    Attributes:
        kind: its name.
        about: what is in it.
        n_draws: how many collections.
        exact: share of them exactly right, by method.
        bcubed: mean B-cubed F1, by method.
    """

    kind: str
    about: str
    n_draws: int
    exact: dict[str, Estimate] = field(default_factory=dict)
    bcubed: dict[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """One method's scores of pairs against one null.

    Attributes:
        null: its name.
        n_pairs: independent pairs.
        lengths: "as they are", or "as the null's": how long the machine texts are.
        method: its name.
        figures: as `pair_figures` gives them.
    """

    null: str
    n_pairs: int
    lengths: str
    method: str
    figures: dict[str, Estimate | None]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The p-values of the pairs of one null, by one table of nulls.

    Attributes:
        null: the name of the pairs.
        n_pairs: how many there are.
        method: whose p-values.
        observed: for each nominal rate, the share of pairs at or below it.
    """

    null: str
    n_pairs: int
    method: str
    observed: dict[float, Estimate]


# Families


def judge(kind: str, corpora: Sequence[MiniCorpus], methods: Iterable[Method]) -> Judged:
    """How each method does on the collections of one kind; what cannot be run is left out."""
    judged = Judged(kind, kind_of(kind).about, len(corpora))
    for method in methods:
        if method.missing is not None:
            continue
        found = list(zip(method.find(corpora), corpora, strict=True))
        n_right = sum(families == corpus.families for families, corpus in found)
        judged.exact[method.name] = share_of(n_right, len(corpora))
        judged.bcubed[method.name] = mean_of(
            [
                bcubed_f1(families, corpus.families, [each.id for each in corpus.documents])
                for families, corpus in found
            ]
        )
    return judged


def with_worst(judged: Judged, names: Iterable[str]) -> Judged:
    """The same, with the worst of some methods in their place; as it is, if there are none."""
    away = set(names)
    if not away:
        return judged
    shares = [{**judged.exact}, {**judged.bcubed}]
    for figures in shares:
        worst = min((figures.pop(name) for name in sorted(away)), key=lambda each: each.value)
        figures[ELSEWHERE] = worst
    return Judged(judged.kind, judged.about, judged.n_draws, *shares)


# Pairs


def judge_pairs(
    texts: LabelledTexts, null: Null, methods: Iterable[Method], seed: int
) -> list[JudgedPairs]:
    """How each method's scores tell machine families from the pairs of one null."""
    rng = Random(f"{seed} lengths {null.name}")
    lengths = [len(each.text.split()) for group in null.groups for each in group]
    whole = tuple(texts.families[name] for name in sorted(texts.families))
    cut = tuple(
        tuple(Document(each.id, set_length(each.text, rng.choice(lengths))) for each in group)
        for group in whole
    )
    judged = []
    for method in methods:
        if method.missing is not None or method.score is None:
            continue
        independent = scored(null.groups, method.score)
        for how, families in (("as they are", whole), ("as the null's", cut)):
            figures = pair_figures(scored(families, method.score), independent, RATES, seed=seed)
            judged.append(JudgedPairs(null.name, len(independent), how, method.name, figures))
    return judged


def scored(groups: Iterable[Texts], score: PairScorer) -> ScoredPairs:
    """The scores of all pairs inside each group."""
    return ScoredPairs.of_groups(score(group) for group in groups)


# Calibration


def calibrate(null: Null, setup: Setup, seed: int) -> Calibrated:
    """Nominal against observed false-positive rates of one null."""
    found = scored(
        null.groups, lambda documents: our_pair_p_values(documents, setup.config, setup.null)
    )
    return Calibrated(null.name, len(found), setup.name, observed_rates(found, NOMINAL, seed=seed))


# Tables


def table_of(title: str, rows: Sequence[Judged], figure: str) -> str:
    """One figure as Markdown: a line a kind, a column a method; our own with its interval."""
    names = list(dict.fromkeys(name for row in rows for name in getattr(row, figure)))
    lines = [[title, "n", *names]]
    for row in rows:
        figures: Mapping[str, Estimate] = getattr(row, figure)
        lines.append([row.kind, str(row.n_draws), *(_cell(name, figures) for name in names)])
    return markdown(lines)


def _cell(name: str, figures: Mapping[str, Estimate]) -> str:
    if name not in figures:
        return "-"
    return _interval(figures[name]) if "dupdetect" in name else f"{figures[name].value:.2f}"


def _interval(estimate: Estimate | None, digits: int = 2) -> str:
    if estimate is None:
        return "too few"
    value, low, high = (
        f"{each:.{digits}f}" for each in (estimate.value, estimate.low, estimate.high)
    )
    return f"**{value}** ({low}-{high})"


def aims_table(rows: Sequence[Judged]) -> str:
    """The worst kind of each group that was asked for, beside what is wanted."""
    by_kind = {row.kind: row for row in rows}
    names = list(dict.fromkeys(name for row in rows for name in row.exact))
    lines = [["exactly right in the worst kind", "wanted", *names]]
    for title, kinds, aim in AIMS:
        held = [by_kind[kind].exact for kind in kinds if kind in by_kind]
        cells = [
            f"{min(values):.2f}"
            if (values := [exact[name].value for exact in held if name in exact])
            else "-"
            for name in names
        ]
        if held:
            lines.append([title, "-" if aim is None else f"{aim:.2f}", *cells])
    return markdown(lines)


def families_text(rows: Sequence[Judged]) -> str:
    """The parts on families as Markdown: what each kind is, and the tables."""
    parts = [
        "\n".join(f"- {row.kind}: {row.about}" for row in rows),
        table_of("exactly right", rows, "exact"),
        table_of("B-cubed F1", rows, "bcubed"),
    ]
    if any(row.kind in KINDS for row in rows):
        parts.append(aims_table(rows))
    return "\n\n".join(parts)


def pairs_table(rows: Sequence[JudgedPairs]) -> str:
    """The pairs part as Markdown."""
    lines = [
        ["null", "pairs", "lengths", "method", "PR-AUC", *(f"TPR at {100 * r:g}%" for r in RATES)]
    ]
    lines += [
        [
            row.null,
            f"{row.n_pairs:,}",
            row.lengths,
            row.method,
            *(_interval(estimate) for estimate in row.figures.values()),
        ]
        for row in rows
    ]
    return markdown(lines)


def calibration_table(rows: Sequence[Calibrated]) -> str:
    """The calibration part as Markdown."""
    lines = [["null", "pairs", "method", *(f"at {rate:g}" for rate in NOMINAL)]]
    lines += [
        [
            row.null,
            f"{row.n_pairs:,}",
            row.method,
            *(_interval(row.observed[rate], 4) for rate in NOMINAL),
        ]
        for row in rows
    ]
    return markdown(lines)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the first one the heading.

    >>> print(markdown([["kind", "n"], ["news", "3"]]))
    | kind | n |
    |---|---|
    | news | 3 |
    """
    rows = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([rows[0], "|" + "---|" * len(lines[0]), *rows[1:]])


# The program


@dataclass(frozen=True, slots=True)
class Contestants:
    """Who is judged.

    Attributes:
        shipped: dupdetect as it is; empty if it is not asked for.
        away: dupdetect with each other table of nulls.
        rivals: the others.
    """

    shipped: tuple[Setup, ...]
    away: tuple[Setup, ...]
    rivals: tuple[Method, ...]

    def not_at_home(self, sources: frozenset[str]) -> list[Setup]:
        """The setups whose tables of nulls were fitted on none of these collections."""
        return [setup for setup in self.away if not setup.sources & sources]


def methods_of(setups: Iterable[Setup]) -> list[Method]:
    """The detector with each setup."""
    return [ours(setup.config, setup.name, setup.null) for setup in setups]


def run_families(
    kinds: Iterable[str], texts: LabelledTexts, who: Contestants, n_draws: int, seed: int
) -> list[Judged]:
    """Draws and judges each kind."""
    rows = []
    for kind in kinds:
        _tell(kind)
        corpora = draw_corpora(kind, texts, n_draws, seed)
        away = who.not_at_home(kind_of(kind).sources)
        judged = judge(kind, corpora, [*methods_of([*who.shipped, *away]), *who.rivals])
        rows.append(with_worst(judged, [setup.name for setup in away]))
    return rows


def run_pairs(texts: LabelledTexts, who: Contestants, seed: int) -> list[JudgedPairs]:
    """Judges pair scores against each null."""
    rows = []
    for null in nulls(texts, seed):
        _tell(f"pairs against {null.name}")
        methods = methods_of([*who.shipped, *who.not_at_home(frozenset({null.source}))])
        methods += pair_rivals(texts, null.source) if who.rivals else []
        rows += judge_pairs(texts, null, methods, seed)
    return rows


def run_calibration(texts: LabelledTexts, who: Contestants, seed: int) -> list[Calibrated]:
    """Holds the p-values of each null against their promise."""
    return [
        calibrate(null, setup, seed)
        for null in nulls(texts, seed)
        for setup in [*who.shipped, *who.not_at_home(frozenset({null.source}))]
    ]


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _other_null(text: str) -> OtherNull:
    sources, equals, file = text.partition("=")
    unknown = set(sources.split("+")) - SHA256.keys()
    if not equals or unknown:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not SOURCE=FILE with SOURCE of {', '.join(SHA256)}, joined by +"
        )
    return OtherNull(frozenset(sources.split("+")), Path(file))


def _setting(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        wanted = "NAME=VALUE with a JSON value, such as recycled.min_tokens=50"
        raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}") from None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled collections")
    parser.add_argument("--draws", type=int, default=100, help="collections a kind (100)")
    parser.add_argument("--seed", type=int, default=1, help="of draws and resamples (1)")
    parser.add_argument(
        "--kinds", nargs="+", choices=[*KINDS, *HOSTILE], metavar="NAME", help="only these"
    )
    parser.add_argument(
        "--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help="only these"
    )
    parser.add_argument("--only", choices=("ours", "rivals", "all"), default="all")
    parser.add_argument(
        "--null",
        action="append",
        type=_other_null,
        default=[],
        metavar="SOURCE=FILE",
        help="a table of nulls and what it was fitted on; may be given again",
    )
    parser.add_argument(
        "--set",
        action="append",
        type=_setting,
        default=[],
        metavar="NAME=VALUE",
        help="a setting that differs from its default, to draw a curve; may be given again",
    )
    parser.add_argument(
        "--text-dedup",
        default=sys.executable,
        metavar="PYTHON",
        help="an interpreter with text-dedup (this one)",
    )
    parser.add_argument("--json", type=Path, help="written: all figures")
    options = parser.parse_args()
    if options.draws < 1:
        parser.error(f"--draws is {options.draws}; allowed: 1 or more")
    return options


def main() -> None:
    """Draws, judges, prints, and writes all figures."""
    options = _options()
    try:
        _run(options)
    except (CorpusError, ConfigError) as error:
        raise SystemExit(str(error)) from error


def _run(options: argparse.Namespace) -> None:
    _tell("reading")
    texts = load_labelled(options.data)
    config = config_for(dict(options.set))
    who = _contestants(options, config, texts)
    settings = _settings(options, config, texts, who)
    print("\n".join(f"- {name}: {json.dumps(value)}" for name, value in settings.items()))
    figures: dict[str, object] = {"settings": settings}
    for part in PARTS:
        if part in options.parts:
            rows, text = _part(part, options, texts, who)
            if rows:
                figures[part] = [asdict(row) for row in rows]
                print(f"\n## {part.capitalize()}\n\n{text}")
    if options.json is not None:
        packed = json.dumps(figures, indent=1, sort_keys=True) + "\n"
        write_whole(options.json, packed.encode())


def _part(
    part: str, options: argparse.Namespace, texts: LabelledTexts, who: Contestants
) -> tuple[Sequence[Judged | JudgedPairs | Calibrated], str]:
    """The figures of one part, and how they are shown."""
    if part == "pairs":
        pairs = run_pairs(texts, who, options.seed)
        return pairs, pairs_table(pairs)
    if part == "calibration":
        calibrated = run_calibration(texts, who, options.seed)
        return calibrated, calibration_table(calibrated)
    kinds = KINDS if part == "families" else HOSTILE
    wanted = [kind for kind in kinds if options.kinds is None or kind in options.kinds]
    judged = run_families(wanted, texts, who, options.draws, options.seed)
    return judged, families_text(judged)


def _settings(
    options: argparse.Namespace, config: Config, texts: LabelledTexts, who: Contestants
) -> dict[str, object]:
    """What the figures depend on."""
    packages = ("dupdetect", "numpy", "scipy", "scikit-learn", "datasketch", "near-dupes")
    return {
        "draws": options.draws,
        "seed": options.seed,
        "config": config.digest(),
        "set": dict(options.set),
        "nulls": [setup.name for setup in who.away],
        "data": {name: sha256[:12] for name, sha256 in SHA256.items()},
        "copies left out": dict(texts.n_copies),
        "not run": {each.name: each.missing for each in who.rivals if each.missing},
        "versions": {
            **machine.versions(packages),
            **{each.name: each.version for each in who.rivals if each.version},
        },
    }


def _contestants(options: argparse.Namespace, config: Config, texts: LabelledTexts) -> Contestants:
    is_asked = options.only in ("ours", "all")
    away = [
        Setup(
            f"dupdetect, null of {'+'.join(sorted(null.sources))}",
            config,
            null.sources,
            from_json(null.file.read_text("utf-8"), str(null.file)),
        )
        for null in options.null
    ]
    return Contestants(
        shipped=(Setup("dupdetect", config),) if is_asked else (),
        away=tuple(away) if is_asked else (),
        rivals=tuple(rivals(texts, options.text_dedup)) if options.only != "ours" else (),
    )


if __name__ == "__main__":
    main()
