"""The site's own words: tags with their slugs, types, states, places."""

from __future__ import annotations

HOST = "www.royalroad.com"
ORIGIN = f"https://{HOST}"

#: Name to slug. A slug cannot be derived from its name.
TAGS = {
    "LitRPG": "litrpg",
    "Portal Fantasy / Isekai": "summoned_hero",
    "Progression": "progression",
    "Anti-Hero Lead": "anti-hero_lead",
    "Ruling Class": "ruling_class",
    "Action": "action",
    "Adventure": "adventure",
    "Comedy": "comedy",
    "Fantasy": "fantasy",
    "Psychological": "psychological",
    "Female Lead": "female_lead",
    "High Fantasy": "high_fantasy",
    "Magic": "magic",
    "Monster Evolution": "monster_evolution",
    "Non-Human Lead": "non-human_lead",
    "Reincarnation": "reincarnation",
    "Strong Lead": "strong_lead",
    "Short Story": "one_shot",
    "Time Loop": "loop",
    "Sci-fi": "sci_fi",
}
#: Every generated fiction has these, and some of the others.
DEFAULT_TAGS = ("LitRPG", "Portal Fantasy / Isekai", "Progression", "Adventure", "Fantasy", "Magic")
DEFAULT_WARNINGS = ("Profanity", "Graphic Violence")

FAN_FICTION = "Fan Fiction"
STUB = "STUB"

CDN = "https://www.royalroadcdn.com"
NO_COVER = "/dist/img/nocover-new-min.png"
