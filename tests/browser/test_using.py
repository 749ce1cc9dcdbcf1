"""What the page offers does what it says: jumps land, filters filter, tables sort."""

import re

import pytest

from tests.browser.looking import IN_VIEW, focused, until

pytestmark = pytest.mark.browser

#: The passages of each pair view on the page: ids of those that can be jumped to.
JUMPS = """
() => [...document.querySelectorAll(".passage[id]:has(> a)")]
  .map((each) => [each.id, each.querySelector("a").hash.slice(1)])
"""


@pytest.mark.parametrize("width", [360, 1440])
def test_a_click_on_a_passage_brings_its_partner_into_view(opened, width):
    page = opened("seeds", width).page
    jumps = page.evaluate(JUMPS)
    assert len(jumps) > 20
    for place, partner in jumps[:: len(jumps) // 12]:
        page.locator(f"#{place}").first.evaluate(
            "(element) => element.scrollIntoView({block: 'center'})"
        )
        page.locator(f"#{place}").first.dispatch_event("click", {"bubbles": True})
        assert page.locator(f"#{partner}").evaluate(IN_VIEW), (place, partner)
        here = focused(page)
        assert here.evaluate(f"(element) => element.closest('#{partner}') !== null"), here


#: How far below the top of the window, or the bar that stays there, an element stands; 0 where it
#: is in view, and the page ends below.
LANDED = """
(element) => {
  const bar = document.querySelector(".filters")?.getBoundingClientRect();
  const root = document.documentElement;
  const covered = bar && bar.top <= 0 ? Math.max(0, bar.bottom) : 0;
  const at = element.getBoundingClientRect().top - covered;
  const ends = root.scrollHeight - root.scrollTop - innerHeight < 2;
  return ends && at > 0 && at < innerHeight ? 0 : at;
}
"""


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", ["seeds", "large"])
def test_links_land_at_what_they_lead_to_however_far_it_is(opened, name, width, javascript):
    """Nothing asks for less motion here: a jump that glides is overtaken by what it passes."""
    page = opened(name, width, java_script_enabled=javascript).page
    for kind in (".contents a", "a[href^='#family-']", ".pairs a[href^='#pair-']"):
        links = page.locator(kind)
        n_links = links.count()
        assert n_links, kind
        for number in range(0, n_links, max(1, n_links // 6)):
            page.evaluate("scrollTo(0, 0)")
            link = links.nth(number)
            target = page.locator(link.get_attribute("href"))
            link.focus()
            page.keyboard.press("Enter")
            until(page, lambda target=target: -2 <= target.evaluate(LANDED) < 200)
            page.wait_for_timeout(100)  # what is laid out only now may move it
            assert -2 <= target.evaluate(LANDED) < 200


def test_a_click_of_the_mouse_on_the_words_jumps(opened):
    page = opened("seeds").page
    place, partner = page.evaluate(JUMPS)[0]
    words = page.locator(f"#{place}")
    words.scroll_into_view_if_needed()
    box = words.evaluate("(e) => { const r = e.getClientRects()[0]; return [r.x, r.y, r.width]; }")
    page.mouse.click(box[0] + box[2] - 6, box[1] + 8)
    assert page.locator(f"#{partner}").evaluate(IN_VIEW), place


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [360, 1440])
def test_enter_on_the_label_of_a_passage_lands_at_its_partner_and_back(opened, javascript, width):
    page = opened("seeds", width, java_script_enabled=javascript).page
    jumps = page.evaluate(JUMPS)
    place, partner = jumps[len(jumps) // 3]
    label = page.locator(f'#{place} a[href="#{partner}"], a#{place}[href="#{partner}"]').first
    label.focus()
    page.keyboard.press("Enter")
    assert page.locator(f"#{partner}").evaluate(IN_VIEW)
    ring = page.locator(f"#{partner}").evaluate(
        """(element) => element.matches(":target, :focus-within, :focus")"""
    )
    assert ring
    back = page.locator(f'#{partner} a[href="#{place}"], a#{partner}[href="#{place}"]').first
    back.focus()
    page.keyboard.press("Enter")
    assert page.locator(f"#{place}").evaluate(IN_VIEW)


def test_a_passage_can_be_reached_by_tab_alone(opened):
    page = opened("example").page
    for _ in range(300):
        page.keyboard.press("Tab")
        if focused(page).evaluate("(element) => element.closest('.passage') !== null"):
            break
    else:
        pytest.fail("300 tabs did not reach a passage")
    here = focused(page)
    partner = here.get_attribute("href")
    assert partner
    page.keyboard.press("Enter")
    assert page.locator(partner).evaluate(IN_VIEW)


def test_an_address_with_a_fragment_opens_at_its_passage(opened):
    page = opened("seeds").page
    _, partner = page.evaluate(JUMPS)[-1]
    again = opened("seeds", fragment=f"#{partner}").page
    assert again.locator(f"#{partner}").evaluate(IN_VIEW)


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("kind", ["edited", "reworded"])
def test_a_kind_of_passage_can_be_put_out_and_back(opened, javascript, kind):
    page = opened("seeds", java_script_enabled=javascript).page
    box = page.locator(f"#show-{kind}")
    marked = page.locator(f".passage.k-{kind}").first
    rows = page.locator(f"tr.k-{kind}")
    look = """(element) => { const style = getComputedStyle(element);
      return [style.backgroundColor, style.textDecorationLine, style.borderBottomStyle]; }"""
    lit, n_rows = marked.evaluate(look), visible(rows)
    assert n_rows > 0
    words = page.locator(".passage").first.evaluate("(e) => e.closest('article').textContent")
    box.uncheck()
    assert marked.evaluate(look) != lit
    assert visible(rows) == 0
    assert marked.is_visible()  # the words stay: only the mark goes
    other = {"edited": "reworded", "reworded": "edited"}[kind]
    assert visible(page.locator(f"tr.k-{other}")) > 0
    box.check()
    assert marked.evaluate(look) == lit
    assert visible(rows) == n_rows
    assert page.locator(".passage").first.evaluate("(e) => e.closest('article').textContent") == (
        words
    )


@pytest.mark.parametrize("javascript", [True, False])
def test_a_relation_can_be_put_out_and_back(opened, javascript):
    page = opened("example", java_script_enabled=javascript).page
    families = page.locator(".family.r-recycled")
    rows = page.locator("tr.r-recycled")
    n_families, n_rows = visible(families), visible(rows)
    assert n_families == 1
    assert n_rows > 3
    page.locator("#show-recycled").uncheck()
    assert (visible(families), visible(rows)) == (0, 0)
    assert visible(page.locator(".family.r-exact")) == 1
    assert visible(page.locator("tr.r-exact")) > 0
    page.locator("#show-recycled").check()
    assert (visible(families), visible(rows)) == (n_families, n_rows)


def visible(locator):
    return locator.evaluate_all("(all) => all.filter((each) => each.checkVisibility()).length")


KINDS = ("identical", "edited", "reworded", "quotation")


@pytest.mark.parametrize("javascript", [True, False])
def test_sentences_side_by_side_and_ranked_passages_are_filtered_like_rows(opened, javascript):
    page = opened("seeds", java_script_enabled=javascript).page
    for items in (page.locator(".collations > li"), page.locator(".ranked > li")):
        n_edited = items.and_(page.locator(".k-edited:not(.quotation)")).count()
        assert n_edited > 0
        before = visible(items)
        page.locator("#show-edited").uncheck()
        assert visible(items) == before - n_edited
        page.locator("#show-edited").check()
        assert visible(items) == before


def test_where_the_filters_leave_nothing_it_is_said(opened):
    page = opened("seeds").page
    lists = page.locator(".collations, .ranked, .scroll:has(> .passages)")
    for kind in KINDS:
        page.locator(f"#show-{kind}").uncheck()
    assert visible(lists.locator("> li, tbody tr")) == 0
    said = page.evaluate(
        """() => [...document.querySelectorAll(".collations, .ranked")]
          .map((each) => each.getBoundingClientRect().height)"""
    )
    assert min(said) > 15  # a line is drawn where no item is left
    for kind in KINDS:
        page.locator(f"#show-{kind}").check()
    last = page.locator(".ranked > li").last.bounding_box()
    whole = page.locator(".ranked").bounding_box()
    below = whole["y"] + whole["height"] - last["y"] - last["height"]
    assert below < 15  # and none where there are some


def test_what_is_filtered_is_counted(opened):
    page = opened("seeds").page
    status = page.locator(".filtered").first
    assert status.inner_text() == ""
    page.locator("#show-edited").uncheck()
    for selector, noun in (
        (".passages tbody tr", "rows of passages"),
        (".collations > li", "sentences side by side"),
        (".ranked > li", "ranked passages"),
    ):
        items = page.locator(selector)
        assert f"{visible(items)} of {items.count()} {noun}" in status.inner_text()
    assert "rows of pairs" not in status.inner_text()
    page.locator("#show-edited").check()
    assert status.inner_text() == ""


def test_the_bar_of_filters_leads_back_to_the_contents(opened):
    page = opened("seeds").page
    page.locator("#provenance").scroll_into_view_if_needed()
    page.locator(".filters a").click()
    until(page, lambda: page.locator("#contents a").first.evaluate(IN_VIEW))


@pytest.mark.parametrize("name", ["seeds", "example"])
def test_every_column_of_every_kind_of_table_sorts_up_and_down(opened, name):
    page = opened(name).page
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    tables = page.locator("table.sortable")
    kinds = tables.evaluate_all("(all) => all.map((each) => each.tHead.textContent)")
    assert len(set(kinds)) >= 4
    for kind in sorted(set(kinds)):
        table = tables.nth(kinds.index(kind))
        heads = table.locator("thead th")
        before = sorted(rows(table))
        for column in range(heads.count()):
            button = heads.nth(column).locator("button")
            assert button.count() == 1
            orders = []
            for press in (button.click, lambda each=button: each.press("Enter")):
                press()
                orders.append(heads.nth(column).get_attribute("aria-sort"))
                assert keys(table, column) == in_order(page, table, column, orders[-1])
            assert sorted(orders) == ["ascending", "descending"]
            assert table.locator("[aria-sort]:not([aria-sort=none])").count() == 1
        assert sorted(rows(table)) == before


def rows(table):
    return table.locator("tbody tr").evaluate_all("(all) => all.map((each) => each.textContent)")


def keys(table, column):
    """What a column sorts by: a figure where there is one, else words."""
    found = table.locator("tbody tr").evaluate_all(
        """(all, column) => all.map((row) => {
          const cell = row.cells[column];
          const told = cell.querySelector("[data-json], summary") ?? cell;
          return told.value ?? told.textContent.trim();
        })""",
        column,
    )
    number = re.compile(r"-?[\d,]*\.?\d+(e-?\d+)?%?")
    return [
        float(each.strip("%").replace(",", "")) if number.fullmatch(each) else each
        for each in found
    ]


def in_order(page, table, column, order):
    """The same, figures before words and nothing ("–") last, whichever the order."""
    found = keys(table, column)
    figures = sorted(each for each in found if isinstance(each, float))
    words = page.evaluate(
        "(all) => all.sort((x, y) => x.localeCompare(y, undefined, {numeric: true}))",
        [each for each in found if isinstance(each, str) and each != "–"],
    )
    step = -1 if order == "descending" else 1
    return [*figures[::step], *words[::step], *(each for each in found if each == "–")]


def test_of_a_large_report_the_first_jump_and_the_first_filter_are_quick(opened):
    page = opened("large").page
    place, partner = page.evaluate(JUMPS)[0]
    elapsed_ms = page.evaluate(
        """([place]) => {
          const start = performance.now();
          document.getElementById(place).click();
          document.getElementById("show-edited").click();
          document.body.getBoundingClientRect();
          return performance.now() - start;
        }""",
        [place],
    )
    assert page.locator(f"#{partner}").count() == 1
    assert elapsed_ms < 1_500
