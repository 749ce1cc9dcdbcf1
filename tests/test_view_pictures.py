"""The pictures: what is drawn, read back, is what was counted."""

import math
import random
import re
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dupdetect.report import html
from dupdetect.report.json import to_dict
from dupdetect.report.views import heatmap
from dupdetect.report.views.histogram import PLOT_HEIGHT, expected_false_families, expected_words
from dupdetect.report.views.pictures import pictures
from dupdetect.report.views.sizes import KINDS
from dupdetect.results import Family, HeatMap, Pair, Report, Reuse, ScoreHistogram
from tests.example_report import example, undecided

EDGES = tuple(round(-2 + place / 5, 1) for place in range(27))
N_BINS = len(EDGES) - 1
EMPTY = Report((), (), (), (), {}, {})
INVERSES = {"linear": float, "square root": lambda x: x * x, "logarithmic": math.expm1}
NUMBER = r"-?\d+(?:\.\d+)?"


def histogram(counts, recycled=None, expected=None, threshold=0.6255, other=0):
    n = sum(counts)
    return ScoreHistogram(
        edges=EDGES,
        counts=tuple(counts),
        recycled=tuple(recycled or [0] * N_BINS),
        expected=tuple(expected or [0.9 * n / N_BINS] * N_BINS),
        n_pairs=n,
        n_other_pairs=other,
        level=0.05,
        threshold=threshold,
        n_above=sum(n for n, edge in zip(counts, EDGES, strict=False) if edge >= threshold),
        expected_above=0.05 * n,
    )


def one_bin(place, n):
    return [n if each == place else 0 for each in range(N_BINS)]


def family(number, members, relation="recycled", p=0.001):
    reuse = Reuse(p, p, 1.5, 4, 9.0, 2.0, members[0], 1.2)
    return Family(
        f"family-{number}",
        relation,
        tuple(members),
        members[0],
        0.5,
        reuse=reuse if relation in ("recycled", "review") else None,
    )


def heat_map(n, seed=1, ids=None):
    draw = random.Random(seed)
    scores = tuple(tuple(round(draw.uniform(-2.5, 2.5), 6) for _ in range(row)) for row in range(n))
    return HeatMap(tuple(ids or (f"text-{each:02}" for each in range(n))), scores)


def drawn(**parts):
    return pictures(replace(EMPTY, **parts))


def page(report):
    """The section as the page has it, parsed."""
    source = '{% import "macros.html.j2" as m with context %}{% include "pictures.html.j2" %}'
    shown = (
        html.environment()
        .from_string(source)
        .render(
            number=html.Numbers(to_dict(report)),
            pictures=pictures(report),
            report=report,
            pair_ids={0},
            in_json="report.json has all of them",
        )
    )
    return html5lib.parseFragment(shown, namespaceHTMLElements=False), shown


counts_of_bins = st.lists(
    st.integers(0, 9) | st.integers(0, 200_000), min_size=N_BINS, max_size=N_BINS
).filter(any)


@given(counts_of_bins)
@settings(max_examples=50)
def test_the_bars_read_back_are_the_counts_and_sum_to_all_pairs(counts):
    shown = drawn(histogram=histogram(counts)).histogram
    top, length = shown.scale.top, shown.scale.length
    back = INVERSES[shown.scale.name]
    forth = {"linear": float, "square root": math.sqrt, "logarithmic": math.log1p}
    read = [back(bar.height / length * forth[shown.scale.name](top)) for bar in shown.bars]
    # Heights are rounded to 0.005 pixels of 200: so much of the top, or so much of each number.
    for n, found in zip(counts, read, strict=True):
        assert found == pytest.approx(n, abs=1e-3 * top if n > 1000 else 0.5)
    assert sum(read) == pytest.approx(sum(counts), rel=0.01, abs=0.5)


@given(counts_of_bins, st.data())
@settings(max_examples=30)
def test_pairs_in_families_are_drawn_within_the_bars(counts, data):
    recycled = [data.draw(st.integers(0, n)) for n in counts]
    shown = drawn(histogram=histogram(counts, recycled)).histogram
    for bar, n, n_family in zip(shown.bars, counts, recycled, strict=True):
        assert bar.family_height == shown.scale.of(n_family)
        assert bar.height == shown.scale.of(n)
        assert bar.family_height <= bar.height <= PLOT_HEIGHT


