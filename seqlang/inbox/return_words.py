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
# Names of weekdays that are words, too: read as such only with their full stop or comma, in front of a date.
WEEKDAYS_SHORT = (
    "mo", "di", "mi", "do", "fr", "sa", "so", "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "mié", "jue", "vie", "sáb", "dom",
)  # fmt: skip
DAYS = {  # how many days ahead; -1: the next Monday
    "tomorrow": 1, "morgen": 1, "übermorgen": 2, "demain": 1, "après-demain": 2, "mañana": 1, "pasado mañana": 2,
    "next week": -1, "nächste woche": -1, "nächster woche": -1, "kommende woche": -1, "semaine prochaine": -1,
    "próxima semana": -1, "semana que viene": -1,
    "end of the week": -1, "end of this week": -1, "ende der woche": -1, "ende dieser woche": -1, "wochenende": -1,
    "fin de la semaine": -1, "fin de semaine": -1, "fin de cette semaine": -1, "fin de semana": -1, "finales de semana": -1,
    "final de la semana": -1,
}  # fmt: skip
# A part of a month, and what stands for the month that it is now.
PARTS = {
    "first": r"early|(?:beginning|start) of|anfang|d[ée]but(?: du mois de| de)?|(?:principios|comienzos|inicios) de",
    "middle": r"mid-?|middle of|mitte|mi-?|mediados de",
    "last": r"late|end of|ende|(?:la )?fin(?: du mois de| de| d['’])?|(?:finales|fines|final) de",
}
THIS_MONTH = r"(?:the|this) month|(?:des|dieses) monats|(?:ce )?mois|(?:este )?mes"
# "in two weeks": how the way to the day begins, how far it is, and in which steps.
AHEAD = r"in|dans|en|dentro de"
COUNTS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "einem": 1, "einer": 1, "zwei": 2, "drei": 3,
    "vier": 4, "fünf": 5, "sechs": 6, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "una": 1, "dos": 2,
    "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6,
}  # fmt: skip
STEPS = {
    "day": 1, "days": 1, "tag": 1, "tagen": 1, "jour": 1, "jours": 1, "día": 1, "días": 1, "dia": 1, "dias": 1,
    "week": 7, "weeks": 7, "woche": 7, "wochen": 7, "semaine": 7, "semaines": 7, "semana": 7, "semanas": 7,
}  # fmt: skip
# Before the day; what is between it and the day may be an article, the name of the weekday, or "next".
ARTICLES = r"the|den|dem|der|le|la|l['’]|el|los|on|am|zum|d[ií]a"
NEXT = (
    r"next|this|coming|following|n[äa]chste[nrms]?|kommende[nrms]?|diese[nrms]?|folgenden|prochaine?|ce(?:tte)?"
    r"|pr[óo]xim[oa]|este|esta"
)
ABOUT = (
    r"about|around|approximately|probably|presumably|at least|voraussichtlich|vermutlich|wahrscheinlich|etwa|ungef[äa]hr|circa"
    r"|ca\.|mindestens|probablement|environ|vers|au moins|probablemente|aproximadamente|al menos"
)
UNTIL = (
    r"\buntil|\buntill|\btill?|\bthrough|\bthru|\bup to(?: and including)?|\b(?:ends?|ending)(?: on)?|\bthrough to"
    r"|\bbis(?: (?:und )?(?:zum|mit|einschlie(?:ß|ss)lich|einschl\.?|inklusive|inkl\.?|incl\.?)){0,2}"
    r"|\bjusqu['’´]?\s?(?:aux?|[àa])(?! partir)"
    r"|\bhasta(?: el)?(?: d[ií]a)?"
    r"|\bincluded? until|\bau\b(?<=[a-z] au)"
)
FROM = r"from|since|starting|as of|vom|von|ab|seit|du|depuis|à partir du|a partir del?|desde(?: el)?|del"
AFTER = r"(?<!or )after|nach|après|apr[eè]s|desp[uú][eé]s del?|tras"  # the day itself is not yet one of the return
_NO = r"(?<!not )(?<!not be )(?<!n.t be )(?<!nicht )(?<!pas )(?<!plus )(?<!no )(?<!mehr )(?<!kaum )(?<!hardly )"
BACK_BEFORE = (
    rf"\bback\b|\breturn|\bresum|{_NO}\bavailable (?:again )?(?:on|from|as of|after)|{_NO}\bin the office (?:again|on)"
    rf"|{_NO}\breachable|\bagain (?:on|from|after)|\b(?:reply|respond|answer)\b[^,;]{{0,40}}\bafter"
    r"|\bnot be (?:available|reachable)(?: again)? before"
    rf"|\bwieder\b|\bzurück|\bkehre\b|{_NO}\berreichbar (?:bin ich )?(?:ab|am)\b|\bnicht vor\b"
    r"|\bde retour|\bretour (?:le|au|prévu)|\bmon retour|\breviens|\breviendrai|\brentre|\breprend|\bà nouveau|\bde nouveau"
    rf"|{_NO}\b(?:disponible|joignable|présente?)s? (?:au bureau )?(?:[àa] partir|[àa] compter|d[èe]s|le)\b"
    r"|\bpas\b[^,;]{0,30}\bavant"
    r"|\bde vuelta|\bvuelvo|\bvolver|\bregres|\breincorpor|\bde regreso|\bmi vuelta|\bnuevamente|\bde nuevo"
    rf"|{_NO}\bestar. (?:disponible|localizable|operativ.)"
    rf"|{_NO}(?<!no estar. )\b(?:disponible|localizable) (?:a partir|desde|el)\b"
)
BACK_AFTER = (
    r"back\b|again\b|wieder\b|zurück|(?<!nicht )(?<!mehr )(?<!kaum )(?<!schwer )(?<!schlecht )(?<!eingeschränkt )erreichbar"
    r"|de retour|à nouveau|de nouveau|(?<!pas )(?<!plus )(?<!peu )(?<!difficilement )joignable|de vuelta|de regreso|de nuevo"
    r"|nuevamente"
)
INCLUSIVE = (
    r"\bthrough\b|\bthru\b|\bincluding|\binclusive|\bincl\b|einschl|\binkl|\binclus|\bcompris|\binclusive"
    r"|\bincluido|\bambos|\bbis und mit\b"
)
ABBREVIATIONS = ("inkl", "incl", "einschl")  # whose full stop ends no sentence; so do those of months and days
