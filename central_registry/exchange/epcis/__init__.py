"""EPCIS 2.0 documents in JSON: read, checked beyond what the schema asks, hashed, written. Pure.

Sources: GS1 EPCIS 2.0 and CBV 2.0, both of June 2022; section numbers are theirs. Nothing is ever fetched: what a
`@context` means is a table here.
"""
