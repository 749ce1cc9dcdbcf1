"""Chromium, and pages of reports that were opened in it.

Playwright's package brings its own driver, Chromium is the system's, axe-core is npm's
(package.json). Where one of them is missing a test is skipped, and says what to install.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from dupdetect import compare, detect, read_documents
from dupdetect.report import FORMATS, render
from dupdetect.report.sharing import without_text
from dupdetect.results import Document, Pair, Passage, Report
from tests import hostile, large_report
from tests.example_report import SETTINGS, example, undecided
from tests.example_report import hostile as hostile_by_hand

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")

#: Run in a page before anything else: what its own policy forbids is noted.
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""

REPORTS: dict[str, Callable[[], Report]] = {
    "seeds": lambda: _seeds(),
    "no text": lambda: without_text(_seeds()),
    "example": example,
    "undecided": undecided,
    "empty": lambda: Report((), (), (), (), {}, {}),
    "hostile": lambda: detect(hostile.documents()),
    "hostile by hand": lambda: hostile_by_hand(hostile.EVERYTHING),
    "large": large_report.large,
}
#: The page of two documents compared, and that of two in Hebrew.
COMPARISON, RIGHT_TO_LEFT = "comparison", "right to left"


@cache
def _seeds() -> Report:
    return detect(read_documents([str(hostile.SEEDS)]))


def _page(name: str) -> str:
    if name == RIGHT_TO_LEFT:
        return _right_to_left()
    if name != COMPARISON:
        return render(REPORTS[name](), "html")
    a, b = hostile.documents()[2:4]
    return FORMATS["html"].load().render_pair(compare(a, b), a, b, settings=SETTINGS)


def _right_to_left() -> str:
    line = "הגשם ירד על העיר העתיקה כל היום."
    n = len(line)
    a = Document("a", f"{line}\n\n\u202e{line}")
    b = Document("b", line)
    shared = (
        Passage(0, n, 0, n, 1.0, "identical", n_tokens_kept=7, n_tokens=7),
        Passage(n + 2, 2 * n + 3, 0, n, 1.0, "edited", False, 7, 7, ((n + 3, 2 * n + 3, 0, n),)),
    )
    pair = Pair("a", "b", "recycled", 0.5, 0.5, 0.5, 1.0, shared)
    return FORMATS["html"].load().render_pair(pair, a, b, settings=SETTINGS)


@dataclass(frozen=True)
class Opened:
    """A page in the browser.

    Attributes:
        page: to be driven.
        faults: what the browser complained of: console errors and warnings, uncaught errors,
            dialogs; filled while the page is open.
        requests: addresses that it asked for.
    """

    page: object
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip(
        "playwright.sync_api",
        reason='Playwright is missing; next: python -m pip install --editable ".[browser]"',
    )
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip(
            f"none of {', '.join(CHROMIUMS)} is on the path; next: apt-get install chromium"
        )
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> Path:
    if not AXE.is_file():
        pytest.skip("axe-core is missing; next: npm ci --prefix tests/browser")
    return AXE


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Callable[[str], Path]:
    """Writes the report of a name once, and gives its file."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def write(name: str) -> Path:
        path = folder / f"{name}.html"
        path.write_text(_page(name), "utf-8", newline="\n")
        return path

    return write


@pytest.fixture
def opened(chromium, written) -> Iterator[Callable[..., Opened]]:
    """Opens the report of a name, as a file; more arguments go to the browser's context."""
    with ExitStack() as stack:

        def open_(
            name: str,
            width: int = 1440,
            *,
            scripts: tuple[Path, ...] = (),
            fragment: str = "",
            **options: object,
        ) -> Opened:
            context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
            stack.callback(context.close)
            context.add_init_script(NOTE_VIOLATIONS)
            for script in scripts:
                context.add_init_script(path=script)
            opened = Opened(context.new_page())
            _listen(opened)
            opened.page.goto(f"{written(name).as_uri()}{fragment}")
            return opened

        yield open_


def _listen(opened: Opened) -> None:
    def said(message) -> None:
        if message.type in ("error", "warning"):
            opened.faults.append(f"console {message.type}: {message.text}")

    def asked(dialog) -> None:
        opened.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    opened.page.on("console", said)
    opened.page.on("pageerror", lambda error: opened.faults.append(f"uncaught: {error}"))
    opened.page.on("dialog", asked)
    opened.page.on("request", lambda request: opened.requests.append(request.url))
