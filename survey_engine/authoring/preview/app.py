"""The author's preview: a local site that shows the questionnaire's current files and reloads after every saved change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, abort, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from survey_engine.authoring.preview.audiences import list_audiences
from survey_engine.authoring.preview.outer_pages import DONE, OUTER_PAGES, START, render_done_page, render_start_page
from survey_engine.authoring.preview.page_states import PAGE_STATES, set_state
from survey_engine.authoring.preview.printing import print_html
from survey_engine.authoring.preview.remarks import RemarksFile, list_about
from survey_engine.authoring.preview.route_map import draw_route
from survey_engine.authoring.preview.time_left import estimate_seconds_after
from survey_engine.authoring.preview.views import route_walk
from survey_engine.authoring.preview.watched_folder import WatchedFolder
from survey_engine.authoring.walks import Walk
from survey_engine.engine.assignment import assign, split_names
from survey_engine.engine.routing import Path as Route
from survey_engine.engine.routing import Respondent, route
from survey_engine.model.messages import Problem, group_families
from survey_engine.model.questionnaire import Condition, Experiment, Institution, Language, Questionnaire, Values
from survey_engine.rendering.assets import Assets, make_blueprint, style_of
from survey_engine.rendering.condition_sentences import COMPARISONS, choose_sentences
from survey_engine.rendering.interface_texts import InterfaceTexts
from survey_engine.rendering.page_cache import PageCache
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.page_template import PageState, Slots
from survey_engine.settings import ROOT

_NOBODY = "nobody"
"""Code of the placeholder institution of a questionnaire without institutions."""


class CollapsedSlots(Slots):
    """Slots that ignore conditions on other pages. Follow-ups are collapsed until an answer on the page opens them."""

    def begin(self, condition: Condition | None) -> Markup:
        return super().begin(None)


class OpenSlots(CollapsedSlots):
    """Slots that ignore all conditions, so that the author sees every part of a page."""

    def follow(self, condition: Condition | None) -> Markup:
        return super().follow(None)


@dataclass(frozen=True, slots=True)
class Selection:
    """Institution, languages and student that the author selected."""

    institution: Institution
    languages: tuple[Language, ...]
    profile: Values
    profiles: tuple[Values, ...]
    number: int
    arms: Mapping[str, str]
    """Experiment → arm."""


def create_preview(folder: Path, translations: Path, walks: Sequence[Walk] = (), remarks: Path | None = None) -> Flask:
    """Create the preview of one questionnaire. An author's mistake never leads to an error page.

    Args:
        walks: respondents; the preview also shows each page as these respondents see it.
        remarks: CSV file to which testers' remarks on questions are added; None for no remarks.
    """
    app = Flask("survey_engine.authoring.preview", template_folder=str(ROOT / "templates"), static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(institution_style=style_of, sentences=COMPARISONS, outer_pages=OUTER_PAGES)
    watched, assets = WatchedFolder(folder, translations), Assets(ROOT / "static")
    app.register_blueprint(make_blueprint(assets))
    preview = Preview(app, watched, translations, assets, walks)
    preview.remarks = RemarksFile(remarks) if remarks else None
    app.add_url_rule("/", view_func=preview.overview)
    app.add_url_rule("/mark", view_func=preview.mark)
    app.add_url_rule("/page/<slug>", view_func=preview.page)
    app.add_url_rule("/page/<slug>", view_func=preview.store_remarks, methods=["POST"])
    app.add_url_rule("/frame/<slug>/<language>/<institution>", view_func=preview.frame)
    app.add_url_rule("/seen/<int:number>/<slug>/<language>", view_func=preview.seen)
    app.add_url_rule("/print/<language>", view_func=preview.printed)
    return app


class Preview:
    """The pages of the preview, rendered from the current files."""

    def __init__(self, app: Flask, watched: WatchedFolder, translations: Path, assets: Assets, walks: Sequence[Walk]) -> None:
        self.app, self.watched, self.translations, self.assets, self.walks = app, watched, translations, assets, walks
        self.remarks: RemarksFile | None = None
        self._page_caches: dict[type[Slots], tuple[Questionnaire, PageCache]] = {}
        self._housed: tuple[Questionnaire, Questionnaire] | None = None

    def questionnaire(self) -> Questionnaire | None:
        """The newest questionnaire that could be built, with a placeholder institution if it has none; None if none could be built."""
        good = self.watched.last_good().questionnaire
        if good is None or good.institutions:
            return good
        if self._housed is None or self._housed[0] is not good:
            self._housed = good, add_empty_institution(good)
        return self._housed[1]

    def page_cache(self, questionnaire: Questionnaire, slots: type[Slots]) -> PageCache:
        """Return the page cache of this state of the questionnaire. Every new state begins with an empty cache."""
        found = self._page_caches.get(slots)
        if found is None or found[0] is not questionnaire:
            locales = {language.locale for language in questionnaire.languages.values()}
            interface = {locale: InterfaceTexts(self.translations, locale) for locale in locales}
            page_cache = PageCache(templates=self.app.jinja_env, interface=interface, assets=self.assets, new_slots=slots)
            found = self._page_caches[slots] = questionnaire, page_cache
        return found[1]

    def mark(self) -> Response:
        return Response(self.watched.compute_digest(), content_type="text/plain", headers={"Cache-Control": "no-store"})

    def overview(self) -> str:
        """Show problems, the route map of the selected student, and the audience of each item."""
        problems = group_families(self.watched.compilation().problems)
        questionnaire = self.questionnaire()
        if questionnaire is None:
            return render_template(
                "preview/overview.html",
                problems=locate_problems(problems, None),
                questionnaire=None,
                mark=self.watched.compute_digest(),
            )
        selection = read_selection(questionnaire, request.args)
        wording = Wording(questionnaire, selection.languages[0], selection.institution)
        query, path = encode_selection(), find_chosen_path(questionnaire, selection)
        return render_template(
            "preview/overview.html",
            problems=locate_problems(problems, questionnaire),
            questionnaire=questionnaire,
            title=wording.line(questionnaire.title),
            selection=selection,
            picture=Markup(draw_route(questionnaire, wording, path, f"/page/{{slug}}?{query}")),  # noqa: S704 - it escapes texts
            audiences=list_audiences(
                questionnaire, wording, choose_sentences(selection.languages[0], request.args.get("sentences", "en"))
            ),
            mark=self.watched.compute_digest(),
            query=query,
        )

    def page(self, slug: str) -> str:
        """Show one page in every selected language, side by side in frames of a phone's size."""
        questionnaire = self.questionnaire()
        order = [START, *(questionnaire.placed_pages if questionnaire else ()), DONE]
        if questionnaire is None or slug not in order:
            abort(404)
        selection = read_selection(questionnaire, request.args)
        problems = locate_problems(group_families(self.watched.compilation().problems), questionnaire)
        section, page = questionnaire.placed_pages.get(slug, (None, None))
        at = order.index(slug)
        return render_template(
            "preview/page.html",
            questionnaire=questionnaire,
            selection=selection,
            section=section,
            page=page,
            slug=slug,
            name=page.code if page else OUTER_PAGES[slug],
            before=order[at - 1] if at else None,
            after=order[at + 1] if at + 1 < len(order) else None,
            problems=[(problem, None) for problem, there in problems if there == slug and not self.remarks],
            abouts=list_about(page, self._first_wording(questionnaire)) if page else [],
            collects=page is not None and self.remarks is not None,
            states=PAGE_STATES if page else {},
            mark=self.watched.compute_digest(),
            query=encode_selection(),
        )

    def store_remarks(self, slug: str) -> WerkzeugResponse:
        """Add a tester's remarks to the file, and show the page again."""
        questionnaire = self.questionnaire()
        if self.remarks is None or questionnaire is None or slug not in questionnaire.placed_pages:
            abort(404)
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403)
        page, form = questionnaire.placed_pages[slug][1], request.form
        known = {about.code for about in list_about(page, self._first_wording(questionnaire))}
        remarks = {code: form.get(f"remark.{code}", "") for code in sorted(known)}
        language = form.get("language", "") if form.get("language") in questionnaire.languages else ""
        count = self.remarks.add(questionnaire, page, language, form.get("tester", ""), remarks)
        query = urlencode({**request.args, "tester": form.get("tester", ""), "saved": count})
        return redirect(f"/page/{slug}?{query}", 303)

    def _first_wording(self, questionnaire: Questionnaire) -> Wording:
        selection = read_selection(questionnaire, request.args)
        return Wording(questionnaire, selection.languages[0], selection.institution)

    def frame(self, slug: str, language: str, institution: str) -> str:
        """Show one page with everything that any student may see. Follow-ups are collapsed unless the state opens them."""
        questionnaire = self.questionnaire()
        known = questionnaire and slug in (*questionnaire.placed_pages, *OUTER_PAGES) and language in questionnaire.languages
        if questionnaire is None or not known or institution not in questionnaire.institutions:
            abort(404)
        place = questionnaire.institutions[institution]
        profile = place.demo[0] if place.demo else place.open_link
        wanted = questionnaire.placed_pages[slug][0].code if slug in questionnaire.placed_pages else ""
        who = assign_modules(questionnaire, Respondent(institution, language, profile), wanted)
        slots = CollapsedSlots if request.args.get("state", "") not in [*PAGE_STATES][1:] else OpenSlots
        path = route(questionnaire, who, {})
        if slug in OUTER_PAGES:
            return self._draw_outer(questionnaire, slug, who, path)
        return self._draw(questionnaire, slug, who, path, slots)

    def seen(self, number: int, slug: str, language: str) -> str:
        """Show one page as the respondent of walk `number` sees it in that language."""
        questionnaire = self.questionnaire()
        if questionnaire is None or language not in questionnaire.languages or number >= len(self.walks):
            abort(404)
        respondent, path = route_walk(questionnaire, self.walks[number], language)
        if path.find(slug) is None:
            abort(404)
        return self._draw(questionnaire, slug, respondent, path, Slots)

    def _draw(self, questionnaire: Questionnaire, slug: str, who: Respondent, path: Route, slots: type[Slots]) -> str:
        """Render one page as a complete HTML document, in the state that the query names."""
        page_cache, variant = self.page_cache(questionnaire, slots), questionnaire.languages[who.language]
        prepared = page_cache.page(questionnaire, slug, who.language, who.institution)
        interface = page_cache.find_texts(variant)
        left = interface.minutes_left(estimate_seconds_after(questionnaire, who, path, slug))
        plain = {"next": interface.next_labels[False], "left": left, "number": "1"}
        state = PageState(known=dict(path.known), plain=plain, labels=prepared.labels)
        wording = Wording(questionnaire, variant, questionnaire.institutions[who.institution])
        set_state(state, request.args.get("state", ""), page_cache, wording, questionnaire.placed_pages[slug][1])
        main = page_cache.answers_script + prepared.template.fill(state).decode()
        return fill_layout(page_cache, questionnaire, who, prepared.title, main)

    def _draw_outer(self, questionnaire: Questionnaire, slug: str, who: Respondent, path: Route) -> str:
        """Render the start page or the proof of completion as a complete HTML document."""
        page_cache, place = self.page_cache(questionnaire, CollapsedSlots), questionnaire.institutions[who.institution]
        variant = questionnaire.languages[who.language]
        if slug == DONE:
            main = render_done_page(page_cache, questionnaire, variant, place)
        else:
            seconds = estimate_seconds_after(questionnaire, who, path, path.steps[0].page.slug) if path.steps else 0
            main = render_start_page(page_cache, questionnaire, variant, place, max(1, round(seconds / 60)))
        title = Wording(questionnaire, variant, place).line(questionnaire.title)
        return fill_layout(page_cache, questionnaire, who, title, main)

    def printed(self, language: str) -> str:
        questionnaire = self.questionnaire()
        if questionnaire is None or language not in questionnaire.languages:
            abort(404)
        institution = questionnaire.institutions.get(request.args.get("institution", ""))
        return print_html(
            questionnaire, language, institution, purposes="purposes" in request.args, sentences=request.args.get("sentences", "")
        )


