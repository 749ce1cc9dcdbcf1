"""Where things are in the window, and where the keyboard is."""

import pytest

#: Whether an element can be seen where it stands: in the window and in every pane around it.
IN_VIEW = """
(element) => {
  const box = element.getBoundingClientRect();
  const middle = Math.min(box.top + box.height / 2, box.top + 20);
  if (middle < 0 || middle > innerHeight) return false;
  for (let pane = element.parentElement; pane; pane = pane.parentElement) {
    const style = getComputedStyle(pane);
    if (!/auto|scroll/.test(style.overflowY) || pane === document.documentElement) continue;
    const around = pane.getBoundingClientRect();
    if (middle < around.top - 1 || middle > around.bottom + 1) return false;
  }
  return true;
}
"""


def focused(page):
    """The element that keys go to."""
    return page.evaluate_handle("document.activeElement").as_element()


def until(page, check, seconds=5):
    """Waits until a check holds: Playwright's own wait is stopped by the page's policy."""
    for _ in range(seconds * 20):
        if check():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"not so after {seconds} s")
