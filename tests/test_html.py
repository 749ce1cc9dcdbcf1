"""Facts about the main text of a page, and about markup that means harm."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.text.html import MainText, main_text


def text(markup):
    return main_text(markup).text


def test_a_sound_page_gives_its_main_text_and_no_note():
    page = """<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>News | Site</title>
    <style>p { color: red }</style><script>if (a < b) { document.write("<p>no</p>") }</script>
    </head><body><header>Site</header><nav><ul><li>Home<li>News</ul></nav>
    <main><h1>A headline</h1>
      <p>First <b>bold</b> words &mdash; caf&eacute;,
         and more.</p><p>Second.</p></main>
    <aside>Related</aside><footer>&copy; Site</footer></body></html>"""
    assert main_text(page) == MainText(
        "A headline\n\nFirst bold words — café, and more.\n\nSecond."
    )


@pytest.mark.parametrize(
    "name",
    """script style nav header footer aside noscript template title textarea iframe svg select
    canvas video""".split(),
)
def test_what_is_no_main_text_is_left_out(name):
    assert main_text(f"<p>One<{name}>x<b>y</b></{name}><p>Two") == MainText("One\n\nTwo")


@pytest.mark.parametrize(
    "attributes",
    ["hidden", "HIDDEN=''", 'hidden="hidden"', 'aria-hidden="true"', "class=a aria-hidden=TRUE"],
)
@pytest.mark.parametrize("name", ["div", "span", "p", "li"])
def test_hidden_elements_are_left_out(name, attributes):
    markup = f"<div>One <{name} {attributes}>x<span>y</span>z</{name}> Two</div>"
    assert text(markup).split() == ["One", "Two"]


@pytest.mark.parametrize(
    "attributes", ['aria-hidden="false"', 'class="hidden"', "hidden=until-found", "data-hidden"]
)
def test_elements_that_are_not_hidden_stay(attributes):
    assert text(f"<div>One <span {attributes}>x</span></div>") == "One x"


def test_a_hidden_paragraph_ends_where_the_next_begins():
    assert main_text("<p hidden>x<p>One<ul><li hidden>y<li>Two</ul>") == MainText("One\n\nTwo")


def test_blocks_are_lines_paragraphs_stand_apart_and_cells_have_tabs():
    markup = "<div>a</div><div>b</div><p>c<p>d<br>e<br> <br>f<table><tr><td>1<td>2<tr><th>3</table>"
    assert text(markup) == "a\nb\n\nc\n\nd\ne\n\nf\n\n1\t2\n3"


def test_white_space_folds_but_words_of_inline_elements_do_not_run_together():
    assert text("<p>  a\n <b> b </b>\t<i>c</i>d  </p>") == "a b cd"


def test_white_space_in_pre_is_kept():
    assert text("<p>x<pre>\n  a\n    b  &lt;c&gt;\n</pre>y") == "x\n\n  a\n    b  <c>\n\ny"


def test_a_no_break_space_is_a_character_of_the_text():
    assert text("<p>a&nbsp;b\xa0 c") == "a\xa0b\xa0 c"


def test_entities_are_decoded_once():
    assert text("&amp;lt;b&gt; &#8364; &#x41; &unknown; AT&T &#xD800;") == (
        "&lt;b> € A &unknown; AT&T \ufffd"
    )


def test_a_number_of_ten_thousand_digits_is_no_character():
    assert text(f"<p>a&#{'9' * 10_000};b") == "a\ufffdb"


def test_quotes_keep_a_greater_than_sign_inside_of_a_tag():
    assert text("""<p title="a > b" data-x='<p>'>One""") == "One"


def test_scripts_end_at_their_end_tag_alone():
    assert text("<p>One<script>'</p><p>'</SCRIPT\n><p>Two") == "One\n\nTwo"


@pytest.mark.parametrize("end", ["</script>", "</SCRIPT\n>", "</script x='y'>", "</script/>"])
def test_scripts_end_at_every_form_of_their_end_tag(end):
    assert text(f"<p>One<script>x{end}<p>Two<script>x</script>") == "One\n\nTwo"


@pytest.mark.parametrize("name", ["title", "textarea", "iframe", "noframes"])
def test_tags_and_comments_inside_of_content_that_is_no_markup_do_not_count(name):
    markup = f"<{name}>The <script> <!-- <nav></{name}><p>One<script>x</script><!-- --></nav>"
    assert main_text(markup) == MainText("One")


def test_marked_sections_end_at_the_first_greater_than_sign():
    markup = "<![if !IE]>a<![endif]><!--[if IE]>x<![endif]-->b<![CDATA[x>c<![ x ]>d<![<p>e<![x[>f"
    assert main_text(markup) == MainText("abcdef")


def test_comments_and_declarations_are_left_out():
    markup = "a<!-- <p>x > --><!--><!doctype html><![CDATA[y]]><?php z ?></ q>b<!---->c<!-- - --!>d"
    assert main_text(markup) == MainText("abcd")


@pytest.mark.parametrize("name", ["script", "title", "textarea", "nav", "div hidden"])
def test_a_self_closed_element_is_empty(name):
    assert main_text(f"<{name}/>One<p>Two<script>x</script>") == MainText("One\n\nTwo")


def test_a_self_closed_title_in_a_drawing_swallows_nothing():
    markup = "<svg><title/><path/></svg><p>One<svg><title>x</title></svg>"
    assert main_text(markup) == MainText("One")


# Broken markup: nothing is lost silently


@pytest.mark.parametrize("name", ["nav", "header", "footer", "aside", "script", "style", "title"])
def test_what_an_unclosed_element_would_swallow_is_kept_and_told(name):
    page = main_text(f"<body><{name}>Menu<p>The article.</p></body></html>")
    assert page.text.split() == ["Menu", "The", "article."]
    assert page.note == f"never closed, so its text was kept: <{name}>"


def test_an_element_closed_by_its_parent_was_never_closed():
    page = main_text("<div><nav>Menu<p>The article.</div>")
    assert page == MainText("Menu\n\nThe article.", "never closed, so its text was kept: <nav>")


def test_an_unclosed_element_inside_of_one_that_is_closed_is_left_out():
    assert main_text("<nav><aside>Menu</nav><p>One") == MainText("One")


def test_an_unclosed_hidden_element_is_kept_and_told():
    page = main_text("<div hidden>x<p>One")
    assert page == MainText("x\n\nOne", "never closed, so its text was kept: a hidden element")


def test_an_unclosed_comment_ends_at_the_next_tag_end_and_is_told():
    page = main_text("<p>One<!-- note ><p>Two</p>")
    assert page == MainText("One\n\nTwo", "never closed, so its text was kept: <!--")


def test_an_unclosed_comment_before_other_markup_is_text():
    page = main_text("<p>One<!-- note <b>x</b><p>Two</p>")
    assert page == MainText("One<!-- note x\n\nTwo", "never closed, so its text was kept: <!--")


@pytest.mark.parametrize("cut_off", ["<a", "<a href='x.html", '<a href="x" class=', "<a\n"])
def test_a_tag_cut_off_at_the_end_is_text_and_is_told(cut_off):
    page = main_text(f"<p>One</p>{cut_off}")
    assert page == MainText(f"One\n\n{cut_off}".strip(), "never closed, so its text was kept: <a")


def test_an_entity_cut_off_at_the_end_is_text():
    assert main_text("<p>One &amp") == MainText("One &")
    assert main_text("<p>AT&T") == MainText("AT&T")


def test_after_many_constructs_that_never_end_tags_are_text_and_this_is_told():
    page = main_text("<p>One" + "<!-- x " * 50 + "<p>Two &amp; three")
    assert page.text == "One" + "<!-- x " * 50 + "<p>Two & three"
    assert page.note == (
        "never closed, so its text was kept: <!--; "
        "broken in many places, so that from one of them on the tags were read as text"
    )


def test_an_unclosed_element_without_text_is_not_worth_a_note():
    assert main_text("<p>One</p><nav> <br>") == MainText("One")


def test_an_end_tag_alone_closes_nothing():
    assert main_text("<p>One</nav></span></p></p>Two") == MainText("One\n\nTwo")


def test_an_inline_end_tag_does_not_end_the_block_around_it():
    assert main_text("<span><nav>x</span>y</nav>One") == MainText("One")


def test_less_than_signs_are_characters_where_no_tag_begins():
    assert text("<p>1 < 2, a <3 b, <>, </") == "1 < 2, a <3 b, <>, </"


def test_an_unclosed_attribute_does_not_swallow_the_page():
    page = main_text("""<p><a href="x>One</a> and two.</p>""")
    assert page == MainText("One and two.", "never closed, so its text was kept: <a")


