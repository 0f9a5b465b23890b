"""`survey-engine links --earlier-keys`: persons whose key changed, such as an address that is the key, keep links and answers."""

from __future__ import annotations

import pytest
from click.testing import Result

from tests.cli.test_same_persons import desk, find, give, lite, read_links
from tests.command import Desk

__all__ = ["desk", "lite"]
FIRST = "nr,institution\na@x.nl,north\nb@x.nl,north\nc@x.nl,north\nd@x.nl,north\n"
"""Persons of whom nothing but the key tells who they are."""


def correct(desk: Desk, pairs: str, people: str, *options: str) -> Result:
    (desk.folder / "keys.csv").write_text(f"before,now\n{pairs}")
    return give(desk, people, "--earlier-keys", "keys.csv", *options, out="two")


@pytest.mark.parametrize("options", [(), ("--add",), ("--rekeyed", "others")])
def test_a_person_with_another_key_keeps_the_link_and_answers(desk, options):
    give(desk, FIRST)
    link = read_links(desk)[0]
    seat = find(desk, link)
    done = correct(desk, "A@x.nl, anna@x.nl\n", FIRST.replace("a@x.nl", "anna@x.nl"), *options)
    assert done.exit_code == 0 and "1 keep their link under another key; 3 stay as they are" in done.output, done.output
    assert find(desk, link)._replace(key_hash="", row_hash="", sealed="") == seat._replace(key_hash="", row_hash="", sealed="")
    assert not (desk.folder / "two").exists(), "no new link"
    again = give(desk, FIRST.replace("a@x.nl", "anna@x.nl"), out="three")
    assert "4 stay as they are" in again.output, "the new key is stored"


@pytest.mark.parametrize(
    ("pairs", "wrong"),
    [
        ("z@x.nl,anna@x.nl\n", "keys.csv:2: 'z@x.nl': no person of north"),
        ("b@x.nl,anna@x.nl\n", "'b@x.nl': no person of north who is missing"),
        ("a@x.nl,zoe@x.nl\n", "no new person on the list has the key 'zoe@x.nl'"),
        ("a@x.nl,b@x.nl\n", "no new person on the list has the key 'b@x.nl'"),
        ("a@x.nl,anna@x.nl\nA@x.nl,bo@x.nl\n", "keys.csv:3: 'A@x.nl' is in the file twice"),
        ("a@x.nl,anna@x.nl\nb@x.nl,anna@x.nl\n", "keys.csv:3: 'anna@x.nl' is in the file twice"),
        ("a@x.nl,\n", "keys.csv:2: a row has 2 filled cells"),
        ("a@x.nl\n", "keys.csv:2: a row has 2 filled cells"),
        ("", "there are no rows"),
    ],
)
def test_a_file_of_keys_that_does_not_fit_changes_nothing(lite, pairs, wrong):
    give(lite, FIRST)
    refused = correct(lite, pairs, FIRST.replace("a@x.nl", "anna@x.nl"))
    assert refused.exit_code == 1 and wrong in refused.output, refused.output
    assert not find(lite, read_links(lite)[0]).withdrawn


def test_a_withdrawn_person_with_another_key_comes_back_with_revive(lite):
    give(lite, FIRST)
    give(lite, FIRST.replace("a@x.nl,north\n", ""), out="less")
    done = correct(lite, "a@x.nl,anna@x.nl\n", FIRST.replace("a@x.nl", "anna@x.nl"), "--revive")
    assert "1 get their withdrawn link back" in done.output and not find(lite, read_links(lite)[0]).withdrawn
