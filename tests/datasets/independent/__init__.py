"""Routing and missing values once more, from the documentation of the language alone: it reads the YAML itself.

Nothing here imports `engine`, `analysis` or `datasets`, but for `comparing`, which runs the export that is compared.
"""
