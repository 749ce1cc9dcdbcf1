"""The picture in the README: the report on seeds/, as Chromium shows it.

`python -m docs.picture`, or `make picture`, rewrites docs/report.png. It wants Chromium, Playwright
(the extra "browser") and a font with Chinese characters, such as fonts-noto-cjk.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from dupdetect import detect, read_documents
from dupdetect.report import render

HERE = Path(__file__).parent
PICTURE = HERE / "report.png"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
WIDTH = 1280
MARGIN = 16
MAX_BYTES = 400_000


def main() -> None:
    """Takes the picture.

    Raises:
        SystemExit: it cannot be taken, or is too large; the message says why.
    """
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        sys.exit(f"none of {', '.join(CHROMIUMS)} is on the path; next: apt-get install chromium")
    html = render(detect(read_documents([str(HERE.parent / "seeds")])), "html")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "report.html"
        path.write_text(html, "utf-8")
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        page.goto(path.as_uri())
        picture = _picture(page)
        browser.close()
    if len(picture) > MAX_BYTES:
        sys.exit(f"the picture has {len(picture):,} bytes; allowed: {MAX_BYTES:,}; show less")
    PICTURE.write_bytes(picture)


#: Leaves the answer, the first picture and the family, and of its sentences the first with inserted
#: anchors, without what the first screen said already. Gives where that sentence ends, in pixels.
CHOOSE = """
() => {
  const sentences = [...document.querySelectorAll("#family-1 .collation")];
  const shown = sentences.find((each) => each.querySelector(".anchor"));
  const pictures = document.querySelectorAll("#pictures figure:not(:first-of-type)");
  const said = document.querySelectorAll("#family-1 > .lead");
  const others = sentences.filter((each) => each !== shown);
  for (const each of [...others, ...pictures, ...said]) each.remove();
  return Math.ceil(shown.getBoundingClientRect().bottom + scrollY);
}
"""


def _picture(page: Page) -> bytes:
    """The first screens as one picture."""
    height = page.evaluate(CHOOSE) + MARGIN
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": height}
    return page.screenshot(clip=clip, full_page=True)


if __name__ == "__main__":
    main()
