#!/bin/sh
# A real object store with an S3 interface on this machine: OpenStack Swift, one node, for tests.
#
#   object-store.sh install DIR     installs it from PyPI into DIR/venv
#   object-store.sh start DIR PORT  starts it; its files are in DIR, it listens on 127.0.0.1:PORT and the 3 ports after
#   object-store.sh stop DIR        stops it
#
# Access key `test:tester`, secret key `testing`, region `us-east-1`.
set -eu

install() {
  mkdir -p "$1"
  python3 -m venv "$1/venv"
  # The first release in Debian that knows conditional creation through S3 is not out yet.
  "$1/venv/bin/pip" install --quiet --disable-pip-version-check swift==2.38.3
}

server_config() { # NAME PORT APP
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
}

ring() { # NAME PORT
  "$dir/venv/bin/swift-ring-builder" "$dir/etc/$1.builder" create 4 1 1 > /dev/null
  "$dir/venv/bin/swift-ring-builder" "$dir/etc/$1.builder" add "r1z1-127.0.0.1:$2/disk" 1 > /dev/null
  "$dir/venv/bin/swift-ring-builder" "$dir/etc/$1.builder" rebalance > /dev/null
}

start() {
  dir=$1 port=$2
  mkdir -p "$dir/etc" "$dir/devices/disk" "$dir/log"
  if [ ! -e "$dir/etc/swift.conf" ]; then
    printf '[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = only\ndefault = yes\n' > "$dir/etc/swift.conf"
    server_config object $((port + 1))
    server_config container $((port + 2))
    server_config account $((port + 3))
    ring object $((port + 1))
    ring container $((port + 2))
    ring account $((port + 3))
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
  fi
  : > "$dir/pids"
  for name in object container account proxy; do
    "$dir/venv/bin/swift-$name-server" "$dir/etc/$name-server.conf" > "$dir/log/$name" 2>&1 &
    echo $! >> "$dir/pids"
  done
  tries=0
  until curl -s -o /dev/null "http://127.0.0.1:$port/info"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo "the object store does not answer; see $dir/log" >&2; exit 1; }
    sleep 0.2
  done
  echo "http://127.0.0.1:$port"
}

stop() {
  while read -r pid; do kill "$pid" 2> /dev/null || true; done < "$1/pids"
  while read -r pid; do
    while kill -0 "$pid" 2> /dev/null; do sleep 0.1; done
  done < "$1/pids"
}

case "${1:-}" in
  install) install "$2" ;;
  start) start "$2" "$3" ;;
  stop) stop "$2" ;;
  *) sed -n '2,9p' "$0"; exit 2 ;;
esac
