libseki_a_SOURCES += \
  src/train/backend.h \
  src/train/net.h \
  src/train/networks.h
