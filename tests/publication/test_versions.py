"""Versions of a questionnaire are kept as published and distinct from later changes."""

from __future__ import annotations

import io
import resource
import shutil
from contextlib import suppress
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.publication.archives import pack
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.versions import (
    OvertakenError,
    ReusedCodesError,
    RewordedTextsError,
    StoredVersionError,
    compile_stored,
    import_published,
    pack_version,
    publish,
    read_version,
    read_versions,
)
from survey_engine.storage.answers import start_response
from survey_engine.storage.database import Database
from survey_engine.storage.versions import load_version, map_versions, publish_compared, read_service, store_version
from tests import ROOT
from tests.faults.scenarios.disks import fill, small_disk

TEXT = """\
questionnaire: short
title: {en: Short, nl: Kort}
source_language: en
languages: {en: {name: English}, nl: {name: Nederlands}}
contact: {en: Ask., nl: Vraag.}
order: [{group: main, sections: [main]}]
"""
SECTION = """\
section: main
title: {en: Main, nl: Hoofd}
pages:
  - page: job
    questions: [{open: job, text: What is your job?}]
"""
CATALOGUE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgctxt "job"
msgid "What is your job?"
msgstr "%s"
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "questionnaires" / "short"
    folder.mkdir(parents=True)
    (folder / "questionnaire.yaml").write_text(TEXT)
    (folder / "main.yaml").write_text(SECTION)
    (folder / "demo.yaml").write_text("institution: demo\nname: Demo\n")
    write_catalogue(tmp_path, "Wat is je werk?")
    return folder


def write_catalogue(tmp_path, wording, source="your job?"):
    path = tmp_path / "translations" / "nl" / "LC_MESSAGES" / "short.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((CATALOGUE % wording).replace("your job?", source))


@pytest.fixture
def answers(database_url):
    database = Database(database_url, "answers")
    with database.write() as connection:
        connection.execute(text("DELETE FROM service"))
        connection.execute(text("DELETE FROM questionnaire_version"))
        connection.execute(text("DELETE FROM response"))
    yield database
    database.close()


@pytest.fixture
def publish_short(tmp_path, answers):
    def publish_with(confirm=None):
        return publish(tmp_path / "questionnaires" / "short", tmp_path / "translations", answers, confirm)

    return publish_with


def change_stored(answers, **columns):
    with answers.write() as connection:
        for name, value in columns.items():
            connection.execute(text(f"UPDATE questionnaire_version SET {name} = :value"), {"value": value})


def test_the_first_published_version_has_no_previous_one(folder, publish_short, answers):
    old, new = publish_short()
    assert old is None and read_service(answers) == {"short": new.version}
    assert set(read_versions(answers, "short")) == {new.version}


def test_an_edit_becomes_current_and_the_previous_version_stays(folder, tmp_path, publish_short, answers):
    _, first = publish_short()
    (folder / "main.yaml").write_text(SECTION.replace("job?", "other job?"))
    write_catalogue(tmp_path, "Wat is je andere werk?", source="your other job?")
    old, second = publish_short()
    assert old.version == first.version != second.version
    assert read_service(answers) == {"short": second.version}
    kept = read_versions(answers, "short")
    assert kept[first.version].variables["job"].text.wording["nl"] == "Wat is je werk?"
    assert kept[second.version].variables["job"].text.wording["nl"] == "Wat is je andere werk?"


def test_shipped_interface_texts_are_stored_with_a_version(folder, publish_short, answers):
    _, new = publish_short()
    files = load_version(answers, "short", new.version).files
    names = {name.removeprefix("translations/nl/LC_MESSAGES/") for name in ZipFile(io.BytesIO(files)).namelist()}
    assert {"short.po", "interface.po"} <= names


def test_another_wording_in_a_catalogue_is_another_version(folder, tmp_path, publish_short):
    _, first = publish_short()
    write_catalogue(tmp_path, "Wat doe je?")
    _, second = publish_short()
    assert first.version != second.version


def test_publishing_twice_is_publishing_once(folder, publish_short, answers):
    _, first = publish_short()
    old, again = publish_short()
    assert old.version == first.version == again.version
    assert map_versions(answers) == {"short": [first.version]}


