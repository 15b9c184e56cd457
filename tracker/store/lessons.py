"""What one more page adds to the memory of its host: its sightings, its kin, and the blocks that it bears upon.

The rules are not here: whoever learns hands in the functions that judge. All tables are bounded: a host's newest
articles bear witness, older ones are forgotten with all that was seen in them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.model import Sighting
from tracker.store.commits import moment, parse_moment
from tracker.store.memory import host_of, marks_of, numbers_in, sighting_of

STORIES = 200  # articles of a host that bear witness, the newest
ASKED = 24  # sightings of one block that are judged, the newest
LONG = timedelta(days=180)  # a block that no page of the host has shown for so long is forgotten
_REPORTED = 4 | 8  # the marks told and edited: what was once text in an article stays so, however long it is gone
_MANY = 6  # witnesses of one block: those who judge ask for no more

Judge = Callable[[Sequence[tuple[int, Sighting]], Collection[tuple[int, int]]], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one page of an article adds to the memory of its host.

    `sightings` are all of the article's, `texts` those of the page by key. `page` is the digest of the page that the
    newest text was read from, `links` the hex parts of the branches that the text links to. `lens` is the digest of
    the memory that the newest text was read with, `known` what that memory held, None where that is kept already.
    `judge`, `is_story` and `is_text` are the rules: who bears witness, which articles are one, what only text says.
    """

    branch: str
    at: datetime
    page: str
    sightings: Mapping[str, Sighting]
    texts: Mapping[str, str]
    container: str
    tied: bool
    links: tuple[str, ...]
    lens: str
    known: tuple[frozenset[str], frozenset[str]] | None
    judge: Judge
    is_story: Callable[[int, int, int], bool]
    is_text: Callable[[str], bool]


def take_in(db: sqlite3.Connection, lesson: Lesson) -> None:
    """Write a lesson, and judge anew what it bears upon."""
    host, at = host_of(lesson.branch), moment(lesson.at)
    number, fresh = _write_story(db, lesson, host, at)
    changed = _write_sightings(db, lesson, number, host, at)
    relatives = _find_kin(db, lesson, number, host, changed)
    asked = {name for name in changed if not lesson.sightings[name].mute}
    if relatives:  # they and this one count as one from now on: all that they bear witness of together
        asked |= {name for name, each in lesson.sightings.items() if not each.mute}
    _judge(db, lesson, host, at, asked, number)
    db.execute(
        """UPDATE furniture SET seen = ?1 WHERE host = ?2 AND seen < ?1
        AND key IN (SELECT value FROM json_each(?3))""",
        (at, host, json.dumps(list(lesson.texts))),
    )
    if fresh:
        _let_go(db, lesson, host, at)


def _write_story(db: sqlite3.Connection, lesson: Lesson, host: str, at: str) -> tuple[int, bool]:
    row = db.execute("SELECT id, at, lens FROM stories WHERE branch = ?", (lesson.branch,)).fetchone()
    prose = sum(each.size for each in lesson.sightings.values() if each.present)
    facts = (lesson.page, prose, lesson.container, lesson.tied, lesson.lens)
    if lesson.lens != "-" and lesson.known is not None:
        known = json.dumps([sorted(part) for part in lesson.known])
        db.execute("INSERT OR IGNORE INTO lenses VALUES (?, ?)", (lesson.lens, known))
    if row is None:
        made = (host, lesson.branch, lesson.branch[-16:], at, *facts)
        done = db.execute("INSERT INTO stories VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", made)
        return int(done.lastrowid or 0), True
    number, before, lens = row
    db.execute(
        "UPDATE stories SET at = ?, page = ?, prose = ?, container = ?, tied = ?, lens = ? WHERE id = ?",
        (max(at, before), *facts, number),
    )
    if lens != lesson.lens:
        _drop_lens(db, lens)
    return int(number), False


def _drop_lens(db: sqlite3.Connection, digest: str) -> None:
    """A memory that no article is read with any more."""
    db.execute("DELETE FROM lenses WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM stories WHERE lens = ?1)", (digest,))


