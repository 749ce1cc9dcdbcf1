"""The recycled lens: which texts share more own words than honest texts on one subject do.

In: prepared texts, what is boilerplate in them, copies, and a null. Out: families of rows, pairs
with their relation, and which texts were not judged, and why.

    boilerplate out → own words and subjects → pairs → families, reviews, same stories
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dupdetect.config import Config
from dupdetect.match.boilerplate import Found
from dupdetect.match.copies import Related, edges_of
from dupdetect.match.families import (
    STORY_FACTS,
    RecycledFamily,
    Witness,
    find_families,
    keepers,
    same_story,
)
from dupdetect.match.joins import join_candidates, word_weights
from dupdetect.match.null import Null
from dupdetect.match.overlap import Wording, measure, overlaps, pairs_above, story_pairs
from dupdetect.results import Relation
from dupdetect.text.background import is_english
from dupdetect.text.prepare import PreparedText
from dupdetect.text.tokens import main_script

Pairs = NDArray[np.int64]
Containment = Callable[[Pairs], NDArray[np.float64]]

# Steps of the join of a large collection: minutes, whatever the collection.
_JOIN_BUDGET = 4 * 10**9

TOO_SHORT = "too short"
OTHER_SCRIPT = "no null for its script"
OTHER_LANGUAGE = "no null for its language"
TOO_LITTLE = "too little wording of its own beside facts and quotations"

# Own words that a text needs to be judged. Where all is quoted, or a figure stands in every few
# words, nothing is left that could be compared.
_LEAST_OWN_WORDS = 5
# Share of the smaller text's word shingles in the larger one from which on two reports of one story
# are not called independent: quotations alone leave it below.
_COPIED = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Recycled:
    """What the recycled lens found; rows count originals.

    Attributes:
        related: pairs that are recycled, for review, or of one story; scored in nats.
        families: decided ones and those for review.
        wording: what each text has to share.
        null: what it was held against.
        not_judged: why each text was not judged; "" where it was.
        rows: the texts that were compared: judged, and one of those that are copies; ascending.
        candidates: the pairs of them that were scored, where they are too many for all pairs; rows
            i < j, shape (n_pairs, 2). None: all were.
    """

    related: Related
    families: tuple[RecycledFamily, ...]
    wording: Wording
    null: Null
    not_judged: tuple[str, ...]
    rows: NDArray[np.int64]
    candidates: Pairs | None

    @property
    def decided(self) -> list[RecycledFamily]:
        """The families that are decided."""
        return [family for family in self.families if family.level == "decided"]

    @property
    def reviews(self) -> list[RecycledFamily]:
        """The groups that a person should look at."""
        return [family for family in self.families if family.level == "review"]


def why_not_judged(text: PreparedText, null: Null, min_tokens: int) -> str:
    """Why the lens says nothing of a text; "" when it does.

    >>> from dupdetect.match.null import shipped
    >>> from dupdetect.results import Document
    >>> from dupdetect.text.prepare import prepare
    >>> why_not_judged(prepare(Document("a", "Rain fell on the town.")), shipped(), 100)
    'too short'
    """
    if text.tokens.n_native_words < min_tokens:
        return TOO_SHORT
    words = text.native_words
    if main_script(words) != null.script:
        return OTHER_SCRIPT
    if null.is_english and not is_english(words):
        return OTHER_LANGUAGE
    return ""


def find_recycled(
    texts: Sequence[PreparedText],
    copies: Related,
    boilerplate: Found,
    null: Null,
    config: Config,
    witness: Witness,
    containment: Containment,
) -> Recycled:
    """The recycled families among some texts, and the pairs behind them.

    Args:
        texts: the texts by row; no two the same.
        copies: of the near-duplicate lens. Of texts that are copies of one another the keeper is
            judged, once.
        boilerplate: what is left out.
        null: what honest writing has in common.
        config: the settings.
        witness: for pairs of rows, in how many different places the two say the same.
        containment: for pairs of rows, the share of the one's word shingles that the other has, the
            larger of both directions.
    """
    lens = config.recycled
    wording = measure(texts, null.background, boilerplate.masks)
    enough = np.diff(wording.own.indptr) >= _LEAST_OWN_WORDS
    reasons = tuple(
        why_not_judged(text, null, lens.min_tokens) or ("" if has_enough else TOO_LITTLE)
        for text, has_enough in zip(texts, enough.tolist(), strict=True)
    )
    judged = np.array([not reason for reason in reasons], dtype=np.bool_)
    standing = keepers(len(texts), copies.links)
    rows = standing[judged[standing]]

    counts: dict[str, int] = {"not_judged": int((~judged).sum())}
    candidates: Pairs | None = None
    if len(rows) <= lens.max_all_pairs:
        joined = pairs_above(wording, rows, lens.join, null.expected_rate)
        stories = story_pairs(wording, rows, STORY_FACTS)
    else:
        proposed = join_candidates(
            wording.subject[rows],
            word_weights(null.background.zipf(wording.subject_words)),
            max_partners=lens.max_candidates,
            budget=_JOIN_BUDGET,
        )
        counts |= {
            "recycled_candidates": len(proposed.pairs),
            "df_cap": proposed.df_cap,
            "terms_beyond_df_cap": proposed.n_terms_capped,
            "partners_a_text": proposed.depth,
            "partners_left_out": proposed.n_partners_cut,
        }
        stories = candidates = rows[proposed.pairs]
        joined = stories[overlaps(stories, wording, null.expected_rate).scores >= lens.join]
    found = find_families(joined, wording, rows, null, lens, witness, config.evidence.max_partners)
    told = same_story(stories, wording, null)
    scores = overlaps(told, wording, null.expected_rate).scores.tolist()
    copied = containment(told) >= _COPIED
    relations: dict[tuple[int, int], Relation] = {
        edge: "review" if is_copied or null.pair_p(score) <= lens.level else "same-story"
        for edge, score, is_copied in zip(edges_of(told), scores, copied.tolist(), strict=True)
    }
    for family in found.families:
        relation: Relation = "recycled" if family.level == "decided" else "review"
        relations |= dict.fromkeys(edges_of(family.pairs), relation)
    for edge in copies.edges():
        relations.pop(edge, None)
    pairs = np.array(sorted(relations), dtype=np.int64).reshape(-1, 2)
    tally = Counter(relations.values())
    return Recycled(
        related=Related(
            pairs=pairs,
            relations=tuple(relations[i, j] for i, j in pairs.tolist()),
            scores=overlaps(pairs, wording, null.expected_rate).scores,
            counts={
                **counts,
                **found.counts,
                "recycled_proved": tally["recycled"],
                "for_review": tally["review"],
                "same_story": tally["same-story"],
            },
        ),
        families=found.families,
        wording=wording,
        null=null,
        not_judged=reasons,
        rows=rows,
        candidates=candidates,
    )
