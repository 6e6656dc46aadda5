"""From tokens to numbers and back. Only a word's look-up ignores case; what is shown keeps it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

PAD, UNK, BOS, EOS = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<bos>", "<eos>")
ENDS = (SPECIALS[BOS], SPECIALS[EOS])
"""What a task may put around a text; a text that spells them has several tokens there."""


def lookup_form(token: str) -> str:
    """The form under which a word is looked up: lower case, with a plain apostrophe."""
    return token.lower().replace("’", "'")


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows; the first four are PAD, UNK, BOS and EOS.

    `fold` looks words up without regard to case; characters keep theirs.
    """

    tokens: tuple[str, ...]
    fold: bool

    @classmethod
    def of(cls, tokens: Iterable[str], fold: bool = True) -> "Vocabulary":
        """The vocabulary of the distinct `tokens`, in the order in which they first appear."""
        forms = (lookup_form(token) if fold else token for token in tokens)
        return cls(SPECIALS + tuple(dict.fromkeys(forms)), fold)

    @classmethod
    def top(cls, tokens: Iterable[str], k: int, fold: bool = True) -> "Vocabulary":
        """The vocabulary of the `k` most frequent of `tokens`; of equals, the first to appear."""
        forms = Counter(lookup_form(token) if fold else token for token in tokens)
        return cls(SPECIALS + tuple(form for form, _count in forms.most_common(k)), fold)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self.tokens) if i >= len(SPECIALS)}

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """The id of each token; UNK for one that is not known. Typed text never yields PAD."""
        forms = (lookup_form(token) if self.fold else token for token in tokens)
        return [self._ids.get(form, UNK) for form in forms]

    def decode(self, ids: Sequence[int]) -> list[str]:
        """The token of each id."""
        return [self.tokens[i] for i in ids]

    def is_unknown(self, token: str) -> bool:
        """Whether `token` is read as UNK."""
        return self.encode([token]) == [UNK]
