"""English words with two tags, in sentences where one side or both decide between them."""

from rnnviz.tasks.tags.grammar import Grammar, Reading, slot

WHO = slot("i, you, we, they", "PRON")
NOW = slot("today, again, here, now", "ADV")
THEN = slot("then, today, again, there", "ADV")

# "they like the walk today" and "they like to walk today": what stands before "walk" decides.
LIKE = slot("like, want, need, love", "VERB")
THE = slot("the", "DET")
TO = slot("to", "PART")
DEEDS = "walk, talk, dance, swim, drink, rest, visit, call"

LEFT = Grammar(
    (
        Reading((WHO, LIKE, THE, slot(DEEDS, "NOUN"), NOW)),
        Reading((WHO, LIKE, TO, slot(DEEDS, "VERB"), NOW)),
    )
)

# "we met her friends" and "we met her today": what follows "her" decides. So it does for "that"
# ("i knew that song", "i knew that we sang") and "before" ("before lunch", "before we ate").
MET = slot("met, saw, heard, missed", "VERB")
FRIENDS = slot("friends, parents, children, neighbours", "NOUN")
KNEW = slot("knew, remembered, believed, heard", "VERB")
STORY = slot("story, song, answer, news", "NOUN")
DID = slot("won, slept, sang, laughed", "VERB")
CALLED = slot("called, left, came, wrote", "VERB")
EVENTS = slot("lunch, dinner, school, christmas", "NOUN")
SIDES = "before, after"

RIGHT = Grammar(
    (
        Reading((WHO, MET, slot("her", "DET"), FRIENDS, THEN)),
        Reading((WHO, MET, slot("her", "PRON"), THEN)),
        Reading((WHO, KNEW, slot("that", "DET"), STORY, THEN)),
        Reading((WHO, KNEW, slot("that", "SCONJ"), WHO, DID)),
        Reading((WHO, CALLED, slot(SIDES, "ADP"), EVENTS, THEN)),
        Reading((WHO, CALLED, slot(SIDES, "SCONJ"), WHO, DID)),
    )
)

# "we saw her letters today" and "we gave her letters today" differ before "her", "we gave her
# letters today" and "we gave her letters to tom" behind it.
SAW = slot("saw, liked, noticed, admired", "VERB")
GAVE = slot("gave, sent, showed, handed", "VERB")
LETTERS = slot("letters, flowers, pictures, books", "NOUN")
TOM = slot("tom, anna, john, mary", "PROPN")

BOTH = Grammar(
    (
        Reading((WHO, SAW, slot("her", "PRON"), THEN)),
        Reading((WHO, SAW, slot("her", "DET"), LETTERS, THEN)),
        Reading((WHO, GAVE, slot("her", "PRON"), LETTERS, THEN)),
        Reading((WHO, GAVE, slot("her", "DET"), LETTERS, slot("to", "ADP"), TOM)),
    )
)

EXAMPLES: dict[str, tuple[str, ...]] = {
    "left": ("they", "like", "to", "walk", "today"),
    "right": ("we", "met", "her", "friends", "today"),
    "both": ("we", "gave", "her", "letters", "today"),
}
"""The sentence that training is watched on."""
