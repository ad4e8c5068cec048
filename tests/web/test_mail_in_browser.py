"""A whole mail as a reader sees it: sent over SMTP, taken apart by the standard library, shown in a browser."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from seqlang.plan.conditions import ListValue, Literal_, Template, Word
from tests.dispatch.world import step
from tests.web.site import Site, page_of
from tests.web.test_browser import browser

__all__ = ["browser"]

pytestmark = pytest.mark.debian("chromium")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC"
)
SUBJECT = "Grüße 😀 שלום — " + "a long subject that no mail program shows in one line " * 3
PAGE = """<html><head><style>h1 { color: rgb(200, 0, 0) } .button { background: rgb(0, 80, 160); color: #fff; padding: 12px }
</style></head><body><h1>Hallo {{ contact.first_name }} 😀</h1><p dir="rtl">שלום עולם</p>
<img src="cid:logo.png" alt="Acme" width="80"><p><a class="button" href="https://shop.example/price">Preise</a></p></body></html>"""
MJML = """<mjml><mj-head><mj-title>Hallo</mj-title></mj-head><mj-body><mj-section background-color="#eef"><mj-column>
<mj-text>Hallo {{ contact.first_name }} 😀</mj-text><mj-button background-color="#0050a0" href="https://shop.example/price">Preise
</mj-button></mj-column></mj-section></mj-body></mjml>"""


def sent(site: Site, name: str, page: str) -> EmailMessage:
    world = site.world
    logo = world.template("pictures/logo.png", "x")
    options = (
        ("subject", Template(source=SUBJECT)), ("template", world.template(name, page)),
        ("track", ListValue(items=(Word(word="opens"), Word(word="clicks")))),
        ("unsubscribe", Literal_(type="boolean", value=True)), ("attachments", ListValue(items=(logo,))),
    )
    world.flow(step(options=options))
    world.plan_effects(world.enrol(world.contact("kim@example.com", first_name="Kim <b>& Co</b> Grüße")))
    assert world.deliver().accepted == 1
    return site.box.mails[-1]


@pytest.mark.parametrize(("name", "page"), [("hello.html", PAGE), ("hello.mjml", MJML)])
def test_mail_is_sound_and_looks_as_it_was_meant(site: Site, browser: Browser, tmp_path: Path, name: str, page: str) -> None:
    mail = sent(site, name, page)
    raw = site.box.raw[-1]
    assert not mail.defects
    assert all(not part.defects for part in mail.walk())
    assert mail["Subject"] == SUBJECT.strip()
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert max(len(line) for line in head if not line.startswith(b"List-Unsubscribe")) <= 78
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    shown = page_of(mail)
    for part in mail.walk():
        if part["Content-ID"]:
            inside = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
            shown = shown.replace(f"cid:{part['Content-ID'].strip('<>')}", inside)
    view = browser.new_page(viewport={"width": 375, "height": 700})
    view.route("**/*", lambda route: route.abort())  # a reader who has not allowed pictures
    view.set_content(shown, wait_until="domcontentloaded")
    view.screenshot(path=tmp_path / "mail.png")
    assert "Hallo Kim <b>& Co</b> Grüße 😀" in view.locator("body").inner_text()
    button = view.get_by_text("Preise")
    colour = "e => getComputedStyle(e.closest('[style*=background]')).backgroundColor"
    assert button.evaluate(colour) == "rgb(0, 80, 160)"
    assert str(button.get_attribute("href")).startswith("https://mail.example.com/c/")
    assert view.get_by_text("Unsubscribe").is_visible()
    assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if name.endswith(".html"):
        assert view.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(200, 0, 0)"
        assert view.locator("img[alt=Acme]").evaluate("e => e.naturalWidth") == 8
    view.close()
