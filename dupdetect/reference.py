"""A null of your own: what the honest texts of an archive have in common.

In: documents that somebody vouches for, such as a newsroom's archive. Out: a null to hold other
documents against, in any language: words are as common as the archive has them, unless it is
English, of which the package knows more than an archive can tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import Config
from dupdetect.errors import InputError
from dupdetect.match.background import ENGLISH, Background, counted
from dupdetect.match.copies import exact_groups, find_copies
from dupdetect.match.families import SUBJECT_CLOSENESS, keepers
from dupdetect.match.null import SIZES, Null, fit
from dupdetect.match.overlap import Wording, measure
from dupdetect.results import Document
from dupdetect.sketch import kernels
from dupdetect.sketch.shingles import word_shingles
from dupdetect.text.background import is_english
from dupdetect.text.prepare import PreparedText, prepare
from dupdetect.text.terms import terms_of
from dupdetect.text.tokens import main_script

#: Texts that an archive needs, and pairs of them on one subject.
LEAST_TEXTS, LEAST_PAIRS = 30, 100
# Texts of one subject that are drawn together at most: the first, and its nearest.
_MAX_NEAR = 12


def null_from(documents: Iterable[Document], config: Config | None = None) -> Null:
    """The null of an archive.

    Copies are left out, texts shorter than `recycled.min_tokens`, and texts in another script or
    language than most, as far as English can be told from others. Each other text makes a
    subject with those nearest to it, if there are any on its subject.

    Args:
        documents: texts that were written honestly and independently, in one language.
        config: settings; None: the defaults.

    Raises:
        InputError: there are too few texts, or too few on one subject, to say anything.
    """
    config = config or Config()
    texts = _usable([prepare(document, config.repair) for document in documents], config)
    script, texts = _of_one_kind(texts)
    if len(texts) < LEAST_TEXTS:
        raise InputError(
            f"the reference has {len(texts)} different texts of {config.recycled.min_tokens} words "
            f"or more; at least {LEAST_TEXTS} are needed: add texts"
        )
    background = _background(texts)
    wording = measure(texts, background)
    subjects = _subjects(wording)
    pairs = {(a, b) for rows in subjects for a in rows for b in rows if a < b}
    if len(pairs) < LEAST_PAIRS or max(map(len, subjects)) < min(SIZES):
        raise InputError(
            f"the reference has {len(pairs)} pairs of texts on one subject; at least {LEAST_PAIRS} "
            "are needed to know what such texts have in common: add texts on the same subjects"
        )
    return fit(
        "reference",
        {"texts of the reference on one subject": subjects},
        wording,
        {"reference": _hash(texts)},
        join=config.recycled.join,
        spread=config.recycled.spread,
        background=background,
        script=script,
    )


def _usable(prepared: list[PreparedText], config: Config) -> list[PreparedText]:
    """Texts that are long enough, by their text; of copies one each."""
    long_enough = [
        text for text in prepared if text.tokens.n_native_words >= config.recycled.min_tokens
    ]
    long_enough.sort(key=lambda text: (text.document.text, text.document.id))
    folded = exact_groups([text.tokens.words for text in long_enough])
    texts = [long_enough[group[0]] for group in folded]
    shingles = word_shingles(
        [text.tokens.words for text in texts], config.near_duplicate.shingle_words
    )
    copies = find_copies(shingles, config.near_duplicate, config.seed, kernels)
    return [texts[row] for row in keepers(len(texts), copies.links).tolist()]


def _of_one_kind(texts: list[PreparedText]) -> tuple[str, list[PreparedText]]:
    """The script of most texts, and those in it; where most of them are English, those."""
    scripts = [main_script(text.native_words) for text in texts]
    script = max(scripts, key=lambda each: (scripts.count(each), each), default="")
    in_it = [text for text, each in zip(texts, scripts, strict=True) if each == script]
    english = [text for text in in_it if is_english(text.native_words)]
    return script, english if 2 * len(english) > len(in_it) else in_it


def _background(texts: list[PreparedText]) -> Background:
    if all(is_english(text.native_words) for text in texts):
        return ENGLISH
    return counted("reference", (terms_of(text.native_words) for text in texts))


def _subjects(wording: Wording) -> list[list[int]]:
    """Each text with those nearest to it in subject, where there are any."""
    found: set[tuple[int, ...]] = set()
    turned = wording.subject.T.tocsr()
    for row in range(wording.subject.shape[0]):
        near: NDArray[np.float64] = np.round((wording.subject[[row]] @ turned).toarray()[0], 9)
        near[row] = 0.0
        nearest = np.argsort(-near, kind="stable")[: _MAX_NEAR - 1].tolist()
        on_subject = [each for each in nearest if near[each] >= SUBJECT_CLOSENESS]
        if on_subject:
            found.add(tuple(sorted([row, *on_subject])))
    return [list(rows) for rows in sorted(found)]


def _hash(texts: list[PreparedText]) -> str:
    """Names the texts, whatever their order and their names."""
    digests = sorted(hashlib.sha256(text.document.text.encode()).digest() for text in texts)
    return hashlib.sha256(b"".join(digests)).hexdigest()
