"""A mail that was really sent, its links, and the application that they lead to."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from starlette.testclient import TestClient

from seqlang.clock import to_micros
from seqlang.dispatch.links import reading_links
from seqlang.plan.conditions import ListValue, Literal_, Template, Word
from seqlang.store import Store
from seqlang.store.tables import flow
from seqlang.web.application import make_application
from tests.dispatch.world import AT, World, event, step
from tests.plugins.mail_server import Box

URL = "https://mail.example.com"
SECRET = "a-secret-of-the-tests-with-enough-characters"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGE = (
    '<html><body><p>Hi {{ contact.first_name }}</p><a href="https://shop.example/price?a=1&amp;b=2#top">price</a>'
    '<a href="mailto:ana@example.com">write</a><a href="{{ unsubscribe_url }}">leave</a></body></html>'
)


class Site:
    """One contact with one mail; the clock stands a minute after it went."""

    def __init__(self, store: Store, box: Box, port: int, **web: Any) -> None:
        given = {"url": URL, "secret": {"env": "SITE_SECRET"}, "name": "Acme & Co", **web}
        default = {"smtp": f"smtp://127.0.0.1:{port}", "timeout_seconds": 5}
        self.world = World(store, {"web": given, "channels": {"email": {"default": default}}})
        self.world.user("ana@example.com", first_name="Ana")
        self.box = box

    def send(self, page: str = PAGE, **more: Any) -> EmailMessage:
        """Send the mail to Kim and return it as it arrived."""
        options = (
            ("subject", Template(source="Hello")),
            ("template", self.world.template("hello.html", page)),
            ("track", ListValue(items=(Word(word="opens"), Word(word="clicks")))),
            ("unsubscribe", Literal_(type="boolean", value=True)),
        )
        self.world.flow(step(options=options, **more))
        self.world.change(flow, started_at=to_micros(AT))
        self.world.plan_effects(self.world.enrol(self.world.contact("kim@example.com", first_name="Kim")))
        assert self.world.deliver().accepted == 1
        self.world.later(minutes=1)
        return self.box.mails[-1]

    @contextmanager
    def open(self, **client: Any) -> Iterator[TestClient]:
        """Run the application; what was heard is written when this ends."""
        settings = self.world.settings
        application = make_application(self.world.store, settings, reading_links(settings.web), self.world.clock)
        headers = {"User-Agent": BROWSER, **client.pop("headers", {})}
        with TestClient(application, headers=headers, follow_redirects=False, **client) as running:
            yield running

    def events(self) -> list[tuple[str, str | None, bool]]:
        return [(e.kind, e.name, e.machine) for e in self.world.rows(event)]

    def later(self, **by: float) -> None:
        self.world.clock.set(self.world.clock.now() + timedelta(**by))


def page_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def targets(mail: EmailMessage) -> list[str]:
    """Return the targets of the page's links, in order."""
    return [html.unescape(t) for t in re.findall(r'<a href="([^"]*)"', page_of(mail))]


def pixel(mail: EmailMessage) -> str:
    found = re.search(r'<img src="([^"]*)" width="1"', page_of(mail))
    assert found is not None
    return html.unescape(found[1])


def path(url: str) -> str:
    assert url.startswith(f"{URL}/")
    return url.removeprefix(URL)
