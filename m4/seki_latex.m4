# SEKI_LATEX: --with-latex=auto|yes|no. Sets LATEXMK to latexmk, or to nothing, and seki_latex to what
# was chosen. With it "make experiments" makes results/report.pdf too.
AC_DEFUN([SEKI_LATEX], [
  AC_ARG_WITH([latex],
    [AS_HELP_STRING([--with-latex=auto|yes|no], [make a PDF of the report by latexmk (auto)])],
    [], [with_latex=auto])
  AS_CASE([$with_latex], [auto|yes|no], [],
    [AC_MSG_ERROR([--with-latex: found "$with_latex", expected auto, yes or no])])
  LATEXMK=
  AS_IF([test "$with_latex" != no], [
    AC_PATH_PROG([LATEXMK], [latexmk])
    AC_PATH_PROG([PDFLATEX], [pdflatex])
    AS_IF([test -z "$PDFLATEX"], [LATEXMK=])
    AS_IF([test "$with_latex:$LATEXMK" = yes:],
      [AC_MSG_ERROR([--with-latex: latexmk or pdflatex is not there])])])
  AC_SUBST([LATEXMK])
  AS_IF([test -n "$LATEXMK"], [seki_latex=$LATEXMK], [seki_latex='no, so no PDF of the report'])
])
