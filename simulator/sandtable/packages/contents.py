"""What a file, a folder or an archive is, and the records in it.

An update set, an export, an application, a package.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from sandtable.packages.records import DELETE, PackagedRecord, PackageError
from sandtable.packages.xml_records import RETRIEVED, UPDATE, parsed, records_in, records_of

MOST_FILES = 50_000
MOST_BYTES = 512 * 1024 * 1024  # of all files together, unpacked
UPDATE_SET = "update set"
SOURCE_CONTROL = "sn_source_control.properties"
FOLDERS = ("scope", "dictionary", "update", "author_elective_update", "unload", "unload.demo")
DEMO = "unload.demo"
# What names the application itself, beside those folders.
HEADS = ("sys_app_", "sys_store_app_")
# Files of an application that hold no records.
NO_RECORDS = ("checksum.txt", "package_inventory.csv", SOURCE_CONTROL, "status.json")
APPLICATIONS = ("sys_app", "sys_store_app")
LINK = "sys_metadata_link"
TOMBSTONE = "sys_metadata_delete"


@dataclass(frozen=True, slots=True)
class Left:
    """Something that is not taken, and why."""

    where: str
    why: str


@dataclass(slots=True)
class Package:
    """The records of what was given.

    `kind` is told to people; `left` is what was not read, `beside` are files that lie beside an application and are no
    part of it; `name` and `version` are known for applications and update sets.
    """

    kind: str
    name: str = ""
    version: str = ""
    records: list[PackagedRecord] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def read_bytes(data: bytes, name: str, *, demo: bool = True) -> Package:
    """Return what some bytes are: an archive, or one XML document. Raises PackageError."""
    packed = data[:4] in (b"PK\x03\x04", b"PK\x05\x06")  # with files, and with none
    return read_archive(data, name, demo=demo) if packed else read_document(data, name)


def read_document(data: bytes, name: str) -> Package:
    """Return one XML document: an update set, an export of records, or one file of an application.

    Raises PackageError.
    """
    root = parsed(data, name)
    unread: list[PackageError] = []
    records = records_of(root, name, unread)
    left = [Left(error.where, error.why) for error in unread]
    retrieved = root.find(RETRIEVED)
    if retrieved is not None:
        return Package(UPDATE_SET, retrieved.findtext("name") or "", records=records, left=left)
    if root.find(UPDATE) is not None:
        return Package("updates of an update set", records=records, left=left)
    kinds = {"unload": "export of records", "record_update": "one update", "database": "description of a table"}
    return Package(kinds[root.tag], records=records)


def read_folder(folder: Path, *, demo: bool = True) -> Package:
    """Return an application from source control, or all that the XML files of a folder hold. Raises PackageError."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    if len(paths) > MOST_FILES:
        raise PackageError(str(folder), f"holds {len(paths)} files, more than {MOST_FILES}")
    if sum(path.stat().st_size for path in paths) > MOST_BYTES:
        raise PackageError(str(folder), f"holds more than {MOST_BYTES // 1024 // 1024} MB")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return _application(files, str(folder), demo=demo)


def packed(folder: Path) -> bytes:
    """Return a folder as an archive; what version control keeps beside it is left out. Raises OSError."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and ".git" not in path.relative_to(folder).parts:
                archive.write(path, path.relative_to(folder).as_posix())
    return stream.getvalue()


def read_archive(data: bytes, name: str, *, demo: bool = True) -> Package:
    """Return the application in a ZIP archive, as the vendor's SDK packs one. Raises PackageError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
            if len(entries) > MOST_FILES or sum(each.file_size for each in entries) > MOST_BYTES:
                raise PackageError(name, f"holds more than {MOST_FILES} files or {MOST_BYTES // 1024 // 1024} MB")
            files = {_inside(each.filename, name): archive.read(each) for each in entries}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise PackageError(name, f"is no archive that can be read: {error}") from None
    return _application(_below_one_folder(files), name, demo=demo)


def _inside(name: str, archive: str) -> str:
    """Return the name of an entry without the slash that the SDK writes first.

    Raises PackageError for one that leads out.
    """
    path = PurePosixPath(name.replace("\\", "/").lstrip("/"))
    if ".." in path.parts or not path.parts or ":" in path.parts[0]:
        raise PackageError(archive, f"the entry {name!r} leads out of the archive")
    return path.as_posix()


