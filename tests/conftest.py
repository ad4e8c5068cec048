"""Fixtures for all rooms: a store on each of the databases, and an instant."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from seqlang.store import Store
from tests import databases, laws  # noqa: F401  # its profiles
from tests.databases import database, pytest_generate_tests
from tests.debian import pytest_runtest_makereport, pytest_runtest_setup
from tests.postgres_server import PostgresServer

# Hooks and fixtures that stand elsewhere.
__all__ = ["database", "pytest_generate_tests", "pytest_runtest_makereport", "pytest_runtest_setup"]

DATABASES = ("memory", "disk", pytest.param("postgres", marks=pytest.mark.postgres))
_server: list[PostgresServer] = []


# Rooms whose tests play the engine or open stores: each test is quick, the rooms together take minutes.
ROOMS_OF_MINUTES = frozenset({"acceptance", "app", "dispatch", "edges", "engine", "golden", "mailroom", "oracle", "predicates",
                              "runtime", "scenarios", "simulation", "sources", "store", "web"})


def pytest_configure(config: pytest.Config) -> None:
    """Try laws on fewer examples where slow tests are not asked for."""
    settings.load_profile("few" if _without_slow(config) else "all")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave rooms of minutes out of `make check` before they are read: reading all tests takes a quarter of it."""
    return True if _without_slow(config) and _room(collection_path) in ROOMS_OF_MINUTES else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as slow what takes minutes as a room, and what needs real servers; leave out databases that are not asked for."""
    databases.choose(config, items)
    for item in items:
        if _room(item.path) in ROOMS_OF_MINUTES or item.get_closest_marker("debian") is not None:
            item.add_marker(pytest.mark.slow)


def _without_slow(config: pytest.Config) -> bool:
    return "not slow" in config.option.markexpr


@cache
def _room(path: Path) -> str:
    """Return the folder of `tests` in which a file stands; nothing for what stands elsewhere."""
    here = Path(__file__).parent
    return path.relative_to(here).parts[0] if path.is_relative_to(here) and path != here else ""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew: `pytest --golden-update`; let the database be chosen."""
    databases.pytest_addoption(parser)
    parser.addoption("--golden-update", action="store_true", help="write the golden files anew instead of comparing with them")


@pytest.fixture
def golden_update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written anew."""
    return bool(request.config.getoption("--golden-update"))


def server() -> PostgresServer:
    """Return the session's PostgreSQL server, started at the first call."""
    if not _server:
        _server.append(PostgresServer())
    return _server[0]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL server; a test that asks for it bears the mark `postgres`."""
    yield server()
    server().close()
    _server.clear()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database with the tables of the built-in records."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def disk_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a fresh SQLite database, to be copied: making one takes twenty times as long."""
    path = tmp_path_factory.mktemp("template") / "seqlang.db"
    Store.open(f"sqlite:///{path}", create=True).close()
    return path


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store: SQLite in memory, SQLite on disk, PostgreSQL."""
    opened = _opened(request, tmp_path)
    yield opened
    opened.close()


@pytest.fixture(params=DATABASES[1:])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh database that several processes may open: SQLite on disk, PostgreSQL."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return _copied(request, tmp_path)


def _opened(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory":
        return Store.in_memory()
    if request.param == "postgres":
        return Store.open(request.getfixturevalue("postgres_url"))
    return Store.open(_copied(request, tmp_path))


def _copied(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    path = tmp_path / "seqlang.db"
    shutil.copyfile(request.getfixturevalue("disk_template"), path)
    return f"sqlite:///{path}"
