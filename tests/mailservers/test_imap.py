"""IMAP folders as Dovecot has them: numbers given anew, folders that are none of ours, huge mail, servers that fail."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from seqlang.clock import ManualClock
from seqlang.mailroom.accounts import accounts_of
from seqlang.mailroom.collecting import collect
from seqlang.mailroom.imap import Folder, MailboxError
from seqlang.mailroom.records import Account
from seqlang.mailroom.rounds import house_of, read_once
from seqlang.store import Store
from seqlang.vocabulary.settings import ProjectSettings
from tests.mailservers.servers import PASSWORD, Servers

pytestmark = pytest.mark.debian("postfix", "dovecot", "/usr/lib/dovecot/lmtp")
NOW = datetime(2100, 1, 1, tzinfo=UTC)


def settings(servers: Servers, **more: Any) -> ProjectSettings:
    url = f"imap://ana%40sender.test@127.0.0.1:{servers.dovecot.imap}"
    box = {"imap": url, "imap_password": {"env": "IMAP_PASSWORD"}, **more}
    return ProjectSettings.model_validate({"channels": {"email": {"ana@sender.test": box}}})


@pytest.fixture
def account(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
    accounts, problems = accounts_of(settings(servers, imap_folder="Answers"))
    assert problems == []
    return accounts[0]


def mail(number: int, text: str = "hello") -> bytes:
    return f"From: kim@acme.test\r\nSubject: {number}\r\nMessage-ID: <{number}@acme.test>\r\n\r\n{text}\r\n".encode()


def test_a_folder_gives_its_mail_by_number_once_each(servers: Servers, account: Account) -> None:
    for number in range(3):
        servers.dovecot.put(mail(number), folder="Answers")
    folder = Folder(account)
    uids = folder.uids_since(date(2020, 1, 1))
    assert len(uids) == 3
    assert folder.uids_after(uids[-1]) == []
    assert folder.highest == uids[-1]
    mails = folder.fetch([*uids, 999])
    assert [m.uid for m in mails] == list(uids)
    assert [b"Subject: 0" in m.raw for m in mails] == [True, False, False]
    assert abs((mails[0].received_at - datetime.now(UTC)).total_seconds()) < 3600  # noqa: TID251  a server's clock
    folder.close()


def test_the_beginning_of_a_huge_mail_is_all_that_is_fetched(servers: Servers, account: Account) -> None:
    servers.dovecot.put(mail(1, "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 70_000), folder="Answers")
    folder = Folder(account)
    (found,) = folder.fetch(folder.uids_after(0))
    assert len(found.raw) == 256 * 1024
    assert found.raw.startswith(b"From: kim")
    folder.close()


def test_numbers_that_the_server_gives_anew_lose_and_repeat_nothing(servers: Servers, account: Account) -> None:
    store, clock, house = Store.in_memory(), ManualClock(NOW), house_of(settings(servers))
    for number in range(2):
        servers.dovecot.put(mail(number), folder="Answers")
    clock.set(datetime.now(UTC))  # noqa: TID251  mail that came since yesterday is read
    assert [m.subject for m in read_once(store, house, account, clock).mails] == ["0", "1"]
    assert read_once(store, house, account, clock).mails == []
    with servers.dovecot.open() as box:
        box.folder.delete("Answers")
    for number in (1, 2, 3):
        servers.dovecot.put(mail(number), folder="Answers")
    found = read_once(store, house, account, clock)
    assert found.problem is None
    assert [m.subject for m in found.mails] == ["", "1", "2", "3"]  # the first is the notice that they are read again
    assert read_once(store, house, account, clock).mails == []
    store.close()


def test_old_mail_of_a_mailbox_that_is_read_for_the_first_time_is_left_alone(servers: Servers, account: Account) -> None:
    store, house = Store.in_memory(), house_of(settings(servers))
    servers.dovecot.put(mail(1), folder="Answers")
    clock = ManualClock(NOW)  # long after that mail
    folder = Folder(account)
    assert collect(store, house, account, folder, clock).mails == []
    folder.close()
    servers.dovecot.put(mail(2), folder="Answers")
    assert [m.subject for m in read_once(store, house, account, clock).mails] == ["2"]
    store.close()


def test_other_folders_are_none_of_ours(servers: Servers, account: Account) -> None:
    (inbox,), _ = accounts_of(settings(servers))
    servers.dovecot.put(mail(1), folder="Sent")
    store = Store.in_memory()
    assert read_once(store, house_of(settings(servers)), inbox, ManualClock(NOW)).mails == []
    store.close()


def test_what_stands_in_the_way_is_said_in_one_sentence(
    servers: Servers, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MailboxError, match="there is no such folder"):
        Folder(account)
    monkeypatch.setenv("IMAP_PASSWORD", "wrong")
    with pytest.raises(MailboxError, match="does not accept the user name or the password"):
        Folder(account)
    monkeypatch.delenv("IMAP_PASSWORD")
    with pytest.raises(MailboxError, match="the environment variable IMAP_PASSWORD is not set"):
        Folder(account)
    nowhere, _ = accounts_of(settings(servers, imap="imap://ana@127.0.0.1:9"))
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
    with pytest.raises(MailboxError, match="out of reach: connection refused"):
        Folder(nowhere[0])


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_the_servers_certificate_is_verified(servers: Servers, account: Account, scheme: str) -> None:
    port = servers.dovecot.imaps if scheme == "imaps" else servers.dovecot.imap
    authority = str(servers.dovecot.authority)
    servers.dovecot.put(mail(1))

    def opened(host: str, **more: Any) -> Folder:
        (found,), _ = accounts_of(settings(servers, imap=f"{scheme}://ana%40sender.test@{host}:{port}", **more))
        return Folder(found)

    folder = opened("localhost", ca_file=authority)
    assert len(folder.uids_after(0)) == 1
    folder.close()
    with pytest.raises(MailboxError, match="certificate is not trusted: "):
        opened("localhost")
    with pytest.raises(MailboxError, match="certificate is not trusted: "):
        opened("127.0.0.1", ca_file=authority)  # it is for another name
