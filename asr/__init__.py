"""Speech recognition: audio in, revisions of transcript segments out."""
