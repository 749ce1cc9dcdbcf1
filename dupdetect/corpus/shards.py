"""What was read of each document, in shards on disk: place, digests, MinHash row and id.

In: batches of documents, in the order of the inputs. Out: columns over all documents, and MinHash
columns of one band at a time, so that the rows of a corpus are never in memory at once.

A shard is two files: `rows-N.npy`, MinHash rows turned, one line a permutation, so that a band lies
in one piece; and `documents-N.npz` with all else. The second is renamed into place last: where it
is, the shard is whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dupdetect.corpus.workdir import damaged, read_arrays, write_array, write_arrays
from dupdetect.sketch.sketcher import Sketches

#: Documents of one shard at most, and bytes of their rows: 128 permutations reach both.
SHARD_DOCUMENTS = 2**15
_SHARD_BYTES = 2**24


@dataclass(slots=True)
class Draft:
    """Documents that will become a shard."""

    columns: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    rows: list[NDArray[np.uint32]] = field(default_factory=list)
    ids: list[bytes] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def is_full(self) -> bool:
        """Whether it has become large enough for a shard; what was skipped counts as well."""
        n_permutations = self.rows[0].shape[1] if self.rows else 1
        most = min(SHARD_DOCUMENTS, _SHARD_BYTES // (4 * n_permutations))
        return len(self.ids) + len(self.skipped) >= most

    def add(self, sketches: Sketches, ids: Sequence[str], **columns: NDArray[Any]) -> None:
        """Append documents.

        Args:
            sketches: of the documents.
            ids: of the documents.
            columns: further arrays of one entry a document.
        """
        encoded = [id.encode("utf-8", "surrogatepass") for id in ids]
        hashed = b"".join(hashlib.blake2b(id, digest_size=16).digest() for id in encoded)
        columns |= {
            "digests": sketches.digests,
            "n_tokens": sketches.n_tokens,
            "n_repairs": sketches.n_repairs,
            "id_digests": np.frombuffer(hashed, dtype="<u8").reshape(-1, 2),
            "id_sizes": np.array([len(id) for id in encoded], dtype=np.int64),
        }
        for name, values in columns.items():
            self.columns.setdefault(name, []).append(values)
        self.rows.append(sketches.rows)
        self.ids += encoded


class Shards:
    """The shards in a folder.

    Args:
        folder: where they are; those that are whole are taken up.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        n_shards = 0
        while self._documents(n_shards).exists():
            n_shards += 1
        self._sizes = [self._one(number, "n_tokens").shape[0] for number in range(n_shards)]

    def __len__(self) -> int:
        """How many documents there are."""
        return sum(self._sizes)

    def append(self, draft: Draft, position: object) -> None:
        """Write a shard.

        Args:
            draft: its documents, and what was skipped beside them.
            position: where reading goes on after it, as JSON.
        """
        number = len(self._sizes)
        rows = np.concatenate([*draft.rows, np.empty((0, draft.rows[0].shape[1]), np.uint32)])
        write_array(self._rows(number), np.ascontiguousarray(rows.T))
        columns = {name: np.concatenate(parts) for name, parts in draft.columns.items()}
        write_arrays(
            self._documents(number),
            **columns,
            ids=np.frombuffer(b"".join(draft.ids), dtype=np.uint8),
            notes=_as_bytes({"position": position, "skipped": draft.skipped}),
        )
        self._sizes.append(len(draft))

    def position(self) -> Any:  # noqa: ANN401 - JSON
        """Where reading goes on after the last shard; None: at the beginning."""
        return self._notes(len(self._sizes) - 1)["position"] if self._sizes else None

    def skipped(self) -> list[tuple[str, str]]:
        """What gave no document: places and reasons, in the order of reading."""
        notes = [self._notes(number) for number in range(len(self._sizes))]
        return [(place, reason) for each in notes for place, reason in each["skipped"]]

    def column(self, name: str) -> NDArray[Any]:
        """One column of all documents."""
        return np.concatenate([self._one(number, name) for number in range(len(self._sizes))])

    def minhash_columns(self, first: int, last: int) -> NDArray[np.uint32]:
        """Some columns of the MinHash rows of all documents; shape (n_documents, last - first)."""
        columns = np.empty((last - first, len(self)), dtype=np.uint32)
        filled = 0
        for number, size in enumerate(self._sizes):  # one file is open at a time
            columns[:, filled : filled + size] = self._mapped(number)[first:last]
            filled += size
        return columns.T

    def minhash_rows(self, rows: NDArray[np.int64]) -> NDArray[np.uint32]:
        """The MinHash rows of some documents; shape (n_rows, n_permutations).

        Args:
            rows: documents, in any order.
        """
        starts = np.concatenate([[0], np.cumsum(self._sizes)])
        shard_of = np.searchsorted(starts, rows, side="right") - 1
        found: list[tuple[NDArray[np.int64], NDArray[np.uint32]]] = []
        for number in np.unique(shard_of).tolist():
            asked = np.flatnonzero(shard_of == number)
            shard = self._mapped(number)
            found.append((asked, shard[:, rows[asked] - starts[number]].T))
        n_permutations = found[0][1].shape[1] if found else 0
        values = np.empty((len(rows), n_permutations), dtype=np.uint32)
        for asked, part in found:
            values[asked] = part
        return values

    def ids(self) -> Ids:
        """The ids of all documents."""
        parts = (self._one(number, "ids").data for number in range(len(self._sizes)))
        return Ids(b"".join(parts), np.concatenate([[0], np.cumsum(self.column("id_sizes"))]))

    def _documents(self, number: int) -> Path:
        return self._folder / f"documents-{number:06}.npz"

    def _rows(self, number: int) -> Path:
        return self._folder / f"rows-{number:06}.npy"

    def _mapped(self, number: int) -> NDArray[np.uint32]:
        """The MinHash rows of a shard, turned; read from disk where they are looked at."""
        path = self._rows(number)
        try:
            rows: NDArray[np.uint32] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise damaged(path, error) from None
        return rows

    def _one(self, number: int, name: str) -> NDArray[Any]:
        (column,) = read_arrays(self._documents(number), name)
        return column

    def _notes(self, number: int) -> dict[str, Any]:
        notes: dict[str, Any] = json.loads(self._one(number, "notes").tobytes())
        return notes


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of all documents, in one piece of memory.

    Attributes:
        data: all of them in UTF-8, one after another.
        offsets: where each begins, and where the last one ends.
    """

    data: bytes
    offsets: NDArray[np.int64]

    def __getitem__(self, row: int) -> str:
        return self.encoded(row).decode("utf-8", "surrogatepass")

    def encoded(self, row: int) -> bytes:
        """One id as bytes of UTF-8."""
        return self.data[self.offsets[row] : self.offsets[row + 1]]


def _as_bytes(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)
