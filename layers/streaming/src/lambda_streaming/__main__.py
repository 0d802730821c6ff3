"""``python -m lambda_streaming``: the layer's exec wrapper starts this."""

import os
import sys

from lambda_streaming.bootstrap import main

sys.exit(main(os.environ))
