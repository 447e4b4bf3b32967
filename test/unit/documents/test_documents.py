"""Files turned into models, and the sentences about what is wrong with them."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Discriminator, Field, Tag, model_validator

from stackpress_py import documents
from stackpress_py.documents import Document, DocumentError, dumps, load, loads
from stackpress_py.quantities import Pressure


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Target(Document):
    target: Pressure = Field(gt=0)
    colour: Colour = Colour.RED
    limits: tuple[int, ...] = Field((), max_length=3)


class Step(Document):
    name: str = Field(pattern="^[a-z]+$")
    pressure: (
        Annotated[
            Annotated[Target, Tag("<mapping>")] | Annotated[Literal["keep"], Tag("<word>")],
            Discriminator(lambda value: "<word>" if isinstance(value, str) else "<mapping>"),
        ]
        | None
    ) = None
    count: int = Field(1, ge=1, le=5)

    @model_validator(mode="after")
    def _no_five(self) -> "Step":
        if self.count == 5:
            raise ValueError("five is right out")
        return self


class Plan(Document):
    title: str
    named: dict[str, Target] = Field(default_factory=dict)
    steps: tuple[Step, ...] = Field(min_length=1)


GOOD = """\
title: a plan
steps:
  - name: first
    pressure: {target: 74 MPa, colour: blue, limits: [1, 2]}
  - name: second
    pressure: keep
"""


def sentences(text: str) -> tuple[str, ...]:
    with pytest.raises(DocumentError) as refusal:
        loads(text, Plan, "plan.yaml")
    assert str(refusal.value) == "\n".join(refusal.value.problems)
    return refusal.value.problems


def test_a_good_file_becomes_a_frozen_model(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("\ufeff" + GOOD, encoding="utf-8")
    plan = load(path, Plan)
    target = plan.steps[0].pressure
    assert isinstance(target, Target)
    assert (target.target, target.colour, target.limits) == (74e6, Colour.BLUE, (1, 2))
    assert plan.steps[1].pressure == "keep"
    with pytest.raises(ValueError, match="frozen"):
        plan.title = "another"  # type: ignore[misc]


def test_what_is_dumped_is_read_back() -> None:
    plan = loads(GOOD, Plan)
    assert "target: 74 MPa" in dumps(plan)
    assert loads(dumps(plan), Plan) == plan


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "74 MPa",
            "74",
            "plan.yaml line 4, steps[0].pressure.target: found '74',"
            " needs a pressure with unit such as '74 MPa'",
        ),
        (
            "74 MPa",
            "-1 MPa",
            "plan.yaml line 4, steps[0].pressure.target: found '-1 MPa', needs more than 0",
        ),
        (
            "target: 74 MPa, ",
            "",
            "plan.yaml line 4, steps[0].pressure.target: is missing",
        ),
        (
            "colour: blue",
            "color: blue",
            "plan.yaml line 4, steps[0].pressure.color: is not known here; did you mean 'colour'?",
        ),
        (
            "colour: blue",
            "zzz: blue",
            "plan.yaml line 4, steps[0].pressure.zzz: is not known here;"
            " allowed are colour, limits, target",
        ),
        (
            "colour: blue",
            "colour: green",
            "plan.yaml line 4, steps[0].pressure.colour: found 'green', needs 'red' or 'blue'",
        ),
        (
            "[1, 2]",
            "[1, '2']",
            "plan.yaml line 4, steps[0].pressure.limits[1]: found '2', needs a whole number",
        ),
        (
            "[1, 2]",
            "[1, 2, 3, 4]",
            "plan.yaml line 4, steps[0].pressure.limits: found a list of 4,"
            " needs a list of at most 3",
        ),
        ("keep", "kept", "plan.yaml line 6, steps[1].pressure: found 'kept', needs 'keep'"),
        ("keep", "[1]", "plan.yaml line 6, steps[1].pressure: found a list of 1, needs a mapping"),
        (
            "name: second",
            "name: 5",
            "plan.yaml line 5, steps[1].name: found '5', needs a text (put a number in quotes)",
        ),
        (
            "name: second",
            'name: "a\\nb"',
            "plan.yaml line 5, steps[1].name: found 'a\\nb', needs a text of the form ^[a-z]+$",
        ),
        (
            "pressure: keep",
            "count: true",
            "plan.yaml line 6, steps[1].count: found 'true', needs a whole number",
        ),
        (
            "pressure: keep",
            "count: 9",
            "plan.yaml line 6, steps[1].count: found '9', needs at most 5",
        ),
        ("pressure: keep", "count: 5", "plan.yaml line 5, steps[1]: five is right out"),
        (
            "title: a plan",
            "named: {x: {targets: 1}}\ntitle: x",
            "plan.yaml line 1, named.x.targets: is not known here; did you mean 'target'?",
        ),
    ],
)
def test_a_problem_names_file_line_field_found_and_allowed(
    old: str, new: str, sentence: str
) -> None:
    assert sentence in sentences(GOOD.replace(old, new))


def test_every_problem_is_told_at_once() -> None:
    text = GOOD.replace("74 MPa", "74").replace("keep", "kept").replace("title", "titel")
    assert len(sentences(text)) == 4


def test_not_more_problems_than_anybody_reads() -> None:
    problems = sentences("title: x\nsteps:\n" + "  - {name: 1}\n" * 100)
    assert len(problems) == documents.MOST_PROBLEMS + 1
    assert problems[-1] == "plan.yaml: and 80 more problems"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "plan.yaml is empty"),
        ("- 1", "plan.yaml line 1: found a list of 1, needs a mapping"),
        ("hello", "plan.yaml line 1: found 'hello', needs a mapping"),
        ("a: 1\na: 2", "plan.yaml line 2 has the key 'a' a second time"),
        (
            "title: x\nsteps: []",
            "plan.yaml line 2, steps: found a list of 0, needs a list of at least 1",
        ),
    ],
)
def test_what_is_no_such_document_at_all(text: str, sentence: str) -> None:
    assert sentences(text) == (sentence,)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: 1\nb: \xe9\n")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (documents.LARGEST_FILE + 1))
    for path, words in (
        (tmp_path / "none.yaml", "No such file"),
        (tmp_path, "directory"),
        (latin, "line 2 is not UTF-8"),
        (large, "larger than"),
        ("/tmp/a\0b", "null"),
    ):
        with pytest.raises(DocumentError, match=words):
            load(path, Plan)


@given(st.text(max_size=200))
def test_any_text_is_a_plan_or_refused(text: str) -> None:
    try:
        loads(text, Plan)
    except DocumentError as refusal:
        assert refusal.problems


words = st.sampled_from(
    ["title", "steps", "name", "pressure", "target", "keep", "74 MPa", "1", "x", "count", "\ud800"]
)
shapes = st.recursive(
    words | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=25,
)


@given(st.dictionaries(words, shapes, max_size=4))
def test_any_shape_is_a_plan_or_refused(data: dict[str, object]) -> None:
    import json

    try:
        loads(json.dumps(data), Plan)
    except DocumentError as refusal:
        assert all("\n" not in problem for problem in refusal.problems)
