"""File formats of exports. A new format is a file here and a line in FORMATS (`datasets/__init__.py`)."""
