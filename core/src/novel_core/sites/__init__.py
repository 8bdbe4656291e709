"""Sites of families: their permanent names, the table of those in use, and those that packages ship.

A family reads every site that runs one software. A site is data: the package ships it, a pattern of
hosts covers it, or an operator adds it. `store` reads the table for the registry, `naming` gives a
site its name once and for all, `shipped` reads the `sites.toml` of a package.
"""
