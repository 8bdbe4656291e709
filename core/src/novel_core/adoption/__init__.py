"""Adoption: a site that nobody has listed is recognised by its software, and proved.

`recognition` asks the families about a page, `proof` reads a novel of the site as a job would, a
few of its pages only, `findings` says what is wrong with it, and `run` does all of it for a job.
`recordings` keeps the pages that were seen, to be read again by later versions.
"""
