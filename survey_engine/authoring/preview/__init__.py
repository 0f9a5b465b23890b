"""What an author looks at while writing: pages in every language, the route as a picture, who sees what, a printable copy."""
