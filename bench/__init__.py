"""Benchmarks: what LiveTranslate costs, measured on the machine they run on."""
