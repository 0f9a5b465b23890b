"""What a page looks like: the page plan, compiled page templates, their cache, interface texts, static files."""
