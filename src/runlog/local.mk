libseki_a_SOURCES += \
  src/runlog/event.c src/runlog/event.h \
  src/runlog/field.c src/runlog/field.h \
  src/runlog/ranks.c src/runlog/ranks.h \
  src/runlog/reader.c src/runlog/reader.h \
  src/runlog/writer.c src/runlog/writer.h
