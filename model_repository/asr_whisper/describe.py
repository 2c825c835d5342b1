"""Prints which packages are missing to run Whisper on CTranslate2; everything else the weights say."""

import json
import sys

from livetranslate.engine.packages import install_command

PACKAGES = ("ctranslate2", "tokenizers")

if __name__ == "__main__":
    json.dump({"parameters": {}, "missing": install_command(PACKAGES)}, sys.stdout)
