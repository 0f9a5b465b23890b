"""Translation: the domains to translate, their catalogues, and spreadsheets for translators.

A domain has one catalogue per language: the interface, or one questionnaire.
"""
