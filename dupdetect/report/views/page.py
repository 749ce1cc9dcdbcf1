"""The HTML page as values: which sections it has, in which order, and how much of each.

In: a Report and limits. Out: what the templates draw. Words of documents are still as they were
read; numbers that the JSON report has are named by their place in it (a JSON pointer, RFC 6901).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from dupdetect.report import outline, reuse
from dupdetect.report.lists import Limits, Shown, count, first, mapping
from dupdetect.report.outline import Mended, Near
from dupdetect.report.ranking import Ranked, ranked_passages
from dupdetect.report.views.family import FamilyView, family_view
from dupdetect.report.views.histogram import expected_words
from dupdetect.report.views.pair import PairView, pair_view
from dupdetect.report.views.pairtable import MAX_PAIR_ROWS, PairTable, pair_table
from dupdetect.report.views.pictures import Pictures, pictures
from dupdetect.report.views.texts import MAX_ON_PAGE
from dupdetect.results import (
    RELATIONS,
    Boilerplate,
    DocumentReport,
    Family,
    Pair,
    Report,
    Signal,
)

MAX_OVERVIEW = 200  # families in the table of all
MAX_DOCUMENTS = 500
MAX_RANKED = 30
MAX_SENTENCES = 3  # one a family, on the first screen
MAX_BOILERPLATE = 30
MAX_REPAIRED = 50  # documents; of each so many places
MAX_REPAIRS = 20
MAX_SIGNALS = 30  # of one reason
MAX_SOURCES = 100  # skipped for one reason


@dataclass(frozen=True, slots=True)
class Group:
    """A family or a group for review, with the pairs of it that are shown with their texts."""

    view: FamilyView
    pairs: tuple[PairView, ...]
    n_pairs_hidden: int


@dataclass(frozen=True, slots=True)
class Loose:
    """Pairs in no family: a section of its own.

    Attributes:
        id: of the section.
        title: of it.
        note: a line below the title; "" for none.
        table: of the pairs, by the names of their documents.
        pairs: those that are shown with their texts.
        n_pairs_hidden: those that are in the table, and are not.
    """

    id: str
    title: str
    note: str
    table: PairTable
    pairs: tuple[PairView, ...]
    n_pairs_hidden: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A row of the table of all families.

    Attributes:
        id: of the family or group.
        pointer: of it in the JSON.
        relation: that holds it together.
        n_members: how many it has.
        keeper: the member to keep; "" for a group for review.
        has_reuse: whether there is a p-value.
    """

    id: str
    pointer: str
    relation: str
    n_members: int
    keeper: str
    has_reuse: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The first screen.

    Attributes:
        title: the answer in a few words.
        headline: the answer in one line, where it is longer than the title; else "".
        figures: names and numbers, as shown: behind the first, which is of all documents, each is
            of some of them, and these add up.
        sentences: what each of the first families shares, by its id; recycled ones first.
        own_words: what own words are, where a sentence speaks of them; else "".
        none_found: sentences that say that there is no (recycled) family; "": there is.
        nearest: where none is found, the pairs with the highest scores.
        expected: how many families as strong are expected by chance, in words; "" without any.
        n_decided: families that are decided by a p-value.
        p_note: what p is; "" where none is shown.
        overview: all families and groups, recycled ones first.
    """

    title: str
    headline: str
    figures: tuple[tuple[str, str], ...]
    sentences: Shown[tuple[str, str]]
    own_words: str
    none_found: str
    nearest: tuple[Near, ...]
    expected: str
    n_decided: int
    p_note: str
    overview: Shown[Overview]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A row of the table of documents: its index in the report, and its entry."""

    index: int
    document: DocumentReport


@dataclass(frozen=True, slots=True)
class Skips:
    """Inputs skipped for one reason."""

    reason: str
    sources: Shown[str]


@dataclass(frozen=True, slots=True)
class Page:
    """The page, section by section, in their order; see templates/page.html.j2."""

    answer: Answer
    pictures: Pictures
    families: Shown[Group]
    reviews: Shown[Group]
    loose: tuple[Loose, ...]
    ranking: Shown[Ranked]
    documents: Shown[DocumentRow]
    not_judged: tuple[tuple[str, Shown[str]], ...]
    boilerplate: Shown[Boilerplate]
    repairs: Shown[tuple[str, Shown[Mended]]]
    signals: tuple[tuple[str, str, Shown[tuple[str, Signal]]], ...]
    skipped: tuple[Skips, ...]
    stages: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    not_told: tuple[str, ...]
    pair_ids: frozenset[int]
    shown_groups: frozenset[str]
    relations: tuple[str, ...]
    has_text: bool