def _write_sightings(db: sqlite3.Connection, lesson: Lesson, number: int, host: str, at: str) -> set[str]:
    """Write what is new or not as it was; the keys of these."""
    rows = db.execute("SELECT key, size, flips, marks FROM sightings WHERE story = ?", (number,))
    before = {row[0]: sighting_of(*row) for row in rows}
    changed = {name: each for name, each in lesson.sightings.items() if before.get(name) != each}
    db.executemany(
        "INSERT OR REPLACE INTO sightings VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(host, name, number, at, each.size, each.flips, marks_of(each)) for name, each in changed.items()],
    )
    return set(changed)


def _find_kin(db: sqlite3.Connection, lesson: Lesson, number: int, host: str, changed: Collection[str]) -> set[int]:
    """The articles that link to this one or are linked to by it, or share much of its prose, and were not known to."""
    own = lesson.branch[-16:]
    db.executemany(
        "INSERT OR IGNORE INTO story_links VALUES (?, ?)",
        [(number, target) for target in lesson.links if target != own],
    )
    linked = db.execute(
        """SELECT story FROM story_links WHERE target = ?
        UNION SELECT id FROM stories WHERE host = ? AND hex IN (SELECT value FROM json_each(?))""",
        (own, host, json.dumps(lesson.links)),
    ).fetchall()
    found = {story for (story,) in linked} | _sharing(db, lesson, number, host, changed)
    found -= {number, *(other for (other,) in db.execute("SELECT other FROM kin WHERE story = ?", (number,)))}
    pairs = [pair for other in found for pair in ((number, other), (other, number))]
    db.executemany("INSERT OR IGNORE INTO kin VALUES (?, ?)", pairs)
    return found


def _sharing(db: sqlite3.Connection, lesson: Lesson, number: int, host: str, changed: Collection[str]) -> set[int]:
    """The articles that hold much of the same prose, apart from what is furniture."""
    if not changed:
        return set()
    names = [name for name, each in lesson.sightings.items() if each.present]
    furniture = db.execute(
        "SELECT key FROM furniture WHERE host = ? AND key IN (SELECT value FROM json_each(?))",
        (host, json.dumps(names)),
    )
    known = {name for (name,) in furniture}
    rows = db.execute(
        """SELECT sightings.story, sum(sightings.size), stories.prose
        FROM sightings JOIN stories ON stories.id = sightings.story
        WHERE sightings.host = ?1 AND sightings.key IN (SELECT value FROM json_each(?2)) AND sightings.story <> ?3
        AND sightings.marks & 1
        GROUP BY sightings.story""",
        (host, json.dumps([name for name in names if name not in known]), number),
    ).fetchall()
    prose = sum(each.size for each in lesson.sightings.values() if each.present)
    return {story for story, shared, other in rows if lesson.is_story(shared, prose, other)}


def _judge(
    db: sqlite3.Connection, lesson: Lesson, host: str, at: str, names: Iterable[str], number: int | None = None
) -> None:
    """Judge blocks anew: learn what has become furniture, forget what is no more. Where it has all its witnesses, and
    the story `number` that is heard now is none of them, there is nothing to judge."""
    asked = json.dumps(list(names))
    known = dict(
        db.execute(
            "SELECT key, witnesses FROM furniture WHERE host = ? AND key IN (SELECT value FROM json_each(?))",
            (host, asked),
        ).fetchall()
    )
    twice = db.execute(
        """SELECT key FROM sightings WHERE host = ? AND key IN (SELECT value FROM json_each(?))
        GROUP BY key HAVING count(*) > 1""",
        (host, asked),
    ).fetchall()
    for name in {*known, *(one for (one,) in twice)}:
        if number is not None and name in known and _is_settled(known[name], number):
            continue
        seen = _witnesses(db, lesson, host, name)
        if seen and name not in known and not _may_be_learned(db, lesson, host, name):
            continue
        said = ",".join(map(str, seen))
        if seen and name not in known:
            db.execute(
                "INSERT INTO furniture VALUES (?, ?, ?, ?, ?, ?)", (host, name, lesson.texts[name], at, at, said)
            )
        elif seen:
            db.execute("UPDATE furniture SET witnesses = ? WHERE host = ? AND key = ?", (said, host, name))
        elif name in known:
            db.execute("DELETE FROM furniture WHERE host = ? AND key = ?", (host, name))


