"""EPCIS events that were captured over HTTP: kept as they were told, given back to whom they concern; what they say of
where garments are goes through the one door of `central_registry/place`.
"""