def test_an_earlier_version_can_be_published_again(folder, publish_short, answers):
    _, first = publish_short()
    (folder / "demo.yaml").write_text("institution: demo\nname: Another name\n")
    publish_short()
    (folder / "demo.yaml").write_text("institution: demo\nname: Demo\n")
    publish_short()
    assert read_service(answers) == {"short": first.version}


@pytest.mark.parametrize("section", ["section: main\n", SECTION.replace("open: job", "open: 'x y'")])
def test_a_broken_questionnaire_is_not_published(folder, publish_short, answers, section):
    _, first = publish_short()
    (folder / "main.yaml").write_text(section)
    with pytest.raises(BrokenQuestionnaireError):
        publish_short()
    assert read_service(answers) == {"short": first.version}


def test_a_folder_of_another_name_is_not_published(folder, tmp_path, answers):
    other = folder.rename(folder.with_name("long"))
    with pytest.raises(BrokenQuestionnaireError, match="Give both the same name"):
        publish(other, tmp_path / "translations", answers)


def test_a_version_whose_files_were_changed_is_refused(folder, tmp_path, publish_short, answers):
    _, first = publish_short()
    (folder / "demo.yaml").write_text("institution: demo\nname: Changed\n")
    other = compile_questionnaire(folder, tmp_path / "translations")
    change_stored(answers, files=pack(other, folder, [tmp_path / "translations"]))
    with pytest.raises(StoredVersionError, match="is damaged"):
        read_version(answers, "short", first.version)


@pytest.mark.parametrize("files", [b"", b"no archive", b"PK\x03\x04cut"])
def test_a_damaged_version_is_refused(folder, publish_short, answers, files):
    _, first = publish_short()
    change_stored(answers, files=files)
    with pytest.raises(StoredVersionError, match="is damaged"):
        read_version(answers, "short", first.version)


def test_a_version_is_read_while_the_temporary_folder_is_full(folder, publish_short, answers, monkeypatch):
    _, first = publish_short()
    with small_disk(1) as disk:
        fill(disk)
        monkeypatch.setattr("tempfile.tempdir", str(disk))
        assert read_version(answers, "short", first.version).version == first.version


def test_a_version_that_cannot_be_unpacked_is_not_called_damaged(folder, publish_short, answers):
    """No file may grow: the temporary folder and the one in memory are as good as full."""
    stored = load_version(answers, "short", publish_short()[1].version)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(StoredVersionError, match="cannot be unpacked into a temporary folder"):
            compile_stored(stored)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_flipped_bit_damages_a_version_or_changes_nothing(folder, publish_short, answers):
    version = publish_short()[1].version
    stored = load_version(answers, "short", version)
    for place in range(0, len(stored.files), 11):
        flipped = bytearray(stored.files)
        flipped[place] ^= 1 << place % 8
        with suppress(StoredVersionError):
            assert compile_stored(stored._replace(files=bytes(flipped))).version == version


def test_a_version_that_this_program_reads_differently_is_refused(folder, publish_short, answers):
    _, first = publish_short()
    change_stored(answers, digest="0" * 64)
    with pytest.raises(StoredVersionError, match="Serve it with the earlier program"):
        read_version(answers, "short", first.version)


def test_a_missing_version_is_refused(answers):
    with pytest.raises(StoredVersionError, match="0123456789abcdef of short is not stored"):
        read_version(answers, "short", "0123456789abcdef")


def test_versions_in_folders_of_the_earlier_program_are_stored(folder, tmp_path, answers):
    current = compile_questionnaire(folder, tmp_path / "translations").version
    home = tmp_path / "published" / "short" / current
    shutil.copytree(folder, home / "questionnaires" / "short")
    shutil.copytree(tmp_path / "translations", home / "translations")
    shutil.copytree(home, home.with_name("0123456789abcdef"))  # its files do not have this digest
    (tmp_path / "published" / "short" / "current").write_text(current + "\n")
    for _ in range(2):
        import_published(tmp_path / "published", answers)
        assert map_versions(answers) == {"short": [current]} and read_service(answers) == {"short": current}


# Comparison with stored versions ---------------------------------------------------------------------------------------


def exchange(text, one, other):
    return text.replace(one, "@").replace(other, one).replace("@", other)


