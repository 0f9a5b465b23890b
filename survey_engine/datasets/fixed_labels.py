"""Labels of columns and codes that no questionnaire words: English, and Dutch for its variants of Dutch."""

from __future__ import annotations

DUTCH = {
    # columns
    "Respondent number: the same in every export, without a link to other data": "Respondentnummer: hetzelfde in elke export, zonder "
    "verband met andere gegevens",
    "Version of the questionnaire that the response belongs to": "Versie van de vragenlijst waar de respons bij hoort",
    "Edition of the questionnaire": "Editie van de vragenlijst",
    "Institution": "Instelling",
    "Last language used": "Laatst gebruikte taal",
    "Every language used, in the order of first use": "Alle gebruikte talen, in volgorde van eerste gebruik",
    "Number of answers given before a switch to a language that does not ask them": "Aantal antwoorden van vóór een wissel naar een "
    "taal die ze niet vraagt",
    "Day on which the response was started": "Dag waarop de respons is begonnen",
    "Day on which the response was completed; empty if it was not": "Dag waarop de respons is afgerond; leeg als dat niet zo is",
    "Status of the response": "Status van de respons",
    "Whether the pages showed a progress bar, drawn at random (split ballot)": "Of de pagina's een voortgangsbalk toonden, door het lot "
    "bepaald (split ballot)",
    "Arm of the experiment, drawn at random": "Groep van het experiment, door het lot bepaald",
    "Codes in the order in which the question showed them": "Codes in de volgorde waarin de vraag ze toonde",
    "Sum of the answers to": "Som van de antwoorden op",
    "Mean of the answers to": "Gemiddelde van de antwoorden op",
    "Number of answers to": "Aantal antwoorden op",
    "Whole years between": "Hele jaren tussen",
    # codes
    "Finished the questionnaire": "Vragenlijst afgerond",
    "Did not finish the questionnaire": "Vragenlijst niet afgerond",
    "Did not finish the questionnaire; the personal link was withdrawn": "Vragenlijst niet afgerond; de persoonlijke link is ingetrokken",
    "Progress bar by parts and minutes left": "Voortgangsbalk per deel en resterende minuten",
    "Minutes left only": "Alleen resterende minuten",
    "Chosen by the student council": "Gekozen door de studentenraad",
    "Chosen by the institution": "Gekozen door de instelling",
    "Drawn at random": "Geloot",
    "Not chosen": "Niet gekozen",
    "Chosen": "Gekozen",
    # missing codes
    "Not asked": "Niet gevraagd",
    "Module not assigned": "Module niet toegewezen",
    "Skipped": "Overgeslagen",
    "Broken off": "Afgebroken",
    "Withdrawn": "Ingetrokken",
    "Does not apply": "Niet van toepassing",
}
"""English label → Dutch label."""


def translate(label: str, spoken: str) -> str:
    """Return the label in Dutch if that is the spoken language, else in English. Names stay as they are."""
    return DUTCH.get(label, label) if spoken == "nl" else label
