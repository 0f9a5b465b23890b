"""Names of weekdays and months in Dutch, English, German and Papiamento."""

from __future__ import annotations

_WEEKDAYS = (
    *("maandag monday montag djaluna", "dinsdag tuesday dienstag djamars", "woensdag wednesday mittwoch djárason"),
    *("donderdag thursday donnerstag djaweps", "vrijdag friday freitag djabièrnè", "zaterdag saturday samstag djasabra"),
    "zondag sunday sonntag djadumingu",
)
_MONTHS = (
    *("januari january januar yanüari", "februari february februar febrüari", "maart march märz mart", "april aprel"),
    *("mei may mai", "juni june yüni", "juli july yüli", "augustus august ougùstùs", "september sèptèmber"),
    *("oktober october òktober", "november novèmber", "december dezember desèmber"),
)
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAYS, 1) for name in names.split()}
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
"""Name → its number from 1."""