def _is_settled(said: str, number: int) -> bool:
    witnesses = numbers_in(said)
    return len(witnesses) >= _MANY and number not in witnesses


def _witnesses(db: sqlite3.Connection, lesson: Lesson, host: str, name: str) -> tuple[int, ...]:
    rows = db.execute(
        "SELECT story, key, size, flips, marks FROM sightings WHERE host = ? AND key = ? ORDER BY story DESC LIMIT ?",
        (host, name, ASKED),
    ).fetchall()
    kin = db.execute(
        """SELECT story, other FROM kin WHERE story IN (SELECT value FROM json_each(?1))
        AND other IN (SELECT value FROM json_each(?1))""",
        (json.dumps([row[0] for row in rows]),),
    ).fetchall()
    return lesson.judge([(row[0], sighting_of(*row[1:])) for row in rows], frozenset(kin))


def _may_be_learned(db: sqlite3.Connection, lesson: Lesson, host: str, name: str) -> bool:
    """Not what a person corrected, nor what only text says; what is not on this page waits for one that has it."""
    if name not in lesson.texts or lesson.is_text(lesson.texts[name]):
        return False
    return not db.execute("SELECT 1 FROM corrections WHERE host = ? AND key = ?", (host, name)).fetchall()


def _let_go(db: sqlite3.Connection, lesson: Lesson, host: str, at: str) -> None:
    """Forget what has become too old: articles beyond the newest, and blocks that no page shows any more."""
    old = db.execute(
        "SELECT id, lens FROM stories WHERE host = ? ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?", (host, STORIES)
    )
    for number, lens in old.fetchall():
        names = _drop_story(db, number, lens)
        held = db.execute(
            "SELECT key FROM furniture WHERE host = ? AND key IN (SELECT value FROM json_each(?))",
            (host, json.dumps(names)),
        ).fetchall()
        _judge(db, lesson, host, at, [name for (name,) in held])
    limit = moment(parse_moment(at) - LONG)
    gone = db.execute("SELECT key FROM furniture WHERE host = ? AND seen < ?", (host, limit)).fetchall()
    for (name,) in gone:
        db.execute("DELETE FROM furniture WHERE host = ? AND key = ?", (host, name))
        db.execute("DELETE FROM sightings WHERE host = ? AND key = ? AND NOT marks & ?", (host, name, _REPORTED))


def _drop_story(db: sqlite3.Connection, number: int, lens: str) -> list[str]:
    """Forget one article; the keys of the blocks that were seen in it."""
    names = [name for (name,) in db.execute("SELECT key FROM sightings WHERE story = ?", (number,))]
    for query in (
        "DELETE FROM sightings WHERE story = ?",
        "DELETE FROM story_links WHERE story = ?",
        "DELETE FROM kin WHERE story = ?",
        "DELETE FROM kin WHERE other = ?",
        "DELETE FROM stories WHERE id = ?",
    ):
        db.execute(query, (number,))
    _drop_lens(db, lens)
    return names


def unlearn(db: sqlite3.Connection, branch: str) -> None:
    """Forget an article that was deleted, and every text that is known from it alone."""
    row = db.execute("SELECT id, lens FROM stories WHERE branch = ?", (branch,)).fetchone()
    if row is None:
        return
    names = json.dumps(_drop_story(db, *row))
    host = host_of(branch)
    held = "host = ? AND key IN (SELECT value FROM json_each(?))"
    for name, said in db.execute(f"SELECT key, witnesses FROM furniture WHERE {held}", (host, names)).fetchall():  # noqa: S608 - fixed text
        witnesses = ",".join(str(number) for number in numbers_in(said) if number != row[0])
        db.execute("UPDATE furniture SET witnesses = ? WHERE host = ? AND key = ?", (witnesses, host, name))
    alone = "NOT EXISTS (SELECT 1 FROM sightings AS s WHERE s.host = {0}.host AND s.key = {0}.key)"
    few = "instr(witnesses, ',') = 0"  # furniture has two witnesses at least
    db.execute(f"DELETE FROM furniture WHERE {held} AND {few}", (host, names))  # noqa: S608 - fixed text
    db.execute(f"DELETE FROM corrections WHERE {held} AND {alone.format('corrections')}", (host, names))  # noqa: S608 - fixed text
