"""An indicative look at print quality: what damage by a thermal head a label survives. It is no verifier."""
