"""The day of a return, as people write it."""

from __future__ import annotations

from datetime import date

import pytest

from seqlang.inbox import returns
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

NOVEMBER = date(2026, 11, 23)  # a Monday, too, with another year ahead
LATER_NOTES: dict[str, str | None] = {
    # As whole notes
    "I am out and will return on Monday, November 30. Else call Kim at 030 1234-5678 before 5 December.": "2026-11-30",
    "Ich bin vom 23.11.2026 bis einschl. 04.12.2026 nicht im Büro. Ab dem 07.12.2026 bin ich wieder erreichbar.": "2026-12-07",
    "Je suis absent du 23/11/2026 au 30/11/2026 inclus. En cas d'urgence, contactez Kim au 01 23 45 67 89.": "2026-12-01",
    "I will be on PTO Nov 25 - 27 and back Monday Nov 30.": "2026-11-30",
    "Zurück bin ich am 30.11. Bitte rufen Sie sonst Kim vor dem 5. Dezember an.": "2026-11-30",
    "I'm out until 12:30 today": None,
    "I'll be back at 3pm, or in 5 minutes": None,
    "Ich bin bis voraussichtlich 30.11. nicht erreichbar": "2026-11-30",
    "Ich bin bis ca. 30.11. nicht erreichbar": "2026-11-30",
    "Absent jusqu'au probablement vendredi 27 novembre": "2026-11-27",
    "I will be out until at least December 2": "2026-12-02",
    "I will be out until around the 2nd of December": "2026-12-02",
    # English
    "I am out of the office until next Monday, November 30": "2026-11-30",
    "I am out of the office until next Monday, November 30, 2026.": "2026-11-30",
    "I am out until next Monday 30 November": "2026-11-30",
    "I am out until this Friday": "2026-11-27",
    "I am out until next Monday": "2026-11-30",
    "I am out of the office from Nov 23-27": "2026-11-27",
    "I am out of the office Nov 23-27.": "2026-11-27",
    "I am out of the office November 23 - 27, 2026": "2026-11-27",
    "I will be away from November 23rd to 27th": "2026-11-27",
    "I will be out of the office November 23-27 and back on the 30th": "2026-11-30",
    "I'll be back after the 30th of November": "2026-12-01",
    "I will be back in the office after November 30.": "2026-12-01",
    "I will reply after 30 November": "2026-12-01",
    "I will return after 11/30": "2026-12-01",
    "I will be available after Monday": "2026-12-01",
    "I return on the 7th": "2026-12-07",
    "I will return on the 30th.": "2026-11-30",
    "I am out until the 30th": "2026-11-30",
    "I'm back in two weeks": "2026-12-07",
    "I will be back in a week.": "2026-11-30",
    "I will be back in 3 days": "2026-11-26",
    "I am out until the end of November": "2026-12-01",
    "I am on leave until the end of January 2027": "2027-02-01",
    "I am back at the end of January 2027": "2027-01-31",
    "I'm on leave until early December": "2026-12-01",
    "I am out until mid-December": "2026-12-15",
    "I am out until the end of the week.": "2026-11-30",
    "I am out until the end of this month": "2026-12-01",
    "I am out up to and including November 30th": "2026-12-01",
    "I am out till 30 Nov.": "2026-11-30",
    "I am away until 30/11/2026": "2026-11-30",
    "I return to the office on Monday, November 30th.": "2026-11-30",
    "I am on holiday until Monday the 30th": "2026-11-30",
    "I am on holiday until Monday the 30th of November": "2026-11-30",
    "I will be returning December 2nd": "2026-12-02",
    "My first day back is December 2": "2026-12-02",
    "I will be out of the office from November 23rd through 27th": "2026-11-28",
    "I will not be available from 23 November to 30 November": "2026-11-30",
    "I won't be reachable from 23 Nov until 30 Nov": "2026-11-30",
    "I will not be available before 2 December": "2026-12-02",
    "I am out until after the 30th": "2026-12-01",
    "I return on or after 30 November": "2026-11-30",
    "Out until Mon. 30 Nov.": "2026-11-30",
    "Out until Fri., Nov. 27": "2026-11-27",
    "I am out of the office Nov. 23 - Nov. 27": "2026-11-27",
    "I am away Nov 23 to Dec 2": "2026-12-02",
    "I am away Nov 23 - Dec 2": "2026-12-02",
    "I'm back in January 2027": "2027-01-01",
    "Back on the 7th of next month": None,
    "I'm out since 1 November": None,
    "I have been on leave since 1 November": None,
    "Thanks for your mail of 20 November.": None,
    "Please call before 5 December": None,
    "I work Monday to Thursday": None,
    "Our office is open Monday-Friday": None,
    "I will be at a fair on 2 December": None,
    "Call me on 555-0123": None,
    "Version 2.10 was released on 20 November": None,
    "I will be in London from 2 December": None,
    "In two weeks our fair begins": None,
    "at the end of November we move": None,
    "I may be back late": None,
    "In the 20th century": None,
    "Our office on the 7th floor is closed; back soon": None,
    "I am on leave, the fair of January 2027 goes on": None,
    "I will get back to you as soon as possible. The 30th is a holiday.": None,
    # German
    "Ich bin bis inkl. 30.11. im Urlaub.": "2026-12-01",
    "Ich bin bis einschl. 30.11.2026 nicht im Büro.": "2026-12-01",
    "Ich bin bis inkl. dem 30.11. im Urlaub.": "2026-12-01",
    "Ich bin bis einschl. Freitag, den 27.11., abwesend.": "2026-11-28",
    "Ich bin bis incl. 30. November nicht da.": "2026-12-01",
    "Ich bin bis zum 30.11. einschließlich nicht im Haus.": "2026-12-01",
    "Bis einschliesslich 30.11. bin ich im Urlaub.": "2026-12-01",
    "Ich bin vom 23.11. bis inkl. 30.11. im Urlaub.": "2026-12-01",
    "Ich bin vom 23.11. bis 30.11. (inkl.) im Urlaub.": "2026-12-01",
    "Ich bin bis einschließlich kommenden Freitag nicht im Büro.": "2026-11-28",
    "Ich bin bis nächsten Montag nicht im Büro.": "2026-11-30",
    "Ich bin bis kommenden Montag, den 30. November, nicht im Büro.": "2026-11-30",
    "Ich bin bis Ende der Woche nicht im Büro.": "2026-11-30",
    "Ich bin bis Ende November nicht im Büro.": "2026-12-01",
    "Ich bin Ende November wieder da.": "2026-11-30",
    "Ich bin ab Anfang Dezember wieder da.": "2026-12-01",
    "Ich bin Mitte Dezember wieder erreichbar.": "2026-12-15",
    "Ich bin bis Mitte Dezember in Elternzeit.": "2026-12-15",
    "Ich bin in zwei Wochen wieder da.": "2026-12-07",
    "In 3 Tagen bin ich zurück.": "2026-11-26",
    "Ich bin wieder am 2.12. für Sie da.": "2026-12-02",
    "Sie erreichen mich wieder ab dem 2. Dezember.": "2026-12-02",
    "Ab 2.12. bin ich wieder für Sie da.": "2026-12-02",
    "Ich bin erst am 7.12. wieder im Büro": "2026-12-07",
    "Ich bin noch bis morgen unterwegs": "2026-11-24",
    "Ich bin nach dem 30.11. wieder erreichbar.": "2026-12-01",
    "Ich bin vom 23.11. bis 30.11. nicht erreichbar.": "2026-11-30",
    "Ich bin vom 23.-27.11. nicht im Büro.": "2026-11-27",
    "Abwesend 23.-27. November": "2026-11-27",
    "Ich bin am 7. wieder da.": "2026-12-07",
    "Ich bin bis zum 30. im Urlaub": "2026-11-30",
    "Ich bin bis Mo., 30.11., nicht im Büro.": "2026-11-30",
    "Ich werde Ihre Mail nicht vor dem 2.12. lesen.": "2026-12-02",
    "Bis und mit 30.11. bin ich abwesend.": "2026-12-01",
    "Ich bin heute nicht da, morgen wieder.": "2026-11-24",
    "Ich bin wieder ab Januar 2027 im Büro": "2027-01-01",
    "Bis Ende Januar 2027 bin ich in Elternzeit.": "2027-02-01",
    "Ich bin diese Woche nicht im Büro": None,
    "Ihre Mail vom 20.11. habe ich erhalten. Ich bin im Urlaub.": None,
    "Ihre Nachricht vom 20.11.2026 wird nicht weitergeleitet.": None,
    "Seit dem 1. November arbeite ich nicht mehr bei Acme.": None,
    "Ich bin seit 1.11. in Elternzeit": None,
    "Unser Büro ist am 25.12. geschlossen.": None,
    "Ich bin bis auf Weiteres nicht im Büro.": None,
    "Ab 30.11. bin ich im Urlaub.": None,
    "Ich bin ab dem 30.11. nicht erreichbar.": None,
    "Unser Angebot gilt bis heute; am 2.12. sehen wir uns": None,
    "Am 1. Stock links; ich bin im Urlaub": None,
    "Bitte wenden Sie sich bis auf Weiteres an Kim (Tel. 030 12.11.77).": None,
    # French
    "Je serai joignable à partir du 2 décembre": "2026-12-02",
    "Je serai de nouveau joignable à partir du 2 décembre": "2026-12-02",
    "Je serai de nouveau joignable dès le 2 décembre": "2026-12-02",
    "Je serai joignable dès le 2 décembre.": "2026-12-02",
    "Je serai à nouveau disponible dès le mercredi 2 décembre 2026.": "2026-12-02",
    "Je suis absente jusqu'au 30 novembre inclus.": "2026-12-01",
    "Je suis absent jusqu’au lundi 30 novembre.": "2026-11-30",
    "Absent jusqu'à lundi prochain.": "2026-11-30",
    "Absent jusqu'à lundi.": "2026-11-30",
    "Je suis en congés jusqu'à la fin de la semaine.": "2026-11-30",
    "Je suis en congés jusqu'à fin novembre.": "2026-12-01",
    "Je suis en congés du 23 au 30 novembre inclus.": "2026-12-01",
    "Je serai absent du lundi 23 au vendredi 27 novembre.": "2026-11-27",
    "Retour le 2 décembre.": "2026-12-02",
    "Retour prévu le 2/12.": "2026-12-02",
    "Je reprends le 2 décembre": "2026-12-02",
    "Je serai de retour au bureau le 2 décembre": "2026-12-02",
    "Je répondrai à votre message à mon retour, le 2 décembre.": "2026-12-02",
    "Je traiterai votre message dès mon retour le 2 décembre.": "2026-12-02",
    "Je suis de retour dans deux semaines.": "2026-12-07",
    "Je serai de retour après le 30 novembre.": "2026-12-01",
    "Je ne serai pas joignable du 23 au 30 novembre.": "2026-11-30",
    "À partir du 2 décembre je serai de nouveau joignable.": "2026-12-02",
    "Je ne serai pas de retour avant le 2 décembre.": "2026-12-02",
    "Je suis absent jusqu'au 30.": "2026-11-30",
    "Je suis de retour le 7.": "2026-12-07",
    "Bureau fermé du 24 décembre au 1er janvier inclus.": "2027-01-02",
    "Je suis en congé jusqu'à mi-décembre": "2026-12-15",
    "Je reviens début décembre": "2026-12-01",
    "Je reviens mardi prochain": "2026-11-24",
    "Je suis absent depuis le 1er novembre.": None,
    "Votre message du 20 novembre a bien été reçu. Je suis en congés.": None,
    "À partir du 30 novembre je serai en congés": None,
    "Je ne serai pas joignable à partir du 30 novembre.": None,
    "Absent le 23 novembre": None,
    "Nous déménageons le 2 décembre": None,
    "J'ai 2 messages en 3 semaines": None,
    # Spanish
    "Estaré fuera hasta el próximo lunes 30 de noviembre": "2026-11-30",
    "Estaré fuera hasta el próximo 30 de noviembre": "2026-11-30",
    "Estaré fuera hasta el próximo lunes, 30 de noviembre de 2026": "2026-11-30",
    "Estaré fuera hasta el próximo lunes": "2026-11-30",
    "Estaré fuera hasta el lunes que viene": "2026-11-30",
    "Estaré fuera hasta el 30 de noviembre inclusive": "2026-12-01",
    "Estaré fuera hasta el 30 de noviembre incluido": "2026-12-01",
    "Estaré disponible a partir del 2 de diciembre": "2026-12-02",
    "Estaré de nuevo disponible el 2 de diciembre": "2026-12-02",
    "Estaré localizable a partir del próximo 2 de diciembre": "2026-12-02",
    "Me reincorporo el próximo 2 de diciembre": "2026-12-02",
    "Regreso el miércoles 2 de diciembre": "2026-12-02",
    "Estaré de vacaciones del 23 al 27 de noviembre": "2026-11-27",
    "Estaré fuera hasta finales de noviembre": "2026-12-01",
    "Estaré fuera hasta fin de mes": "2026-12-01",
    "Vuelvo en dos semanas": "2026-12-07",
    "Vuelvo dentro de 3 días": "2026-11-26",
    "Volveré después del 30 de noviembre": "2026-12-01",
    "No estaré disponible desde el 23 de noviembre hasta el 30 de noviembre.": "2026-11-30",
    "Estaré ausente del 23 al 27 de noviembre, ambos incluidos": "2026-11-28",
    "Estoy fuera hasta el 30.": "2026-11-30",
    "Estaré disponible nuevamente desde el martes 1 de diciembre": "2026-12-01",
    "Volveré a la oficina a mediados de diciembre": "2026-12-15",
    "Estaré de vacaciones hasta principios de diciembre": "2026-12-01",
    "Su mensaje del 20 de noviembre": None,
    "Estoy de baja desde el 1 de noviembre": None,
    "Hasta luego": None,
    "Nos vemos el 2 de diciembre": None,
    "El pedido del 20/11 ha llegado": None,
}
HOSTILE = (
    "until next the ", "1", "1. ", "Nov 23-", "Nov 23 - 27 ", "bis inkl. ", "\n ", "\n", "inkl. ", "the ", "the 7th ",
    "in two weeks ", "a ", "early ", "mid", "end of ", "fin de la semaine ", "November ", "November 23 to ", "le 7",
    "reply after ", "not be available before ", "Mon. ", "Mo., ", "l'", " ", " - ", "1-1-", "23. ", "de de ", "pas ",
    "nicht vor ",
)


