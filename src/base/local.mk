libseki_a_SOURCES += \
  src/base/banned.h \
  src/base/clock.c src/base/clock.h \
  src/base/csv.c src/base/csv.h \
  src/base/err.c src/base/err.h \
  src/base/file.c src/base/file.h \
  src/base/hash.c src/base/hash.h \
  src/base/jsonl.c src/base/jsonl.h \
  src/base/log.c src/base/log.h \
  src/base/mem.c src/base/mem.h \
  src/base/option.c src/base/option.h \
  src/base/pack.c src/base/pack.h \
  src/base/rng.c src/base/rng.h \
  src/base/sort.c src/base/sort.h \
  src/base/stop.c src/base/stop.h \
  src/base/str.c src/base/str.h
