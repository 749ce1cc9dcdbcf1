"""The page as a browser reads it: parsed by html5lib, held together with the JSON report.

That texts cannot get out of their places is shown with twins: the same report, with each character
that HTML knows replaced by one that it does not. If the two pages are parsed to the same tree, but
for those characters, then none of them did anything.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from functools import cache
from itertools import pairwise

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect import compare, detect, read_documents
from dupdetect.report import FORMATS, render
from dupdetect.report.sharing import anonymized, without_text
from dupdetect.results import Document, Report
from tests import hostile
from tests.example_report import HOSTILE, HOSTILE_CHARACTERS, SETTINGS, example, undecided
from tests.example_report import hostile as hostile_report

REPORTS = {
    "seeds": lambda: detect(read_documents([str(hostile.SEEDS)])),
    "example": example,
    "undecided": undecided,
    "empty": lambda: Report((), (), (), (), {}, {}),
    "one document": lambda: detect([Document("only", "One text.")]),
    "hostile": lambda: detect(hostile.documents()),
    "hostile by hand": lambda: hostile_report(hostile.EVERYTHING),
    "no text": lambda: without_text(report_of("seeds")),
    "no names": lambda: anonymized(report_of("example")),
    "no text, hostile": lambda: without_text(report_of("hostile by hand")),
}
COMPARISON = "comparison"  # of two documents: a page of its own
SVG = "{http://www.w3.org/2000/svg}"
#: Characters that mean something in HTML, in attributes, in scripts or in Jinja2.
MARKUP = str.maketrans(dict.fromkeys("<>&\"'`={}%#$()[]/!\\;:?", "·"))

every_report = pytest.mark.parametrize("name", [*REPORTS, COMPARISON])


@cache
def report_of(name):
    return REPORTS[name]()


@cache
def page_of(name):
    return written(name, "html")


def written(name, format):
    """A report, or the comparison, in a format."""
    if name != COMPARISON:
        return render(report_of(name), format)
    a, b = hostile.documents()[2:4]
    return FORMATS[format].load().render_pair(compare(a, b), a, b, settings=SETTINGS)


@cache
def tree_of(name):
    return parsed(page_of(name))[0]


def parsed(page):
    """The root of a page, and what the parser complained of."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(page)
    return root, [f"{error} at {place}: {more}" for place, error, more in parser.errors]


def elements(root):
    """All elements, in order; comments, which have no name, are not among them."""
    return [each for each in root.iter() if isinstance(each.tag, str)]


def words(element):
    return " ".join("".join(element.itertext()).split())


def seen(root):
    """A tree as a list, whose words have no characters that HTML knows."""
    return [
        (
            each.tag,
            {key: value.translate(MARKUP) for key, value in each.attrib.items()},
            (each.text or "").translate(MARKUP),
            (each.tail or "").translate(MARKUP),
        )
        for each in root.iter()
    ]


@pytest.mark.parametrize("said", [hostile.EVERYTHING, HOSTILE, *hostile.BEGINNINGS])
def test_no_text_gets_out_of_its_place(said):
    found, faults = parsed(render(hostile_report(said), "html"))
    twin, _ = parsed(render(hostile_report(said.translate(MARKUP)), "html"))
    assert faults == []
    assert seen(found) == seen(twin)


@given(st.lists(st.sampled_from([*"<>&\"'`=/!-a0 #;", "script", "-->", "]]>", "{{", "on"])))
@settings(max_examples=10, deadline=None)
def test_no_mixture_of_markup_gets_out_of_its_place(pieces):
    said = f"a{''.join(pieces)}"
    found, faults = parsed(render(hostile_report(said), "html"))
    twin, _ = parsed(render(hostile_report(said.translate(MARKUP)), "html"))
    assert faults == []
    assert seen(found) == seen(twin)


def test_a_hostile_collection_has_no_element_or_attribute_that_others_have_not():
    def names(root):
        return {(each.tag, name) for each in elements(root) for name in ("", *each.attrib)}

    twin = parsed(render(hostile_report(hostile.EVERYTHING.translate(MARKUP)), "html"))[0]
    tame = [tree_of(name) for name in ("seeds", "example", "undecided")]
    allowed = set().union(*map(names, (*tame, twin)))
    assert names(tree_of("hostile")) <= allowed
    assert names(tree_of("hostile by hand")) <= allowed
    assert names(tree_of(COMPARISON)) <= allowed


@every_report
def test_nothing_on_the_page_runs_or_asks_but_its_own_script(name):
    root = tree_of(name)
    tags = Counter(each.tag for each in elements(root))
    assert (tags["script"], tags["style"]) == (1, 1)
    assert not tags.keys() & {
        "img", "link", "base", "iframe", "object", "embed", "form", "video", "audio", "source",
        "template", "portal", f"{SVG}script", f"{SVG}image", f"{SVG}use", f"{SVG}foreignObject",
    }  # fmt: skip
    for each in elements(root):
        for attribute, value in each.attrib.items():
            assert not attribute.startswith("on"), attribute
            assert attribute not in ("style", "src", "srcset", "action", "formaction", "srcdoc")
            assert attribute != "href" or re.fullmatch(r"#[\w-]+", value), value


