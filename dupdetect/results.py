"""The values that enter and leave: documents, pairs, families, evidence, and the report.

All are frozen, compare by value, and carry no behaviour beyond views of themselves. Every offset is
a half-open range of code points into the text **as it was read**, so that

    document.text[passage.a_start : passage.a_end]

is the very passage that a number speaks of. Every similarity is a fraction in [0, 1].
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args, overload

if TYPE_CHECKING:
    from dupdetect.report.dataframes import DataFrame

Relation = Literal[
    "exact", "near-duplicate", "contained", "recycled", "review", "same-story", "distinct"
]

#: Strongest first. "review" is what comes near "recycled" and is for a person to decide;
#: "same-story" is honest reporting on one event as far as can be told: what is shared is mostly
#: names, figures and quotations. "distinct" is what remains when no other relation was proved.
RELATIONS: tuple[Relation, ...] = get_args(Relation)

PassageKind = Literal["identical", "edited", "reworded"]

PhraseKind = Literal["phrasing", "facts", "quotation"]


def strongest(relations: Sequence[Relation]) -> Relation:
    """The strongest of some relations; "distinct" when there are none.

    >>> strongest(["recycled", "exact"])
    'exact'
    """
    return min(relations, key=RELATIONS.index, default="distinct")


def weakest(relations: Sequence[Relation]) -> Relation:
    """The weakest of some relations; "distinct" when there are none.

    >>> weakest(["recycled", "exact"])
    'recycled'
    """
    return max(relations, key=RELATIONS.index, default="distinct")


@dataclass(frozen=True, slots=True)
class Document:
    """One text to be judged.

    Attributes:
        id: its name in every result; unique in a collection.
        text: the text as it was read: decoded, and otherwise untouched.
        source: where it was read, for people: a path, or path:line; "" when made by a program.
        encoding: the character encoding it was decoded with; "" when made by a program.
        decoding_note: what a reader must know of the decoding, such as bytes that were replaced.

    Raises:
        TypeError: a field is not a str.
        ValueError: the id is empty.

    >>> Document(id="a", text="One text.").id
    'a'
    """

    id: str
    text: str = field(repr=False)
    source: str = ""
    encoding: str = ""
    decoding_note: str = ""

    def __post_init__(self) -> None:
        for name, next_step in _NEXT_STEPS.items():
            value: object = getattr(self, name)
            if not isinstance(value, str) or (name == "id" and not value):
                allowed = "a str that is not empty" if name == "id" else "a str"
                message = f"Document.{name} is {_seen(value)}; allowed: {allowed}; {next_step}"
                raise ValueError(message) if isinstance(value, str) else TypeError(message)


_NEXT_STEPS = {
    "id": "name each document, for instance with str(row)",
    "text": "decode bytes first, leave missing texts out, or read files with read_documents(...)",
    "source": 'write str(path), or leave it ""',
    "encoding": 'leave it "" when it is not known',
    "decoding_note": 'leave it "" when there is nothing to say',
}


def _seen(value: object) -> str:
    """A value as a message shows it: shortened, with its type."""
    shown = reprlib.repr(value)
    return shown if isinstance(value, str) else f"{shown} ({type(value).__name__})"


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that gave no document, and why: part of the result, never only a log line."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Documents(Sequence[Document]):
    """Documents as they were read, with what was skipped on the way.

    >>> len(Documents((Document("a", "x"),)))
    1
    """

    items: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()

    def __repr__(self) -> str:
        return f"Documents({len(self.items):,} documents, {len(self.skipped):,} skipped)"

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Documents: ...
    def __getitem__(self, index: int | slice) -> Document | Documents:
        if isinstance(index, slice):
            return Documents(self.items[index], self.skipped)
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Repair:
    """One replayable step from the text as read to the repaired text.

    Attributes:
        kind: what was wrong, such as "mojibake" or "html-entity".
        start: first code point replaced, in the text as read.
        end: one past the last; equal to start only for an insertion.
        before: the characters replaced: text[start:end].
        after: what stands there in the repaired text.
    """

    kind: str
    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where one member of a family carries some words: a span of its text as read."""

    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Signal:
    """Something about one document that a reader should know; never a verdict by itself.

    Attributes:
        name: "inserted-anchor", "truncated-end", "encoding-damage" or "hidden-characters".
        start: first code point it speaks of, in the text as read.
        end: one past the last.
        text: the characters there: text[start:end].
        reason: one line for a reader.
        occurrences: where members of the document's family carry the same inserted anchor: its
            first place in each, by id, of 20 members at most.
        n_members: how many members of the family carry it, this one included; 0 without a family.
        n_places: in how many places of theirs; only listed signals are counted.
        slots: where other members carry the words around an inserted anchor, the anchor taken out:
            the longest run in each, by id, of 20 members at most.
        n_slots: how many other members carry them.
    """

    name: str
    start: int
    end: int
    text: str
    reason: str
    occurrences: tuple[Occurrence, ...] = field(default=(), repr=False)
    n_members: int = 0
    n_places: int = 0
    slots: tuple[Occurrence, ...] = field(default=(), repr=False)
    n_slots: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """Two stretches, one of each text, that say the same.

    Attributes:
        a_start: first code point in text a as read.
        a_end: one past the last.
        b_start: first code point in text b as read.
        b_end: one past the last.
        cosine: TF-IDF cosine of the two stretches, in [0, 1].
        kind: "identical" when all tokens agree in order, else "edited" or "reworded" by the share
            of those that stayed.
        quotation: whether both stretches lie mostly between quotation marks.
        n_tokens_kept: tokens that stayed, foreign-script runs not counted: those of the runs.
        n_tokens: tokens of the longer side, foreign-script runs not counted.
        runs: where tokens that stayed follow one another in both texts, as half-open spans of code
            points in the texts as read: (a_start, a_end, b_start, b_end), ascending in text a.
    """

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    cosine: float
    kind: PassageKind
    quotation: bool = False
    n_tokens_kept: int = 0
    n_tokens: int = 0
    runs: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two documents share beyond their facts, against what independent articles share.

    A document's own words are the uncommon ones outside names, figures and quotations that it uses
    once or twice: what it says, not what it is about. `dupdetect.match.overlap` has the formula.

    Attributes:
        shared_words: own words of both.
        expected_words: how many independent articles of this length on one subject share.
        shared_facts: different words in names, figures and quotations of both.
        closeness: how much the two are about one thing, in [0, 1].
        surplus: ln of shared over expected, smoothed: the first part of the score.
        distance: the second part: 0 on one subject, else below 0.
        brevity: the third part, below 0: the shorter the texts, the lower.
        score: the sum of the three, in nats.
        p: share of pairs of independent texts on one subject that score as high, in (0, 1]; None:
            one of the two was not judged, see `DocumentReport.not_judged`.
        words: the own words of both, sorted; the first 100, `shared_words` counts all.
    """

    shared_words: int
    expected_words: float
    shared_facts: int
    closeness: float
    surplus: float
    distance: float
    brevity: float
    score: float
    p: float | None
    words: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents, exactly compared.

    Attributes:
        a: id of the first document.
        b: id of the second.
        relation: the strongest relation that was proved, or "distinct".
        jaccard: shared word shingles over all word shingles of the two, in [0, 1].
        containment_a: share of a's word shingles that b has too, in [0, 1].
        containment_b: share of b's word shingles that a has too, in [0, 1].
        resemblance: length-matched window resemblance, in [0, 1].
        passages: what they share, best first: stretches of sentences; of a recycled pair single
            sentences that are alike, if loosely.
        sentences_not_compared: sentences of the two texts beyond evidence.max_sentences, which
            passages were not looked for in.
        overlap: what the recycled lens measured; None when it did not run.
        sentences: of a pair for review, single sentences that are alike, if loosely, best first:
            what it is to be decided on. Of a recycled pair they are its passages.
    """

    a: str
    b: str
    relation: Relation
    jaccard: float
    containment_a: float
    containment_b: float
    resemblance: float
    passages: tuple[Passage, ...] = field(default=(), repr=False)
    sentences_not_compared: int = 0
    overlap: Overlap | None = None
    sentences: tuple[Passage, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that several members of a family carry, in the same order: a row of its phrase table.

    Attributes:
        text: the phrase in the shortest form that a member has, white space folded.
        members: ids of the members that carry it, sorted.
        occurrences: its first place in each of them, in the order of members.
        bits: how rare its words are in English at large: the sum of -log2 of their frequencies, at
            most 40; None where the members are not English, for which no background is known.
        kind: "quotation" when most of it stands between quotation marks in half of its members or
            more; "facts" when it holds a figure, or fewer than two content words beside names and
            quoted words; else "phrasing".
    """

    text: str
    members: tuple[str, ...]
    occurrences: tuple[Occurrence, ...] = field(default=(), repr=False)
    bits: float | None = None
    kind: PhraseKind = "phrasing"

    @property
    def n_members(self) -> int:
        """How many members carry it."""
        return len(self.members)


@dataclass(frozen=True, slots=True)
class Cover:
    """One member of a covering set.

    Attributes:
        id: the member that is drawn on.
        share: share of the recycled tokens that it covers together with those before it, in [0, 1].
    """

    id: str
    share: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one member of a family is in the others, and in which of them.

    Attributes:
        id: the member.
        recycled_share: share of its tokens, foreign-script runs not counted, that stayed in
            sentences shared with at least one other member, in [0, 1].
        cover: the covering set: few other members that have 90% of its recycled tokens, the one
            that has most of them first, then the one that adds most; empty if none are recycled.
        n_not_compared: other members that were not looked into; if there are any, the recycled
            share is the least that it can be.
    """

    id: str
    recycled_share: float
    cover: tuple[Cover, ...]
    n_not_compared: int = 0


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """Sentences that documents carry word for word which otherwise share none, such as a licence.

    Attributes:
        text: the sentences as one of its members has them, white space folded, shortened.
        members: ids of the documents that carry some of them, sorted.
        occurrences: all places of them, in the order of members, then of places.
        n_chars_cut: characters by which the text was shortened.
    """

    text: str
    members: tuple[str, ...]
    occurrences: tuple[Occurrence, ...] = field(default=(), repr=False)
    n_chars_cut: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one member of a family has where others say the same.

    Attributes:
        id: the member.
        start: first code point of its sentence, in its text as read.
        end: one past the last.
        agreed: where it has the words of the skeleton: half-open spans of code points, ascending;
            the rest of the sentence is its variant.
    """

    id: str
    start: int
    end: int
    agreed: tuple[tuple[int, int], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Collation:
    """A sentence that members of a family have in wordings of their own, side by side.

    Each reading is aligned with the base directly. The skeleton is made of the words of the base
    that more than half of the readings have, the base's own included.

    Attributes:
        base: the member whose sentence the others are aligned with.
        readings: of each member that has the sentence, the base's included, in the order of
            members; at most one each, two or more in all.
        kind: "identical" when all words of all readings agree, else "edited" or "reworded" by the
            share of the base that is skeleton.
        n_tokens_agreed: tokens of the skeleton, foreign-script runs not counted.
        n_tokens: tokens of the base's sentence, foreign-script runs not counted.
    """

    base: str
    readings: tuple[Reading, ...]
    kind: PassageKind
    n_tokens_agreed: int
    n_tokens: int


@dataclass(frozen=True, slots=True)
class ScoreHistogram:
    """The scores of pairs on one subject, beside what honest writing would give.

    A score is that of own words, in nats (`Overlap.score`). The null is of pairs on one subject, so
    only such pairs are counted in bins. Copies share all words and are not counted: of texts that
    are copies of one another one stands for all.

    Attributes:
        edges: of the bins, ascending; n_bins + 1 of them. Scores beyond the first or the last are
            counted in the first or the last bin.
        counts: pairs in each bin; a score at an edge is in the bin above it.
        recycled: of these, pairs whose two documents are in one decided family.
        expected: pairs that as many pairs of honest texts would have in each bin, after the kind of
            honest writing that scores highest there. They sum to less than all: what lies below the
            null's first quantile is in no bin.
        n_pairs: pairs on one subject: the sum of counts.
        n_other_pairs: pairs on different subjects, or that were not looked into; in no bin.
        level: the p-value that the threshold stands for: `recycled.level`.
        threshold: the score from which on a pair's own p-value is at most the level, in nats.
        n_above: pairs at or above the threshold.
        expected_above: how many there would be if all pairs were honest: level * n_pairs, at most.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    recycled: tuple[int, ...]
    expected: tuple[float, ...]
    n_pairs: int
    n_other_pairs: int
    level: float
    threshold: float
    n_above: int
    expected_above: float


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The scores of documents, all with all, those that are alike beside one another.

    Attributes:
        ids: documents in the order of the leaves of their dendrogram (average linkage).
        scores: scores of own words, in nats: scores[i][j] is that of ids[i] with ids[j], for j < i.
        n_left_out: documents that are not shown: not judged, copies of one that is, or beyond the
            most that are shown, those in families being shown first.
    """

    ids: tuple[str, ...]
    scores: tuple[tuple[float, ...], ...] = field(repr=False)
    n_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Reuse:
    """How strong the evidence is that a family's members recycle each other.

    Attributes:
        p: share of honest collections of `n_on_subject` texts on one subject in which the strongest
            group has as much evidence, in (0, 1].
        p_adjusted: the same, all groups of the run taken together (Benjamini and Hochberg 1995).
        evidence: mean score of the upper half of its pairs, less 0.25 over their number, in nats.
        n_on_subject: documents at hand that are on its subject, its members included.
        shared_words: own words that two of its members share, mean over their pairs.
        expected_words: how many independent articles of their length on one subject share.
        weakest: the member that is least like the others.
        weakest_score: its mean score with them, in nats.
    """

    p: float
    p_adjusted: float
    evidence: float
    n_on_subject: int
    shared_words: float
    expected_words: float
    weakest: str
    weakest_score: float


@dataclass(frozen=True, slots=True)
class Family:
    """Documents that belong together, held by proved pairs.

    Attributes:
        id: "family-1", "family-2", ...: largest first, then by first member.
        relation: the weakest relation needed to hold it together; "review" where a person should
            decide whether it is recycled.
        members: ids, sorted.
        keeper: the member to keep if only one may stay: the one that most of the others match or
            resemble; of equals the longest, and then the least damaged.
        cohesion: mean over its listed pairs of the score that proved each, in [0, 1]: Jaccard of
            copies, the larger containment of a part, resemblance of any other pair.
        phrases: what several members carry, most telling first; none for exact copies, which
            share every word.
        n_phrases: how many such phrases there are, with those beyond the cap.
        reuse: how strong the evidence is; None for families of copies.
        coverage: for each member, how much of it is in the others, and in which; in the order of
            members. Empty for families of copies.
        collations: sentences that members have in wordings of their own, side by side, most telling
            first: those with most agreed words in all their readings; of copies, first those that
            differ. None for exact copies.
        n_collations: how many such sentences there are, with those beyond the cap.
        n_not_collated: members that were not looked into for them.
    """

    id: str
    relation: Relation
    members: tuple[str, ...]
    keeper: str
    cohesion: float
    phrases: tuple[Phrase, ...] = field(default=(), repr=False)
    n_phrases: int = 0
    reuse: Reuse | None = None
    coverage: tuple[Coverage, ...] = field(default=(), repr=False)
    collations: tuple[Collation, ...] = field(default=(), repr=False)
    n_collations: int = 0
    n_not_collated: int = 0


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """What was found out about one document.

    Attributes:
        id: the document's id.
        source: where it was read.
        encoding: the encoding it was decoded with; "" when made by a program.
        text: the text as read; offsets point into it.
        n_chars: its length in code points.
        n_tokens: its length in tokens, after repair.
        relation: the strongest relation of its pairs, or "distinct".
        family: id of its family, or None.
        repairs: steps that lead from the text as read to the repaired text.
        signals: what a reader should know; never a verdict.
        not_judged: why the recycled lens did not judge it; "" when it did, or did not run.
    """

    id: str
    source: str
    encoding: str
    text: str = field(repr=False)
    n_chars: int
    n_tokens: int
    relation: Relation
    family: str | None
    repairs: tuple[Repair, ...] = field(default=(), repr=False)
    signals: tuple[Signal, ...] = field(default=(), repr=False)
    not_judged: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to "which of these texts recycle which?", with its evidence.

    Attributes:
        documents: one entry a document, sorted by id.
        pairs: pairs with a proved relation, strongest first. Of a crowd, the strongest of each
            text (`evidence.max_partners`) and those with a keeper; `counts` has the number of
            those that are not listed, and of those that the recycled lens did not look into.
        families: groups of documents, largest first.
        skipped: inputs that gave no document, and why.
        counts: what each stage did, in the order of the stages.
        settings: the configuration, its digest, the null, and the versions that ran.
        reviews: groups that come near a recycled family and are for a person to decide; their
            documents may be in a family of copies, too.
        boilerplate: notices that several documents carry word for word; they make no family.
        histogram: the scores of its pairs, over the null; None where the recycled lens did not run,
            judged fewer than two different texts, or has a null that no p-value as small as
            `recycled.level` can be read from.
        heat_map: the scores of its documents, all with all; None where the recycled lens did not
            run, or judged fewer than two different texts.
    """

    documents: tuple[DocumentReport, ...]
    pairs: tuple[Pair, ...]
    families: tuple[Family, ...]
    skipped: tuple[Skipped, ...]
    counts: Mapping[str, int]
    settings: Mapping[str, object]
    reviews: tuple[Family, ...] = ()
    boilerplate: tuple[Boilerplate, ...] = ()
    histogram: ScoreHistogram | None = field(default=None, repr=False)
    heat_map: HeatMap | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """One line: the whole of it can be megabytes, and a prompt would print them."""
        return (
            f"Report({len(self.documents):,} documents, {len(self.families):,} families, "
            f"{len(self.pairs):,} pairs, {len(self.skipped):,} skipped)"
        )

    def document(self, id: str) -> DocumentReport:
        """The entry of one document.

        Raises:
            KeyError: no document has this id.
        """
        for document in self.documents:
            if document.id == id:
                return document
        raise KeyError(id)

    def to_pandas(self, table: str = "pairs") -> DataFrame:
        """A table of it as a pandas DataFrame; `dupdetect.report.dataframes` has the columns.

        Args:
            table: "documents", "pairs", "families" (a row for each member, those of groups for
                review included) or "passages".

        Raises:
            ConfigError: there is no such table, or pandas is not installed.
        """
        from dupdetect.report.dataframes import to_frame

        return to_frame(self, table)

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer and the largest families, in a few lines of HTML."""
        from dupdetect.report.notebook import summary

        return summary(self)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run.

    Attributes:
        name: what it does.
        elapsed_s: seconds it took, in the run that finished it.
        peak_mib: the most memory the process had held when it ended; None: unknown.
        counts: what it did.
    """

    name: str
    elapsed_s: float
    peak_mib: float | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DedupeInput:
    """What a deduplication has read: a file of records, or neighbouring files of one text each.

    Attributes:
        source: where it is, for people; of several files, the first.
        bytes: on disk, of all its files.
        files: how many there are.
    """

    source: str
    bytes: int
    files: int = 1


@dataclass(frozen=True, slots=True)
class DedupeSummary:
    """What a deduplication did.

    Attributes:
        counts: documents read, kept and removed, and what was compared.
        caps: what limits left out; all zero: nothing.
        stages: the stages in order.
        skipped: inputs and records that gave no document, and why.
        files: the files written, relative to the output folder.
        settings: the configuration, its digest, the keep policy, and the versions and kernel.
        elapsed_s: seconds, in the run that finished it.
        peak_mib: the most memory the process held; None: unknown.
        run: a digest of the settings and the inputs; equal for equal runs.
        inputs: what was deduplicated, in order.
        against: the other corpus, in order.
    """

    counts: Mapping[str, int]
    caps: Mapping[str, int]
    stages: tuple[Stage, ...]
    skipped: tuple[Skipped, ...]
    files: tuple[str, ...]
    settings: Mapping[str, object]
    elapsed_s: float
    peak_mib: float | None
    run: str
    inputs: tuple[DedupeInput, ...] = ()
    against: tuple[DedupeInput, ...] = ()

    def __repr__(self) -> str:
        """One line: the skipped alone can be megabytes, and a prompt would print them."""
        counts = ", ".join(
            f"{self.counts.get(name, 0):,} {name}"
            for name in ("documents", "kept", "removed", "skipped")
        )
        return f"DedupeSummary({counts}, {self.elapsed_s:,.1f} s)"
