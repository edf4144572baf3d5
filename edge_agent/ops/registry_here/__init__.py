"""A registry on the same PC as the agent: its service, and where its parts lie. The registry itself is elsewhere."""
