"""Which tests of whole projects are played on which database: all on SQLite, a sample (or all of them) on PostgreSQL."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from seqlang.store import Store
from tests.postgres_server import PostgresServer

HERE = Path(__file__).parent
POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)

# Rooms whose tests know nothing of databases, and of how many of them one is played on PostgreSQL by `--database sample`.
ROOMS = {
    "acceptance": 3,
    "edges": 3,
    "engine": 6,
    "golden": 4,
    "oracle/test_found.py": 4,
    "runtime": 4,
    "scenarios": 5,
    "simulation": 3,
    "sources": 3,
}
# What asks for a database by itself, or works out for itself on which ones it runs.
OWN = frozenset({"store", "store_url", "postgres", "postgres_url"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let everything be played on PostgreSQL, or nothing: `pytest --database postgres`."""
    parser.addoption(
        "--database",
        choices=("sample", "sqlite", "postgres", "both"),
        default="sample",
        help="tests of whole projects: on SQLite and a sample of them on PostgreSQL, all on one of them, all on both",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test of a room that plays projects one turn on each database."""
    place = metafunc.definition.path.relative_to(HERE).as_posix()
    alone = metafunc.definition.get_closest_marker("sqlite") is not None or OWN & set(metafunc.fixturenames)
    if "database" in metafunc.fixturenames and _share(place) is not None and not alone:
        metafunc.parametrize("database", ["sqlite", POSTGRES], indirect=True)


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the option `--database` does not ask for."""
    wanted = config.getoption("--database")
    if wanted == "both":
        return
    out = [item for item in items if not _asked(item, wanted)]
    if out:
        config.hook.pytest_deselected(items=out)
        left = set(map(id, out))
        items[:] = [item for item in items if id(item) not in left]


def _asked(item: pytest.Item, wanted: str) -> bool:
    call = getattr(item, "callspec", None)
    database = call.params.get("database") if call is not None else None
    if database is None:
        return True
    if wanted != "sample":
        return bool(database == wanted)
    share = _share(item.path.relative_to(HERE).as_posix()) or 1
    return database == "sqlite" or zlib.crc32(item.nodeid.encode()) % share == 0


def _share(place: str) -> int | None:
    return ROOMS.get(place.partition("/")[0]) or ROOMS.get(place)


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database of this test: "sqlite", or "postgres" in place of every store that it would have made by itself.

    On PostgreSQL each store "in memory" is a database of its own, and the command line finds an empty one where it would have
    made a file.
    """
    if getattr(request, "param", "sqlite") == "sqlite":
        yield "sqlite"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    with ExitStack() as lent:
        monkeypatch.setattr(Store, "in_memory", _lender(server, lent))
        monkeypatch.setenv("SEQLANG_DATABASE", lent.enter_context(server.database(schema=False)))
        yield "postgres"


def _lender(server: PostgresServer, lent: ExitStack) -> Callable[[], Store]:
    def lend() -> Store:
        store = Store.open(lent.enter_context(server.database()))
        lent.callback(store.close)
        return store

    return lend
