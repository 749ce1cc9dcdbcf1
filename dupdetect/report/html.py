"""The report as one HTML file: it asks for nothing from elsewhere, and reads without its script.

In: a Report, or one Pair with its documents. Out: a page. Jinja2 comes in here and nowhere else: it
escapes whatever a template writes and fails on a name that is not there. A policy in the page
(Content-Security-Policy) allows its one style sheet and its one script, by their sha256, and
nothing else. Every number that the JSON report has, too, stands in a <data> element that names its
place there.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from dupdetect.report import outline
from dupdetect.report.json import comparison_to_dict, to_dict
from dupdetect.report.lists import Limits, count, percent
from dupdetect.report.reuse import BY_OWN_WORDS, p_value
from dupdetect.report.safe_text import Box, folded, literal, pieces
from dupdetect.report.views.page import lone_pair, page
from dupdetect.results import Document, DocumentReport, Pair, Report

_SURROGATES = re.compile(r"[\ud800-\udfff]")
_CSP = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; "
    "form-action 'none'"
)


def render(
    report: Report,
    *,
    width: int = 80,
    color: bool = False,
    limits: Limits | None = None,
    json_name: str = "",
) -> str:
    """The report as a page; width and color are for other formats.

    Args:
        report: what `detect` returned.
        width: not used.
        color: not used.
        limits: how much is shown in full; None: the defaults.
        json_name: name of the file with the JSON report beside the page; "": there is none.

    >>> shown = render(Report((), (), (), (), {}, {}))
    >>> shown[:15], "nothing to compare: no document was read</h1>" in shown
    ('<!doctype html>', True)
    """
    view = page(report, limits or Limits())
    return _page(
        "page.html.j2",
        to_dict(report),
        json_name,
        title=view.answer.headline,
        page=view,
        report=report,
        pair_ids=view.pair_ids,
        has_text=view.has_text,
    )


def render_pair(
    pair: Pair,
    a: Document,
    b: Document,
    *,
    settings: Mapping[str, object],
    width: int = 80,
    color: bool = False,
) -> str:
    """One comparison as a page; width and color are for other formats.

    Args:
        pair: the comparison of a with b.
        a: the first document.
        b: the second document.
        settings: the configuration that was used, with its digest.
        width: not used.
        color: not used.
    """
    view = lone_pair(pair, _entry(a, pair), _entry(b, pair), settings)
    return _page(
        "comparison.html.j2",
        comparison_to_dict(pair, a, b, settings),
        "",
        title=f"Two texts: {pair.relation}",
        pair=view,
        facts=(*outline.provenance(settings), *outline.null_facts(settings)),
        p_note=outline.pair_p_note(pair) * (pair.relation in BY_OWN_WORDS),
        not_told=outline.NOT_TOLD,
        pair_ids=frozenset[int](),
        has_text=True,
    )


def _entry(document: Document, pair: Pair) -> DocumentReport:
    """A document of a lone comparison, of which no more is known than its text."""
    return DocumentReport(
        id=document.id,
        source=document.source,
        encoding=document.encoding,
        text=document.text,
        n_chars=len(document.text),
        n_tokens=0,
        relation=pair.relation,
        family=None,
    )


def _page(template: str, plain: Mapping[str, Any], json_name: str, **values: object) -> str:
    style, script = _style(), _script()
    html = (
        environment()
        .get_template(template)
        .render(
            number=Numbers(plain),
            style=style,
            script=script,
            csp=_CSP.format(style=_hash(style), script=_hash(script)),
            json_name=json_name,
            in_json=f"{json_name} has all of them"
            if json_name
            else "--format json lists all of them",
            **values,
        )
    )
    return _SURROGATES.sub("\ufffd", html)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, with the filters and tests that they use."""
    made = Environment(
        loader=PackageLoader("dupdetect.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "boxed": boxed,
        "exact": exact,
        "plain": literal,
        "count": count,
        "percent": percent,
    }
    return made


class Numbers:
    """Numbers of the page, each looked up in the JSON report, so that the two cannot differ.

    Args:
        plain: the JSON report as plain data.

    >>> str(Numbers({"pairs": [{"jaccard": 0.0109}]})("/pairs/0/jaccard", "3f"))
    '<data value="0.0109" data-json="/pairs/0/jaccard">0.011</data>'
    """

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self._plain = plain

    def __call__(self, pointer: str, format: str, shown: str | None = None) -> Markup:
        """A number as an element.

        Args:
            pointer: its place in the JSON report (RFC 6901).
            format: "d", "1f" to "3f", "+2f" (signed), "%" (a share, rounded down), "p" or "pn" (a
                p-value, with or without "p = ").
            shown: words to show in place of the formatted value: parts that must add up.

        Raises:
            KeyError: there is no such place.
        """
        value = self._at(pointer)
        words = formatted(value, format) if shown is None else shown
        if value is None:
            return Markup('<span data-json="{}">{}</span>').format(pointer, words)
        return Markup('<data value="{}" data-json="{}">{}</data>').format(
            json.dumps(value), pointer, words
        )

    def _at(self, pointer: str) -> int | float | None:
        value: Any = self._plain
        for step in pointer.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            value = value[int(name) if isinstance(value, list) else name]
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise KeyError(f"{pointer} is no number")
        return value


def formatted(value: float | None, format: str) -> str:
    """A number as it is shown.

    >>> [formatted(*each) for each in ((1234, "d"), (0.5, "3f"), (1.5, "+2f"), (0.999, "%"))]
    ['1,234', '0.500', '+1.50', '99%']
    >>> formatted(0.0004, "p"), formatted(0.0004, "pn"), formatted(None, "p")
    ('p = 0.0004', '0.0004', 'not judged')
    """
    if format in ("p", "pn"):
        words = p_value(value)
        return words if format == "p" else words.removeprefix("p ").removeprefix("= ")
    if value is None:
        return "none"
    if format == "%":
        return percent(value)
    if format == "d":
        return f"{value:,}"
    sign, digits = ("+", format[1:]) if format.startswith("+") else ("", format)
    shown = f"{Decimal(repr(float(value))):{sign}.{digits}}"
    return shown if float(shown) else shown.lstrip("+-")


def boxed(text: str) -> Markup:
    """Prose: white space folded, hidden characters as labelled boxes."""
    return _marked_up(folded(text).strip(), exact=False)


def exact(text: str) -> Markup:
    """Text where each character counts: only plain spaces stay bare."""
    return _marked_up(text, exact=True)


def _marked_up(text: str, *, exact: bool) -> Markup:
    return Markup("").join(
        Markup('<span class="box" title="{}">{}</span>').format(each.name, each.code)
        if isinstance(each, Box)
        else escape(each)
        for each in pieces(text, exact=exact)
    )


def _hash(code: str) -> str:
    digest = hashlib.sha256(code.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@lru_cache(maxsize=1)
def _style() -> Markup:
    """All style sheets in one: base.css first, then those of the views."""
    sheets = [each for each in (_templates() / "css").iterdir() if each.name.endswith(".css")]
    sheets.sort(key=lambda each: (each.name != "base.css", each.name))
    return Markup("\n" + "".join(each.read_text("utf-8") for each in sheets))


@lru_cache(maxsize=1)
def _script() -> Markup:
    return Markup("\n" + (_templates() / "report.js").read_text("utf-8"))


def _templates() -> Any:  # noqa: ANN401
    return files("dupdetect.report") / "templates"
