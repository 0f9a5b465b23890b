"""Headings that may tell who is to get no link, by stems of their words in four languages, and the cells under them that say so.

A new word is one more stem. These columns are only asked about: `opt_outs.py` has the words that are sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from survey_engine.fieldwork.rosters.yes_no import SAYS_NO, UNCLEAR, read_answer

REFUSAL, _CONSENT, _STATE = "refusal", "consent", "state"
"""Kinds of columns: of persons who refuse, of persons who consent, of the state of a person."""
_STEMS = {
    REFUSAL: (
        "optout optedout optingout uitschrij uitstroom uitgestroomd gestopt vertrokken verwijder "
        "afmeld afgemeld uitsluit uitgesloten bezwaar bezwar blokk geblokk blokkeer blacklist "
        "blackliste blocklist blocked zwartelijst suppress dnc dnm donot dont unsubscri uitgeschreven excluded exclusion objection "
        "objected opposition weiger geweigerd refus declin nocontact nomail noemail nosurvey nietbenader nietmail nietgemail nietaanschrij "
        "nietcontact nietuitnodig nooitbenader nepas desinscri desabonn nichtkontakt nichtanschreib nichteinlad nichtmail nichtteilnehm "
        "keinkontakt keinekontakt keinemail abgemeldet abmeldung sperrliste sperrvermerk gesperrt ausschluss ausgeschloss widerspr "
        "verweiger geenmail geencontact geenenquete geenonderzoek"
    ),
    _CONSENT: (
        "toestem akkoord instem consent permission permitted mailbaar benaderbaar optin optedin einwillig zustimm einverstand "
        "accord autoris allowed toegestaan participates participating participation deelname meedoen doetmee magmail maggemail magbenader "
        "magcontact maycontact canbecontacted contactvoorkeur contactpreference teilnahme contacteerbaar"
    ),
}
_EXACT = {REFUSAL: {"exclu", "exclus", "excl", "blacklisted", "optout"}, _CONSENT: {"avg", "gdpr", "dsgvo", "rgpd", "benaderen"}}
"""Words that are no beginnings of others."""
_PATTERNS = {kind: re.compile(stems.replace(" ", "|")) for kind, stems in _STEMS.items()}
_NEGATIONS = {"geen", "niet", "nooit", "zonder", "no", "not", "without", "kein", "keine", "nicht", "ohne", "sans", "pas", "non"}
_NOT_THESE = re.compile("exclusief|accordeon|consentcode|refusie")
_REFUSED = re.compile(
    "uit|off|nooit|never|keine?|nicht|pas|geweigerd|weigert|ingetrokken|refused?|declined|withdrawn|revoked|denied|abgelehnt|verweigert|"
    "widerrufen|retire"
)
"""Words beside those of `yes_no.py` that refuse consent."""
_GONE = re.compile("gestopt|inactief|inactive|uitgestroomd|overleden|deceased|vertrokken|uitgeschreven|geblokkeerd|blocked")
_LONGEST = 3


def find_opt_out_kind(words: Sequence[str]) -> str:
    """The kind of a column by the words of its heading, in small letters without accents; empty for any other column.

    >>> find_opt_out_kind(["avg", "toestemming"]), find_opt_out_kind(["keine", "einwilligung"]), find_opt_out_kind(["klas"])
    ('consent', 'refusal', '')
    """
    if any(word.endswith("status") for word in words):
        return _STATE
    runs = [(at, "".join(words[at:end])) for at in range(len(words)) for end in range(at + 1, min(at + _LONGEST, len(words)) + 1)]
    for kind in (REFUSAL, _CONSENT):
        for at, run in runs:
            if (_PATTERNS[kind].match(run) and not _NOT_THESE.match(run)) or run in _EXACT[kind]:
                is_turned = words[at - 1] in _NEGATIONS if at else False
                return {REFUSAL: _CONSENT, _CONSENT: REFUSAL}[kind] if is_turned else kind
    return ""


@lru_cache(maxsize=20_000)
def may_exclude(kind: str, cell: str) -> bool:
    """Whether a cell under a heading of a kind may exclude its person: `nee, liever niet` of consent, a date of a refusal.

    >>> may_exclude(_CONSENT, "nee."), may_exclude(_CONSENT, "ja"), may_exclude(REFUSAL, "2026-10-01"), may_exclude(REFUSAL, "12")
    (True, False, True, False)
    """
    words = re.findall(r"[^\W_]+", cell.casefold())
    if kind == _STATE:
        return any(map(_GONE.fullmatch, words))
    said, first = read_answer(cell), words[0] if words else ""
    says_no = said == SAYS_NO or (first != "" and (read_answer(first) == SAYS_NO or _REFUSED.fullmatch(first) is not None))
    if kind == _CONSENT:
        return says_no or said == UNCLEAR
    is_count = cell.isdecimal() and cell != "1"
    return not says_no and not is_count
