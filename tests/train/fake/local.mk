# The stand-in of CUDA and cuDNN, and backend "cuda" on it: an archive for unit tests, and a module for
# tests of the whole program (SEKI_MODULES=.../tests/fake). Both are made by "make check" alone, and
# nothing that is installed has a way to them.
FAKE_SOURCES = \
  tests/train/fake/convolve.c tests/train/fake/convolve.h \
  tests/train/fake/convolutions.c \
  tests/train/fake/cuda_runtime_api.h \
  tests/train/fake/cudnn.c tests/train/fake/cudnn.h \
  tests/train/fake/device.h \
  tests/train/fake/fake.c tests/train/fake/fake.h \
  tests/train/fake/memory.c \
  tests/train/fake/stream.c
FAKE_CPPFLAGS = -I$(srcdir)/tests/train/fake $(AM_CPPFLAGS)

check_LIBRARIES += tests/train/libfake.a
tests_train_libfake_a_SOURCES  = $(FAKE_SOURCES) $(CUDA_SOURCES) $(PLAN_SOURCES)
tests_train_libfake_a_CPPFLAGS = $(FAKE_CPPFLAGS)
tests_train_libfake_a_CFLAGS   = $(CUDA_CFLAGS)

check_PROGRAMS += tests/train/check_fake
tests_train_check_fake_SOURCES  = tests/train/check_fake.c tests/train/fake_cases.h \
  tests/train/fake_convolution_cases.c
tests_train_check_fake_CPPFLAGS = $(FAKE_CPPFLAGS)
tests_train_check_fake_LDADD    = tests/train/libfake.a $(TEST_LIBS)

EXTRA_PROGRAMS += tests/fake/seki-cuda.so
check_DATA     = tests/fake/seki-cuda.so
CLEANFILES    += tests/fake/seki-cuda.so
tests_fake_seki_cuda_so_SOURCES = src/base/err.c src/base/mem.c src/base/str.c
tests_fake_seki_cuda_so_CFLAGS  = $(CUDA_CFLAGS)
tests_fake_seki_cuda_so_LDFLAGS = $(AM_LDFLAGS) -shared -Wl,-u,seki_module
tests_fake_seki_cuda_so_LDADD   = tests/train/libfake.a libcudakernels.a -lm
dist_check_SCRIPTS += tests/train/check_fake_headers.sh tests/train/check_fake_program.sh
