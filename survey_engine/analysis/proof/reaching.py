"""Claims about reachability: every item is asked of somebody, every option can be chosen, every chosen module is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial

from survey_engine.analysis.offered_sections import iter_offered_sections
from survey_engine.analysis.proof.exposures import ExposureKey, ExposureReason, World
from survey_engine.analysis.proof.formulas import FALSE, Formula, disjoin
from survey_engine.analysis.proof.session import Session
from survey_engine.analysis.proof.solver import UndecidedError
from survey_engine.analysis.proof.verdicts import Counterexample, Obstacle, Proof, Verdict, find_any, name_key
from survey_engine.engine.routing import list_question_variables
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Institution, OrderStep, Place, Questionnaire, Section


def prove_reach(proof: Proof) -> Iterator[Verdict]:
    """Prove that somebody sees every page, question, statement and option, in every language variant that has it."""
    items = Verdict("items", "Every section, page, question and statement is asked of somebody", "parts, counted in each variant")
    options = Verdict("options", "Every response option can be chosen by somebody", "options, counted in each variant")
    unseen: dict[ExposureKey, list[str]] = {}
    for language in proof.questionnaire.languages:
        sessions = proof.list_sessions(language)
        for key in map_exposure_keys(sessions):
            if any(language in unseen.get(parent, ()) for parent in _list_parents(proof, key)):
                continue
            with (options if key[0] == "option" else items).deciding(f"{name_key(key)} in {language}"):
                if not is_seen(key, sessions):
                    unseen.setdefault(key, []).append(language)
    for key, languages in unseen.items():
        _report_unseen(proof, options if key[0] == "option" else items, key, languages)
    _report_unshown(proof, items)
    yield from (items, options)


def map_exposure_keys(sessions: Iterable[Session]) -> dict[ExposureKey, None]:
    """Return the visible parts of these sessions, in reading order."""
    return dict.fromkeys(key for session in sessions for key in session.exposures)


def _list_parents(proof: Proof, key: ExposureKey) -> tuple[ExposureKey, ...]:
    """Return the question, page and section that contain a part. If nobody sees one of these, only that one is reported."""
    if key[0] == "section":
        return ()
    return (("section", proof.section_of[key[1]]), ("page", key[1]), ("question", *key[1:3]))[: len(key) - 1]


def is_seen(key: ExposureKey, sessions: list[Session]) -> bool:
    """Whether somebody sees the part: a witness so far, or else one that the solver finds."""
    if any(key in session.seen for session in sessions):
        return True
    return find_any(sessions, lambda session: session.exposures.get(key, FALSE)) is not None


def _report_unseen(proof: Proof, verdict: Verdict, key: ExposureKey, languages: list[str]) -> None:
    """Add a finding. If conditions on `language`, institutions or groups exclude certain variants, add a note instead."""
    place, questionnaire = proof.places[key], proof.questionnaire
    wrong = f"nobody {'can choose' if key[0] == 'option' else 'is asked'} {name_key(key)}"
    having = [language for language in questionnaire.languages if key in map_exposure_keys(proof.list_sessions(language))]
    explained = {language: _explain_key(proof, key, language) for language in languages}
    everywhere = len(languages) == len(having)
    seeing = [] if everywhere else _list_seeing(proof, key)
    spoken = set(languages) if everywhere else {language for institution in seeing for language in institution.languages}
    lost: list[str] = []
    for x in languages:
        left_out = "" if everywhere else _describe_left_out(questionnaire, seeing, explained[x], x)
        if x not in spoken:
            cause = f"excluded from {x} by the institutions that ask it, which do not offer this variant"
        elif not everywhere and _is_about_language(explained[x]):
            cause = f"excluded from {x} by a condition"
        elif left_out and not (key[0] == "section" and key[1] in questionnaire.sections):
            cause = f"not for respondents in {x}: {left_out}"
        elif left_out:
            verdict.findings.append(Counterexample(f"{wrong}: {left_out}", place, (x,), explained[x]))
            continue
        else:
            lost.append(x)
            continue
        verdict.notes.append(f"{name_key(key)} is {cause} ({place})")
    if lost:
        verdict.findings.append(Counterexample(wrong, place, tuple(lost), explained[lost[0]]))


def _describe_left_out(
    questionnaire: Questionnaire, seeing: list[Institution], obstacles: tuple[Obstacle, ...], language: str
) -> str:
    """Describe the answers that the part needs from groups that the variant omits; empty if another obstacle excludes the part.

    Args:
        seeing: the institutions whose students see the part in another variant; only these count.
    """
    found: dict[str, None] = {}
    for institution, obstacle in (
        (each, obstacle) for obstacle in obstacles for each in seeing if each.code in obstacle.institutions
    ):
        names = {name for reason in obstacle.reasons for name in reason.names}
        groups = _map_groups(questionnaire, institution, names)
        needed = {name: each for name, each in groups.items() if not any(map(questionnaire.languages[language].shows, each))}
        if not needed:
            return ""
        found |= {f"'{name}' of group '{each[0].code}'": None for name, each in sorted(needed.items())}
    return f"it needs {join_names(found)}, which this variant leaves out" if found else ""


def _map_groups(questionnaire: Questionnaire, institution: Institution, names: set[str]) -> dict[str, list[OrderStep]]:
    """Return variable → the groups that ask its question at an institution, for each variable in `names` that has a question."""
    found: dict[str, list[OrderStep]] = {}
    for group, section in iter_offered_sections(questionnaire, institution):
        for question in section.iter_questions():
            for name in names.intersection(list_question_variables(question)):
                found.setdefault(name, []).append(group)
    return found


def _list_seeing(proof: Proof, key: ExposureKey) -> list[Institution]:
    """Return the institutions whose students see the part in at least one language variant."""
    seeing: dict[str, Institution] = {}
    for session in proof.sessions:
        with suppress(UndecidedError):
            if is_seen(key, [session]):
                seeing[session.world.institution.code] = session.world.institution
    return list(seeing.values())


def _explain_key(proof: Proof, key: ExposureKey, language: str) -> tuple[Obstacle, ...]:
    sessions = [session for session in proof.list_sessions(language) if key in session.exposures]
    return proof.explain(sessions, lambda world: world.collect_exposures()[key])


def _is_about_language(obstacles: tuple[Obstacle, ...]) -> bool:
    return all(any("language" in reason.names for reason in obstacle.reasons) for obstacle in obstacles)


def _report_unshown(proof: Proof, verdict: Verdict) -> None:
    """Report language variants and sections without respondents. A theme or module that no institution chose is only noted."""
    questionnaire = proof.questionnaire
    for language in questionnaire.languages:
        if not proof.list_sessions(language):
            wrong = f"nobody answers in {language}: no institution offers it"
            verdict.findings.append(Counterexample(wrong, questionnaire.place, (language,)))
    shown = {page.step.page.code for session in proof.sessions for page in session.world.pages}
    for section in questionnaire.all_sections:
        if any(page.code in shown for page in section.pages):
            continue
        if section.code in questionnaire.modules:
            verdict.notes.append(f"no institution has '{section.code}' in this edition ({section.place})")
        else:
            verdict.findings.append(Counterexample(f"section '{section.code}' is shown in no language variant", section.place))


def prove_choices(proof: Proof) -> Iterator[Verdict]:
    """Prove that each institution's choices and local questions are asked of some of its students."""
    verdict = Verdict(
        "choices",
        "Chosen modules, themes and local questions are asked of some students of the institution",
        "parts at institutions",
    )
    for institution in proof.questionnaire.institutions.values():
        sessions = proof.list_institution_sessions(institution.code)
        for section, place in _iter_choices(sessions):
            with verdict.deciding(f"'{section.code}' at {institution.code}"):
                if not _is_section_seen(section, sessions):
                    obstacles = _explain_choice(proof, sessions, section)
                    wrong = f"no student of {institution.name} is asked '{section.code}'"
                    verdict.findings.append(Counterexample(wrong, place, institution.languages, obstacles))
    yield verdict


def _explain_choice(proof: Proof, sessions: list[Session], section: Section) -> tuple[Obstacle, ...]:
    shown = [session for session in sessions if any(page.step.section is section for page in session.world.pages)]
    if shown:
        return proof.explain(shown, partial(_find_section_exposure, section=section))
    institution = sessions[0].world.institution
    variants = ", ".join(institution.languages)
    reason = ExposureReason(
        section.place, f"'{section.code}' has no page in the language variants of {institution.code}: {variants}"
    )
    return (Obstacle((institution.code,), (reason,)),)


def _iter_choices(sessions: list[Session]) -> Iterator[tuple[Section, Place]]:
    for session in sessions[:1]:
        world = session.world
        yield from ((world.questionnaire.modules[code], world.institution.place) for draw in world.draws for code in draw.chosen)
        yield from ((block.section, block.place) for block in world.institution.blocks if block.theme)
        yield from ((section, section.place) for section in world.institution.own_sections)


def _is_section_seen(section: Section, sessions: list[Session]) -> bool:
    return find_any(sessions, lambda session: _find_section_exposure(session.world, section)) is not None


def _find_section_exposure(world: World, section: Section) -> Formula:
    return disjoin(page.seen for page in world.pages if page.step.section is section)
