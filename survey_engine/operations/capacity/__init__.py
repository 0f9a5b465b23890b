"""How large an installation must be: costs measured on this machine, and what they mean for a national fieldwork."""
