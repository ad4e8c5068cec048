"""The day of a return, as people write it."""

from __future__ import annotations

from datetime import date

import pytest

from seqlang.inbox.returns import return_date

TODAY = date(2026, 3, 2)  # a Monday
NOTES = {
    # English
    "I am out of the office until March 10th.": "2026-03-10",
    "I will be back on Monday, 9 March 2026.": "2026-03-09",
    "I am out of the office starting 03/02/2026 and will not return until 03/16/2026.": "2026-03-16",
    "I'm away from 3/3/2026 to 3/10/2026": "2026-03-10",
    "I'm out today and back on the 10th of March": "2026-03-10",
    "On leave from 1 March and return on 16 March. In urgent cases call before 5 March.": "2026-03-16",
    "I'm out through Friday": "2026-03-07",
    "Out Mar 3 - Mar 10": "2026-03-10",
    "Out of office 3-10 March": "2026-03-10",
    "I return on 10/03/2026": "2026-03-10",
    "I will be back on 2026-03-20": "2026-03-20",
    "back tomorrow": "2026-03-03",
    "Back next week": "2026-03-09",
    "Back in the office on Tuesday.": "2026-03-03",
    "out until further notice": None,
    "Call 10.30, ext. 12/4; version 2.10 came out in March": None,
    "I will be travelling in March": None,
    "The meeting is on 5 March.": None,
    # German
    "Ich bin bis einschließlich 12.03.2026 nicht im Büro.": "2026-03-13",
    "Ich bin vom 02.03.2026 bis 13.03.2026 nicht im Hause. Ihre Nachricht wird nicht weitergeleitet.": "2026-03-13",
    "Ab dem 10.03. bin ich wieder erreichbar.": "2026-03-10",
    "Zurück bin ich am Dienstag, den 10. März.": "2026-03-10",
    "vom 1. März bis 15. März abwesend": "2026-03-15",
    "Abwesend 03.03. - 10.03.2026": "2026-03-10",
    "Ich bin ab Montag wieder da": "2026-03-09",
    "nächste Woche wieder da": "2026-03-09",
    "Im März bin ich weg": None,
    "I am away from 2 Mar to 9 Mar 2026 with limited access": "2026-03-09",
    "Out of office 2 March – 9 March": "2026-03-09",
    # French
    "Je suis absent du 3 au 10 mars 2026.": "2026-03-10",
    "Je serai de retour le lundi 9 mars": "2026-03-09",
    "Je serai de retour le 1er avril.": "2026-04-01",
    "Absente jusqu'au 10 mars inclus": "2026-03-11",
    "de retour le 10/04": "2026-04-10",
    "je reviens lundi": "2026-03-09",
    # Spanish
    "Estaré fuera de la oficina hasta el 10 de marzo": "2026-03-10",
    "Vuelvo el 16 de marzo de 2026": "2026-03-16",
    "Estoy de vacaciones del 2 al 13 de marzo, ambos inclusive": "2026-03-14",
    "vuelvo mañana": "2026-03-03",
    "Ausente desde el 2 de marzo hasta el 9 de marzo. Llame antes del 5 de marzo": "2026-03-09",
    # What cannot be
    "back on 31 February 2026": None,
    "back on 45.03.2026": None,
    "back in the year 3000, on 2099-01-01": None,
}


@pytest.mark.parametrize(("note", "day"), NOTES.items(), ids=[n[:40] for n in NOTES])
def test_a_note_names_the_day_of_the_return(note: str, day: str | None) -> None:
    assert return_date(note, TODAY) == (date.fromisoformat(day) if day else None)


def test_a_day_without_a_year_is_the_next_one_unless_it_has_only_just_gone_by() -> None:
    assert return_date("back on 5 January", date(2026, 12, 20)) == date(2027, 1, 5)
    assert return_date("back on 27 February", TODAY) == date(2026, 2, 27)
    assert return_date("back on 1 December", TODAY) == date(2026, 12, 1)


def test_a_day_of_the_quoted_mail_is_none_of_the_note() -> None:
    from seqlang.inbox import understand

    note = b"Subject: Automatic reply: x\nAuto-Submitted: auto-replied\n\nI am away.\n\n> Our offer stands until 30 March.\n"
    assert understand(note, TODAY).until is None
