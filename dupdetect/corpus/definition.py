"""What makes two runs one: all that a result depends on, and no more.

In: settings and sources. Out: a definition as JSON, its digest, and what differs between two.
Memory, threads and kernel are not in it: a run may go on with others.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dupdetect import __version__
from dupdetect.config import Config
from dupdetect.corpus.values import Source
from dupdetect.match.keep import KeepPolicy

# Sections of the configuration that decide about a deduplication.
_SECTIONS = ("near_duplicate", "reading", "repair")


def definition(
    config: Config, policy: KeepPolicy, sources: Sequence[Source], n_against: int, spool: Path
) -> dict[str, Any]:
    """What a run is, as JSON.

    Args:
        config: of its settings, those that decide about a deduplication.
        policy: who is kept.
        sources: those of the other corpus, then those to deduplicate.
        n_against: how many are of the other corpus.
        spool: the folder in which standard input is kept; what is there counts by its content,
            for it has no name and no date of its own.
    """
    told = [_fingerprint(source, spool) for source in sources]
    return {
        "dupdetect": __version__,
        "unicode": unicodedata.unidata_version,
        "keep": str(policy),
        "seed": config.seed,
        **{name: asdict(getattr(config, name)) for name in _SECTIONS},
        "input": told[n_against:],
        "against": told[:n_against],
    }


def digest(run: Mapping[str, Any]) -> str:
    """64 hexadecimal digits that name a definition."""
    return hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two definitions, in words.

    >>> differences({"keep": "first", "seed": 1}, {"keep": "longest", "seed": 1})
    ['keep was first, now longest']
    """
    old, new = dict(_flat(before)), dict(_flat(now))
    return [
        _difference(name, old.get(name), new.get(name))
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]


def _difference(name: str, before: object, now: object) -> str:
    if not (isinstance(before, list) and isinstance(now, list)):
        return f"{name} was {before}, now {now}"
    if len(before) != len(now):
        return f"{name} was {len(before):,} sources, now {len(now):,}"
    if sorted(before) == sorted(now):
        return f"{name} had another order"
    places = [place for place, each in enumerate(now, 1) if each not in before]
    return f"{name} has changed: source {places[0]:,} of {len(now):,} is another or was written to"


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _fingerprint(source: Source, spool: Path) -> str:
    if source.file.path.parent != spool:
        return source.fingerprint()
    with source.file.path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
