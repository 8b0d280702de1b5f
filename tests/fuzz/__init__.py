"""Everything that reads what others wrote, given what nobody would write: a value, or a sentence of ours.

Runs repeat themselves, so that a failure is one. ``FUZZ=long`` looks for new ones, for minutes.
"""
