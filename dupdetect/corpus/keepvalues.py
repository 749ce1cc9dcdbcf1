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

_DIGITS = re.compile(r"[0-9]+")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")

# Whole numbers from the first to the second are a year, or a day as YYYYMMDD.
_YEARS = (1, 9999)
_DAYS = (19000101, 21001231)

# From here on a number counts milliseconds: as seconds it would be in the year 5138 or later.
_MILLISECONDS_FROM = 1e11


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
    of seconds since 1970; from 1e11 on, of milliseconds.

    - Of numbers, a whole one from 1 to 9999 is a year, and one from 19000101 to 21001231 a day as
      YYYYMMDD, if there is such a day.
    - Of texts that are all digits, four are a year and eight a day as YYYYMMDD, if there is such
      a one; others are numbers of seconds or milliseconds.
    - Infinity is no date.

    Returns:
        Seconds; NaN if the value is no date.

    >>> moment("2026-01-02T00:00:00Z") - moment("2026-01-01"), moment("yesterday")
    (86400.0, nan)
    >>> moment("1970-02") == moment("1970-02-01"), moment(1971) == moment("1971")
    (True, True)
    >>> moment(19700102), moment("19700102"), moment(86400), moment(1_767_225_600_000)
    (86400.0, 86400.0, 86400.0, 1767225600.0)
    """
    text = _as_iso(value)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return _since_1970(number(value))
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _as_iso(value: object) -> str:
    """A value as ISO 8601, if it can be one; "" for a number that counts seconds."""
    if isinstance(value, str):
        text = value.strip()
        if _DIGITS.fullmatch(text):
            return {4: f"{text}-01-01", 8: text}.get(len(text), "")
        return f"{text}-01" if _MONTH.fullmatch(text) else text
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        return ""
    if _YEARS[0] <= value <= _YEARS[1]:
        return f"{int(value):04}-01-01"
    return str(int(value)) if _DAYS[0] <= value <= _DAYS[1] else ""


def _since_1970(count: float) -> float:
    """Seconds of a number of seconds or milliseconds; NaN if it is not finite."""
    if not math.isfinite(count):
        return math.nan
    return count / 1000 if count >= _MILLISECONDS_FROM else count


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
