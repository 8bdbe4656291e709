"""A synthetic Royal Road: the site's markup, none of its stories. For the demo, tests and benchmarks.

```python
fiction = Fiction.generate(7, chapters=24)
with LookalikeServer(Library([fiction])) as site:
    ...  # NOVEL_HOST_MAP=site.host_map
```

`library` is what the site holds, `switches` what it does wrong, the `*_page` modules its pages, `app` the site, `server` running it
in a thread; `python -m novel_royalroad_lookalike` runs it in a process of its own.
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
