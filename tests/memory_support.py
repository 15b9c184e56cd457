"""Stories of one host that have nothing in common but what the site puts between their paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

from tests.site import capture, hour, page
from tracker.model import Check, Report
from tracker.pipeline import keep, neighbours, report
from tracker.store import Store

PROMO = "A seat by our stove is yours on winter evenings, with tea and a map."  # no list foresees it
SECOND_PROMO = "We keep a chair free for you at our long table, on the first Sunday of the month."
STORIES: dict[str, tuple[str, ...]] = {
    "harbour": (
        "A fire in the docks of Port Ellery destroyed two sheds on Tuesday night and woke the whole quarter.",
        "It broke out shortly before midnight, where a shipping firm kept paint, ropes and four hundred empty barrels.",
        "The mayor, Jonas Adler, spoke of sheds that had been looked at in spring, and of no fault in them.",
    ),
    "orchard": (
        "Frost has taken most of this year's cherries in the valley of the Lenne, growers reported on Monday morning.",
        "On the slopes above Brunnfeld the blossom turned brown within an hour; smoke pots had been lit at four.",
        "Greta Sommer, who farms there in the fifth generation, reckons with a third of what she picks in other years.",
    ),
    "railway": (
        "Night trains between Kestrel Bay and the capital will run again from June, after a pause of eleven years.",
        "Two sets of sleeping cars have been bought second-hand and are being rebuilt in the yards at Morrow.",
        "The timetable of Northern Line foresees four stops and an arrival shortly before seven in the morning.",
    ),
    "library": (
        "The reading room of the Halden library opens on Sundays, for the first time since the building was put up.",
        "Volunteers will hand out the keys of the lockers; a porter stays at the gate, and the cellar remains shut.",
        "Professor Imre Katz has wanted this since his student days, when he climbed in through a window.",
    ),
}


def address(story: str) -> str:
    return f"https://daily.example/2026/{story}-story"


def written(story: str, *extra: str, at: int = 1, text: Sequence[str] | None = None, nonce: int = 0) -> bytes:
    """The page of a story with paragraphs of the site between its own, after paragraph `at`."""
    own = list(STORIES[story] if text is None else text)
    return page([*own[:at], *extra, *own[at:]], headline=f"The {story} in brief", canonical=address(story), nonce=nonce)


def look(store: Store, when: float, story: str, *extra: str, text: Sequence[str] | None = None, at: int = 1) -> Check:
    """One look at a story."""
    return keep(store, capture(hour(when), written(story, *extra, at=at, text=text), url=address(story)))


def texts(check: Check) -> list[str]:
    """The paragraphs that were stored."""
    assert check.snapshot is not None
    return [block.text for block in check.snapshot.document.blocks if block.kind.value == "paragraph"]


def last_report(store: Store, story: str) -> Report:
    history = store.history(store.find(address(story)))
    return report(store, history, *neighbours(history)[-1])


def shown(made: Report) -> set[str]:
    """All words that a report shows as come or gone."""
    return {change.deleted for change in made.diff.changes} | {change.inserted for change in made.diff.changes} - {""}
