"""From JSON lines to JSON lines at growing sizes: time and memory of each stage, and the outcome.

    python -m benchmarks.scale --sizes 10000,100000,1000000 --folder DIR
    python -m benchmarks.scale --sizes 100000 --folder DIR --kill 2

Each size is a corpus of `benchmarks.planted` in DIR (3.1 GB for a million documents; made once, and
known again by its sha256), and one run of `dupdetect dedupe` as a process of its own. What it
removed is then held against the planted truth: each removal is verified exactly, and no two
documents at the threshold or above may both be kept.

With --kill N the same run is killed N times at random moments and resumed; kept.*, removed.jsonl
and clusters.jsonl must be those of the undisturbed run, byte for byte.

Results: benchmarks/results/scale.json, and a log-log plot beside it, scale.svg.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.planted import Corpus, Shares, Written, document_row, plant
from benchmarks.plot import Line, Panel, log_log_svg

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "scale.json"
_WATCH_S = 0.05
_BLOCK = 2**22
# A stage is timed in milliseconds; a shorter one is drawn at half of one.
_LEAST_DRAWN_S = 0.0005


@dataclass(frozen=True, slots=True)
class Ran:
    """One process: seconds, the most memory seen in it, and whether it was killed."""

    elapsed_s: float
    peak_mib: float
    was_killed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left, against the planted truth.

    Attributes:
        n_removed: lines of removed.jsonl.
        n_wrong: removals whose exact similarity to the kept document is below the threshold.
        n_wrong_scores: removals whose reported similarity is not the exact one.
        n_true_pairs: pairs at the threshold or above.
        n_missed_pairs: those of which both documents were kept.
        n_bad_keepers: removals for a document that was itself removed.
        n_lost: documents that are neither kept nor removed, or both.
    """

    n_removed: int
    n_wrong: int
    n_wrong_scores: int
    n_true_pairs: int
    n_missed_pairs: int
    n_bad_keepers: int
    n_lost: int

    @property
    def precision(self) -> float:
        """Removals that are right, of all."""
        return 1 - self.n_wrong / max(self.n_removed, 1)

    @property
    def recall(self) -> float:
        """True pairs of which at least one document was removed, of all."""
        return 1 - self.n_missed_pairs / max(self.n_true_pairs, 1)


def made_corpus(corpus: Corpus, folder: Path, name: str, n_processes: int) -> Written:
    """The corpus in the folder: the one that is there, if it is whole and of this generator."""
    path, note = folder / f"{name}.jsonl", folder / f"{name}.sha256"
    if path.exists() and note.exists():
        digest = file_sha256([path])
        if digest == note.read_text(encoding="ascii").strip() and _begins_as(path, corpus):
            return Written(path, path.stat().st_size, digest)
    _tell(f"writing {path}")
    written = corpus.write(path, n_processes)
    note.write_text(written.sha256 + "\n", encoding="ascii")
    return written


def _begins_as(path: Path, corpus: Corpus) -> bool:
    """Whether the file begins as the generator would begin it now."""
    lines = corpus.json_lines(0)
    with path.open("rb") as file:
        return file.read(len(lines)) == lines


