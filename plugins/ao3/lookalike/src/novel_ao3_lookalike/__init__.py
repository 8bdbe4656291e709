"""A synthetic Archive of Our Own for tests: the site's markup and redirects, none of its works.

```python
work = LookalikeWork.generate(7, chapters=12)
with LookalikeServer(Library([work])) as site:
    ...  # NOVEL_HOST_MAP=site.host_map
```

`older` and the switches make it another archive, or its software of 2024. `library` is the site's content, `switches` its faults, the `*_page` modules its pages, `app` the
site, `server` runs it in a thread; `python -m novel_ao3_lookalike` runs it as a process.
"""

from novel_ao3_lookalike.library import (
    Creator,
    Library,
    LookalikeChapter,
    LookalikeSeries,
    LookalikeWork,
    State,
)
from novel_ao3_lookalike.server import LookalikeServer
from novel_ao3_lookalike.switches import Fault, SiteSwitches

__all__ = [
    "Creator",
    "Fault",
    "Library",
    "LookalikeChapter",
    "LookalikeSeries",
    "LookalikeServer",
    "LookalikeWork",
    "SiteSwitches",
    "State",
]
