#!/bin/sh
# man.sh PROGRAM: its man page, made by help2man from its help, with a section for each command.
program=$1
sections=$(mktemp) || exit
trap 'rm -f "$sections" "$sections.1"' EXIT
for command in $("$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    echo "[seki $command]"
    echo .nf
    "$program" "$command" --help | sed 's/\\/\\\\/g; s/-/\\-/g; s/^[.'\'']/\\\&&/'
    printf '.fi\n\n'
done >"$sections"
# Without the date of the build, so that the same source gives the same page.
${HELP2MAN:-help2man} --no-info --include="$sections" \
    --name='neural architecture search by large language models, reproducibly' "$program" >"$sections.1" || exit
sed '/^\.TH /s/"[A-Z][a-z]* [0-9]*"/""/' "$sections.1"