def file_sha256(paths: Sequence[Path]) -> str:
    """One sha256 over some files, in their order."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def run(arguments: Sequence[str], kill_after_s: float | None = None) -> Ran:
    """Runs dupdetect, watches its memory, and kills it after a time if asked to.

    Raises:
        SystemExit: it failed by itself; the message is the last line of its own.
    """
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dupdetect", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak, was_killed = 0.0, False
    while True:
        try:
            _, said = process.communicate(timeout=_WATCH_S)
            break
        except subprocess.TimeoutExpired:
            peak = max(peak, _peak_mib_of(process.pid))
            if kill_after_s is not None and time.perf_counter() - begin >= kill_after_s:
                process.send_signal(signal.SIGKILL)
                _, said = process.communicate()
                was_killed = process.returncode == -signal.SIGKILL
                break
    if process.returncode != 0 and not was_killed:
        last = said.strip().rpartition("\n")[2]
        raise SystemExit(f"dupdetect ended with {process.returncode}: {last}")
    return Ran(time.perf_counter() - begin, peak, was_killed)


def _peak_mib_of(pid: int) -> float:
    try:
        return machine.peak_mib(pid)
    except OSError:  # it has just ended
        return 0.0


def checked(corpus: Corpus, output: Path, threshold: float) -> Outcome:
    """The outcome of a run: every removal verified, every true pair looked for."""
    removed, kept, scores = [], [], []
    with (output / "removed.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            removed.append(document_row(record["id"]))
            kept.append(document_row(record["kept_id"]))
            scores.append(record["jaccard"])
    pairs = np.array([removed, kept], dtype=np.int64).T
    exact = corpus.jaccard(pairs)
    is_removed = np.zeros(len(corpus), dtype=np.bool_)
    is_removed[pairs[:, 0]] = True
    n_times = np.bincount(pairs[:, 0], minlength=len(corpus))
    n_times += np.bincount(_kept_rows(output), minlength=len(corpus))
    related = corpus.related_pairs()
    related = related[corpus.jaccard(related) >= threshold]
    return Outcome(
        n_removed=len(pairs),
        n_wrong=int((exact < threshold).sum()),
        n_wrong_scores=int((np.abs(exact - np.array(scores)) > 1e-12).sum()),
        n_true_pairs=len(related),
        n_missed_pairs=int((~is_removed[related]).all(axis=1).sum()),
        n_bad_keepers=int(is_removed[pairs[:, 1]].sum()),
        n_lost=int((n_times != 1).sum()),
    )


def _kept_rows(output: Path) -> list[int]:
    """The rows of kept.jsonl, from the begin of each line: its id comes first."""
    with (output / "kept.jsonl").open("rb") as lines:
        return [document_row(line[:40].split(b'"')[3].decode()) for line in lines]


def killed_and_resumed(
    arguments: Sequence[str], output: Path, elapsed_s: float, n_kills: int, seed: int
) -> list[float]:
    """Runs with kills at random moments, then to the end.

    Returns:
        Seconds after which each run was killed; fewer than asked for if the run ended before.
    """
    rng = random.Random(seed)
    kills: list[float] = []
    resume: list[str] = []
    for _ in range(n_kills):
        after = rng.uniform(0.05, 0.9) * max(elapsed_s - sum(kills), elapsed_s / n_kills)
        ran = run([*arguments, *resume], kill_after_s=after)
        if not ran.was_killed:
            return kills
        kills.append(round(ran.elapsed_s, 2))
        resume = ["--resume"] if output.exists() else []
        _tell(f"killed after {ran.elapsed_s:.1f} s, resuming")
    run([*arguments, *resume])
    return kills


def outputs_sha256(output: Path) -> str:
    """One sha256 over what a user takes away."""
    return file_sha256([*sorted(output.glob("kept*")), *_records(output)])


def _records(output: Path) -> list[Path]:
    return [output / "removed.jsonl", output / "clusters.jsonl"]


def measured(size: int, options: argparse.Namespace) -> dict[str, Any]:
    """One size: its run, its outcome, and its resumed run if asked for."""
    shares = Shares(template=options.template)
    corpus = plant(size, options.seed, shares, options.non_ascii)
    name = f"planted-{size}-{options.seed}-{options.non_ascii:g}-{options.template:g}"
    written = made_corpus(corpus, options.folder, name, options.processes)
    output = options.folder / f"{name}-output"
    arguments = ["dedupe", str(written.path), "-o", str(output), "--memory", options.memory]
    if options.threads is not None:
        arguments += ["--threads", str(options.threads)]
    shutil.rmtree(output, ignore_errors=True)
    _tell(f"{size} documents: running")
    ran = run(arguments)
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    # Watched from outside, the last moments are not seen; counted inside, the last stage is not.
    peak_mib = max(ran.peak_mib, summary["peak_mib"] or 0.0)
    _tell(f"{size} documents: {ran.elapsed_s:.1f} s, {peak_mib:.0f} MiB; checking the outcome")
    outcome = checked(corpus, output, options.threshold)
    found: dict[str, Any] = {
        "documents": size,
        "bytes": written.n_bytes,
        "sha256": written.sha256,
        "elapsed_s": round(ran.elapsed_s, 3),
        "peak_mib": round(peak_mib, 1),
        "documents_per_s": round(size / ran.elapsed_s),
        "stages": summary["stages"],
        "counts": summary["counts"],
        "caps": summary.get("caps"),
        "settings": summary.get("settings"),
        "outcome": {
            **asdict(outcome),
            "precision": outcome.precision,
            "recall": outcome.recall,
        },
    }
    if options.kill:
        undisturbed = outputs_sha256(output)
        shutil.rmtree(output)
        kills = killed_and_resumed(arguments, output, ran.elapsed_s, options.kill, options.seed)
        found["killed"] = {
            "asked": options.kill,
            "after_s": kills,
            "identical": outputs_sha256(output) == undisturbed,
            "sha256": undisturbed,
        }
    if not options.keep_output:
        shutil.rmtree(output)
    return found


def table(runs: Sequence[dict[str, Any]]) -> str:
    """One line a size, as Markdown; the exponent is that of the time over the documents."""
    stages = [stage["name"] for stage in runs[-1]["stages"]]
    head = ["documents", "seconds", "documents/s", "peak MiB", "exponent", *stages]
    head += ["recall", "precision"]
    lines = [f"| {' | '.join(head)} |", "|" + "--:|" * len(head)]
    for number, each in enumerate(runs):
        seconds = {stage["name"]: stage["elapsed_s"] for stage in each["stages"]}
        cells = [f"{each['documents']:,}", f"{each['elapsed_s']:.1f}"]
        cells += [f"{each['documents_per_s']:,}", f"{each['peak_mib']:,.0f}"]
        cells.append(f"{exponent(runs[number - 1], each):.2f}" if number else "")
        cells += [f"{seconds.get(stage, 0.0):.1f}" for stage in stages]
        cells += [f"{each['outcome']['recall']:.4f}", f"{each['outcome']['precision']:.4f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def exponent(smaller: dict[str, Any], larger: dict[str, Any]) -> float:
    """How the time grows from one size to the next: 1 is linear, 2 quadratic."""
    grown = math.log(larger["documents"] / smaller["documents"])
    return math.log(larger["elapsed_s"] / smaller["elapsed_s"]) / grown


def plotted(runs: Sequence[dict[str, Any]]) -> str:
    """Time and memory of each stage against the documents, as SVG."""
    names = [stage["name"] for stage in runs[-1]["stages"]]
    last = runs[-1]
    return log_log_svg(
        title="dupdetect dedupe, from JSON lines to JSON lines",
        description=(
            f"Seconds of each stage, and the most memory until its end, for "
            f"{', '.join(format(each['documents'], ',') for each in runs)} documents. The largest "
            f"run took {last['elapsed_s']:.1f} seconds and {last['peak_mib']:.0f} MiB."
        ),
        x_label="documents",
        panels=[
            Panel("seconds", (_total(runs, "elapsed_s"), *_stage_lines(runs, names, "elapsed_s"))),
            Panel("peak MiB", (_total(runs, "peak_mib"), *_stage_lines(runs, names, "peak_mib"))),
        ],
    )


def _total(runs: Sequence[dict[str, Any]], figure: str) -> Line:
    return Line("whole run", tuple((run["documents"], run[figure]) for run in runs), strong=True)


def _stage_lines(runs: Sequence[dict[str, Any]], names: Sequence[str], figure: str) -> list[Line]:
    lines = []
    for name in names:
        points = [
            (run["documents"], max(stage[figure], _LEAST_DRAWN_S))
            for run in runs
            for stage in run["stages"]
            if stage["name"] == name and stage.get(figure) is not None
        ]
        if points:
            lines.append(Line(name, tuple(points)))
    return lines


def parsed_options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", default="10000,100000,1000000", help="documents, ascending")
    parser.add_argument("--folder", type=Path, required=True, help="for corpora and outputs")
    parser.add_argument("--memory", default="2GiB", help="as of dupdetect dedupe")
    parser.add_argument("--threads", type=int, help="as of dupdetect dedupe")
    parser.add_argument("--threshold", type=float, default=0.8, help="that of dupdetect dedupe")
    parser.add_argument("--seed", type=int, default=1, help="of the corpora and of the kills")
    parser.add_argument(
        "--non-ascii", type=float, default=0.0, help="share of documents with accents and dashes"
    )
    parser.add_argument(
        "--template",
        type=float,
        default=Shares().template,
        help="share of documents that begin with the same 300 words (default: %(default)s)",
    )
    parser.add_argument("--kill", type=int, default=0, metavar="N", help="kill N times, and resume")
    parser.add_argument("--processes", type=int, default=len(machine.usable_cores()))
    parser.add_argument(
        "--keep-output", action="store_true", help="leave the outputs in the folder"
    )
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    try:
        options.sizes = sorted(int(size) for size in options.sizes.split(","))
    except ValueError:
        parser.error(f"--sizes is {options.sizes}; allowed: numbers with commas between them")
    if min(options.sizes) < 1 or options.kill < 0:
        parser.error("--sizes must be 1 or more each, and --kill 0 or more")
    return options


def main() -> None:
    """Runs every size, prints the table, saves results and plot; exit code 1 if one is wrong."""
    options = parsed_options()
    options.folder.mkdir(parents=True, exist_ok=True)
    described = machine.described()
    runs = [measured(size, options) for size in options.sizes]
    print(f"{described['processor']}, {described['cores']} cores, Python {described['python']}\n")
    print(table(runs))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    packages = machine.versions(("dupdetect", "numpy", "numba"))
    saved = {"machine": described, "versions": packages, "runs": runs}
    options.output.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")
    options.output.with_suffix(".svg").write_text(plotted(runs), encoding="utf-8")
    faults = [fault for each in runs for fault in faults_of(each)]
    for fault in faults:
        print(fault)
    _tell(f"saved {options.output}")
    if faults:
        raise SystemExit(1)


def faults_of(found: dict[str, Any]) -> list[str]:
    """What may not be: each with its number."""
    outcome, size = found["outcome"], found["documents"]
    wrong = ("n_wrong", "n_wrong_scores", "n_bad_keepers", "n_lost")
    faults = [f"{size} documents: {name} is {outcome[name]}" for name in wrong if outcome[name]]
    killed = found.get("killed")
    if killed is not None and not killed["identical"]:
        faults.append(f"{size} documents: killed after {killed['after_s']} s, the outputs differ")
    if killed is not None and len(killed["after_s"]) < killed["asked"]:
        faults.append(f"{size} documents: killed only {len(killed['after_s'])} times")
    return faults


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