@given(counts_of_bins)
@settings(max_examples=50)
def test_every_bar_is_seen_and_no_scale_bends_more_than_it_must(counts):
    scale = drawn(histogram=histogram(counts)).histogram.scale
    least, top = min(filter(None, counts)), max(counts)
    assert scale.of(least) >= 4
    if scale.name != "linear":
        assert 200 * least / top < 4.0
    if scale.name == "logarithmic":
        assert 200 * math.sqrt(least / top) < 4.0


@pytest.mark.parametrize(
    ("counts", "name"),
    [
        (one_bin(12, 1), "linear"),
        ([1, 2, 3] + [0] * 23, "linear"),
        ([2, 500] + [0] * 24, "square root"),
        ([1, 100_000] + [0] * 24, "logarithmic"),
    ],
)
def test_the_scale_is_named_beside_the_axis(counts, name):
    report = replace(EMPTY, histogram=histogram(counts))
    assert pictures(report).histogram.scale.name == name
    text = "".join(page(report)[0].itertext())
    assert (f"\npairs ({name} scale)\n" in text) == (name != "linear")


@given(counts_of_bins)
@settings(max_examples=50)
def test_ticks_are_round_ascending_and_have_room_for_their_labels(counts):
    shown = drawn(histogram=histogram(counts)).histogram
    values = shown.scale.ticks()
    assert values[0] == 0
    assert len(values) >= 2
    assert values[-1] <= shown.scale.top
    for value in values[1:]:
        digits = f"{value:.0f}".rstrip("0")
        assert shown.scale.name == "linear" or digits in ("1", "2", "5")
        assert value == int(value)
    places = [tick.at for tick in shown.y_ticks]
    assert all(lower - higher >= 24 for lower, higher in pairwise(places))
    assert [tick.label for tick in shown.y_ticks] == [f"{value:,.0f}" for value in values]


@given(counts_of_bins, st.floats(0, 3))
@settings(max_examples=50)
def test_the_stepped_line_has_the_height_of_the_expected_numbers(counts, times):
    expected = [times * n + place / 10 for place, n in enumerate(reversed(counts))]
    shown = drawn(histogram=histogram(counts, expected=expected)).histogram
    start, *steps, end = re.findall(rf"M0 200|V{NUMBER}(?:H{NUMBER})?", shown.expected)
    assert (start, end) == ("M0 200", "V200")
    assert len(steps) == N_BINS
    for step, number, bar in zip(steps, expected, shown.bars, strict=True):
        up, right = map(float, step[1:].split("H"))
        assert up == pytest.approx(200 - shown.scale.of(number), abs=0.011)
        assert right == pytest.approx(bar.x + bar.width, abs=0.021)
        assert 0 <= up <= 200


def test_bars_stand_on_their_scores():
    shown = drawn(histogram=histogram([1] * N_BINS)).histogram
    assert [bar.x for bar in shown.bars][:3] == [0.0, 3.85, 7.69]
    assert shown.bars[-1].x + shown.bars[-1].width == pytest.approx(100, abs=0.02)
    zero = next(tick.at for tick in shown.x_ticks if tick.label == "0")
    assert zero == shown.bars[10].x == round(100 * 2 / 5.2, 2)


@pytest.mark.parametrize(
    ("threshold", "place"), [(-9.0, 0.0), (-2.0, 0.0), (0.6, 50.0), (3.2, 100.0), (5.3, 100.0)]
)
def test_the_threshold_stands_at_its_score_or_at_the_end(threshold, place):
    shown = drawn(histogram=histogram(one_bin(3, 7), threshold=threshold)).histogram
    assert shown.threshold_x == place
    assert shown.threshold_left == (place > 50)
    assert shown.threshold_lines[0] == f"threshold {threshold:+.2f}"


def test_what_stands_above_the_line_of_the_null_is_not_said_to_be_explained_by_reuse_alone():
    text = " ".join(
        "".join(page(replace(EMPTY, histogram=histogram(one_bin(20, 7))))[0].itertext()).split()
    )
    assert "is more than is expected of honest texts, and a few may stand there by chance" in text


def test_the_words_beside_the_threshold_are_those_of_the_report():
    shown = drawn(histogram=histogram(one_bin(20, 1))).histogram
    assert shown.threshold_lines[1:] == ("1 pair at or above", "honest texts: 0.05 at most")
    shown = drawn(histogram=histogram(one_bin(20, 123_457))).histogram
    assert shown.threshold_lines[1:] == (
        "123,457 pairs at or above",
        "honest texts: 6,173 at most",
    )
    assert "Of 123,457 pairs on one subject 123,457 reach" in shown.description
    assert "123,457, are in the bin 2 to 2.2." in shown.description


