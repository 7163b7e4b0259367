#!/bin/sh
# The tests that need an object store and a Redis: starts both, runs them, stops both.
#
#   soak/shared.sh [DIR]    DIR keeps the installed object store from run to run (default: a new one)
#
# Needs python3 with venv, redis-server and curl.
set -eu
cd "$(dirname "$0")/.."
dir=${1:-$(mktemp -d)}
command -v redis-server > /dev/null || { echo "redis-server is not installed (Debian: redis-server)" >&2; exit 2; }
[ -e "$dir/venv" ] || sh soak/object-store.sh install "$dir"

port=$(python3 -c 'import random; print(random.randrange(20000, 30000, 10))')
rm -rf "$dir/etc" "$dir/devices"
S3_ENDPOINT=$(sh soak/object-store.sh start "$dir" "$port")
redis-server --port $((port + 5)) --bind 127.0.0.1 --save "" --appendonly no --daemonize no > "$dir/redis.log" &
redis=$!
trap 'sh soak/object-store.sh stop "$dir"; kill $redis 2> /dev/null || true' EXIT

export S3_ENDPOINT
export S3_BUCKET=backups S3_ACCESS_KEY_ID=test:tester S3_SECRET_ACCESS_KEY=testing
export REDIS_URL="redis://127.0.0.1:$((port + 5))"
export OBJECT_STORE_DIR="$dir" OBJECT_STORE_PORT="$port"
npx vitest run --config soak/vitest.config.mjs
