"""Facts about a whole questionnaire: who can reach what, how long it takes, what is doubtful, what can be proved."""
