"""Degrees that labels of scales express, such as "Very satisfied" or "Überhaupt nicht". To add a word, add it to DEGREE_WORDS."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class DegreeWords:
    """Words of one language; each field is a list of alternatives for a regular expression."""

    positive: str
    negative: str
    extreme: str
    strong: str
    moderate: str
    weak: str
    negation: str
    none: str
    """Expressions that deny a property entirely, such as "not at all"; "not very" only weakens it."""
    middling: str
    """Whole labels of the middle of a scale of quality."""
    frequencies: Sequence[str]
    """Never, rarely, sometimes, half of the time, often, always."""
    almost: str
    affirmation: str
    others: str
    """Words that do not change the meaning of a label."""


DEGREE_WORDS = {
    "en": DegreeWords(
        positive="agree|satisfied|happy|pleased|good|better|well|excellent|easy|pleasant|likely|important|safe|useful|helpful|clear"
        "|positive|positively|healthy|outstanding",
        negative="disagree|dissatisfied|unsatisfied|unhappy|bad|badly|worse|poor|poorly|difficult|hard|unpleasant|unlikely"
        "|unimportant|unsafe|useless|unhelpful|unclear|negative|negatively|unhealthy|terrible|awful",
        extreme="extremely|exceptionally|excellent|outstanding|terrible|awful",
        strong="very|strongly|completely|totally|fully|entirely|absolutely|highly|definitely|certainly|a lot|a great deal|much|big",
        moderate="fairly|quite|moderately|reasonably|pretty",
        weak="slightly|a little|a bit|somewhat|partly|rather|probably|hardly|small",
        negation="not|no",
        none="not (?:\\w+ )?at all|no \\w+ at all",
        middling="fair|mixed|average|medium|acceptable",
        frequencies=(
            "never",
            "rarely|seldom",
            "sometimes|occasionally|now and then|several days",
            "(?:more than )?half (?:of )?the (?:days|time)",
            "often|frequently|usually|most of the time|most days",
            "always|every day|all the time",
        ),
        almost="almost|nearly|hardly",
        affirmation="yes",
        others="a an the to of it is i me with and",
    ),
    "nl": DegreeWords(
        positive="eens|tevreden|blij|gelukkig|goede?|beter|uitstekende?|uitmuntende?|(?:ruim )?voldoende"
        "|(?:ge)?makkelijke?|prettige?|aangename?|aangenaam"
        "|waarschijnlijk|belangrijke?|veilige?|nuttige?|duidelijke?|positief|positieve|gezonde?",
        negative="oneens|ontevreden|ongelukkig|slechte?|slechter|onvoldoende|moeilijke?|lastige?|onprettige?|onaangename?|onaangenaam"
        "|onwaarschijnlijk|onbelangrijke?|onveilige?|nutteloos|onduidelijke?|negatief|negatieve|ongezonde?|vreselijke?",
        extreme="uiterst|extreem|buitengewoon|uitstekende?|uitmuntende?|vreselijke?",
        strong="heel|zeer|erg|helemaal|volledig|sterk|totaal|absoluut|beslist|zeker|veel|grote?",
        moderate="tamelijk|vrij|nogal|best|redelijk",
        weak="(?:een )?(?:klein )?beetje|enigszins|iets|licht|deels|gedeeltelijk|eerder|nauwelijks|kleine?|(?<!ruim )(?:on)?voldoende",
        negation="niet|geen|nee",
        none="niet in het minst",
        middling="matig|redelijk|middelmatig|gemengd|gaat wel",
        frequencies=(
            "nooit",
            "zelden",
            "soms|af en toe|enkele dagen|een paar dagen",
            "(?:meer dan )?(?:de )?helft van de (?:dagen|tijd)",
            "vaak|meestal|de meeste dagen",
            "altijd|elke dag|iedere dag|dagelijks",
        ),
        almost="bijna|vrijwel|haast",
        affirmation="ja|wel",
        others="een de het van mee ermee ik mij me met en op",
    ),
    "de": DegreeWords(
        positive="stimme|stimmt|trifft|passt|zufrieden|glücklich|gute?|besser|ausgezeichnete?|hervorragende?|befriedigend|ausreichend|leicht$|einfach|angenehm"
        "|wahrscheinlich|wichtig|sicher|nützlich|hilfreich|klar|deutlich|positiv|gesund",
        negative="lehne|unzufrieden|unglücklich|schlechte?|schlechter|schwer|schwierig|unangenehm|unwahrscheinlich|unwichtig|unsicher"
        "|nutzlos|unklar|undeutlich|negativ|ungesund|schrecklich|ungenügend|mangelhaft",
        extreme="äußerst|extrem|höchst|ausgezeichnete?|hervorragende?|schrecklich",
        strong="sehr|völlig|voll|vollständig|vollkommen|ganz|stark|absolut|bestimmt|überhaupt|gar|viel|große?s?",
        moderate="ziemlich|recht|mäßig",
        weak="etwas|ein wenig|ein bisschen|eher|teilweise|kaum|leicht(?= )|kleine?s?|ausreichend|befriedigend",
        negation="nicht|kein\\w*|nein",
        none="nicht im geringsten",
        middling="mittelmäßig|mittel|gemischt|durchschnittlich|geht so",
        frequencies=(
            "nie|niemals",
            "selten",
            "manchmal|gelegentlich|ab und zu|ein(?:zeln|ig)en tagen|mehreren tagen",
            "(?:mehr als )?(?:der|die) hälfte der (?:tage|zeit)",
            "oft|häufig|meistens|den meisten tagen",
            "immer|jeden tag|täglich",
        ),
        almost="fast|beinahe|nahezu",
        affirmation="ja",
        others="ein eine der die das dem zu zur ich mir mich auf es an und mit ab",
    ),
    "pap": DegreeWords(
        positive="di akuerdo|kontentu|satisfecho|bon|mihó|ekselente|fásil|agradabel|importante|sigur|útil|kla|positivo",
        negative="desakuerdo|diskontentu|deskontentu|insatisfecho|malu|pió|difísil|desagradabel|insigur|negativo",
        extreme="ekstremadamente|ekselente",
        strong="hopi|masha|mashá|kompletamente|totalmente|definitivamente",
        moderate="basta",
        weak="un tiki|un poko|algu|poko",
        negation="no|niun",
        none="nada",
        middling="regular|mas o ménos",
        frequencies=(
            "nunka",
            "raramente|rara bes|poko biaha",
            "tin biaha|de bes en kuando",
            "(?:mas ku )?mitar di e? ?(?:dianan|tempu)",
            "hopi (?:biaha|bes)|frekuentemente",
            "semper|tur dia",
        ),
        almost="kasi",
        affirmation="sí|si",
        others="e un di ku ta mi ami",
    ),
}
"""Language → its words."""

_AMOUNTS = {"extreme": 4, "strong": 3, "moderate": 2, "weak": 1}
_PLAIN, _WEAK, _STRONG = 2, 1, 3
_MOST_OTHER_WORDS = 1
"""The largest number of other words in a label; a label with more of them is nominal and has no degree."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Degree:
    """The degree of a label: `polarity` is -1, 0 (unknown) or 1, `amount` is negative for a denial, `rest` has all other words."""

    polarity: int
    amount: int
    rest: frozenset[str] = frozenset()
    is_frequency: bool = False

    @property
    def signed(self) -> int:
        return (self.polarity or 1) * self.amount


