"""A drawing of ours as PNG: the system's Chromium draws it, without a script and without a way to any network."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tracker.errors import ConfigError
from tracker.fetch.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_PAGE = "<!doctype html><style>body{margin:0}svg{display:block}</style>"
_TIMEOUT = 30_000  # milliseconds


def png_of(svg: str) -> bytes:
    """The SVG as PNG, one pixel for one of its own. Raises ConfigError where Playwright or Chromium is missing."""
    program = chromium()
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as play:
        try:
            browser = play.chromium.launch(
                executable_path=program,
                chromium_sandbox=os.geteuid() != 0,  # Chromium refuses to be sandboxed when it is root
            )
        except Error as error:
            raise ConfigError(f"{program} does not start: {str(error).splitlines()[0]}") from error
        try:
            return _drawn(browser, svg)
        finally:
            browser.close()


def _drawn(browser: Browser, svg: str) -> bytes:
    context = browser.new_context(offline=True, java_script_enabled=False)
    context.set_default_timeout(_TIMEOUT)
    page = context.new_page()
    page.set_content(_PAGE + svg)
    return page.locator("svg").screenshot(type="png")
