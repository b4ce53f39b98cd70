libseki_a_SOURCES += \
  src/table/reader.c \
  src/table/schema.c src/table/schema.h \
  src/table/table.c src/table/table.h \
  src/table/userblock.c src/table/userblock.h \
  src/table/writer.c src/table/writer.h
