"""Hostile text is harmless in every place where it is shown."""

import json
import re
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dupdetect.report.safe_text import (
    ascii_lines,
    escape_json,
    literal,
    markdown_code,
    markdown_prose,
    prose,
)

HOSTILE = [
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[2J\x1b[1;1Hgone",
    "\x9b31mred",
    "[link=https://evil.example]click[/link] [bold]x[/]",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "user\u202etxt.exe",
    "a\u2066b\u2069c\u200fd\u061ce",
    "zero\u200bwidth\u200d\ufeffjoined\u00adsoft",
    "line\u2028two\u2029three\x85four\x0bfive\x0csix",
    "".join(chr(0xE0000 + ord(each)) for each in "tagged"),
    "lone \ud800 surrogate \udfff",
    "private \ue000 \U0010fffd use",
    "[x](javascript:alert(1)) ![y](https://evil.example/p.png) <https://evil.example>",
    "see @everyone, #123, GH-7, !9 at https://evil.example or www.evil.example :shipit:",
    "mail someone@evil.example commit 0123456789abcdef0123456789abcdef01234567",
    "a|b \\| c\\",
    "# heading",
    "1. item",
    "- item",
    "> quote",
    "---",
    "===",
    "```\ncode\n```",
    "` `` ``` `",
    "*a* _b_ ~~c~~ $x$ &amp; &lt;",
    "\n\n<!-- comment -->\n\n",
    "",
    " ",
    "\t",
]

# Visible signs of Arabic, Syriac, Kaithi and hieroglyphs that Unicode files under "format".
VISIBLE_FORMAT = {
    *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD,
    *range(0x13430, 0x13440),
}  # fmt: skip

anything = st.text(st.characters(codec=None) | st.sampled_from("".join(HOSTILE)), max_size=60)


def hidden_by_category(character: str) -> bool:
    category = unicodedata.category(character)
    return category in {"Cc", "Cs", "Co", "Zl", "Zp"} or (
        category == "Cf" and ord(character) not in VISIBLE_FORMAT
    )


def test_no_control_format_surrogate_or_private_character_stays_bare():
    bare = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if hidden_by_category(chr(code)) and chr(code) in literal(chr(code))
    ]
    assert bare == []


def test_each_json_escape_stands_for_the_character_it_replaces():
    # Below U+0020, and for " and \, the serialiser has written an escape already.
    for code in range(0x23, sys.maxunicode + 1):
        written = escape_json(f'"{chr(code)}"')
        if len(written) > 3:
            assert json.loads(written) == chr(code)
        else:
            assert not hidden_by_category(chr(code))


@pytest.mark.parametrize("text", [*"aß漢ก😀é", "Hong Kong", "香港AI", "e\u0301", "❤\ufe0f"])
def test_plain_text_of_any_script_is_left_alone(text):
    assert prose(text) == literal(text) == markdown_prose(text) == text


def test_a_box_names_the_character_and_counts_a_run():
    assert prose("a\u202eb") == "a⟨U+202E⟩b"
    assert prose("a" + "\u200b" * 1000) == "a⟨U+200B×1000⟩"


def test_white_space_is_folded_in_prose_and_shown_in_names():
    assert prose(" a\n\tb\xa0\u3000c ") == "a b c"
    assert literal("a\nb\xa0c d") == "a⟨U+000A⟩b⟨U+00A0⟩c d"


@settings(max_examples=200)
@given(anything)
def test_boxes_are_not_boxed_again(text):
    assert prose(prose(text)) == prose(text)
    assert literal(literal(text)) == literal(text)


def rendered(markdown: str) -> tuple[str, list[str]]:
    """The words that a reader sees, and the kinds of markup in them."""
    words, kinds = "", []
    for block in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(markdown):
        kinds += [] if block.type.startswith(("paragraph", "inline")) else [block.type]
        for token in block.children or []:
            words += token.content
            kinds += [] if token.type in {"text", "text_special"} else [token.type]
    return words, kinds


@settings(max_examples=300)
@given(anything)
@example("a\\")
@example("1) x")
@example("x\\|y")
def test_markdown_prose_renders_as_the_words_themselves(text):
    words, kinds = rendered(f"x {markdown_prose(text)}")
    assert set(kinds) <= {"code_inline"}
    assert words.removeprefix("x").strip() == prose(text).strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_prose_opens_no_block(text):
    words, kinds = rendered(markdown_prose(text))
    assert set(kinds) <= {"code_inline"}
    assert words == prose(text)


@settings(max_examples=300)
@given(anything)
@example("`")
@example("")
def test_a_code_span_shows_each_character(text):
    words, kinds = rendered(markdown_code(text))
    assert kinds == ["code_inline"]
    assert words.strip() == literal(text).strip()


def cells_of(row: str) -> tuple[int, int]:
    """How many cells a row has, in the two ways in which renderers read backslashes."""
    table = MarkdownIt("commonmark").enable("table").parse(f"|a|b|c|d|\n|-|-|-|-|\n{row}\n")
    by_character = sum(each.type == "inline" and each.content != "" for each in table) - 4
    return by_character, len(re.findall(r"(?:\\.|[^|\\])+", row.strip("|")))


@settings(max_examples=300)
@given(anything)
@example("\\|")
@example("a\\")
@example("||")
def test_a_table_cell_stays_one_cell(text):
    for shown in (markdown_prose(text, cell=True), markdown_code(text, cell=True)):
        n_cells = 3 if shown.strip() else 2
        assert cells_of(f"| x | {shown} | y |") == (n_cells, 3)


LIVE = re.compile(r"@\w|#\d|://|www\.|GH-\d|:shipit:|[0-9a-f]{40}")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_ticket_system_acts_upon_is_code(text):
    for block in MarkdownIt("commonmark").parse(markdown_prose(text)):
        for token in block.children or []:
            assert token.type == "code_inline" or not LIVE.search(token.content)


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_escaped_json_is_the_same_data(text):
    plain = json.dumps(text, ensure_ascii=False)
    assert json.loads(escape_json(plain)) == text
    assert json.loads(escape_json(plain, ascii_only=True)) == text
    assert escape_json(plain, ascii_only=True).isascii()


def test_layout_signs_have_ascii_forms():
    assert ascii_lines("─│·…→×≥⟨⟩“”").isascii()
