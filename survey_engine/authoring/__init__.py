"""Tools for authors and translators: review, reports, proof sheet, explanations, preview and catalogues."""
