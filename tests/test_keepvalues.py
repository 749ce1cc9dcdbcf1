import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dupdetect.corpus.keepvalues import keep_values, moment, number, shown
from dupdetect.match.keep import KeepPolicy
from dupdetect.sketch.sketcher import Sketches

NEWEST = KeepPolicy("newest", "date")
DAY = 86400.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1970-01-02", DAY),
        (" 1970-01-02 ", DAY),
        ("1970-01-02T00:00:00", DAY),
        ("1970-01-02 00:00:00Z", DAY),
        ("1970-01-02T02:00:00+02:00", DAY),
        ("1970-01-02T00:00:00.500000", DAY + 0.5),
        ("1970-01-02 00:00:00.500000000", DAY + 0.5),  # nanoseconds, as Parquet has them
        ("19700102", DAY),
        ("1969-12-31", -DAY),
        ("1970-02", 31 * DAY),
        ("1971", 365 * DAY),
        (1971, 365 * DAY),
        (1971.0, 365 * DAY),  # a column with gaps holds floats
        (1971.5, 1971.5),
        (19700102, DAY),
        (19700102.0, DAY),
        (19701399, 19701399.0),  # no such day: seconds
        ("19701399", 19701399.0),
        (18991231, 18991231.0),
        ("18991231", -25568 * DAY),
        ("197", 197.0),
        (197, moment("0197-01-01")),
        (86_400_000_000, 86_400_000_000.0),
        (1_767_225_600_000, 1_767_225_600.0),
        (1_767_225_600_000.5, 1_767_225_600.0005),
        ("1767225600000", 1_767_225_600.0),
        (86400, DAY),
        ("86400", DAY),
        ("86400.5", DAY + 0.5),
        (0, 0.0),
        (-1, -1.0),
        ("0", 0.0),
        ("0001-01-01T00:00:00+14:00", -62135596800.0 - 14 * 3600),
    ],
)
def test_a_date_is_a_moment_whatever_it_is_written_like(value, seconds):
    assert moment(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2026-13",
        "2026-02-30",
        None,
        True,
        [],
        {},
        "NaN",
        math.nan,
        "١٩٧١-13",
        "inf",
        math.inf,
        -math.inf,
    ],
)
def test_what_is_no_date_has_no_moment(value):
    assert math.isnan(moment(value))


@given(st.datetimes(), st.integers(-23 * 60, 23 * 60))
def test_every_moment_with_a_zone_is_read_as_it_was_meant(naive, minutes):
    when = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert moment(when.isoformat()) == when.timestamp()


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_a_moment_is_shown_as_the_same_moment(naive):
    seconds = naive.replace(tzinfo=UTC).timestamp()
    assert abs(moment(shown(NEWEST, seconds)) - seconds) < 1e-5


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300, -1e13])
def test_what_is_beyond_the_calendar_is_shown_as_the_number_it_is(value):
    assert shown(NEWEST, value) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [(2, 2.0), ("2", 2.0), (" 2.5\n", 2.5), (-1e300, -1e300), ("Infinity", math.inf)],
)
def test_numbers_are_numbers_as_text_too(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize("value", ["", "two", None, True, False, [1], {"a": 1}, 10**400, "0x10"])
def test_what_is_no_number_has_no_value(value):
    assert math.isnan(number(value))


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        ("first", [3.0, 5.0]),
        ("longest", [3.0, 5.0]),
        ("cleanest", [2.0, 0.0]),
        ("priority rank", [math.nan, 7.0]),
        ("newest date", [math.nan, datetime(7, 1, 1, tzinfo=UTC).timestamp()]),
    ],
)
def test_each_policy_looks_at_its_own(keep, expected):
    sketches = Sketches(
        rows=np.zeros((2, 1), dtype=np.uint32),
        digests=np.zeros((2, 2), dtype=np.uint64),
        n_tokens=np.ones(2, dtype=np.int64),
        n_repairs=np.array([2, 0], dtype=np.int32),
    )
    found = keep_values(KeepPolicy.parse(keep), ["abc", "abcde"], [None, 7], sketches)
    assert found.dtype == np.float64
    assert np.array_equal(found, expected, equal_nan=True)
