"""The pictures in the README: the report on seeds/, as Chromium shows it.

`python -m docs.picture`, or `make picture`, rewrites docs/*.png. It wants Chromium, Playwright
(the extra "browser") and a font with Chinese characters, such as fonts-noto-cjk.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import FloatRect, Page, sync_playwright

from dupdetect import detect, read_documents
from dupdetect.report import render

HERE = Path(__file__).parent
#: What each picture shows: the page from the top of one element to the bottom of another.
PICTURES = {
    "report.png": ("body", "#pictures figure"),
    "family.png": ("#family-1 .collations", "#family-1 .collation:nth-child(5)"),
    "pair.png": ("#pair-1", "#pair-1 .panes"),
}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# Lower than the screens on which the filters stay in sight, and would lie over what is shown.
WIDTH, HEIGHT = 1280, 620
MARGIN = 16
SETTLE_MS = 300
MAX_BYTES = 400_000


def main() -> None:
    """Takes the pictures.

    Raises:
        SystemExit: one cannot be taken, or is too large; the message says why.
    """
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        sys.exit(f"none of {', '.join(CHROMIUMS)} is on the path; next: apt-get install chromium")
    html = render(detect(read_documents([str(HERE.parent / "seeds")])), "html")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "report.html"
        path.write_text(html, "utf-8")
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(path.as_uri())
        pictures = {name: _until(page, end, start) for name, (start, end) in PICTURES.items()}
        browser.close()
    for name, picture in pictures.items():
        if len(picture) > MAX_BYTES:
            sys.exit(f"{name} has {len(picture):,} bytes; allowed: {MAX_BYTES:,}; show less")
        (HERE / name).write_bytes(picture)


def _until(page: Page, selector: str, since: str) -> bytes:
    """The page from the top of one element to the bottom of another, as it is."""
    # What is far from the screen is not laid out: a pair would be an empty box.
    page.locator(since).first.scroll_into_view_if_needed()
    page.wait_for_timeout(SETTLE_MS)
    top = page.locator(since).first.evaluate("each => each.getBoundingClientRect().top + scrollY")
    end = page.locator(selector).first.evaluate(
        "each => each.getBoundingClientRect().bottom + scrollY"
    )
    start = max(0.0, top - MARGIN)
    clip: FloatRect = {"x": 0, "y": start, "width": WIDTH, "height": end + MARGIN - start}
    return page.screenshot(clip=clip, full_page=True)


if __name__ == "__main__":
    main()
