"""Harvest: one pass over a corpus keeps, for every unit, what explanation and examination need.

Memory is bounded by the units and one shard of the corpus, never by its tokens. `source` is what a subject gives;
`summary` is what is kept and how two of them join; `store` is the folder on disk; `stream` runs it all.
"""
