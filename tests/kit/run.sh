#!/bin/sh
# ./run EXPERIMENT FOLDER [OPTION...]: trains and runs what the experiment asks for, answers from
# recorded transcripts where an LLM is asked, and makes its tables; all goes to FOLDER. EXPERIMENT is a
# file, or the name of one of share/experiments. Options are those of "bin/seki run": --jobs 8.
here=$(cd "$(dirname "$0")" && pwd) || exit 99
. "$here/bin/kit.sh"
if [ $# -lt 2 ]; then
    echo "usage: ./run EXPERIMENT FOLDER [OPTION...], with a file or one of these experiments:" >&2
    (cd "$here/share/experiments" && ls *.json) | sed 's/^/  /; s/\.json$//' >&2
    exit 2
fi
file=$1 folder=$2
shift 2
[ -f "$file" ] || file=$here/share/experiments/$file.json
"$SEKI" run --train --results "$folder" "$@" "$file"
status=$?
[ $status = 0 ] || [ $status = 3 ] || exit $status
"$SEKI" report --results "$folder" "$file" || status=$?
exit $status
