#!/usr/bin/env bash
# Creates tiny.iso, a CD that boots the same boot sector: make-tiny-iso.sh [OUT.iso], by default ../tiny.iso.
# Needs nasm and genisoimage.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$(realpath -m "${1:-$here/../tiny.iso}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nasm -f bin -o "$work/boot.bin" "$here/boot.asm"
genisoimage -quiet -no-pad -V TINYVM -b boot.bin -no-emul-boot -boot-load-size 1 -c boot.cat -o "$target" "$work"
