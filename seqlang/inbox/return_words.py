"""Words of out-of-office notes: months, days, and what stands before and behind the day of a return; in four languages."""

from __future__ import annotations

_MONTH_NAMES = (
    ("january", "jan", "januar", "jänner", "janvier", "janv", "enero", "ene"),
    ("february", "feb", "februar", "feber", "février", "fevrier", "févr", "fév", "febrero"),
    ("march", "mar", "märz", "maerz", "mrz", "mär", "mars", "marzo"),
    ("april", "apr", "avril", "avr", "abril", "abr"),
    ("may", "mai", "mayo"),
    ("june", "jun", "juni", "juin", "junio"),
    ("july", "jul", "juli", "juillet", "juil", "julio"),
    ("august", "aug", "août", "aout", "agosto", "ago"),
    ("september", "sept", "sep", "septembre", "septiembre", "setiembre"),
    ("october", "oct", "oktober", "okt", "octobre", "octubre"),
    ("november", "nov", "novembre", "noviembre"),
    ("december", "dec", "dezember", "dez", "décembre", "decembre", "déc", "diciembre", "dic"),
)
_DAY_NAMES = (
    ("monday", "mon", "montag", "lundi", "lunes"),
    ("tuesday", "tue", "tues", "dienstag", "mardi", "martes"),
    ("wednesday", "wed", "mittwoch", "mercredi", "miércoles", "miercoles"),
    ("thursday", "thu", "thurs", "donnerstag", "jeudi", "jueves"),
    ("friday", "fri", "freitag", "vendredi", "viernes"),
    ("saturday", "sat", "samstag", "sonnabend", "samedi", "sábado", "sabado"),
    ("sunday", "sun", "sonntag", "dimanche", "domingo"),
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
WEEKDAYS = {name: number for number, names in enumerate(_DAY_NAMES) for name in names}
DAYS = {  # how many days ahead; -1: the next Monday
    "tomorrow": 1, "morgen": 1, "übermorgen": 2, "demain": 1, "après-demain": 2, "mañana": 1, "pasado mañana": 2,
    "next week": -1, "nächste woche": -1, "nächster woche": -1, "kommende woche": -1, "semaine prochaine": -1,
    "próxima semana": -1, "semana que viene": -1,
}  # fmt: skip
# Before the day; what is between it and the day may be an article or the name of the weekday.
UNTIL = (
    r"\buntil|\buntill|\btill?|\bthrough|\bthru|\bup to(?: and including)?|\b(?:ends?|ending)(?: on)?|\bthrough to"
    r"|\bbis(?: zum| einschlie(?:ß|ss)lich(?: dem)?| inkl(?:usive|\.)?(?: dem)?| incl\.?| mit)?|\bjusqu['’´]?\s?au"
    r"|\bhasta(?: el)?(?: d[ií]a)?"
    r"|\bincluded? until|\bbis einschl\.?(?: zum)?|\bau\b(?<=[a-z] au)"
)
FROM = r"from|since|starting|as of|vom|von|ab|seit|du|depuis|à partir du|a partir del?|desde(?: el)?|del"
BACK_BEFORE = (
    r"\bback\b|\breturn|\bresum|\bavailable (?:again )?(?:on|from|as of)|\bin the office (?:again|on)|\breachable"
    r"|\bagain (?:on|from)"
    r"|\bwieder\b|\bzurück|\bkehre\b|\berreichbar (?:bin ich )?(?:ab|am)\b"
    r"|\bde retour|\bretour (?:le|au|prévu)|\bmon retour|\breviens|\breviendrai|\brentre|\breprend|\bà nouveau"
    r"|\bdisponible (?:à partir|dès|le)"
    r"|\bde vuelta|\bvuelvo|\bvolver|\bregres|\breincorpor|\bde regreso|\bmi vuelta|\bestar. disponible|\bnuevamente|\bde nuevo"
)
BACK_AFTER = r"back\b|again\b|wieder\b|zurück|erreichbar|de retour|à nouveau|de vuelta|de regreso|de nuevo|nuevamente"
INCLUSIVE = (
    r"\bthrough\b|\bthru\b|\bincluding|\binclusive|\bincl\b|einschl|\binkl|\binclus|\bcompris|\binclusive"
    r"|\bincluido|\bambos"
)
