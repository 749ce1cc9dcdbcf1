import math
import random
import re
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given, settings

from dupdetect.errors import ConfigError
from dupdetect.match.banding import Banding, choose_banding, expected_recall

THRESHOLDS = st.floats(0.05, 1.0)
RECALLS = st.floats(0.5, 0.9999)


def area_below(threshold, bands, rows):
    """The mean of midpoints: slow, and exact to about 1e-6."""
    points = [(place + 0.5) * threshold / 2000 for place in range(2000)]
    return threshold * math.fsum(1 - (1 - s**rows) ** bands for s in points) / 2000


@pytest.mark.parametrize(
    ("bands", "rows", "similarity", "recall"),
    [(9, 13, 0.8, 0.399), (5, 25, 0.9, 0.311), (20, 13, 0.85, 0.924), (50, 4, 0.5, 0.960)],
)
def test_recall_is_that_of_the_textbook(bands, rows, similarity, recall):
    assert expected_recall(similarity, bands, rows) == pytest.approx(recall, abs=5e-4)
    assert Banding(bands, rows).expected_recall(similarity) == expected_recall(
        similarity, bands, rows
    )


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 300), st.integers(1, 60))
def test_recall_grows_with_similarity_and_bands_and_falls_with_rows(one, other, bands, rows):
    low, high = sorted([one, other])
    recall = expected_recall(low, bands, rows)
    assert 0.0 <= recall <= expected_recall(high, bands, rows) <= 1.0
    assert recall <= expected_recall(low, bands + 1, rows)
    assert recall >= expected_recall(low, bands, rows + 1)


def test_recall_is_certain_at_the_ends():
    assert expected_recall(0.0, 20, 5) == 0.0
    assert expected_recall(1.0, 20, 5) == 1.0
    assert expected_recall(0.01, 10, 10) == pytest.approx(1e-19)  # not lost to rounding


def test_simulated_signatures_become_candidates_as_often_as_expected():
    # Columns agree independently with a chance of 0.6; four standard errors of 4,000 trials.
    rng = random.Random(4)
    banding, n_trials = Banding(bands=6, rows=4), 4000
    hits = sum(
        any(all(rng.random() < 0.6 for _ in range(banding.rows)) for _ in range(banding.bands))
        for _ in range(n_trials)
    )
    expected = banding.expected_recall(0.6)
    assert hits / n_trials == pytest.approx(expected, abs=4 * math.sqrt(expected / n_trials))


@given(THRESHOLDS, RECALLS, st.integers(2, 400))
@settings(deadline=None)
def test_the_choice_keeps_the_recall_or_says_how_to_reach_it(threshold, recall, num_perm):
    try:
        banding = choose_banding(threshold, recall, num_perm)
    except ConfigError as error:
        assert expected_recall(threshold, num_perm, 1) < recall
        enough = int(re.search(r"raise num_perm to (\d+)", str(error))[1])
        assert choose_banding(threshold, recall, enough).rows == 1
        return
    assert banding.bands * banding.rows <= num_perm
    assert banding.bands >= 2  # as MinHashLSH asks
    for similarity in (threshold, (threshold + 1) / 2, 1.0):
        assert banding.expected_recall(similarity) >= recall


@given(THRESHOLDS, RECALLS, st.integers(2, 64))
@settings(max_examples=25, deadline=None)
def test_no_other_banding_that_keeps_the_recall_has_fewer_false_candidates(
    threshold, recall, num_perm
):
    assume(expected_recall(threshold, num_perm, 1) >= recall)
    chosen = choose_banding(threshold, recall, num_perm)
    # More bands of as many rows only add candidates: the least number is the one to compare with.
    rivals = [
        next((b for b in bands if expected_recall(threshold, b, rows) >= recall), None)
        for rows in range(1, num_perm // 2 + 1)
        for bands in [range(2, num_perm // rows + 1)]
    ]
    areas = [area_below(threshold, b, rows) for rows, b in enumerate(rivals, 1) if b is not None]
    assert area_below(threshold, chosen.bands, chosen.rows) <= min(areas) + 1e-5


@pytest.mark.parametrize(
    ("threshold", "num_perm", "banding"),
    [
        (0.55, 128, Banding(22, 3)),
        (0.8, 128, Banding(17, 7)),
        (0.18, 128, Banding(20, 1)),
        (0.18, 256, Banding(119, 2)),
        (1.0, 128, Banding(2, 64)),
    ],
)
def test_choices_stay_as_they_are(threshold, num_perm, banding):
    assert choose_banding(threshold, num_perm=num_perm) == banding


def test_a_higher_recall_never_makes_fewer_candidates():
    areas = [
        area_below(0.6, banding.bands, banding.rows)
        for banding in (choose_banding(0.6, recall) for recall in (0.8, 0.9, 0.98, 0.999))
    ]
    assert all(low <= high for low, high in pairwise(areas))


def test_a_recall_out_of_reach_names_what_can_be_reached():
    with pytest.raises(ConfigError, match=r"at most 0\.8147, with 16 bands of one row"):
        choose_banding(0.1, 0.98, num_perm=16)


def test_arguments_out_of_range_are_refused_together():
    with pytest.raises(ConfigError) as caught:
        choose_banding(0.0, 1.0, num_perm=1)
    assert [fault.split()[0] for fault in caught.value.faults] == [
        "threshold",
        "recall",
        "num_perm",
    ]
    with pytest.raises(ConfigError, match=r"similarity is 1\.5"):
        expected_recall(1.5, 2, 2)
    with pytest.raises(ConfigError, match="bands is 0"):
        Banding(0, 3)