def fill_layout(page_cache: PageCache, questionnaire: Questionnaire, who: Respondent, title: str, main: str) -> str:
    """Return the complete HTML document of the page `main` of a respondent."""
    variant = questionnaire.languages[who.language]
    plain = {"lang": variant.html_lang, "dir": variant.direction, "title": title, "main": main}
    layout = page_cache.layout(questionnaire, variant, questionnaire.institutions[who.institution])
    return layout.fill(PageState(known={}, plain=plain)).decode()


def add_empty_institution(questionnaire: Questionnaire) -> Questionnaire:
    """Return the questionnaire with a single institution, which has no local questions."""
    place = Institution(_NOBODY, "(no institution yet)", questionnaire.place, tuple(questionnaire.languages))
    return replace(questionnaire, institutions={_NOBODY: place})


def encode_selection() -> str:
    """Encode the current selection as a URL query, for the links of a page."""
    return urlencode(list(request.args.items(multi=True)))


def read_selection(questionnaire: Questionnaire, wanted: Mapping[str, str]) -> Selection:
    """Read institution, languages and student from the query; each defaults to the first."""
    institutions = questionnaire.institutions
    institution = institutions.get(wanted.get("institution", "")) or next(iter(institutions.values()))
    named = [code for code in wanted.get("languages", "").split(",") if code in questionnaire.languages]
    codes = named or list(institution.languages) or list(questionnaire.languages)
    profiles: tuple[Values, ...] = institution.demo or (institution.open_link,)
    number = next((number for number in range(len(profiles)) if str(number) == wanted.get("student")), 0)
    languages = tuple(questionnaire.languages[code] for code in codes)
    arms = {code: select_arm(experiment, wanted) for code, experiment in questionnaire.experiments.items()}
    return Selection(institution, languages, profiles[number], profiles, number, arms)


