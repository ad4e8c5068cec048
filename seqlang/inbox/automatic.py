"""Machine or person: the signs of RFC 3834 and those of programs that are older, or do not care."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from seqlang.inbox.letters import Letter

# How a subject begins that no person wrote. "Re: Out of office" is an answer to such a note.
SUBJECT_START = re.compile(
    r"^\W{0,4}(?:out of (?:the )?office|automatic (?:reply|response)|auto(?:mated)?[ -]?(?:reply|response|responder)\b|ooo\b"
    r"|(?:on )?vacation (?:reply|response|notice|message)|away from (?:my|the) (?:desk|office|mail|e-?mail)|absence notice"
    r"|abwesenheits|abwesend|automatische antwort|automatisch antwoord|nicht im (?:büro|hause|haus)|urlaubs"
    r"|ich bin (?:im urlaub|abwesend)"
    r"|r.ponse automatique|message d.absence|absence du bureau|absent du bureau|absence\s*:|en cong.s?\b"
    r"|respuesta autom.tica|fuera de (?:la )?oficina|ausente de la oficina|mensaje de ausencia|ausencia\s*:"
    r"|risposta automatica|fuori (?:sede|ufficio)|afwezig|resposta autom.tica|fora do escrit.rio|odpowied. automatyczna"
    r"|autosvar"
    r"|automaattinen vastaus|自動応答|自動返信|自动回复|자동 회신)", re.IGNORECASE)
AWAY = re.compile(
    r"out of (?:the |my )?office|\booo\b|on (?:vacation|annual leave|(?:parental|maternity|paternity|sick|medical) leave"
    r"|leave|holidays?|pto|a business trip)"
    r"|away from (?:my|the) |(?:i am|i.m|i will be|i.ll be|currently|be) (?:away|travell?ing|out)\b"
    r"|limited access to (?:my )?e-?mail"
    r"|(?:back|return|returning|again) (?:in the office )?(?:on|at)\b|no longer (?:with|work|at|employed)"
    r"|has left (?:the company|us)"
    r"|nicht im (?:büro|hause|haus)|au(?:ß|ss)er haus|\babwesen|\burlaub|elternzeit|wieder (?:erreichbar|da|zurück"
    r"|im büro|im hause|für sie)"
    r"|dienstreise|feiertag|nicht mehr (?:im|für|bei)|absen[ct]e?|absent|en cong|hors du bureau|en vacances|de retour"
    r"|en d.placement"
    r"|fuera de (?:la |mi )?oficina|ausen(?:te|cia)|de vacaciones|de baja|de viaje|regres(?:o|ar|aré)|de vuelta|volver."
    r"|vuelvo|reincorpor"
    r"|fuori (?:sede|ufficio)|in ferie|afwezig|op vakantie|de férias|fora do escrit|urlop|nieobecn", re.IGNORECASE)
TICKET = re.compile(
    r"\bticket\b|\bcase (?:number|id|#)|\[(?:#|ticket|case|request)[^\]]{0,40}\d|request (?:has been |was )?(?:received"
    r"|created|logged)"
    r"|(?:received|got) your (?:message|mail|e-?mail|request|enquiry|inquiry|application)|reference number|vorgangsnummer"
    r"|ticketnummer"
    r"|eingangsbest.tigung|ihre (?:anfrage|nachricht) (?:ist|wurde|haben|erhalten)|thank you for (?:contacting"
    r"|your enquiry|your inquiry)"
    r"|vielen dank f.r ihre (?:anfrage|nachricht)|votre demande a .t.|nous avons bien re.u|accus. de r.ception|hemos recibido"
    r"|n.mero de (?:caso|ticket)|acuse de recibo", re.IGNORECASE)
NOBODY = re.compile(r"^(?:no-?_?reply|do-?not-?_?reply|nicht-?antworten|ne-?pas-?repondre)", re.IGNORECASE)
Nature = Literal["person", "list", "out_of_office", "automatic"]


@dataclass(frozen=True, slots=True)
class Judged:
    """Who wrote, and the sign that says so."""

    nature: Nature
    why: str


def judge_writer(letter: Letter, text: str) -> Judged:
    """Tell a person's mail from a note that somebody is away, and from other machines' mail. Reports are told apart before."""
    away = bool(AWAY.search(letter.subject) or AWAY.search(text[:4_000]))
    ticket = bool(TICKET.search(letter.subject) or TICKET.search(text[:1_000]))
    sure = replying_machine(letter)
    if sure and ticket and not away:
        return Judged("automatic", f"{sure}, and it is about a ticket")
    if sure:
        return Judged("out_of_office", sure)
    if SUBJECT_START.match(letter.subject):
        return Judged("out_of_office", "the subject of an out-of-office note")
    sign = some_machine(letter)
    if sign:
        replied = letter.answers or letter.subject.lower().startswith(("re:", "aw:", "re :", "rv:", "sv:"))
        submitted = sign.startswith("Auto-Submitted")
        if away or (replied and not ticket and not submitted):
            return Judged("out_of_office", sign)
        return Judged("automatic", sign)
    if NOBODY.match(letter.sender):
        return Judged("automatic", "a sender that takes no answers")
    if letter.header("list-id") or letter.header("precedence").lower() == "list":
        return Judged("list", "it came through a list")
    return Judged("person", "")


def replying_machine(letter: Letter) -> str:
    """Return the sign that a machine answered for a person, or ""."""
    if letter.header("auto-submitted").lower().startswith("auto-replied"):
        return "Auto-Submitted: auto-replied"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply", "x-vacation", "x-auto-reply", "x-oof"):
        if name in letter.headers and letter.header(name).lower() not in {"no", "false", "0"}:
            return f"{name.title()}: {letter.header(name)[:60]}"
    for name in ("precedence", "x-precedence"):
        if re.fullmatch(r"auto[_-]?reply", letter.header(name).lower()):
            return f"{name.title()}: {letter.header(name)}"
    for name, value in (("x-autogenerated", "reply"), ("x-post-messageclass", "autorespond"), ("delivered-to", "autoresponder")):
        if value in letter.header(name).lower():
            return f"{name.title()}: {letter.header(name)[:60]}"
    return "X-MS-Exchange-Inbox-Rules-Loop" if "x-ms-exchange-inbox-rules-loop" in letter.headers else ""


def some_machine(letter: Letter) -> str:
    """Return the sign that some machine wrote, or ""."""
    submitted = letter.header("auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return f"Auto-Submitted: {submitted[:60]}"
    for name in ("precedence", "x-precedence"):
        if letter.header(name).lower() in {"bulk", "junk"}:
            return f"{name.title()}: {letter.header(name)}"
    if "x-autogenerated" in letter.headers or "x-fc-machinegenerated" in letter.headers:
        return "X-Autogenerated"
    if letter.header("return-path") == "<>":
        return "an empty Return-Path"
    suppress = letter.header("x-auto-response-suppress").lower()
    # Help desks set it on what people write, too: alone it says nothing.
    if suppress and suppress != "none" and (AWAY.search(letter.subject) or "auto" in letter.subject.lower()):
        return f"X-Auto-Response-Suppress: {suppress[:60]}"
    return ""
