# SEKI_SONAME(MACRO, NAME, LIBS, FUNCTION): defines MACRO to the file name under which a program that
# links LIBS for FUNCTION loads libNAME: what dlopen() is given. The same is substituted.
AC_DEFUN([SEKI_SONAME], [
  AC_CHECK_TOOL([OBJDUMP], [objdump], [objdump])
  AC_MSG_CHECKING([the file name of lib$2])
  seki_saved_libs=$LIBS
  LIBS="$3 $LIBS"
  seki_soname=
  AC_LINK_IFELSE([AC_LANG_CALL([], [$4])],
    [seki_soname=`$OBJDUMP -p conftest$EXEEXT | sed -n ['s/^ *NEEDED *\(lib$2[^ ]*\)$/\1/p'] | sed 1q`])
  LIBS=$seki_saved_libs
  AS_IF([test -n "$seki_soname"], [AC_MSG_RESULT([$seki_soname])],
    [AC_MSG_ERROR([a program that links $3 does not load lib$2: a shared library is needed])])
  AC_DEFINE_UNQUOTED([$1], ["$seki_soname"], [the file name of lib$2])
  AC_SUBST([$1], [$seki_soname])
])
