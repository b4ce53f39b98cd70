#!/bin/sh
# The man page has every command and every flag. Skipped where help2man is not there to make one.
command -v help2man >/dev/null || exit 77
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
sh "${srcdir:-.}/src/cli/man.sh" "$SEKI" >"$work/seki.1" || exit 1
bad=0
grep -q '^\.TH SEKI "1" "" ' "$work/seki.1" || { echo "the title has a date: $(grep '^\.TH' "$work/seki.1")"; bad=1; }
commands=$("$SEKI" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 8 ] || { echo 'too few commands in seki --help'; bad=1; }
for command in $commands; do
    title=$(echo "seki $command" | tr a-z A-Z)
    sed -n "/^\.SH \"$title\"/,/^\.SH /p" "$work/seki.1" | sed 's/\\//g' >"$work/section"
    for flag in $("$SEKI" "$command" --help | sed -n 's/^  \(--[a-z-]*\) .*/\1/p'); do
        grep -qe "^  $flag " "$work/section" || { echo "$command: $flag is not in the man page"; bad=1; }
    done
done
if command -v groff >/dev/null; then
    complaints=$(groff -man -Tutf8 -ww -z "$work/seki.1" 2>&1)
    [ -z "$complaints" ] || { echo "$complaints"; bad=1; }
fi
exit $bad
