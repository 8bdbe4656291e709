"""A synthetic XenForo forum with Threadmarks, served on loopback."""

from novel_xenforo_lookalike.app import Forums
from novel_xenforo_lookalike.forum import Forum, Mark, Post, Thread, thread
from novel_xenforo_lookalike.pages import CHALLENGE, Pages

__all__ = ["CHALLENGE", "Forum", "Forums", "Mark", "Pages", "Post", "Thread", "thread"]
