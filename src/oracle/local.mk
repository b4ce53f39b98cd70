libseki_a_SOURCES += \
  src/oracle/devices.c src/oracle/devices.h \
  src/oracle/meter.c src/oracle/meter.h \
  src/oracle/metering.h \
  src/oracle/oracle.c src/oracle/oracle.h \
  src/oracle/regime.c src/oracle/regime.h \
  src/oracle/table.c \
  src/oracle/training.c \
  src/oracle/trainings.c src/oracle/trainings.h
