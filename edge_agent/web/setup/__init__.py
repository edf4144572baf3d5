"""The guided first start as a page: the same answers and the same steps as the command, on loopback, for one person."""
