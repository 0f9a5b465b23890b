"""Tools that operators run besides the site: capacity planning, simulated respondents, checks (doctor), maintenance, backups."""
