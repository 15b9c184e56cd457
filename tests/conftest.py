"""What holds for all tests: what properties are tried with is the same on each run, and no try has to be quick.

A gate that draws anew fails for what nobody has just changed. To look for more: `--hypothesis-profile=default`.
"""

import signal

from hypothesis import settings

settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate")

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would the programs that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
