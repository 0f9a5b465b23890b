"""Preview for authors: pages in every language, a map of the route, the audience of each item, a printable copy."""