def write_question(folder, question):
    """Write the only question, with equal wordings in both languages."""
    (folder / "main.yaml").write_text(
        "section: main\ntitle: {en: Main, nl: Hoofd}\npages:\n  - page: job\n    questions:\n"
        + "".join(f"      {line}\n" for line in question.splitlines())
    )


def serve(folder, tmp_path, answers):
    """Serve a folder that was never published, as a server does."""
    questionnaire = compile_questionnaire(folder, tmp_path / "translations")
    store_version(answers, pack_version(questionnaire, folder, tmp_path / "translations"))
    return questionnaire


def answer(answers, version):
    """Store a response with this version."""
    start_response(
        answers,
        questionnaire="short",
        version=version,
        institution="demo",
        language="en",
        background={},
        pseudonym=None,
        abandoned_hours=1,
        assign=lambda counts: (),
    )


def test_a_served_version_is_compared_at_the_first_publication(folder, tmp_path, publish_short, answers):
    serve(folder, tmp_path, answers)
    (folder / "demo.yaml").write_text("institution: demo\nname: Newer\n")
    served = serve(folder, tmp_path, answers)
    write_catalogue(tmp_path, "Wat doe je?")
    old, new = publish_short()
    assert old.version == served.version != new.version


SAID = "  text: {en: Job?, nl: Werk?}"
NUMBER = f"- number: job\n{SAID}\n  to: 9"
CHOICE = f"- choice: job\n{SAID}\n  options: {{a: {{en: By train, nl: Trein}}, b: {{en: On foot, nl: Te voet}}}}"
SCALE = f"- choice: job\n{SAID}\n  options: {{1: {{en: Very bad, nl: Heel slecht}}, 2: {{en: Very good, nl: Heel goed}}}}"
GRID = f"""\
- grid: views
{SAID}
  options: {{1: {{en: Low, nl: Laag}}, 2: {{en: High, nl: Hoog}}}}
  items: {{fun: {{en: Fun, nl: Leuk}}, calm: {{en: Calm, nl: Rustig}}}}"""
SWAPPED = GRID.replace("Fun, nl: Leuk", "@").replace("Calm, nl: Rustig", "Fun, nl: Leuk").replace("@", "Calm, nl: Rustig")
CONSENT = f"- consent: use\n{SAID}\n  version: 1\n  parts: {{share: {{en: Share them, nl: Delen}}}}"
WEEK = "- number: week\n  text: {en: Days?, nl: Week?}\n  to: 7"
MONTH = "- number: walk\n  text: {en: How far a month?, nl: Hoe ver?}\n  to: 50"
WALK = f"- number: walk\n{SAID}\n  to: 50\n  unit: {{en: km, nl: km}}"
REVERSED = GRID.replace("fun: {en: Fun, nl: Leuk}", "fun: {text: {en: Fun, nl: Leuk}, reverse: true}")
MARK = f"""\
- mark: job
{SAID}
  from_label: {{en: Never, nl: Nooit}}
  to_label: {{en: Always, nl: Altijd}}"""
