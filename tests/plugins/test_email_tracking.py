"""What is put into the parts of a letter: links that tell of clicks, a pixel, a link to unsubscribe; and what stays as it is."""

from __future__ import annotations

import html as entities
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqlang_email.bodies import BodyError, parts_of

from seqlang.sdk import Body, Tracking

LEAVE = "https://mail.example.com/u/1-1.x"


def click(target: str) -> str:
    return f"https://t.example/c/<{target}>" if target.startswith("http") else target


BOTH = Tracking("https://mail.example.com/o/1-1.x.gif?a=1&b=2", click)
CLICKS = Tracking(None, click)


def page(skeleton: str, *values: str, tracking: Tracking = CLICKS, leave: str | None = None, told: str | None = None) -> str:
    made = parts_of(Body("a.html", "html", skeleton, values), leave, tracking, told_url=told)[1]
    assert made is not None
    return made


def hrefs(made: str) -> list[str]:
    return [entities.unescape(one) for one in re.findall(r"""href=["']([^"']*)["']""", made)]


@pytest.mark.parametrize(
    ("skeleton", "values", "target"),
    [
        ('<a href="https://a.example/">x</a>', (), click("https://a.example/")),
        ("<a class='b' href='http://a.example/?a=1&amp;b=2'>x</a>", (), click("http://a.example/?a=1&b=2")),
        ('<A TITLE="a > b" HREF = "https://a.example/?a=1&copy=2">x</A>', (), click("https://a.example/?a=1&copy=2")),
        ('<a href="https://a.example/\ue0000\ue001?x=\ue0001\ue001">x</a>', ("é b", "1&2"), click("https://a.example/é b?x=1&2")),
        ('<a href="\ue0000\ue001">x</a>', ("https://b.example/?a=1&b=2",), click("https://b.example/?a=1&b=2")),
        ('<a href="\ue0000\ue001">x</a>', ("mailto:x@y.example",), "mailto:x@y.example"),
        ('<a href="mailto:ana@example.com?subject=a&amp;body=b">x</a>', (), "mailto:ana@example.com?subject=a&body=b"),
        ('<a href="tel:+49123">x</a>', (), "tel:+49123"),
        ('<a href="#top">x</a>', (), "#top"),
        ('<a href="https://a.example/" data-track="no">x</a>', (), "https://a.example/"),
        ('<a rel="nofollow unsubscribe" href="https://a.example/">x</a>', (), "https://a.example/"),
        (f'<a href="{LEAVE}">x</a>', (), LEAVE),
        ('<a href="\ue0000\ue001">x</a>', (LEAVE,), LEAVE),
        ('<area href="https://a.example/">', (), click("https://a.example/")),
        ('<a href="https://a.example/" data-href="https://b.example/">x</a>', (), click("https://a.example/")),
    ],
)
def test_link_is_told_or_left_alone(skeleton: str, values: tuple[str, ...], target: str) -> None:
    for made in (page(skeleton, *values, told=LEAVE), page(skeleton.replace("href", "href"), *values, told=LEAVE)):
        found = re.search(r"""(?i)href\s*=\s*["']([^"']*)["']""", made)
        assert found is not None
        assert entities.unescape(found[1]) == target


@given(value=st.text(), path=st.text(st.characters(exclude_characters="\ue000\ue001", exclude_categories=["Cs"]), max_size=30))
def test_value_in_a_link_never_leaves_its_place(value: str, path: str) -> None:
    safe = entities.escape(path)
    made = page(f'<p><a href="https://a.example/{safe}\ue0000\ue001">x</a></p>', value)
    whole = re.fullmatch(r'(?s)<p><a href="([^"<>]*)">x</a></p>', made)
    assert whole is not None
    assert entities.unescape(whole[1]) == click(f"https://a.example/{path}{value}".strip())


