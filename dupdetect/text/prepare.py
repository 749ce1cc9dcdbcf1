"""One document made ready for matching: repaired, cut into tokens, every place still known.

In: a Document. Out: a PreparedText, whose tokens and sentences carry spans of the text as read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import RepairConfig
from dupdetect.results import Document
from dupdetect.text.repair import Repaired, repair_text
from dupdetect.text.tokens import Tokens, tokenize


@dataclass(frozen=True, slots=True, eq=False)
class PreparedText:
    """A document with its repaired text and tokens.

    Attributes:
        document: the document as read.
        repaired: its repaired text, with the steps that lead there.
        tokens: tokens of the repaired text; their own spans point into the repaired text.
        spans: the span of each token in the text as read; shape (n_tokens, 2).
        sentence_spans: the span of each sentence in the text as read; shape (n_sentences, 2).
    """

    document: Document
    repaired: Repaired
    tokens: Tokens
    spans: NDArray[np.int64]
    sentence_spans: NDArray[np.int64]

    @property
    def native_words(self) -> list[str]:
        """The words outside foreign-script runs: what the recycled lens cuts into windows."""
        return self.tokens.native_words


def prepare(document: Document, config: RepairConfig | None = None) -> PreparedText:
    """Repair and tokenize one document.

    >>> ready = prepare(Document("a", "The cityâ€™s plan."))
    >>> ready.tokens.words
    ('the', 'city', 's', 'plan')
    >>> start, end = ready.spans[2]
    >>> ready.document.text[start:end]
    's'
    """
    repaired = repair_text(document.text, config or RepairConfig())
    tokens = tokenize(repaired.text)
    return PreparedText(
        document=document,
        repaired=repaired,
        tokens=tokens,
        spans=np.column_stack(repaired.spans_as_read(tokens.starts, tokens.ends)),
        sentence_spans=np.column_stack(
            repaired.spans_as_read(tokens.sentences[:, 0], tokens.sentences[:, 1])
        ),
    )
