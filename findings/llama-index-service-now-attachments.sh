#!/usr/bin/env bash
# Packages: llama-index-readers-service-now 0.4.0 with pysnc 1.2.1 (PyPI); responses 0.26.3 (PyPI) answers for the instance.
# Behaviour: with fail_on_error=True an article whose attachment cannot be read is returned without it, as if there were none:
# what the parser raises is caught on its way. An error in the body of an article is raised.
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
from llama_index.core.schema import Document
from llama_index.readers.service_now import SnowKBReader
from llama_index.readers.service_now.event import FileType

logging.disable(logging.CRITICAL)
ARTICLE = {"sys_id": "0" * 32, "number": "KB0000001", "text": "body", "latest": "true", "workflow_state": "published"}
FILE = {"sys_id": "1" * 32, "file_name": "guide.pdf", "content_type": "application/pdf", "size_bytes": "4"}


class Fine(BaseReader):
    def load_data(self, file_path):
        return [Document(text=open(file_path).read())]


class Broken(BaseReader):
    def load_data(self, file_path):
        raise RuntimeError("this file cannot be read")


def read(html, pdf):
    with responses.RequestsMock() as web, tempfile.TemporaryDirectory() as folder:
        for table, row in (("kb_knowledge", {**ARTICLE, "short_description": "t"}), ("sys_attachment", FILE)):
            web.get(re.compile(f"https://.*/table/{table}.*"), json={"result": [row]}, headers={"X-Total-Count": "1"})
        web.get(re.compile("https://.*/file"), body=b"%PDF")
        parsers = {FileType.HTML: html, FileType.PDF: pdf}
        reader = SnowKBReader(
            "dev00000", parsers, username="user", password="password", custom_folder=folder, fail_on_error=True
        )
        return reader.load_data(numbers=["KB0000001"])


documents = read(Fine(), Broken())
print(f"attachment: {len(documents)} document, {documents[0].text.strip()!r}")
try:
    read(Broken(), Fine())
except ValueError as error:
    print("body:", type(error).__name__)
PY
seen=$("$folder/env/bin/python" -W ignore "$folder/run.py")
echo "$seen"
expected="attachment: 1 document, 'body'
body: ValueError"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed. Expected:"
  echo "$expected"
  exit 1
fi
