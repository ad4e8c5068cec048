"""No mail is lost and none counts twice: restarts, several readers, several mailboxes, numbers given anew, faults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlang.mailroom.records import Mail
from seqlang.store import Store
from seqlang.store.tables import inbox
from tests.mailroom.desk import Desk, Tray


def reply(number: int) -> str:
    return f"From: kim@acme.example\nSubject: Re: A question\nMessage-ID: <r{number}@acme.example>\nIn-Reply-To: OURS\n\nYes.\n"


def test_reading_goes_on_where_it_ended(desk: Desk) -> None:
    for number in range(3):
        desk.comes(reply(number))
    assert desk.read().events == 3
    desk.comes(reply(3))
    assert [m.uid for m in desk.read().mails] == [4]
    assert desk.tray.fetched == [1, 2, 3, 4]
    (state,) = desk.world.rows(inbox)
    assert (state.account, state.folder, state.uidvalidity, state.last_uid) == ("ana@imap.example:993", "INBOX", 7, 4)


def test_a_mailbox_that_fails_between_batches_loses_and_repeats_nothing(desk: Desk) -> None:
    class Broken(Tray):
        failing = True

        def fetch(self, uids: Sequence[int]) -> Sequence[Mail]:
            if self.failing and uids[0] > 100:
                raise ConnectionResetError
            return super().fetch(uids)

    desk.tray = tray = Broken()
    for number in range(250):
        desk.comes(reply(number))
    with pytest.raises(ConnectionResetError):
        desk.read()
    assert len(desk.events()) == 100
    tray.failing = False
    assert desk.read().events == 150
    assert len({e.external_id for e in desk.events()}) == len(desk.events()) == 250


def test_a_mail_that_is_read_again_changes_nothing(desk: Desk) -> None:
    desk.comes(reply(1))
    assert desk.read().events == 1
    assert [m.kind for m in desk.read(desk.other).mails] == ["repeated"]  # it came to two mailboxes
    assert len(desk.events()) == 1


def test_numbers_given_anew_are_noticed(desk: Desk) -> None:
    desk.comes(reply(1))
    desk.read()
    desk.tray = Tray(uidvalidity=8)
    desk.comes("From: x@x\nMessage-ID: <old@x>\n\nlong ago\n", at=desk.world.clock.now() - timedelta(days=30))
    desk.comes(reply(1))
    desk.comes(reply(2))
    done = desk.read()
    assert [m.kind for m in done.mails] == ["automatic", "repeated", "reply"]
    assert "numbered its mail anew" in done.mails[0].detail
    assert desk.read().mails == []


def test_a_mailbox_that_is_read_for_the_first_time_starts_with_our_first_message(desk: Desk) -> None:
    desk.comes("From: kim@acme.example\nMessage-ID: <old@x>\n\nlong ago\n", at=desk.world.clock.now() - timedelta(days=30))
    assert desk.read().mails == []
    desk.comes(reply(1))
    assert [m.kind for m in desk.read().mails] == ["reply"]
    assert desk.tray.fetched == [2]


def test_a_reader_that_was_slower_does_not_turn_the_other_back(desk: Desk) -> None:
    for number in range(2):
        desk.comes(reply(number))

    class Slow(Tray):
        def fetch(self, uids: Sequence[int]) -> Sequence[Mail]:
            found = super().fetch(uids)
            desk.tray.put(reply(9).replace("OURS", desk.message_id), desk.world.clock.now())
            desk.read()  # another process, meanwhile
            return found

    slow = Slow()
    slow.mails = list(desk.tray.mails)
    desk.read(source=slow)
    assert [r.last_uid for r in desk.world.rows(inbox)] == [3]
    assert len(desk.events()) == 3


CORPUS = [p.read_bytes() for p in sorted((Path(__file__).parents[1] / "inbox" / "corpus").glob("*.eml"))]

OURS = b"<4711.0a1b2c3d4e5f60718293a4b5@sender.example>"  # what the corpus is about


@given(st.lists(st.tuples(st.sampled_from(CORPUS), st.integers(0, 2000), st.binary(max_size=8)), min_size=1, max_size=12))
@settings(max_examples=25)
def test_whatever_comes_is_taken_in_and_once(made: list[tuple[bytes, int, bytes]]) -> None:
    desk = Desk(Store.in_memory())
    for raw, cut, piece in made:
        desk.comes(raw.replace(OURS, desk.message_id.encode())[: -cut or None] + piece)
    assert len(desk.read().mails) == len(made)
    events = len(desk.events())
    desk.tick()
    desk.tray.uidvalidity += 1
    desk.read()
    assert len(desk.events()) == events
    desk.store.close()


def test_broken_mail_does_not_keep_the_rest_back(desk: Desk) -> None:
    for raw in (b"", b"\0\xff" * 1000, b"Content-Type: multipart/report\n\n", b"From: \xff\nSubject: =?x?y?z?=\n\n"):
        desk.comes(raw)
    desk.comes(reply(1))
    assert [m.kind for m in desk.read().mails][-1] == "reply"
    assert len(desk.events()) == 1
