"""Prints whether PocketSphinx is installed; everything else of this model is the same everywhere."""

import importlib.util
import json
import sys

INSTALL = "pip install pocketsphinx"

if __name__ == "__main__":
    missing = None if importlib.util.find_spec("pocketsphinx") else INSTALL
    json.dump({"parameters": {}, "missing": missing}, sys.stdout)
