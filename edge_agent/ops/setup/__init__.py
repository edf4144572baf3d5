"""The guided first start: what is asked, what is written, and which commands are run then."""
