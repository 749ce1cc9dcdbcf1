"""Every knob, as frozen data: what it does, what turning it up does, and where its default is from.

A configuration holds no algorithm. It is validated once, when made, and all faults are reported
together. `Config.digest()` names a configuration in a result: equal digests, equal settings.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from dupdetect.errors import ConfigError

Lens = Literal["all", "near-duplicate", "recycled"]
LENSES: tuple[Lens, ...] = get_args(Lens)

_FRACTION = (0.0, 1.0)

#: Jaccard at which `dedupe` removes. Removing is final, where a report only shows: at 0.8 about one
#: word in forty differs (0.975**5 = 0.88 of the shingles survive, and 0.88 / (2 - 0.88) = 0.79).
DEDUPE_THRESHOLD = 0.8


def _out_of_range(path: str, value: object, low: float, high: float) -> str | None:
    kind = "whole number" if isinstance(low, int) else "number"
    wrong_type = isinstance(value, bool) or not isinstance(
        value, int if isinstance(low, int) else (int, float)
    )
    if wrong_type or not low <= value <= high:  # type: ignore[operator]
        return f"{path} is {value!r}; allowed: a {kind} from {low} to {high}"
    return None


def _check(section: object, prefix: str, ranges: Mapping[str, tuple[float, float]]) -> None:
    faults = [
        _out_of_range(f"{prefix}{name}", getattr(section, name), low, high)
        for name, (low, high) in ranges.items()
    ]
    if found := [fault for fault in faults if fault]:
        raise ConfigError(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingConfig:
    """How files become documents.

    Raises:
        ConfigError: a field is out of range.
    """

    text_field: str = "text"  # the field or column that holds the text
    id_field: str | None = None  # None: "id" where a record has one; "": none, but file:line
    encoding: str | None = None  # None: found out for each file; a name: no other is tried
    max_file_size: int = 64 * 2**20  # bytes, after decompression; larger: the file is skipped
    max_line_size: int = 16 * 2**20  # bytes of one JSON line; larger: the line is skipped

    def __post_init__(self) -> None:
        _check(self, "reading.", {"max_file_size": (1, 2**40), "max_line_size": (1, 2**40)})


@dataclass(frozen=True, kw_only=True, slots=True)
class RepairConfig:
    """What is repaired before texts are compared; what a report quotes is never changed."""

    encoding: bool = True  # mojibake: text decoded with the wrong character encoding
    html_entities: bool = True  # "&amp;" and its kind, wherever they stand


@dataclass(frozen=True, kw_only=True, slots=True)
class NearDuplicateConfig:
    """The near-duplicate lens: whole documents, word shingles, exact Jaccard.

    A text in which one word in twenty was changed keeps a 5-word Jaccard of about 0.63
    (0.95**5 = 0.77 of the shingles survive, and 0.77 / (2 - 0.77) = 0.63); the first half of a text
    has 0.50 with the whole. The default lies between: the one is an edit, the other a part.

    Raises:
        ConfigError: a field is out of range.
    """

    threshold: float = 0.55  # Jaccard; higher: fewer pairs, only closer copies
    containment: float = 0.8  # share of the smaller text found in the larger; higher: fewer
    shingle_words: int = 5  # longer: an edit destroys more shingles
    min_shared_shingles: int = 10  # for "contained"; higher: a shared notice says less
    recall: float = 0.98  # least chance that a pair at the threshold is looked at
    num_perm: int = 128  # more: sharper proposals, more memory

    def __post_init__(self) -> None:
        _check(
            self,
            "near_duplicate.",
            {
                "threshold": (0.05, 1.0),
                "containment": (0.05, 1.0),
                "shingle_words": (1, 64),
                "min_shared_shingles": (1, 10**6),
                "recall": (0.5, 0.9999),
                "num_perm": (16, 4096),
            },
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RecycledConfig:
    """The recycled lens: own words shared beyond a null, and passages that prove it.

    The defaults were set on labelled collections: benchmarks/README.md has the trade-offs.

    Raises:
        ConfigError: a field is out of range.
    """

    # A family is decided at this p-value, after Benjamini and Hochberg; lower: fewer, surer ones.
    level: float = 0.05
    review_level: float = 0.2  # up to here a family is proposed for review; lower: fewer
    join: float = -0.8  # least mean score, in nats, at which parts are joined; higher: smaller
    spread: float = 2.0  # a member's mean score below its family's evidence; lower: smaller
    # Three characters of a script written without spaces count as one token in min_tokens.
    min_tokens: int = 100  # shorter texts are not judged by this lens
    min_places: int = 2  # different places of both texts that match; higher: stronger proof
    # Cosine and Dice of matched sentences in that proof; PAN's for passages are stricter.
    min_cosine: float = 0.2  # higher: fewer proofs
    min_dice: float = 0.2  # higher: fewer proofs
    max_all_pairs: int = 5000  # texts up to which all pairs are scored; beyond: candidates only
    max_candidates: int = 50  # of a text beyond, in the mean; higher: more found, more work
    window_tokens: int = 400  # of the resemblance that is shown; longer: steadier
    stride_tokens: int = 200  # smaller: better aligned windows, more work
    shingle_chars: int = 5  # longer: less noise, blinder to inflection

    def __post_init__(self) -> None:
        _check(
            self,
            "recycled.",
            {
                "level": (1e-6, 0.5),
                "review_level": (1e-6, 1.0),
                "join": (-10.0, 10.0),
                "spread": (0.0, 20.0),
                "min_tokens": (1, 10**6),
                "min_places": (1, 1000),
                "min_cosine": (0.05, 1.0),
                "min_dice": _FRACTION,
                "max_all_pairs": (0, 50_000),
                "max_candidates": (2, 1000),
                "window_tokens": (20, 10**6),
                "stride_tokens": (10, 10**6),
                "shingle_chars": (2, 64),
            },
        )
        if self.stride_tokens > self.window_tokens:
            raise ConfigError(
                [
                    f"recycled.stride_tokens is {self.stride_tokens}, more than "
                    f"recycled.window_tokens, {self.window_tokens}: text between the windows "
                    "would not be read; lower the stride"
                ]
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceConfig:
    """Which sentences count as shared, and how much of the evidence is listed.

    Raises:
        ConfigError: a field is out of range.
    """

    # Cosine 0.30 and Dice 0.33: the seeding rule of Sanchez-Perez et al. (PAN 2014).
    min_cosine: float = 0.30  # TF-IDF cosine of two sentences; higher: fewer passages
    min_dice: float = 0.33  # Dice coefficient of their words; higher: fewer passages
    min_tokens: int = 6  # of a sentence; higher: headings and stock phrases drop out
    max_sentences: int = 5000  # of one text that are compared; the rest is counted
    # A passage: sentences that match, near one another in both texts. The next four defaults are
    # from PAN 2013 (benchmarks/passages.py); Sanchez-Perez et al.: 4, 0.34, 150 characters.
    max_gap: int = 3  # unlike sentences between two; higher: fewer, longer, looser passages
    min_passage_cosine: float = 0.38  # of a whole passage; higher: fewer passages
    min_passage_tokens: int = 25  # of a passage that is not close; higher: fewer passages
    close_cosine: float = 0.75  # from here on a sentence is a passage, and may be found twice
    edited: float = 0.7  # share of a passage's tokens that stayed; below it: "reworded"
    min_phrase_tokens: int = 3  # longer: fewer, more telling phrases
    max_phrases: int = 50  # listed for one family; the rest is counted
    max_collations: int = 40  # sentences side by side for one family; the rest is counted
    # Of one text, strongest first: pairs looked into by the recycled lens, and pairs listed; the
    # rest is counted. Higher: more work; lower: the lens may leave out a member of a dense family.
    max_partners: int = 20
    # Of all texts, strongest first: pairs of the recycled lens in no family that are listed; the
    # rest is counted. Nobody reads the 24,000 of 20,000 public texts. Higher: more, at 2 ms each.
    max_loose_pairs: int = 5000

    def __post_init__(self) -> None:
        _check(
            self,
            "evidence.",
            {
                "min_cosine": (0.05, 1.0),
                "min_dice": _FRACTION,
                "min_tokens": (1, 1000),
                "max_sentences": (1, 10**6),
                "max_gap": (0, 100),
                "min_passage_cosine": _FRACTION,
                "min_passage_tokens": (1, 10**6),
                "close_cosine": _FRACTION,
                "edited": _FRACTION,
                "min_phrase_tokens": (2, 64),
                "max_phrases": (0, 10**6),
                "max_collations": (0, 10**6),
                "max_partners": (1, 10**6),
                "max_loose_pairs": (0, 10**9),
            },
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """All settings of one run.

    Raises:
        ConfigError: a field is out of range.

    >>> Config().near_duplicate.threshold
    0.55
    >>> Config.from_dict({"near_duplicate": {"threshold": 0.8}}).near_duplicate.threshold
    0.8
    """

    lens: Lens = "all"
    seed: int = 1  # of the MinHash permutations; another seed misses other pairs, if any
    reading: ReadingConfig = field(default_factory=ReadingConfig)
    repair: RepairConfig = field(default_factory=RepairConfig)
    near_duplicate: NearDuplicateConfig = field(default_factory=NearDuplicateConfig)
    recycled: RecycledConfig = field(default_factory=RecycledConfig)
    evidence: EvidenceConfig = field(default_factory=EvidenceConfig)

    def __post_init__(self) -> None:
        for name, section in _SECTIONS.items():
            if not isinstance(getattr(self, name), section):
                kind = type(getattr(self, name)).__name__
                message = f"{name} is a {kind}; it must be a {section.__name__}"
                raise ConfigError([f"{message} (from plain data: Config.from_dict)"])
        if self.lens not in LENSES:
            raise ConfigError([f"lens is {self.lens!r}; allowed: {', '.join(LENSES)}"])
        _check(self, "", {"seed": (0, 2**32 - 1)})

    def to_dict(self) -> dict[str, Any]:
        """The settings as plain data, in the order of their declaration."""
        return dataclasses.asdict(self)

    def digest(self) -> str:
        """Twelve hexadecimal digits that name these settings.

        >>> Config().digest() == Config(lens="all").digest() != Config(seed=2).digest()
        True
        """
        plain = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:12]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Config:
        """Settings from plain data, such as a TOML file; what is absent keeps its default.

        Raises:
            ConfigError: a name is unknown or a value out of range; all faults are listed.
        """
        if not isinstance(values, Mapping):
            raise ConfigError([f"the settings are a {type(values).__name__}, not a table"])
        faults: list[str] = []
        config = _build(cls, values, "", faults)
        if faults:
            raise ConfigError(faults)
        assert isinstance(config, Config)  # _build gives None only with a fault
        return config


_SECTIONS: dict[str, type[Any]] = {
    "reading": ReadingConfig,
    "repair": RepairConfig,
    "near_duplicate": NearDuplicateConfig,
    "recycled": RecycledConfig,
    "evidence": EvidenceConfig,
}


def _build(cls: type[Any], values: Mapping[str, Any], prefix: str, faults: list[str]) -> object:
    known = {each.name: each for each in fields(cls)}
    arguments: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            faults.append(f"{prefix}{name} is not a setting; known: {', '.join(known)}")
        elif cls is Config and name in _SECTIONS:
            if not isinstance(value, Mapping):
                faults.append(f"{name} is {value!r}; it must be a table of settings")
            elif section := _build(_SECTIONS[name], value, f"{name}.", faults):
                arguments[name] = section
        elif fault := _wrong_type(f"{prefix}{name}", value, str(known[name].type)):
            faults.append(fault)
        else:
            arguments[name] = value
    try:
        return cls(**arguments)
    except ConfigError as error:
        faults.extend(error.faults)
        return None


def _wrong_type(path: str, value: object, annotation: str) -> str | None:
    """Text and truth values are checked here; numbers are checked with their range."""
    if annotation == "bool" and not isinstance(value, bool):
        return f"{path} is {value!r}; allowed: true or false"
    if value is None and annotation.endswith("| None"):
        return None
    if annotation.startswith("str") and not isinstance(value, str):
        return f"{path} is {value!r}; it must be text"
    return None
