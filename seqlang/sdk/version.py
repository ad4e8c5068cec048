"""How a plugin is found, and the version of the interface: a plugin says which one it was written for, the host compares."""

from __future__ import annotations

ENTRY_POINT_GROUP = "seqlang.plugins"  # an entry point of this group is a plugin: its name and its module
MANIFEST_NAME = "seqlang-plugin.toml"  # the data of a plugin, in the folder of its package
SDK_VERSION = "1.3"  # major.minor: a new major breaks plugins, a new minor adds to what they may use


def fits(wanted: str) -> bool:
    """Tell whether a plugin written for the version `wanted` ("1.0") works with this one; ValueError where it is no version."""
    major, minor = (int(part) for part in wanted.split(".")[:2])
    have_major, have_minor = (int(part) for part in SDK_VERSION.split("."))
    return major == have_major and minor <= have_minor
