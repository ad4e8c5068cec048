"""Private mail servers on the loopback, beside the system's own: Postfix, Dovecot, and the servers of the people we write to.

The product gives its mail to Postfix, which passes it on to the world (aiosmtpd: takes it or refuses it). What Postfix reports,
and what people write to us, goes to Dovecot by LMTP, where the product reads it by IMAP.
"""

from __future__ import annotations

import email
import json
import shutil
import smtplib
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import parse_qs

import imap_tools
import pytest
import trustme
from aiosmtpd.controller import Controller

from tests.debian import program

PASSWORD = "secret"
NOBODY = 65534  # the user whose mail files are
ANA = "ana@sender.test"  # ours: mail to sender.test goes to Dovecot, all other mail to the world
WAIT_SECONDS = 30.0
REFUSED = {  # what the world says to recipients of that name
    "gone": "550 5.1.1 <{}>: Recipient address rejected: User unknown",
    "full": "452 4.2.2 <{}>: Mailbox full",
    "blocked": "550 5.7.1 Service unavailable; client host [127.0.0.1] blocked using list.example",
}
POSTFIX_MAIN = """\
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
meta_directory = /etc/postfix
shlib_directory = no
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mta.sender.test
mydestination =
local_recipient_maps =
virtual_mailbox_domains = sender.test
virtual_mailbox_maps = static:x
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
relayhost = [127.0.0.1]:{world}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{unwanted@acme.test = 550 5.7.1 blocked using list.example}},
    {{nobody@acme.test = 550 5.1.1 no such user}}, {{later@acme.test = 450 4.2.1 not now}} }}
smtpd_peername_lookup = no
smtpd_sasl_auth_enable = no
disable_dns_lookups = yes
smtp_host_lookup = native
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
# A first refusal is the last one: reports come at once.
bounce_queue_lifetime = 0
maximal_queue_lifetime = 0
"""
# name, type, wakeup, most processes, command; nothing runs in a changed root.
POSTFIX_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """\
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
mailbox_idle_check_interval = 1s
disable_plaintext_auth = no
mail_location = maildir:{dir}/mail/%u
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = 0
mail_uid = {nobody}
mail_gid = {nobody}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/tokens.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
userdb {{
  driver = static
  args = uid={nobody} gid={nobody} home={dir}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
}}
"""


# Whoever logs in by a token: Dovecot asks the provider (RFC 7662) whose it is.
TOKENS = """\
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
username_attribute = email
active_attribute = active
active_value = true
"""
# Beside the port for everybody one for whom Dovecot knows.
SUBMISSION = """\
127.0.0.1:{port} inet n - n - - smtpd
    -o smtpd_sasl_auth_enable=yes
    -o smtpd_sasl_type=dovecot
    -o smtpd_sasl_path=inet:127.0.0.1:{sasl}
    -o smtpd_client_restrictions=permit_sasl_authenticated,reject
"""


