"""Texts over SMPP, against another implementation of it: sent in pieces, refused, and what comes back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from seqlang_sms import open_channel, open_inbox
from seqlang_sms.inbox import forms_of, read
from seqlang_sms.pdu import Packet, Text
from seqlang_sms.smpp import account_of

from seqlang.sdk import Accepted, Channel, Inbox, Incoming, MailboxSettings, Message, Rejected, Retry, Unavailable, Unclear
from seqlang.sdk.texts import gsm_bytes
from tests.plugins.sms_centre import Centre, free_port, sms_centre

pytest.importorskip("smpp34")


@pytest.fixture
def centre() -> Iterator[Centre]:
    with sms_centre() as made:
        yield made


def box(url: str, **more: Any) -> MailboxSettings:
    return MailboxSettings("sms", "default", {"smpp": url, "timeout_seconds": 5, **more})


@pytest.fixture
def channel(centre: Centre) -> Iterator[Channel]:
    made = open_channel("sms", box(centre.url), dry_run=False)
    yield made
    made.close()


@pytest.fixture
def inbox(centre: Centre) -> Iterator[Inbox]:
    made = open_inbox("sms", box(centre.url))
    assert made is not None
    assert made.receive(0) == []
    yield made
    made.close()


def text(words: str = "Hi", **options: Any) -> Message:
    return Message("1.a", "sms", "+491701234567", {"text": words, **options}, datetime(2026, 3, 2, tzinfo=UTC))


def test_text_is_taken_with_its_name_and_number(centre: Centre, channel: Channel) -> None:
    outcome = channel.deliver(text("Grüße, 5 €", **{"from": "+4915000"}))
    assert outcome == Accepted("id1", "taken by 127.0.0.1, 1 segment", "+491701234567")
    (came,) = centre.texts
    assert (came.destination_addr, came.source_addr, came.dest_addr_ton) == ("491701234567", "4915000", 1)
    assert (came.short_message, came.data_coding, came.esm_class) == (gsm_bytes("Grüße, 5 €"), 0, 0)
    assert came.registered_delivery == 1


def test_name_of_a_sender_goes_as_one(centre: Centre, channel: Channel) -> None:
    channel.deliver(text(**{"from": "Acme"}))
    assert (centre.texts[0].source_addr, centre.texts[0].source_addr_ton) == ("Acme", 5)


def test_long_text_goes_in_pieces_that_a_phone_puts_together(centre: Centre, channel: Channel) -> None:
    words = "€" * 100 + "ä" * 150
    assert channel.deliver(text(words)) == Accepted("id3", "taken by 127.0.0.1, 3 segments", "+491701234567")
    heads = [came.short_message[:6] for came in centre.texts]
    assert [(h[:3], h[4], h[5]) for h in heads] == [(b"\x05\x00\x03", 3, n) for n in (1, 2, 3)]
    assert len({h[3] for h in heads}) == 1
    assert b"".join(came.short_message[6:] for came in centre.texts) == gsm_bytes(words)
    assert [came.registered_delivery for came in centre.texts] == [0, 0, 1]
    assert all(came.esm_class == 0x40 and len(came.short_message) <= 159 for came in centre.texts)


def test_other_alphabets_go_as_utf16(centre: Centre, channel: Channel) -> None:
    channel.deliver(text("Привет 😀"))
    assert (centre.texts[0].data_coding, centre.texts[0].short_message.decode("utf-16-be")) == (8, "Привет 😀")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(0x0B, Rejected), (0x45, Rejected), (0x58, Retry), (0x14, Retry), (0x08, Retry)],
    ids=["number", "text", "throttled", "full", "fault"],
)
def test_refusal_says_whether_it_may_go_later(centre: Centre, channel: Channel, status: int, kind: type) -> None:
    centre.refusals = [status]
    outcome = channel.deliver(text())
    assert isinstance(outcome, kind)
    assert not isinstance(outcome, Rejected) or outcome.address_is_bad == (status == 0x0B)
    assert isinstance(channel.deliver(text()), Accepted), "the connection is still good"


def test_text_of_which_a_piece_has_gone_is_unclear(centre: Centre, channel: Channel) -> None:
    centre.refusals = [0, 0x45]
    outcome = channel.deliver(text("a" * 161))
    assert outcome == Unclear("1 of 2 segments have gone, the next was refused: the text was refused (SMPP 0x45)")


def test_centre_out_of_reach_stops_the_mailbox() -> None:
    outcome = open_channel("sms", box(f"smpp://acme@127.0.0.1:{free_port()}"), dry_run=False).deliver(text())
    assert isinstance(outcome, Unavailable)
    assert "127.0.0.1 cannot be reached" in outcome.reason


def test_connection_that_broke_between_two_texts_is_made_anew(centre: Centre) -> None:
    channel = open_channel("sms", box(centre.url, enquire_seconds=0.01), dry_run=False)
    assert isinstance(channel.deliver(text()), Accepted)
    threading.Event().wait(0.05)
    channel._smpp._session._socket.close()  # type: ignore[attr-defined]
    assert isinstance(channel.deliver(text()), Accepted)
    channel.close()


def test_answer_is_acknowledged_only_when_it_is_confirmed() -> None:
    """On the bare wire: smpp34's own server says nothing of acknowledgements."""
    import smpp34

    with socket.create_server(("127.0.0.1", 0)) as server:
        inbox = open_inbox("sms", box(f"smpp://acme@127.0.0.1:{server.getsockname()[1]}"))
        assert inbox is not None
        wire: list[socket.socket] = []

        def bind() -> None:
            wire.append(server.accept()[0])
            assert wire[0].recv(1000)[4:8] == bytes([0, 0, 0, 1]), "bound as a receiver"
            wire[0].sendall(Packet(0x80000001, 0, 1, b"centre\0").encode())
            wire[0].sendall(smpp34.DeliverSm("491701234567", "4915000", gsm_bytes("Yes, call me"), sequence_number=77).encode())

        thread = threading.Thread(target=bind)
        thread.start()
        (came,) = inbox.receive(5)
        thread.join()
        assert (came.kind, came.sender, came.text) == ("answer", "+491701234567", "Yes, call me")
        wire[0].setblocking(False)
        with pytest.raises(BlockingIOError):
            wire[0].recv(1000)
        wire[0].settimeout(5)
        inbox.confirm()
        assert wire[0].recv(1000) == Packet(0x80000005, 0, 77, b"\0").encode()
        inbox.close()
        wire[0].close()


