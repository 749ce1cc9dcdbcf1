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
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from dupdetect.report import outline, reuse
from dupdetect.report.json import comparison_to_dict, to_dict
from dupdetect.report.lists import Limits, count, fixed, percent, signed
from dupdetect.report.ranking import RANKED_NOTE
from dupdetect.report.reuse import BY_OWN_WORDS, p_value
from dupdetect.report.safe_text import Box, drawn, folded
from dupdetect.report.views.page import lone_pair, page
from dupdetect.results import Document, DocumentReport, Pair, Report

# What other formats say, too, by the names that templates have for it.
_TEXTS = {
    "anchors": reuse.ANCHORS_TITLE,
    "bits": reuse.BITS_NOTE,
    "boilerplate": outline.BOILERPLATE_NOTE,
    "closing": outline.CLOSING,
    "cover": reuse.COVERAGE_NOTE,
    "coverage": reuse.COVERAGE_TITLE,
    "nearest": outline.NEAREST_TITLE,
    "overlaps": reuse.OVERLAPS_NOTE,
    "ranked": RANKED_NOTE,
    "reviews": outline.REVIEWS_NOTE,
}
#: Characters that are drawn of a name, a setting or a reason: all of it is in the JSON report.
MAX_EXACT = 500
#: The same of prose.
MAX_PROSE = 2_000

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
    >>> shown[:15], "Nothing to compare: no document was read</h1>" in shown
    ('<!doctype html>', True)
    """
    view = page(report, limits or Limits())
    return _page(
        "page.html.j2",
        to_dict(report),
        json_name,
        title=view.answer.title,
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
            in_json=f"{unmarked(json_name) if json_name else '--format json'} lists them",
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
    made.globals["texts"] = _TEXTS
    made.filters |= {
        "boxed": boxed,
        "exact": exact,
        "plain": unmarked,
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
        if value is None or words == json.dumps(value):  # it says all that `value` would
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
    >>> formatted(0.04, "p"), formatted(0.0004, "pn"), formatted(None, "p")
    ('p = 0.04', '< 0.005', 'not judged')
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
    if format.startswith("+"):
        return signed(value, int(format[1:-1]))
    return fixed(value, int(format[:-1]))


def boxed(text: str, most: int = MAX_PROSE) -> Markup:
    """Prose: white space folded, hidden characters as labelled boxes; what is cut is said.

    Args:
        text: what to show.
        most: characters that are drawn; see `safe_text.drawn`.
    """
    return _marked_up(folded(text).strip(), most, exact=False)


def exact(text: str, most: int | None = MAX_EXACT) -> Markup:
    """Text where each character counts: only plain spaces stay bare; what is cut is said.

    Args:
        text: what to show.
        most: characters that are drawn; None: all of them, where they have been cut before.
    """
    return _marked_up(text, most, exact=True)


def unmarked(text: str, most: int = MAX_PROSE) -> str:
    r"""The same without markup, for attributes, and where the text is our own but for its names.

    >>> unmarked("a\u202eb"), unmarked("name" * 100, 8)
    ('a⟨U+202E⟩b', 'namename[… 392 characters]')
    """
    shown, n = drawn(text, most, exact=True)
    words = "".join(f"⟨{each.code}⟩" if isinstance(each, Box) else each for each in shown)
    return f"{words}{_cut(len(text) - n)}"


def _marked_up(text: str, most: int | None, *, exact: bool) -> Markup:
    shown, n = drawn(text, most, exact=exact)
    parts = [
        # For the direction of what is around it (dir="auto") a <bdi> is not there.
        Markup('<bdi class="box" title="{}">{}</bdi>').format(each.name, each.code)
        if isinstance(each, Box)
        else escape(each)
        for each in shown
    ]
    if n < len(text):
        parts.append(Markup('<span class="cut" lang="en">{}</span>').format(_cut(len(text) - n)))
    return Markup("").join(parts)


def _cut(n_chars: int) -> str:
    return f"[… {count(n_chars, 'character')}]" if n_chars else ""


def _hash(code: str) -> str:
    digest = hashlib.sha256(code.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@lru_cache(maxsize=1)
def _style() -> Markup:
    """All style sheets in one: base.css first, then those of the views."""
    sheets = [each for each in (_templates() / "css").iterdir() if each.name.endswith(".css")]
    sheets.sort(key=lambda each: (each.name != "base.css", each.name))
    return Markup(_without_notes_of_style("".join(each.read_text("utf-8") for each in sheets)))


def _without_notes_of_style(sheet: str) -> str:
    r"""A style sheet without comments and the white space that is there for who reads it.

    >>> _without_notes_of_style("/* Why. */\na > b,\nc :is(d) {\n  margin: 0 1px;\n}\n")
    'a>b,c :is(d){margin:0 1px}'
    """
    packed = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    packed = re.sub(r" ?([{};,>]) ?", r"\1", packed).replace(": ", ":")
    return packed.replace(";}", "}").strip()


@lru_cache(maxsize=1)
def _script() -> Markup:
    return Markup(_without_notes_of_script((_templates() / "report.js").read_text("utf-8")))


def _without_notes_of_script(script: str) -> str:
    r"""A script without indentation, and without the lines that are comments.

    >>> _without_notes_of_script("// Why.\nif (a) {\n  b(); // c\n}\n")
    'if (a) {\nb(); // c\n}'
    """
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _templates() -> Any:  # noqa: ANN401
    return files("dupdetect.report") / "templates"
