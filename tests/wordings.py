"""Wordings made by hand: what each text has to share is given, and no text is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from dupdetect.match.overlap import Wording


def wording(
    own: Sequence[set[str]],
    subjects: Sequence[str],
    facts: Sequence[set[str]] | None = None,
    n_tokens: int = 400,
) -> Wording:
    """Texts of so many tokens with these own words, each on one subject: closeness is 1 or 0."""
    own_matrix, words = _matrix(own)
    subject, subject_words = _matrix([{each} for each in subjects])
    return Wording(
        own=own_matrix,
        facts=_matrix(facts or [set() for _ in own])[0],
        subject=subject,
        n_tokens=np.full(len(own), float(n_tokens)),
        words=words,
        subject_words=subject_words,
    )


def renumbered(given: Wording, order: Sequence[int]) -> Wording:
    """The same texts in another order."""
    return Wording(
        given.own[order],
        given.facts[order],
        given.subject[order],
        given.n_tokens[order],
        given.words,
        given.subject_words,
    )


def _matrix(rows: Sequence[set[str]]) -> tuple[csr_array, tuple[str, ...]]:
    words = sorted(set().union(*rows))
    table = np.array([[float(word in row) for word in words] for row in rows])
    return csr_array(table.reshape(len(rows), len(words))), tuple(words)