def select_arm(experiment: Experiment, wanted: Mapping[str, str]) -> str:
    """Return the arm that the query names; the first by default."""
    arm = wanted.get(experiment.variable, "")
    return arm if arm in experiment.arms else next(iter(experiment.arms))


def find_chosen_path(questionnaire: Questionnaire, selection: Selection) -> frozenset[str]:
    """Return the slugs of the selected student's path before the first answer."""
    language = selection.languages[0].code
    respondent = Respondent(selection.institution.code, language, selection.profile, arms=selection.arms)
    respondent = assign_modules(questionnaire, respondent)
    return frozenset(step.page.slug for step in route(questionnaire, respondent, {}).steps)


def assign_modules(questionnaire: Questionnaire, respondent: Respondent, wanted: str = "") -> Respondent:
    """Assign modules to the respondent for the preview, including `wanted` if that is a module's code."""
    institution = questionnaire.institutions[respondent.institution]
    assigned = assign(questionnaire, institution, respondent.known(), {}, "preview")
    modules = split_names(each.name for each in assigned)[0]
    more = (wanted,) if wanted in questionnaire.modules and wanted not in modules else ()
    return replace(respondent, modules=(*modules, *more))


def locate_problems(problems: list[Problem], questionnaire: Questionnaire | None) -> list[tuple[Problem, str | None]]:
    """Return (problem, slug of its page or None): the page is the last one that begins above the problem in the same file."""
    begins: dict[str, list[tuple[int, str]]] = {}
    for slug, (_, page) in questionnaire.placed_pages.items() if questionnaire else ():
        begins.setdefault(page.place.file, []).append((page.place.line, slug))
    located = []
    for problem in problems:
        above = [begin for begin in begins.get(problem.place.file, ()) if begin[0] <= problem.place.line]
        located.append((problem, max(above)[1] if above else None))
    return located
