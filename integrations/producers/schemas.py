"""JSON Schemas of the data of reports (draft 2020-12), and what is wrong with data, by JSON pointers (RFC 6901)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

DRAFT = "https://json-schema.org/draft/2020-12/schema"
MOST_PROBLEMS = 20
LONGEST_MESSAGE = 255
DEEPEST = 32
# What staff's schemas may not use: other documents, and what takes for ever on some data.
REFUSED_WORDS = frozenset({
    "$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor", "pattern", "patternProperties",
    "uniqueItems",
})  # fmt: skip
LARGEST_SCHEMA = 16_384
# PostgreSQL writes larger ones out as whole numbers, which no JSON writer of ours takes.
LARGEST_NUMBER = 2**53

Json = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    pointer: str
    message: str


def _matches(_validator: Any, pattern: str, text: Any, _schema: Any) -> Iterator[ValidationError]:
    """As ECMA-262 has it, where `$` is the very end."""
    if isinstance(text, str) and not re.search(re.sub(r"\$\Z", r"\\Z", pattern), text):
        yield ValidationError(f"{text[:100]!r} does not match {pattern}")


_Validator = extend(Draft202012Validator, {"pattern": _matches})


def schema_of(kind: type, *, without: Iterable[str] = ()) -> Json:
    """Of a dataclass or struct: nothing beside its members, of which some are not the producer's to say."""
    _named, parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    schema = parts.pop(kind.__name__)
    hidden = set(without)
    properties = {name: one for name, one in schema["properties"].items() if name not in hidden}
    required = [name for name in schema["required"] if name not in hidden] if "required" in schema else []
    described = {"description": " ".join(schema["description"].split())} if "description" in schema else {}
    return (
        {"$schema": DRAFT, "type": "object", **described, "properties": properties, "required": required}
        | {"additionalProperties": False}
        | ({"$defs": parts} if parts else {})
    )


def validator(schema: Json) -> Any:
    """One that never fetches another document."""
    return _Validator(schema, registry=Registry())


def problems(judge: Any, data: Any, at: str) -> list[Problem]:
    """The first of them; `at` is where the data stands."""
    found: dict[Problem, None] = {}
    for error in islice(judge.iter_errors(data), MOST_PROBLEMS):
        for one in _told(error, at):
            found[one] = None
    return list(found)[:MOST_PROBLEMS]


def _told(error: ValidationError, at: str) -> Iterator[Problem]:
    """A member that is missing or too much is pointed at, not the object that lacks or has it."""
    place = at + "".join(map(step, error.absolute_path))
    match error.validator:
        case "required":
            for name in islice((name for name in error.validator_value if name not in error.instance), MOST_PROBLEMS):
                yield Problem(place + step(name), "This member is required")
        case "additionalProperties" if error.validator_value is False:
            known = error.schema.get("properties", {})
            for name in islice((name for name in error.instance if name not in known), MOST_PROBLEMS):
                yield Problem(place + step(name), "There is no such member")
        case _:
            yield Problem(place, error.message[:LONGEST_MESSAGE])


def step(name: str | int) -> str:
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def unkeepable(value: Any, at: str) -> Iterator[Problem]:
    """What JSON can say and the database cannot keep as it is: NUL, endless nesting, and numbers beyond a double's.

    Places are written out only for what is wrong: each has all names above it, which may be long.
    """
    waiting: list[tuple[Any, _Place, int]] = [(value, None, 0)]
    while waiting:
        one, place, depth = waiting.pop()
        if depth > DEEPEST:
            yield Problem(_pointer(at, place), f"This is nested deeper than {DEEPEST} levels")
        elif isinstance(one, dict):
            for name, member in one.items():
                if "\0" in name:
                    yield Problem(_pointer(at, place), "The name of a member has a NUL character")
                waiting.append((member, (place, name), depth + 1))
        elif isinstance(one, list):
            waiting.extend((member, (place, index), depth + 1) for index, member in enumerate(one))
        elif isinstance(one, str) and "\0" in one:
            yield Problem(_pointer(at, place), "This has a NUL character")
        elif isinstance(one, int | float) and abs(one) > LARGEST_NUMBER:
            yield Problem(_pointer(at, place), "This number is too large")


# A member's name or index, and the place that it is in; None is the top.
_Place = tuple[Any, str | int] | None


def _pointer(at: str, place: _Place) -> str:
    steps: list[str] = []
    while place is not None:
        place, name = place
        steps.append(step(name))
    return at + "".join(reversed(steps))


def check_schema(schema: Any) -> str:
    """What is wrong with a schema of staff's; "" where it can be used."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "The schema must describe an object: it needs type: object"
    if len(msgspec.json.encode(schema)) > LARGEST_SCHEMA:
        return f"The schema has more than {LARGEST_SCHEMA} characters"
    if next(unkeepable(schema, ""), None) is not None:
        return "The schema has a NUL character, or is nested too deeply"
    if words := sorted(_words(schema) & REFUSED_WORDS):
        return f"The schema must do without: {', '.join(words)}"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"{error.json_path}: {error.message[:LONGEST_MESSAGE]}"
    return ""


def _words(schema: Any) -> set[str]:
    """All names of members, at any depth."""
    if isinstance(schema, list):
        return {word for one in schema for word in _words(one)}
    if isinstance(schema, dict):
        return {*schema} | {word for one in schema.values() for word in _words(one)}
    return set()
