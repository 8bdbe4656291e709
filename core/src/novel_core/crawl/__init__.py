"""Crawling: the only part of the engine that requests anything, and the only one that imports Scrapy.

`spider` is the base class of a source's spider, `delegate` what the crawl needs of its owner, `runner` runs one.

The way of a page: `frontier` makes the request, `robots` allows it, `handler` sends it when `pacing` says so
(`addresses`, `limits`, `reading` and `decoding` guard what comes back), `keeping` judges, archives and reads it
(`judging`, `redirecting`, `retrying`), `settling` decides what a failure means, `ending` ends the crawl early.
"""