@cache
def read_degree(label: str, spoken: str) -> Degree | None:
    """Return the degree of a label; None for long labels, numbers, and middles such as "Neither good nor bad".

    >>> [read_degree(label, "en").signed for label in ("Not at all satisfied", "Not very good", "Bad", "Slightly agree")]
    [-3, -1, -2, 1]
    >>> read_degree("Neither good nor bad", "en"), read_degree("2 days", "en"), read_degree("Nooit", "nl").amount
    (None, None, 0)
    """
    label = label.strip(" .!").lower()
    if spoken not in DEGREE_WORDS or re.search(r"\d", label):
        return None
    if _compile(spoken, "middling").fullmatch(label):
        return Degree(0, 0)
    rest = _list_other_words(label, spoken)
    frequency, amount = _read_frequency(label, spoken), _read_amount(label, spoken)
    positive, negative = (bool(_compile(spoken, name).search(label)) for name in ("positive", "negative"))
    if len(rest) > _MOST_OTHER_WORDS or (positive and negative):
        return None
    if frequency is not None:
        return Degree(0, frequency, is_frequency=True)
    if amount is None:
        return Degree(positive - negative, _PLAIN) if positive or negative else None
    return Degree(positive - negative, amount, rest)


def _list_other_words(label: str, spoken: str) -> frozenset[str]:
    for words in DEGREE_WORDS[spoken].frequencies:
        label = re.sub(rf"\b(?:{words})\b", " ", label)
    for name in ("none", *_AMOUNTS, "negation", "affirmation", "almost", "positive", "negative"):
        label = _compile(spoken, name).sub(" ", label)
    return frozenset(_WORD.findall(label)).difference(DEGREE_WORDS[spoken].others.split())


