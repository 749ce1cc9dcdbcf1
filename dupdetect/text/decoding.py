"""Decoding: bytes to characters, with a note where characters were guessed or lost.

In: the bytes of one file, or of one record. Out: `Decoded`: text, encoding, note.
Method: the first of these that applies.

1. The encoding a person named: no other is tried.
2. A byte order mark (UTF-8, UTF-16, UTF-32).
3. UTF-8, strictly. Text in another encoding is hardly ever valid UTF-8 by chance.
4. UTF-8 with a little damage: at least four sound characters for each place that is not.
5. What the file declares (`declared_charset`), if it is an encoding of the web.
6. What charset-normalizer makes of 64 KiB, from the first byte beyond ASCII on, among the
   encodings of the web.
7. cp1252, its unused bytes replaced.

Only a byte order mark is taken away; line ends and white space stay as they are.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from dupdetect.errors import ConfigError

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Older encodings of the WHATWG Encoding Standard, by their Python names, commonest first: of two
# guesses equally good, the commoner is taken. Without this list a guess may fall on EBCDIC.
_WEB_ENCODINGS = (
    "cp1252 cp1251 gb18030 cp932 euc_jp cp949 big5hkscs cp1250 cp1256 cp1254 cp1253 cp1255 cp1257 "
    "cp1258 cp874 koi8-r koi8-u cp866 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 "
    "iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 mac-roman mac-cyrillic utf-8"
).split()

# Browsers read these labels as a larger encoding (WHATWG Encoding Standard, section 4.2).
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}

_DECLARATION_BYTES = 1024  # where the HTML standard looks for a declaration
_DECLARED = re.compile(
    rb"""<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([\w:.()-]{1,40})""",
    re.IGNORECASE,
)

_SAMPLE_BYTES = 64 * 2**10  # what the guess is made from
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_SOUND_PER_BAD = 4  # sound characters beyond ASCII that outweigh one undecodable place

# A UTF-8 character cut off at the end of the file behind its second or third byte. Behind its first
# byte it looks like the last letter of a French text in cp1252, and is no sign of UTF-8.
_CUT_OFF = re.compile(rb"(?:[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2})\Z")

# C0 controls that text files do not hold; tab, LF, VT, FF, CR and ESC do occur in them.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_MAX_NUL_SHARE = 0.001  # a stray NUL is a blemish; a file of another kind is full of them
_MAX_CONTROL_SHARE = 0.05  # compressed data has 27 of 256, about 0.11


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters, how they were found, and what a reader must know of that.

    Attributes:
        text: the characters, without a byte order mark.
        encoding: the Python name of the encoding; "utf-8-sig" for UTF-8 behind a mark.
        note: "" when the encoding is certain and every byte was sound.
    """

    text: str
    encoding: str
    note: str = ""


class Decoder:
    r"""Decodes the pieces of one file; a guess made for one piece holds for the rest.

    Args:
        encoding: the only encoding to be tried; None: it is found out.

    Raises:
        ConfigError: no text encoding has this name.

    >>> Decoder().decode(b"\xef\xbb\xbfone")
    Decoded(text='one', encoding='utf-8-sig', note='')
    >>> Decoder("ascii").decode(b"caf\xe9").note
    'not valid ascii: 1 place was replaced by U+FFFD'
    """

    def __init__(self, encoding: str | None = None) -> None:
        if encoding is not None:
            _check_name(encoding)
        self._encoding = encoding
        self._guess: str | None = None

    def decode(self, data: bytes, declared: str | None = None) -> Decoded:
        """Decode one piece.

        Args:
            data: the bytes.
            declared: the encoding its own markup names, a Python name; see `declared_charset`.
        """
        if self._encoding is not None:
            return _named(data, self._encoding)
        if mark := byte_order_mark(data):
            return _replacing(data, mark)
        return (
            _strict(data, "utf-8")
            or _damaged_a_little(data, "utf-8")
            or (declared and (_strict(data, declared) or _damaged_a_little(data, declared)))
            or self._guessed(data)
        )

    def _guessed(self, data: bytes) -> Decoded:
        if self._guess is None:
            self._guess = _guess_encoding(data)
        decoded = (
            _strict(data, self._guess)
            or _damaged_a_little(data, self._guess)
            or _replacing(data, "cp1252")
        )
        notes = (f"encoding guessed: {decoded.encoding}", decoded.note)
        return Decoded(decoded.text, decoded.encoding, "; ".join(filter(None, notes)))


def byte_order_mark(data: bytes) -> str:
    r"""The encoding that a byte order mark at the start tells, or "".

    >>> byte_order_mark(b"\xff\xfeo\x00")
    'utf-16'
    """
    return next((name for mark, name in _MARKS if data.startswith(mark)), "")