PARTS = CONSENT.replace("parts: {", "parts: {quote: {en: Quote them, nl: Citeren}, ")
RETYPED = "was of type {} in version [0-9a-f]+ and is of type {} here. Give it another code"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (NUMBER, f"- date: job\n{SAID}", RETYPED.format("number", "date")),
        (CHOICE, f"- open: job\n{SAID}", RETYPED.format("choice", "open")),
        (CHOICE, CHOICE.replace("choice", "multiple"), RETYPED.format("choice", "multiple")),
        (NUMBER, SCALE, RETYPED.format("number", "choice")),
        (CHOICE, f"- yes_no: job\n{SAID}", RETYPED.format("choice", "yes_no")),
        (CHOICE, CHOICE.replace("b:", "c:"), "The code of “On foot” of 'job' was b in version .* and is c here"),
        (SCALE, SCALE.replace("2:", "3:"), "The code of “Very good” of 'job' was 2 in version .* and is 3 here"),
        (GRID, SWAPPED, "'fun' asked something else in version .*“Fun”"),
        (CONSENT, CONSENT.replace("Delen", "Verkopen"), "'share' in nl differs from version .* still 1. Raise the `version`"),
        (SCALE, exchange(SCALE, "bad", "good"), "Option 1, 2 of 'job' meant something else"),
        (
            SCALE,
            exchange(SCALE, "slecht", "goed"),
            "Option 1, 2 of 'job' meant something else in version .*: “Heel slecht”, “Heel goed”",
        ),
        (
            CHOICE,
            exchange(CHOICE, "Trein", "Te voet"),
            "Option a, b of 'job' meant something else in version .*: “Trein”, “Te voet”",
        ),
        (MARK, exchange(MARK, "Nooit", "Altijd"), "Option 1, 10 of 'job' meant something else in version .*: “Nooit”, “Altijd”"),
        (GRID, exchange(GRID, "Leuk", "Rustig"), "'fun' asked something else in version .*“Leuk”"),
        (f"{NUMBER}\n{WEEK}", exchange(f"{NUMBER}\n{WEEK}", "Werk?", "Week?"), "'week' asked something else in .*“Week[?]”"),
        (PARTS, exchange(PARTS, "Citeren", "Delen").replace("version: 1", "version: 2"), "'share' asked .*“Delen”"),
        (WALK, WALK.replace("en: km", "en: m"), "'walk' was in “km” in version [0-9a-f]+, and is in “m” here.*another code"),
        (MONTH, MONTH.replace("month", "year"), "'walk' was in “month” in version .* and is in “year” here"),
        (NUMBER, NUMBER.replace("to: 9", "from: 1\n  to: 10"), "'job' was from 0 to 9 in version .* from 1 to 10 here"),
        (GRID, REVERSED, "'fun' did not have `reverse` in version"),
    ],
    ids=[
        *("number to date", "choice to open", "one to several", "number to scale", "choice to yes or no"),
        *("another code of an option", "another code of a point", "statements swapped", "consent reworded", "options swapped"),
        *("translated points swapped", "translated options swapped", "translated ends of a mark swapped"),
        *("translated statements swapped", "translated questions swapped", "translated parts of a consent swapped"),
        *("another unit", "another period", "a moved range", "a reversed statement"),
    ],
)
def test_a_code_with_a_new_meaning_is_not_published(folder, publish_short, answers, before, now, said):
    write_question(folder, before)
    _, first = publish_short()
    write_question(folder, now)
    with pytest.raises(ReusedCodesError, match=said):
        publish_short()
    assert read_service(answers) == {"short": first.version}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (CHOICE, CHOICE.replace("By train", "By trains")),
        (CONSENT, CONSENT.replace("Delen", "Verkopen").replace("version: 1", "version: 2")),
        (GRID, GRID.replace("Fun", "Funny")),
        (CHOICE, CHOICE.replace("b: {en: On foot, nl: Te voet}", "c: {en: By boat, nl: Boot}")),
        (CHOICE, CHOICE.replace("choice: job", "open: other").split("\n  options")[0]),
        (NUMBER, NUMBER.replace("9", "99")),
        (f"- mark: job\n{SAID}", NUMBER),
        (CHOICE, CHOICE.replace("Te voet", "Lopend")),
        (GRID, GRID.replace("fun: {en: Fun, nl: Leuk}, ", "").replace("Rustig", "Leuk")),
        (GRID, exchange(GRID, "fun: {en: Fun, nl: Leuk}", "calm: {en: Calm, nl: Rustig}")),
        (WALK, WALK.replace("en: km", "en: kilometres").replace("50", "90")),
        (WALK, WALK.replace("Job?", "'**Job**?'")),
    ],
    ids=[
        *("a letter", "version of a consent", "a statement", "another option", "another code", "another bound", "numbers"),
        *("a translated option", "the translation of a statement that is gone", "order", "a unit spelt out", "bold"),
    ],
)
def test_a_code_that_keeps_its_meaning_is_published(folder, publish_short, answers, before, now):
    write_question(folder, before)
    publish_short()
    write_question(folder, now)
    _, second = publish_short()
    assert read_service(answers) == {"short": second.version}


def test_a_code_absent_from_one_version_keeps_its_meaning(folder, publish_short, answers):
    write_question(folder, NUMBER)
    _, first = publish_short()
    answer(answers, first.version)
    write_question(folder, NUMBER.replace("job", "week"))
    publish_short()
    write_question(folder, f"- date: job\n{SAID}")
    with pytest.raises(ReusedCodesError, match=f"version {first.version}"):
        publish_short()


