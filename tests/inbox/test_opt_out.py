"""Which words ask for no more mail, and which are replies that only look like it."""

from __future__ import annotations

from datetime import date

import pytest

from seqlang.inbox import understand
from seqlang.inbox.opt_out import asks_for_no_more, says_only_that

WISHES = [
    "unsubscribe",
    "Unsubscribe me",
    "Please unsubscribe",
    "stop",
    "STOP!",
    "Stop.",
    "remove",
    "Remove me",
    "Please remove me",
    "Remove me please",
    "Take me off your list please.",
    "Stop emailing me",
    "Stop emailing me!",
    "please stop sending me emails",
    "Stop contacting me",
    "Do not contact me again.",
    "Don't email me anymore",
    "Don’t email me again",
    "No more emails please",
    "No further emails, thanks",
    "opt out",
    "Opt-out",
    "Please opt me out",
    "Please remove my email address from your database",
    "Kindly remove us from your mailing list.",
    "I don't want to receive these emails anymore",
    "I no longer wish to receive your emails.",
    "Could you please take me off this list",
    "Hi Ana,\n\nplease remove me from your list.\n\nThanks\nKim",
    "Please take me off your list\nKim Doe",
    "Remove me from your list. You never asked me.",
    "Unsubscribe\n\nSent from my iPhone",
    "Hello, unsubscribe me please",
    "Remove\n\nThanks,\nKim",
    "Bitte streichen Sie mich aus dem Verteiler",
    "Bitte streichen Sie mich aus Ihrem Verteiler.",
    "Bitte nehmen Sie mich aus dem Verteiler",
    "Nehmen Sie mich bitte von der Liste!",
    "Bitte löschen Sie mich aus Ihrer Datenbank.",
    "Bitte entfernen Sie meine E-Mail-Adresse aus Ihrem Verteiler",
    "Keine weiteren Mails bitte",
    "Bitte keine weiteren E-Mails",
    "Bitte keine Mails mehr",
    "Keine E-Mails mehr senden",
    "Bitte schicken Sie mir keine Mails mehr.",
    "Schreiben Sie mir nicht mehr",
    "Bitte kontaktieren Sie mich nicht mehr.",
    "Ich möchte keine weiteren E-Mails von Ihnen erhalten.",
    "Ich möchte mich abmelden",
    "abmelden",
    "Bitte abmelden",
    "Stopp bitte",
    "Bitte aus dem Verteiler nehmen",
    "Bitte aus dem Verteiler streichen. Danke",
    "Guten Tag,\nbitte tragen Sie mich aus.\nMit freundlichen Grüßen\nKim Doe",
    "Nimm mich bitte aus eurem Verteiler",
    "Ich widerspreche der Nutzung meiner Daten zu Werbezwecken.",
    "austragen",
    "Retirez-moi de votre liste",
    "Retirez-moi de votre liste de diffusion, merci",
    "Merci de me retirer de votre liste.",
    "Veuillez me désinscrire",
    "Veuillez me supprimer de votre base de données",
    "Désabonnez-moi",
    "Je souhaite me désabonner",
    "Ne m'envoyez plus de mails",
    "Ne m’envoyez plus de mails svp",
    "Merci de ne plus m'envoyer de mails",
    "Merci de ne plus me contacter.",
    "Arrêtez de m'envoyer des mails",
    "Ne m'écrivez plus.",
    "Je ne souhaite plus recevoir vos mails",
    "Plus de mails svp",
    "Désinscription",
    "Stop svp",
    "Bonjour,\nRetirez-moi de votre liste.\nCordialement,\nKim",
    "me désabonner",
    "ne me contactez plus",
    "Darme de baja, por favor",
    "Dar de baja",
    "Quiero darme de baja",
    "Denme de baja de su lista de correo",
    "Por favor elimínenme de su lista",
    "Quítenme de su base de datos",
    "No me envíen más correos",
    "No me escriban más, por favor",
    "No quiero recibir más correos.",
    "No más correos",
    "Dejen de enviarme correos",
    "baja",
    "Baja, por favor",
    "Cancelar suscripción",
    "Deme de baja",
]
REPLIES = [
    "",
    "don't remove me",
    "Don't remove me from your list",
    "stop by my office",
    "Stop by tomorrow",
    "Please remove the attachment",
    "Please remove the second line",
    "Remove me from the project",
    "Please do not stop",
    "Stop. Let me think about it first.",
    "Stop\n\nI need to read this first, then we can talk",
    "No more questions",
    "How do I unsubscribe?",
    "I tried to unsubscribe, it does not work",
    "The unsubscribe link is broken",
    "Do not send me the invoice yet",
    "Don't contact me before Monday",
    "Please don't email me the contract, post it",
    "Please stop sending me emails\nabout the old project, call me instead",
    "No more emails this week please",
    "Keine weiteren Fragen",
    "Bitte streichen Sie Punkt 3 aus dem Angebot",
    "Bitte nehmen Sie mich in den Verteiler auf",
    "Bitte keine Werbung, aber das Angebot gern",
    "Keine Mails bis Montag",
    "Bitte melden Sie sich",
    "Ich melde mich ab Montag",
    "Ne m'envoyez plus de mails à cette adresse mais à kim@y.example",
    "Retirez la pièce jointe",
    "Plus de détails svp",
    "Je ne veux plus attendre",
    "No me envíen la factura",
    "Quiero darme de alta",
    "Por favor quiten el adjunto",
    "No más preguntas",
    "Yes, sounds good. Remove me from the cc list next time",
    "Yes",
    "We removed you from our list",
    "Take me off your list of doubters",
    "You can stop emailing me? We signed yesterday",
    "I will not unsubscribe",
    "We do not want to unsubscribe",
    "Stop the presses",
    "end of March works",
    "If I reply stop, does it stop?",
]


