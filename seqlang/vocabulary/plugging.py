"""What plugins bring beside channels and plans, as data: sources of records, rules of their own, conditions by name."""

from __future__ import annotations

from typing import Literal

from seqlang.vocabulary.channels import SettingSpec
from seqlang.vocabulary.records import Frozen


class SourceSpec(Frozen):
    """One kind of source of records: the `kind` of a `[sources.NAME]`."""

    word: str
    help: str
    settings: tuple[SettingSpec, ...] = ()  # its own keys, beside those that every source has
    every_seconds: int = 300  # how often it is read, where the project does not say


class RuleSpec(Frozen):
    """One rule of a plugin's that `check` holds files to."""

    code: str  # letters of the plugin's own, then digits: "ACME101"; never SEQ
    title: str  # what is wrong, without names: lower case, no full stop
    severity: Literal["error", "warning"] = "warning"
    help: str = ""  # what is meant, and what to do: shown by `explain`
    bad: str = ""  # a small flow that breaks it
    good: str = ""  # … and one that does not
    templates: tuple[str, ...] = ()  # endings of templates it is about, (".mjml",): without such it is not asked; (): always


class FunctionSpec(Frozen):
    """A condition by name: `in view "acme.free mail"` wherever a condition may stand, in the language's own words."""

    name: str  # begins with the plugin's name and a point: "acme.free mail"
    record: str  # of what it is asked: contact, account, deal
    where: str  # a condition, as a file has it
    help: str = ""
