libseki_a_SOURCES += \
  src/data/augment.c src/data/augment.h \
  src/data/batch.h \
  src/data/cifar.c \
  src/data/datafile.c src/data/datafile.h \
  src/data/dataset.c src/data/dataset.h \
  src/data/folder.c \
  src/data/formats.h \
  src/data/idx.c \
  src/data/images.h \
  src/data/loader.c src/data/loader.h \
  src/data/packed.c \
  src/data/picture.c src/data/picture.h \
  src/data/split.c src/data/split.h \
  src/data/synthetic.c