@pytest.mark.parametrize(("note", "day"), NOTES.items(), ids=[n[:40] for n in NOTES])
def test_a_note_names_the_day_of_the_return(note: str, day: str | None) -> None:
    assert return_date(note, TODAY) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(("note", "day"), LATER_NOTES.items(), ids=[n[:60] for n in LATER_NOTES])
def test_a_note_names_the_day_of_the_return_in_november(note: str, day: str | None) -> None:
    assert return_date(note, NOVEMBER) == (date.fromisoformat(day) if day else None)


@pytest.mark.slow
@pytest.mark.parametrize("piece", HOSTILE)
def test_no_rule_takes_the_square_of_a_notes_length(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "TEXT_CHARS_MAX", 100_000)  # a square of it would take minutes
    return_date(piece * (100_000 // len(piece)), NOVEMBER)


@pytest.mark.parametrize("quote", [
    "> We are back until 30 November.",
    "On Fri, 20 Nov 2026 at 09:30, Ana <ana@x.example> wrote:\n> Back on 4 December",
    "Am 20.11.2026 um 09:30 schrieb Ana:\nwir sind bis Ende November da",
    "Le ven. 20 nov. 2026 à 09:30, Ana a écrit :\nde retour le 4 décembre",
    "El vie, 20 nov 2026 a las 9:30, Ana escribió:\nhasta el próximo 30 de noviembre",
])
def test_days_of_our_own_message_are_none_of_the_note(quote: str) -> None:
    from seqlang.inbox import understand

    note = f"Subject: Automatic reply: x\nAuto-Submitted: auto-replied\n\nI am away.\n\n{quote}\n"
    assert understand(note.encode(), NOVEMBER).until is None


def test_a_day_without_a_year_is_the_next_one_unless_it_has_only_just_gone_by() -> None:
    assert return_date("back on 5 January", date(2026, 12, 20)) == date(2027, 1, 5)
    assert return_date("back on 27 February", TODAY) == date(2026, 2, 27)
    assert return_date("back on 1 December", TODAY) == date(2026, 12, 1)


def test_a_day_of_the_quoted_mail_is_none_of_the_note() -> None:
    from seqlang.inbox import understand

    note = b"Subject: Automatic reply: x\nAuto-Submitted: auto-replied\n\nI am away.\n\n> Our offer stands until 30 March.\n"
    assert understand(note, TODAY).until is None