def test_receipt_names_the_text_and_what_became_of_it(centre: Centre, inbox: Inbox) -> None:
    words = b"id:id1 sub:001 dlvrd:001 submit date:2603020830 done date:2603020831 stat:%s err:%s text:Hi"
    centre.say("491701234567", words % (b"DELIVRD", b"000"), esm_class=4)
    centre.say("491701234567", words % (b"UNDELIV", b"001"), esm_class=4)
    came: list[Incoming] = []
    while len(came) < 2:
        came += inbox.receive(5)
        inbox.confirm()
    assert sorted((c.kind, c.message_id[0], c.text) for c in came) == [
        ("delivered", "id1", "DELIVRD"),
        ("failed", "id1", "UNDELIV (error 001)"),
    ]
    assert came[0].id != came[1].id


@pytest.mark.parametrize(
    ("state", "kind"),
    [("EXPIRED", "delayed"), ("REJECTD", "delayed"), ("UNDELIV", "failed"), ("DELIVERED", "delivered"), ("ENROUTE", None)],
)
def test_number_is_blamed_only_where_it_is_the_reason(state: str, kind: str | None) -> None:
    came = read(Text("49170", "1", f"id:7 stat:{state} err:000".encode(), esm_class=4))
    assert (came.kind if came else None) == kind


def test_receipt_may_say_all_in_its_parameters() -> None:
    came = read(Text("49170", "1", b"", esm_class=4, tlvs={0x001E: b"ab12\0", 0x0427: bytes([5])}))
    assert came is not None
    assert (came.kind, came.message_id[0]) == ("failed", "ab12")


def test_names_are_known_in_decimal_and_in_hexadecimal() -> None:
    assert "1f" in forms_of("31")
    assert "31" in forms_of("1F")


@pytest.mark.parametrize(
    ("content", "coding", "esm_class", "words"),
    [
        (gsm_bytes("Arrêt".replace("ê", "é")), 0, 0, "Arrét"),
        ("Стоп".encode("utf-16-be"), 8, 0, "Стоп"),
        ("désolé".encode("latin-1"), 3, 0, "désolé"),
        (b"\x05\x00\x03\x07\x02\x01" + gsm_bytes("STOP now"), 0, 0x40, "STOP now"),
        (b"\x05\x00\x03\x07\x02\x02" + gsm_bytes("and more"), 0, 0x40, None),
    ],
    ids=["gsm", "utf-16", "latin", "first piece", "second piece"],
)
def test_answer_is_read_in_its_alphabet(content: bytes, coding: int, esm_class: int, words: str | None) -> None:
    came = read(Text("491701234567", "1", content, coding, esm_class))
    assert (came.text if came else None) == words


@pytest.mark.parametrize("url", ["smpp://127.0.0.1:1", "http://acme@host", "smpp://acme:pw@host", "smpp://acme@host:x"])
def test_address_of_a_centre_that_cannot_work_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="`"):
        account_of(url, "")


def test_inbox_without_a_centre_is_none() -> None:
    assert open_inbox("sms", MailboxSettings("sms", "default", {"url": {"env": "X"}})) is None
