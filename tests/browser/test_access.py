"""Everybody can use it: axe-core finds nothing, the keyboard reaches all, print has it all."""

import re

import pytest

from tests.browser.looking import IN_VIEW, focused

pytestmark = pytest.mark.browser

NAMES = ["seeds", "example", "undecided", "empty", "no text", "comparison"]
NAMES += ["hostile", "hostile by hand"]

#: All rules that are on by default, those of good practice too, and the size of what is clicked;
#: or those of some tag only.
RUN_AXE = """
async (tag) => (await axe.run(document, {
  resultTypes: ["violations"],
  ...(tag ? {runOnly: [tag]} : {rules: {"target-size": {enabled: true}}}),
})).violations.map((each) => ({
  rule: each.id,
  n: each.nodes.length,
  nodes: each.nodes.slice(0, 5).map((node) => [node.html.slice(0, 200), node.failureSummary]),
}))
"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_no_violation_in_the_light_or_in_the_dark(opened, axe, name, width):
    page = opened(name, width, color_scheme="light", scripts=(axe,)).page
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate(RUN_AXE, None) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(RUN_AXE, "cat.color") == []


def test_the_first_tab_leads_past_the_contents(opened):
    page = opened("seeds").page
    page.keyboard.press("Tab")
    link = focused(page)
    assert link.get_attribute("href") == "#main"
    assert link.evaluate(IN_VIEW)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page).evaluate("(element) => element.closest('main') !== null")


@pytest.mark.parametrize("name", ["seeds", "example", "undecided", "hostile"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_contents_lead_to_every_section_by_keyboard_alone(opened, name, width):
    page = opened(name, width).page
    sections = page.evaluate("[...document.querySelectorAll('main section')].map((s) => s.id)")
    links = page.locator("nav a")
    assert links.evaluate_all("(all) => all.map((each) => each.hash.slice(1))") == sections
    for number, section in enumerate(sections):
        links.nth(number).focus()
        assert links.nth(number).evaluate(IN_VIEW)
        page.keyboard.press("Enter")
        heading = page.locator(f"#{section}").locator("h1, h2").first
        assert heading.evaluate(IN_VIEW), section


def test_tab_alone_reaches_each_thing_once_and_shows_where_it_is(opened):
    page = opened("example").page
    reachable = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, summary, [tabindex]")]
          .filter((each) => each.tabIndex >= 0 && each.checkVisibility({visibilityProperty: true}))
          .length"""
    )
    visited = []
    for _ in range(reachable + 5):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const element = document.activeElement;
              if (element === document.body) return null;
              element.dataset.visited = Number(element.dataset.visited ?? 0) + 1;
              const style = getComputedStyle(element);
              const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
              return [element.outerHTML.slice(0, 120), ring, Number(element.dataset.visited)];
            }"""
        )
        if here is None:
            break
        visited.append(here)
    assert [html for html, ring, _ in visited if not ring] == []
    assert [html for html, _, times in visited if times > 1] == []
    assert len(visited) == reachable


def test_dark_is_dark_and_light_is_light(opened):
    def luminance(page, what):
        red, green, blue = (
            (lambda v: v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4)(int(each) / 255)
            for each in re.findall(
                r"\d+", page.evaluate(f"getComputedStyle(document.body).{what}")
            )[:3]
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = (opened("example", color_scheme=each).page for each in ("dark", "light"))
    assert luminance(dark, "backgroundColor") < 0.05 < 0.5 < luminance(dark, "color")
    assert luminance(light, "color") < 0.05 < 0.8 < luminance(light, "backgroundColor")


def test_a_text_that_runs_to_the_left_is_set_so_whatever_is_added_to_it(opened):
    """Its labels, boxes and notes begin with Latin letters: they say nothing of its direction."""
    page = opened("right to left").page
    lines = page.locator(".text p")
    assert lines.count() == 3
    assert lines.evaluate_all("(all) => all.map((each) => getComputedStyle(each).direction)") == (
        ["rtl", "rtl", "rtl"]
    )
    label = page.locator(".text .passage > a").first.bounding_box()
    line = lines.first.bounding_box()
    assert label["x"] > line["x"] + line["width"] / 2  # the line begins at the right


def test_print_is_black_on_white_in_dark_mode_too(opened):
    page = opened("example", color_scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    tints = page.locator(".passage, mark, .box, body").evaluate_all(
        """(all) => [...new Set(all.map((each) => {
          const style = getComputedStyle(each);
          return `${style.color} on ${style.backgroundColor}`;
        }))]"""
    )
    for tint in tints:
        ink, paper = (re.findall(r"[\d.]+", each) for each in tint.split(" on "))
        assert max(map(float, ink[:3])) < 128, tint
        assert min(map(float, paper[:3])) > 128 or paper[3:] == ["0"], tint


@pytest.mark.parametrize("name", ["seeds", "example", "undecided"])
@pytest.mark.parametrize("javascript", [True, False])
def test_print_has_all_texts_and_no_controls(opened, name, javascript):
    page = opened(name, 1000, java_script_enabled=javascript).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for control in ("nav", ".skip", ".filters"):
        for each in page.locator(control).all():
            assert not each.is_visible(), control
    closed = page.evaluate(
        """() => [...document.querySelectorAll("#provenance details > :not(summary)")]
          .filter((each) => !each.checkVisibility({contentVisibilityAuto: true})
            || each.getBoundingClientRect().height === 0)
          .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert closed == []
    tops = (
        page.locator(".panes")
        .first.locator(".pane")
        .evaluate_all("(all) => all.map((each) => each.getBoundingClientRect().top)")
    )
    assert tops[0] == tops[1]  # side by side
    cut = page.evaluate(
        """() => [...document.querySelectorAll("main *")]
          .filter((each) => /auto|scroll/.test(getComputedStyle(each).overflowY)
            && each.scrollHeight > each.clientHeight + 1)
          .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert cut == []


@pytest.mark.parametrize("name", ["seeds", "example", "empty", "hostile"])
def test_it_prints_to_pdf(opened, name):
    pdf = opened(name).page.pdf(format="A4", prefer_css_page_size=True)
    n_pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert pdf.startswith(b"%PDF")
    assert n_pages >= 1
    assert n_pages <= {"seeds": 24, "example": 25, "empty": 3, "hostile": 200}[name]


@pytest.mark.parametrize("name", ["seeds", "example", "undecided", "hostile"])
def test_without_its_script_the_page_says_the_same(opened, name):
    """Nothing is written or shown by the script alone, but the count of what is filtered."""
    read = """() => {
      for (const each of document.querySelectorAll("details")) each.open = true;
      for (const each of document.querySelectorAll(".filtered")) each.remove();
      return [document.body.innerText, document.body.querySelectorAll("[hidden]").length];
    }"""
    without = opened(name, java_script_enabled=False)
    scripted = opened(name)
    assert without.page.evaluate("typeof axe") == "undefined"
    plain, n_hidden = without.page.evaluate(read)
    assert n_hidden == 0
    assert plain.split() == scripted.page.evaluate(read)[0].split()
    assert without.faults == []


def test_every_passage_can_be_read_without_the_script(opened):
    page = opened("seeds", java_script_enabled=False).page
    n_passages = page.locator(".passage[id]").count()
    assert n_passages > 20
    unseen = page.evaluate(
        """() => [...document.querySelectorAll(".passage")]
          .filter((each) => !each.closest("details:not([open])")
            && (!each.checkVisibility({opacityProperty: true}) || !each.getClientRects().length))
          .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert unseen == []
