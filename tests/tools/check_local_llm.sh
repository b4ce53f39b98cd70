#!/bin/sh
# tools/local-llm without a network: what it says of itself, refuses, and does while nothing is installed.
command -v bash >/dev/null || exit 77
tool=${srcdir:-.}/tools/local-llm
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
SEKI_LLM_HOME=$dir/home; export SEKI_LLM_HOME
bad=0

expect() {    # STATUS TEXT ARGUMENT...: exits so, and says the text
    status=$1 text=$2
    shift 2
    bash "$tool" "$@" >"$dir/said" 2>&1
    found=$?
    if [ $found -ne "$status" ] || ! grep -qF -e "$text" "$dir/said"; then
        echo "local-llm $*: exit $found, expected $status; expected to read: $text; it said:"
        cat "$dir/said"
        bad=1
    fi
}

expect 0 'local-llm install [MODEL]' --help
expect 0 '--prompt-cache' start --help
expect 2 'local-llm install [MODEL]'
expect 2 "no command 'begin'; the commands are install, start, stop and status" begin
expect 2 "no model 'gpt'; the models are qwen2.5-coder-1.5b-instruct, qwen2.5-coder-0.5b-instruct" install gpt
expect 2 "no model 'gpt'" start gpt
expect 2 "takes one model, not 'smollm2-135m-instruct' and 'qwen2.5-coder-0.5b-instruct'" \
    install smollm2-135m-instruct qwen2.5-coder-0.5b-instruct
expect 2 'install has no option --port' install --port 1
expect 2 '--port needs a number' start --port
expect 2 "--port needs a number from 1 to 65535, not '65536'" start --port 65536
expect 2 "--port needs a number from 1 to 65535, not '-1'" start --port -1
expect 2 "--slots needs a number from 1 to 64, not 'many'" start --slots many
expect 2 "--threads needs a number from 1 to 1024, not '0'" start --threads 0
expect 2 "stop takes no argument, not 'all'" stop all
expect 0 'no server runs' status
expect 0 'no server runs' stop
[ ! -e "$SEKI_LLM_HOME" ] || { echo 'local-llm made its folder without being asked to install'; bad=1; }

# A file that a machine's crash has left names a process of somebody else's, or none.
mkdir "$SEKI_LLM_HOME"
echo "$$ http://127.0.0.1:8091/v1 smollm2-135m-instruct" >"$SEKI_LLM_HOME/server.pid"
expect 0 'no server runs' status
expect 0 'no server runs' stop
[ ! -e "$SEKI_LLM_HOME/server.pid" ] || { echo 'stop left a stale server.pid'; bad=1; }
exit $bad