def test_a_version_of_a_consent_has_one_text_in_all_versions(folder, publish_short, answers):
    for question in (CONSENT, CONSENT.replace("Share", "Sell").replace("version: 1", "version: 2")):
        write_question(folder, question)
        answer(answers, publish_short()[1].version)
    write_question(folder, CONSENT.replace("Share", "Give"))
    with pytest.raises(ReusedCodesError, match=r"'share' in en differs from version .* still 1"):
        publish_short()


def test_an_option_is_compared_with_the_newest_version_that_has_it(folder, tmp_path, publish_short, answers):
    write_question(folder, CHOICE)
    answer(answers, publish_short()[1].version)
    write_question(folder, CHOICE.replace("b:", "c:"))
    recoded = compile_questionnaire(folder, tmp_path / "translations")
    store_version(answers, pack_version(recoded, folder, tmp_path / "translations"), publish=True)
    write_question(folder, CHOICE.replace("b:", "c:").replace("a: {en: By train, nl: Trein}, ", ""))
    assert publish_short()[0].version == recoded.version


def test_a_served_question_without_answers_may_change_its_type(folder, tmp_path, publish_short, answers):
    write_question(folder, NUMBER)
    served = serve(folder, tmp_path, answers)
    write_question(folder, f"- date: job\n{SAID}")
    assert publish_short()[0].version == served.version


def test_a_served_question_with_answers_keeps_its_type(folder, tmp_path, publish_short, answers):
    write_question(folder, NUMBER)
    answer(answers, serve(folder, tmp_path, answers).version)
    write_question(folder, f"- date: job\n{SAID}")
    with pytest.raises(ReusedCodesError):
        publish_short()


def test_a_background_variable_keeps_its_type(folder, publish_short):
    head = TEXT + "background:\n  level: {text: {en: Level, nl: Niveau}, from: 1, to: 4}\n"
    (folder / "questionnaire.yaml").write_text(head)
    publish_short()
    (folder / "questionnaire.yaml").write_text(head.replace("from: 1, to: 4", "open: true"))
    with pytest.raises(ReusedCodesError, match="'level' was of type number"):
        publish_short()


FORM = "background:\n  form: {text: {en: Form, nl: Vorm}, options: {full: {en: Full-time, nl: Heel}, part: {en: Part-time, nl: Half}}}\n"
LEVEL = "background:\n  level: {text: {en: Level, nl: Niveau}, from: 1, to: 4}\n"
TWO = LEVEL + "  year: {text: {en: Year, nl: Jaar}, from: 1, to: 4}\n"
MEAN = "derived: {view: {mean: [fun, calm]}}\n"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (
            FORM,
            exchange(FORM, "Full-time", "Part-time"),
            "Option full, part of 'form' meant something else in version .*“Full-time”",
        ),
        (FORM, exchange(FORM, "Heel", "Half"), "Option full, part of 'form' meant something else in version .*“Heel”"),
        (FORM, FORM.replace("part:", "parttime:"), "'form' was part for “Part-time” in version .* is parttime for it here"),
        (LEVEL, LEVEL.replace("from: 1, to: 4", "from: 0, to: 3"), "'level' was from 1 to 4 in version .* from 0 to 3 here"),
        (TWO, exchange(TWO, "Niveau", "Jaar"), "'level' asked something else in version .*“Niveau”"),
        (MEAN, MEAN.replace("mean", "sum"), "'view' was mean of fun, calm in version .*, and is sum of fun, calm here"),
        (MEAN, MEAN.replace("fun, ", ""), "'view' was mean of fun, calm in version .*, and is mean of calm here"),
    ],
    ids=[
        *("labels swapped", "translated labels swapped", "another code of a label", "a moved range", "translated texts swapped"),
        *("another computation", "other parts"),
    ],
)
def test_a_definition_with_a_new_meaning_is_not_published(folder, publish_short, before, now, said):
    write_question(folder, GRID)
    (folder / "questionnaire.yaml").write_text(TEXT + before)
    publish_short()
    (folder / "questionnaire.yaml").write_text(TEXT + now)
    with pytest.raises(ReusedCodesError, match=said):
        publish_short()


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (LEVEL, LEVEL.replace("to: 4", "to: 6")),
        (FORM, FORM.replace("Part-time", "Part time")),
        (FORM, FORM.replace("}}}", "}, dual: {en: Dual, nl: Duaal}}}")),
        (MEAN, MEAN.replace("fun, calm", "calm, fun")),
    ],
    ids=["a wider range", "a letter", "another label", "order"],
)
def test_a_definition_that_keeps_its_meaning_is_published(folder, publish_short, before, now):
    write_question(folder, GRID)
    (folder / "questionnaire.yaml").write_text(TEXT + before)
    _, first = publish_short()
    (folder / "questionnaire.yaml").write_text(TEXT + now)
    assert publish_short()[1].version != first.version


