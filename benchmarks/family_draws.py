"""Small collections drawn from labelled texts, of which it is known who recycles whom.

In: a folder of labelled collections, a kind, a number of draws and a seed. Out: MiniCorpus values,
each with its documents and its true families. A draw depends on the seed, the kind and its number
alone: more draws, or other kinds beside it, change none. What is damaged in several ways, or cut to
several lengths, is the same collection each time.

The folder holds `NAME.jsonl.gz` with the fields id, group and text, and machine_essays with author
too. They are not the project's to ship; what they are is said at `SHA256`.

What the data cannot give: families of one model. Each group of machine_essays has one text of
each of seven models, so a family is what several models make of one prompt. And no prompt was
answered both by machines and by people: `same_prompt` takes one question, and a family of one of
the five prompts whose texts are closest to its essays by the TF-IDF cosine of their words. They are
not close (a course on speech impairment beside essays on school by computer), so this kind is
easier than its name: it shows whether students become a family of their own, or drift into that of
the machines.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.corpora import CorpusError
from benchmarks.hostile import (
    insert_anchors,
    mojibake,
    set_length,
    shuffle_sentences,
    spin,
    swap_synonyms,
    truncate,
)
from benchmarks.truth import find_truth
from dupdetect import Document, read_documents

SEEDS = Path(__file__).parent.parent / "seeds"
SHA256 = {
    # BBC stories of 2004 and 2005; students on six questions; abstracts of research papers; forty
    # events in three outlets each; 75 prompts answered by seven language models each.
    "human_news": "c8d2e940e62be346f0a4fe9df94043b8c6d12fb3b83d486d3f241f4ca1b5b3c2",
    "human_essays": "a1212430e341a84a0813b5addee13991408a916a3720e1079557fb0f6ddf5803",
    "human_formal": "79cb782802cb3f408b7e61ee3bbf8b0a3c8b811da7490ffb11917667dee3187d",
    "same_event_news": "7e345f4f1e7ee32468ef3d7f152e19bdb2ade60c6769dfcceaaa8b59661b60cb",
    "machine_essays": "fb3b1a52095e9c73642c1e8d10b4cb91d2c94ed58cc306ad884781bb49259d51",
}

# What counts as a true copy: the thresholds of the near-duplicate lens, on exact figures. A copy
# contained in a text a hundred times as long would pass, and there is none such.
_COPY_JACCARD, _COPY_CONTAINMENT, _LEAST_JACCARD = 0.55, 0.8, 0.01
_N_CLOSEST = 5
_LEAST_WORDS = 150

Texts = tuple[Document, ...]
Families = frozenset[frozenset[str]]


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """The texts to draw from; of human texts, the second of each two copies is left out.

    Attributes:
        news: stories, any two of them unrelated or nearly so.
        formal: abstracts, each by other authors.
        questions: students' essays by question.
        events: reports of one event each, by different outlets.
        families: machine texts by prompt.
        closest: for each question, the prompts that are closest to it, closest first.
        seeds: the documents of seeds/; the first four are a family.
        n_copies: how many copies were left out, by collection.
    """

    news: Texts
    formal: Texts
    questions: Mapping[str, Texts]
    events: tuple[Texts, ...]
    families: Mapping[str, Texts]
    closest: Mapping[str, tuple[str, ...]]
    seeds: Texts
    n_copies: Mapping[str, int]


# Texts and families of one collection, from the number of the draw.
Draw = Callable[[LabelledTexts, Random, int], tuple[list[Document], Families]]


@dataclass(frozen=True, slots=True)
class MiniCorpus:
    """A drawn collection.

    Attributes:
        kind: of which kind it is.
        documents: its texts, in no order that tells anything.
        families: ids of the texts that recycle each other; empty where nobody does.
    """

    kind: str
    documents: Texts
    families: Families


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of collection.

    Attributes:
        about: what is drawn, for the table.
        sources: the human collections it draws from. What is calibrated on one of them is at home
            here, and not judged fairly.
        draw: texts and families, from the labelled texts and the number of the draw.
        most: how many different collections there are, if that is few; None: very many.
        one_in: a costly kind is drawn once for so many draws of the others.
        series: kinds of one series begin with the same draws, and differ only in what is done to
            them after that; "": the kind is a series by itself.
    """

    about: str
    sources: frozenset[str]
    draw: Draw
    most: int | None = None
    one_in: int = 1
    series: str = ""


