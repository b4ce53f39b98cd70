#!/bin/sh
# make kit: packs what a machine without packages, compiler and network needs to test seki, to measure
# it and to run an experiment: one folder that runs from anywhere, and the same as FOLDER.tar.zst.
#
#   pack.sh FOLDER BUILD-FOLDER SOURCE-FOLDER LIST
#
# LIST: a file of lines "test PROGRAM", "bench PROGRAM", "load LIBRARY" (opened by name, and so seen by
# no linker; "A|B": either) and "data FILE-OR-FOLDER" of the source that programs of tests read.
# KIT_CUDA=yes adds CUDA's and cuDNN's libraries, KIT_DATA=FOLDER what lies in it (as $SEKI_IMAGES).
# KIT_PREFIX: where "make install" would put things.
#
# Programs and libraries find each other by a RPATH relative to themselves, which patchelf writes into
# the copies. A launcher that sets LD_LIBRARY_PATH would do without patchelf, but hand the kit's
# libraries to every program that is started from there: gnuplot, and the Python of the bench, which
# has a cuDNN of its own. RPATH, and not RUNPATH, since it holds for libraries of libraries too.
#
# What stays out: the driver (libcuda, libnvidia-*), which belongs to the machine's kernel, and all of
# glibc (libc, libm, libpthread, librt, libdl, libresolv, libutil, libmvec, the loader, what
# nsswitch.conf names), which must be the loader's own and the driver's. README.txt of the kit says how
# new that has to be.
set -eu
fail() { echo "kit: $*" >&2; exit 1; }
[ $# = 4 ] || fail "usage: pack.sh FOLDER BUILD-FOLDER SOURCE-FOLDER LIST"
folder=$1 build=$2 source=$3 list=$4
for tool in patchelf zstd objdump strip ldd; do
    command -v $tool >/dev/null || fail "$tool is not there"
done
part=$folder.part
rm -rf "$part"
mkdir -p "$part/lib" "$part/bin/tests"
part=$(cd "$part" && pwd)
trap 'rm -rf "$part"' EXIT
listed() { sed -n "s/^$1 //p" "$list"; }

is_glibc() { case $1 in ld-linux*|libc.so*|libm.so*|libmvec.so*|libpthread.so*|libdl.so*|librt.so*|libutil.so*|libresolv.so*|libanl.so*|libnsl.so.1|libnss_*|libBrokenLocale.so*|libthread_db.so*) ;; *) false ;; esac; }
is_driver() { case $1 in libcuda.so*|libnvidia-*) ;; *) false ;; esac; }
is_cuda() { case $1 in libcudart.so*|libcudnn*|libcublas*|libnvrtc*|libnvJitLink*) ;; *) false ;; esac; }

# -- programs, and what they read --

${MAKE:-make} -s -C "$build" install-exec install-data DESTDIR="$part" prefix=/ exec_prefix=/ bindir=/bin \
    pkglibdir=/bin datarootdir=/share datadir=/share pkgdatadir=/share >/dev/null
rm -rf "$part/share/man" "$part/share/bash-completion"
for program in $(listed test); do
    mkdir -p "$part/bin/$(dirname "$program")"
    cp "$build/$program" "$part/bin/$program"
done
for program in $(listed bench); do
    cp "$build/$program" "$part/bin/"
done
for name in $(listed data); do
    mkdir -p "$part/share/$(dirname "$name")"
    cp -R "$source/$name" "$part/share/$name"
done
for script in test bench run; do
    cp "$source/tests/kit/$script.sh" "$part/$script"
done
cp "$source/tests/kit/kit.sh" "$source/tests/bench/gpu.sh" \
    "$source/tests/bench/nets.sh" "$source/tests/bench/train_torch.py" "$part/bin/"
if [ -n "${KIT_DATA:-}" ]; then
    [ -d "$KIT_DATA" ] || fail "KIT_DATA: found $KIT_DATA, expected a folder"
    cp -RL "$KIT_DATA" "$part/images"
fi
chmod -R u+w "$part"
find "$part/bin" -type f -perm -u+x ! -name '*.sh' ! -name '*.py' >"$part/programs"
xargs strip -g <"$part/programs"

# -- libraries --

# "NAME PATH" of all that the programs need, as it is on this machine; "NAME not" of what it lacks.
needed() {
    xargs -n 1 ldd <"$part/programs" 2>/dev/null
    for names in $(listed load); do
        for name in $(echo "$names" | tr '|' ' '); do
            said=$(LD_PRELOAD=$name ldd "$part/bin/seki" 2>&1)
            case $said in *"cannot be preloaded"*) ;; *) echo "$said"; continue 2 ;; esac
        done
        echo "$names => not found"
    done
}
copy_library() { # PATH NAME
    [ -e "$part/lib/$2" ] || cp -L "$1" "$part/lib/$2"
}
needed | sed -n 's/^[[:space:]]*\([^ ]*\) => \([^ ]*\).*/\1 \2/p' | sort -u >"$part/needed"
while read -r name path; do
    name=$(basename "$name")
    is_glibc "$name" || is_driver "$name" || { is_cuda "$name" && [ "${KIT_CUDA:-no}" != yes ]; } && continue
    [ "$path" != not ] || fail "$name is needed and not found"
    copy_library "$path" "$name"