def test_why_there_is_no_histogram_is_said():
    assert "fewer than two different texts were judged" in drawn().no_histogram
    assert "not looked for" in drawn(settings={"lens": "near-duplicate"}).no_histogram
    assert "recycled.level" in drawn(heat_map=heat_map(3)).no_histogram
    nothing = drawn(histogram=histogram([0] * N_BINS, other=3))
    assert nothing.histogram is None
    assert nothing.no_histogram.endswith("on one subject (3 pairs).")
    assert drawn(histogram=histogram(one_bin(0, 1))).no_histogram == ""


def cells_of(path):
    """Cells of a path of rectangles one unit high; none twice."""
    found = []
    for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        found += [(int(y), int(x) + each) for each in range(int(wide))]
    assert len(found) == len(set(found))
    assert re.sub(r"M\d+ \d+h(\d+)v1h-\1z", "", path) == ""
    return set(found)


@given(st.integers(2, 48), st.integers(0, 99))
@settings(max_examples=25)
def test_each_cell_of_the_heat_map_is_drawn_once_in_the_step_of_its_score(n, seed):
    chart = heat_map(n, seed)
    shown = drawn(heat_map=chart).heat_map
    steps = (-math.inf, *heatmap.STEPS, math.inf)
    for step, (low, high) in zip(shown.steps, pairwise(steps), strict=True):
        wanted = {
            (row, column)
            for row in range(n)
            for column in range(row)
            if low <= chart.scores[row][column] < high
        }
        assert cells_of(step.path) == wanted
    assert shown.n_pairs == n * (n - 1) / 2


@pytest.mark.parametrize("n", [5, 30])
def test_a_dot_stands_in_each_cell_that_reaches_the_threshold(n):
    chart = heat_map(n)
    exact = chart.scores[3][1]
    shown = drawn(heat_map=chart, histogram=histogram(one_bin(5, 9), threshold=exact)).heat_map
    dots = {
        (int(float(y)), int(float(x)))
        for x, y in re.findall(rf"M({NUMBER}) ({NUMBER})h0", shown.dots)
    }
    assert dots == {
        (row, column)
        for row, scores in enumerate(chart.scores)
        for column, score in enumerate(scores)
        if score >= exact
    }
    assert (3, 1) in dots
    assert shown.n_above == len(dots)
    assert drawn(heat_map=chart).heat_map.dots == ""


def test_few_documents_have_their_scores_written_into_the_cells():
    chart = HeatMap(("a", "b", "c"), ((), (1.46,), (-0.04, 0.5)))
    shown = drawn(heat_map=chart).heat_map
    assert [(each.text, each.step) for each in shown.values] == [("1.5", 5), ("0.0", 2), ("0.5", 4)]
    assert drawn(heat_map=heat_map(9)).heat_map.values == ()


def test_families_are_bracketed_where_at_least_two_members_are_shown():
    ids = ["a1", "a2", "lone", "b1", "a3", "c1", "c2"]
    groups = [
        family(1, ["a1", "a2", "a3"]),
        family(2, ["b1", "b1 (copy)"], "exact"),
        family(3, ["c1", "c2", "elsewhere"]),
    ]
    reviews = [replace(family(4, ["b1", "lone"], "review"), id="review-1")]
    parts = {"heat_map": heat_map(7, ids=ids), "families": tuple(groups), "reviews": tuple(reviews)}
    shown = drawn(**parts).heat_map
    assert [(each.label.text, each.outline) for each in shown.brackets] == [
        ("family-1", "M0 1H1V2H0Z"),
        ("review-1", "M2 3H3V4H2Z"),
        ("family-1", ""),
        ("family-3", "M5 6H6V7H5Z"),
    ]
    heights = [list(map(float, re.findall(NUMBER, each.bracket))) for each in shown.brackets]
    assert [(low, high) for _, low, _, high, _ in heights] == [
        (2, 58), (62, 118), (122, 148), (152, 208),
    ]  # fmt: skip


def test_the_table_of_the_heat_map_has_the_highest_scores_and_counts_the_rest():
    chart = heat_map(20)
    pair = Pair("text-07", "text-11", "recycled", 0.1, 0.1, 0.1, 0.2)
    shown = drawn(
        heat_map=chart, histogram=histogram(one_bin(5, 9), threshold=2.0), pairs=(pair,)
    ).heat_map
    flat = sorted((score for row in chart.scores for score in row), reverse=True)
    found = []
    for each in shown.cells.items:
        row, column = map(int, each.pointer.removeprefix("/heat_map/scores/").split("/"))
        found.append(chart.scores[row][column])
        assert {each.a, each.b} == {chart.ids[row], chart.ids[column]}
        assert each.a < each.b
        assert each.above == (found[-1] >= 2.0)
        assert each.pair == (0 if (each.a, each.b) == ("text-07", "text-11") else None)
    assert found == flat[:30]
    assert shown.cells.n_hidden == 190 - 30
    everything = drawn(heat_map=heat_map(8), pairs=(pair,)).heat_map.cells
    assert (len(everything.items), everything.n_hidden) == (28, 0)