@every_report
def test_the_policy_allows_nothing_but_the_style_and_the_script_that_are_there(name):
    (policy,) = [
        each.get("content")
        for each in elements(tree_of(name))
        if each.get("http-equiv") == "Content-Security-Policy"
    ]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-\S{44}'; script-src 'sha256-\S{44}'; "
        r"base-uri 'none'; form-action 'none'",
        policy,
    )
    assert page_of(name).index("Content-Security-Policy") < page_of(name).index("<style>")


@every_report
def test_the_parser_has_no_complaint(name):
    assert parsed(page_of(name))[1] == []


@every_report
def test_no_hidden_character_stands_bare(name):
    assert not HOSTILE_CHARACTERS & set(page_of(name))
    page_of(name).encode("utf-8")


@every_report
def test_every_id_is_there_once_and_every_link_lands(name):
    root = tree_of(name)
    ids = Counter(each.get("id") for each in elements(root) if "id" in each.attrib)
    assert [id for id, n in ids.items() if n > 1] == []
    links = {each.get("href")[1:] for each in elements(root) if "href" in each.attrib}
    assert links - set(ids) == set()
    for attribute in ("aria-labelledby", "aria-describedby", "for", "aria-controls"):
        named = {id for each in elements(root) for id in each.get(attribute, "").split()}
        assert named - set(ids) == set(), attribute
    partners = {f"{each.get('data-partner')}" for each in elements(root)} - {"None"}
    assert partners - set(ids) == set()