def test_pixel_and_link_to_unsubscribe_come_before_the_end_of_the_page() -> None:
    made = page("<html><body><p>Hi</p></BODY></html>", tracking=BOTH, leave=LEAVE)
    assert made.index("Hi") < made.index(f'href="{LEAVE}"') < made.index("<img") < made.index("</BODY>")
    assert 'src="https://mail.example.com/o/1-1.x.gif?a=1&amp;b=2" width="1" height="1" alt=""' in made
    assert page("<p>Hi</p>", tracking=BOTH).count("<img") == 1  # a page that does not end has it, too


def test_template_with_its_own_link_to_unsubscribe_gets_no_second_one() -> None:
    text, made = parts_of(Body("a.html", "html", '<a href="\ue0000\ue001">leave</a>', (LEAVE,)), LEAVE, BOTH)
    assert made is not None
    assert (made.count(LEAVE), text.count(LEAVE)) == (1, 1)
    text, made = parts_of(Body("a.txt", "text", "Bye: \ue0000\ue001", (LEAVE,)), LEAVE, BOTH)
    assert (text, made) == (f"Bye: {LEAVE}", None)


def test_draft_that_was_released_keeps_the_link_that_it_was_made_with() -> None:
    draft = '<p>Hi</p><a href="https://mail.example.com/u/7-1.draft">leave</a>'
    made = page(draft, tracking=Tracking(None, None), leave=LEAVE)
    assert made == draft


def test_without_tracking_the_targets_stay() -> None:
    made = parts_of(Body("a.html", "html", '<a href="https://a.example/?a=1&b=2">x</a>'))[1]
    assert made == '<a href="https://a.example/?a=1&amp;b=2">x</a>'


def test_text_alone_tells_of_clicks_and_beside_a_page_it_stays_readable() -> None:
    text, made = parts_of("See https://a.example/x, (http://b.example/?a=1&b=2). Bye", LEAVE, BOTH)
    assert made is None
    assert text == (
        f"See {click('https://a.example/x')}, ({click('http://b.example/?a=1&b=2')}). Bye\n\nUnsubscribe: {LEAVE}\n"
    )
    text, made = parts_of(Body("a.html", "html", '<a href="https://a.example/x">here</a>'), None, BOTH)
    assert "[here](https://a.example/x)" in text


def test_mjml_becomes_a_page_with_values_and_told_links_in_their_places() -> None:
    source = (
        "<mjml><mj-head><mj-title>Offer</mj-title></mj-head><mj-body><mj-section><mj-column><mj-text>Hi \ue0000\ue001</mj-text>"
        '<mj-button href="https://a.example/\ue0001\ue001">Go</mj-button></mj-column></mj-section></mj-body></mjml>'
    )
    text, made = parts_of(Body("a.mjml", "mjml", source, ("<b>Kim</b> & Co", "p?x=1&y=2")), LEAVE, BOTH)
    assert made is not None
    assert "Hi &lt;b&gt;Kim&lt;/b&gt; &amp; Co" in made
    assert click("https://a.example/p?x=1&y=2") in hrefs(made)
    assert "<b>Kim</b> & Co" in text
    assert made.rstrip().endswith("</html>")
    with pytest.raises(BodyError, match="the template is no MJML"):
        parts_of(Body("a.mjml", "mjml", "<mjml><mj-body><mj-text></mj-body></mjml>"))


def test_markdown_tells_of_clicks() -> None:
    made = parts_of(Body("a.md", "markdown", "[x](https://a.example/\ue0000\ue001)", ("p",)), None, BOTH)[1]
    assert made is not None
    assert hrefs(made) == [click("https://a.example/p")]


def test_buttons_for_outlook_are_told_as_well() -> None:
    skeleton = '<!--[if mso]><v:roundrect href="https://a.example/"></v:roundrect><![endif]--><style>p{color:red}</style><p>x</p>'
    assert click("https://a.example/") in hrefs(page(skeleton))


def test_other_attributes_that_end_in_href_stay_as_they_are() -> None:
    made = page('<a data-href="https://b.example/" href="https://a.example/">x</a>')
    assert 'data-href="https://b.example/"' in made
    assert entities.escape(click("https://a.example/")) in made
