"""The YAML language: text with line numbers in, a model or problems out."""
