libseki_a_SOURCES += \
  src/import/declare.c src/import/declare.h \
  src/import/import.c src/import/import.h
