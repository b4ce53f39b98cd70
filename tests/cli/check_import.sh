#!/bin/sh
# seki import: the same rows give the same bytes, and what is missing on the command line is said.
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
bad=0

fail() {
    echo "FAILED: $1"
    bad=1
}

cat >"$work/columns.csv" <<'END'
metric,dataset,split,epochs,training_seed,device,unit,source,licence
accuracy,,,,,,percent,made up,none
epoch_time,,,,,,s,made up,none
END
cat >"$work/rows.csv" <<'END'
arch,metric,dataset,split,epochs,training_seed,device,value
421211,accuracy,cifar10,valid,200,777,,82.5
421211,epoch_time,cifar10,,,mean,,7.25
END

import() { # rows, table
    "$SEKI" import --space nas-bench-201 --benchmark mine --columns "$work/columns.csv" "$1" "$2"
}

import "$work/rows.csv" "$work/one.h5" 2>"$work/said" || fail "import of a file"
grep -q 'one.h5: 2 columns by 15625 architectures, 31248 cells not measured, sealed ' "$work/said" || fail "what import says"
sleep 1
(sed 1q "$work/rows.csv"; sed 1d "$work/rows.csv" | sort -r) | import - "$work/two.h5" 2>/dev/null || fail "import of stdin"
cmp "$work/one.h5" "$work/two.h5" || fail "the same rows must give the same bytes"
"$SEKI" query "$work/one.h5" 421211 --json | grep -q '"epoch_s": 7.25' || fail "query of the new table"

refuses() { # sentence, arguments of seki import...
    sentence=$1
    shift
    "$SEKI" import "$@" 2>"$work/said"
    [ $? -eq 2 ] || fail "seki import $* must exit with 2"
    [ "$(sed 's/ (known: nas-bench-201, .*)$//' "$work/said")" = "seki: $sentence" ] || { cat "$work/said"; fail "seki import $*"; }
}

refuses 'import: --columns CSV must be given: CSV with unit, source and licence of each column' \
    --space nas-bench-201 --benchmark mine "$work/rows.csv" "$work/three.h5"
refuses 'space "nas-bench-301" is not known' \
    --space nas-bench-301 --benchmark mine --columns "$work/columns.csv" "$work/rows.csv" "$work/three.h5"
refuses "$work/one.h5/three.h5: cannot write: Not a directory" \
    --space nas-bench-201 --benchmark mine --columns "$work/columns.csv" "$work/rows.csv" "$work/one.h5/three.h5"
long=$(printf '%0250d' 0).h5 # no room for the name that it is written under
refuses "$work/$long: cannot write: File name too long" \
    --space nas-bench-201 --benchmark mine --columns "$work/columns.csv" "$work/rows.csv" "$work/$long"
# What is there is replaced, but neither a device nor a link, which /dev/stdout is.
ln -s one.h5 "$work/link.h5"
refuses "$work/link.h5: found a folder, link or device, expected a file or no such name" \
    --space nas-bench-201 --benchmark mine --columns "$work/columns.csv" "$work/rows.csv" "$work/link.h5"
[ -L "$work/link.h5" ] || fail "a link must stay one"
echo 421211,accuracy,cifar10,valid,200,888,,182.5 >>"$work/rows.csv"
refuses "$work/rows.csv:4: value is 182.5, expected percent from 0 to 100" \
    --space nas-bench-201 --benchmark mine --columns "$work/columns.csv" "$work/rows.csv" "$work/three.h5"
sed '$s/182.5/0x20/' "$work/rows.csv" >"$work/hexadecimal.csv"
refuses "$work/hexadecimal.csv:4: value is \"0x20\", expected a finite number (what was not measured has no row)" \
    --space nas-bench-201 --benchmark mine --columns "$work/columns.csv" "$work/hexadecimal.csv" "$work/three.h5"
[ ! -e "$work/three.h5" ] && [ ! -e "$work/three.h5.part" ] || fail "a refused import must leave nothing"
exit $bad