def test_a_listed_pair_is_known_whichever_of_its_documents_comes_first():
    pair = Pair("b", "a", "recycled", 0.1, 0.1, 0.1, 0.2)
    chart = HeatMap(("a", "b"), ((), (1.0,)))
    (cell,) = drawn(heat_map=chart, pairs=(pair,)).heat_map.cells.items
    assert (cell.a, cell.b, cell.pair) == ("a", "b", 0)


def test_one_document_makes_no_heat_map():
    assert drawn(heat_map=HeatMap(("a",), ((),))).heat_map is None


def test_48_documents_make_a_small_heat_map():
    shown = page(replace(EMPTY, heat_map=heat_map(48)))[1]
    drawing = re.search(r'<svg class="p-heat".*?</svg>', shown, re.DOTALL).group()
    assert len(drawing) < 40_000


@given(st.text(max_size=60) | st.text("a渡\u202e\u0301", max_size=500))
def test_a_short_name_fits_and_hides_nothing(id):
    name = heatmap.short_name(id)
    assert heatmap._width(name) <= 20
    assert not re.search("[\u200b-\u200f\u202a-\u202e\x00-\x1f]", name)
    assert len(name) <= 60


def test_a_short_name_keeps_both_ends():
    assert heatmap.short_name("farm/2024/harbour-ferries-12.txt") == "farm/202…ries-12.txt"
    assert heatmap.short_name("渡" * 50) == "渡渡渡渡…渡渡渡渡渡"
    assert heatmap.short_name("x" * 20) == "x" * 20
    assert heatmap.short_name("Z" + "\u0301" * 200).count("\u0301") < 20


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(2, 3000)), min_size=1))
def test_each_family_is_counted_in_one_row_of_its_kind_and_size(drawn_families):
    groups = [
        family(number, [f"{number}-{each}" for each in range(size)], relation)
        for number, (relation, size) in enumerate(drawn_families)
    ]
    shown = drawn(families=tuple(groups)).sizes
    if len(groups) == 1:
        assert shown is None  # one bar says nothing
        return
    for relation in KINDS:
        sizes = [size for kind, size in drawn_families if kind == relation]
        found = [group for group in shown.groups if group.relation == relation]
        assert len(found) == bool(sizes)
        for group in found:
            assert (group.n_families, group.n_documents) == (len(sizes), sum(sizes))
            in_rows = 0
            for row in group.rows:
                low, _, high = (
                    row.label.replace(",", "").replace("or more", "to inf").partition(" to ")
                )
                n = sum(float(low) <= size <= float(high or low) for size in sizes)
                assert row.n_families == n > 0
                assert row.width == shown.scale.of(n) <= 100
                in_rows += n
            assert in_rows == len(sizes)
    places = [each.y for group in shown.groups for each in (group, *group.rows)]
    assert all(22 <= below - above <= 30 for above, below in pairwise(places))
    assert places[-1] + 22 == shown.height


def test_many_sizes_are_put_into_ranges():
    sizes = [2, 3, 4, 5, 9, 10, 40, 1000, 5000]
    groups = [family(n, [f"{n}-{each}" for each in range(n)], "exact") for n in sizes]
    (group,) = drawn(families=tuple(groups)).sizes.groups
    assert [(row.label, row.n_families) for row in group.rows] == [
        ("2", 1), ("3", 1), ("4", 1), ("5 to 9", 2), ("10 to 19", 1), ("20 to 49", 1),
        ("1,000 or more", 2),
    ]  # fmt: skip
    (group,) = drawn(families=tuple(groups[:8])).sizes.groups
    assert [row.label for row in group.rows] == ["2", "3", "4", "5", "9", "10", "40", "1,000"]


