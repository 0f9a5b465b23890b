"""Export of responses, open answers and the codebook. A new format is a file in `formats/` and a line in FORMATS."""

FORMATS = {
    "csv": "Comma-separated values",
    "sav": "SPSS, with labels and missing values",
    "zsav": "SPSS, compressed",
    "parquet": "Parquet, with labels as metadata",
    "xlsx": "Excel, with the codebook",
    "dta": "Stata, with labels",
    "jsonl": "JSON Lines",
}
"""Format of the table of responses → its name. Its module in `formats/` is imported on demand: most need the extra `data`."""