@dataclass(frozen=True, slots=True)
class Null:
    """Texts of which any two in one group were written independently.

    Attributes:
        name: for the tables.
        source: the human collection they are from; "" when machines wrote them.
        groups: the texts; pairs are made inside a group.
    """

    name: str
    source: str
    groups: tuple[Texts, ...]


def load_labelled(folder: Path) -> LabelledTexts:
    """Reads the labelled collections, and leaves out true copies among human texts.

    Raises:
        CorpusError: a file is missing or is another version than the one the figures are from.
    """
    groups = {name: _groups(folder / f"{name}.jsonl.gz", SHA256[name]) for name in SHA256}
    human = {name: _without_copies(texts) for name, texts in groups.items() if "human" in name}
    events = _without_copies(groups["same_event_news"])
    removed = {
        name: sum(map(len, groups[name].values())) - sum(map(len, texts.values()))
        for name, texts in {**human, "same_event_news": events}.items()
    }
    return LabelledTexts(
        news=_flat(human["human_news"]),
        formal=_flat(human["human_formal"]),
        questions=human["human_essays"],
        events=tuple(event for event in events.values() if len(event) > 1),
        families=groups["machine_essays"],
        closest=_closest(human["human_essays"], groups["machine_essays"]),
        seeds=tuple(read_documents(SEEDS)),
        n_copies=removed,
    )


def kind_of(name: str) -> Kind:
    """The kind of this name.

    Raises:
        KeyError: there is none.
    """
    return KINDS[name] if name in KINDS else HOSTILE[name]


