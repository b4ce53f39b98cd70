libseki_a_SOURCES += \
  src/train/backend.c src/train/backend.h \
  src/train/cellnet.c \
  src/train/checkpoint.c src/train/checkpoint.h \
  src/train/dartsnet.c \
  src/train/fit.c src/train/fit.h \
  src/train/module.c src/train/module.h \
  src/train/net.c src/train/net.h \
  src/train/networks.c src/train/networks.h \
  src/train/recipe.c src/train/recipe.h \
  src/train/reference/conv.c \
  src/train/reference/head.c \
  src/train/reference/pool.c \
  src/train/reference/reference.c src/train/reference/reference.h \
  src/train/reference/sum.c
