"""Text and HTML files, each of them one record.

In: a source of members. Out: their texts, as `dupdetect.text.reading` reads them. A member's span
is its number; it has no fields, so that a value asked for is None. There may be a hundred thousand
of them: no more than one is open at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from dupdetect.config import ReadingConfig
from dupdetect.corpus.streams import StreamFault, changed, opened
from dupdetect.corpus.values import Found, Member, Missed, Position, Source
from dupdetect.results import Document, Skipped
from dupdetect.text.decoding import Decoder
from dupdetect.text.reading import SkipError, capped, read_stream
from dupdetect.text.records import Fault


class FilesReader:
    """Reads a run of files.

    Args:
        source: the files.
        config: the encoding, and how large a file may be.
    """

    def __init__(self, source: Source, config: ReadingConfig) -> None:
        self._source = source
        self._config = config

    def items(self, start: Position) -> Iterator[Found | Missed]:
        """Records and faults in order; see `dupdetect.corpus.values.Reader`."""
        for place in range(start.offset, len(self._source.members)):
            member = self._source.members[place]
            found = _read(member, self._config)
            end = place + 1
            if isinstance(found, str):
                yield Missed(Fault(end, found), end, end)
            else:
                yield Found(found.text, found.id, None, end, place, end, end)

    def texts(self, starts: list[int], ends: list[int]) -> Iterator[str]:
        """The texts at these spans; see `dupdetect.corpus.values.Reader`."""
        for start, _ in zip(starts, ends, strict=True):
            member = self._source.members[start]
            found = _read(member, self._config)
            if isinstance(found, str):
                raise changed(member.file, found)
            yield found.text


def _read(member: Member, config: ReadingConfig) -> Document | str:
    """The document of a file, or why it gives none."""
    size = member.file.size
    if size > config.max_file_size and member.file.compression is None:
        return f"{size:,} bytes; allowed: {config.max_file_size:,} (--max-file-size)"
    try:
        with opened(member.file) as stream:
            limited = capped(stream.read, config.max_file_size)
            (result,) = read_stream(member.input, limited, config)
    except (SkipError, StreamFault) as skip:
        return _blank(member, config) or str(skip)
    return result.reason if isinstance(result, Skipped) else result


def _blank(member: Member, config: ReadingConfig) -> Document | None:
    """The document of a text file with nothing or only white space in it; None: it is none."""
    if member.input.format != "text":
        return None
    try:
        with opened(member.file) as stream:
            data = capped(stream.read, config.max_file_size).read()
    except (SkipError, StreamFault):
        return None
    decoded = Decoder(config.encoding).decode(data)
    if decoded.text and not decoded.text.isspace():
        return None
    return Document(member.input.id, decoded.text, member.file.source, decoded.encoding)