def page(report: Report, limits: Limits) -> Page:
    """What the page of a report shows.

    Args:
        report: what `detect` returned.
        limits: how much of it is shown in full.
    """
    maker = _Maker(report, limits)
    families = maker.groups(report.families, "/families")
    reviews = maker.groups(report.reviews, "/reviews")
    return Page(
        answer=_answer(report),
        pictures=pictures(report),
        families=families,
        reviews=reviews,
        loose=tuple(maker.loose()),
        ranking=ranked_passages(report, MAX_RANKED),
        documents=first(
            [DocumentRow(index, each) for index, each in enumerate(report.documents)],
            MAX_DOCUMENTS,
        ),
        not_judged=tuple(
            (outline.why_not_judged(reason, report.settings), first(ids, MAX_SOURCES))
            for reason, ids in outline.not_judged_by_reason(report).items()
        ),
        boilerplate=first(report.boilerplate, MAX_BOILERPLATE),
        repairs=first(
            [
                (document.id, first(every, MAX_REPAIRS))
                for document, every in outline.repairs(report)
            ],
            MAX_REPAIRED,
        ),
        signals=tuple(_signals(report)),
        skipped=tuple(_skipped(report)),
        stages=tuple(
            (f"/counts/{_escaped(name)}", words)
            for name, words in zip(report.counts, outline.stage_names(report), strict=True)
        ),
        facts=(*outline.provenance(report.settings), *outline.null_facts(report.settings)),
        settings=tuple(_flat(report.settings)),
        not_told=outline.NOT_TOLD,
        pair_ids=maker.pair_ids,
        shown_groups=frozenset(each.view.id for each in (*families.items, *reviews.items)),
        relations=tuple(
            each for each in RELATIONS if any(pair.relation == each for pair in report.pairs)
        ),
        has_text=outline.has_text(report.settings),
    )


def lone_pair(
    pair: Pair, a: DocumentReport, b: DocumentReport, settings: Mapping[str, object]
) -> PairView:
    """One comparison, as the page of `render_pair` shows it."""
    return pair_view(pair, "/pair", a, b, settings)


class _Maker:
    """Makes groups and sections of pairs; what all of them need is found once."""

    def __init__(self, report: Report, limits: Limits) -> None:
        self._report, self._limits = report, limits
        self._documents = {each.id: each for each in report.documents}
        self._index = {(pair.a, pair.b): index for index, pair in enumerate(report.pairs)}
        self._full = outline.full_lists(report)
        self._inside = {
            group: self._numbered(pairs) for group, pairs in outline.inside(report).items()
        }
        self._loose = [
            (section, title, note, self._numbered(pairs))
            for section, title, note, pairs in _loose_sections(report)
        ]
        shown = [
            group
            for groups in (report.families, report.reviews)
            for _, group in most_telling(groups)[: limits.max_families]
        ]
        in_order = [self._inside[group.id] for group in shown]
        in_order += [pairs for _, _, _, pairs in self._loose]
        #: Indices of the pairs that are shown with their texts.
        self.pair_ids = chosen_pairs(in_order, limits.max_pairs)
        self._room = MAX_ON_PAGE

    def _numbered(self, pairs: Iterable[Pair]) -> list[tuple[int, Pair]]:
        """The pairs as the report has them, with their places in it."""
        places = [self._index[pair.a, pair.b] for pair in pairs]
        return [(place, self._report.pairs[place]) for place in places]

    def groups(self, groups: Sequence[Family], pointer: str) -> Shown[Group]:
        """Families or groups for review, in full."""
        shown = first(most_telling(groups), self._limits.max_families)
        made = []
        for number, group in shown.items:
            pairs = self._inside[group.id]
            view = family_view(
                group,
                f"{pointer}/{number}",
                pairs,
                self._documents,
                self._full,
                self._report.settings,
            )
            made.append(Group(view, self._views(pairs), self._n_hidden(pairs)))
        return Shown(tuple(made), shown.n_hidden)

    def loose(self) -> Iterable[Loose]:
        """Pairs in no family, section by section."""
        for section, title, note, pairs in self._loose:
            shown = pairs[:MAX_PAIR_ROWS]
            yield Loose(
                id=section,
                title=title,
                note=note,
                table=pair_table(shown, None, len(pairs) - len(shown)),
                pairs=self._views(pairs),
                n_pairs_hidden=self._n_hidden(pairs),
            )

    def _views(self, pairs: Sequence[tuple[int, Pair]]) -> tuple[PairView, ...]:
        """Pairs with their texts, as long as the page has room for these; later ones in brief."""
        return tuple(self._view(*each) for each in pairs if each[0] in self.pair_ids)

    def _view(self, index: int, pair: Pair) -> PairView:
        a, b = self._documents[pair.a], self._documents[pair.b]
        view = pair_view(pair, f"/pairs/{index}", a, b, self._report.settings, self._room)
        self._room -= view.n_drawn
        return view

    def _n_hidden(self, pairs: Sequence[tuple[int, Pair]]) -> int:
        return sum(index not in self.pair_ids and pair.relation != "exact" for index, pair in pairs)


# Copies say the same all over: what is to be seen of a family is in its wordings.
_TELLING = {"exact": 2, "near-duplicate": 1, "contained": 1}


def most_telling(groups: Sequence[Family]) -> list[tuple[int, Family]]:
    """Groups with their places in the report: recycled ones first, exact copies last.

    >>> exact, recycled = (Family(id, id, ("a", "b"), "a", 1.0) for id in ("exact", "recycled"))
    >>> [place for place, _ in most_telling([exact, recycled])]
    [1, 0]
    """
    return sorted(enumerate(groups), key=lambda each: _TELLING.get(each[1].relation, 0))


