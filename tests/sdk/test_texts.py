"""The words with which people stop texts, and with which they want them again."""

from __future__ import annotations

import pytest

from seqlang.sdk.texts import is_start, is_stop

STOPS = ["STOP", "Stop.", "stop all messages", "Stopp", "ARRÊT", "Arrêter", "baja", "Abmelden", "Désabonner", "ALTO"]
STARTS = ["START", "UNSTOP", "Start bitte", "Please resume", "Weiter", "Réabonner", "reprendre svp", "ALTA", "reanudar"]
NEITHER = ["", "yes", "start on Monday", "Bitte nicht weiter so", "when does it start?", "I stopped by", "weiter mit STOP"]


@pytest.mark.parametrize("text", STOPS)
def test_a_stop_is_one_and_no_start(text: str) -> None:
    assert is_stop(text)
    assert not is_start(text)


@pytest.mark.parametrize("text", STARTS)
def test_a_start_is_one_and_no_stop(text: str) -> None:
    assert is_start(text)
    assert not is_stop(text)


@pytest.mark.parametrize("text", NEITHER)
def test_what_only_holds_such_a_word_is_neither(text: str) -> None:
    assert not is_start(text)
    assert not is_stop(text)
