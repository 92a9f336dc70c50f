#!/usr/bin/env bash
# Solves pyproject.toml into three locks with hashes: the run-time closure, and what `dev` and `spark` add to it.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$1
run=engine/requirements.lock
compile() { "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header "$@"; }

compile pyproject.toml --output-file "$run"
mapfile -t known < <(sed -nE 's/^([A-Za-z0-9_.-]+)==.*/--no-emit-package=\1/p' "$run")
for extra in dev spark; do
    compile pyproject.toml --extra "$extra" --constraints "$run" "${known[@]}" --output-file "requirements/$extra.lock"
done
