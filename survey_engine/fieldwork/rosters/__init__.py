"""Lists of respondents that institutions deliver. A new kind of list is a file here."""
