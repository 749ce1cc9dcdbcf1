"""The report where a notebook shows it: the answer and its largest families.

In: a Report. Out: a piece of HTML of less than 10 KB, without style, script, class or id, so that
it fits into any page and touches nothing of it. Names are escaped, and cut in the middle where they
are long; hidden characters in them are boxed.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from dupdetect.report.lists import Shown, count, first
from dupdetect.report.outline import capital, headline
from dupdetect.report.reuse import p_value, reuse_sentence
from dupdetect.report.safe_text import literal
from dupdetect.results import Family, Pair, Report

MAX_GROUPS = 20
MAX_SENTENCES = 3  # of the first families
# Code points of a keeper's name, and of a group's: each may take six bytes as an entity.
_MAX_NAME, _MAX_GROUP_NAME = 36, 16
_CUT = "[…]"
# Beyond this, a name is cut before it is looked at: a box is at most so many times as long.
_MAX_READ = 1000


def summary(report: Report) -> str:
    """A report as a few lines of HTML.

    >>> print(summary(Report((), (), (), (), {}, {})))
    <div lang="en">
    <p><strong>Nothing to compare: no document was read</strong></p>
    <p>0 documents · 0 pairs listed · 0 families · 0 groups for review · 0 inputs skipped</p>
    </div>
    """
    groups = first((*report.families, *report.reviews), MAX_GROUPS)
    counts = (
        count(len(report.documents), "document"),
        f"{count(len(report.pairs), 'pair')} listed",
        count(len(report.families), "family"),
        f"{count(len(report.reviews), 'group')} for review",
        f"{count(len(report.skipped), 'input')} skipped",
    )
    lines = [
        '<div lang="en">',
        f"<p><strong>{escape(capital(headline(report)))}</strong></p>",
        *_sentences(report),
        *(_table(groups) if groups.items else ()),
        f"<p>{' · '.join(counts)}</p>",
        "</div>",
    ]
    return "\n".join(lines)


def _sentences(report: Report) -> Iterator[str]:
    """What each of the first families is, in a sentence."""
    shown = first(report.families, MAX_SENTENCES)
    for each in shown.items:
        name = f"{_name(each.id, _MAX_GROUP_NAME)}: " * (len(report.families) > 1)
        yield f"<p>{name}{escape(reuse_sentence(each, _pairs(each, report)))}</p>"


def _pairs(family: Family, report: Report) -> list[Pair]:
    members = set(family.members)
    related = (pair for pair in report.pairs if pair.relation != "distinct")
    return [pair for pair in related if members.issuperset((pair.a, pair.b))]


def _table(groups: Shown[Family]) -> Iterator[str]:
    yield "<table>"
    yield "<thead><tr>"
    for title in ("Group", "Relation", "Documents", "Keeper", "p"):
        yield f'<th scope="col">{title}</th>'
    yield "</tr></thead>"
    yield "<tbody>"
    for each in groups.items:
        yield _row(each)
    yield "</tbody>"
    yield "</table>"
    if groups.n_hidden:
        yield f"<p>and {count(groups.n_hidden, 'group', 'more ')}</p>"


def _row(family: Family) -> str:
    reuse = family.reuse  # None: copies, for which no p is needed
    keeper = "" if family.relation == "review" else _name(family.keeper, _MAX_NAME)
    p = p_value(reuse.p_adjusted).removeprefix("p ").removeprefix("= ") if reuse else ""
    cells = (
        f"<td>{family.relation}</td>",
        f"<td>{len(family.members):,}</td>",
        f"<td><bdi>{keeper}</bdi></td>" if keeper else "<td></td>",
        f"<td>{p}</td>",
    )
    return f'<tr><th scope="row">{_name(family.id, _MAX_GROUP_NAME)}</th>{"".join(cells)}</tr>'


def _name(name: str, limit: int) -> str:
    """A name as HTML: its two ends where it is long."""
    if len(name) > _MAX_READ:
        name = f"{name[: _MAX_READ // 2]}{name[-_MAX_READ // 2 :]}"
    shown = literal(name)
    if len(shown) > limit:
        head = (limit - len(_CUT)) // 2
        shown = f"{shown[:head]}{_CUT}{shown[head + len(_CUT) - limit :]}"
    return escape(shown)
