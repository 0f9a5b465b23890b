"""Translation: the domains to translate, their catalogues, and spreadsheets for translators.

A domain is the interface or one questionnaire; it has one catalogue per language.
"""
