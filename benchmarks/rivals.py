"""One program of the comparison, timed from raw texts to pairs, in a process of its own.

python -m benchmarks.rivals NAME --corpus FILE --pairs FILE [--threads N] [--threshold X]

In: a corpus as JSON lines with the field text. Out: the pairs found, as an array of rows; and one
line of JSON on standard output with seconds, memory, versions and settings, or the reason why the
program could not be run. `benchmarks.speed` starts one such process for each run.

Each program is used as its own documentation shows, with the faster of the ways it offers, on sets
of five-word shingles, 128 permutations and the same banding where it lets one choose. Reading the
corpus, importing the program and one warm-up on a few texts are not timed; the warm-up is reported.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import peak_mib, rusage_mib, usable_cores, versions

SHINGLE_WORDS = 5
NUM_PERM = 128
# 17 bands of 7 rows: what dupdetect and near-dupes choose for 0.8, to find 98 % there.
BANDS, ROWS = 17, 7
# rensa asks for bands that divide the permutations: 16 of 8 rows find 95 % at 0.8.
RENSA_BANDS = 16
# near-dupes has character shingles only. Five words and their spaces are about 30 characters, which
# makes its similarity nearest to that of the others.
NEAR_DUPES_CHARACTERS = 30

_N_WARM_UP = 64
_AT_ONCE = 1000
_WORD = re.compile(r"\w+")

Pairs = NDArray[np.int64]
Texts = Sequence[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What every program is asked to do."""

    threshold: float
    threads: int
    corpus: Path


@dataclass(frozen=True, slots=True)
class Rival:
    """A program: how it is run, and what is to be said beside its figures.

    Attributes:
        prepare: imports it; gives a function from texts to pairs.
        packages: whose versions are reported.
        threads: how many it can make use of; it is held to as many cores.
        settings: what differs from the common parameters.
        reads_file: it reads the corpus itself, within the time, and is not warmed up.
    """

    prepare: Callable[[Asked], Callable[[Texts], Pairs]]
    packages: tuple[str, ...]
    threads: int
    settings: str
    reads_file: bool = False


def dupdetect_with(
    kernel: Literal["numpy", "numba"],
) -> Callable[[Asked], Callable[[Texts], Pairs]]:
    """The project itself in memory, with one of its kernels: verified pairs."""

    def prepare(asked: Asked) -> Callable[[Texts], Pairs]:
        from dupdetect import Config, dedupe_texts
        from dupdetect.config import NearDuplicateConfig

        config = Config(near_duplicate=NearDuplicateConfig(threshold=asked.threshold))

        def run(texts: Texts) -> Pairs:
            found = dedupe_texts(texts, config, threads=asked.threads, kernel=kernel)
            if found.kernel != kernel:
                raise RuntimeError(f"asked for the {kernel} kernel, and {found.kernel} ran")
            pairs: Pairs = found.pairs
            return pairs

        return run

    return prepare


def datasketch_with(params: tuple[int, int] | None) -> Callable[[Asked], Callable[[Texts], Pairs]]:
    """datasketch: rows in bulk, an index, queries, and candidates held to the estimate."""

    def prepare(asked: Asked) -> Callable[[Texts], Pairs]:
        import xxhash
        from datasketch import MinHash, MinHashLSH

        def run(texts: Texts) -> Pairs:
            rows = []
            for batch in _batches(texts):
                shingles = [[each.encode() for each in _shingles(text)] for text in batch]
                rows += MinHash.bulk(shingles, num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest)
            index = MinHashLSH(threshold=asked.threshold, num_perm=NUM_PERM, params=params)
            with index.insertion_session() as session:
                for key, row in enumerate(rows):
                    session.insert(key, row)
            candidates = ((key, index.query(row)) for key, row in enumerate(rows))
            return _estimated(candidates, rows, asked.threshold)

        return run

    return prepare


def prepare_rensa(asked: Asked) -> Callable[[Texts], Pairs]:
    """rensa: full-set R-MinHash from Python's shingles, its index, and its estimate."""
    from rensa import RMinHash, RMinHashLSH

    def run(texts: Texts) -> Pairs:
        rows = []
        for batch in _batches(texts):
            shingles = [_shingles(text) for text in batch]
            rows += RMinHash.from_token_sets(shingles, NUM_PERM, 1)
        index = RMinHashLSH(asked.threshold, NUM_PERM, RENSA_BANDS)
        index.insert_many(rows)
        return _estimated(enumerate(index.query_all(rows)), rows, asked.threshold)

    return run


