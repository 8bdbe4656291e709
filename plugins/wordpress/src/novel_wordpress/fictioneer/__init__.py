"""Fictioneer, a theme that turns WordPress into a site of novels, as a family.

A site is read by its pages, or by the theme's own API (Storygraph) where its option `api` is the
address of the API's root.
"""
