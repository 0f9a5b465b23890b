"""Personal and open links, lists of links, printed cards and reminders."""
