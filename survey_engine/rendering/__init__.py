"""The appearance of pages: page plan, compiled page templates, page cache, interface texts, static files."""
