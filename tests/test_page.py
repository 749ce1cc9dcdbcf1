import base64
import hashlib
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from dupdetect.errors import ConfigError
from dupdetect.report import html, outline
from dupdetect.report.html import Numbers, boxed, environment, exact, formatted, render
from dupdetect.report.lists import Limits
from dupdetect.report.views import page
from dupdetect.report.views.pairtable import pair_table
from dupdetect.results import Pair, Report
from tests.example_report import example, undecided

RELATIONS = st.sampled_from(["exact", "near-duplicate", "recycled"])


def test_a_limit_below_zero_is_refused_and_both_faults_are_listed():
    with pytest.raises(ConfigError, match=r"max_families is -1.*\n.*max_pairs is True"):
        Limits(max_families=-1, max_pairs=True)


@given(st.lists(st.lists(RELATIONS, max_size=5), max_size=5), st.integers(0, 12))
def test_pairs_are_chosen_in_turn_from_every_section(sections, most):
    places = iter(range(1000))
    listed = [
        [(next(places), Pair("a", "b", relation, 0.5, 0.5, 0.5, 0.5)) for relation in relations]
        for relations in sections
    ]
    chosen = page.chosen_pairs(listed, most)
    shown = [[i for i, pair in pairs if pair.relation != "exact"] for pairs in listed]
    assert chosen <= {i for pairs in shown for i in pairs}
    assert len(chosen) == min(most, sum(map(len, shown)))
    taken = [[i for i in pairs if i in chosen] for pairs in shown]
    # The strongest of each come first, and none has two more than another that has pairs left.
    assert all(pairs[: len(some)] == some for pairs, some in zip(shown, taken, strict=True))
    left = [len(some) for pairs, some in zip(shown, taken, strict=True) if len(some) < len(pairs)]
    assert max(map(len, taken), default=0) <= min(left, default=99) + 1


def test_what_is_cut_is_said():
    shown = render(example(), limits=Limits(max_families=1, max_pairs=0), json_name="all.json")
    assert 'id="family-1"' in shown
    assert 'id="family-2"' not in shown
    assert 'id="pair-' not in shown
    assert re.search(r"And \d+ more famil(y|ies): all\.json has all of them", shown)
    assert re.search(r"\d+ more pairs? of this family without their texts here", shown)


def test_a_page_without_json_beside_it_names_the_format():
    shown = render(example(), limits=Limits(max_families=1))
    assert "--format json lists all of them" in shown


def test_the_policy_allows_the_very_style_and_script_of_the_page_and_nothing_else():
    shown = render(example())
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', shown)[1]
    for kind in ("style", "script"):
        code = re.search(rf"<{kind}>(.*?)</{kind}>", shown, flags=re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert f"{kind}-src &#39;sha256-{digest}&#39;" in policy
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_style_and_script_are_ascii_because_their_hashes_must_hold_in_every_encoding():
    # Printed where the encoding is not UTF-8, a page has character references for all else.
    assert html._style().isascii()
    assert html._script().isascii()


def test_templates_fail_on_a_name_that_is_not_there():
    with pytest.raises(UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_templates_escape_what_they_write():
    template = environment().from_string(
        '<p title="{{ x|plain }}">{{ x|boxed }}{{ x|exact }}{{ x }}'
    )
    shown = template.render(x='"><b onclick=1>&\u202e')
    assert "<b" not in shown
    assert shown.count("U+202E") == 3
    assert shown.count("\u202e") == 1  # where a template forgets a filter, only markup is escaped


def test_no_template_forgets_a_filter_or_marks_a_text_as_safe():
    for path in (html._templates()).iterdir():
        if path.name.endswith(".j2"):
            source = path.read_text("utf-8")
            assert "|safe" not in source.replace(" ", ""), path.name
            assert "style=" not in source, path.name
            assert not re.search(r"\son\w+=", source), path.name
            assert "http://" not in source, path.name
            assert "https://" not in source, path.name


def test_numbers_come_from_the_json_or_not_at_all():
    numbers = Numbers({"a": [{"b/c": 0.25, "d": None, "e": "words", "f": True}]})
    assert numbers("/a/0/b~1c", "%") == '<data value="0.25" data-json="/a/0/b~1c">25%</data>'
    assert numbers("/a/0/d", "p") == '<span data-json="/a/0/d">not judged</span>'
    assert ">so much<" in numbers("/a/0/b~1c", "2f", "so much")
    for pointer in ("/a/0/e", "/a/0/f", "/a/0/x"):
        with pytest.raises(KeyError):
            numbers(pointer, "d")


@given(st.floats(-1000, 1000), st.sampled_from([1, 2, 3]))
def test_a_number_is_shown_rounded_and_never_as_minus_zero(value, digits):
    shown = formatted(value, f"{digits}f")
    assert abs(float(shown) - value) <= 0.5 * 10**-digits + 1e-9
    assert not re.fullmatch(r"[-+]0\.0+", shown)
    signed = formatted(value, f"+{digits}f")
    assert float(signed) == float(shown)
    assert signed[0] in "+-" or float(signed) == 0


@given(st.text())
def test_hidden_characters_are_boxed_and_all_others_stay(text):
    box = r'<span class="box" title="[^"<>]*">U\+([0-9A-F]{4,6})(?:×(\d+))?</span>'
    shown = re.sub(box, lambda m: chr(int(m[1], 16)) * int(m[2] or 1), exact(text))
    assert unescape(shown) == text or re.search("[<>&]", text)
    bare = re.sub(box, "", boxed(text))
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x7f<>]", bare)


def test_the_empty_report_says_so_and_draws_nothing():
    shown = render(Report((), (), (), (), {}, {}))
    assert "nothing to compare: no document was read</h1>" in shown
    assert "<table" not in shown


def test_none_found_has_the_counts_of_each_stage_and_the_nearest_pairs():
    report = undecided()
    shown = render(report)
    title = outline.none_found(report)[0]
    assert title in shown
    for name in outline.stage_names(report):
        assert name in shown


def test_a_pair_table_has_the_columns_that_say_something():
    pair = Pair("a", "b", "contained", 0.1, 0.9, 0.2, 0.3)
    table = pair_table([(4, pair)], {"a": "1", "b": "2"})
    assert (table.contained, table.facts, table.rows[0].parts) == (True, False, ())
    assert table.rows[0].index == 4
