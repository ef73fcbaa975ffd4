"""How fast is a delivery made, and in how much memory, beside psql and beside pandas?"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "plugins"))
