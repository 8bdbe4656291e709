"""The version of novel-core, by which plugins say what they need."""

__version__ = "0.1.0"
