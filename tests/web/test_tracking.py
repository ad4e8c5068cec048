"""Openings, clicks and unsubscriptions: from the mail that was sent to the event that the engine takes in."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from seqlang.dispatch.links import Links
from seqlang.errors import StoreError
from seqlang.runtime.tick import tick
from seqlang.store.records_leaving import delete, merge
from tests.dispatch.world import event
from tests.web.site import SECRET, URL, Site, page_of, path, pixel, targets

SHOP = "https://shop.example/price?a=1&b=2#top"


def test_links_of_the_mail_are_signed_and_those_to_unsubscribe_and_write_are_not_wrapped(site: Site) -> None:
    mail = site.send()
    price, write, leave = targets(mail)
    assert price.startswith(f"{URL}/c/")
    assert write == "mailto:ana@example.com"
    assert leave.startswith(f"{URL}/u/")
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert page_of(mail).count("/u/") == 1  # the template has a link already: none is added
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert SHOP in plain.get_content()  # the text part stays readable


def test_click_leads_to_the_target_and_is_recorded_once_an_hour(site: Site) -> None:
    link = path(targets(site.send())[0])
    with site.open() as web:
        for _ in range(3):
            answer = web.get(link)
            assert (answer.status_code, answer.headers["location"]) == (302, SHOP)
    assert site.events() == [("clicked", SHOP, False)]
    site.later(hours=1)
    with site.open() as web:
        web.get(link)
    assert site.events() == [("clicked", SHOP, False)] * 2


def test_opening_is_recorded_with_its_step(site: Site) -> None:
    mail = site.send()
    with site.open() as web:
        answer = web.get(path(pixel(mail)))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
        assert answer.content.startswith(b"GIF89a")
    assert site.events() == [("opened", None, False)]
    tick(site.world.store, site.world.clock.now())
    contact = site.world.rows(site.world.store.records("contact"))[0]
    column = site.world.store.column("contact", "last_contacted_mode").name
    assert contact._mapping[column] == "Opened but no reply"


@pytest.mark.parametrize(
    ("headers", "address", "machine"),
    [
        ({}, "198.51.100.7", False),
        ({"User-Agent": "Mozilla/5.0"}, "198.51.100.7", True),
        ({"User-Agent": ""}, "198.51.100.7", True),
        ({"User-Agent": "Mozilla/5.0 (compatible; BarracudaCentral)"}, "198.51.100.7", True),
        ({"User-Agent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Firefox/11.0 (via ggpht.com GoogleImageProxy)"}, "8.8.8.8", False),
        ({"Purpose": "prefetch"}, "198.51.100.7", True),
        ({}, "17.58.1.2", True),
        ({}, "::ffff:67.231.150.1", True),
    ],
)
def test_machine_is_told_by_its_signs(site: Site, headers: Mapping[str, str], address: str, machine: bool) -> None:
    mail = site.send()
    with site.open(client=(address, 1234), headers=headers) as web:
        web.get(path(targets(mail)[0]))
        web.get(path(pixel(mail)))
    assert site.events() == [("clicked", SHOP, machine), ("opened", None, machine)]


def test_head_and_whoever_clicks_within_a_moment_is_a_machine(site: Site) -> None:
    mail = site.send()
    link = path(targets(mail)[0])
    with site.open() as web:
        assert web.head(link).status_code == 302
    site.later(seconds=-59)
    with site.open() as web:
        web.get(path(pixel(mail)))
    assert site.events() == [("clicked", SHOP, True), ("opened", None, True)]


def test_proxy_that_looks_at_new_mail_is_a_machine_only_soon_after_delivery(site: Site) -> None:
    image = path(pixel(site.send()))
    site.later(seconds=-55)
    with site.open(headers={"User-Agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"}) as web:
        web.get(image)
        site.later(seconds=20)
        web.get(image)
    assert site.events() == [("opened", None, True), ("opened", None, False)]


def test_link_that_was_not_signed_by_us_leads_nowhere(site: Site) -> None:
    mail = site.send()
    token = path(targets(mail)[0]).removeprefix("/c/")
    ref, packed, signature = token.split(".")
    evil = Links("", "another-secret-of-somebody-else")
    forged = [
        f"{ref}.{packed[:-2]}AA.{signature}",
        f"2-1.{packed}.{signature}",
        f"{ref}.{packed}.",
        f"{ref}.{signature}",
        evil._click(ref, "https://evil.example").removeprefix("/c/"),
        path(targets(mail)[2]).removeprefix("/u/"),
        "x",
        "é.ü",
        "a" * 9_000,
    ]
    with site.open() as web:
        for one in forged:
            answer = web.get(f"/c/{one}")
            assert (answer.status_code, "location" in answer.headers) == (404, False), one
            assert web.post(f"/u/{one}").status_code in ({404} if one != forged[5] else {200})
        assert web.get("/c/https://evil.example").status_code == 404
        assert web.get(f"/o/{ref}.{signature}.gif").status_code == 200  # a picture all the same
    assert [kind for kind, _, _ in site.events()] == ["unsubscribed"]


def test_target_that_is_no_web_address_is_never_signed() -> None:
    links = Links(URL, SECRET)
    for target in ("javascript:alert(1)", "//evil.example", "/x", "data:text/html,x", "mailto:a@b.example"):
        assert links._click("1-1", target) == target
    assert links._click("1-1", f"{URL}/u/7-1.draft") == f"{URL}/u/7-1.draft"
    told = links.read("c", links._click("1f-2", "https://käse.example/ü?a=b#c").rpartition("/")[2])
    assert told is not None
    assert (told.ledger_id, told.contact_id, told.target) == (31, 2, "https://käse.example/ü?a=b#c")


# -------------------------------------------------------------------------------------------------------- unsubscribing


def test_looking_at_the_page_unsubscribes_nobody_and_the_button_does(site: Site) -> None:
    link = path(targets(site.send())[2])
    with site.open() as web:
        shown = web.get(link)
        assert (shown.status_code, "<form" in shown.text, "k•••@example.com" in shown.text) == (200, True, True)
        assert "Acme &amp; Co" in shown.text
        web.head(link)
        assert site.events() == []
        done = web.post(link)
        assert (done.status_code, "You are unsubscribed" in done.text, "<form" in done.text) == (200, True, False)
        assert site.events() == [("unsubscribed", None, False)]  # written before it is said
        web.post(link)
    assert site.events() == [("unsubscribed", None, False)]
    tick(site.world.store, site.world.clock.now())
    assert site.world.rows(site.world.store.records("contact"))[0].unsubscribed_at is not None


def test_mail_program_unsubscribes_in_one_click(site: Site) -> None:
    link = path(targets(site.send())[2])
    with site.open(headers={"User-Agent": "Google-Mail-Unsubscribe-bot"}) as web:
        answer = web.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.history) == (200, [])  # RFC 8058: no redirect
    assert site.events() == [("unsubscribed", None, False)]


def test_nothing_goes_to_whoever_unsubscribed_a_moment_ago_though_no_tick_has_seen_it(site: Site) -> None:
    link = path(targets(site.send())[2])
    site.world.plan_effects([1], occurrence=1)
    with site.open() as web:
        web.post(link)
    done = site.world.deliver()
    assert (done.accepted, done.cancelled) == (0, 1)


def test_contact_that_was_deleted_or_merged_still_unsubscribes(site: Site) -> None:
    link = path(targets(site.send())[2])
    world = site.world
    other = world.contact("kim.doe@example.com")
    with world.store.begin() as conn:
        merge(conn, world.store, "contact", other, 1, world.clock.now())
    with site.open() as web:
        assert web.post(link).status_code == 200
    assert [e.contact_id for e in world.rows(event)] == [other]
    with world.store.begin() as conn:
        delete(conn, world.store, "contact", [other], world.clock.now())
    with site.open() as web:
        assert "You are unsubscribed" in web.post(link).text


@pytest.mark.parametrize(
    ("accepted", "language", "word"),
    [("de-AT,de;q=0.9,en;q=0.8", "de", "Abmelden"), ("fr", "fr", "désabonner"), ("tlh, es;q=0.4", "es", "Darse de baja"),
     ("", "en", "Unsubscribe"), ("de;q=x", "en", "Unsubscribe"), ("en;q=0.1,de;q=0.9", "de", "Abmelden")],
)
def test_page_speaks_the_language_of_its_reader(site: Site, accepted: str, language: str, word: str) -> None:
    link = path(targets(site.send())[2])
    with site.open(headers={"Accept-Language": accepted}) as web:
        shown = web.get(link)
    assert f'lang="{language}"' in shown.text
    assert word in shown.text
    assert shown.headers["content-language"] == language


# ------------------------------------------------------------------------------------------------------------- manners


def test_every_answer_bears_the_headers_of_safety(site: Site) -> None:
    price, _, leave = targets(site.send())
    with site.open() as web:
        asked = [path(price), path(leave), "/nothing", "/healthz"]
        for answer in [web.put(path(leave)), *map(web.get, asked)]:
            headers = answer.headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "no-store" in headers["cache-control"]
            assert headers["strict-transport-security"].startswith("max-age=")
            assert "server" not in headers
        assert web.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_address_below_a_folder_answers_with_and_without_it(site: Site) -> None:
    site.world.settings = site.world.settings.model_copy(
        update={"web": site.world.settings.web.model_copy(update={"url": f"{URL}/mail"})}
    )
    link = targets(site.send())[2]
    assert link.startswith(f"{URL}/mail/u/")
    with site.open() as web:
        assert web.get(path(link)).status_code == 200
        assert web.get(path(link).removeprefix("/mail")).status_code == 200


def test_failure_is_one_line_with_all_headers_and_the_log_names_no_link(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    link = path(targets(site.send())[2])

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("seqlang.web.tracking.recipient_of", broken)
    with site.open(raise_server_exceptions=False) as web:
        answer = web.get(link)
    assert (answer.status_code, answer.text) == (500, "that did not work\n")
    assert answer.headers["referrer-policy"] == "no-referrer"
    said = [record.getMessage() for record in caplog.records if record.name == "seqlang.web"]
    assert said == ["a request to /u failed"]
    assert link.rpartition("/")[2] not in caplog.text


def test_database_that_is_away_is_said_and_nobody_is_told_that_it_worked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    link = path(targets(site.send())[2])

    def away(*_args: object, **_more: object) -> None:
        raise StoreError("the database is away")

    with site.open() as web:
        monkeypatch.setattr("seqlang.web.recorder.tell_of", away)
        answer = web.post(link)
    assert (answer.status_code, "That did not work" in answer.text) == (503, True)
    assert site.events() == []
