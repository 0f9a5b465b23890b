"""Properties of a whole questionnaire: reachability, duration, readability, checks and proofs."""