def test_chance_families_are_their_number_times_their_largest_p():
    found = [family(1, "ab", p=0.002), family(2, "cd", p=0.03), family(3, "ef", "exact")]
    report = replace(EMPTY, families=tuple(found), reviews=(family(4, "gh", "review", p=0.4),))
    assert expected_false_families(report) == 0.06
    assert expected_words(report) == "at most 0.06"
    least = replace(EMPTY, families=(family(1, "ab", p=0.00001),))
    assert expected_words(least) == "fewer than 0.005"
    three = replace(EMPTY, families=tuple(family(n, "ab", p=0.0049) for n in range(3)))
    assert expected_words(three) == "fewer than 0.015"
    assert expected_false_families(replace(EMPTY, families=tuple(found[2:]))) is None
    text = "".join(page(replace(report, histogram=histogram(one_bin(3, 4))))[0].itertext())
    assert "2 recycled families were decided; at most 0.06 would be expected by chance." in text


def numbers(value):
    if isinstance(value, float | int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, str):
        yield from map(float, re.findall(r"\binf\b|\bnan\b", value))
    elif isinstance(value, tuple):
        for each in value:
            yield from numbers(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from numbers(getattr(value, each.name))


@given(counts_of_bins, st.integers(2, 48), st.floats(-50, 50), st.floats(0, 1e7))
@settings(max_examples=25)
def test_all_places_are_finite_and_bounded(counts, n, score, expected):
    chart = heat_map(n)
    chart = replace(chart, scores=(*chart.scores[:-1], (score,) * (n - 1)))
    groups = tuple(family(each, [f"{each}-1", f"{each}-2"]) for each in range(3))
    shown = drawn(
        histogram=histogram(counts, expected=[expected] * N_BINS, threshold=score),
        heat_map=chart,
        families=groups,
    )
    for part in (shown.histogram.x_ticks, shown.histogram.y_ticks, shown.histogram.bars):
        assert all(-50 <= each <= 250 for each in numbers(part))
    assert all(math.isfinite(each) for each in numbers(shown))
    assert shown.heat_map.width < 1200
    assert shown.heat_map.height < 1200


def test_names_of_documents_and_groups_cannot_leave_their_places():
    ids = [
        'a</title><script>alert("1")</script>',
        "b' onload=alert(1) x='",
        "c\u202ed\x00&amp;",
        "</svg></text><img src=x>" * 9,
    ]
    tame = ["ab", "cd", "ef", "gh" * 90]

    def report(names):
        pairs = (Pair(min(names[:2]), max(names[:2]), "recycled", 0.1, 0.1, 0.1, 0.2),)
        groups = (replace(family(1, names), id=names[1]),)
        return replace(
            EMPTY,
            heat_map=heat_map(4, ids=names),
            histogram=histogram(one_bin(4, 6)),
            families=groups,
            pairs=pairs,
        )

    def shape(names):
        tree, _ = page(replace(report(names), pairs=()))
        kept = [each for each in tree.iter() if each.get("class") not in ("box", None)]
        return [(each.tag, sorted(each.attrib), each.get("class")) for each in kept]

    assert shape(ids) == shape(tame)
    tree, text = page(replace(report(ids), pairs=()))
    assert not {each.tag for each in tree.iter()} & {"script", "img"}
    assert "\u202e" not in text
    assert "\x00" not in text


@pytest.mark.parametrize("report", [example(), undecided()], ids=["example", "undecided"])
def test_each_picture_has_a_title_a_description_and_its_table(report):
    tree, _ = page(report)
    namespace = "{http://www.w3.org/2000/svg}"
    ids = {each.get("id") for each in tree.iter()}
    figures = [each for each in tree.iter() if each.tag == "figure"]
    assert len(figures) == 2 + (len([*report.families, *report.reviews]) > 1)
    for figure in figures:
        (drawing,) = (each for each in figure.iter() if each.get("role") == "img")
        title, description = drawing.get("aria-labelledby").split()
        assert {title, description, figure.get("aria-labelledby")} <= ids
        assert [each.tag for each in drawing][:2] == [f"{namespace}title", f"{namespace}desc"]
        assert all("".join(each.itertext()).strip() for each in drawing[:2])
        assert figure.find(".//figcaption/p") is not None
        assert figure.find("details//table/tbody/tr") is not None


def test_what_is_not_drawn_is_said():
    report = replace(
        EMPTY,
        histogram=histogram(one_bin(3, 4), other=1),
        heat_map=replace(heat_map(20), n_left_out=12_345),
    )
    text = " ".join("".join(page(report)[0].itertext()).split())
    assert "1 pair is not drawn" in text
    assert "12,345 documents are not shown" in text
    assert "The 30 highest of 190 scores" in text
    assert "And 160 more scores: report.json has all of them." in text
    assert "No recycled family was decided." in text
    nothing = " ".join("".join(page(EMPTY)[0].itertext()).split())
    assert "fewer than two different texts were judged" in nothing
