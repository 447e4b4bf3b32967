"""Strict YAML."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py import yaml_reader
from stackpress_py.yaml_reader import YamlError, read


def test_values_are_what_they_look_like() -> None:
    data = read(
        "{a: 1, b: -1.5, c: 1e3, d: yes, e: 12:30, f: 010, g: 2026-11-23, h: ~, i: true,"
        " j: '5', k: 1_000, l: 0x10, 7: [], m: {}, n: null}"
    ).data
    assert data == {
        "a": 1, "b": -1.5, "c": 1000.0, "d": "yes", "e": "12:30", "f": 10, "g": "2026-11-23",
        "h": None, "i": True, "j": "5", "k": "1_000", "l": "0x10", "7": [], "m": {}, "n": None,
    }  # fmt: skip


def test_every_value_knows_its_line() -> None:
    document = read("a: 1\nb:\n  - x\n  - c: 2\n    d: |\n      text\n")
    assert document.lines[("a",)] == 1
    assert document.lines[("b",)] == 3
    assert document.lines[("b", 1)] == 4
    assert document.lines[("b", 1, "c")] == 4
    assert document.lines[("b", 1, "d")] == 5


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\na: 2", 2, "'a' a second time"),
        ("a: {b: 1, b: 2}", 1, "'b' a second time"),
        ("a: &x 1", 1, "anchor"),
        ("a: 1\nb: *x", 2, "alias"),
        ("a: !!python/object/apply:os.system ['true']", 1, "tag"),
        ("!foo {}", 1, "tag"),
        ("a:\n\t- 1", 2, "tab"),
        ("a: [1", 2, ""),
        ("a: .nan", 1, "finite"),
        ("a: -.inf", 1, "finite"),
        ("a: 1e999", 1, "finite"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("[" * 100, 1, "nested deeper"),
        ("- " * 5000, 1, "nested deeper"),
        ("a: \x07", 1, "not allowed"),
        ("{a: 1, <<: {b: 1}}", 1, "merge key"),
        ("? [a]\n: 1", 1, "key must be a text"),
        ("a: b: c", 1, "not YAML"),
        ("a: @b", 1, "not YAML"),
        ("x" * (yaml_reader.LONGEST_TEXT + 1), 0, "at most"),
        ("[" + "1," * (yaml_reader.MOST_VALUES + 1) + "]", 1, "more than"),
    ],
)
def test_everything_else_is_refused(text: str, line: int, words: str) -> None:
    with pytest.raises(YamlError) as refusal:
        read(text)
    assert refusal.value.line == line
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_yaml_bomb_is_not_unfolded() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(YamlError, match="anchor"):
        read("\n".join(["a0: &a0 [x]", *levels]))


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except YamlError as refusal:
        assert "\n" not in str(refusal)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(plain_values)
def test_plain_data_survives(data: object) -> None:
    text = yaml.safe_dump(data, allow_unicode=False, default_style='"')
    kept = yaml.load(text, yaml.BaseLoader)
    if "<<" not in text and "!!" not in text and kept is not None:
        assert read(text).data == kept
