#!/usr/bin/env bash
# pyarrow 26.0.1 (and 19.0.1) casts a decimal to text with an exponent where it is small for its scale: 0 of
# decimal(20,8) is 0E-8, 0.00000001 is 1E-8, while 12.5 is 12.50000000. Python's own str() does the same.
#
# Good to know for whoever writes decimals of Parquet as text and reads them by a grammar without exponents: a zero is
# among those that do not match. `format(value, "f")` has none.
# Seen with pyarrow 26.0.1 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1

"$folder/venv/bin/python" - <<'PYTHON'
import sys
from decimal import Decimal

import pyarrow as pa

values = [Decimal(0), Decimal("0.00000001"), Decimal("12.5")]
seen = pa.array(values, pa.decimal128(20, 8)).cast(pa.string()).to_pylist()
print(seen)
if seen != ["0E-8", "1E-8", "12.50000000"]:
    sys.exit("otherwise than it was seen")
print("as seen: small decimals are cast to text with an exponent")
PYTHON
