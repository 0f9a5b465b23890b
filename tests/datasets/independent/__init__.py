"""A second implementation of routing and missing values, written from the language's documentation. It reads the YAML itself.

Nothing here imports `engine`, `analysis` or `datasets`, except `comparing`, which runs the export under test.
"""
