"""Messages that go several at a time, in chunks, to Postfix."""

from __future__ import annotations

import pytest
from seqlang_email.channel import Mail

from seqlang.sdk import Accepted, Outcome, Rejected, Retry, Unavailable
from tests.mailservers.servers import Servers
from tests.plugins.test_email_smtp import mailbox, message, opened

pytestmark = pytest.mark.debian("postfix", "dovecot", "/usr/lib/dovecot/lmtp")


def sent(servers: Servers, names: list[str]) -> list[Outcome]:
    channel = opened(mailbox(servers.postfix.port, in_flight=5))
    assert isinstance(channel, Mail)
    told = list(channel.deliver_each(iter([message(f"{name}@acme.test", text=f"for {name}\n.\n..dots") for name in names])))
    assert channel.in_flight == 5  # it takes them so
    channel.close()
    return told


def test_postfix_takes_several_at_a_time_and_a_refusal_costs_its_own_message_alone(servers: Servers) -> None:
    names = [f"p{number}" for number in range(20)]
    names[4], names[9], names[10] = "nobody", "later", "nobody"
    told = sent(servers, names)
    assert isinstance(told[4], Rejected)
    assert told[4].address_is_bad
    assert [type(told[9]), type(told[10])] == [Retry, Rejected]
    assert [type(outcome) for number, outcome in enumerate(told) if number not in {4, 9, 10}] == [Accepted] * 17
    arrived = [servers.world.next() for _ in range(17)]
    assert sorted(m["To"].partition("@")[0] for m in arrived) == sorted(n for n in names if n.startswith("p"))
    for mail in arrived:
        name = mail["To"].partition("@")[0]
        assert str(mail.get_payload()).split() == ["for", name, ".", "..dots"]
    assert servers.world.mails.empty()


def test_postfix_that_blocks_us_tells_of_all_that_were_on_their_way(servers: Servers) -> None:
    told = sent(servers, ["p0", "p1", "p2", "unwanted", "p3", "p4", "p5", "p6", "p7"])
    assert isinstance(told[3], Unavailable)
    assert told[3].blocked
    after = len(told) - 4
    assert [type(outcome) for outcome in told[4:]] == [Accepted] * after
    assert 0 < after < 5
    assert {servers.world.next()["To"] for _ in range(3 + after)} == {f"p{n}@acme.test" for n in range(3 + after)}
    assert servers.world.mails.empty()
