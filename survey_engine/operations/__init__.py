"""What an operator runs beside the site: capacity planning, simulated respondents, checks of the installation (doctor), maintenance."""
