"""Text and HTML parts of templates; no value is ever taken for markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqlang_email.addresses import AddressError, parse, parse_all
from seqlang_email.bodies import parts_of

from seqlang.sdk import Body

ATTACK = "<script>x</script> **bold** [a](http://evil.example) \"'"


def html_of(body: Body) -> str:
    html = parts_of(body)[1]
    assert html is not None
    return html


def test_text_template_has_no_html_part() -> None:
    assert parts_of(Body("a.txt", "text", "Hi \ue0000\ue001", ("Kim",))) == ("Hi Kim", None)


def test_markdown_becomes_html_and_stays_readable() -> None:
    text, html = parts_of(
        Body("a.md", "markdown", "Hi **\ue0000\ue001**, see [us](https://example.com/\ue0001\ue001?x=1)", ("Kim", "p"))
    )
    assert text == "Hi **Kim**, see [us](https://example.com/p?x=1)"
    assert html is not None
    assert '<strong>Kim</strong>, see <a href="https://example.com/p?x=1">us</a>' in html


@pytest.mark.parametrize("form", ["html", "markdown"])
@given(value=st.one_of(st.just(ATTACK), st.text()))
def test_value_is_text_in_every_part(form: str, value: str) -> None:
    body = Body("a", form, "before\ue0000\ue001after", (value,))  # type: ignore[arg-type]
    text, html = parts_of(body)
    assert html is not None
    assert " ".join(value.split()) in text
    shown = html.replace("&lt;", "").replace("&gt;", "")
    assert ("<script" in shown, "<strong>" in shown, "href" in html) == (False, False, "href" in value)


def test_link_to_unsubscribe_stands_at_the_end_of_both_parts() -> None:
    text, html = parts_of(Body("a.html", "html", "<html><body><p>Hi</p></body></html>"), "https://x.example/u?a=1&b=2")
    assert text.endswith("Unsubscribe: https://x.example/u?a=1&b=2\n")
    assert html is not None
    assert html.index("a=1&amp;b=2") < html.index("</body>")


def test_style_sheets_are_put_onto_the_elements_and_links_into_the_text() -> None:
    source = '<style>a{color:red}</style><p><a href="https://example.com/\ue0000\ue001">here</a></p><ul><li>one</li></ul>'
    text, html = parts_of(Body("a.html", "html", source, ("p",)))
    assert html is not None
    assert 'href="https://example.com/p" style="color: red;"' in html
    assert "[here](https://example.com/p)" in text
    assert "* one" in text


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("kim@example.com", "kim@example.com", ""),
        (" Kim Doe <kim@example.com> ", "kim@example.com", "Kim Doe"),
        ('"Doe, Kim" <kim@example.com>', "kim@example.com", "Doe, Kim"),
        ("kim@köln.example", "kim@xn--kln-sna.example", ""),
        ("k+tag.x@sub.example.com", "k+tag.x@sub.example.com", ""),
    ],
)
def test_address_is_read(text: str, address: str, name: str) -> None:
    found = parse(text)
    assert (found.address, found.name) == (address, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kim",
        "@x.org",
        "kim@",
        "a b@x.org",
        "kim@x..org",
        ".kim@x.org",
        "kim@x.org, bo@x.org",
        "kim@-x.org",
        "kim@x.org\n",
        "<kim@x.org",
        "kim@" + "x" * 260,
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse(text)


def test_several_addresses_are_read_once_each() -> None:
    assert [a.address for a in parse_all('"Doe, Kim" <kim@x.org>, bo@x.org')] == ["kim@x.org", "bo@x.org"]
    assert [a.address for a in parse_all(["kim@x.org", "KIM@x.org", "", None])] == ["kim@x.org"]
    assert parse_all(None) == ()


def test_text_part_of_mjml_has_no_traces_of_its_tables() -> None:
    columns = "<mj-text>Hi \ue0000\ue001</mj-text><mj-button href='https://example.com'>Look</mj-button><mj-text>Bye</mj-text>"
    mjml = f"<mjml><mj-body><mj-section><mj-column>{columns}</mj-column></mj-section></mj-body></mjml>"
    text, html = parts_of(Body("a.mjml", "mjml", mjml, ("Kim",)))
    assert html is not None
    assert [line for line in text.splitlines() if line] == ["Hi Kim", "[Look](https://example.com)", "Bye"]
