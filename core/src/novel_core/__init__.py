"""The engine of Novel Ingestion: from a novel's URL to a saved, complete, revision-tracked copy.

Everything that a plugin imports is here, and stays stable within a minor version; the tests of a
plugin are in `novel_core.testing`. The names are in `__init__.pyi`, for type checkers too. A name
is loaded when it is first used: importing this module costs no Scrapy, database or pydantic.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
