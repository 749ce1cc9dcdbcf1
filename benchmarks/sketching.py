"""How many documents a second become shingles and MinHash rows, on one thread.

    python -m benchmarks.sketching
    taskset -c 0 python -m benchmarks.sketching --documents 4000 --words 500

Documents are drawn from a Zipf vocabulary with a fixed seed. Every run gets freshly split strings,
because a string remembers its hash and a second look-up of it is cheaper than a tokenizer's output
would allow. A sample of rows is compared with datasketch, bit for bit, before anything is timed.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import datasketch
import numpy as np

from benchmarks.machine import processor, usable_cores
from dupdetect import __version__
from dupdetect.sketch.shingles import ShingleSets, word_shingles
from dupdetect.sketch.signatures import shingle_hash32, sign

Made = TypeVar("Made")
Prepared = TypeVar("Prepared")

SHINGLE_WORDS = 5
VOCABULARY = 80_000
ZIPF_EXPONENT = 1.05  # English prose lies near 1
N_CHECKED = 50


def made_texts(n_documents: int, n_words: int, seed: int) -> list[str]:
    """Documents of n_words words, drawn from a Zipf vocabulary of invented ones."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    vocabulary = ["".join(rng.choice(letters, size)) for size in rng.integers(2, 12, VOCABULARY)]
    weights = np.arange(1, VOCABULARY + 1) ** -ZIPF_EXPONENT
    drawn = rng.choice(VOCABULARY, (n_documents, n_words), p=weights / weights.sum())
    return [" ".join(vocabulary[word] for word in document) for document in drawn.tolist()]


def shingle_bytes(shingles: Sequence[int]) -> list[bytes]:
    """Shingles as datasketch takes them."""
    return [shingle.to_bytes(8, "little") for shingle in shingles]


def check_rows(sets: ShingleSets, num_perm: int, seed: int) -> None:
    """Raises AssertionError if a row is not that of datasketch."""
    for shingles, row in zip(sets, sign(sets, num_perm, seed), strict=True):
        minhash = datasketch.MinHash(
            num_perm, seed=seed, hashfunc=shingle_hash32, scheme="affine32"
        )
        minhash.update_batch(shingle_bytes(shingles.tolist()))
        if not np.array_equal(minhash.hashvalues, row):
            raise AssertionError("a row differs from the one of datasketch")


def median_seconds(
    prepare: Callable[[], Prepared], run: Callable[[Prepared], object], n_runs: int
) -> float:
    """The median time of a run; its preparation is not timed."""
    times = []
    for _ in range(n_runs):
        prepared = prepare()
        start = time.perf_counter()
        run(prepared)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def in_batches(documents: Sequence[Made], size: int) -> list[Sequence[Made]]:
    """Neighbours, `size` at a time."""
    return [documents[start : start + size] for start in range(0, len(documents), size)]


def datasketch_bulk(sets: Sequence[list[bytes]], num_perm: int, seed: int) -> None:
    """Ready shingles to rows, as datasketch does it fastest."""
    datasketch.MinHash.bulk(
        sets, num_perm=num_perm, seed=seed, hashfunc=shingle_hash32, scheme="affine32"
    )


def datasketch_words(documents: Sequence[Sequence[str]], num_perm: int, seed: int) -> None:
    """Words to rows, as datasketch's users write it: windows joined, encoded, hashed by SHA-1."""
    for words in documents:
        minhash = datasketch.MinHash(num_perm, seed=seed, scheme="affine32")
        starts = range(len(words) - SHINGLE_WORDS + 1)
        minhash.update_batch([" ".join(words[at : at + SHINGLE_WORDS]).encode() for at in starts])


def timings(texts: Sequence[str], options: argparse.Namespace) -> list[tuple[str, int, float]]:
    """One line a measurement: what was measured, on how many documents, and its median seconds."""
    num_perm, seed = options.num_perm, options.seed
    few = texts[: max(len(texts) // 10, 1)]

    def documents() -> list[Sequence[list[str]]]:
        return in_batches([text.split() for text in texts], options.batch)

    def shingles() -> list[ShingleSets]:
        return [word_shingles(batch, SHINGLE_WORDS) for batch in documents()]

    def few_documents() -> list[list[str]]:
        return [text.split() for text in few]

    def few_sets() -> list[list[bytes]]:
        sets = word_shingles(few_documents(), SHINGLE_WORDS)
        return [shingle_bytes(each.tolist()) for each in sets]

    def median(prepare: Callable[[], Prepared], run: Callable[[Prepared], object]) -> float:
        return median_seconds(prepare, run, options.runs)

    return [
        (
            "words to shingles",
            len(texts),
            median(documents, lambda made: [word_shingles(each, SHINGLE_WORDS) for each in made]),
        ),
        (
            "shingles to rows",
            len(texts),
            median(shingles, lambda made: [sign(each, num_perm, seed) for each in made]),
        ),
        (
            "words to rows",
            len(texts),
            median(
                documents,
                lambda made: [
                    sign(word_shingles(each, SHINGLE_WORDS), num_perm, seed) for each in made
                ],
            ),
        ),
        (
            "datasketch: shingles to rows (bulk)",
            len(few),
            median(few_sets, lambda made: datasketch_bulk(made, num_perm, seed)),
        ),
        (
            "datasketch: words to rows (update_batch)",
            len(few),
            median(few_documents, lambda made: datasketch_words(made, num_perm, seed)),
        ),
    ]


def parsed_options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=4000)
    parser.add_argument("--words", type=int, default=500, help="in each document")
    parser.add_argument("--num-perm", type=int, default=128)
    parser.add_argument("--batch", type=int, default=1000, help="documents sketched together")
    parser.add_argument("--runs", type=int, default=5, help="the median of so many is shown")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if min(options.documents, options.words, options.num_perm, options.batch, options.runs) < 1:
        parser.error("every number but the seed must be 1 or more")
    return options


def main() -> None:
    """Checks a sample of rows, then prints the table."""
    options = parsed_options()
    texts = made_texts(options.documents, options.words, options.seed)
    sample = [text.split() for text in texts[:N_CHECKED]]
    check_rows(word_shingles(sample, SHINGLE_WORDS), options.num_perm, options.seed)

    print(
        f"{options.documents} documents of {options.words} words, {options.num_perm} permutations, "
        f"batches of {options.batch}; median of {options.runs} runs"
    )
    print(f"{len(sample)} rows compared with datasketch: equal, bit for bit")
    print(
        f"dupdetect {__version__}, numpy {np.__version__}, datasketch {datasketch.__version__}, "
        f"Python {platform.python_version()}"
    )
    print(f"{processor()}, {len(usable_cores())} usable cores, one thread used\n")
    print(f"{'stage':<42}{'documents':>10}{'seconds':>10}{'documents/s':>13}")
    for stage, n_documents, seconds in timings(texts, options):
        print(f"{stage:<42}{n_documents:>10}{seconds:>10.3f}{n_documents / seconds:>13,.0f}")


if __name__ == "__main__":
    main()
