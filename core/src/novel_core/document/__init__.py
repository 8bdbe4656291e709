"""Pages: decoding, trees of HTML and XML, JSON, feeds; their texts, URLs and hidden elements.

The names are in `__init__.pyi`, and each is loaded when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
