"""What a consumer sees who scans a label."""
