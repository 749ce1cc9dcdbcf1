"""Lists, numbers and settings as reports for people write them.

In: items, numbers, the settings of a run. Out: heads of lists that own up to their cut, words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dupdetect.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown(Generic[T]):
    """The head of a list, and how many of it are not shown."""

    items: tuple[T, ...]
    n_hidden: int

    def rest(self, noun: str) -> str:
        """The line that owns up to the cut, or "".

        >>> first([1, 2, 3], 1).rest("pair")
        'and 2 more pairs: --format json lists all of them'
        """
        if not self.n_hidden:
            return ""
        return f"and {count(self.n_hidden, noun, 'more ')}: --format json lists all of them"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an HTML report shows; the rest is counted on the page, and all of it is in the JSON.

    Attributes:
        max_families: families shown in full; as many groups for review.
        max_pairs: pairs of documents shown with their texts, the strongest of each group first.

    Raises:
        ConfigError: one of them is below 0.
    """

    max_families: int = 20
    max_pairs: int = 40

    def __post_init__(self) -> None:
        faults = [
            f"{name} is {value!r}; allowed: a whole number from 0"
            for name in ("max_families", "max_pairs")
            for value in [getattr(self, name)]
            if isinstance(value, bool) or not isinstance(value, int) or value < 0
        ]
        if faults:
            raise ConfigError(faults)


def first(items: Iterable[T], cap: int) -> Shown[T]:
    """The first items, up to a cap, and the number of the others."""
    every = tuple(items)
    return Shown(every[:cap], max(0, len(every) - cap))


def count(n: int, noun: str, before: str = "") -> str:
    """A number with its noun.

    >>> count(1, "family"), count(2, "family"), count(3, "passage", "more ")
    ('1 family', '2 families', '3 more passages')
    """
    if n != 1:
        noun = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{n:,} {before}{noun}"


def listing(names: Sequence[str]) -> str:
    """Names with commas and an "and".

    >>> listing(["[1]", "[2]", "[3]"])
    '[1], [2] and [3]'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def percent(share: float) -> str:
    """Rounded down: 100% is said of the whole only.

    >>> percent(0.9999), percent(0.29)
    ('99%', '29%')
    """
    return f"{int(100 * share + 1e-9)}%"


def setting(settings: Mapping[str, object], section: str, name: str) -> object:
    """One setting of the configuration, or None when the settings do not name it."""
    return mapping(mapping(settings.get("config")).get(section)).get(name)


def mapping(value: object) -> Mapping[str, object]:
    """A value as a mapping; an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}
