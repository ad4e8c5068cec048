"""Tells machines from people by signs that are kept as data (`machines.toml`, and `[web.machines]` of the project)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from seqlang.vocabulary.settings import MachineSettings

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a request says of whoever sent it."""

    machine: bool
    before: timedelta  # also a machine, if it came sooner than so after the delivery
    sign: str = ""  # what gave it away, for people


@dataclass(frozen=True, slots=True)
class Machines:
    """The signs."""

    whole: frozenset[str]  # names of browsers
    words: re.Pattern[str]  # words inside names of browsers
    people: re.Pattern[str]  # words inside names that are no sign of anything
    early: tuple[tuple[str, timedelta], ...]  # words, and for how long after the delivery they mean a machine
    headers: tuple[tuple[str, frozenset[str]], ...]
    networks: tuple[tuple[Network, str], ...]
    before: timedelta

    def judge(self, method: str, headers: Mapping[str, str], address: str | None) -> Verdict:
        """Judge a request by its method, its headers (names in lower case) and the caller's address."""
        sign = self._sign(method, headers, address)
        name = headers.get("user-agent", "").lower()
        before = max((span for word, span in self.early if word in name), default=self.before)
        return Verdict(sign is not None, max(before, self.before), sign or "")

    def _sign(self, method: str, headers: Mapping[str, str], address: str | None) -> str | None:
        if method != "GET":
            return f"the method {method}"
        name = headers.get("user-agent", "").strip()
        if not name:
            return "no name of a browser"
        if name in self.whole:
            return f"the name {name}"
        if found := self.words.search(self.people.sub(" ", name)):
            return f"the name holds {found[0].lower()[:60]}"
        for header, values in self.headers:
            if headers.get(header, "").strip().lower().partition(";")[0] in values:
                return f"the header {header}"
        return self._network(address)

    def _network(self, address: str | None) -> str | None:
        try:
            known = ip_address(address or "")
        except ValueError:
            return None
        mapped = getattr(known, "ipv4_mapped", None)
        known = mapped or known
        return next((f"the network of {whose}" for network, whose in self.networks
                     if network.version == known.version and known in network), None)


def machines_of(settings: MachineSettings) -> Machines:
    """Return the signs that come with seqlang and those of the project."""
    data = _bundled()
    networks = [(text, whose) for whose, texts in data["networks"].items() for text in texts]
    networks += [(text, "the project's settings") for text in settings.networks]
    seconds = settings.seconds_after_delivery
    return Machines(
        whole=frozenset(data["whole_user_agents"]),
        words=_any_of((*data["user_agents"], *settings.user_agents)),
        people=_any_of(data["people"]),
        early=tuple((word, timedelta(seconds=span)) for word, span in data["early_user_agents"].items()),
        headers=tuple((name, frozenset(values)) for name, values in data["headers"].items()),
        networks=tuple((ip_network(text, strict=False), whose) for text, whose in networks),
        before=timedelta(seconds=data["seconds_after_delivery"] if seconds is None else seconds),
    )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return what finds one of the words, neither letters nor digits beside it; `*` in a word stands for any number of them."""
    return re.compile("|".join(_pattern(word) for word in words if word.strip("* ")) or r"(?!)", re.IGNORECASE | re.ASCII)


def _pattern(word: str) -> str:
    begins = r"(?<![a-z0-9])" if word[0].isalnum() or word[0] == "*" else ""
    ends = r"(?![a-z0-9])" if word[-1].isalnum() or word[-1] == "*" else ""
    return begins + re.escape(word).replace(r"\*", "[a-z0-9]*") + ends


@cache
def _bundled() -> Mapping[str, Any]:
    return tomllib.loads(files("seqlang.web").joinpath("machines.toml").read_text(encoding="utf-8"))
