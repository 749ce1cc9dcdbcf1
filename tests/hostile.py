"""A hostile collection: texts, names and settings that try to get out of where they are shown.

What a page makes of them is held in tests/test_html_report.py by a parser, and in tests/browser by
a browser. `documents()` goes through the whole detector: its texts are those of seeds/, recycled as
they are, with payloads between their sentences, so that they reach every view that quotes.
"""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path

from dupdetect import Document, Documents, read_documents
from dupdetect.results import Skipped

SEEDS = Path(__file__).parent.parent / "seeds"

#: Where a payload runs after all, it calls alert(1) or loads from a host named evil.
PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "closing tags": "</script></style></title></textarea></svg></math><script>alert(1)</script>",
    "closing data": "</data></td></bdi></p></main></body></html><script>alert(1)</script>",
    "double quote": '" onmouseover="alert(1)" autofocus onfocus="alert(1)" x="',
    "single quote": "' onmouseover='alert(1)' autofocus onfocus='alert(1)' x='",
    "no quote": "x onmouseover=alert(1) autofocus onfocus=alert(1)//",
    "backquote": "`onmouseover=alert(1)` ${alert(1)}",
    "image": "<img src=x onerror=alert(1)>",
    "vector": "<svg onload=alert(1)><title><style><img onerror=alert(1)></style></title></svg>",
    "formula": '<math><mtext><table><mglyph><style><!--</style><a title="--><img onerror=alert(1)>',
    "comment": "<!-- x --!> --> <!--> <!--[if IE]><script>alert(1)</script><![endif]-->",
    "cdata": "]]> <![CDATA[<script>alert(1)</script>]]> <?xml version='1.0'?> <!DOCTYPE html>",
    "references": "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img&#62; &#x3c; &amp &notit; &#0;",
    "address": "javascript:alert(1) <a href=javascript:alert(1)>go</a> https://evil.example/x.js",
    "data address": "data:text/html,<script>alert(1)</script>",
    "template": "{{ 7 * 7 }} {% raw %} {# x #} ${7*7} #{7*7} {{ ''.__class__ }} %(x)s %s {0}",
    "style": "<style>*{display:none}</style> } body{display:none} /* x:expression(alert(1)) */",
    "base": '<base href="https://evil.example/"><link rel=stylesheet href=//evil.example/x.css>',
    "refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "frame": '<iframe srcdoc="<script>alert(1)</script>"></iframe><object data=x></object>',
    "form": "<form action=https://evil.example><button autofocus>go</button><input name=x></form>",
    "plaintext": "<plaintext><xmp><noscript><listing><select><option><template>",
    "fragment": '#answer"><b id="answer">',
}

#: Characters that hide, turn, break or are none.
CHARACTERS = {
    "separators": "line\u2028two\u2029three\x85four\x0bfive\x0csix\x1cseven",
    "bidirectional": "user\u202etxt.exe a\u2066b\u2069c\u200fd\u061ce \u202d\u202a\u2067",
    "zero width": "ze\u200bro\u200d\u200c\ufeffwi\u2060dth so\u00adft va\ufe0friant",
    "tags": "".join(chr(0xE0000 + ord(each)) for each in "tagged"),
    "controls": "\x00\x01\x08\x1b[31m\x1b]52;c;ZXZpbA==\x07 \x7f \x9b1m",
    "surrogates": "lone \ud800 and \udfff",
    "no characters": "\ufffe \uffff \U0001ffff \ufdd0 \ufffd",
    "private": "\ue000 \U0010fffd",
    "marks": "Z" + "\u0301" * 200,
    "spaces": "a\xa0b\u3000c\u2003d\u00a0\u00a0e\u115ff\u3164g",
}

#: All of them, and a name that no template has: where it is found, a text has got out.
EVERYTHING = " canary=1 ".join((*PAYLOADS.values(), *CHARACTERS.values()))

#: Some that do something only where nothing stands before them.
BEGINNINGS = (PAYLOADS["address"], PAYLOADS["double quote"], PAYLOADS["fragment"])

#: A word that no line can hold.
LONG_WORD = "pneumono" * 125_000

#: Characters that nobody sees, none beside its like: each would have a box of its own.
UNSEEN = "\u200b\u200c" * 200_000

#: A name of 300 KB, and a word of as much.
LONG_NAME = "name/" * 60_000
LONG_SHARED_WORD = "quire" * 60_000


def large() -> Documents:
    """Small texts that would make large pages: each of the above in five recycled texts."""
    seeds = list(read_documents([str(SEEDS)]))
    documents = [
        _document(f"{number} {LONG_NAME}", f"{each.text}\n{LONG_SHARED_WORD} {UNSEEN} was said.")
        for number, each in enumerate(seeds)
    ]
    skipped = tuple(Skipped(f"{number} {LONG_NAME}", UNSEEN) for number in range(3))
    return Documents((*documents, _document("unseen", UNSEEN)), skipped)


def documents() -> Documents:
    """A family of recycled texts, one of copies, and texts of nothing but payload or one word.

    File names are payloads, too. The longest word has 1,000,000 letters.
    """
    payloads = [*PAYLOADS.values(), *CHARACTERS.values()]
    names = cycle(payloads)
    recycled = [
        _document(f"{number}/{next(names)}", _threaded(each.text, payloads[::2], number))
        for number, each in enumerate(read_documents([str(SEEDS)]))
    ]
    council = "\n".join(f"{each} The council agreed to mend it." for each in payloads[1::2])
    copies = [
        _document(f"copy {next(names)}", council),
        _document(f"copy {next(names)}", council),
        _document(f"excerpt {next(names)}", council[: 3 * len(council) // 4]),
    ]
    alone = [
        _document(f"payload {next(names)}", EVERYTHING),
        _document(f"word {next(names)}", LONG_WORD),
        _document(f"words {next(names)}", f"{recycled[0].text}\n{LONG_WORD}\n{recycled[1].text}"),
    ]
    skipped = tuple(Skipped(each, each) for each in payloads)
    return Documents((*recycled, *copies, *alone), skipped)


def _document(id: str, text: str) -> Document:
    return Document(id, text, source=id, encoding=id, decoding_note=id)


def _threaded(text: str, payloads: list[str], number: int) -> str:
    """A text with a payload after every third sentence, the same one in the same place in all."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return " ".join(
        f"{sentence} {payloads[at // 3 % len(payloads)] if at % 3 == number % 3 else ''}"
        for at, sentence in enumerate(sentences)
    )
