"""The archive: pages as they were received (`pages`), and how long they are kept (`retention`)."""
