"""Korean words with two tags, in sentences where one side or both decide between them.

A word is what stands between two blanks, with its particle or ending; it has the tag of its stem.
Many nouns with the topic particle 는 look like the adnominal form of a verb: 새는 is "as for the
bird" (새) or "leaking" (새다).
"""

from rnnviz.tasks.tags.grammar import Grammar, Reading, slot

INDEED = slot("역시, 물론, 확실히, 정말", "ADV")
SEEMS = slot("좋다, 낯설다, 이상하다, 재미있다", "ADJ")

# What stands before decides: a possessor makes it a noun ("언니 차는": as for the sister's car), an
# object or a subject makes it a verb ("공을 차는": kicking a ball).
OWNERS = slot("우리", "PRON") + slot("언니, 삼촌, 할머니", "NOUN")
SIGHTS = slot("모습이, 소리가", "NOUN")
ACTS = {
    "개는": "이불을, 옷을, 빨래를, 수건을",  # dog; folding blankets
    "차는": "공을, 깡통을, 돌을, 문을",  # car; kicking a ball
    "새는": "물이, 바람이, 기름이, 가스가",  # bird; water leaking
    "매는": "끈을, 띠를, 줄을, 넥타이를",  # hawk; tying a ribbon
}

LEFT = Grammar(
    tuple(
        reading
        for word, acts in ACTS.items()
        for reading in (
            Reading((INDEED, OWNERS, slot(word, "NOUN"), SIGHTS, SEEMS)),
            Reading((INDEED, slot(acts, "NOUN"), slot(word, "VERB"), SIGHTS, SEEMS)),
        )
    )
)

# What follows decides: of a topic something is said ("파는 값이 올랐다": the price of green onions
# has risen), a verb describes the next noun ("파는 사람이 보인다": one sees people selling).
RISES = slot("값이, 가격이, 시세가", "NOUN"), slot("올랐다, 내렸다, 뛰었다, 떨어졌다", "VERB")
SEEN = slot("보인다, 나타났다", "VERB")
HEADS = {
    "파는": "사람이, 가게가, 상인이, 곳이",  # green onion; selling
    "무는": "개가, 모기가, 뱀이, 벌레가",  # radish; biting
    "자는": "아이가, 고양이가, 아기가, 사람이",  # ruler; sleeping
    "차는": "선수가, 아이가, 말이, 사람이",  # car; kicking
}

RIGHT = Grammar(
    (
        *(
            reading
            for word, heads in HEADS.items()
            for reading in (
                Reading((INDEED, slot(word, "NOUN"), *RISES)),
                Reading((INDEED, slot(word, "VERB"), slot(heads, "NOUN"), SEEN)),
            )
        ),
        # 새: new shoes, or two birds. 가는: a thin thread, or a bus that goes.
        Reading((INDEED, slot("새", "DET"), slot("신발이, 가방이, 집이, 옷이", "NOUN"), SEEN)),
        Reading(
            (
                INDEED,
                slot("새", "NOUN"),
                slot("한, 두, 세, 네", "DET"),
                slot("마리가", "NOUN"),
                SEEN,
            )
        ),
        Reading((INDEED, slot("가는", "ADJ"), slot("실이, 끈이, 철사가, 바늘이", "NOUN"), SEEN)),
        Reading((INDEED, slot("가는", "VERB"), slot("버스가, 사람이, 기차가, 배가", "NOUN"), SEEN)),
    )
)

# "저 자는 모양이 낯설다" (that ruler looks strange) differs from "언니가 자는 모양이 낯설다"
# (the way the sister sleeps is strange) only before 자는, and from "저 자는 아이가 낯설다"
# (that sleeping child is strange) only behind it.
THAT = slot("이, 그, 저", "DET")
TURNS = {
    "자는": ("모양이", "언니가, 삼촌이, 할머니가", "아이가, 고양이가, 아기가"),
    "무는": ("모양이", "사자가, 늑대가, 악어가", "개가, 뱀이, 벌레가"),
    "새는": ("소리가", "물이, 기름이, 가스가", "지붕이, 수도가, 그릇이"),
    "파는": ("값이", "상점이, 가게가, 회사가", "사람이, 아이가, 상인이"),
}

BOTH = Grammar(
    tuple(
        reading
        for word, (look, doers, heads) in TURNS.items()
        for reading in (
            # Twice as often, so that both tags are equally frequent.
            Reading((INDEED, THAT, slot(word, "NOUN"), slot(look, "NOUN"), SEEMS), weight=2),
            Reading((INDEED, slot(doers, "NOUN"), slot(word, "VERB"), slot(look, "NOUN"), SEEMS)),
            Reading((INDEED, THAT, slot(word, "VERB"), slot(heads, "NOUN"), SEEMS)),
        )
    )
)

EXAMPLES: dict[str, tuple[str, ...]] = {
    "left": ("역시", "공을", "차는", "소리가", "좋다"),
    "right": ("역시", "자는", "아이가", "보인다"),
    "both": ("정말", "물이", "새는", "소리가", "이상하다"),
}
"""The sentence that training is watched on."""
