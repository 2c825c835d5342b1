"""Models, loaded by Triton, that say known words, and some of which fail and quote what they were given."""
