"""Who may answer and how they enter: the services that web pages and commands share."""
