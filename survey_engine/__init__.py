"""An adaptive questionnaire engine for large student surveys. Map of the packages: README.md beside this file."""
