"""text-dedup's clusters in some collections, by its MinHash command with its defaults.

python -m benchmarks.text_dedup_clusters ASKED ANSWER

In: a JSON file, a list of collections, each a list of texts. Out: a JSON file, for each collection
the rows of each cluster of two or more. It imports nothing but text-dedup, which brings its own
versions of many packages and so lives in an environment of its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path


def clusters_of(texts: Sequence[str]) -> list[list[int]]:
    """One run of its command, from its own reading to its own saving."""
    from text_dedup import minhash

    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus.jsonl")
        lines = [json.dumps({"text": text}) + "\n" for text in texts]
        corpus.write_text("".join(lines), encoding="utf-8")
        options = {
            "path": "json",
            "data_files": str(corpus),
            "split": "train",
            "cache_dir": f"{folder}/cache",
            "output": f"{folder}/output",
            "column": "text",
            "num_proc": 1,
        }
        arguments = [str(part) for name in options for part in (f"--{name}", options[name])]
        minhash.main(arguments, standalone_mode=False)
    clusters = defaultdict(list)
    for row in sorted(minhash.uf.parent):
        clusters[minhash.uf.find(row)].append(row)
    return [rows for rows in clusters.values() if len(rows) > 1]


def main() -> None:
    """Runs it for each collection."""
    asked, answer = map(Path, sys.argv[1:3])
    collections = json.loads(asked.read_text(encoding="utf-8"))
    answer.write_text(json.dumps([clusters_of(texts) for texts in collections]), encoding="utf-8")


if __name__ == "__main__":
    main()
