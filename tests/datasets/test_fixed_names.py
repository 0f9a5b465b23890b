"""A variable that is called like a fixed column changes nothing in what is computed from the fixed one. Two names are reserved."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.datasets.benchmark import measure_benchmark, measure_shares
from survey_engine.datasets.experiments import list_experiments, measure_effects, measure_items
from survey_engine.datasets.quality import flag_responses, measure_quality, report_rules
from survey_engine.datasets.reading import Responses, read_frame
from survey_engine.datasets.scores import compute_scores, read_weights, summarise_clusters
from survey_engine.datasets.table_suppression import Grouping
from survey_engine.datasets.usage import count_modules, count_values
from survey_engine.model.variables import RESPONSE_COLUMNS
from survey_engine.settings import GroupSizes
from tests.databases import open_sqlite
from tests.datasets.filling import HEAD, MAIN, Store, write_example

PLACES = ("north", "south", "east", "west")
GROUPING = Grouping(sizes=GroupSizes(least_group=1))
QUESTION = "      - number: {}\n        text: {{en: How many?, easy: How many?}}\n        from: 1\n        to: 9\n"


def export(folder: Path, *, question: str = "amount", background: str = "note") -> Responses:
    """Export responses of four institutions to a questionnaire with a question and background of these names."""
    main = MAIN.replace("  - page: words\n    questions:\n", f"  - page: words\n    questions:\n{QUESTION.format(question)}")
    head = HEAD.replace("background:\n", f"background:\n  {background}: {{text: {{en: Note, easy: Note}}, open: true}}\n")
    more = (
        f"institution: {place}\nname: {place}\nlists: {{clubs: {{choir: {{en: Choir, easy: Choir}}}}}}\n" for place in PLACES[2:]
    )
    database = open_sqlite(folder / "answers.db")
    store = Store(database, write_example(folder / "q", *more, main=main, head=head))
    for number, place in enumerate(PLACES * 3):
        id = store.start(place, progress_share=100 * (number % 2), **{background: "x"})
        store.save(id, "start", job="some", paradata="1 20 0 0")
        store.save(id, "opinions", good=number % 3 + 1, busy=number % 2 + 1)
        store.save(id, "words", complete=number % 4 > 0, **{question: 1 + number % 9})
    store.export(folder / "out", formats=["parquet"])
    database.close()
    return read_frame(folder / "out")


def compute(data: Responses, folder: Path) -> list[object]:
    """Compute every table, without the numbers of respondents, which are random."""
    folder.joinpath("weights.csv").write_text(data.select_respondents().with_columns(weight=2).write_csv())
    quality = measure_quality(data)
    tables = [compute_scores(data), summarise_clusters(data, GROUPING), quality, report_rules(data, flag_responses(quality))]
    tables += [count_modules(data, 1), measure_benchmark(data, GROUPING), measure_shares(data, GROUPING)]
    tables += [count_values(data, name, least=1).rename({data.find_fixed(name): name}) for name in ("language", "channel")]
    rows = [sorted(map(str, table.drop("respondent", strict=False).rows())) for table in tables]
    bars = list_experiments(data)
    effects = [effect for bar in bars for effect in (*measure_effects(data, bar, 1), *measure_items(data, bar, GROUPING)[1])]
    assert set(compute_scores(data)["respondent"]) == set(data.paradata["respondent"])
    return [*rows, len(bars), effects, sum(read_weights(data, folder / "weights.csv")), data.find_only_institution()]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    folder = tmp_path_factory.mktemp("expected")
    return compute(export(folder), folder)


@pytest.mark.parametrize("kind", ["question", "background"])
@pytest.mark.parametrize("name", [name for name in RESPONSE_COLUMNS if name not in ("institution", "language")])
def test_a_variable_called_like_a_fixed_column_changes_no_figure(
    tmp_path: Path, expected: list[object], name: str, kind: str
) -> None:
    assert compute(export(tmp_path, **{kind: name}), tmp_path) == expected