def declared_charset(data: bytes) -> str | None:
    """The encoding an HTML page declares in its first 1,024 bytes, as Python names it.

    Names that are no encoding of the web are passed over: "rot13", "unicode_escape", and also
    "utf-16", for a page whose declaration can be read as ASCII is not in UTF-16.

    >>> declared_charset(b'<meta charset="ISO-8859-1">')
    'cp1252'
    >>> declared_charset(b'<meta charset="hex">') is None
    True
    """
    found = _DECLARED.search(data[:_DECLARATION_BYTES])
    if not found:
        return None
    label = found[1].decode("ascii").lower()
    for name in (label, label.removeprefix("x-"), label.replace("windows-", "cp")):
        try:
            codec = codecs.lookup(name).name
        except LookupError:
            continue
        codec = _READ_AS.get(codec, codec)
        return codec if codec in _WEB_ENCODINGS else None
    return None


def why_binary(data: bytes) -> str:
    r"""Why these bytes are no text in an encoding that extends ASCII; "" when they may be.

    >>> why_binary(b"PK\x03\x04\x00\x00")
    'binary: 2 of 6 bytes are NUL'
    >>> why_binary(b"plain text")
    ''
    """
    nuls = data.count(0)
    if nuls > _MAX_NUL_SHARE * len(data):
        return f"binary: {nuls:,} of {len(data):,} bytes are NUL"
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > _MAX_CONTROL_SHARE * len(data):
        return f"binary: {controls:,} of {len(data):,} bytes are control characters"
    return ""


def _check_name(encoding: str) -> None:
    try:
        b"".decode(encoding)  # tells text encodings from "hex" and its kind
        "\n".encode(encoding)
        known = encoding.isascii()
    except (LookupError, ValueError):
        known = False
    if not known:
        fault = f"reading.encoding is {encoding!r}; allowed: a text encoding of Python, such as "
        raise ConfigError([f'{fault}"utf-8" or "cp1252", or none, to find it out for each file'])


def _named(data: bytes, encoding: str) -> Decoded:
    """Decode with the encoding a person named, taking away a mark that agrees with it."""
    decoded = _replacing(data, encoding)
    return Decoded(decoded.text.removeprefix("\ufeff"), encoding, decoded.note)


def _strict(data: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(data.decode(encoding), encoding)
    except ValueError:  # UnicodeDecodeError, and what unusual codecs raise in its place
        return None


def _replacing(data: bytes, encoding: str) -> Decoded:
    if decoded := _strict(data, encoding):
        return decoded
    text = _decode_with(data, encoding, "replace")
    n_bad = text.count(REPLACEMENT) - _decode_with(data, encoding, "ignore").count(REPLACEMENT)
    return Decoded(text, encoding, _replaced_note(encoding, n_bad))


def _decode_with(data: bytes, encoding: str, errors: str) -> str:
    """Decode, where a codec without error handling gives one replacement for everything."""
    try:
        return data.decode(encoding, errors)
    except ValueError:
        return REPLACEMENT if errors == "replace" else ""


def _damaged_a_little(data: bytes, encoding: str) -> Decoded | None:
    """Decode with replacements if what is sound far outweighs them, else None."""
    sound = _decode_with(data, encoding, "ignore")
    text = _decode_with(data, encoding, "replace")
    n_bad = text.count(REPLACEMENT) - sound.count(REPLACEMENT)
    n_sound = len(sound) - len(sound.encode("ascii", "ignore"))
    cut_off = encoding == "utf-8" and _CUT_OFF.search(data, max(0, len(data) - 3))
    if n_sound < _SOUND_PER_BAD * (n_bad - bool(cut_off)):
        return None
    return Decoded(text, encoding, _replaced_note(encoding, n_bad))


def _replaced_note(encoding: str, n_bad: int) -> str:
    places = "1 place was" if n_bad == 1 else f"{n_bad:,} places were"
    return f"not valid {encoding}: {places} replaced by U+FFFD"


def _guess_encoding(data: bytes) -> str:
    """The likeliest encoding of the web; cp1252 when none fits."""
    # Imported here: nearly all files are UTF-8 and need no guess.
    from charset_normalizer import from_bytes

    # Steps and size cover the whole sample: with the default, five looks of 512 bytes, French
    # pages came out as cp1250.
    matches = from_bytes(
        _sample(data), steps=32, chunk_size=2048, cp_isolation=list(_WEB_ENCODINGS)
    )
    best = matches.best()
    if best is None:
        return "cp1252"
    likely = {
        codecs.lookup(name).name
        for match in matches
        if match.chaos <= best.chaos + 0.001 and match.coherence >= best.coherence - 0.001
        for name in match.could_be_from_charset
    }
    return min(likely.intersection(_WEB_ENCODINGS), key=_WEB_ENCODINGS.index, default="cp1252")


def _sample(data: bytes) -> bytes:
    """64 KiB from shortly before the first byte beyond ASCII; no character is cut in two."""
    first = _BEYOND_ASCII.search(data)
    start = max(0, first.start() - 256) if first else 0  # what stands before it is ASCII
    sample = data[start : start + _SAMPLE_BYTES]
    if start + _SAMPLE_BYTES >= len(data):
        return sample
    cut = max(sample.rfind(b"\n"), sample.rfind(b" "))  # never the second byte of a character
    return sample[: cut + 1] if cut > 0 else sample