def chosen_pairs(sections: Sequence[Sequence[tuple[int, Pair]]], max_pairs: int) -> frozenset[int]:
    """Indices of the pairs that are shown with their texts: of each section in turn the strongest.

    Exact copies are left out: their whole texts are the same.

    >>> pair = Pair("a", "b", "contained", 0.1, 0.9, 0.1, 0.2)
    >>> sorted(chosen_pairs([[(0, pair), (1, pair)], [(7, pair)]], 2))
    [0, 7]
    """
    rows = zip_longest(
        *([index for index, pair in pairs if pair.relation != "exact"] for pairs in sections)
    )
    turns = dict.fromkeys(index for row in rows for index in row if index is not None)
    return frozenset(list(turns)[:max_pairs])


def _loose_sections(report: Report) -> Iterable[tuple[str, str, str, list[Pair]]]:
    where = "the families" if report.families else "any family"
    if pairs := outline.review_pairs(report):
        title = f"{outline.REVIEW_PAIRS_TITLE}: {count(len(pairs), 'pair', 'listed ')}"
        yield "review-pairs", title, outline.REVIEW_PAIRS_NOTE, pairs
    if pairs := outline.outside(report):
        yield "outside", f"{count(len(pairs), 'pair')} outside {where}", "", pairs
    if pairs := outline.stories(report):
        title = f"{outline.STORIES_TITLE}: {count(len(pairs), 'pair', 'listed ')}"
        yield "stories", title, outline.STORIES_NOTE, pairs


def _answer(report: Report) -> Answer:
    none = outline.none_found(report)
    groups = [("/families", report.families), ("/reviews", report.reviews)]
    overview = [
        Overview(
            id=group.id,
            pointer=f"{pointer}/{number}",
            relation=group.relation,
            n_members=len(group.members),
            keeper=group.keeper if group.relation != "review" else "",
            has_reuse=group.reuse is not None,
        )
        for pointer, every in groups
        for number, group in most_telling(every)
    ]
    inside = outline.inside(report)
    sentences = [
        (group.id, reuse.reuse_sentence(group, inside[group.id]))
        for _, group in most_telling(report.families)
    ]
    title, headline = outline.short_headline(report), outline.headline(report)
    judged = any(each.reuse is not None for each in (*report.families, *report.reviews))
    return Answer(
        title=outline.capital(title),
        headline=outline.capital(headline) * (headline != title),
        figures=tuple(_figures(report)),
        sentences=first(sentences, MAX_SENTENCES),
        own_words=reuse.OWN_WORDS_NOTE * judged,
        none_found="" if none is None else _none_found(*none),
        nearest=first(outline.nearest(report), outline.MAX_NEAREST).items,
        expected=expected_words(report),
        n_decided=sum(each.reuse is not None for each in report.families),
        p_note=outline.p_note(report),
        overview=first(overview, MAX_OVERVIEW),
    )


def _none_found(title: str, lines: Sequence[str]) -> str:
    """One sentence, and where nothing can be told of recycled text, another."""
    read, *more = lines
    return " ".join([f"{title}: {read}.", *more])


def _figures(report: Report) -> Iterable[tuple[str, str]]:
    n = outline.shares(report)
    every = "document" if len(report.documents) == 1 else "documents"
    families = "1 family" if len(report.families) == 1 else f"{len(report.families):,} families"
    yield every, f"{len(report.documents):,}"
    yield f"in {families}" if report.families else "in families", f"{n.families:,}"
    for name, some in (
        ("in other pairs" if report.families else "in pairs", n.pairs),
        ("for review", n.review),
        ("on one story", n.story),
    ):
        if some:
            yield name, f"{some:,}"
    yield "distinct", f"{n.distinct:,}"
    if n.not_judged:
        others = (
            "not judged" if n.not_judged == len(outline.not_judged(report)) else "others not judged"
        )
        yield others, f"{n.not_judged:,}"


def _signals(report: Report) -> Iterable[tuple[str, str, Shown[tuple[str, Signal]]]]:
    for name, reasons in outline.signals(report).items():
        for reason, found in reasons.items():
            places = [(document.id, signal) for document, signal in found]
            yield name, reason, first(places, MAX_SIGNALS)


def _skipped(report: Report) -> Iterable[Skips]:
    by_reason: dict[str, list[str]] = {}
    for each in report.skipped:
        by_reason.setdefault(each.reason, []).append(each.source)
    for reason, sources in by_reason.items():
        yield Skips(reason, first(sources, MAX_SOURCES))


def _flat(settings: Mapping[str, object], before: str = "") -> Iterable[tuple[str, str]]:
    """Nested settings as names with dots, and their values as text."""
    for name, value in settings.items():
        if mapping(value):
            yield from _flat(mapping(value), f"{before}{name}.")
        else:
            yield f"{before}{name}", _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "none" if value is None else str(value)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
