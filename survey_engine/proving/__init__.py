"""Proof before fieldwork: what holds for every respondent, and who shows that it does not. Needs the extra `proof` (z3).

Reading order: formulas, domains, translation, world, witness, replay, session, reasons, claims, lengths, covering, sheet,
report. A new claim is a function in `claims.py` and a line in CLAIMS.
"""
