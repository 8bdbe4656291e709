"""Test suites for a source: the plugin contract, and its recorded pages.

They need pytest: `pip install 'novel-core[testing]'`.

```python
from pathlib import Path
from novel_core.testing import RecordedPages, SourceContract

class TestContract(SourceContract):
    source = "example"

class TestRecordings(RecordedPages):
    source = "example"
    recordings = Path(__file__).parent / "recordings"
```
"""

from novel_core.registry import load_registry
from novel_core.testing.contract import SourceContract
from novel_core.testing.family_contract import FamilyContract
from novel_core.testing.recorded_pages import RecordedPages
from novel_core.testing.unexpected_pages import UNEXPECTED_PAGES, UnexpectedPage

__all__ = [
    "UNEXPECTED_PAGES",
    "FamilyContract",
    "RecordedPages",
    "SourceContract",
    "UnexpectedPage",
    "load_registry",
]
