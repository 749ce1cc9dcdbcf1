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
from typing import Literal, overload

Relation = Literal["exact", "near-duplicate", "contained", "recycled", "distinct"]

#: Strongest first. "distinct" is what remains when no other relation was proved.
RELATIONS: tuple[Relation, ...] = ("exact", "near-duplicate", "contained", "recycled", "distinct")

PassageKind = Literal["identical", "edited", "reworded"]


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
class Signal:
    """Something about one document that a reader should know; never a verdict by itself.

    Attributes:
        name: "inserted-anchor", "truncated-end", "encoding-damage" or "hidden-characters".
        start: first code point it speaks of, in the text as read.
        end: one past the last.
        text: the characters there: text[start:end].
        reason: one line for a reader.
    """

    name: str
    start: int
    end: int
    text: str
    reason: str


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
            of those that do.
    """

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    cosine: float
    kind: PassageKind


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
        passages: what they share, best first.
        sentences_not_compared: sentences of the two texts beyond evidence.max_sentences, which
            passages were not looked for in.
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


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where one member of a family carries a phrase: a span of its text as read."""

    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that several members of a family carry, in the same order.

    Attributes:
        text: the phrase in the shortest form that a member has, white space folded.
        members: ids of the members that carry it, sorted.
        occurrences: its first place in each of them, in the order of members.
    """

    text: str
    members: tuple[str, ...]
    occurrences: tuple[Occurrence, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Family:
    """Documents that belong together, held by proved pairs.

    Attributes:
        id: "family-1", "family-2", ...: largest first, then by first member.
        relation: the weakest relation needed to hold it together.
        members: ids, sorted.
        keeper: the member to keep if only one may stay: the one that most of the others match or
            resemble; of equals the longest, and then the least damaged.
        cohesion: mean over its listed pairs of the score that proved each, in [0, 1]: Jaccard of
            copies, the larger containment of a part, resemblance of a recycled pair.
        phrases: what several members carry, most telling first; none for exact copies, which
            share every word.
        n_phrases: how many such phrases there are, with those beyond the cap.
    """

    id: str
    relation: Relation
    members: tuple[str, ...]
    keeper: str
    cohesion: float
    phrases: tuple[Phrase, ...] = field(default=(), repr=False)
    n_phrases: int = 0


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
        settings: the configuration, its digest, and the versions that ran.
    """

    documents: tuple[DocumentReport, ...]
    pairs: tuple[Pair, ...]
    families: tuple[Family, ...]
    skipped: tuple[Skipped, ...]
    counts: Mapping[str, int]
    settings: Mapping[str, object]

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
