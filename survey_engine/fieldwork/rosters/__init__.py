"""Readers of lists of respondents from institutions. A new kind of list is a module in this package."""
