"""Removals as records: which document, for which kept one, and why.

In: the decision, and the ids and places of the documents. Out: the lines of `removed.jsonl` and
`clusters.jsonl`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dupdetect.corpus.decision import Decision
from dupdetect.corpus.keepvalues import shown
from dupdetect.corpus.shards import Ids
from dupdetect.match.keep import KeepPolicy, Standing, clusters, reason


@dataclass(frozen=True, slots=True, eq=False)
class Removals:
    """The decision on every document, and what explains it.

    Attributes:
        decision: of all documents, exact copies among them.
        original: the row of which each document is an exact copy, its own if of none; shape (n,).
        pinned: documents of the other corpus; shape (n,).
        policy: who was preferred.
        values: what the policy looked at; shape (n,).
        ids: of the documents.
        place: where a document is, for people.
    """

    decision: Decision
    original: NDArray[np.int64]
    pinned: NDArray[np.bool_]
    policy: KeepPolicy
    values: NDArray[np.float64]
    ids: Ids
    place: Callable[[int], str]

    @property
    def removed(self) -> NDArray[np.int64]:
        """The rows that are removed, ascending."""
        return np.flatnonzero((self.decision.keeper != np.arange(len(self.pinned))) & ~self.pinned)

    @property
    def is_kept(self) -> NDArray[np.bool_]:
        """Which documents of the corpus are kept; shape (n,)."""
        kept: NDArray[np.bool_] = self.decision.keeper == np.arange(len(self.pinned))
        return kept & ~self.pinned

    def counts(self) -> dict[str, int]:
        """How many are kept and removed, and for which relation."""
        removed = self.removed
        n_exact = int((self.decision.keeper[removed] == self.original[removed]).sum())
        return {
            "documents": int((~self.pinned).sum()),
            "documents_against": int(self.pinned.sum()),
            "kept": int((~self.pinned).sum()) - len(removed),
            "removed": len(removed),
            "removed_exact": n_exact,
            "removed_near_duplicate": len(removed) - n_exact,
        }

    def records(self) -> Iterator[dict[str, Any]]:
        """A record for each removed document, in the order of the input."""
        decision = self.decision
        for row in self.removed.tolist():
            kept = int(decision.keeper[row])
            record = {
                "id": self.ids[row],
                "kept_id": self.ids[kept],
                "relation": "exact" if kept == self.original[row] else "near-duplicate",
                "jaccard": float(decision.jaccard[row]),
                "containment_removed": float(decision.containment_removed[row]),
                "containment_kept": float(decision.containment_kept[row]),
                "reason": reason(self.policy, self._standing(kept), self._standing(row)),
                "source": self.place(row),
                "kept_source": self.place(kept),
            }
            if self.pinned[kept]:
                record["against"] = True
            yield record

    def clusters(self) -> Iterator[dict[str, Any]]:
        """A record for each kept document that stands for others, in the order of the input."""
        keeper = np.where(self.pinned, np.arange(len(self.pinned)), self.decision.keeper)
        for kept, members in clusters(keeper):
            removed = [self.ids[row] for row in members if row != kept]
            record = {"kept_id": self.ids[kept], "size": len(members), "removed_ids": removed}
            if self.pinned[kept]:
                record["against"] = True
            yield record

    def _standing(self, row: int) -> Standing:
        value = float(self.values[row])
        text = shown(self.policy, value)
        return Standing(self.ids[row], value, text, pinned=bool(self.pinned[row]))
