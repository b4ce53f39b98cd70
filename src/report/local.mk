libseki_a_SOURCES += \
  src/report/accuracy.c \
  src/report/agreement.c \
  src/report/anytime.c \
  src/report/article.c \
  src/report/bootstrap.c src/report/bootstrap.h \
  src/report/cells.c src/report/cells.h \
  src/report/compare.c src/report/compare.h \
  src/report/cost.c \
  src/report/counts.c src/report/counts.h \
  src/report/course.c src/report/course.h \
  src/report/csv.c \
  src/report/curve.c \
  src/report/document.c src/report/document.h \
  src/report/distribution.c \
  src/report/dots.c \
  src/report/drawn.c src/report/drawn.h \
  src/report/figure.c src/report/figure.h \
  src/report/graph.c \
  src/report/html.c \
  src/report/kinds.h \
  src/report/latex.c src/report/latex.h \
  src/report/leader.c \
  src/report/markdown.c \
  src/report/methods.c src/report/methods.h \
  src/report/provenance.c src/report/provenance.h \
  src/report/ranking.c \
  src/report/reference.c src/report/reference.h \
  src/report/reported.c src/report/reported.h \
  src/report/report.c src/report/report.h \
  src/report/say.c src/report/say.h \
  src/report/scoring.c src/report/scoring.h \
  src/report/sheet.c src/report/sheet.h \
  src/report/significance.c \
  src/report/standings.c \
  src/report/stats.c src/report/stats.h \
  src/report/steps.c \
  src/report/tool.c src/report/tool.h \
  src/report/wilcoxon.c src/report/wilcoxon.h

BUILT_SOURCES += src/report/document.inc
src/report/html.$(OBJEXT): src/report/document.inc
CLEANFILES    += src/report/document.inc
EXTRA_DIST    += src/report/document.css
