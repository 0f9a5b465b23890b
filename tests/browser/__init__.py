"""What a respondent meets, in a real browser on the real application."""