def test_labels_in_a_former_source_language_are_not_exchanged(folder, publish_short):
    write_question(folder, CHOICE)
    publish_short()
    write_question(folder, exchange(CHOICE, "By train", "On foot"))
    (folder / "questionnaire.yaml").write_text(TEXT.replace("source_language: en", "source_language: nl"))
    with pytest.raises(ReusedCodesError, match=r"Option a, b of 'job'.*“By train”"):
        publish_short()


def test_institutions_may_give_the_codes_of_their_own_lists_any_meaning(folder, publish_short, answers):
    write_question(folder, f"- choice: job\n{SAID}\n  options_from: clubs")
    (folder / "demo.yaml").write_text("institution: demo\nname: Demo\nlists: {clubs: {a: {en: Chess, nl: Schaak}}}\n")
    publish_short()
    (folder / "new.yaml").write_text("institution: new\nname: New\nlists: {clubs: {a: {en: Football, nl: Voetbal}}}\n")
    publish_short()
    answer(answers, publish_short()[1].version)
    (folder / "demo.yaml").write_text("institution: demo\nname: Demo\nlists: {clubs: {a: {en: Judo, nl: Judo}}}\n")
    with pytest.raises(RewordedTextsError) as refused:
        publish_short()
    assert [(each.language, each.was, each.now) for each in refused.value.doubts] == [
        ("en", "Chess", "Judo"),
        ("nl", "Schaak", "Judo"),
    ]


def test_other_words_of_answered_codes_are_published_once_confirmed(folder, publish_short, answers):
    write_question(folder, CHOICE)
    _, first = publish_short()
    answer(answers, first.version)
    for word in ("By tram", "In a tram or a bus", "By bus"):  # each step is shown, although little changes in it
        write_question(folder, CHOICE.replace("By train", word))
        for confirm in (None, lambda rewordings: False):
            with pytest.raises(RewordedTextsError) as refused:
                publish_short(confirm)
            assert [(each.codes, each.now) for each in refused.value.doubts] == [(("option a of job",), word)]
        assert read_service(answers) == {"short": first.version}
        _, first = publish_short(lambda rewordings: True)
        assert read_service(answers) == {"short": first.version} == {"short": publish_short()[1].version}


def test_two_texts_are_not_exchanged_in_several_steps_either(folder, publish_short, answers):
    write_question(folder, CHOICE)
    answer(answers, publish_short()[1].version)
    steps = [CHOICE.replace("By train", "By rail"), CHOICE.replace("By train", "By rail").replace("On foot", "By train")]
    write_question(folder, steps[0])
    answer(answers, publish_short(lambda rewordings: True)[1].version)
    write_question(folder, steps[1])
    with pytest.raises(ReusedCodesError, match=r"Option b of 'job' meant something else in version .*“On foot”"):
        publish_short(lambda rewordings: True)
    write_question(folder, CHOICE)  # back to the first words
    assert publish_short(lambda rewordings: True)[1]


def test_a_label_does_not_get_another_code_by_standing_under_both(folder, publish_short, answers):
    write_question(folder, CHOICE)
    answer(answers, publish_short()[1].version)
    both = CHOICE.replace("options: {", "options: {c: {en: By train, nl: Trein}, ")
    write_question(folder, both)
    with pytest.raises(RewordedTextsError, match="“a: By train” → “a: By train · c: By train”"):
        publish_short()
    answer(answers, publish_short(lambda doubts: True)[1].version)
    write_question(folder, both.replace("a: {en: By train, nl: Trein}, ", ""))
    with pytest.raises(ReusedCodesError, match=r"The code of “By train” of 'job' was a in version .* and is c here"):
        publish_short(lambda rewordings: True)


