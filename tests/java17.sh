#!/usr/bin/env bash
# Prints yes when a Java of version 17 or newer answers, else no.
version=$("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -nE 's/.*version "([0-9]+).*/\1/p' | head -n 1)
[ "${version:-0}" -ge 17 ] && echo yes || echo no
