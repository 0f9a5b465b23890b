"""Personal and open links, and how they are handed out."""