@pytest.mark.parametrize("text", WISHES)
def test_who_asks_for_no_more_mail_is_understood(text: str) -> None:
    assert asks_for_no_more(text)


@pytest.mark.parametrize("text", REPLIES)
def test_what_only_looks_like_it_stays_a_reply(text: str) -> None:
    assert not asks_for_no_more(text)


def _kind(body: str, subject: str = "Re: A question") -> str:
    raw = f"From: kim@acme.example\nSubject: {subject}\nIn-Reply-To: <1@us>\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    return understand(raw.encode(), date(2026, 11, 23)).kind


@pytest.mark.parametrize("body", [
    "Yes, gladly.\n\n> unsubscribe",
    "Yes, gladly.\n\nOn Fri, 20 Nov 2026 at 09:30, Ana <ana@x.example> wrote:\n> Please take me off your list.",
    "> Stop emailing me\n\nWho wrote that?",
    "Gern.\n\nAm 20.11.2026 um 09:30 schrieb Ana:\nKeine weiteren Mails bitte",
    "",
])
def test_what_is_quoted_asks_for_nothing(body: str) -> None:
    assert _kind(body) == "reply"


def test_a_wish_above_what_is_quoted_and_a_clear_first_line_above_more_count() -> None:
    assert _kind("Stop emailing me\n\n> Dear Kim") == "opt_out"
    assert _kind("Bitte streichen Sie mich aus dem Verteiler.\n\nWir haben keinen Bedarf, und das sagte ich schon.") == "opt_out"
    assert _kind("Retirez-moi de votre liste\n\nLe ven. 20 nov. 2026 à 09:30, Ana a écrit :\n> Bonjour") == "opt_out"
    assert _kind("Sounds good.\n\nUnsubscribe me") == "reply"


def test_the_subject_of_a_new_mail_counts_and_that_of_an_answer_does_not() -> None:
    assert says_only_that("unsubscribe")
    assert says_only_that("Please remove me from your mailing list")
    assert not says_only_that("Re: unsubscribe")
    assert not says_only_that("Remove the attachment")
    assert _kind("Here it is.", "Stop by my office") == "reply"


@pytest.mark.parametrize("piece", ["please ", "stop ", "\n", "\n ", "hi ", "bitte, ", "merci de ", "no more mails now "])
def test_a_long_text_is_looked_through_once(piece: str) -> None:
    asks_for_no_more(piece * 100_000)
    says_only_that(piece * 100_000)
