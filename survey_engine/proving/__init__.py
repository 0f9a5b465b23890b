"""Proof before fieldwork: what holds for every respondent, and who shows that it does not. Needs the extra `proof` (z3).

Reading order: formulas, domains, translation, sights, world; witness, replay, session, reasons, proof; the claims in reaching,
asking, own and lengths; covering, walks, filling; sheet, report. A new claim is a function there and a line in CLAIMS (`sheet.py`).
"""
