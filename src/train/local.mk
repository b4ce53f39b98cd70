libseki_a_SOURCES += \
  src/train/backend.h \
  src/train/cellnet.c \
  src/train/fit.h \
  src/train/net.c src/train/net.h \
  src/train/networks.c src/train/networks.h \
  src/train/recipe.c src/train/recipe.h
