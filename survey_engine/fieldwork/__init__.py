"""Services of a fieldwork that web pages and commands share: seats, links, participation, erasure, mail."""
