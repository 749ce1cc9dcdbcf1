"""Every program of the comparison on one corpus, in one run: how fast, how big, and how right.

    python -m benchmarks.speed
    python -m benchmarks.speed --documents 5000 --runs 1 --only dupdetect gaoya

The corpus is `benchmarks.planted`: 20,000 documents of about 509 words. Each run of a program is a
process of its own, on as many cores as it can use; runs are interleaved, so that a slow minute of
the machine meets all programs alike, and medians are shown. From raw texts to pairs is timed; the
pairs of each program are then held against exact truth. What a program cannot do, or why it is
missing, is said in the table. Results: benchmarks/results/speed.json.

A rival that cannot share an environment with the others gets its own interpreter:

    python -m benchmarks.speed --python text-dedup=/path/to/its/venv/bin/python
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.planted import Written, plant
from benchmarks.planted_truth import Judgement, Truth, judged, truth
from benchmarks.rivals import FLOORS, NUM_PERM, RIVALS, SHINGLE_WORDS, Rival

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "speed.json"
# A program that takes longer than this for one run is run only once.
_SLOW_S = 60.0
_WORDS_A_DOCUMENT = 509  # the mean of benchmarks.planted


@dataclass
class Entry:
    """What is known of one program: its runs, and why it has none."""

    name: str
    rival: Rival
    runs: list[dict[str, float]] = field(default_factory=list)
    versions: dict[str, str | None] = field(default_factory=dict)
    judgement: Judgement | None = None
    fault: str | None = None

    def median(self, figure: str) -> float:
        """The median of a figure over the runs."""
        return statistics.median(run[figure] for run in self.runs)


@dataclass(frozen=True, slots=True)
class Asked:
    """How the programs are run."""

    runs: int
    threshold: float
    limit_s: float
    pythons: dict[str, str]

    def python(self, name: str) -> str:
        """The interpreter of a program, by the begin of its name."""
        fitting = [path for begin, path in self.pythons.items() if name.startswith(begin)]
        return fitting[0] if fitting else sys.executable


def run_once(entry: Entry, python: str, corpus: Path, pairs: Path, options: Asked) -> None:
    """Runs a program once in its own process and notes what it said."""
    command = [python, "-m", "benchmarks.rivals", entry.name, "--corpus", str(corpus)]
    command += ["--pairs", str(pairs), "--threshold", str(options.threshold)]
    try:
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=options.limit_s
        )
    except subprocess.TimeoutExpired:
        entry.fault = f"not done in {options.limit_s:g} s"
        return
    if ended.returncode != 0:
        lines = ended.stderr.strip().splitlines()
        entry.fault = f"failed: {lines[-1] if lines else f'exit code {ended.returncode}'}"
        return
    answer = json.loads(ended.stdout)
    if "missing" in answer:
        entry.fault = f"missing: {answer['missing']}"
        return
    entry.versions = answer.pop("versions")
    entry.runs.append(answer)


def measured(entries: Sequence[Entry], corpus: Path, true: Truth, options: Asked) -> None:
    """Runs all programs, one run of each after another, and judges what each found."""
    pairs = corpus.with_name("pairs.npy")
    for turn in range(options.runs):
        for entry in entries:
            is_slow = entry.runs and entry.runs[0]["elapsed_s"] > _SLOW_S
            if entry.fault is not None or is_slow:
                continue
            _tell(f"run {turn + 1} of {options.runs}: {entry.name}")
            run_once(entry, options.python(entry.name), corpus, pairs, options)
            if entry.fault is None and entry.name in RIVALS and entry.judgement is None:
                entry.judgement = judged(true, np.load(pairs, allow_pickle=False))


def table(entries: Sequence[Entry], n_documents: int, n_bytes: int) -> str:
    """The comparison as a Markdown table; the ratio is that of the first program to each."""
    lines = [
        "| program | cores | documents/s | MB/s | ratio | peak MiB | recall | precision | runs |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    first = next((entry for entry in entries if entry.runs), None)
    for entry in entries:
        if first is None or not entry.runs:
            lines.append(f"| {entry.name} | {entry.rival.threads} | {entry.fault} |" + " |" * 6)
            continue
        seconds = entry.median("elapsed_s")
        found = entry.judgement
        cells = [
            named(entry),
            f"{entry.rival.threads}",
            f"{n_documents / seconds:,.0f}" if found else "",
            f"{n_bytes / seconds / 1e6:,.1f}",
            f"{seconds / first.median('elapsed_s'):,.1f}" if found else "",
            f"{entry.median('peak_mib'):,.0f}" if found else "",
            f"{found.recall:.3f}" if found else "",
            f"{found.precision:.3f}" if found else "",
            f"{len(entry.runs)}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def named(entry: Entry) -> str:
    """The name of a program with the version of its package."""
    main, number = next(iter(entry.versions.items()), ("", None))
    is_rival = entry.name in RIVALS and main != "dupdetect"
    return f"{entry.name} ({number})" if is_rival and number else entry.name


def results(
    entries: Sequence[Entry],
    written: Written,
    n_documents: int,
    described: dict[str, object],
    options: argparse.Namespace,
) -> dict[str, object]:
    """Everything a reader needs to judge the figures, or to repeat them."""
    return {
        "machine": described,
        "corpus": {
            "documents": n_documents,
            "mean_words": _WORDS_A_DOCUMENT,
            "bytes": written.n_bytes,
            "sha256": written.sha256,
            "seed": options.seed,
            "non_ascii": options.non_ascii,
        },
        "parameters": {
            "shingle_words": SHINGLE_WORDS,
            "num_perm": NUM_PERM,
            "threshold": options.threshold,
        },
        "programs": [
            {
                "name": entry.name,
                "cores": entry.rival.threads,
                "settings": entry.rival.settings,
                "versions": entry.versions,
                "fault": entry.fault,
                "documents_per_s": n_documents / entry.median("elapsed_s") if entry.runs else None,
                "runs": entry.runs,
                "judgement": asdict(entry.judgement) if entry.judgement else None,
            }
            for entry in entries
        ],
    }


def parsed_options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5, help="the median of so many is shown")
    parser.add_argument("--only", nargs="+", help="programs whose names begin so")
    parser.add_argument("--seed", type=int, default=1, help="of the corpus")
    parser.add_argument(
        "--non-ascii", type=float, default=0.0, help="share of documents with accents and dashes"
    )
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument(
        "--limit", type=float, default=1800.0, help="seconds that one run may take (default: 1800)"
    )
    parser.add_argument(
        "--python", nargs="+", default=[], metavar="NAME=PATH", help="interpreter of a rival"
    )
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.documents < 1 or options.runs < 1:
        parser.error("--documents and --runs must be 1 or more")
    if any("=" not in each for each in options.python):
        parser.error("--python takes NAME=PATH, such as text-dedup=venv/bin/python")
    return options


def chosen(only: Sequence[str] | None) -> list[Entry]:
    """The programs asked for, floors last."""
    begins = "" if only is None else tuple(only)
    known = {**RIVALS, **FLOORS}
    return [Entry(name, rival) for name, rival in known.items() if name.startswith(begins)]


def main() -> None:
    """Makes the corpus, runs the programs, prints the table and saves the results."""
    options = parsed_options()
    described = machine.described()
    entries = chosen(options.only)
    if not entries:
        raise SystemExit(f"--only {options.only}: no such program; known: {', '.join(RIVALS)}")
    asked = Asked(
        runs=options.runs,
        threshold=options.threshold,
        limit_s=options.limit,
        pythons=dict(each.split("=", 1) for each in options.python),
    )
    corpus = plant(options.documents, options.seed, non_ascii=options.non_ascii)
    with tempfile.TemporaryDirectory() as folder:
        _tell("making the corpus and its truth")
        written = corpus.write(Path(folder) / "corpus.jsonl")
        measured(entries, written.path, truth(corpus, options.threshold), asked)
    text_bytes = sum(len(text.encode()) for batch in corpus.batches() for text in batch)

    print(
        f"{len(corpus)} documents of about {_WORDS_A_DOCUMENT} words, {text_bytes / 1e6:.1f} MB, "
        f"{SHINGLE_WORDS}-word shingles, {NUM_PERM} permutations, threshold {options.threshold:g}"
    )
    print(f"sha256 of the corpus {written.sha256}")
    print(f"{described['processor']}, {described['cores']} cores, Python {described['python']}\n")
    print(table(entries, len(corpus), text_bytes))
    print()
    for entry in entries:
        if entry.runs:
            print(f"- {entry.name}: {entry.rival.settings}")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    saved = results(entries, written, len(corpus), described, options)
    options.output.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")
    _tell(f"saved {options.output}")


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
