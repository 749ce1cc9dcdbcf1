"""Facts about decoding: which encoding is found, and what is said when bytes are lost."""

import codecs
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.errors import ConfigError
from dupdetect.text.decoding import (
    Decoded,
    Decoder,
    byte_order_mark,
    declared_charset,
    why_binary,
)

FRENCH = "Le café était fermé, il a dû reporter sa soirée à l’été prochain. "
RUSSIAN = "В чащах юга жил бы цитрус? Да, но фальшивый экземпляр! "
JAPANESE = "香港のスタートアップは急速に成長しており、世界中の投資家を惹きつけています。"


def decode(data, declared=None, encoding=None):
    return Decoder(encoding).decode(data, declared)


@pytest.mark.parametrize(
    ("mark", "codec", "name"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    ],
)
def test_a_byte_order_mark_decides_and_is_taken_away(mark, codec, name):
    data = mark + "né\r\n".encode(codec)
    assert byte_order_mark(data) == name
    assert decode(data, declared="cp1251") == Decoded("né\r\n", name)


def test_damage_behind_a_byte_order_mark_is_replaced_and_told():
    decoded = decode(codecs.BOM_UTF8 + b"a\xff")
    assert decoded.text == "a\ufffd"
    assert decoded.note == "not valid utf-8-sig: 1 place was replaced by U+FFFD"


def test_utf_8_comes_before_what_is_declared():
    assert decode("né".encode(), declared="cp1252") == Decoded("né", "utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda t: t[:1] != "\ufeff"))
def test_utf_8_comes_back_as_it_was(text):
    assert decode(text.encode()) == Decoded(text, "utf-8")


@given(st.binary(max_size=200))
def test_any_bytes_decode_to_text_that_can_be_written(data):
    decoded = decode(data)
    decoded.text.encode("utf-8")
    assert decoded.note or decoded.text == data.decode(decoded.encoding)


def test_utf_8_with_one_bad_byte_stays_utf_8():
    decoded = decode(RUSSIAN.encode() + b"\xff" + RUSSIAN.encode())
    assert decoded.encoding == "utf-8"
    assert decoded.text == f"{RUSSIAN}\ufffd{RUSSIAN}"
    assert decoded.note == "not valid utf-8: 1 place was replaced by U+FFFD"


def test_utf_8_cut_off_inside_its_only_wide_character_stays_utf_8():
    decoded = decode("Forty pages of plain English…".encode()[:-1])
    assert (decoded.encoding, decoded.text) == ("utf-8", "Forty pages of plain English\ufffd")
    assert "1 place was replaced" in decoded.note


def test_a_text_that_had_replacement_characters_before_does_not_count_them():
    decoded = decode("été déjà vu, naïf \ufffd\ufffd".encode() + b"\xff")
    assert decoded.note == "not valid utf-8: 1 place was replaced by U+FFFD"


def test_a_last_letter_in_cp1252_is_no_sign_of_utf_8():
    decoded = decode("Un café".encode("cp1252"))
    assert (decoded.text, decoded.encoding) == ("Un café", "cp1252")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        ("香港的人工智能初创公司正在迅速发展，吸引了来自世界各地的投资者。", "gb18030"),
        ("香港的人工智能初創公司正在迅速發展，吸引了來自世界各地的投資者。", "big5hkscs"),
        ("홍콩의 인공지능 스타트업은 빠르게 성장하고 있다고 전해진다.", "cp949"),
        ("Zażółć gęślą jaźń, powiedział chłopiec i poszedł dalej do szkoły.", "cp1250"),
        ("İstanbul'da yağmur yağıyor, çocuklar sokakta şemsiyeyle koşuyor.", "cp1254"),
    ],
)
@pytest.mark.parametrize("times", [1, 3000])
def test_an_undeclared_encoding_is_guessed_and_told(text, encoding, times):
    decoded = decode((text * times).encode(encoding))
    assert decoded == Decoded(text * times, encoding, f"encoding guessed: {encoding}")


def test_the_guess_is_made_where_the_text_leaves_ascii():
    text = "plain\n" * 30_000 + RUSSIAN
    assert decode(text.encode("cp1251")).text == text


def test_damage_beyond_the_sample_is_replaced_and_told():
    decoded = decode((JAPANESE * 3000).encode("cp932") + b"\x81\xff")
    assert decoded.encoding == "cp932"
    assert "encoding guessed: cp932; not valid cp932: " in decoded.note


