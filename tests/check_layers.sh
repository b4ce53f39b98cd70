#!/bin/sh
# Fails when src/layers.txt names a folder before its line, or a file includes a header from a
# folder that it was not allowed. A folder may be allowed whole ("oracle") or one header of it
# ("oracle/meter.h").
cd "${srcdir:-.}" || exit 99
bad=0 above=
while IFS=: read -r folder allowed; do
    case $folder in ''|'#'*) continue ;; esac
    for name in $allowed; do
        case " $above " in *" ${name%%/*} "*) ;; *) echo "layers.txt: $folder names $name, which is not above it"; bad=1 ;; esac
    done
    above="$above $folder"
    for file in $(find "src/$folder" -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh'); do
        for header in $(sed -n 's,^#include "\([a-z0-9_]*/[^"]*\.h\)".*,\1,p' "$file" | sort -u); do
            case " $folder $allowed " in *" ${header%%/*} "*|*" $header "*) ;; *) echo "$file: includes $header"; bad=1 ;; esac
        done
    done
done <src/layers.txt
for folder in src/*/; do
    folder=$(basename "$folder")
    case " $above " in *" $folder "*) ;; *) echo "src/$folder has no line in src/layers.txt"; bad=1 ;; esac
done
exit $bad
