"""Finds plugins by entry point, reads what they bring as data, reports broken ones and calls channels with a time limit."""

from __future__ import annotations

from seqlang.host.host import Host, load
from seqlang.host.records import PluginInfo, Problem

__all__ = ["Host", "PluginInfo", "Problem", "load"]
