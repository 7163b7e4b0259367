#!/bin/sh
# Real servers for tests, on this machine: Redis, and an object store with an S3 interface (OpenStack Swift, one node).
#
#   real-servers.sh install redis                Debian's package, where redis-server is not there and this is root
#   real-servers.sh install object-store [VENV]  from PyPI into a virtual environment, or where tests look for it
#   real-servers.sh run redis PORT
#   real-servers.sh run object-store VENV DIR PORT    its files are in DIR; it takes PORT and the 3 ports after
#
# `run` listens on 127.0.0.1, says `ready`, and ends with everything it started when its standard input ends.
# Object store: access key `test:tester`, secret key `testing`, region `us-east-1`.
set -eu

apt_install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "$* not installed, and cannot be installed without root and apt-get" >&2
    return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  set -- apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
  # A fresh image has no lists, and old lists name files that are gone.
  "$@" > /dev/null 2>&1 || { apt-get -qq update && "$@"; } > /dev/null
}

install_redis() {
  command -v redis-server > /dev/null || apt_install redis-server
}

install_object_store() { # VENV
  "$1/bin/python" -c 'import swift.proxy.server' 2> /dev/null && return
  command -v python3 > /dev/null || apt_install python3 python3-venv
  rm -rf "$1"
  python3 -m venv "$1" > /dev/null 2>&1 || { apt_install python3-venv && python3 -m venv "$1"; }
  # The first release in Debian that knows conditional creation through S3 is not out yet.
  "$1/bin/pip" install --quiet --disable-pip-version-check --no-input --retries 1 swift==2.38.3
}

server_config() { # NAME PORT
  cat > "$dir/etc/$1-server.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $2
user = $(id -un)
swift_dir = $dir/etc
devices = $dir/devices
mount_check = false
workers = 0
[pipeline:main]
pipeline = $1-server
[app:$1-server]
use = egg:swift#$1
[$1-replicator]
[$1-updater]
[$1-auditor]
CONF
  "$venv/bin/swift-ring-builder" "$dir/etc/$1.builder" create 4 1 1 > /dev/null
  "$venv/bin/swift-ring-builder" "$dir/etc/$1.builder" add "r1z1-127.0.0.1:$2/disk" 1 > /dev/null
  "$venv/bin/swift-ring-builder" "$dir/etc/$1.builder" rebalance > /dev/null
}

configure_object_store() {
  mkdir -p "$dir/etc" "$dir/devices/disk" "$dir/log"
  printf '[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = only\ndefault = yes\n' > "$dir/etc/swift.conf"
  server_config object $((port + 1)) &
  server_config container $((port + 2)) &
  server_config account $((port + 3)) &
  wait
  cat > "$dir/etc/proxy-server.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
user = $(id -un)
swift_dir = $dir/etc
workers = 0
[pipeline:main]
pipeline = catch_errors proxy-logging cache listing_formats bulk s3api tempauth slo dlo proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
CONF
}

pids=
start() { # LOG COMMAND...
  log=$1
  shift
  "$@" > "$log" 2>&1 < /dev/null &
  pids="$pids $!"
}

run_redis() { # PORT
  start /dev/null redis-server --port "$1" --bind 127.0.0.1 --save "" --appendonly no
}

run_object_store() { # VENV DIR PORT
  venv=$1 dir=$2 port=$3
  [ -e "$dir/etc/proxy-server.conf" ] || configure_object_store
  for name in object container account proxy; do
    start "$dir/log/$name" "$venv/bin/swift-$name-server" "$dir/etc/$name-server.conf"
  done
}

run() {
  trap 'kill -9 $pids 2> /dev/null || true' EXIT
  "$@"
  echo ready
  cat > /dev/null
}

case "${1:-} ${2:-}" in
  "install redis") install_redis ;;
  "install object-store") install_object_store "${3:-${XDG_CACHE_HOME:-$HOME/.cache}/carryover-tests/swift-2.38.3}" ;;
  "run redis") run run_redis "$3" ;;
  "run object-store") run run_object_store "$3" "$4" "$5" ;;
  *) sed -n '2,10p' "$0"; exit 2 ;;
esac
