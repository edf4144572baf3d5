"""Shows a consumer who scans a label what is known of it."""
