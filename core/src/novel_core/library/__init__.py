"""Reading the library: novels, chapters, revisions, images and recent changes, as frozen objects."""
