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
max_tokens   no answer: cannot connect to the server: Connection refused
END
says 2 nonsense none <<END
seki: /llm/url: found "nonsense", expected http://... or https://...
END
says 2 http://127.0.0.1:1/v1 $'\xff' <<END
seki: doctor: model: found "?", expected UTF-8
END
says 2 $'http://127.0.0.1:1/\x1b[2J' none <<'END'
seki: doctor: /url: found "http://127.0.0.1:1/\u001B[2J", expected a text without control characters
END

# What a server says may not steer a terminal, and may be no answer at all.
answers() { # answers BODY: starts a server that gives it to every request, sets url
    rm -f port
    python3 - "$1" >port 2>/dev/null <<'PYTHON' & pid=$!
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        self.send_response(200)
        self.send_header('Content-Length', str(len(sys.argv[1].encode())))
        self.end_headers()
        self.wfile.write(sys.argv[1].encode())
    do_POST = do_GET
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
    for _ in $(seq 500); do [ -s port ] && break; sleep 0.02; done
    url=http://127.0.0.1:$(cat port)/v1
}
command -v python3 >/dev/null || exit 0
answers '{"data":[{"id":"\u001b[2J"},5],"model":"\u001b[31m","choices":[{"message":{"content":"a"}}]}'
"$SEKI" doctor --llm "$url" m >out || fail "a server with odd names: $(cat out)"
! grep -q $'\x1b' out || fail 'a control character of the server reached the terminal'
grep -Fqx 'models       2: ?[2J; "m" is not among them' out || fail "$(cat out)"
kill "$pid"; pid=
answers '{"data":[5]}'
"$SEKI" doctor --llm "$url" m >out && fail 'a server without answers is one'
grep -Fqx 'models       1: without names; "m" is not among them' out || fail "$(cat out)"
grep -Fqx 'max_tokens   no answer: an answer without choices: {"data":[5]}' out || fail "$(cat out)"
