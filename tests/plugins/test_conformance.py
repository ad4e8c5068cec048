"""Our own channels run the conformance suite that others run on theirs."""

from __future__ import annotations

from seqlang.sdk.testing import ChannelConformance


class TestEmail(ChannelConformance):
    plugin = "email"
    word = "email"
    options = {"subject": "Hello", "text": "Hi"}  # noqa: RUF012
    settings = {"smtp": "smtp://127.0.0.1:1"}  # noqa: RUF012


class TestNotify(TestEmail):
    word = "notify"
    options = {"subject": "Hello", "text": "Hi", "to": ("ana@example.com",)}  # noqa: RUF012
    to = ""


class TestSms(ChannelConformance):
    plugin = "sms"
    word = "sms"
    options = {"text": "Hi"}  # noqa: RUF012
    to = "+491701234567"


class TestWebhook(ChannelConformance):
    plugin = "webhook"
    word = "webhook"
    options = {"url": "https://hooks.example.com/x"}  # noqa: RUF012
    to = ""
