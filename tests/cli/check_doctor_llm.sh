#!/bin/bash
# "seki doctor --llm URL MODEL" says a line for each thing that a server does or does not, by asking
# it, and ends with status 1 where there is no answer.
set -eu
server=$(dirname "$SEKI")/tests/run/server
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAIL: $*"; exit 1; }

# says STATUS URL MODEL: what it prints must be what comes by stdin, line by line
says() {
    status=0
    "$SEKI" doctor --llm "$2" "$3" >out 2>&1 || status=$?
    [ "$status" = "$1" ] || fail "status $status, $1 expected: $(cat out)"
    diff - out || fail "doctor of $2"
}
serve() { # serve ARGUMENTS: starts the server anew, sets url; its input is fd 9
    [ -z "$pid" ] || { kill "$pid"; wait "$pid" 2>/dev/null || true; }
    rm -f in port; mkfifo in; exec 9<>in
    "$server" "$@" <in >port 2>/dev/null & pid=$!
    for _ in $(seq 500); do [ -s port ] && break; sleep 0.02; done
    [ -s port ] || fail "the server did not start"
    url=http://127.0.0.1:$(cat port)/v1
}

serve 0 count
says 0 "$url" scripted <<END
llm          $url, model scripted
dialect      compatible, by URL and model
models       1: scripted; "scripted" is among them
slots        4 requests at once
max_tokens   taken and not obeyed: more than one token came
max_completion_tokens taken and not obeyed: more than one token came
answer       as scripted (no LLM)
json_schema  obeyed
json_object  not obeyed
json_mode    not obeyed
guided_json  not obeyed
grammar      not obeyed
seed         not known: another seed gives the same reply as well
prompt cache not told
usage        in, out; not told: cached, cache write, reasoning
END

serve 0 count max_tokens
"$SEKI" doctor --llm "$url" other >out || fail "a server that refuses max_tokens: $(cat out)"
grep -qx 'max_tokens   refused: HTTP 400: not supported' out || fail "$(cat out)"
grep -qx 'max_completion_tokens taken and not obeyed: more than one token came' out || fail "$(cat out)"
grep -qx 'models       1: scripted; "other" is not among them' out || fail "$(cat out)"
grep -qx 'answer       as scripted (no LLM)' out || fail "$(cat out)"
kill "$pid"; pid=; exec 9>&-

says 1 http://127.0.0.1:1/v1 none <<END
llm          http://127.0.0.1:1/v1, model none
dialect      compatible, by URL and model
models       not told
slots        not told
max_tokens   refused: cannot connect to the server: Connection refused
max_completion_tokens refused: cannot connect to the server: Connection refused
END
says 2 nonsense none <<END
seki: /llm/url: found "nonsense", expected http://... or https://...
END