def test_a_page_with_text_only_in_its_margins_is_read_whole():
    page = main_text("<title>T</title><header>One</header><div hidden>Two</div><script>x</script>")
    assert page == MainText("One\n\nTwo", "no main text was found, so the whole page was read")


def test_a_page_without_text_has_none():
    assert main_text("<title>T</title><img src=a><script>x</script> \n ") == MainText("")
    assert main_text("") == MainText("")


def test_markup_that_the_parser_refuses_is_read_as_text(monkeypatch):
    def refuse(_parser, _markup):
        raise AssertionError("unknown status keyword")

    monkeypatch.setattr(HTMLParser, "feed", refuse)
    assert main_text("<p>One<![<") == MainText(
        "<p>One<![<", "the markup could not be parsed, so the tags were read as text"
    )


# Properties

WORDS = st.sampled_from("alpha beta gamma delta epsilon zeta".split())
INLINE = st.sampled_from(["b", "i", "span", "a"])
BLOCK = st.sampled_from(["div", "section", "blockquote", "article"])
LEFT_OUT = st.sampled_from(["nav", "header", "footer", "aside", "noscript", "template"])


def element(children, name, keeps):
    content = st.lists(children, max_size=3)
    return st.builds(
        lambda name, parts: (
            f"<{name}>{' '.join(markup for markup, _ in parts)}</{name}>",
            [word for _, words in parts for word in words] if keeps else [],
        ),
        name,
        content,
    )


