"""The page over TLS: a site's own authority and certificate, certificates that are given, and a proxy before it."""
