"""The model of a questionnaire: frozen data, conditions, and messages for authors."""