def prepare_gaoya(asked: Asked) -> Callable[[Texts], Pairs]:
    """gaoya: everything in Rust, bulk insertion and bulk query; the query holds to its estimate."""
    from gaoya.minhash import MinHashStringIndex

    def run(texts: Texts) -> Pairs:
        index = MinHashStringIndex(
            hash_size=32,
            jaccard_threshold=asked.threshold,
            num_bands=BANDS,
            band_size=ROWS,
            analyzer="word",
            lowercase=True,
            ngram_range=(SHINGLE_WORDS, SHINGLE_WORDS),
            id_container="smallvec",
        )
        index.par_bulk_insert_docs(list(range(len(texts))), list(texts))
        return _pairs(enumerate(index.par_bulk_query(list(texts))))

    return run


def prepare_near_dupes(asked: Asked) -> Callable[[Texts], Pairs]:
    """near-dupes: verified pairs, on characters."""
    from near_dupes import DuplicateFinder

    finder = DuplicateFinder(
        kind="text",
        threshold=asked.threshold,
        n_gram=NEAR_DUPES_CHARACTERS,
        num_perm=NUM_PERM,
        random_state=1,
    )

    def run(texts: Texts) -> Pairs:
        found = finder.find(list(texts)).pairs
        return np.array([pair[:2] for pair in found], dtype=np.int64).reshape(-1, 2)

    return run


def prepare_text_dedup(asked: Asked) -> Callable[[Texts], Pairs]:
    """text-dedup: its command, from its own reading to its own saving; all pairs of a cluster."""
    from text_dedup import minhash

    def run(texts: Texts) -> Pairs:
        with tempfile.TemporaryDirectory() as folder:
            options = {
                "path": "json",
                "data_files": str(asked.corpus),
                "split": "train",
                "cache_dir": f"{folder}/cache",
                "output": f"{folder}/output",
                "column": "text",
                "ngram": SHINGLE_WORDS,
                "num_perm": NUM_PERM,
                "threshold": asked.threshold,
                "b": BANDS,
                "r": ROWS,
                "hash_func": "xxh3",
                "num_proc": asked.threads,
            }
            arguments = [str(part) for name in options for part in (f"--{name}", options[name])]
            minhash.main(arguments, standalone_mode=False)
        clusters = defaultdict(list)
        for row in sorted(minhash.uf.parent):
            clusters[minhash.uf.find(row)].append(row)
        pairs = [pair for members in clusters.values() for pair in combinations(members, 2)]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)

    return run


def prepare_floor_numpy(asked: Asked) -> Callable[[Texts], Pairs]:
    """No program: one look-up in a table of 256 entries for each byte, by NumPy."""
    data, table = _corpus_bytes(asked.corpus), _byte_table()

    def run(texts: Texts) -> Pairs:
        np.take(table, data)
        return np.empty((0, 2), dtype=np.int64)

    return run


def prepare_floor_numba(asked: Asked) -> Callable[[Texts], Pairs]:
    """The same by one compiled loop, into memory that is there."""
    import numba

    data, table = _corpus_bytes(asked.corpus), _byte_table()
    out = np.zeros_like(data)

    @numba.njit(nogil=True)
    def look_up(data: Any, table: Any, out: Any) -> None:
        for at in range(len(data)):
            out[at] = table[data[at]]

    look_up(data[:1], table, out)

    def run(texts: Texts) -> Pairs:
        look_up(data, table, out)
        return np.empty((0, 2), dtype=np.int64)

    return run


_BANDING = f"{BANDS} bands of {ROWS}"
_OWN = ("dupdetect", "numpy")
RIVALS: dict[str, Rival] = {
    "dupdetect numba, 2 threads": Rival(
        dupdetect_with("numba"), (*_OWN, "numba"), 2, f"{_BANDING}; pairs verified exactly"
    ),
    "dupdetect numba, 1 thread": Rival(
        dupdetect_with("numba"), (*_OWN, "numba"), 1, f"{_BANDING}; pairs verified exactly"
    ),
    "dupdetect NumPy, 2 threads": Rival(
        dupdetect_with("numpy"), _OWN, 2, f"{_BANDING}; pairs verified exactly"
    ),
    "dupdetect NumPy, 1 thread": Rival(
        dupdetect_with("numpy"), _OWN, 1, f"{_BANDING}; pairs verified exactly"
    ),
    "gaoya": Rival(
        prepare_gaoya, ("gaoya",), 2, f"{_BANDING}; bulk insert and query, held to its estimate"
    ),
    "rensa": Rival(
        prepare_rensa,
        ("rensa",),
        1,
        f"{RENSA_BANDS} bands of {NUM_PERM // RENSA_BANDS}; full set, held to its estimate",
    ),
    "datasketch": Rival(
        datasketch_with((BANDS, ROWS)),
        ("datasketch", "xxhash", "numpy"),
        1,
        f"{_BANDING}; bulk, xxh32, held to its estimate",
    ),
    "datasketch, its own bands": Rival(
        datasketch_with(None),
        ("datasketch", "xxhash", "numpy"),
        1,
        "bands as it chooses for the threshold; bulk, xxh32, held to its estimate",
    ),
    "text-dedup": Rival(
        prepare_text_dedup,
        ("text-dedup", "datasets", "xxhash", "numpy"),
        2,
        f"{_BANDING}; xxh3, two processes, from file to file; clusters, nothing verified",
        reads_file=True,
    ),
    "near-dupes": Rival(
        prepare_near_dupes,
        ("near-dupes", "numpy"),
        1,
        f"{_BANDING}; {NEAR_DUPES_CHARACTERS}-character shingles (another measure), verified",
    ),
}
FLOORS: dict[str, Rival] = {
    "floor: numba loop": Rival(prepare_floor_numba, ("numba",), 1, "one look-up a byte"),
    "floor: numpy.take": Rival(prepare_floor_numpy, ("numpy",), 1, "one look-up a byte"),
}