def _read_frequency(label: str, spoken: str) -> int | None:
    """Return twice the index in the list of frequencies; "almost" moves it one towards the middle. None if no frequency is named."""
    for number, words in enumerate(DEGREE_WORDS[spoken].frequencies):
        if re.search(rf"\b(?:{words})\b", label):
            almost = bool(_compile(spoken, "almost").search(label))
            return 2 * number - almost if number else int(almost)
    return None


def _read_amount(label: str, spoken: str) -> int | None:
    """Return the amount expressed by words of degree and negation; None if there are none."""
    if _compile(spoken, "none").search(label):
        return -_STRONG
    found = next(
        ((each.start(), amount) for name, amount in _AMOUNTS.items() if (each := _compile(spoken, name).search(label))), None
    )
    denials = [each.start() for each in _compile(spoken, "negation").finditer(label)]
    if denials and found:  # "definitely not", or "not very"
        return -min(found[1], _STRONG) if found[0] < denials[-1] else -_WEAK
    if denials or found:
        return -_PLAIN if denials else found[1] if found else None
    return _PLAIN if _compile(spoken, "affirmation").search(label) else None


@cache
def _compile(spoken: str, name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{getattr(DEGREE_WORDS[spoken], name)})(?!\w)")


def read_degrees(labels: Sequence[str], spoken: str) -> list[Degree | None]:
    """Return the degree of each label of one scale.

    A label whose polarity is unknown has a degree only if it has no other words, or shares them with another label.
    """
    found = [read_degree(label, spoken) for label in labels]
    shared = Counter(each.rest for each in found if each and not each.polarity)
    return [each if each and (each.polarity or not each.rest or shared[each.rest] > 1) else None for each in found]


def is_bipolar(degrees: Sequence[Degree | None]) -> bool:
    return {-1, 1} <= {each.polarity for each in degrees if each}


def measure_labels(labels: Sequence[str], spoken: str) -> list[int | None]:
    """Return a number for each label of one scale; a larger number means a higher degree, None an unknown one.

    >>> measure_labels(["Not difficult at all", "Somewhat difficult", "Very difficult"], "en")
    [-3, 1, 3]
    >>> measure_labels(["Stimme überhaupt nicht zu", "Weder noch", "Stimme eher zu"], "de")
    [-3, None, 1]
    """
    degrees = read_degrees(labels, spoken)
    return _number(degrees, bipolar=is_bipolar(degrees))


def _number(degrees: Sequence[Degree | None], *, bipolar: bool) -> list[int | None]:
    return [None if each is None else each.signed if bipolar else each.amount for each in degrees]


def find_reversed_label(labels: Sequence[str], spoken: str, others: Sequence[str], other: str) -> int | None:
    """Compare a scale in two languages; return the index of the first label with a reversed degree, None if there is none.

    >>> find_reversed_label(["Bad", "Good"], "en", ["Goed", "Slecht"], "nl"), find_reversed_label(["Bad", "Good"], "en", ["A", "B"], "nl")
    (0, None)
    """
    read = [read_degrees(labels, spoken), read_degrees(others, other)]
    bipolar = any(map(is_bipolar, read))
    one, two = (_number(each, bipolar=bipolar) for each in read)
    known = [(n, a, b) for n, (a, b) in enumerate(zip(one, two, strict=True)) if a is not None and b is not None]
    return next((n for n, a, b in known if any((a - c) * (b - d) < 0 for _, c, d in known)), None)
