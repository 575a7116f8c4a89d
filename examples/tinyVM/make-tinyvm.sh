#!/usr/bin/env bash
# Creates tinyVM.ova from the sources beside this script: make-tinyvm.sh [OUT.ova], by default ../tinyVM.ova.
# Needs nasm, python3 and GNU tar. The same sources (and zlib) give the same bytes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$(realpath -m "${1:-$here/../tinyVM.ova}")
disk_mib=4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

nasm -f bin -o disk.raw "$here/boot.asm"
truncate -s "${disk_mib}M" disk.raw
python3 "$here/streamvmdk.py" disk.raw tinyVM-disk1.vmdk
sed -e "s/@VMDK_BYTES@/$(stat -c %s tinyVM-disk1.vmdk)/" -e "s/@DISK_MIB@/$disk_mib/" "$here/tinyVM.ovf.in" > tinyVM.ovf
for file in tinyVM.ovf tinyVM-disk1.vmdk; do
    echo "SHA256($file)= $(sha256sum "$file" | cut -d' ' -f1)"
done > tinyVM.mf
tar --format=ustar --sort=none --blocking-factor=1 --owner=0 --group=0 --numeric-owner --mode=644 --mtime=@0 \
    -cf "$target" tinyVM.ovf tinyVM.mf tinyVM-disk1.vmdk
