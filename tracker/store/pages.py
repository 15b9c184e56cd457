"""The evidence of a capture: the page as it came, and capture.json, which says how it came.

capture.json is one object with sorted keys, one value a line. It holds no more than the Capture does: no cookies, no
credentials.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.model import Block, BlockKind, Capture, Link, Placement, Reading, Source, Suppressed
from tracker.store.commits import moment, parse_moment
from tracker.store.objects import GitObject, blob, tree
from tracker.text.decode import Decoded

PAGE = "page.html"
FACTS = "capture.json"


@functools.lru_cache(maxsize=2)  # one page is asked about several times while it is stored
def page_digest(body: bytes) -> str:
    """SHA-256 of a page as it came, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def page_objects(capture: Capture, decoded: Decoded | None, reading: Reading | None) -> list[GitObject]:
    """The two files of a capture and their folder, the folder last."""
    page = blob(capture.body)
    facts = blob(_write(capture, decoded, reading.suppressed if reading else ()))
    return [page, facts, tree([(PAGE, page.id), (FACTS, facts.id)])]


def _write(capture: Capture, decoded: Decoded | None, suppressed: Sequence[Suppressed]) -> bytes:
    facts = {
        "url": capture.url,
        "final_url": capture.final_url,
        "redirects": list(capture.redirects),
        "captured_at": moment(capture.captured_at),
        "status": capture.status,
        "headers": [list(header) for header in capture.headers],
        "source": capture.source,
        "sha256": page_digest(capture.body),
        "bytes": len(capture.body),
        "encoding": decoded.encoding if decoded else None,
        "encoding_from": decoded.rung if decoded else None,
        "suppressed": [{"reason": each.reason, **_block(each.block)} for each in suppressed],
    }
    if capture.robots_ignored:
        facts["robots"] = "ignored"
    return write_facts(facts)


def write_facts(facts: Mapping[str, Any]) -> bytes:
    """capture.json: ASCII only, so that no byte of it can hide in a terminal and lone surrogates survive."""
    return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode("ascii")


@dataclass(frozen=True, slots=True)
class Pruned:
    """A page was removed, by somebody's decision; all that is known of its capture stays."""

    at: datetime
    decision: str


def pruned(facts: bytes, how: Pruned) -> bytes:
    """A capture.json that says that its page was removed. Raises ValueError on one that we did not write."""
    found = json.loads(facts)
    if not isinstance(found, dict):
        raise ValueError("not a capture.json")
    return write_facts(found | {"pruned": {"at": moment(how.at), "decision": how.decision}})


def unpruned(facts: bytes) -> bytes:
    """The inverse of `pruned`: capture.json as it was first written."""
    return write_facts({name: value for name, value in json.loads(facts).items() if name != "pruned"})


def first_written(facts: bytes) -> bytes:
    """capture.json as it was before its page was removed, where it was; what seals list."""
    try:
        return unpruned(facts) if read_pruned(facts) else facts
    except (ValueError, TypeError, RecursionError):  # not ours: it stands as it is
        return facts


def read_pruned(facts: bytes) -> Pruned | None:
    """When and why the page of a capture was removed, None where it was not. Raises ValueError as `read_capture`."""
    try:
        found = json.loads(facts).get("pruned")
        return Pruned(parse_moment(found["at"]), found["decision"]) if found else None
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a capture.json: {error}") from error


def _block(block: Block) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "text": block.text,
        "links": [[link.start, link.end, link.href] for link in block.links],
        "time": block.time.isoformat() if block.time else None,
        "placement": block.placement,
    }


def read_capture(facts: bytes, page: bytes) -> Capture:
    """The capture back. Raises ValueError on a capture.json that we did not write."""
    try:
        found = json.loads(facts)
        return Capture(
            url=found["url"],
            final_url=found["final_url"],
            captured_at=parse_moment(found["captured_at"]),
            status=found["status"],
            headers=tuple((name, value) for name, value in found["headers"]),
            body=page,
            source=Source(found["source"]),
            redirects=tuple(found["redirects"]),
            robots_ignored=found.get("robots") == "ignored",
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a capture.json: {error}") from error


def read_suppressed(facts: bytes) -> tuple[Suppressed, ...]:
    """What was left out of the text when the page was first read. Raises ValueError as `read_capture`."""
    try:
        return tuple(Suppressed(_read_block(each), each["reason"]) for each in json.loads(facts)["suppressed"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a capture.json: {error}") from error


def _read_block(found: dict[str, Any]) -> Block:
    return Block(
        kind=BlockKind(found["kind"]),
        text=found["text"],
        links=tuple(Link(*link) for link in found["links"]),
        time=datetime.fromisoformat(found["time"]) if found["time"] else None,
        placement=Placement(found["placement"]) if found["placement"] else None,
    )
