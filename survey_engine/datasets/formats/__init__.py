"""File formats of exports. A new one is a file here and a line in FORMATS (`datasets/__init__.py`)."""
