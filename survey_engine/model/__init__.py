"""What a questionnaire is: frozen data, conditions on it, and the messages that an author can get."""
