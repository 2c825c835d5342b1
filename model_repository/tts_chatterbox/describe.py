"""Prints which packages are missing to imitate voices; everything else the weights say."""

import json
import sys

from livetranslate.engine.packages import install_command

PACKAGES = ("onnxruntime", "tokenizers", "sentencex", "soxr")

if __name__ == "__main__":
    json.dump({"parameters": {}, "missing": install_command(PACKAGES)}, sys.stdout)
