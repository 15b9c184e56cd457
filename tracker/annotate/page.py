"""Reads the notes of a page that has no earlier capture, and the passages that each probably speaks of."""

from __future__ import annotations

import re

from tracker.annotate import names
from tracker.annotate.claims import Hints, Mark, marks, read_claim
from tracker.annotate.disclosure import same
from tracker.annotate.evidence import Rarity, rarity
from tracker.annotate.notices import notices_in
from tracker.annotate.speech import find_denial, find_response
from tracker.annotate.worded import language_in, notice_places
from tracker.model import BlockKind, Document, Label, Notice, NoticeReading, NoticeStatus, Pair, Passage
from tracker.text.codec import document_digest
from tracker.text.sentences import sentences
from tracker.text.wording import Wording, plain, wording

ENOUGH = 0.6  # share of what a claim says was put in that must stand in one passage
_ANSWERS = frozenset({Label.DENIAL_ADDED, Label.RESPONSE_ADDED})
_TEXT = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.ITEM, BlockKind.TABLE, BlockKind.CAPTION})
_ODD = "its quotation marks are not those of most of the page (weak)"
_REACH = 8  # words between a speaker and the verb
_QUOTE = re.compile('"([^"]+)"')
_QUOTED = 4  # words from which a quotation is of one place
_ENDS = " ,.;:!?"
_CURLY = re.compile("[“”]")


def notices_on_page(document: Document) -> tuple[NoticeReading, ...]:
    """Each note of the page and the passages that it probably speaks of, with the reasons for each.

    An answer or a denial is found by who speaks, by its wording, and by standing right after such a passage; odd
    quotation marks only support what was found.
    """
    known = wording(language_in(document))
    digest = document_digest(document)
    rare = rarity((document,), known)
    return tuple(
        NoticeReading(notice, _passages(notice, document, rare, known))
        for notice in notices_in(document, Pair("", digest, digest))
        if notice.status is NoticeStatus.KEPT
    )


def _passages(notice: Notice, document: Document, rare: Rarity, known: Wording) -> tuple[Passage, ...]:
    found: dict[int, list[str]] = {}
    for claim in notice.claims:
        hints = read_claim(claim.text, known.language)
        told = _quoted(claim.text, document)
        if not told:
            is_answer = bool(hints.labels & _ANSWERS)
            told = _answers(hints, document, known) if is_answer else _told(hints, document, rare, known)
        for place, reasons in told.items():
            found[place] = list(dict.fromkeys(found.get(place, []) + reasons))
    odd = _odd_marks(document)
    return tuple(
        Passage(place, document.blocks[place].text, tuple(reasons + ([_ODD] if place in odd else [])))
        for place, reasons in sorted(found.items())
    )


def _quoted(claim: str, document: Document) -> dict[int, list[str]]:
    """Where the words that a claim quotes stand as they are."""
    quotes = [quote.strip(_ENDS) for quote in _QUOTE.findall(plain(claim)) if len(quote.split()) >= _QUOTED]
    return {
        place: [f"quotes: {quote}"]
        for place in _text_blocks(document)
        for quote in quotes
        if quote in plain(document.blocks[place].text)
    }


def _text_blocks(document: Document) -> list[int]:
    notes = notice_places(document)
    return [place for place, block in enumerate(document.blocks) if block.kind in _TEXT and place not in notes]


def _answers(hints: Hints, document: Document, known: Wording) -> dict[int, list[str]]:
    """Where the one whom the claim names answers, and the answers of the same kind that follow at once."""
    blocks = _text_blocks(document)
    speakers = [mark for mark in hints.all if mark.name]
    found: dict[int, list[str]] = {}
    for order, place in enumerate(blocks):
        text = plain(document.blocks[place].text)
        said = _spoken_by(text, speakers, hints, known)
        if said:
            found[place] = said
        elif order and blocks[order - 1] in found and (answer := _goes_on(text, known)):
            found[place] = ["stands right after such a passage", f"answers: {answer}"]
    return found


def _spoken_by(text: str, speakers: list[Mark], hints: Hints, known: Wording) -> list[str]:
    """Reasons why a sentence of the block is the answer of one of the speakers; who speaks stands before the verb."""
    for sentence in sentences(text, known.language):
        said = sentence.strip()
        denial, response = find_denial(said, known), find_response(said, known, frozenset())
        answer = denial or (response if hints.labels & {Label.RESPONSE_ADDED} else None)
        speaker = _subject(said, speakers, known)
        if answer and speaker:
            return [f"speaker: {speaker}", f"{'denies' if denial else 'answers'}: {answer}"]
    return []


def _subject(said: str, speakers: list[Mark], known: Wording) -> str | None:
    """Which of the speakers is named in the few words before a verb of saying or denying, or right after it."""
    pattern = f"{known.speech.verbs.pattern}|{known.speech.denies.pattern}|{known.speech.rejects.pattern}"
    for verb in re.finditer(pattern, said, re.IGNORECASE):
        near = " ".join(said[: verb.start()].split()[-_REACH:]) + " " + " ".join(said[verb.end() :].split()[:2])
        for word in names.TOKEN.findall(near):
            for mark in marks(word, known):
                if any(same(mark, speaker) for speaker in speakers):
                    return names.bare(word)
    return None


def _goes_on(text: str, known: Wording) -> str | None:
    """Does a block go on with the answer: somebody's spokesman, or an answer's own wording?"""
    for sentence in sentences(text, known.language):
        if answer := find_response(sentence.strip(), known, frozenset()):
            return answer
    spokes, verb = known.speech.spokes.search(text), known.speech.verbs.search(text)
    return spokes.group() if spokes and verb else None


def _told(hints: Hints, document: Document, rare: Rarity, known: Wording) -> dict[int, list[str]]:
    """Where most of what the claim says is right, or was put in, stands together."""
    wanted = hints.new or hints.about
    if sum(2 if mark.number or mark.name else 1 for mark in wanted) < 2:
        return {}
    scored = {}
    for place in _text_blocks(document):
        there = marks(plain(document.blocks[place].text), known)
        hits = [mark for mark in wanted if any(same(mark, other) for other in there)]
        around = [mark for mark in hints.about if any(same(mark, other) for other in there)]
        share = sum(map(rare.weight, hits)) / sum(map(rare.weight, wanted))
        if share >= ENOUGH and (around or not hints.about or len(hits) > 1):
            scored[place] = (share + len(around) / 10, [mark.word for mark in hits + around])
    best = max((value for value, _ in scored.values()), default=0.0)
    return {
        place: ["shares: " + ", ".join(dict.fromkeys(words))]
        for place, (value, words) in scored.items()
        if value >= best * 0.9
    }


def _odd_marks(document: Document) -> frozenset[int]:
    """Blocks whose double quotation marks are straight on a page of curly ones, or the other way round."""
    curly: list[int] = []
    straight: list[int] = []
    for place in _text_blocks(document):
        text = document.blocks[place].text
        if _CURLY.search(text):
            curly.append(place)
        elif '"' in text:
            straight.append(place)
    return frozenset(curly if len(curly) < len(straight) else straight)