@every_report
def test_there_is_one_h1_and_no_heading_skips_a_level(name):
    levels = [int(each.tag[1]) for each in elements(tree_of(name)) if re.match(r"h\d", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    assert all(words(each) for each in elements(tree_of(name)) if re.match(r"h\d", each.tag))


@every_report
def test_every_table_says_what_it_is(name):
    for table in tree_of(name).iter("table"):
        captions = [each for each in table if each.tag == "caption"]
        assert len(captions) == 1
        assert words(captions[0])
        heads = list(table.iter("th"))
        assert heads
        assert {each.get("scope") for each in heads} <= {"col", "row", "colgroup", "rowgroup"}
        assert len(set(widths(table))) == 1, words(captions[0])


def widths(table):
    """How many columns each row of a table fills, with the cells that reach into it from above."""
    rows = list(table.iter("tr"))
    filled = [0] * len(rows)
    for number, row in enumerate(rows):
        for cell in row:
            for below in range(number, number + int(cell.get("rowspan", 1))):
                filled[below] += int(cell.get("colspan", 1))
    return filled


@every_report
def test_every_picture_has_a_title_and_a_description(name):
    root = tree_of(name)
    for svg in root.iter(f"{SVG}svg"):
        outer = [svg, *ancestors(root, svg)]
        if any(each.get("aria-hidden") == "true" for each in outer) or svg_inside(outer[1:]):
            continue
        kinds = {each.tag: each for each in svg}
        assert words(kinds[f"{SVG}title"])
        assert words(kinds[f"{SVG}desc"])
        assert svg.get("role") == "img"


def svg_inside(outer):
    return any(each.tag == f"{SVG}svg" for each in outer)


def test_pictures_are_drawn_where_there_is_something_to_draw():
    assert len(list(tree_of("seeds").iter(f"{SVG}svg"))) >= 3
    for figure in tree_of("seeds").iter("figure"):
        assert [each for each in figure.iter("details") if list(each.iter("table"))]


@every_report
def test_what_can_be_scrolled_can_be_focused_and_has_a_name(name):
    for each in elements(tree_of(name)):
        if "scroll" in each.get("class", "").split():
            assert each.get("tabindex") == "0"
            assert each.get("role") == "region"
            assert each.get("aria-label") or each.get("aria-labelledby")
        assert each.get("tabindex", "0") in ("0", "-1")


@every_report
def test_words_of_documents_have_no_language_and_a_direction_of_their_own(name):
    for each in elements(tree_of(name)):
        if each.tag in ("q", "blockquote", "mark", "ins", "del"):
            inside = [each, *ancestors(tree_of(name), each)]
            if any({"legend", "v-key"} & {*node.get("class", "").split()} for node in inside):
                continue  # words of the page's own, as an example
            assert any(node.get("lang") == "" for node in inside), words(each)[:80]
            assert any(node.get("dir") == "auto" or node.tag == "bdi" for node in inside)


@cache
def _parents(root):
    return {child: parent for parent in root.iter() for child in parent}


def ancestors(root, element):
    parents = _parents(root)
    while element in parents:
        element = parents[element]
        yield element


def resolved(plain, pointer):
    """The value that a JSON pointer (RFC 6901) names."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        plain = plain[int(name)] if isinstance(plain, list) else plain[name]
    return plain


def ways_to_show(pointer, value):
    """Everything that a value may look like on the page, each rounded by hand."""
    exact = Decimal(repr(value))
    if pointer == "/histogram/level":
        return {str(value)}
    if pointer.rsplit("/", 1)[1] in ("p", "p_adjusted"):
        if value < 0.005:
            return {"< 0.005", "p < 0.005"}
        up = exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), ROUND_CEILING)
        digits = f"{up:f}".rstrip("0").rstrip(".")
        return {digits, f"p = {digits}"}
    if isinstance(value, int):
        return {f"{value:,}"}
    shown = {f"{(exact * 100).quantize(Decimal(1), ROUND_FLOOR)}%"}
    for places in (1, 2, 3):
        rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        shown |= {f"{rounded:,}", f"{rounded:+,}"}
        if not rounded:
            shown |= {f"{abs(rounded)}", f"{abs(rounded):+}"}
    return shown


PARTS = ("surplus", "distance", "brevity")  # are shown so that they add up: see reuse.shown_parts


@every_report
def test_each_number_is_that_of_the_json_report(name):
    plain = json.loads(written(name, "json"))
    n_seen = 0
    for each in elements(tree_of(name)):
        if (pointer := each.get("data-json")) is None:
            assert each.tag != "data"
            continue
        n_seen += 1
        value = resolved(plain, pointer)
        if value is None:
            assert words(each) in ("not judged", "none")
            continue
        if each.tag == "data":
            assert json.loads(each.get("value")) == value, pointer
        else:
            assert json.loads(words(each)) == value, pointer  # shown as the JSON has it
        if pointer.rsplit("/", 1)[1] in PARTS:
            assert abs(Decimal(words(each)) - Decimal(repr(value))) <= Decimal("0.0151"), pointer
        else:
            assert words(each) in ways_to_show(pointer, value), pointer
    assert n_seen > 20 or name in ("empty", "one document")


@every_report
def test_the_parts_of_a_score_add_up_where_they_are_shown_in_a_row(name):
    for row in tree_of(name).iter("tr"):
        shown = {each.get("data-json").rsplit("/", 1)[1]: words(each) for each in row.iter("data")}
        if shown.keys() >= {*PARTS, "score"}:
            assert sum(Decimal(shown[part]) for part in PARTS) == Decimal(shown["score"])


def test_the_json_report_says_as_much_as_the_page():
    """Every family, group and pair that has a number on the page is one of the JSON report."""
    pointers = {each.get("data-json") for each in elements(tree_of("seeds"))} - {None}
    named = {tuple(each.split("/")[1:3]) for each in pointers}
    report = report_of("seeds")
    assert {("families", "0"), ("histogram", "threshold"), ("histogram", "n_above")} <= named
    assert {("pairs", str(number)) for number in range(len(report.pairs))} <= named
    assert {("counts", stage) for stage in report.counts} <= named
    assert {("documents", str(number)) for number in range(len(report.documents))} <= named


def test_a_page_without_text_has_no_word_of_a_document():
    shown = words(tree_of("no text"))
    assert "The words of the documents were left out" in shown
    for word in ("journey", "bustling", "香港"):
        assert word in words(tree_of("seeds"))
        assert word not in shown


def test_five_documents_make_a_small_file():
    assert len(page_of("seeds").encode()) < 270_000


def test_a_text_of_one_word_of_a_million_letters_stays_small():
    assert len(page_of("hostile").encode()) < 1_500_000


def test_small_texts_cannot_make_a_large_page():
    """Unseen characters, of which each has a box, and names and words of 300 KB in many places."""
    page = render(detect(hostile.large()), "html")
    assert len(page.encode()) < 1_000_000
    assert parsed(page)[1] == []
    assert not HOSTILE_CHARACTERS & set(page)


@pytest.mark.parametrize("said", [hostile.UNSEEN, hostile.LONG_NAME, hostile.LONG_SHARED_WORD])
def test_a_long_text_in_every_place_of_a_report_stays_small(said):
    page = render(hostile_report(said), "html")
    assert len(page.encode()) < 1_100_000
    assert " characters]</span>" in page


def test_five_documents_of_one_family_make_a_small_file():
    """Four texts that take their sentences from those of seeds/ in turn, and one of these."""
    sentences = [
        re.split(r"(?<=[.!?])\s+", each.text) for each in read_documents([str(hostile.SEEDS)])
    ][:4]
    mixed = [
        " ".join(
            sentences[(at + turn) % 4][at]
            for at in range(30)
            if at < len(sentences[(at + turn) % 4])
        )[:3_500]
        for turn in range(4)
    ]
    texts = [" ".join(sentences[0]), *mixed]
    report = detect([Document(f"{n}.txt", text) for n, text in enumerate(texts)])
    assert [len(family.members) for family in report.families] == [5]
    pairs = [pair for pair in report.pairs if pair.relation != "exact"]
    assert (len(pairs), sum(len(pair.passages) for pair in pairs) > 100) == (10, True)
    # 300,000 are kept up to some 8 passages a pair; these have 12.
    assert len(render(report, "html").encode()) < 345_000


def test_the_same_report_gives_the_same_bytes_whatever_the_hash_seed():
    code = (
        "import sys; from tests.test_html_report import page_of; "
        "sys.stdout.buffer.write((page_of('seeds') + page_of('example')).encode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "17"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == page_of("seeds") + page_of("example")
    assert page_of("seeds") == render(report_of("seeds"), "html")
