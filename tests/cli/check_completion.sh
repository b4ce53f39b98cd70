#!/bin/bash
# What bash offers at the end of a line that begins with these words, by "seki completion bash".
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
"$SEKI" completion bash >"$work/completion" || exit 1
. "$work/completion" || exit 1
mkdir -p "$work/place/results/study/seki.s1" "$work/place/benchdata" && cd "$work/place" || exit 99
touch study.json notes.txt table.h5 data.csv data.csv.zst benchdata/made-up.h5 results/one.jsonl.zst
unset SEKI_DATA
bad=0

# offers EXPECTED WORD...: the last word is the one that is being written.
offers() {
    local expected=$1 found
    shift
    COMP_WORDS=(seki "$@")
    COMP_CWORD=$#
    _seki
    found=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' ' -)
    [ "$found" = "$expected" ] || { echo "seki $*: found \"$found\", expected \"$expected\""; bad=1; }
}

offers 'check completion' c
offers 'query' q
offers 'replay report run' r
offers '--jobs' run --j
offers '--live' run --results results --l
offers '--help' run --h
offers 'results' run --results r
offers 'results' run --results = r
offers '' run --jobs ''
offers 'benchdata results study.json' run ''
offers 'study.json' check --schema s
offers '' run study.json s
offers 'study.json' report one.json s
offers 'results/study/seki.s1' replay results/study/
offers 'benchdata made-up results table.h5' query ''
offers 'results/one.jsonl.zst results/study' query results/
offers '' query made-up ''
offers 'benchdata data.csv data.csv.zst results' import ''
offers 'nas-bench-201' import --space nas
offers 'nas-bench-201' import --space = nas
offers 'data.csv data.csv.zst' import --columns d
offers 'bash' completion ''
offers '' nonsense ''

# Every flag of every command's help is offered.
for command in $("$SEKI" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    flags=$("$SEKI" "$command" --help | sed -n '/^Flags:/,/^$/s/^  \(--[a-z-]*\) .*/\1/p' | sort | paste -sd' ' -)
    offers "$flags" "$command" --
done

"$SEKI" completion fish 2>"$work/said"
status=$?
[ "$status: $(cat "$work/said")" = '2: seki: completion: found "fish", expected bash' ] ||
    { echo "completion fish: $status: $(cat "$work/said")"; bad=1; }
exit $bad