def _below_one_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    tops = {name.partition("/")[0] for name in files}
    if len(tops) == 1 and all("/" in name for name in files) and not tops & set(FOLDERS):
        return {name.partition("/")[2]: data for name, data in files.items()}
    return dict(files)


def _application_folder(files: Mapping[str, bytes], name: str) -> str:
    """Return the folder that the source control properties name, or the only one below that holds an application.

    It ends in a slash, and is empty for the whole. Raises PackageError.
    """
    for line in files.get(SOURCE_CONTROL, b"").decode("utf-8", "replace").splitlines():
        key, _, value = line.partition("=")
        inside = value.strip().strip("/")
        if key.strip() == "path" and inside:
            if not any(path.startswith(f"{inside}/") for path in files):
                raise PackageError(f"{name}/{SOURCE_CONTROL}", f"path={inside} is no folder below it")
            return f"{inside}/"
    if any(_is_part(path) for path in files):
        return ""
    below = {path.partition("/")[0] for path in files if path.partition("/")[2].startswith("update/")}
    return f"{below.pop()}/" if len(below) == 1 else ""


def _is_part(path: str) -> bool:
    """Tell whether a path inside an application's folder is one of its files."""
    folder, _, rest = path.partition("/")
    return folder in FOLDERS if rest else folder.startswith(HEADS) and folder.endswith(".xml")


def _application(files: Mapping[str, bytes], name: str, *, demo: bool) -> Package:
    package = Package("folder of records", name)
    inside = _application_folder(files, name)
    whole = {path.removeprefix(inside): data for path, data in files.items() if path.startswith(inside)}
    is_application = any(_is_part(path) for path in whole)
    if is_application:
        package.beside += [path for path in files if not path.startswith(inside) and path != SOURCE_CONTROL]
    described: list[PackagedRecord] = []
    for path, data in whole.items():
        folder = path.rpartition("/")[0].split("/")[0]
        if is_application and not _is_part(path):
            if path.rpartition("/")[2] not in NO_RECORDS:
                package.beside.append(path)
            continue
        if path.rpartition("/")[2] in NO_RECORDS or not path.lower().endswith(".xml"):
            if path.lower().endswith((".json", ".csv")) and path.rpartition("/")[2] not in NO_RECORDS:
                package.left.append(Left(path, "is not XML; load it by itself"))
            continue
        if folder == DEMO and not demo:
            package.left.append(Left(path, "is demo data, which was not asked for"))
            continue
        try:
            found = records_in(data, path)
        except PackageError as error:
            package.left.append(Left(path, error.why))
            continue
        for record in found:
            package.records += _unpacked(record, demo=demo)
            if record.table in APPLICATIONS:
                described.append(record)
                package.kind = "application"
                package.name = record.values.get("scope") or record.values.get("name", "")
                package.version = record.values.get("version", "")
    if len(described) == 1 and described[0].sys_id:
        package.records = [_owned(record, described[0].sys_id) for record in package.records]
    if not package.records and not package.left:
        raise PackageError(
            name, "holds no XML file; give an application's folder, an update set, or an export of records"
        )
    return package


def _owned(record: PackagedRecord, app: str) -> PackagedRecord:
    """Return a table or column that a file describes without saying whose it is as the application's."""
    if record.table not in ("sys_db_object", "sys_dictionary") or "sys_scope" in record.values or record.removes:
        return record
    return replace(record, values={"sys_scope": app, "sys_package": app, **record.values})


def _unpacked(record: PackagedRecord, *, demo: bool) -> Iterator[PackagedRecord]:
    """Yield a record, and what it stands for: the row that a link carries, the deletion that a tombstone tells of."""
    if record.table == LINK and record.values.get("payload", "").strip():
        # A row whose snapshot was deleted belongs to the application no more; nothing is said of the row itself.
        if record.action == DELETE:
            yield record
        elif record.values.get("directory") != DEMO or demo:
            yield from records_in(record.values["payload"].encode(), record.where)
    elif record.table == TOMBSTONE and record.values.get("sys_metadata"):
        table = record.values.get("sys_db_object", "")
        if table:
            yield PackagedRecord(table, DELETE, {"sys_id": record.values["sys_metadata"]}, record.where)
    else:
        yield record
