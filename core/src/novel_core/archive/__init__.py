"""The archive: pages as received. `writer` writes, `pages` loads, `retention` deletes them."""
