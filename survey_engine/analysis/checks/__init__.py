"""Checks of questionnaires. To add one, add a function in a module here and its entry in a table.

CHECKS run at every compilation; their errors prevent publication. ADVICE runs for authors only. `authoring.review` calls four
checks with more than the questionnaire: `time` (estimated minutes), `trends` (previous edition), `unused` and `sums` (definitions).
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from survey_engine.analysis.checks.arms import check_arms
from survey_engine.analysis.checks.asked_types import check_asked_types
from survey_engine.analysis.checks.blocks import check_blocks
from survey_engine.analysis.checks.clarity import check_clarity, check_unasked
from survey_engine.analysis.checks.closing import check_closing
from survey_engine.analysis.checks.clusters import check_clusters
from survey_engine.analysis.checks.consents import check_consents
from survey_engine.analysis.checks.duplicates import check_duplicates, check_local_repeats
from survey_engine.analysis.checks.editions import check_linked_sections
from survey_engine.analysis.checks.every_answer import check_every_answer, check_same_meaning
from survey_engine.analysis.checks.exchanged_labels import check_exchanged_labels
from survey_engine.analysis.checks.exports import check_exports
from survey_engine.analysis.checks.indentation import check_indentation
from survey_engine.analysis.checks.languages import check_languages
from survey_engine.analysis.checks.left_out_groups import check_left_out_groups
from survey_engine.analysis.checks.length import check_length
from survey_engine.analysis.checks.local_logic import check_local_logic
from survey_engine.analysis.checks.logic import check_logic
from survey_engine.analysis.checks.markup import check_markup
from survey_engine.analysis.checks.minutes import check_minutes
from survey_engine.analysis.checks.modules import check_draws, check_module_choices, check_modules
from survey_engine.analysis.checks.names import check_names
from survey_engine.analysis.checks.notices import check_identities, check_notices
from survey_engine.analysis.checks.offers import check_asked_twice, check_institution_names, check_language_names, check_offers
from survey_engine.analysis.checks.opposites import check_opposites
from survey_engine.analysis.checks.options import check_options
from survey_engine.analysis.checks.outside_scale import check_outside_scale
from survey_engine.analysis.checks.own import check_own_references, check_own_scales, check_own_types
from survey_engine.analysis.checks.placeholders import check_shown_answers
from survey_engine.analysis.checks.profiles import check_demo_students, check_open_links, check_profiles
from survey_engine.analysis.checks.random_orders import check_random_orders
from survey_engine.analysis.checks.readability import check_readability
from survey_engine.analysis.checks.references import check_conditions, check_placeholders
from survey_engine.analysis.checks.repeats import check_repeats
from survey_engine.analysis.checks.scales import check_scales
from survey_engine.analysis.checks.several_answers import check_several_answers
from survey_engine.analysis.checks.short_translations import check_short_translations
from survey_engine.analysis.checks.shortcuts import check_other_texts, check_zero_counts
from survey_engine.analysis.checks.simple_words import check_simple_words
from survey_engine.analysis.checks.slips import check_slips
from survey_engine.analysis.checks.text_bounds import check_text_bounds
from survey_engine.analysis.checks.text_settings import check_text_settings
from survey_engine.analysis.checks.titles import check_titles
from survey_engine.analysis.checks.translated_words import check_translated_words
from survey_engine.analysis.checks.translations import check_translations
from survey_engine.analysis.checks.wording import check_wording
from survey_engine.analysis.checks.years import check_frozen_years, check_years
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

Check: TypeAlias = Callable[[Questionnaire], Iterable[Problem]]

CHECKS: tuple[Check, ...] = (
    check_conditions,
    check_placeholders,
    check_random_orders,
    check_linked_sections,
    check_modules,
    check_offers,
    check_asked_twice,
    check_blocks,
    check_profiles,
    check_logic,
    check_local_logic,
    check_left_out_groups,
    check_names,
    check_own_types,
)
ADVICE: tuple[Check, ...] = (
    check_module_choices,
    check_draws,
    check_closing,
    check_consents,
    check_demo_students,
    check_open_links,
    check_years,
    check_frozen_years,
    check_indentation,
    check_institution_names,
    check_language_names,
    check_local_repeats,
    check_opposites,
    check_outside_scale,
    check_several_answers,
    check_text_settings,
    check_text_bounds,
    check_asked_types,
    check_shown_answers,
    check_languages,
    check_repeats,
    check_clarity,
    check_unasked,
    check_zero_counts,
    check_every_answer,
    check_arms,
    check_clusters,
    check_same_meaning,
    check_other_texts,
    check_scales,
    check_options,
    check_duplicates,
    check_translations,
    check_translated_words,
    check_short_translations,
    check_exchanged_labels,
    check_markup,
    check_slips,
    check_minutes,
    check_own_scales,
    check_own_references,
    check_exports,
    check_notices,
    check_identities,
    check_titles,
    check_wording,
    check_length,
    check_readability,
    check_simple_words,
)
