"""The respondent's pages over HTTP: one file per feature; `app` puts them together."""
