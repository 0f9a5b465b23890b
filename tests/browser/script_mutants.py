"""Plants mistakes in the respondent's scripts, one at a time, and prints which the script's tests do not notice.

Run as `python -m tests.browser.script_mutants [--some 20] [part of a mistake …]`: each mistake is planted in a copy of the project.
Outcomes are kept in `mutants/script.json`: a run tries what no earlier one has stopped. Delete it to try all again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Lock

import click

from survey_engine.settings import ROOT

TESTS = [
    f"tests/browser/test_{name}.py"
    for name in (
        "save_states",
        "conflict",
        "folding",
        "moving",
        "paradata",
        "taps",
        "taps_between_documents",
        "status",
        "scripts",
        "weight",
        "saving",
        "reloads",
        "back_and_forward",
        "unsaved",
        "languages",
        "shared_device",
    )
]
COPIED = ("static", "survey_engine", "templates", "tests", "translations", "questionnaires", "pyproject.toml", "README.md")
PROCESSES = 2
KEPT = ROOT / "mutants" / "script.json"
PLANTED = {
    "save_states": [
        # what counts as saved
        ('{ 204: "saved", 409', '{ 204: "saved", 200: "saved", 409'),
        ('409: "conflict", ', ""),
        ('413: "long", ', ""),
        (', 422: "faulty" }', " }"),
        ("status > 399 && status < 500", "status > 400 && status < 500"),
        ("status > 399 && status < 500", "status > 399 && status < 501"),
        ("![408, 425, 429]", "![408, 425]"),
        ("![408, 425, 429]", "![425, 429]"),
        # the machine
        ('if (is("idle")) enter("dirty", typing)', 'if (is("idle")) enter("dirty", BATCH)'),
        ('if (is("idle")) enter("dirty", typing)', 'if (is("idle")) enter("dirty", 0)'),
        ('"refused")) enter("dirty", typing || BATCH)', '"refused")) enter("dirty", BATCH)'),
        ('if (newer) enter("dirty", typing || BATCH)', 'if (newer) enter("dirty", BATCH)'),
        ('    if (typing && is("dirty")) enter("dirty", 0);', "    //"),
        ("    typing = 0;", "    //"),
        ('else if (is("dirty", "refused")) enter', 'else if (is("dirty")) enter'),
        ('else if (is("dirty", "refused")) enter', 'else if (is("refused")) enter'),
        ("    changes++;\n    changed", "    changed"),
        ("    number().value++;\n", ""),
        ("    if (counted === changes) return; // the same body again\n", ""),
        ('    if (field.closest(".panel")) counted++;', "    //"),
        ("const BATCH = 800", "const BATCH = 0"),
        ("    clearTimeout(timer);\n    if (is(", "    if (is("),
        ("    failures++;\n", ""),
        ("Math.min(15000,", "Math.max(15000,"),
        ("    warn(words[next]);\n", ""),
        ("    failures = 0;\n    if (told", "    if (told"),
        ('if (told.matches(".stays")) say(words.saved', "if (false) say(words.saved"),
        ("const newer = changes !== sent;", "const newer = false;"),
        ('if (kind === "busy") return fail("waiting");', 'if (kind === "busy") return enter("idle");'),
        ("setTimeout(() => own.abort(), 10000)", "0"),
        ("if (attempt === own) answered", "answered"),
        ('    enter("conflict");\n    if (!content) return refuse();', '    enter("idle");\n    if (!content) return refuse();'),
        ("    if (!content) return refuse();\n", ""),
        ('if (kind === "long" || kind === "refused") refuse();', ""),
        ('    body.set("wish", "keep");\n', ""),
        ('    set("follows", before.writer);\n', ""),
        ('    set("changed", [...changed].join(" "));\n', ""),
        ("    changed.add(field.name.slice(2));\n", ""),
        ("    unloads = performance.now();\n", ""),
        ("if (unloading) timer = setTimeout(", "if (unloading) void ("),
        # faults at their fields
        (
            "if (text ? field === document.activeElement : !anew || !marked) continue;",
            "if (text ? false : !anew || !marked) continue;",
        ),
        ("!anew || !marked) continue;", "!marked) continue;"),
        ("    shared.mark?.();\n", ""),
        ('      field.setAttribute("aria-invalid", "true");\n', ""),
        # leaving the page
        ("    if (document.hidden) flush();\n", ""),
        ('on("pagehide", flush);', ""),
        ("    flush(); // a reload", "    // a reload"),
        (
            'is("waiting", "refused", "conflict", "held")) event.preventDefault',
            'is("waiting", "refused", "held")) event.preventDefault',
        ),
        (
            'is("waiting", "refused", "conflict", "held")) event.preventDefault',
            'is("refused", "conflict", "held")) event.preventDefault',
        ),
        ('!is("idle", "refused", "conflict")) keep()', '!is("refused", "conflict")) keep()'),
        ("if (before?.busy) catchUp(500)", ""),
        ("else if (delay < 9000) catchUp", "else if (false) catchUp"),
        ("before = shared.left[here] || (", "before = ("),
        ("    if (busy || before) shared.left", "    if (true) shared.left"),
        # going on
        ('leaver && fail("held")', 'enter("idle")'),
        ('leaver && fail("held")', 'fail("held")'),
        ("    attempt = null;\n", ""),
        ('if (!is("held")) changes', "changes"),
        ('if (!is("held")) failures = 0', "failures = 0"),
        ('    if (!is("held")) changes++;\n', ""),
        ('if (!is("held")) failures = 0;', ""),
        ("    event.detail.shouldSwap = false;", "    event.detail.shouldSwap = true;"),
        ('is("waiting", "held") && enter(state, 0)', 'is("waiting") && enter(state, 0)'),
        ('is("waiting", "held") && enter(state, 0)', 'enter("dirty", 0)'),
        ('    if (kind === "busy") return hold();\n', ""),
        ("    if (!leaver) return;\n", ""),
    ],
    "taps": [
        # presses
        ("pause <= 700 &&", "pause < 700 &&"),
        ("pause <= 700 &&", "pause <= 701 &&"),
        (" && !tap.left", ""),
        ("one.x, y - one.y) > 24", "one.x, y - one.y) >= 24"),
        ("one.x, y - one.y) > 24", "one.x, y - one.y) > 25"),
        ("storage.tap ||", "null ||"),
        ('if (last !== "") {', "if (last) {"),
        ("      seen = Math.min(seen, drawn);\n", ""),
        ("storage.tap = all", "storage.top = all"),
        ("    if (again && target !== tap?.target) event.preventDefault();\n", ""),
        ("if (again && target !== tap?.target) event", "if (again) event"),
        ("    if (!event.detail) return; // no", "    // no"),
        ("(control !== down.control && moved(control, down)) || leaves", "leaves"),
        ("control !== down.control && moved", "moved"),
        ("if (stood.length) watch(stood.at(-1));", ""),
        ("change.painted = Infinity;", "change.painted = performance.now();"),
        ("drawn = Infinity;", "drawn = performance.now();"),
        ("!(again || down.timeStamp < drawn)", "!again"),
        ("!(again || down.timeStamp < drawn)", "!(down.timeStamp < drawn)"),
        ("    event.stopImmediatePropagation();\n", ""),
        ('on("pointerup"', 'on("pointercancel"'),
        ("if (!(down.timeStamp > seen)) return;", ""),
        ("if (!(down.timeStamp > seen)) return;", "return;"),
        ("Math.max(down.timeStamp, timeStamp - 100, drawn)", "Math.max(down.timeStamp, drawn)"),
        ("[...taps.filter((tap) => timeStamp - tap.timeStamp <= 3000), {", "[{"),
        ("tap.timeStamp <= 3000), {", "tap.timeStamp <= 700), {"),
        ("press.held ? [...taps, press] : taps", "taps"),
        ("      used = event.target;\n", ""),
        ("    redraw();\n  });\n})", "  });\n})"),
        ("timeStamp - painted <= UNSEEN", "timeStamp - painted < UNSEEN"),
        ("timeStamp - painted <= UNSEEN", "timeStamp - painted <= UNSEEN + 1"),
        ("    again ||= moved(control, event);\n", ""),
        ("    stood = stood.filter((change) => change", "    void stood.filter((change) => change"),
        ("    stood = [{ places: new Map(), since }];\n    watch(stood[0]);\n", "    stood = [];\n"),
        (
            "      if (last) taps.push({ ...last, timeStamp: drawn });\n",
            "",
        ),
        ("timeStamp - 100, drawn)", "timeStamp - 100)"),
        ("if (seen < Infinity) remember(performance.now());", ""),
        ("presses.get(event.pointerId) || [", "["),
        (
            "presses.get(event.pointerId) || [...presses.values()].findLast((one) => !isFar(one, event)) || press",
            "presses.get(event.pointerId) || press",
        ),
        ("pause <= 3000", "pause <= 700"),
        ("pause <= 3000", "pause <= 3001"),
        ("(!target.value || target.value !== used?.value)", "true"),
        ('size?.addEventListener("resize"', 'size?.addEventListener("scroll"'),
        ("    redraw();\n  };\n  arrive();", "    draw();\n  };\n  arrive();"),
        ("persisted && arrive()", "false"),
        ('    if (returned) $("h1").focus();\n', ""),
        ('setTimeout(() => $("#undo")?.remove(), 60000);', ""),
        ("!(timeStamp < since) && ", ""),
        # the language menu
        ('event.key !== "Escape"', "false"),
        ("menu.contains(event.target)", "false"),
        ('    if (menu.contains(document.activeElement)) $("summary", menu).focus();\n', ""),
        ('if (menu.contains(document.activeElement)) $("summary"', 'if (true) $("summary"'),
    ],
    "paradata": [
        # paradata
        ("    measure();\n    if (document.hidden)", "    if (document.hidden)"),
        ("    counted = changes;\n    measure();\n", "    counted = changes;\n"),
        ("Math.min(3600, (now", "Math.min(3601, (now"),
        ("since = document.hidden ? NaN : now;", "since = now;"),
        ("    shared.sums[1]++;\n    if (typing", "    if (typing"),
        ("      shared.sums[1]++;\n", ""),
        ("    if (again) shared.sums[2]++;\n", ""),
        ("    parameters.paradata = form().elements.paradata.value;\n", ""),
        ("    since = NaN;\n", ""),
    ],
    "status": [
        # the status line
        ("warn, 300, words[state]", "warn, 200, words[state]"),
        ('if (is("leaving") && !failures) timer', 'if (is("leaving")) timer'),
        ('      say($("#status").dataset.marked, "stays");\n', ""),
        ('if (is("idle") && failures) relieve', 'if (is("idle")) relieve'),
        ("    clearTimeout(slow);\n", ""),
        ("if (slow) say(text, sight)", "say(text, sight)"),
    ],
    "scripts": [
        # scripts of some pages
        ("if (shared[name] || $(", "if ($("),
        ("if (shared[name] || $(`script[src*=${name}]`)) return;", "if (shared[name]) return;"),
        ("script.onerror = () => script.remove();", ""),
        ('    load("answers"); // it', "    // it"),
        ('    if (form()) load("answers");\n', ""),
        ("    setUp(true); // the page may", "    // the page may"),
        ("    shared.redraw();\n", ""),
        ("shared.answers && event", "event"),
        ("slow && event.target.submit()", "event.target.submit()"),
        ('    enter(long ? "refused" : "idle");\n', ""),
    ],
}
"""Mistakes by the file of tests that runs first: a text that the script contains once, and its replacement."""
MISTAKES = [mistake for planted in PLANTED.values() for mistake in planted]
SCRIPTS = ("page.js", "answers.js", "fields.js", "follow.js")


def read_scripts() -> dict[str, str]:
    return {name: (ROOT / "static" / name).read_text() for name in SCRIPTS}


def list_stale() -> list[str]:
    """The mistakes' texts that the scripts do not contain exactly once: such a mistake would plant nothing, or another one."""
    scripts = read_scripts().values()
    return [text for text, _ in MISTAKES if sum(script.count(text) for script in scripts) != 1]


