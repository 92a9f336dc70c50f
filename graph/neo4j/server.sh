#!/usr/bin/env bash
# A real Neo4j without Docker, for development, tests and machines that have none. Needs Java 17 and Maven.
#   server.sh fetch | start | stop | admin ARGUMENTS...      (fetch: the jars only; admin: neo4j-admin, with the server stopped)
# CITYWEAVE_NEO4J_HOME (default .cache/neo4j/home) holds its data; _BOLT and _HTTP are its ports; _PASSWORD is set at the first start, else one is made.
# The password lies in HOME/password, readable by its owner only. _CONF: a file whose lines are added to neo4j.conf.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${CITYWEAVE_NEO4J_CACHE:-$here/../../.cache/neo4j}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
home=${CITYWEAVE_NEO4J_HOME:-$cache/home}
mkdir -p "$home"
home=$(cd "$home" && pwd)
bolt=${CITYWEAVE_NEO4J_BOLT:-7687}
http=${CITYWEAVE_NEO4J_HTTP:-7474}
opens=()
for package in java.nio java.io sun.nio.ch java.lang; do opens+=("--add-opens=java.base/$package=ALL-UNNAMED"); done

fetch() { # the jars, once
    [ -d "$cache/lib" ] && return
    mkdir -p "$cache"
    echo "从 Maven Central 取 Neo4j / fetching Neo4j from Maven Central" >&2
    mvn -B -q -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$cache/lib.part" >&2
    mv "$cache/lib.part" "$cache/lib"
}

settings() {
    mkdir -p "$home"/{conf,data,logs,run,import,plugins}
    cat >"$home/conf/neo4j.conf" <<EOF
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:$bolt
server.http.listen_address=127.0.0.1:$http
server.memory.heap.initial_size=${CITYWEAVE_NEO4J_HEAP:-1g}
server.memory.heap.max_size=${CITYWEAVE_NEO4J_HEAP:-2g}
server.memory.pagecache.size=${CITYWEAVE_NEO4J_PAGES:-512m}
db.tx_log.rotation.retention_policy=keep_none
dbms.usage_report.enabled=false
EOF
    [ -z "${CITYWEAVE_NEO4J_CONF:-}" ] || cat "$CITYWEAVE_NEO4J_CONF" >>"$home/conf/neo4j.conf"
}

admin() { NEO4J_HOME=$home NEO4J_CONF=$home/conf java "${opens[@]}" -Xmx"${CITYWEAVE_NEO4J_HEAP:-2g}" -cp "$cache/lib/*" org.neo4j.cli.AdminTool "$@"; }

running() { [ -f "$home/pid" ] && kill -0 "$(cat "$home/pid")" 2>/dev/null; }

start() {
    fetch
    settings
    if running; then
        echo "已在运行 / runs already: bolt://127.0.0.1:$bolt" >&2
        return
    fi
    if [ ! -f "$home/password" ]; then
        (umask 077 && printf '%s' "${CITYWEAVE_NEO4J_PASSWORD:-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')}" >"$home/password.part")
        admin dbms set-initial-password "$(cat "$home/password.part")" >/dev/null
        mv "$home/password.part" "$home/password"
    fi
    NEO4J_HOME=$home NEO4J_CONF=$home/conf nohup java "${opens[@]}" -Xms"${CITYWEAVE_NEO4J_HEAP:-1g}" -Xmx"${CITYWEAVE_NEO4J_HEAP:-2g}" -cp "$cache/lib/*" \
        org.neo4j.server.CommunityEntryPoint --home-dir "$home" --config-dir "$home/conf" </dev/null >"$home/logs/console.log" 2>&1 &
    echo $! >"$home/pid"
    for _ in $(seq 120); do
        running || { echo "Neo4j 没有启动，见 / did not start, see $home/logs" >&2; exit 1; }
        (exec 3<>"/dev/tcp/127.0.0.1/$bolt") 2>/dev/null && { echo "bolt://127.0.0.1:$bolt  密码在 / password in: $home/password" >&2; return; }
        sleep 0.5
    done
    echo "Neo4j 一分钟内没有应答 / no answer within a minute, see $home/logs" >&2
    exit 1
}

stop() {
    running || return 0
    kill "$(cat "$home/pid")"
    for _ in $(seq 120); do running || break; sleep 0.5; done
    rm -f "$home/pid"
}

case ${1:-} in
    fetch) fetch ;;
    start) start ;;
    stop) stop ;;
    admin) shift; fetch; settings; admin "$@" ;;
    *) sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
