"""Watching: which articles, when each is looked at, by which rules of politeness, and what became of it.

`schedule` decides when (pure), `frontier` remembers what is due and keeps hosts apart, `discover` finds articles,
`loop` looks at them, `health` says how it goes. Moments in here are seconds since 1970 (UTC), as SQLite compares them;
datetimes stand at the doors.
"""
