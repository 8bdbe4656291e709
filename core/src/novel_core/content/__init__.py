"""The HTML of texts: sanitised and normalised before it is saved, compared, counted and read.

>>> from novel_core.content import sanitize, to_text, word_count
>>> clean = sanitize('<p onclick="x()">Hello <b>you</b></p>', base_url="https://example.org/1")
>>> clean.html
'<p>Hello <b>you</b></p>'
>>> word_count(clean.html), to_text(clean.html)
(2, 'Hello you')

The names are in `__init__.pyi`, and each is loaded when it is first used.
"""

import lazy_loader

#: Raised whenever the same source markup gives other saved HTML; texts of an earlier version are
#: then made again from the archive before they are compared.
VERSION = "4"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
