"""Writes a raw disk image as a stream-optimized VMDK: streamvmdk.py IN.raw OUT.vmdk

The layout is that of VMware's "Virtual Disk Format 5.0": header, descriptor, compressed grains with their markers,
grain tables, grain directory, footer, end of stream. The same input gives the same bytes, which qemu-img does not
promise (it puts a random content id into the descriptor).
"""
import hashlib
import struct
import sys
import zlib

SECTOR = 512
GRAIN = 128                  # sectors
ENTRIES = 512                # of a grain table
DESCRIPTOR_SECTORS = 2
GD_AT_END = 0xFFFFFFFFFFFFFFFF
EOS, TABLE, DIRECTORY, FOOTER = range(4)


def padded(data):
    return data + bytes(-len(data) % SECTOR)


def header(capacity, directory):
    newlines, compressed, markers, deflate = 1, 1 << 16, 1 << 17, 1
    return padded(struct.pack(
        "<4sIIQQQQIQQQB4sH", b"KDMV", 3, newlines | compressed | markers, capacity, GRAIN, 1, DESCRIPTOR_SECTORS,
        ENTRIES, 0, directory, 1 + DESCRIPTOR_SECTORS, 0, b"\n \r\n", deflate))


def descriptor(raw, name):
    cid = int.from_bytes(hashlib.sha256(raw).digest()[:4], "big") & 0x7FFFFFFF
    capacity = len(raw) // SECTOR
    text = f"""# Disk DescriptorFile
version=1
encoding="UTF-8"
CID={cid:08x}
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RW {capacity} SPARSE "{name}"

# The Disk Data Base
#DDB
ddb.adapterType = "ide"
ddb.geometry.cylinders = "{capacity // (16 * 63)}"
ddb.geometry.heads = "16"
ddb.geometry.sectors = "63"
ddb.virtualHWVersion = "4"
""".encode()
    assert len(text) <= DESCRIPTOR_SECTORS * SECTOR
    return text.ljust(DESCRIPTOR_SECTORS * SECTOR, b"\0")


def main(source, target):
    with open(source, "rb") as file:
        raw = file.read()
    assert len(raw) % (GRAIN * SECTOR) == 0, "the image must be a multiple of 64 KiB"
    capacity = len(raw) // SECTOR
    out = bytearray(header(capacity, GD_AT_END) + descriptor(raw, target.rsplit("/", 1)[-1]))

    def put_metadata(kind, data):
        out.extend(padded(struct.pack("<QII", len(data) // SECTOR, 0, kind)))
        at = len(out) // SECTOR
        out.extend(data)
        return at

    tables = []
    for first in range(0, capacity // GRAIN, ENTRIES):
        table = [0] * ENTRIES
        for number in range(first, min(first + ENTRIES, capacity // GRAIN)):
            grain = raw[number * GRAIN * SECTOR:(number + 1) * GRAIN * SECTOR]
            if any(grain):
                data = zlib.compress(grain, 9)
                table[number - first] = len(out) // SECTOR
                out.extend(padded(struct.pack("<QI", number * GRAIN, len(data)) + data))
        tables.append(put_metadata(TABLE, struct.pack(f"<{ENTRIES}I", *table)) if any(table) else 0)
    directory = put_metadata(DIRECTORY, padded(struct.pack(f"<{len(tables)}I", *tables)))
    put_metadata(FOOTER, header(capacity, directory))
    put_metadata(EOS, b"")
    with open(target, "wb") as file:
        file.write(out)


main(*sys.argv[1:])
