"""The one door of the page, the API and the commands: what people may order and ask."""
