#!/usr/bin/env bash
# Packages: llama-index-readers-service-now 0.4.0 with pysnc 1.2.1 (PyPI); responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: articles whose "latest" is empty, as where articles have no versions, are meant to be found and are not. The reader
# asks pysnc for an operator without a value, which pysnc takes for a value: the text "ISEMPTY".
# Seen (2026-11-30): the lines of `expected` below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env" || exit 2
"$folder/env/bin/pip" install -q --disable-pip-version-check llama-index-readers-service-now==0.4.0 llama-index-core==0.14.25 pysnc==1.2.1 responses==0.26.3 || exit 2
cat >"$folder/run.py" <<'PY'
import logging
import re
import tempfile

import responses
from llama_index.core.readers.base import BaseReader
from llama_index.readers.service_now import SnowKBReader
from llama_index.readers.service_now.event import FileType

logging.disable(logging.CRITICAL)


def answer(request):
    print(request.params["sysparm_query"])
    return 200, {"X-Total-Count": "0"}, '{"result": []}'


with responses.RequestsMock() as web, tempfile.TemporaryDirectory() as folder:
    web.add_callback("GET", re.compile("https://.*"), answer)
    parsers = {FileType.HTML: BaseReader()}
    reader = SnowKBReader("dev00000", parsers, username="user", password="password", custom_folder=folder)
    try:
        reader.load_data(numbers=["KB0000001"])
    except ValueError:  # that nothing was found
        pass
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected='numberINKB0000001^latest=true^ORlatest=ISEMPTY^workflow_state=Published^ORDERBYsys_id'
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