def test_texts_of_the_interface_keep_the_meaning_of_answers(folder, tmp_path, publish_short, answers):
    write_question(folder, f"- yes_no: job\n{SAID}")
    answer(answers, publish_short()[1].version)
    shipped = (ROOT / "translations" / "nl" / "LC_MESSAGES" / "interface.po").read_text()
    path = tmp_path / "translations" / "nl" / "LC_MESSAGES" / "interface.po"
    exchanged = shipped.replace('msgstr "Ja"', "YES").replace('msgstr "Nee"', 'msgstr "Ja"').replace("YES", 'msgstr "Nee"')
    path.write_text(exchanged)
    with pytest.raises(ReusedCodesError, match="Option yes, no of 'job' meant something else in version"):
        publish_short(lambda rewordings: True)
    path.write_text(shipped.replace('msgstr "Ja"', 'msgstr "Soms"'))
    with pytest.raises(RewordedTextsError, match="“Ja” → “Soms”"):
        publish_short()


def test_a_part_of_a_consent_keeps_its_text_in_another_question(folder, publish_short, answers):
    write_question(folder, CONSENT)
    answer(answers, publish_short()[1].version)
    write_question(folder, CONSENT.replace("consent: use", "consent: permit").replace("Job?", "Do you object?"))
    with pytest.raises(ReusedCodesError, match=r"'share' in en differs from version .* still 1. Raise the `version`"):
        publish_short(lambda rewordings: True)


def test_files_saved_while_a_person_is_asked_are_not_published(folder, publish_short, answers):
    write_question(folder, CHOICE)
    answer(answers, publish_short()[1].version)
    write_question(folder, CHOICE.replace("By train", "By rail"))

    def save(rewordings):
        write_question(folder, CHOICE.replace("By train", "By boat"))
        return True

    _, new = publish_short(save)
    (question,) = read_version(answers, "short", new.version).sections["main"].pages[0].questions
    assert question.options[0].text.wording["en"] == "By rail"


@pytest.mark.parametrize("answered", [True, False])
def test_a_version_that_nobody_compared_with_stops_a_publication(folder, tmp_path, publish_short, answers, answered):
    write_question(folder, CHOICE)
    answer(answers, publish_short()[1].version)
    write_question(folder, CHOICE.replace("By train", "By rail"))
    others = []

    def come_between(doubts):
        """Serve a version that has an answer, or publish one."""
        write_question(folder, CHOICE.replace("By train", "By boat"))
        others.append(serve(folder, tmp_path, answers).version if answered else publish_short(lambda doubts: True)[1].version)
        if answered:
            answer(answers, others[0])
        return True

    service = read_service(answers)
    with pytest.raises(OvertakenError, match="Publish again"):
        publish_short(come_between)
    assert read_service(answers) == (service if answered else {"short": others[0]})
    assert {*map_versions(answers)["short"]} == {*service.values(), *others}


def test_a_first_response_to_the_version_in_service_stops_no_publication(folder, publish_short, answers):
    """It was compared with that version, because an earlier one has responses."""
    write_question(folder, CHOICE)
    answer(answers, publish_short()[1].version)
    write_question(folder, CHOICE.replace("By train", "By rail"))
    served = publish_short(lambda doubts: True)[1].version
    write_question(folder, CHOICE.replace("By train", "By railway"))
    _, new = publish_short(lambda doubts: not answer(answers, served))
    assert read_service(answers) == {"short": new.version} != {"short": served}


def test_the_first_publication_is_stopped_by_another_one(folder, publish_short, answers):
    """Both find no version in service."""
    _, first = publish_short()
    stored = load_version(answers, "short", first.version)
    assert not publish_compared(answers, stored._replace(version="other"), None, [])
    assert read_service(answers) == {"short": first.version} and map_versions(answers) == {"short": [first.version]}
    assert publish_compared(answers, stored, None, [])


SPONSOR = CONSENT.replace("Share them, nl: Delen", "'For {sponsor}', nl: 'Voor {sponsor}'")


