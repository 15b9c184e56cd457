"""What holds for all tests: what properties are tried with is the same on each run, and no try has to be quick.

A gate that draws anew fails for what nobody has just changed. To look for more: `--hypothesis-profile=default`.
"""

from hypothesis import settings

settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate")
