"""The shipped catalogues, whose sources are read when the first test asks for one: not by every process that collects tests."""

from __future__ import annotations

from functools import cache

from survey_engine.authoring.translating.domains import Domain, Sources, Variant
from survey_engine.settings import ROOT

TRANSLATIONS = ROOT / "translations"
CATALOGUES = [(path.stem, path.parent.parent.name) for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))]
"""Domain and locale of each."""


@cache
def describe_shipped() -> dict[tuple[str, str], tuple[Domain, Variant]]:
    """Domain and locale → what is translated, and into what."""
    folders = sorted(path.parent for path in (ROOT / "questionnaires").glob("*/questionnaire.yaml"))
    sources = Sources(folders, TRANSLATIONS, ROOT)
    domains = map(sources.describe, sources.codes)
    return {(domain.code, variant.locale): (domain, variant) for domain in domains for variant in domain.variants}
