"""Translators' side: what is to be translated, the catalogues that hold it, spreadsheets out and in.

A domain is what one catalogue per language holds: the interface, or one questionnaire.
"""