done <"$part/needed"
# What cuDNN opens by name: its own parts, and those of CUDA.
if [ "${KIT_CUDA:-no}" = yes ]; then
    cudnn=$(sed -n 's/^libcudnn\.so\.[0-9]* //p' "$part/needed" | head -n 1)
    cudart=$(sed -n 's/^libcudart\.so\.[0-9]* //p' "$part/needed" | head -n 1)
    [ -n "$cudnn" ] && [ -n "$cudart" ] || fail "KIT_CUDA=yes, but nothing here was built with CUDA and cuDNN"
    for path in "$(dirname "$cudnn")"/libcudnn*.so.* "$(dirname "$cudart")"/libcublas*.so.* "$(dirname "$cudart")"/libnvrtc*.so.*; do
        name=$(objdump -p "$path" 2>/dev/null | sed -n 's/^ *SONAME *//p')
        case $name in ''|*.alt.*) ;; *) copy_library "$path" "$name" ;; esac
    done
fi
chmod u+w "$part"/lib/*

# NVIDIA's come as they are where they look beside themselves already.
while read -r program; do
    up=$(dirname "${program#"$part"/}" | sed 's|[^/][^/]*|..|g')
    patchelf --force-rpath --set-rpath "\$ORIGIN/$up/lib" "$program"
done <"$part/programs"
for library in "$part"/lib/*; do
    is_cuda "$(basename "$library")" && objdump -p "$library" | grep -Eq '^ *R(UN)?PATH ' ||
        patchelf --force-rpath --set-rpath "\$ORIGIN" "$library"
done

# -- what it says of itself, and whether it is whole --

glibc=$(objdump -p $(cat "$part/programs") "$part"/lib/* 2>/dev/null | sed -n 's/.* GLIBC_\([0-9][0-9.]*\)$/\1/p' |
    sort -V | tail -n 1)
with() { [ -e "$part/$1" ] && echo yes || echo no; }
sed -e "s/@GLIBC@/$glibc/" -e "s/@VERSION@/$("$part/bin/seki" --version | head -n 1)/" \
    -e "s/@CPU@/$(with bin/seki-cpu.so)/" -e "s/@CUDA@/$(with bin/seki-cuda.so)/" \
    -e "s/@CUDALIBS@/$([ "${KIT_CUDA:-no}" = yes ] && echo yes || echo no)/" \
    -e "s/@IMAGES@/$([ -d "$part/images" ] && (cd "$part/images" && echo * ) || echo none)/" \
    "$source/tests/kit/README.txt" >"$part/README.txt"
programs=$(cat "$part/programs")
rm -f "$part/programs" "$part/needed"
for file in $programs "$part"/lib/*; do
    # CUDA of the machine, where it is to be used, brings what it needs itself.
    case $file in */seki-cuda.so) [ "${KIT_CUDA:-no}" = yes ] || continue ;; esac
    env -i /bin/sh -c 'ldd "$1"' - "$file" 2>/dev/null | sed -n 's/^[[:space:]]*\([^ ]*\) => \([^ ]*\).*/\1 \2/p' |
        while read -r name path; do
            case $path in "$part"/*) continue ;; esac
            is_glibc "$name" || is_driver "$name" || { is_cuda "$name" && [ "${KIT_CUDA:-no}" != yes ]; } ||
                echo "$file finds $name at $path"
        done
done >"$part/stray"
[ ! -s "$part/stray" ] || fail "$(head -n 1 "$part/stray")"
rm -f "$part/stray"
# But for where "make install" puts things, which a program names, and make distcheck has within.
for path in "$(cd "$build" && pwd)" "$(cd "$source" && pwd)"; do
    found=$(LC_ALL=C grep -roa "$path[!-~]*" "$part" | grep -vF ":$KIT_PREFIX/" | head -n 1) || :
    [ -z "$found" ] || fail "$(echo "${found#"$part"/}" | sed 's/:/ names /'), a folder of this machine"
done

rm -rf "$folder" "$folder.tar.zst"
mv "$part" "$folder"
tar -C "$(dirname "$folder")" --owner=0 --group=0 --sort=name -cf - "$(basename "$folder")" |
    zstd -q -T0 -f -o "$folder.tar.zst"
du -shL "$folder" "$folder.tar.zst" | sed 's/^/kit: /'
