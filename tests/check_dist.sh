#!/bin/sh
# Fails when a file of the checkout would be missing from "make dist": neither it nor a folder above
# it is named in Makefile.am or a local.mk, or a program of that name. Skipped outside a checkout.
cd "${srcdir:-.}" || exit 99
[ -e .git ] && command -v git >/dev/null || exit 77
tracked=$(git ls-files) || exit 99
# Packed without being named: the build's own files, and what dist-hook finds. Left out: git's own.
named=" .gitignore Makefile.am configure.ac benchdata/transcripts benchdata/trainings results/tables results/figures $(echo "$tracked" | grep -E '^m4/|(^|/)local\.mk$' | xargs)
    $(sed 's/#.*//' Makefile.am $(echo "$tracked" | grep '/local\.mk$') | tr -s '[:space:]' ' ') "
bad=0
for file in $tracked; do
    place=${file%.c}
    case $named in *" $place "*) continue ;; esac
    place=$file
    while case $named in *" $place "*) false ;; esac && [ "$place" != . ]; do
        place=$(dirname "$place")
    done
    [ "$place" != . ] || { echo "$file: not packed: no line of Makefile.am or a local.mk names it"; bad=1; }
done
exit $bad
