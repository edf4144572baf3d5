"""Packages of the wheel. The data folders `config` and `label_templates` ship under names that collide with nobody."""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["label_protocol*", "garment*", "edge_agent*", "central_registry*"]),
        "edge_agent_config",
        "edge_agent_templates",
    ],
    package_dir={"edge_agent_config": "config", "edge_agent_templates": "label_templates"},
    package_data={
        "": ["*.toml", "*.sql", "*.json", "*.html", "*.css", "*.js", "*.svg", "py.typed"],
        "edge_agent": ["**/*.toml", "**/*.sql", "**/*.json", "**/*.html", "**/*.css", "**/*.js", "**/*.svg"],
        "edge_agent_templates": ["former/*.toml"],
        "garment": ["**/*.toml"],
        "central_registry": ["**/*.toml", "**/*.sql", "**/*.html", "**/*.css", "**/*.js", "**/*.svg"],
    },
)
