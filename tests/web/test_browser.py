"""The page to unsubscribe in a real browser: on a phone and a desk, by day and by night, with the keyboard alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select

from seqlang.dispatch.links import Links
from seqlang.store import Store
from seqlang.store.tables import event
from tests.web.site import SECRET
from tests.web.test_serving import folder, serving

__all__ = ["folder"]

pytestmark = pytest.mark.debian("chromium")
# How much darker one colour is than another, as people see it (WCAG 2, relative luminance).
CONTRAST = """([one, other]) => {
  const light = element => { const [r, g, b] = element.match(/[0-9.]+/g).map(Number).map(v => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05) }"""
COLOURS = "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor] }"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def link(folder: Path) -> Iterator[str]:
    links = Links("", SECRET)
    with serving(folder) as (_, address):
        yield f"{address}/u/7-1.{links._signature('u', '7-1')}"


def opened(browser: Browser, link: str, width: int, scheme: str, **more: object) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme, **more)  # type: ignore[arg-type]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(link)
    return page, said


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_readable_and_fits(browser: Browser, link: str, width: int, scheme: str, tmp_path: Path) -> None:
    page, said = opened(browser, link, width, scheme)
    assert said == []  # the policy lets our own style through
    button = page.get_by_role("button", name="Unsubscribe")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card = page.locator("main").evaluate(COLOURS)[1]
    for one in (page.locator("h1"), page.locator("p")):
        assert page.evaluate(CONTRAST, [one.evaluate(COLOURS)[0], card]) >= 7
    assert page.evaluate(CONTRAST, button.evaluate(COLOURS)) >= 4.5
    dark = page.evaluate(CONTRAST, [card, "rgb(0, 0, 0)"]) < 3
    assert dark is (scheme == "dark")
    page.screenshot(path=tmp_path / "page.png")
    page.close()


def test_keyboard_alone_unsubscribes(browser: Browser, link: str, folder: Path) -> None:
    page, said = opened(browser, link, 400, "light", locale="de-DE")
    assert page.title() == "Abmelden"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert page.get_by_role("status").inner_text() == "Sie sind abgemeldet"
    assert said == []
    page.close()
    store = Store.open(f"sqlite:///{folder / 'seqlang.db'}")
    with store.read() as conn:
        assert [(e.kind, e.contact_id) for e in conn.execute(select(event))] == [("unsubscribed", 1)]
    store.close()
