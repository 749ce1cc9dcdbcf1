"""What a keep policy looks at in each document.

In: batches of records and their sketches. Out: one number a document, NaN where it has none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from dupdetect.match.keep import KeepPolicy
from dupdetect.sketch.sketcher import Sketches

_YEAR = re.compile(r"(?!0+$)[0-9]{1,4}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def keep_values(
    policy: KeepPolicy, texts: Sequence[str], fields: Sequence[object], sketches: Sketches
) -> NDArray[np.float64]:
    """What the policy looks at: characters, repairs, a moment or a number.

    Args:
        policy: the policy; for `first` the values mean nothing.
        texts: of the documents.
        fields: the value of the policy's field in each record; None where it is absent.
        sketches: of the documents.
    """
    if policy.name == "cleanest":
        return sketches.n_repairs.astype(np.float64)
    if policy.name in ("first", "longest"):
        return np.fromiter(map(len, texts), np.float64, len(texts))
    read = moment if policy.name == "newest" else number
    return np.fromiter(map(read, fields), np.float64, len(fields))


def moment(value: object) -> float:
    """Seconds since 1970 of a date.

    A date is ISO 8601 (a time without a zone counts as UTC), a year, a month of a year, or a number
    of seconds since 1970, as text or as a number. A whole number from 1 to 9999 is a year.

    Returns:
        Seconds; NaN if the value is no date.

    >>> moment("2026-01-02T00:00:00Z") - moment("2026-01-01"), moment("yesterday")
    (86400.0, nan)
    >>> moment("1970-02") == moment("1970-02-01"), moment(1971) == moment("1971")
    (True, True)
    """
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if _YEAR.fullmatch(text):
        text = f"{int(text):04}-01-01"
    elif _MONTH.fullmatch(text):
        text += "-01"
    elif isinstance(value, int | float):
        return number(value)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return number(value)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def number(value: object) -> float:
    """A number, or a text that is one; NaN: it is neither.

    >>> number("3.5"), number(2), number(True), number(None)
    (3.5, 2.0, nan, nan)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def shown(policy: KeepPolicy, value: float) -> str:
    """A field's value in words; "" where the policy says it itself.

    >>> shown(KeepPolicy("newest", "date"), 86400.0)
    '1970-01-02T00:00:00Z'
    """
    if policy.name != "newest" or not math.isfinite(value):
        return ""
    try:
        when = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):  # beyond the year 9999: no moment after all
        return ""
    return when.isoformat().replace("+00:00", "Z")
