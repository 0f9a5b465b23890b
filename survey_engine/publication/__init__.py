"""From a folder to a questionnaire in service: the compiler and published versions."""
