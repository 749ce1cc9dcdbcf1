"""Lists, numbers and settings as reports for people write them.

In: items, numbers, the settings of a run. Out: heads of lists that own up to their cut, words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
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


def fixed(number: float, decimals: int) -> str:
    """So many decimals, of the decimal number and not its nearest binary one; zero has no sign.

    >>> fixed(1.25, 1), fixed(0.645, 2), fixed(-0.001, 2)
    ('1.2', '0.64', '0.00')
    """
    return _without_sign_of_zero(f"{Decimal(repr(float(number))):.{decimals}f}")


def signed(number: float, decimals: int = 2) -> str:
    """The same with its sign, as scores have it; zero has none.

    >>> signed(0.645), signed(-1.25), signed(-0.001)
    ('+0.64', '-1.25', '0.00')
    """
    return _without_sign_of_zero(f"{Decimal(repr(float(number))):+.{decimals}f}")


def _without_sign_of_zero(shown: str) -> str:
    return shown if any(digit in shown for digit in "123456789") else shown.lstrip("+-")


def rounded_up(number: float) -> str:
    """Two decimals of a small number, none of a large one: "at most" holds for what is shown.

    >>> [rounded_up(each) for each in (0.5, 0.051, 3600.05)]
    ['0.50', '0.06', '3,601']
    """
    decimals = 2 if number < 10 else 0
    units = math.ceil(round(number * 10**decimals, 6))
    return f"{units / 10**decimals:,.{decimals}f}"


def setting(settings: Mapping[str, object], section: str, name: str) -> object:
    """One setting of the configuration, or None when the settings do not name it."""
    return mapping(mapping(settings.get("config")).get(section)).get(name)


def mapping(value: object) -> Mapping[str, object]:
    """A value as a mapping; an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}
