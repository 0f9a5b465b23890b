"""One respondent: which modules, which pages, and what a posted page changes. Pure."""
