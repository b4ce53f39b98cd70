libseki_a_SOURCES += \
  src/experiment/describe.c \
  src/experiment/drawings.c src/experiment/drawings.h \
  src/experiment/expand.c src/experiment/expand.h \
  src/experiment/experiment.c src/experiment/experiment.h \
  src/experiment/fields.c src/experiment/fields.h \
  src/experiment/registry.c src/experiment/registry.h \
  src/experiment/resolve.c src/experiment/resolve.h
