"""Fixtures shared with the other rooms whose jobs end with a webhook."""

from small_works import bench, receiver, settings_of_test

__all__ = ["bench", "receiver", "settings_of_test"]
