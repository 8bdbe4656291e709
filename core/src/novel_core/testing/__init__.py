"""What an author tests a source with: the contract, and recorded pages. Needs pytest (`pip install 'novel-core[testing]'`).

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

from novel_core.testing.contract import SourceContract
from novel_core.testing.forged import FORGED, Forged
from novel_core.testing.golden import RecordedPages

__all__ = ["FORGED", "Forged", "RecordedPages", "SourceContract"]