def run_tests(folder: Path, first: str = "") -> str:
    """The test that fails on what stands in a folder, twice, so that no other work of the machine has disturbed it; nothing if none does.

    One file of tests may run `first`.
    """
    tests = sorted(TESTS, key=lambda test: test != f"tests/browser/test_{first}.py")
    command = [sys.executable, "-m", "pytest", "-q", "--stepwise", "--timeout", "60", *tests]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    shutil.rmtree(folder / ".pytest_cache", ignore_errors=True)
    failed = ""
    while True:
        ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if ended.returncode == 0:
            return ""
        before, lines = failed, ended.stdout.splitlines()
        found = [line.partition("::")[2].partition(" ")[0] for line in lines if line.startswith(("FAILED", "ERROR"))]
        failed = found[0] if found else ended.stdout[-300:]
        if failed == before:
            return failed


def copy_project(folder: Path) -> None:
    for part in COPIED:
        source = ROOT / part
        shutil.copytree(source, folder / part) if source.is_dir() else shutil.copy(source, folder / part)


class Outcomes:
    """Which test stopped each mistake, none if it survives; kept in a file."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stopped_by: dict[str, str] = json.loads(KEPT.read_text()) if KEPT.exists() else {}

    def find(self, mistake: tuple[str, str]) -> str:
        return self._stopped_by.get(" → ".join(mistake), "")

    def note(self, mistake: tuple[str, str], stopped_by: str) -> None:
        click.echo(f"stopped by {stopped_by} {mistake}" if stopped_by else f"SURVIVES {mistake}")
        with self._lock:
            self._stopped_by[" → ".join(mistake)] = stopped_by
            KEPT.parent.mkdir(exist_ok=True)
            KEPT.write_text(json.dumps(self._stopped_by, ensure_ascii=False, indent=1))


def work(mistakes: Queue[tuple[str, str]], outcomes: Outcomes) -> None:
    """Try mistakes until none is left, in a copy of the project."""
    with TemporaryDirectory() as name, suppress(Empty):
        copy_project(folder := Path(name))
        while True:
            mistake = mistakes.get_nowait()
            for script, text in read_scripts().items():
                (folder / "static" / script).write_text(text.replace(*mistake))
            first = next(tests for tests, planted in PLANTED.items() if mistake in planted)
            outcomes.note(mistake, run_tests(folder, first))


@click.command()
@click.argument("parts", nargs=-1)
@click.option("--some", type=int, help="Try so many of them, drawn at random.")
@click.option("--seed", type=int, help="Which of them; drawn and printed otherwise.")
def main(parts: tuple[str, ...], some: int | None, seed: int | None) -> None:
    if stale := list_stale():
        raise click.ClickException(f"The script contains these not exactly once: {stale}")
    chosen = [mistake for mistake in MISTAKES if not parts or any(part in mistake[0] for part in parts)]
    if some:
        seed = random.SystemRandom().randrange(10_000) if seed is None else seed
        chosen = random.Random(seed).sample(chosen, min(some, len(chosen)))
        click.echo(f"{len(chosen)} of {len(MISTAKES)}, --seed {seed}")
    outcomes, mistakes = Outcomes(), Queue[tuple[str, str]]()
    for mistake in chosen:
        if not outcomes.find(mistake):
            mistakes.put(mistake)
    with TemporaryDirectory() as name:
        copy_project(Path(name))
        if mistakes.qsize() and (failing := run_tests(Path(name))):
            raise click.ClickException(f"Without any mistake, too, this fails: {failing}")
    with ThreadPoolExecutor(PROCESSES) as workers:
        for worker in [workers.submit(work, mistakes, outcomes) for _ in range(PROCESSES)]:
            worker.result()
    click.echo(f"{sum(bool(outcomes.find(mistake)) for mistake in chosen)} of {len(chosen)} stopped")


if __name__ == "__main__":
    main()
