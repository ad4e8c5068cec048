"""Loads a plugin's code and its hooks, one plugin at a time, so that a broken one breaks nothing else."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from seqlang.errors import PluginError
from seqlang.host.timed import call_timed, failure
from seqlang.limits import PLUGIN_IMPORT_SECONDS

if TYPE_CHECKING:
    import pluggy


def load_hooks(name: str, module_name: str) -> pluggy.PluginManager:
    """Import the module and register its hooks in a manager of its own; PluginError with the reason where that fails.

    A manager for each plugin: a channel is chosen by its word, never by the order in which plugins were registered.
    """
    import pluggy

    from seqlang.sdk import hooks

    try:
        module = call_timed(lambda: importlib.import_module(module_name), PLUGIN_IMPORT_SECONDS)
    except MemoryError:
        raise
    except TimeoutError:
        raise PluginError(f"it was not imported within {PLUGIN_IMPORT_SECONDS} seconds") from None
    except Exception as error:
        raise PluginError(f"it failed on import: {failure(error)}") from error
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    try:
        manager.register(module, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(f"it has a hook that does not exist or does not fit: {_line(error)}") from error
    return manager


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
