"""Printers: languages (pure), transports (bytes), the link where they meet, and a virtual printer."""
