"""Tests of mt."""