PAGES = st.recursive(
    WORDS.map(lambda word: (word, [word])),
    lambda inner: (
        element(inner, INLINE, True) | element(inner, BLOCK, True) | element(inner, LEFT_OUT, False)
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(PAGES)
def test_of_a_well_nested_page_all_main_words_remain_in_order_and_no_others(page):
    markup, words = page
    found = main_text(f"first {markup} last")
    assert found.text.split() == ["first", *words, "last"]
    assert found.note == ""


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("< > / \" ' = ! - -- a b p nav script svg & # ; x".split())))
def test_no_markup_is_too_broken(parts):
    for markup in ("".join(parts), " ".join(parts)):
        main_text(markup)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("< </ <a <!-- <! <? <script <p \" ' = / - a b c & ;".split())))
def test_where_no_tag_ends_all_is_text(parts):
    markup = " ".join(["x", *parts])
    assert text(markup) == markup


HOSTILE = [
    "<", "<a", "<a ", '<a "', '<a b="', "<a b='", '<a b=">" ', "<a b='x'", "<a =", "<a /",
    "</", "</i>", "</script ", "<!--", "<!-->", "--!>", "-- ", "<!", "<?", "<![", "<![x[",
    "&", "&#", "&#9", "&#x9", "<script>", "<script></script ", "<textarea></a>", "<title>",
    "<nav>", "<nav>x", "<div>", "<b>", "<i><div>", "<p></p>", "<p hidden>", "<a hidden/",
    "<br>", "<pre>\n", "<svg><title/>",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("end", ["", ">", '">', "/" * 10_000 + "hidden>"])
def test_hostile_markup_takes_time_in_proportion_to_its_length(unit, end):
    # At most 0.3 s; with quadratic work, as in HTMLParser.close(), half a minute.
    markup = unit * (60_000 // len(unit)) + end
    start = time.perf_counter()
    main_text(markup)
    assert time.perf_counter() - start < 2


def test_fifty_thousand_nested_elements_need_no_recursion():
    assert text("<div>" * 50_000 + "deep" + "</div>" * 50_000) == "deep"