@pytest.mark.parametrize(
    ("now", "term"),
    [
        (f"{SPONSOR}\n  help: {{en: Also for sale., nl: Ook te koop.}}", "schools, nl: scholen"),
        (SPONSOR, "sponsors, nl: sponsors"),
    ],
    ids=["help", "a term"],
)
def test_help_and_terms_of_a_consent_belong_to_its_version(folder, publish_short, answers, now, term):
    write_question(folder, SPONSOR)
    head = (folder / "questionnaire.yaml").read_text()
    (folder / "questionnaire.yaml").write_text(head + "terms: {sponsor: {en: schools, nl: scholen}}\n")
    answer(answers, publish_short()[1].version)
    write_question(folder, now)
    (folder / "questionnaire.yaml").write_text(head + f"terms: {{sponsor: {{en: {term}}}}}\n")
    with pytest.raises(ReusedCodesError, match=r"'share' in .* differs from version .* still 1. Raise the `version`"):
        publish_short(lambda rewordings: True)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("en: mm, nl: mm", "en: cm, nl: mm"),
        ("en: mm, nl: mm", "en: mm or so, nl: mm"),
        ("en: euro a week, nl: euro", "en: euro a week or so, nl: euro"),
        ("en: kcal, nl: kcal", "en: cal, nl: cal"),
        ("en: km, nl: kilometer", "en: km, nl: hectometer"),
        ("en: km, nl: kilometer", "en: kilometres, nl: mijl"),
    ],
)
def test_other_units_of_answered_numbers_are_shown(folder, publish_short, answers, was, now):
    write_question(folder, WALK.replace("en: km, nl: km", was))
    answer(answers, publish_short()[1].version)
    write_question(folder, WALK.replace("en: km, nl: km", now))
    with pytest.raises(RewordedTextsError) as refused:
        publish_short()
    assert {each.codes for each in refused.value.doubts} == {("unit of walk",)}


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        (WALK, WALK.replace("\n  unit: {en: km, nl: km}", ""), {"unit of walk"}),
        (WALK, WALK.replace("to: 50", "from: 100\n  to: 9000"), {"range of walk"}),
        (WALK, WALK.replace("to: 50", "to: 9000"), set()),
        (WALK, WALK.replace("en: km", "en: Kilometres"), set()),
    ],
)
def test_a_missing_unit_and_a_moved_range_of_answered_numbers_are_shown(folder, publish_short, answers, was, now, shown):
    write_question(folder, was)
    answer(answers, publish_short()[1].version)
    write_question(folder, now)
    listed = set()

    def confirm(rewordings):
        listed.update(*(each.codes for each in rewordings))
        return True

    publish_short(confirm)
    assert listed == shown


def test_a_unit_of_another_rate_is_not_published(folder, publish_short, answers):
    write_question(folder, WALK.replace("en: km,", "en: euro per week,"))
    answer(answers, publish_short()[1].version)
    write_question(folder, WALK.replace("en: km,", "en: euro per month,"))
    with pytest.raises(ReusedCodesError, match="'walk' was in “euro per week”"):
        publish_short(lambda rewordings: True)


def test_a_question_does_not_become_a_derived_value(folder, publish_short, answers):
    write_question(folder, GRID)
    head = (folder / "questionnaire.yaml").read_text()
    (folder / "questionnaire.yaml").write_text(head + "derived: {view: {mean: [fun, calm]}}\n")
    publish_short()
    (folder / "questionnaire.yaml").write_text(head)
    write_question(folder, f"{GRID}\n- number: view\n{SAID}\n  to: 9")
    with pytest.raises(ReusedCodesError, match=r"'view' was of type derived value in version .* and is of type number here"):
        publish_short()


def test_other_words_that_nobody_has_answered_are_published(folder, publish_short, answers):
    write_question(folder, CHOICE)
    publish_short()
    write_question(folder, CHOICE.replace("By train", "My own scooter"))
    _, second = publish_short()
    assert read_service(answers) == {"short": second.version}


def test_publishing_the_same_files_repairs_a_damaged_version(folder, publish_short, answers):
    _, first = publish_short()
    change_stored(answers, files=b"")
    publish_short()
    assert read_version(answers, "short", first.version).version == first.version
