"""Crawling: the only part of the engine that requests anything, and the only one that imports Scrapy.

`spider` is the base class of a source's spider, `delegate` what the crawl needs of its owner, `runner` runs one.
"""
