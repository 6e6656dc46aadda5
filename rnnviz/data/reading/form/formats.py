"""Files that are no text or no table, recognised by how they begin."""

from rnnviz.messages import N_, Problem

ARCHIVE = N_(
    "The file is a {format} archive; unpack it first and give the file that is inside. "
    "(An Excel workbook is a zip archive, too: save it as CSV.)"
)
WORKBOOK = N_("The file is an {format} workbook; save the sheet as CSV and give that file.")
NO_TEXT = N_(
    "The file is in the format {format}, which is not a text; save the data as CSV and give that "
    "file."
)
NO_TABLE = N_(
    "The file is written in {format}, which is not a table with one row for each time; save the "
    "data as CSV and give that file."
)

_ARCHIVES = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"PK\x07\x08": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"Rar!\x1a\x07": "rar",
}
_BINARY = {
    b"PAR1": "Parquet",
    b"ARROW1": "Arrow",
    b"FEA1": "Feather",
    b"ORC": "ORC",
    b"Obj\x01": "Avro",
    b"%PDF": "PDF",
    b"\x89HDF": "HDF5",
    b"CDF\x01": "netCDF",
    b"CDF\x02": "netCDF",
    b"\x93NUMPY": "NumPy",
    b"\x80\x02": "pickle",
    b"\x80\x03": "pickle",
    b"\x80\x04": "pickle",
    b"\x80\x05": "pickle",
    b"SQLite format 3\x00": "SQLite",
    b"MATLAB 5.0 MAT-file": "MATLAB",
    b"RDX2": "RData",
    b"RDX3": "RData",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x7fELF": "ELF",
    b"{\\rtf": "RTF",
}
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refuse_binary(content: bytes) -> None:
    """Refuse a file of a format that is known to be no text.

    Nothing is ever unpacked here, so a small file cannot become a large one.

    Raises:
        Problem: it is one; its format is named, and the remedy.
    """
    head = content[:4096]
    if head.startswith(_OLD_WORKBOOK):
        raise Problem(WORKBOOK, format="Excel (xls)")
    if head.startswith(b"PK\x03\x04") and (
        b"[Content_Types].xml" in head or b"xl/" in head or b"_rels/" in head
    ):
        raise Problem(WORKBOOK, format="Excel (xlsx)")
    if head.startswith(b"PK\x03\x04") and b"opendocument.spreadsheet" in head:
        raise Problem(WORKBOOK, format="OpenDocument (ods)")
    for beginning, name in _ARCHIVES.items():
        if head.startswith(beginning):
            raise Problem(ARCHIVE, format=name)
    for beginning, name in _BINARY.items():
        if head.startswith(beginning):
            raise Problem(NO_TEXT, format=name)


def refuse_markup(content: bytes) -> None:
    """Refuse a text, in UTF-8, that is JSON, HTML or the like.

    Raises:
        Problem: it is one; its format is named, and the remedy.
    """
    head = content[:4096].lstrip().lower()
    last = content[-4096:].rstrip()[-1:]
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body")):
        raise Problem(NO_TABLE, format="HTML")
    if head.startswith((b"<?xml", b"<xml", b"<svg")) or (head[:1] == b"<" and last == b">"):
        raise Problem(NO_TABLE, format="XML")
    if head[:1] == b"{" and head[1:].lstrip()[:1] in (b'"', b"}") and last in (b"}", b"]"):
        raise Problem(NO_TABLE, format="JSON")
    if head[:1] == b"[" and head[1:].lstrip()[:1] in b'[{"]-0123456789tfn' and last == b"]":
        raise Problem(NO_TABLE, format="JSON")
    if head.startswith(b"@relation"):
        raise Problem(NO_TABLE, format="ARFF")
