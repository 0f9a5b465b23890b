"""The YAML language: parses definition files and returns a questionnaire or a list of problems."""
