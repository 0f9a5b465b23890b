"""For authors and translators: reviews, reports, proof sheets, explanations, previews, catalogues."""
