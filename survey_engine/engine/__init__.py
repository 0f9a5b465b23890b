"""Decisions for one respondent: modules, pages, and the effect of a posted page. Pure."""
