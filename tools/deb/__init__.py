"""Builds the .deb: `make deb`. The files of Debian's side lie in packaging/deb."""
