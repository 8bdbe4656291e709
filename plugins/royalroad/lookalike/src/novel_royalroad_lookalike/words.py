"""The words and sentence patterns from which the look-alike's prose is made."""

from __future__ import annotations

NAMES = (
    "Amris", "Belden", "Corvane", "Delphy", "Eskar", "Fennimore", "Gisla", "Hollin", "Ismeth", "Jorrun",
    "Kestra", "Lowen", "Maribeth", "Nadir", "Orsolo", "Pell", "Quillon", "Rhosyn", "Sabel", "Tamsin",
    "Ulrike", "Verrin", "Wystan", "Ysolt",
)  # fmt: skip
PLACES = (
    "the salt market", "the lower archive", "Harrow Bridge", "the glass orchard", "the toll house",
    "the drowned quarter", "Cinder Hill", "the lamplighters' hall", "the ferry landing", "the third gate",
    "the beacon tower", "Mossgrave", "the clockmaker's yard", "the upper terraces",
)  # fmt: skip
THINGS = (
    "lantern", "ledger", "copper key", "map", "cracked bell", "coil of rope", "sealed letter", "compass",
    "bundle of reeds", "mana stone", "tin whistle", "broken spear", "jar of ink", "travel chest",
    "spirit lamp", "borrowed coat",
)  # fmt: skip
CREATURES = (
    "marsh heron", "stone hound", "ember moth", "ditch troll", "paper wyrm", "bog lantern", "grey ram",
    "cave eel", "thorn cat", "river ogre",
)  # fmt: skip
ADJECTIVES = (
    "quiet", "crooked", "pale", "stubborn", "narrow", "patient", "rusted", "hollow", "bright", "weary",
    "familiar", "uneven", "cold", "careful", "unlikely", "half-forgotten",
)  # fmt: skip
VERBS = (
    "lifted", "studied", "hid", "dropped", "counted", "turned over", "wrapped", "traded", "carried",
    "unfolded", "polished", "pushed aside",
)  # fmt: skip
ADVERBS = (
    "slowly", "without a word", "once more", "with both hands", "before anyone could object", "for luck",
    "as if it might bite", "in the dark", "with a sigh", "for the third time",
)  # fmt: skip
SKILLS = (
    "Tinker's Patience", "Lesser Hearing", "Map Memory", "Iron Stomach", "Quiet Step", "Haggle",
    "Thread of Frost", "Second Wind", "Weather Sense", "Steady Hand",
)  # fmt: skip

SENTENCES = (
    "{name} {verb} the {adjective} {thing} {adverb}.",
    "Nobody at {place} had expected a {adjective} {creature} before the morning bell.",
    "The road to {place} was {adjective}, and the {thing} on {name}'s back grew heavier with each mile.",
    "{name} and {other} shared the last of the bread while a {creature} watched from the wall.",
    "There were {number} steps down to {place}; {name} counted them {adverb}.",
    "It was a {adjective} plan, but the {thing} left them no better one.",
    "Somewhere behind {place} a {creature} answered, {adjective} and very near.",
    "{other} {verb} the {thing}, shook it, and handed it back {adverb}.",
    "By dusk the {adjective} smoke above {place} had thinned to a thread.",
    "If the {creature} remembered {name}, it gave no sign of it.",
    "They paid {number} coppers for the {thing}, which {other} called robbery and {name} called rent.",
    "The {adjective} hum of the wards at {place} rose by half a note.",
    "{name} waited until the {creature} had passed, then {verb} the {thing} {adverb}.",
    "Every {thing} in {place} had a story, and most of the stories had a {creature} in them.",
)
SPEECHES = (
    '"You said the {thing} was safe," {name} said.',
    '"Not before we reach {place}," said {other}, and {verb} the {thing}.',
    '"A {adjective} {creature} is still a {creature}," {name} muttered.',
    '"How many?" "{number}. Perhaps more, if you count the {creature}," {other} admitted.',
    '"Give me the {thing}," {name} said {adverb}, "and go back to {place}."',
    '"That is the most {adjective} thing I have heard all week," said {other}.',
)
EMPHASES = (
    "<em>Not again,</em> {name} thought, and {verb} the {thing}.",
    "It was <em>exactly</em> the {thing} they had lost at {place}.",
    "The {creature} did not growl. It <em>listened</em>, {adverb}.",
    "<em>One {adjective} night,</em> {other} had promised. <em>Only one.</em>",
)
NOTICES = (
    "<strong>[{skill} has reached level {number}.]</strong>",
    "<strong>[New skill: {skill}]</strong>",
    "<strong>[Quest updated: bring the {thing} to {place}.]</strong>",
)
TITLES = (
    "The {Adjective} {Thing}", "A {Creature} at the Door", "What {name} Carried", "{Number} Days of Rain",
    "Below {Place}", "The Price of a {Thing}", "{name} and the {Creature}", "A {Adjective} Bargain",
    "Return to {Place}", "Letters for {name}",
)  # fmt: skip
FICTIONS = (
    "The {Thing} Keeper of {Place}", "{name}'s {Adjective} Apprenticeship", "Song of the {Creature}",
    "A {Thing} for {Place}",
)  # fmt: skip
AUTHORS = (
    "inkwell_heron", "Tallow Finch", "ProseAndCons", "marginwalker", "Old Semaphore", "Nine Quills",
    "bellweather", "CartographersCat",
)  # fmt: skip
NOTES = (
    "<p>Thank you for reading! The next part comes on {day}.</p>",
    "<p>This one took longer than planned. The {thing} will matter later, I promise.</p><p>See you on {day}.</p>",
    "<p>A small correction: {name} was at {place}, not at the gate. <em>Mended.</em></p>",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

#: The sentences readers never see. Some name neither the site nor a shop.
HIDDEN = (
    "This text was lifted from its home without leave. Please report it.",
    "Seen this tale on Amazon? It was put there by a thief; tell the author.",
    "Unlawful copy: the story belongs on Royal Road.",
    "The author gave no permission for this copy.",
    "Taken content detected. The true pages are elsewhere.",
    "Enjoying the chapter? Look for it on the author's own page to support the work.",
    "If these lines stand on another site, somebody stole them.",
    "A pilfered narrative; report sightings of it.",
    "Read this where it was written: on Royal Road.",
    "Copied without consent. Readers deserve the original.",
    "You may be reading a pirated edition of this story.",
    "Reproduction of this chapter was never allowed.",
)
