"""Simulated respondents that answer through the real interface. A new kind of respondent is a line in PROFILES."""
