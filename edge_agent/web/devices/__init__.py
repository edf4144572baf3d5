"""The page that gives devices the site's certificate, and tells how it is put in: over http, on a port of its own."""
