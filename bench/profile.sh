#!/usr/bin/env bash
# Where a scenario's processor time goes, by thread and by function, as text:
#   bench/profile.sh target/release/canter pass1
# Needs `perf` (Debian: linux-perf) and the right to use it.
set -euo pipefail
canter=$1
scenario=$2
folder=$(mktemp -d)
"$canter" up --listen 127.0.0.1:0 --data "$folder/data" >"$folder/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$folder"' EXIT
until url=$(grep -o -m 1 'http://127.0.0.1:[0-9]*' "$folder/log" | head -1); do
    kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
done
"$canter" bench "$scenario" --seconds 12 --endpoint "$url" --pid "$server" &
load=$!
sleep 4
perf record -q -F 499 -g -p "$server" -o "$folder/perf" -- sleep 6
wait "$load"
echo "by thread"
perf report -i "$folder/perf" --no-children --sort comm --stdio -g none 2>/dev/null | grep '%' | head -12
echo "by function"
perf report -i "$folder/perf" --no-children --sort comm,symbol --stdio -g none --percent-limit 0.8 2>/dev/null | grep '%' | head -40
