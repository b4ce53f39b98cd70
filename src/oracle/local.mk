libseki_a_SOURCES += \
  src/oracle/meter.c src/oracle/meter.h \
  src/oracle/metering.h \
  src/oracle/oracle.h
