"""Pages of respondents: start, questions, proof of completion, errors."""
