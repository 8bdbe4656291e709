"""A synthetic Archive of Our Own: the site's markup and redirects, none of its works. For tests and trials.

```python
work = LookalikeWork.generate(7, chapters=12)
with LookalikeServer(Library([work])) as site:
    ...  # NOVEL_HOST_MAP=site.host_map
```

`library` is what the site holds, `switches` what it does wrong, the `*_page` modules its pages, `app` the site, `server` running
it in a thread; `python -m novel_ao3_lookalike` runs it in a process of its own.
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
