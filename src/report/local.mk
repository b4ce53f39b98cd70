libseki_a_SOURCES += \
  src/report/accuracy.c \
  src/report/cost.c \
  src/report/curve.c \
  src/report/dots.c \
  src/report/kinds.h \
  src/report/report.c src/report/report.h \
  src/report/significance.c \
  src/report/steps.c
