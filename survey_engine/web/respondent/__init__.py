"""The respondent's pages: start, questions, proof of completion, errors."""
