"""``python -m waypost`` and the ``waypost`` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from waypost.runtime.commands import app

    app(prog_name="waypost")


if __name__ == "__main__":
    main()
