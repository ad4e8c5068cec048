"""A new secret signs; what older ones signed is still good, and nothing else is."""

from __future__ import annotations

import pytest

from seqlang.dispatch.links import Links, links_of, reading_links
from seqlang.errors import ProjectError
from seqlang.vocabulary.settings import ProjectSettings, WebSettings
from tests.web.site import SECRET, URL, Site, path, pixel, targets

NEW, OLDER = "a-new-secret-that-is-long-enough", "one-of-two-years-ago-long-enough"


def settings(site: Site, *old: str) -> None:
    """The project has a new secret, and remembers old ones."""
    web = {"url": URL, "secret": {"env": "NEW_SECRET"}, "old_secrets": [{"env": name} for name in old]}
    channels = site.world.settings.channels
    site.world.settings = ProjectSettings.model_validate({"web": web, "channels": channels})


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NEW_SECRET": NEW, "OLDER_SECRET": OLDER}.items():
        monkeypatch.setenv(name, value)


def test_links_of_before_a_change_still_open_click_and_unsubscribe(site: Site) -> None:
    mail = site.send()
    click, _, leave = targets(mail)
    settings(site, "OLDER_SECRET", "SITE_SECRET")
    with site.open() as web:
        assert web.get(path(click)).headers["location"] == "https://shop.example/price?a=1&b=2#top"
        web.get(path(pixel(mail)))
        assert web.post(path(leave)).status_code == 200
    assert sorted(kind for kind, _, _ in site.events()) == ["clicked", "opened", "unsubscribed"]


def test_a_secret_that_was_taken_away_ends_its_links(site: Site) -> None:
    click, _, leave = targets(site.send())
    settings(site, "OLDER_SECRET")
    with site.open() as web:
        assert web.get(path(click)).status_code == 404
        assert web.post(path(leave)).status_code == 404
    assert site.events() == []


def test_only_the_newest_signs(site: Site) -> None:
    settings(site, "SITE_SECRET")
    links = links_of(site.world.settings.web)
    assert links is not None
    made = links.calendar("ana@example.com").rpartition("/")[2]
    assert Links(URL, NEW).read_calendar(made) == ("ana@example.com",)
    assert Links(URL, SECRET).read_calendar(made) is None
    both = reading_links(site.world.settings.web)
    assert both is not None
    for secret in (NEW, SECRET):
        assert both.read_calendar(Links(URL, secret).calendar(None).rpartition("/")[2]) == (None,)
    assert both.read_calendar(Links(URL, OLDER).calendar(None).rpartition("/")[2]) is None


@pytest.mark.parametrize(("value", "why"), [(None, "NOBODY_HAS_SET is not set"), ("short", "fewer than 16 characters")])
def test_an_old_secret_that_cannot_be_had_stops_the_serving_and_not_the_sending(
    monkeypatch: pytest.MonkeyPatch, value: str | None, why: str
) -> None:
    if value is not None:
        monkeypatch.setenv("NOBODY_HAS_SET", value)
    web = WebSettings.model_validate({"url": URL, "secret": {"env": "NEW_SECRET"}, "old_secrets": [{"env": "NOBODY_HAS_SET"}]})
    assert links_of(web) is not None
    with pytest.raises(ProjectError, match=f"number 1 of `old_secrets` of `\\[web\\]`.*{why}"):
        reading_links(web)
