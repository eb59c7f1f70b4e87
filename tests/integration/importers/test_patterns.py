"""Samples for regular expressions: right, or none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.integration.importers.patterns import sample


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^/v1/accounts", "/v1/accounts"),
        ("^[a-z]{3,5}$", "aaa"),
        (r"^(?:AB|CD)-\d{4}$", "AB-0000"),
        ("[^a-z]+", "A"),
        (r"^\+?[1-9]\d{1,14}$", "+10"),
        (r"[\w.-]+@\w+\.com", "a@a.com"),
        ("^$", ""),
        ("(|b)", "b"),
        ("^[-a]$", "-"),
        ("^[a-]$", "a"),
        (r"^[\]]$", "]"),
        ("^a{2}?b*?$", "aab"),
    ],
)
def test_plain_patterns(pattern: str, text: str) -> None:
    assert sample(pattern) == text
    assert re.search(pattern, text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=x)a",
        r"\p{L}",
        r"(a)\1",
        "(",
        ")",
        "[",
        "[]",
        "a{",
        "a{2",
        "a{x}",
        "*",
        "a**b(",
        "(" * 3000,
        "x" * 2000,
        "\\",
    ],
)
def test_what_is_not_understood_gives_nothing(pattern: str) -> None:
    assert sample(pattern) is None


def test_lengths_are_kept() -> None:
    assert sample("^[a-z]+$", shortest=7) == "a" * 7
    assert sample("^[a-z]*$", longest=0) == ""
    assert sample("^[a-z]{5}$", longest=4) is None
    assert sample("^id_", shortest=6) == "id_xxx"
    assert sample("^(a{900}){900}$") is None


@given(
    st.from_regex(
        r"\^?([a-z0-9_/]|\\d|\\w|[.]|\[[a-c0-9]{1,3}\]|\((ab|[0-9])(\|c)?\)){1,6}([*+?]|\{[1-3](,[4-6])?\})?\$?",
        fullmatch=True,
    )
)
def test_a_sample_matches_its_pattern(pattern: str) -> None:
    made = sample(pattern)
    assert made is not None
    assert re.search(pattern, made)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(st.text("()[]{}*+?|^$\\.-,ab01", max_size=30))
def test_any_text_gives_a_match_or_nothing(pattern: str) -> None:
    made = sample(pattern)
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError):
        return
    if made is not None and "{" not in pattern and "^" not in pattern[1:] and "$" not in pattern[:-1]:
        assert compiled.search(made) or "\\" in pattern
