"""Which of our languages a text is in, by its small words, where a page does not say or plainly says wrong."""

from __future__ import annotations

import functools
import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+")
_READ = 6_000  # code points; the start of an article tells
_LEAST = 12  # words of a text that can tell anything
_SHARE = 0.12  # of all words must be small words of the language
_CLEAR = 1.6  # times the next language, where the page says nothing
_PLAIN = 3.0  # times the declared language, where the page says something else
_SURE = 40  # words of a text that can contradict a page

_FREQUENT = {
    "en": "the of and to in is was that for on with he it as at by his from they were are which an be this had not but "
    "have has who said their its will been she would after about there when more what",
    "de": "der die und das den dem ein eine einen einem einer ist war nicht von zu mit auf für sich auch im des werden "
    "wurde hat sie er es an bei nach aus wie über als dass noch zum zur sind haben oder aber um vor nur am durch",
    "fr": "le la les de des du un une et est dans pour que qui sur pas au aux avec ce cette il elle sont été par plus "
    "se sa son ses ont en était mais nous vous leur d l qu à y",
    "es": "el la los las de del un una y es en que por con para se su no al lo como más ha fue este esta sus pero son "
    "han había también entre desde sobre ser está muy cuando hasta",
    "pt": "o a os as de do da dos das um uma e é em no na nos nas que por com para se não ao mais foi como mas ele ela "
    "são pelo pela à ou ser tem também está após segundo sua seu",
    "it": "il lo la i gli le di del della dei delle un una e è in che per con non si da al alla nel nella sono ha come "
    "più anche ma dal dalla sul sulla questo questa dopo stato stata l dell all",
    "nl": "de het een en van is in te dat op voor met zijn niet aan er om ook door die bij uit naar maar heeft worden "
    "werd was als nog dan over tot zich hij deze zij wordt hebben of meer geen "
    "hun waren kan moet tegen volgens jaar dit haar had wel kwam",
    # Neighbours that have no file, so that none of ours is taken for them.
    "da": "og det er en at til på af som den for med de der har ikke et han var men fra sig vi jeg kan om efter ved "
    "blev eller hun skal også være",
    "sv": "och att det är en som på av för den med till inte har de ett om han var men från vi jag kan efter vid blev "
    "eller hon ska också vara sig",
    "ca": "el la els les de del i un una que en per amb és no al dels ha va són més com aquest aquesta seu seva però "
    "també ser està fins després",
    "ro": "și de la în cu pe un o din care este a pentru nu au fi că mai prin sunt după dar ca se lui al ale fost",
    "pl": "i w na z do się nie to jest że o jak po za od przez był dla ale tym przy był są który która oraz",
    "af": "die en van is in het nie dat te op vir met sy aan om ook hy was deur wat na maar word ek ons as uit",
}
_OURS = frozenset({"en", "de", "fr", "es", "pt", "it", "nl"})
_KEYS: dict[str, tuple[str, ...]] = {
    word: tuple(code for code, words in _FREQUENT.items() if word in words.split())
    for words in _FREQUENT.values()
    for word in words.split()
}


@functools.lru_cache(maxsize=32)
def language_of(text: str, declared: str | None) -> str | None:
    """The language of a text as a tag: the declared one, unless there is none or the text plainly contradicts it.

    A declared variant ("de-AT") stays. Of a short or a mixed text, or one in no language of ours, nothing is said
    that the page did not say. Deterministic; looks at the first 6,000 code points only.
    """
    found = Counter(_WORD.findall(text[:_READ].lower()))
    total = sum(found.values())
    if total < _LEAST:
        return declared
    scores = _scores(found)
    best, score = max(scores.items(), key=lambda item: (item[1], item[0]))
    said = re.split("[-_]", (declared or "").strip().lower(), maxsplit=1)[0]
    if best == said or best not in _OURS or score < _SHARE * total:
        return declared
    if not said:
        second = max(value for code, value in scores.items() if code != best)
        return best if score >= _CLEAR * second else declared
    contradicts = total >= _SURE and said in scores and score >= _PLAIN * scores[said]
    return best if contradicts else declared


def _scores(found: Counter[str]) -> dict[str, float]:
    """How many words of a text are each language's; a word of several languages counts a part for each."""
    scores = dict.fromkeys(_FREQUENT, 0.0)
    for word, count in found.items():
        for code in _KEYS.get(word, ()):
            scores[code] += count / len(_KEYS[word])
    return scores
