"""A digest of everything that a questionnaire shows and decides, to detect that another program reads a version differently.

It covers the model as canonical JSON: codes, options, texts in every variant, conditions, order, rules. Fields with default
values are left out, so that a new field of the model changes no digest; so are positions in files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

from survey_engine.model.questionnaire import Condition, Place, Questionnaire

_UNSEEN = frozenset(
    {
        *("place", "places", "version", "about", "names", "variables", "bank", "rested", "demo", "rio_codes"),
        *("budget_minutes", "on_scale", "note"),
    }
)
"""Fields that are invisible and decide nothing, or that follow from others. A consent's own `version` is visible."""


_STORED_KINDS = {"And": "Every", "Or": "Some"}
"""Renamed classes of condition nodes → their name in stored digests."""


def digest_meaning(questionnaire: Questionnaire) -> str:
    """Return 64 hexadecimal digits (SHA-256)."""
    canonical = json.dumps(_simplify(questionnaire), ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _simplify(value: Any) -> Any:
    if isinstance(value, Condition):
        return _simplify_tree(value.tree)
    if is_dataclass(value):
        found = ((name, getattr(value, name), default) for name, default in _list_fields(value.__class__))
        return {name: _simplify(each) for name, each, default in found if each != default and not isinstance(each, Place)}
    if isinstance(value, Mapping):
        return [[str(key), _simplify(each)] for key, each in value.items()]
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [_simplify(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _simplify_tree(node: Any) -> Any:
    """Return the kind and the parts of a condition's node."""
    if is_dataclass(node):
        kind = type(node).__name__
        return [_STORED_KINDS.get(kind, kind), *(_simplify_tree(getattr(node, field.name)) for field in fields(node))]
    return [_simplify_tree(each) for each in node] if isinstance(node, tuple) else node


@cache
def _list_fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """List the digested fields of a class with their defaults."""
    unseen = _UNSEEN if kind.__name__ != "Question" else _UNSEEN - {"version"}
    return tuple((field.name, _read_default(field)) for field in fields(kind) if field.init and field.name not in unseen)


def _read_default(field: Field[Any]) -> Any:
    """Return the default of a field; MISSING, which equals no value, if it has none."""
    return field.default_factory() if field.default_factory is not MISSING else field.default
