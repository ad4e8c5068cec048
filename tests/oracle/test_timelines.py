"""Made-up projects of all kinds: the oracle and the engine tell the same timeline."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from seqlang.store import Store
from tests.oracle.comparing import difference, oracle
from tests.oracle.strategies import Made, projects
from tests.oracle.strategies_lives import lives
from tests.postgres_server import PostgresServer

KINDS = [
    ("classic",), ("smart",), ("outbound",), ("cadence",), ("journey",), ("classic", "classic"), ("journey", "classic"),
    ("classic", "workflow"),
    ("journey", "workflow"), ("journey", "cadence"), ("outbound", "smart"), ("journey", "journey"), ("workflow", "workflow"),
    ("deals",), ("deals", "deals"), ("deals", "classic"), ("accounts",), ("firms",), ("accounts", "firms"),
]  # fmt: skip
# Every landing plays these; `make hunt` plays all kinds together, and many more projects of each (an hour).
LANDING = [("classic",), ("smart",), ("outbound",), ("cadence",), ("deals",), ("accounts",), ("firms",)]
LIVED = [("classic",), ("cadence",), ("journey",), ("outbound", "smart")]
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None,
                 phases=[Phase.generate])  # fmt: skip
FEW = settings(QUICK, max_examples=4)
LONG = settings(QUICK, max_examples=150)
LONG_LIVES = settings(QUICK, max_examples=60)


@pytest.mark.parametrize("kinds", LANDING, ids="+".join)
def test_made_up_project_gives_the_same_timeline(kinds: tuple[str, ...]) -> None:
    @QUICK
    @given(projects(*kinds))
    def compare(made: Made) -> None:
        assert difference(made) == "", made

    compare()


@pytest.mark.hunt
@pytest.mark.parametrize("kinds", KINDS, ids="+".join)
def test_many_made_up_projects_give_the_same_timeline(kinds: tuple[str, ...]) -> None:
    @LONG
    @given(projects(*kinds, days=20) | projects(*kinds, settings=False))
    def compare(made: Made) -> None:
        assert difference(made) == "", made

    compare()


@pytest.mark.parametrize("kinds", LIVED, ids="+".join)
def test_made_up_life_with_gaps_and_edits_gives_the_same_timeline(kinds: tuple[str, ...]) -> None:
    @FEW
    @given(lives(*kinds, days=8))
    def compare(made: Made) -> None:
        assert difference(made) == "", made

    compare()


@pytest.mark.hunt
@pytest.mark.parametrize("kinds", KINDS, ids="+".join)
def test_many_made_up_lives_give_the_same_timeline(kinds: tuple[str, ...]) -> None:
    @LONG_LIVES
    @given(lives(*kinds))
    def compare(made: Made) -> None:
        assert difference(made) == "", made

    compare()


@pytest.mark.hunt
@pytest.mark.postgres
@pytest.mark.parametrize("kinds", KINDS, ids="+".join)
def test_made_up_project_gives_the_same_timeline_on_postgresql(
    kinds: tuple[str, ...], postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    @FEW
    @given(projects(*kinds) | lives(*kinds, days=8))
    def compare(made: Made) -> None:
        # The simulation works on whatever store it is given in place of its own.
        with postgres.database() as url, monkeypatch.context() as patched:
            patched.setattr(Store, "in_memory", lambda: Store.open(url))
            assert difference(made) == "", made

    compare()


@QUICK
@given(projects("classic", "journey"))
def test_oracle_tells_the_same_twice(made: Made) -> None:
    assert difference(made, oracle) == ""
