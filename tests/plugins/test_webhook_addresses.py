"""Where a webhook may go: which addresses are public, and which urls are none."""

from __future__ import annotations

import pytest
from seqlang_webhook.network import is_public, target_of


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("192.0.0.192", False),
        ("192.0.0.9", False),
        ("192.88.99.1", False),
        ("168.63.129.16", False),
        ("::ffff:168.63.129.16", False),
        ("64:ff9b::c000:c0", False),
        ("2002:c000:c0::", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("198.51.100.1", False),
        ("203.0.113.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("172.31.255.255", False),
        ("172.32.0.1", True),
        ("100.100.100.200", False),
        ("100:0:0:1::1", False),
        ("2001:20::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("4000::1", False),
        ("fd00:ec2::254", False),
        ("ff0e::1", False),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b:1::a00:1", False),
        ("fec0::1", False),
        ("2001:0:0:0::1", False),
        ("2001:db8::1", False),
        ("100::1", False),
        ("::", False),
    ],
)
def test_address_is_public_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("ftp://x.example", "no url"),
        ("https://", "no url"),
        ("https://u:p@x.example/", "no password"),
        ("https://x.example/a b", "space"),
        ("https://x.example:port/", "no url"),
        ("https://x.example/\r\nX: 1", "control"),
        ("http://a..b/", "no name of a host"),
        ("http://.a.b/", "no name of a host"),
        ("http://" + "a" * 64 + ".example/", "no name of a host"),
        ("http://" + "abcdefg." * 32 + "example/", "no name of a host"),
        ("http://ä..b/", "no url"),
        ("http://[::1/", "no url"),
        ("http://:80/", "no url"),
    ],
)
def test_url_that_cannot_be_called_is_refused(url: str, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        target_of(url)
