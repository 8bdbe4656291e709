"""Crawling: the only part of the engine that sends requests, and the only one that imports Scrapy.

`spider` is the base class of a source's spider, `delegate` what the crawl needs of its owner,
`runner` runs a crawl.

The way of a page: `frontier` makes the request, `robots` checks that it is allowed,
`download_handler` sends it when `pacing` permits (`address_check`, `limits`, `response_body` and
`decoding` bound the response), `archive_middleware` checks, archives and reads it
(`response_checks`, `redirects`, `retries`), `failure_policy` decides what a failure means, and
`crawl_stop` ends a crawl early.
"""
