libseki_a_SOURCES += \
  src/data/batch.h \
  src/data/images.h