def draw_corpora(name: str, texts: LabelledTexts, n_draws: int, seed: int) -> list[MiniCorpus]:
    """Collections of one kind.

    Args:
        name: of the kind, a key of KINDS or HOSTILE.
        texts: to draw from.
        n_draws: how many are asked for; fewer come of a costly kind, or of one with few to draw.
        seed: of the draws.
    """
    kind = kind_of(name)
    n_wanted = -(-n_draws // kind.one_in)
    corpora = []
    for number in range(n_wanted if kind.most is None else min(n_wanted, kind.most)):
        # Seeded by text: Random hashes it with SHA-512, whatever PYTHONHASHSEED is.
        rng = Random(f"{seed} {kind.series or name} {number}")
        documents, families = kind.draw(texts, rng, number)
        rng.shuffle(documents)
        corpora.append(MiniCorpus(name, tuple(documents), families))
    return corpora


def nulls(texts: LabelledTexts, seed: int, n_documents: int = 200) -> tuple[Null, ...]:
    """The nulls that pairs are judged against.

    Args:
        texts: to draw from.
        seed: of the draws.
        n_documents: of one null, at the most.
    """
    rng = Random(f"{seed} nulls")
    names = sorted(texts.questions)
    a_question = n_documents // len(names)
    essays = {name: rng.sample(texts.questions[name], a_question) for name in names}
    of_machines = [rng.choice(texts.families[name]) for name in sorted(texts.families)]
    return (
        Null("news", "human_news", (tuple(rng.sample(texts.news, n_documents)),)),
        Null(
            "formal",
            "human_formal",
            (tuple(rng.sample(texts.formal, min(n_documents, len(texts.formal)))),),
        ),
        Null("other questions", "human_essays", tuple(zip(*essays.values(), strict=True))),
        Null("other prompts", "", (tuple(of_machines),)),
        Null("same question", "human_essays", tuple(map(tuple, essays.values()))),
        Null("same event", "same_event_news", texts.events),
    )


# Reading


def _groups(path: Path, sha256: str) -> dict[str, Texts]:
    """The documents of one collection by group."""
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; give the folder of labelled texts with --data")
    packed = path.read_bytes()
    seen = hashlib.sha256(packed).hexdigest()
    if seen != sha256:
        raise CorpusError(
            f"{path}: its sha256 is {seen[:12]}..., and the figures are from {sha256[:12]}...; "
            "get that version, or change the one in benchmarks/family_draws.py"
        )
    groups: dict[str, list[Document]] = defaultdict(list)
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        row = json.loads(line)
        groups[str(row["group"])].append(Document(str(row["id"]), row["text"]))
    return {name: tuple(documents) for name, documents in groups.items()}


def _flat(groups: Mapping[str, Texts]) -> Texts:
    return tuple(document for group in groups.values() for document in group)


def _without_copies(groups: Mapping[str, Texts]) -> dict[str, Texts]:
    """The groups without any text that copies an earlier one, by all pairs and exact counts."""
    documents = _flat(groups)
    truth = find_truth([document.text for document in documents], least=_LEAST_JACCARD)
    jaccard, *containments = truth.scores(truth.pairs).T
    copied = (jaccard >= _COPY_JACCARD) | (np.maximum(*containments) >= _COPY_CONTAINMENT)
    rows = set(truth.pairs[copied, 1].tolist())
    rows.update(np.flatnonzero(truth.first != np.arange(len(documents))).tolist())
    copies = {documents[row].id for row in rows}
    return {
        name: tuple(document for document in group if document.id not in copies)
        for name, group in groups.items()
    }


def _closest(
    questions: Mapping[str, Texts], families: Mapping[str, Texts]
) -> dict[str, tuple[str, ...]]:
    """For each question the prompts whose texts have the most words in common with its essays."""
    joined = [" ".join(each.text for each in group) for group in questions.values()]
    joined += [" ".join(each.text for each in group) for group in families.values()]
    rows = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(joined)
    cosines = (rows[: len(questions)] @ rows[len(questions) :].T).toarray()
    names = list(families)
    return {
        question: tuple(names[at] for at in np.argsort(-row, kind="stable")[:_N_CLOSEST].tolist())
        for question, row in zip(questions, cosines, strict=True)
    }


# Drawing


def _ids(documents: Iterable[Document]) -> frozenset[str]:
    return frozenset(document.id for document in documents)


def _family(texts: LabelledTexts, rng: Random, least: int = 3, most: int = 6) -> list[Document]:
    """Some texts of one prompt."""
    group = texts.families[rng.choice(sorted(texts.families))]
    return rng.sample(group, rng.randint(least, most))


def _one_a_question(texts: LabelledTexts, rng: Random, count: int) -> list[Document]:
    """Essays on different questions."""
    names = rng.sample(sorted(texts.questions), count)
    return [rng.choice(texts.questions[name]) for name in names]


def _essays_and_prose(texts: LabelledTexts, rng: Random, count: int) -> list[Document]:
    """Essays on different questions, and abstracts."""
    n_essays = rng.randint(0, min(count, len(texts.questions)))
    return _one_a_question(texts, rng, n_essays) + rng.sample(texts.formal, count - n_essays)


def _family_news(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    family = _family(texts, rng)
    return [*family, *rng.sample(texts.news, rng.randint(1, 6))], frozenset({_ids(family)})


def _family_essays(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    family = _family(texts, rng)
    strangers = _essays_and_prose(texts, rng, rng.randint(1, 6))
    return [*family, *strangers], frozenset({_ids(family)})


def _cut_to_human_lengths(draw: Draw) -> Draw:
    """The same, but each machine text is cut at the length of some story or essay.

    The machine texts are three times as long as the human ones, and the share of common characters
    grows with length: what finds the long texts would be taken for what finds families.
    """

    def draw_and_cut(
        texts: LabelledTexts, rng: Random, number: int
    ) -> tuple[list[Document], Families]:
        documents, families = draw(texts, rng, number)
        members = frozenset().union(*families)
        models = [*texts.news, *(each for group in texts.questions.values() for each in group)]
        return [
            Document(each.id, set_length(each.text, _human_length(rng.choice(models))))
            if each.id in members
            else each
            for each in documents
        ], families

    return draw_and_cut


def _human_length(model: Document) -> int:
    """Words of a human text, but so many at least that a family can be told at all."""
    return max(_LEAST_WORDS, len(model.text.split()))


def _family_two(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    names = rng.sample(sorted(texts.families), 2)
    families = [rng.sample(texts.families[name], rng.randint(3, 5)) for name in names]
    together = [document for family in families for document in family]
    n_strangers = rng.randint(1, 12 - len(together))
    strangers = (
        rng.sample(texts.news, n_strangers)
        if rng.random() < 0.5
        else _essays_and_prose(texts, rng, n_strangers)
    )
    return [*together, *strangers], frozenset(map(_ids, families))


def _same_prompt(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    question = rng.choice(sorted(texts.questions))
    family = rng.sample(texts.families[rng.choice(texts.closest[question])], rng.randint(3, 6))
    students = rng.sample(texts.questions[question], rng.randint(3, 6))
    return [*family, *students], frozenset({_ids(family)})


def _news(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    return rng.sample(texts.news, rng.randint(3, 12)), frozenset()


def _formal(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    return rng.sample(texts.formal, rng.randint(3, 12)), frozenset()


def _articles(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    size = rng.randint(3, 12)
    essays = _one_a_question(texts, rng, rng.randint(0, min(size, len(texts.questions))))
    prompts = rng.sample(sorted(texts.families), size - len(essays))
    return [*essays, *(rng.choice(texts.families[name]) for name in prompts)], frozenset()


def _same_event(texts: LabelledTexts, _: Random, number: int) -> tuple[list[Document], Families]:
    return list(texts.events[number % len(texts.events)]), frozenset()


def _same_event_news(
    texts: LabelledTexts, rng: Random, number: int
) -> tuple[list[Document], Families]:
    event, _ = _same_event(texts, rng, number)
    return [*event, *rng.sample(texts.news, rng.randint(1, 9))], frozenset()


def _same_question(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    question = rng.choice(sorted(texts.questions))
    return rng.sample(texts.questions[question], rng.randint(3, 12)), frozenset()


def _seeds(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
    return [*texts.seeds, *rng.sample(texts.news, 10)], frozenset({_ids(texts.seeds[:4])})


_NEWS = frozenset({"human_news"})
_ESSAYS = frozenset({"human_essays"})
_FORMAL = frozenset({"human_formal"})
_EVENTS = frozenset({"same_event_news"})

#: The kinds of collection. Where a family is, people wrote the rest.
KINDS: Mapping[str, Kind] = {
    "family_news": Kind(
        "3 to 6 machine texts of one prompt, 1 to 6 news stories", _NEWS, _family_news
    ),
    "family_essays": Kind(
        "3 to 6 of one prompt, 1 to 6 essays on different questions and abstracts",
        _ESSAYS | _FORMAL,
        _family_essays,
    ),
    "family_news_cut": Kind(
        "the first, the family cut to lengths of human texts",
        _NEWS,
        _cut_to_human_lengths(_family_news),
        series="family_news",
    ),
    "family_essays_cut": Kind(
        "the second, the family cut to lengths of human texts",
        _ESSAYS | _FORMAL,
        _cut_to_human_lengths(_family_essays),
        series="family_essays",
    ),
    "family_two": Kind(
        "3 to 5 of each of two prompts, and people", _NEWS | _ESSAYS | _FORMAL, _family_two
    ),
    "same_prompt": Kind(
        "3 to 6 of a prompt near to a question, cut as above, 3 to 6 students on that question",
        _ESSAYS,
        _cut_to_human_lengths(_same_prompt),
    ),
    "seeds": Kind("seeds/ and 10 news stories", _NEWS, _seeds),
    "news": Kind("3 to 12 news stories", _NEWS, _news),
    "articles": Kind(
        "3 to 12: essays on different questions, machine texts of different prompts",
        _ESSAYS,
        _articles,
    ),
    "formal": Kind("3 to 12 abstracts of research papers", _FORMAL, _formal),
    "same_event": Kind("the outlets' reports of one event", _EVENTS, _same_event, most=40),
    "same_event_news": Kind(
        "the same among 1 to 9 news stories", _EVENTS | _NEWS, _same_event_news
    ),
    "same_question": Kind("3 to 12 students on one question", _ESSAYS, _same_question),
}


# Hostile collections: what is done is done to every text of a collection, so that damage itself
# tells no family.

Damage = Callable[[str, Random], str]


def _damaged(bases: Sequence[str], damage: Damage, about: str) -> Kind:
    """Collections of the base kinds in turn, with damage to each text."""

    def draw(texts: LabelledTexts, rng: Random, number: int) -> tuple[list[Document], Families]:
        kind = KINDS[bases[number % len(bases)]]
        documents, families = kind.draw(texts, rng, number)
        return [Document(each.id, damage(each.text, rng)) for each in documents], families

    sources = frozenset().union(*(KINDS[base].sources for base in bases))
    return Kind(about, sources, draw, one_in=_HOSTILE_ONE_IN, series=f"damaged {bases}")


def _of_length(n_words: int) -> Kind:
    """A family and news stories, all cut to one length, or lengthened with texts of their like."""

    def draw(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
        group = rng.sample(texts.families[rng.choice(sorted(texts.families))], 7)
        # A donor for each, of the same prompt and never the same one: they share phrases, no text.
        family = [
            Document(each.id, set_length(each.text, n_words, [donor.text]))
            for each, donor in zip(group[:3], group[3:6], strict=True)
        ]
        strangers = [
            Document(each.id, set_length(each.text, n_words, _more_news(texts, rng)))
            for each in rng.sample(texts.news, 4)
        ]
        return [*family, *strangers], frozenset({_ids(family)})

    return Kind(
        f"3 of one prompt and 4 news stories, up to {n_words:,} words each",
        _NEWS,
        draw,
        one_in=_HOSTILE_ONE_IN,
        series="lengths",
    )


def _long_nulls(n_words: int) -> Kind:
    """News stories of one length, each of other stories."""

    def draw(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
        stories = rng.sample(texts.news, 60)
        return [
            Document(
                stories[at].id,
                set_length(stories[at].text, n_words, [each.text for each in stories[at + 6 :: 6]]),
            )
            for at in range(6)
        ], frozenset()

    return Kind(
        f"6 texts of {n_words:,} words, each of other news stories",
        _NEWS,
        draw,
        one_in=_HOSTILE_ONE_IN,
    )


def _more_news(texts: LabelledTexts, rng: Random) -> list[str]:
    return [each.text for each in rng.sample(texts.news, 12)]


def _of_size(n_members: int, n_strangers: int | None, *, one_in: int) -> Kind:
    """A family of any size among news; beyond seven texts, the others are spun from these."""

    def draw(texts: LabelledTexts, rng: Random, _: int) -> tuple[list[Document], Families]:
        whole = rng.sample(texts.families[rng.choice(sorted(texts.families))], 7)
        family = whole[:n_members]
        for number in range(n_members - len(family)):
            one, other = rng.sample(whole, 2)
            family.append(Document(f"spun-{number:02}", spin(one.text, other.text, rng)))
        count = rng.randint(1, 6) if n_strangers is None else n_strangers
        return [*family, *rng.sample(texts.news, count)], frozenset({_ids(family)})

    spun = f", {n_members - 7} of them spun from the others" if n_members > 7 else ""
    among = "1 to 6" if n_strangers is None else f"{n_strangers:,}"
    return Kind(
        f"a family of {n_members}{spun}; news stories: {among}",
        _NEWS,
        _cut_to_human_lengths(draw),
        one_in=one_in,
        series="sizes",
    )


_HOSTILE_ONE_IN = 4
_FAMILIES = ("family_news_cut", "family_essays_cut", "family_two")
_NULLS = ("news", "articles", "formal")


def _anchors(count: int) -> Damage:
    return lambda text, rng: insert_anchors(text, count, rng)


def _mojibake(share: float) -> Damage:
    return lambda text, rng: mojibake(text, share, rng)


def _truncated(share: float) -> Damage:
    return lambda text, _: truncate(text, share)


def _synonyms(share: float) -> Damage:
    return lambda text, rng: swap_synonyms(text, share, rng)


def _all_at_once(text: str, rng: Random) -> str:
    """A fifth cut off, then synonyms, anchors and mojibake, each at half its highest."""
    cut = swap_synonyms(truncate(text, 0.2), 0.15, rng)
    return mojibake(insert_anchors(cut, 5, rng), 0.15, rng)


#: What a family may look like on purpose or by accident, and honest texts with the same damage.
HOSTILE: Mapping[str, Kind] = {
    "undamaged": _damaged(_FAMILIES, lambda text, _: text, "what the next lines damage"),
    **{
        f"anchors {count}": _damaged(_FAMILIES, _anchors(count), f"{count} in each text")
        for count in (1, 5, 10)
    },
    **{
        f"mojibake {share:.0%}": _damaged(_FAMILIES, _mojibake(share), f"on {share:.0%} of lines")
        for share in (0.1, 0.3)
    },
    **{
        f"truncated {share:.0%}": _damaged(_FAMILIES, _truncated(share), f"{share:.0%} cut off")
        for share in (0.3, 0.6)
    },
    "shuffled": _damaged(_FAMILIES, shuffle_sentences, "sentences in another order"),
    **{
        f"synonyms {share:.0%}": _damaged(_FAMILIES, _synonyms(share), f"for {share:.0%} of words")
        for share in (0.1, 0.2, 0.3)
    },
    "all at once": _damaged(_FAMILIES, _all_at_once, "a fifth cut off; the others at half"),
    **{f"{n_words} words": _of_length(n_words) for n_words in (100, 200, 400, 800, 2000)},
    **{
        f"family of {size}": _of_size(size, None, one_in=one_in)
        for size, one_in in ((2, 4), (3, 4), (7, 4), (12, 4), (20, 10))
    },
    "family is 1%": _of_size(3, 297, one_in=50),
    "family is 10%": _of_size(3, 27, one_in=10),
    "family is 50%": _of_size(5, 5, one_in=4),
    "family is 90%": _of_size(9, 1, one_in=4),
    "nulls, undamaged": _damaged(_NULLS, lambda text, _: text, "what the next lines damage"),
    "nulls, anchors 10": _damaged(_NULLS, _anchors(10), "10 in each text"),
    "nulls, mojibake 30%": _damaged(_NULLS, _mojibake(0.3), "on 30% of lines"),
    "nulls, synonyms 30%": _damaged(_NULLS, _synonyms(0.3), "for 30% of words"),
    "nulls, truncated 60%": _damaged(_NULLS, _truncated(0.6), "60% cut off"),
    "nulls, 100 words": _damaged(
        _NULLS, lambda text, _: set_length(text, 100), "cut after 100 words"
    ),
    "nulls, 2000 words": _long_nulls(2000),
}
