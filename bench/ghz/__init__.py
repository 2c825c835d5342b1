"""Load by ghz: ready configurations, and what they give on this machine."""
