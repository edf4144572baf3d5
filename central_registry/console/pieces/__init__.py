"""What pages are built of: values that the partials of `templates/pieces/` draw. Pure; shown on `/console/pieces`."""
