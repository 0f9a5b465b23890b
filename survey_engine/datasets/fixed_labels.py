"""English and Dutch labels of columns and codes that come from no questionnaire."""

from __future__ import annotations

DUTCH = {
    # columns
    "Respondent number, without a link to other data": "Respondentnummer, zonder verband met andere gegevens",
    "Version of the questionnaire that the response belongs to": "Versie van de vragenlijst waar de respons bij hoort",
    "Edition of the questionnaire": "Editie van de vragenlijst",
    "Institution": "Instelling",
    "Last language used": "Laatst gebruikte taal",
    "Every language used, in the order of first use": "Alle gebruikte talen, in volgorde van eerste gebruik",
    "Number of answers given before a switch to a language that does not ask them": "Aantal antwoorden van vóór een wissel naar een "
    "taal die ze niet vraagt",
    "Day on which the response was started": "Dag waarop de respons is begonnen",
    "Day on which the response was completed; empty if it was not": "Dag waarop de respons is afgerond; leeg als dat niet zo is",
    "Time zone": "Tijdzone",
    "Status of the response": "Status van de respons",
    "Whether the pages showed a progress bar, drawn at random (split ballot)": "Of de pagina's een voortgangsbalk toonden, door het lot "
    "bepaald (split ballot)",
    "Arm of the experiment, drawn at random": "Groep van het experiment, door het lot bepaald",
    "Width of the page at the start; empty if it is not known": "Breedte van de pagina bij de start; leeg als die niet bekend is",
    "Channel of the link at the start; empty if the link named none": "Kanaal van de link bij de start; leeg als de link er geen noemde",
    "Number of changes of the language": "Aantal wisselingen van taal",
    "Last page of the path that was saved": "Laatste pagina van het pad die is bewaard",
    "First page that was not finished; empty if the response was completed": "Eerste pagina die niet is afgerond; leeg als de respons is "
    "afgerond",
    "Seconds in which pages were visible; empty if no page was measured": "Seconden waarin pagina's zichtbaar waren; leeg als geen pagina "
    "is gemeten",
    "Also empty if too few responses share the values of the columns with this note": "Ook leeg als te weinig responsen de waarden "
    "van de kolommen met deze opmerking delen",
    "Respondent number, as in the table of responses": "Respondentnummer, zoals in de tabel met responsen",
    "Code of the page": "Code van de pagina",
    "Number of visits with a save; empty if it was not counted": "Aantal bezoeken waarin is bewaard; leeg als het niet is geteld",
    "Seconds in which the page was visible; empty if they were not measured": "Seconden waarin de pagina zichtbaar was; leeg als ze niet "
    "zijn gemeten",
    "Number of answers given, changed or cleared; empty if they were not counted, or if the page has an open field": "Aantal "
    "antwoorden dat is gegeven, veranderd of gewist; leeg als het niet is geteld, of als de pagina een open veld heeft",
    "Number of second taps that were ignored; empty if they were not counted": "Aantal genegeerde tweede tikken; leeg als het niet is "
    "geteld",
    "Codes in the order in which the question showed them": "Codes in de volgorde waarin de vraag ze toonde",
    "Pages of the section in the order of this response": "Pagina's van het onderdeel in de volgorde van deze respons",
    "Questions of the page in the order of this response": "Vragen van de pagina in de volgorde van deze respons",
    "Sum of the answers to": "Som van de antwoorden op",
    "Mean of the answers to": "Gemiddelde van de antwoorden op",
    "Number of answers to": "Aantal antwoorden op",
    "Whole years between": "Hele jaren tussen",
    "Unit": "Eenheid",
    # codes
    "Finished the questionnaire": "Vragenlijst afgerond",
    "Did not finish the questionnaire": "Vragenlijst niet afgerond",
    "Did not finish the questionnaire; the personal link was withdrawn": "Vragenlijst niet afgerond; de persoonlijke link is ingetrokken",
    "Below 600 pixels": "Minder dan 600 pixels",
    "600 to 1,023 pixels": "600 tot en met 1.023 pixels",
    "1,024 pixels and more": "1.024 pixels en meer",
    "Mail": "E-mail",
    "QR code": "QR-code",
    "Teams": "Teams",
    "Print": "Papier",
    "Learning management system": "Elektronische leeromgeving",
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
    "Don't know": "Weet niet",
}
"""English label → Dutch label."""


def translate(label: str, spoken: str) -> str:
    """Return the label in Dutch if `spoken` is Dutch, else in English. A label without a translation, such as a name, stays as it is."""
    return DUTCH.get(label, label) if spoken == "nl" else label
