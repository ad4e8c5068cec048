"""Options whose value is a name in a table of the settings: the `secret` of a webhook."""

from __future__ import annotations

from collections.abc import Mapping

from seqlang.plan.conditions import Literal_
from seqlang.semantics.options import CheckedOptions
from seqlang.semantics.report import Reporter
from seqlang.syntax import tree
from seqlang.vocabulary.channels import ChannelSpec
from seqlang.vocabulary.settings import ProjectSettings


def check_names_of_settings(
    report: Reporter, node: tree.Step, channel: ChannelSpec, options: CheckedOptions, settings: ProjectSettings
) -> None:
    """Report a name that no mailbox of the channel lists; where none has the table, the settings stand elsewhere."""
    wanted = {o.name: o.setting for o in channel.options if o.setting is not None}
    if not wanted:
        return
    values = dict(options.values)
    for option in node.options:
        table = wanted.get(option.name.text)
        value = values.get(option.name.text)
        if table is None or not isinstance(value, Literal_) or not isinstance(value.value, str):
            continue
        boxes = settings.channels.get(channel.mailbox_of or channel.word, {}).values()
        listed = [name for box in boxes if isinstance(box, Mapping) for name in box.get(table) or ()]
        if listed and value.value not in listed:
            said = f"the settings list no `{value.value}` among the `{table}` of the channel {channel.word}"
            report.unknown("SEQ414", option.value, said, value.value, listed)
