"""A synthetic Royal Road for demo, tests and benchmarks: the site's markup, none of its stories.

```python
fiction = Fiction.generate(7, chapters=24)
with LookalikeServer(Library([fiction])) as site:
    ...  # NOVEL_HOST_MAP=site.host_map
```

`library` is the site's content, `switches` its faults, the `*_page` modules its pages, `app` the
site, `server` runs it in a thread; `python -m novel_royalroad_lookalike` runs it as a process.
"""

from novel_royalroad_lookalike.library import Fiction, Library, LookalikeChapter
from novel_royalroad_lookalike.server import LookalikeServer
from novel_royalroad_lookalike.switches import ChapterFault, Hidden, SiteSwitches, Style, Times

__all__ = [
    "ChapterFault",
    "Fiction",
    "Hidden",
    "Library",
    "LookalikeChapter",
    "LookalikeServer",
    "SiteSwitches",
    "Style",
    "Times",
]
