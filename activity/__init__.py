"""The activity log: one append-only log, written in the transaction that changed something. Plain ids, no foreign
keys.
"""
