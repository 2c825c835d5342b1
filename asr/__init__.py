"""Speech recognition: audio in, revisions of transcript segments out."""

import os

# OpenBLAS reads it when numpy is loaded, which is why it stands here. It would share out the small products of the
# voice activity detector over all cores, and wait for them busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
