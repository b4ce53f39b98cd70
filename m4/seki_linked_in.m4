# SEKI_LINKED_IN(LIBRARY, FUNCTION, NEEDED, OTHERS): LIBRARY_LINKED links the archives of the library and of
# NEEDED, where a program that calls FUNCTION can be linked so, with OTHERS; else it is LIBRARY_LIBS.
# seki_linked_in lists what is linked in. As shared libraries HDF5, which on Debian brings libcurl and thirty
# more, and libcrypto cost every start 5 ms and 1 ms.
AC_DEFUN([SEKI_LINKED_IN], [
  AC_MSG_CHECKING([whether $1 can be linked in])
  seki_saved_libs=$LIBS
  $1_LINKED="-Wl,-Bstatic $$1_LIBS $3 -Wl,-Bdynamic"
  LIBS="$$1_LINKED $4 $LIBS"
  AC_LINK_IFELSE([AC_LANG_CALL([], [$2])],
    [AC_MSG_RESULT([yes]); seki_linked_in="$seki_linked_in${seki_linked_in:+, }$1"],
    [AC_MSG_RESULT([no, it stays a shared library]); $1_LINKED=$$1_LIBS])
  LIBS=$seki_saved_libs
  AC_SUBST([$1_LINKED])
])