def test_bytes_of_no_encoding_are_cp1252_with_replacements():
    decoded = decode(bytes(range(128, 256)))
    assert decoded.text == bytes(range(128, 256)).decode("cp1252", "replace")
    assert decoded.note == (
        "encoding guessed: cp1252; not valid cp1252: 5 places were replaced by U+FFFD"
    )


def test_a_guess_holds_for_the_other_pieces_of_a_file():
    decoder = Decoder()
    decoder.decode(RUSSIAN.encode("cp1251"))
    assert decoder.decode("Да".encode("cp1251")).text == "Да"
    assert decoder.decode("Да".encode()) == Decoded("Да", "utf-8")


def test_a_guess_is_the_same_in_every_process():
    code = (
        "import sys; from dupdetect.text.decoding import Decoder;"
        "print(ascii(Decoder().decode(sys.stdin.buffer.read())))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=FRENCH.encode("cp1252"),
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_charset_normalizer_is_loaded_for_a_guess_and_not_before():
    code = (
        "import sys; from dupdetect.text.decoding import Decoder; Decoder().decode(b'abc');"
        "assert 'charset_normalizer' not in sys.modules; Decoder().decode(b'caf\\xe9 au lait');"
        "assert 'charset_normalizer' in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


# Declarations


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (b'<meta charset="windows-1251">', "cp1251"),
        (b"<META CHARSET=Shift_JIS>", "cp932"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=euc-kr">', "cp949"),
        (b'<?xml version="1.0" encoding="gb2312"?>', "gb18030"),
        (b'<meta charset="x-sjis">', "cp932"),
        (b'<meta charset="us-ascii">', "cp1252"),
        (b'<meta charset="windows-874">', "cp874"),
        (b'<meta charset="utf-8">', "utf-8"),
        (b'<meta charset="utf-16">', None),
        (b'<meta charset="rot13">', None),
        (b'<meta charset="unicode_escape">', None),
        (b'<meta charset="utf-7">', None),
        (b'<meta charset="no-such-thing">', None),
        (b"<p>charset=cp1251", None),
        (b" " * 1024 + b"<meta charset=cp1251>", None),
    ],
)
def test_a_declaration_is_an_encoding_of_the_web_or_nothing(markup, expected):
    assert declared_charset(markup) == expected


def test_what_is_declared_comes_before_a_guess():
    data = "Rīgā šodien ir auksts laiks".encode("cp1257")
    assert decode(data, declared="cp1257") == Decoded("Rīgā šodien ir auksts laiks", "cp1257")


def test_a_declaration_that_does_not_fit_is_passed_over():
    assert decode(RUSSIAN.encode("cp1251"), declared="euc_jp").text == RUSSIAN


def test_a_little_damage_does_not_outweigh_a_declaration():
    data = (JAPANESE * 3).encode("euc_jp") + b"\xff"
    assert decode(data, declared="euc_jp").text == JAPANESE * 3 + "\ufffd"


# An encoding a person named


def test_a_named_encoding_is_the_only_one():
    assert decode("né".encode(), encoding="latin-1") == Decoded("nÃ©", "latin-1")


def test_a_named_encoding_that_does_not_fit_is_told():
    decoded = decode(b"caf\xe9", encoding="utf-8")
    assert decoded == Decoded(
        "caf\ufffd", "utf-8", "not valid utf-8: 1 place was replaced by U+FFFD"
    )


def test_a_mark_is_taken_away_under_a_named_encoding_too():
    assert decode(codecs.BOM_UTF8 + b"a", encoding="utf-8").text == "a"
    assert decode(codecs.BOM_UTF16_LE + b"a\0", encoding="utf-16-le").text == "a"


@pytest.mark.parametrize("name", ["", "no-such", "hex", "rot13", "undefined", "a\0b", "ütf-8"])
def test_a_name_that_is_no_text_encoding_is_a_configuration_error(name):
    with pytest.raises(ConfigError, match=r"^reading\.encoding is .*allowed: a text encoding"):
        Decoder(name)


# Binary data


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x02\x01\x00\x00", b"a\0b", bytes(range(256)) * 10, b"\x1f\x8b\x08\x01\x02"]
)
def test_bytes_of_other_kinds_of_file_are_binary(data):
    assert why_binary(data).startswith("binary: ")


@pytest.mark.parametrize(
    "data", [b"", b"a\tb\r\n\x0c", b"x" * 2000 + b"\0", JAPANESE.encode("cp932"), b"\x1b[1mbold"]
)
def test_texts_are_not_binary(data):
    assert why_binary(data) == ""