def free_port() -> int:
    """Return a port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class World:
    """The servers of the people we write to: takes mail, or refuses it by the recipient's name."""

    mails: Queue[Message] = field(default_factory=Queue)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        words = REFUSED.get(address.partition("@")[0])
        if words is not None:
            return words.format(address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.put(email.message_from_bytes(envelope.content))
        return "250 2.0.0 Ok"

    def next(self) -> Message:
        """Return the next mail that arrives."""
        return self.mails.get(timeout=WAIT_SECONDS)


class Provider:
    """Who gives tokens and says whose they are."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}  # token -> user
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                token = form.get("token", [""])[0]
                outer.asked.append(token)
                user = outer.tokens.get(token)
                answer = json.dumps({"active": True, "email": user} if user else {"active": False}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Dovecot:
    """An IMAP server for everybody, with one password, or with a token of the provider; mail comes by LMTP."""

    def __init__(self, provider: int) -> None:
        self.dir = _folder("dovecot")
        (self.dir / "mail").mkdir()
        shutil.chown(self.dir / "mail", NOBODY)
        self.authority = self.dir / "authority.pem"
        self._certify()
        self.imap, self.imaps, self.lmtp, self.sasl = free_port(), free_port(), free_port(), free_port()
        (self.dir / "tokens.conf").write_text(TOKENS.format(port=provider), "utf-8")
        ports = {"imap": self.imap, "imaps": self.imaps, "lmtp": self.lmtp, "sasl": self.sasl}
        text = DOVECOT.format(dir=self.dir, password=PASSWORD, nobody=NOBODY, **ports)
        self._file = self.dir / "dovecot.conf"
        self._file.write_text(text, "utf-8")
        _start([str(program("dovecot")), "-c", str(self._file)], self.dir / "log")

    def _certify(self) -> None:
        """Write a certificate for `localhost`, and the authority that vouches for it."""
        authority = trustme.CA()
        issued = authority.issue_cert("localhost")
        authority.cert_pem.write_to_path(str(self.authority))
        for blob in issued.cert_chain_pems:
            blob.write_to_path(str(self.dir / "cert.pem"), append=True)
        issued.private_key_pem.write_to_path(str(self.dir / "key.pem"))

    def open(self, user: str = ANA) -> imap_tools.BaseMailBox:
        """Open a user's mailbox, as its owner does."""
        return imap_tools.MailBoxUnencrypted("127.0.0.1", self.imap, timeout=WAIT_SECONDS).login(user, PASSWORD)

    def wait_for(self, count: int, user: str = ANA) -> None:
        """Wait until so many mails are in the mailbox."""
        with self.open(user) as box:
            for _ in range(int(WAIT_SECONDS)):
                if len(box.uids()) >= count:
                    return
                # A mail that came while the question was answered is told with the answer, and not once more: ask again.
                box.idle.wait(timeout=1)
            raise AssertionError(f"{len(box.uids())} of {count} mails came")

    def put(self, raw: bytes, user: str = ANA, folder: str = "INBOX") -> None:
        """Lay a mail into a folder, as if it had come."""
        with self.open(user) as box:
            if not box.folder.exists(folder):
                box.folder.create(folder)
            box.append(raw, folder)

    def close(self) -> None:
        subprocess.run([str(program("doveadm")), "-c", str(self._file), "stop"], check=False, capture_output=True)
        shutil.rmtree(self.dir, ignore_errors=True)


class Postfix:
    """A mail server that passes mail on, and reports what it could not deliver."""

    def __init__(self, lmtp: int, world: int, sasl: int) -> None:
        self.dir = _folder("postfix")
        self.port, self.submission = free_port(), free_port()
        for name in ("queue", "data"):
            (self.dir / name).mkdir()
        shutil.chown(self.dir / "data", "postfix")
        (self.dir / "main.cf").write_text(POSTFIX_MAIN.format(dir=self.dir, lmtp=lmtp, world=world), "utf-8")
        services = POSTFIX_SERVICES.format(port=self.port) + SUBMISSION.format(port=self.submission, sasl=sasl)
        (self.dir / "master.cf").write_text(services, "utf-8")
        _start([str(program("postfix")), "-c", str(self.dir), "start"], self.dir / "log")

    def send(self, message: str, sender: str, to: str = ANA) -> None:
        """Give it a mail of somebody outside."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=WAIT_SECONDS) as smtp:
            smtp.sendmail(sender, [to], message.encode())

    def close(self) -> None:
        subprocess.run([str(program("postfix")), "-c", str(self.dir), "stop"], check=False, capture_output=True)
        shutil.rmtree(self.dir, ignore_errors=True)


class Servers:
    """All of them."""

    def __init__(self) -> None:
        self.world = World()
        self._controller = Controller(self.world, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        self.provider = Provider()
        self.dovecot = Dovecot(self.provider.port)
        self.postfix = Postfix(self.dovecot.lmtp, self._controller.port, self.dovecot.sasl)

    def empty(self) -> None:
        """Throw away all mail."""
        while not self.world.mails.empty():
            self.world.mails.get()
        self.provider.tokens.clear()
        self.provider.asked.clear()
        with self.dovecot.open() as box:
            box.delete(box.uids())
            for folder in ("Answers", "Sent"):
                if box.folder.exists(folder):
                    box.folder.delete(folder)

    def close(self) -> None:
        self.postfix.close()
        self.dovecot.close()
        self.provider.close()
        self._controller.stop()


def _folder(name: str) -> Path:
    """Return a folder that the servers' own users can reach: those of pytest are closed to them."""
    made = Path(tempfile.mkdtemp(prefix=f"seqlang-{name}-"))
    made.chmod(0o755)
    return made


def _start(command: list[str], log: Path) -> None:
    """Start a server that goes to the background; one that cannot start is a reason to skip, which CI takes for a failure."""
    with (log.parent / "said").open("w+b") as said:  # no pipe: whoever stays in the background would keep it open
        done = subprocess.run(command, stdout=said, stderr=said, check=False, timeout=60)
    if done.returncode:
        texts = [p.read_text("utf-8", "replace")[-500:] for p in (log.parent / "said", log) if p.exists()]
        pytest.skip(f"{command[0]} cannot start: {' '.join(texts)}")
