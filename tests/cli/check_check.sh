#!/bin/sh
# "seki check" prints what would be run; refuses what cannot be, with status 2; and prints a schema.
fail() { echo "FAIL: $*"; exit 1; }
tests=$srcdir/tests
out=$(mktemp) && trap 'rm -f "$out"' EXIT

"$SEKI" check "$tests/experiment/example.json" >"$out" 2>&1 || fail "example.json is refused"
diff "$tests/cli/example.expected" "$out" || fail "example.json is told otherwise"

# refuses TEXT ARGUMENT...: status 2, nothing on stdout, and this text on stderr
refuses() {
    text=$1
    shift
    said=$("$SEKI" check "$@" 2>&1 >"$out")
    [ $? = 2 ] || fail "check $*: status is not 2"
    [ ! -s "$out" ] || fail "check $*: wrote to stdout"
    [ "$said" = "seki: $text" ] || fail "check $*: found $said, expected seki: $text"
}
refuses "usage: seki check FILE, or seki check --schema"
refuses "usage: seki check FILE, or seki check --schema" --schema "$tests/experiment/example.json"
refuses "no/such.json: No such file or directory" no/such.json
bad=$tests/experiment/bad/bad-relation/input.json
refuses "$bad: /strategy/tournament: found 3, expected at most the population, 2" "$bad"

# What only opening the table or the model's settings can tell, once for all cells that share it.
unusable=$tests/cli/unusable.json
refuses "$unusable: cell a+one: nas-bench-201 has no valid accuracy on \"cifar11\" at 200 epochs; it has: cifar10 at 200 epochs, cifar100 at 200 epochs, imagenet16-120 at 200 epochs, cifar10 at 12 epochs, cifar100 at 12 epochs, imagenet16-120 at 12 epochs" "$unusable"

"$SEKI" check --schema >"$out" || fail "no schema"
"$SEKI" check --help | grep -q '^    population  .*members' || fail "help lacks the options"
exit 0
