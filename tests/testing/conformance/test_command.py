"""What the command says where it makes no sense."""

from __future__ import annotations

import pytest

from waypost.testing.conformance.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--engine", "nothing"], "there is one for envoy, haproxy"),
        (["--case", "nothing.*"], "--list shows them all"),
        (["--driver", "no.such.module:Factory"], "No module named"),
        (["--driver", "waypost.testing.conformance.runner:Nothing"], "Nothing"),
    ],
)
def test_nonsense_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().out


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--case", "mock.answer"]) == 0
    assert capsys.readouterr().out == "mock.answer: Status, type, headers and body are as written.\n"
