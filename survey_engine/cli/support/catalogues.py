"""Options of the translation commands that select domains and variants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias

import click

from survey_engine.authoring.translating.catalogues import BrokenCatalogueError
from survey_engine.authoring.translating.domains import BrokenSourceError, Domain, Sources, Variant
from survey_engine.cli.support.questionnaires import find_questionnaires, translations_option
from survey_engine.language.variants import INTERFACE
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.publication.compiler import list_catalogue_folders
from survey_engine.settings import ROOT, read_folders

_Command: TypeAlias = Callable[..., None]
_FOLDERS: tuple[Callable[[_Command], _Command], ...] = (
    translations_option,
    click.option(
        "--questionnaires",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The folder of a questionnaire or of several questionnaires (default: SURVEY_QUESTIONNAIRES).",
    ),
)
_FILTERS: tuple[Callable[[_Command], _Command], ...] = (
    click.option("-l", "--language", "languages", multiple=True, help="Only this variant (nt2) or locale (nl@nt2); repeatable."),
    click.option(
        "-d", "--domain", "domains", multiple=True, help="Only `interface`, or the questionnaire with this id; repeatable."
    ),
)


class Chosen:
    """The selected domains and variants, and the folder of their catalogues."""

    def __init__(
        self,
        questionnaires: Path | None,
        translations: Path | None,
        domains: Sequence[str] = (),
        languages: Sequence[str] = (),
    ) -> None:
        folders = list(find_questionnaires(questionnaires or read_folders().questionnaires))
        self.root = translations or list_catalogue_folders(folders[0], None)[0]
        self._sources = Sources(folders, self.root, ROOT)
        _check_known(domains, self._sources.codes)
        self._names, self._languages = domains, languages

    def find(self, code: str) -> Domain | None:
        return self._sources.describe(code) if code in self._sources.codes else None

    def list_domains(self) -> list[Domain]:
        # If the folder has no catalogue of the interface, the sources have those of the package: skip them.
        shipped = INTERFACE if not any(self.root.glob(f"*/LC_MESSAGES/{INTERFACE}.po")) else ""
        names = self._names or [code for code in self._sources.codes if code != shipped]
        return [self._sources.describe(code) for code in self._sources.codes if code in names]

    def iter_pairs(self) -> Iterator[tuple[Domain, Variant]]:
        """Iterate over the selected domains with each of their selected variants."""
        domains = self.list_domains()
        _check_known(self._languages, [name for d in domains for v in d.variants for name in (v.code, v.locale, *v.others)])
        for domain in domains:
            for variant in domain.variants:
                if not self._languages or {variant.code, variant.locale, *variant.others} & set(self._languages):
                    yield domain, variant


def _check_known(names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise click.UsageError(
                f"There is no domain or language '{name}'{suggest_name(name, known)}. Known: {join_names(set(known))}."
            )


def choose_texts(command: _Command) -> _Command:
    """Add the options for domains and variants to a command. Its first argument becomes the selection (`Chosen`)."""
    return _decorate(command, (*_FOLDERS, *_FILTERS))


def find_texts(command: _Command) -> _Command:
    """Add the options for folders only: the command gets all domains and variants as `Chosen`, its first argument."""
    return _decorate(command, _FOLDERS)


def _decorate(command: _Command, options: Sequence[Callable[[_Command], _Command]]) -> _Command:
    @wraps(command)
    def run(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in ("questionnaires", "translations", "domains", "languages") if name in given}
        try:
            command(Chosen(**chosen), **given)
        except (BrokenSourceError, BrokenCatalogueError) as error:
            raise click.ClickException(str(error)) from None

    decorated: _Command = run
    for option in options:
        decorated = option(decorated)
    return decorated
