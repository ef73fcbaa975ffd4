"""What checks the scripts of the Deliveries page. The browser gets them as they stand: nothing is built.

`declarations`  the answers' types for the scripts, made from the page's Python
`check`         the types, ESLint and the scripts' tests, on the Node of the virtual environment
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "plugins/event_delivery/page/assets"
sys.path.append(str(ROOT / "plugins"))
