"""The emulator of AWS, with a real Postgres for RDS. Runs in the environment `.venv-ministack`.

The one argument is a JSON object with the fields of `database.Configuration`.
"""

import json
import os
import sys
from pathlib import Path

# Before the emulator is imported, which reads its environment then. It runs the functions in its
# own environment and, from here, without the folder of this program.
sys.path[:] = [path for path in sys.path if Path(path) != Path(__file__).parent]
os.environ |= {"BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "AUTH": "true"}

from ministack.app import main  # noqa: E402 - see above

from tests.deploy.aws.database import Configuration, Endpoint  # noqa: E402 - see above
from tests.deploy.aws.edge import sign_requests_to_function_urls  # noqa: E402 - see above
from tests.deploy.aws.missing import replace_missing  # noqa: E402 - see above

if __name__ == "__main__":
    replace_missing()
    sign_requests_to_function_urls()
    Endpoint(Configuration(**json.loads(sys.argv.pop()))).install()
    main()
