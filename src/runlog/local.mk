libseki_a_SOURCES += \
  src/runlog/event.c src/runlog/event.h \
  src/runlog/writer.c src/runlog/writer.h
