"""What agents tell: chain, place, meaning, new or replay or conflict, written down."""
