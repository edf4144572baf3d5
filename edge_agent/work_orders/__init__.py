"""The book of work orders, and how they are read: what was asked to be printed, by whom, and what was given out of it.

The book is a file of its own beside the ledger. It says what is wanted; what was printed stands in the ledger alone,
and is asked there.
"""
