#!/bin/sh
# Runs disk-full.mjs in a mount namespace of its own, with a disk of 16 MB.
set -eu
cd "$(dirname "$0")"
exec unshare -rm sh -c 'mount -t tmpfs -o size=16m tmpfs /mnt && exec node disk-full.mjs /mnt/storage'
