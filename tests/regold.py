"""Rewrites expected.md of the golden cases: `python -m tests.regold`. Read what it changed before you keep it.

A case whose report is not what its want.toml says is left alone and named: nothing wrong becomes the standard.
"""

from __future__ import annotations

import sys
import tomllib

from tests.test_cases import case_folders, complaints, expected, report_of


def main() -> int:
    """Write every expected.md that may be written; 1 if some may not."""
    refused = 0
    for case in case_folders():
        report = report_of(case)
        target, text = case / "expected.md", expected(report)
        if complaints(tomllib.loads((case / "want.toml").read_text(encoding="utf-8")), report):
            print(f"not as want.toml says: {case.name}")  # noqa: T201 - this module is a program
            refused = 1
        elif not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
            print(f"written: {case.name}")  # noqa: T201 - this module is a program
    return refused


if __name__ == "__main__":
    sys.exit(main())
