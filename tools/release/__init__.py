"""Makes the updates that `edge-agent update` trusts: keys, the list of releases, their signatures. docs/updates.md."""
