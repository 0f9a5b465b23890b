"""Versions as the last release stored them. Regenerated with each release: `python -m tests.publication.releases`."""
