# SEKI_ONEDNN: --with-onednn=auto|yes|no. Sets the conditional ONEDNN, ONEDNN_LIBS and OPENMP_CFLAGS, and
# seki_onednn to what was chosen. With it the backend "cpu" is built, a module of its own.
AC_DEFUN([SEKI_ONEDNN], [
  AC_ARG_WITH([onednn],
    [AS_HELP_STRING([--with-onednn=auto|yes|no], [train on the CPU by oneDNN (auto)])],
    [], [with_onednn=auto])
  AS_CASE([$with_onednn], [auto|yes|no], [],
    [AC_MSG_ERROR([--with-onednn: found "$with_onednn", expected auto, yes or no])])
  ONEDNN_LIBS= OPENMP_CFLAGS=-fopenmp
  seki_onednn_why='not asked for'
  AS_IF([test "$with_onednn" != no], [
    seki_saved_libs=$LIBS seki_saved_cflags=$CFLAGS
    AC_MSG_CHECKING([for oneDNN 2.4 to 2.7, OpenMP and AVX-512 in $CC])
    LIBS="-ldnnl $LIBS"
    CFLAGS="$CFLAGS $OPENMP_CFLAGS -mavx2 -mfma -mavx512f -mavx512bw -mavx512vl -mavx512dq"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[
        #include <dnnl.h>
        #include <omp.h>
        #if DNNL_VERSION_MAJOR != 2 || DNNL_VERSION_MINOR < 4
        #error another version
        #endif
      ]], [[return omp_get_num_procs() < dnnl_version()->major;]])],
      [AC_MSG_RESULT([yes]); ONEDNN_LIBS=-ldnnl seki_onednn_why=],
      [AC_MSG_RESULT([no]); seki_onednn_why='libdnnl-dev 2.x is not there, or no x86-64 compiler with OpenMP'])
    LIBS=$seki_saved_libs CFLAGS=$seki_saved_cflags
    AS_IF([test "$with_onednn:$ONEDNN_LIBS" = yes:], [AC_MSG_ERROR([--with-onednn: $seki_onednn_why])])])
  AC_SUBST([ONEDNN_LIBS])
  AC_SUBST([OPENMP_CFLAGS])
  AM_CONDITIONAL([ONEDNN], [test -n "$ONEDNN_LIBS"])
  AS_IF([test -n "$ONEDNN_LIBS"], [seki_onednn=yes], [seki_onednn="no ($seki_onednn_why), so no training on the CPU"])
])