def _shingles(text: str) -> list[str]:
    """Word windows as their users write them."""
    words = _WORD.findall(text.lower())
    return [
        " ".join(words[start : start + SHINGLE_WORDS])
        for start in range(len(words) - SHINGLE_WORDS + 1)
    ]


def _batches(texts: Texts) -> Iterator[Texts]:
    """Shingles of all documents at once would need many times the memory of the texts."""
    for start in range(0, len(texts), _AT_ONCE):
        yield texts[start : start + _AT_ONCE]


def _pairs(answers: Any) -> Pairs:
    """Pairs from (row, rows like it), each once."""
    found = {(min(a, b), max(a, b)) for a, others in answers for b in others if a != b}
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _estimated(candidates: Any, rows: Sequence[Any], threshold: float) -> Pairs:
    """Candidates whose estimated similarity reaches the threshold."""
    return _pairs(
        (key, [at for at in others if at > key and rows[key].jaccard(rows[at]) >= threshold])
        for key, others in candidates
    )


def _corpus_bytes(corpus: Path) -> NDArray[np.uint8]:
    return np.frombuffer("".join(_texts_of(corpus)).encode(), dtype=np.uint8)


def _byte_table() -> NDArray[np.uint8]:
    return np.arange(256, dtype=np.uint8)[::-1].copy()


def _texts_of(corpus: Path) -> list[str]:
    with corpus.open("rb") as lines:
        return [json.loads(line)["text"] for line in lines]


def _warm_up_texts(texts: Texts) -> list[str]:
    """A few texts, with a copy and a near copy, so that every part of a program runs once."""
    few = list(texts[:_N_WARM_UP])
    return [*few, few[0], f"{few[0]} And one more sentence at the end."]


def _children_mib() -> float:
    """The most resident memory of one process that this one started."""
    return rusage_mib(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measured(rival: Rival, asked: Asked, pairs_path: Path) -> dict[str, object]:
    """Runs a program once, saves its pairs, and tells what it took."""
    texts = [] if rival.reads_file else _texts_of(asked.corpus)
    run = rival.prepare(asked)
    begin = time.perf_counter()
    if texts:
        run(_warm_up_texts(texts))
    warm_up_s = time.perf_counter() - begin
    gc.collect()
    loaded_mib, cpu_s, begin = peak_mib(), _cpu_s(), time.perf_counter()
    pairs = run(texts)
    elapsed_s = time.perf_counter() - begin
    cpu_s = _cpu_s() - cpu_s
    np.save(pairs_path, pairs, allow_pickle=False)
    return {
        "elapsed_s": elapsed_s,
        "cpu_s": cpu_s,
        "warm_up_s": warm_up_s,
        "peak_mib": max(peak_mib(), _children_mib()),
        "loaded_mib": loaded_mib,
        "versions": versions(rival.packages),
    }


def main() -> None:
    """Runs one program, and prints one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", choices=[*RIVALS, *FLOORS])
    parser.add_argument("--corpus", type=Path, required=True, help="JSON lines")
    parser.add_argument("--pairs", type=Path, required=True, help="written: rows, shape (n, 2)")
    parser.add_argument("--threshold", type=float, default=0.8)
    options = parser.parse_args()
    rival = {**RIVALS, **FLOORS}[options.name]
    # Some programs take as many threads as the machine has cores, whatever they are told.
    os.environ["RAYON_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(rival.threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, usable_cores()[: rival.threads])
    # Answers go to the true standard output; what a program prints itself goes to standard error.
    answer, sys.stdout = sys.stdout, sys.stderr
    try:
        found = measured(
            rival, Asked(options.threshold, rival.threads, options.corpus), options.pairs
        )
    except ImportError as error:
        # Without the path of a module that could be imported, but holds no such name.
        found = {"missing": str(error).partition(" (/")[0]}
    print(json.dumps(found), file=answer)


if __name__ == "__main__":
    main()
