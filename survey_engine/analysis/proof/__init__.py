"""Proof before fieldwork: what holds for every respondent, and who shows that it does not. Needs the extra `proof` (z3).

Reading order: formulas, domains, translation, exposures, world; witness, replay, session, reasons, verdicts; the claims in reaching,
asking, own and lengths; covering. A new claim is a function there and a line in CLAIMS (`authoring/proof_sheet.py`).
"""
