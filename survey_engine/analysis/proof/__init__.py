"""Proof before fieldwork: properties that hold for every respondent, or counterexamples. Needs the extra `proof` (z3).

Reading order: formulas, domains, translation, exposures, world; witness, replay, session, reasons, verdicts; the claims in
reaching, asking, own and lengths; covering. To add a claim, add a function to one of the four claim modules and an entry in
CLAIMS (`authoring/proof_sheet.py`). "The formula of some respondents" is true for these respondents and no others.
"""
