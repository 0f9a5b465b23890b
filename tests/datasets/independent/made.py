"""A questionnaire that is hard to export, in three versions.

Lists shared by institutions; options, items, a module, an institution and a language that are added and removed; a variant
that leaves out groups; nested conditions; a page in two blocks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import yaml

Yaml: TypeAlias = dict[str, Any]
VERSIONS = (1, 2, 3)


def write_made(folder: Path) -> list[Path]:
    """Write all versions; return their folders, the version in service last."""
    return [_write(folder / f"v{version}" / "questionnaires" / "made", Version(version)) for version in VERSIONS]


def _write(folder: Path, version: Version) -> Path:
    folder.mkdir(parents=True)
    for name, content in version.files().items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return folder


class Version:
    def __init__(self, number: int) -> None:
        self.number = number
        self.languages = {
            "en": {"name": "English"},
            **({"de": {"name": "Deutsch"}} if number < 3 else {}),
            "easy": {"name": "Easy", "based_on": "en", "locale": "en", "groups": ["core", "closing"]},
        }

    def say(self, text: str) -> dict[str, str]:
        return dict.fromkeys(self.languages, text)

    def options(self, *codes: str, **more: Yaml) -> Yaml:
        return {code: self.say(code) for code in codes} | {
            code.strip("_"): {"text": self.say(code), **rest} for code, rest in more.items()
        }

    def ask(self, kind: str, code: str, **more: Any) -> Yaml:
        return {kind: code, "text": self.say(f"About {code}?"), **more}

    def outside(self, *keys: str) -> Yaml:
        """Return options outside the scale."""
        return {key: self.say(key) for key in keys or ("does_not_apply", "dont_know")}

    def marks(self, low: int, high: int) -> Yaml:
        ends = {"from_label": self.say("Bad"), "to_label": self.say("Good")}
        return {"from": low, "to": high, **ends, **self.outside("dont_know")}

    def pick(self, **by_version: Any) -> Any:
        """Return the value for this version: `v1=…, v2=…`; the last one is valid for later versions too."""
        return [value for name, value in by_version.items() if int(name[1:]) <= self.number][-1]

    def files(self) -> dict[str, Yaml]:
        return {
            "questionnaire": self.head(),
            "start": {"section": "start", "pages": self.start_pages()},
            "work": {"section": "work", "when": "not apprentice or level >= 2", "pages": self.work_pages()},
            "closing": {"section": "closing", "random_order": self.number > 1, "pages": self.closing_pages()},
            **self.modules(),
            "bank": {"bank": "more", "questions": [self.ask("mark", "week"), self.ask("multiple", "met", options_from="clubs")]},
            **{code: self.institution(code) for code in self.pick(v1=["north", "south", "west"], v2=["north", "south", "east"])},
        }

    def head(self) -> Yaml:
        return {
            "questionnaire": "made",
            "title": self.say("Made"),
            "edition": self.pick(v1=2025, v2=2026),
            "source_language": "en",
            "languages": self.languages,
            "background": {
                "path": {"text": self.say("Path"), "options": self.options("bol", "bbl")},
                "level": {"text": self.say("Level"), "from": 1, "to": self.pick(v1=3, v2=4)},
                "programme": {"text": self.say("Programme"), "open": True},
                **self.pick(v1={"cohort": {"text": self.say("Cohort"), "options": self.options("old", "new")}}, v2={}),
            },
            "scales": {
                "agree": {**{n: self.say(f"{n} of 5") for n in range(1, 5)}, **self.pick(v1={}, v2={5: self.say("Very")})}
            },
            "conditions": {
                "apprentice": "path == 'bbl'",
                "loaded": "hours >= 20 or count(why) >= 2",
                "idle": "not loaded and answered(job) and job not in ['firm', 'other']",
            },
            "derived": {"views_mean": {"mean": ["view_one", "view_two"]}, "told": {"count": ["tired", "why", "rested"]}},
            "order": [
                {"group": "core", "sections": ["start", "work"]},
                {"group": "modules", "modules": {"council": 1, "random": 1}},
                {"group": "blocks", "blocks": {"limit": 6, "questions": 3, "statements": 3}},
                {"group": "own", "own_questions": True},
                {"group": "closing", "sections": ["closing"]},
            ],
        }

    def start_pages(self) -> list[Yaml]:
        job = self.options(
            *self.pick(v1=["some", "none"], v2=["some", "never"]),
            firm={"when": "apprentice"},
            other={"when": "not apprentice", "namely": True},
        )
        why = self.options(
            *self.pick(v1=["money"], v2=["fun"], v3=["fun", "money"]),
            work={"when": "job == 'some'"},
            else_={"namely": True},
            nothing={"exclusive": True},
        )
        tired = self.ask("yes_no", "tired", **self.outside(), comment=True)
        unsure = self.outside(*self.pick(v1=["dont_know"], v2=["does_not_apply", "dont_know"]))
        busy = {"text": self.say("Busy"), "when": self.pick(v1="job == 'some'", v2="job != 'firm'")}
        return [
            {"page": "first", "questions": [self.ask("choice", "job", options=job), tired]},
            {"page": "hours_page", "when": "job == 'some'", "questions": [self.ask("number", "hours", **{"from": 0, "to": 40})]},
            {
                "page": "opinions",
                "questions": [
                    self.ask(
                        "grid",
                        "opinion",
                        scale="agree",
                        does_not_apply=self.say("Not for me"),
                        when="path == 'bol' or level in [2, 3]",
                        items={**self.options(*self.pick(v1=["good"], v2=["nice"])), "busy": busy},
                    ),
                    self.ask("multiple", "why", options=why, **unsure),
                ],
            },
        ]

    def work_pages(self) -> list[Yaml]:
        rest = {"text": self.say("Rest"), "when": "path == 'bol'"}
        liked = {"scale": "agree", "items": {"rest": rest}, "items_from": "clubs", "when": "'work' in why or tired != 'no'"}
        best = {"options_from": "clubs", "options": self.options(none_={"namely": True})}
        moods = self.options("glad", sad={"when": "language == 'en'"}, odd={"when": "hours < 10 and busy >= 3"})
        return [
            {
                "page": "clubs_seen",
                "when": self.pick(v1="loaded", v2="loaded or tired == 'yes'"),
                "questions": [self.ask("grid", "liked", **liked), self.ask("choice", "best", **best)],
            },
            {
                "page": "choir_page",
                "when": "liked_choir >= 3",
                "questions": [self.ask("open", "choir_why"), self.ask("date", "since_when")],
            },
            {"page": "idle_page", "when": "idle", "questions": [self.ask("mark", "rested", **self.pick(v1={}, v2=self.marks(0, 5)))]},
            {
                "page": "spoken",
                "when": "language != 'easy'",
                "questions": [
                    self.ask("choice", "mood", options=moods),
                    self.ask("mark", "accent", when="language == 'en'"),
                    self.ask("consent", "agree_to", version=self.number, parts={
                        "use": self.say("Use"), "quote": {"text": self.say("Quote"), "when": "job == 'other'"},
                    }),
                ],
            },
        ]  # fmt: skip

    def closing_pages(self) -> list[Yaml]:
        """Pages that depend on an answer that the easy variant does not ask, or on its absence."""
        mix = self.options("always", then={"when": "accent >= 4"}, now={"when": "not answered(accent)", "namely": True})
        calm = self.options("calm", shy={"when": "accent >= 4"})
        views = self.options(view_one={"when": "accent >= 4"}, view_two={"when": "'dk' in why or tired == 'na'"})
        pages = [
            self.ask("yes_no", "dep", when="accent >= 4"),
            self.ask("yes_no", "neg", when="not answered(accent)"),
            self.ask("multiple", "mix", options=mix),
            self.ask("choice", "pick", options=self.options("one", two={"when": "accent >= 4"})),
            self.ask("grid", "feel", scale="agree", items=calm),
            self.ask("grid", "views", items=views, comment=self.say("More?"), **self.marks(0, 10)),
            self.ask("open", "said", when="accent >= 4"),
        ]
        late = {"page": "late_page", "when": "accent >= 4 or dep == 'yes'", "questions": [self.ask("mark", "late")]}
        mixed = self.number > 1
        return [
            {"page": "ending", "fixed": mixed, "random_order": mixed, "questions": pages},
            late,
            {"page": "end", "questions": [self.ask("open", "words")]},
        ]

    def modules(self) -> dict[str, Yaml]:
        names = self.pick(v1=["art", "law"], v2=["art", "law", "tea"], v3=["art", "tea"])
        found = {}
        for name in names:
            marks = [self.ask("mark", f"mark_{name}", when="use == 'yes'"), self.ask("open", f"words_{name}")]
            then = {"page": f"{name}_more", "when": f"mark_{name} <= 5", "questions": [self.ask("yes_no", f"again_{name}")]}
            extra = [{"page": f"{name}_{part}", "questions": [self.ask("mark", f"{name}_{part}_mark")]} for part in ("a", "b")]
            mixed = {
                "module": name,
                "random_order": True,
                "pages": [extra[0], {"page": f"{name}_page", "questions": marks}, extra[1]],
            }
            found[name] = self.pick(v1={"module": name, "pages": [{"page": f"{name}_page", "questions": marks}, then]}, v3=mixed)
        return found

    def institution(self, code: str) -> Yaml:
        clubs = {"north": ["chess", "choir"], "south": ["choir", "run"], "west": ["chess", "run"], "east": ["choir", "swim"]}[
            code
        ]
        if (code, self.number) == ("south", 3):
            clubs = ["swim", "choir"]
        pages = [{"page": f"{code}_page", "questions": [{"bank": "week"}, {"bank": "met"}]}]
        if code in ("south", "west"):
            then = self.ask("grid", f"{code}_grid", scale="agree", items=self.options(f"{code}_calm"), when="week >= 6")
            club = "choir" if code == "south" else "chess"
            pages.append({"page": f"{code}_more", "when": f"'{club}' in met", "questions": [then]})
        return {
            "institution": code,
            "name": code.title(),
            "languages": ["en", "easy"] if code == "south" else list(self.languages),
            "lists": {"clubs": {club: self.say(f"{club} at {code}") for club in clubs}},
            "modules": {"council": ["art"]} if code != "south" else {"council": ["tea" if self.number > 1 else "law"]},
            "blocks": [
                {"theme": "art", "when": "path == 'bol'"},
                {"theme": "art", "when": "level >= 2 and path != 'bol'"},
                {"when": "answered(programme)", "pages": [{"page": f"{code}_block", "questions": [self.ask("number", f"{code}_n", to=9)]}]},
            ],
            "own_questions": {"pages": pages},
        }  # fmt: skip
