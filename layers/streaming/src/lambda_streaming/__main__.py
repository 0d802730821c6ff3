"""``python -m lambda_streaming``: what the layer's exec wrapper starts."""

import os
import sys

from lambda_streaming.bootstrap import main

sys.exit(main(os.environ))
