"""The parser of a WordPress site."""

from __future__ import annotations

from novel_core import Page, Parsed, Parser


class WordPressParser(Parser):
    """The parser of one site."""

    def parse(self, page: Page) -> Parsed:
        del page
        return Parsed()
