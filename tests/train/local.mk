check_PROGRAMS += tests/train/check_recipe

check_PROGRAMS += tests/train/check_net
EXTRA_DIST += tests/train/nb201-params.cases

check_PROGRAMS += tests/train/check_dartsnet
EXTRA_DIST += tests/train/darts-genotypes.csv tests/train/nb301.csv

check_PROGRAMS += tests/train/check_torch
tests_train_check_torch_SOURCES = tests/train/check_torch.c \
  tests/train/figures.c tests/train/figures.h tests/train/rig.c tests/train/rig.h
dist_check_SCRIPTS += tests/train/check_torch_reference.sh
dist_check_SCRIPTS += tests/train/check_modules.sh
EXTRA_DIST += tests/train/torch-light.h5 tests/train/torch-light.py

check_PROGRAMS += tests/train/check_operators
tests_train_check_operators_SOURCES = tests/train/check_operators.c \
  tests/train/nets.c tests/train/nets.h tests/train/rig.c tests/train/rig.h

check_PROGRAMS += tests/train/check_fit tests/train/check_checkpoint
tests_train_check_fit_SOURCES = tests/train/check_fit.c tests/train/lesson.c tests/train/lesson.h
tests_train_check_checkpoint_SOURCES = tests/train/check_checkpoint.c \
  tests/train/lesson.c tests/train/lesson.h tests/train/rig.c tests/train/rig.h

check_PROGRAMS += tests/train/check_torch_darts
tests_train_check_torch_darts_SOURCES = tests/train/check_torch_darts.c \
  tests/train/rig.c tests/train/rig.h
EXTRA_DIST += tests/train/torch-darts.json tests/train/torch-darts.py

check_PROGRAMS += tests/train/check_kernels
tests_train_check_kernels_SOURCES = tests/train/check_kernels.c \
  tests/train/kernels/cases.h \
  tests/train/kernels/depthwise.c \
  tests/train/kernels/field.c tests/train/kernels/field.h \
  tests/train/kernels/head.c \
  tests/train/kernels/norms.c \
  tests/train/kernels/parameters.c \
  tests/train/kernels/sums.c \
  tests/train/kernels/turns.c tests/train/kernels/turns.h \
  tests/train/kernels/windows.c tests/train/kernels/windows.h
tests_train_check_kernels_LDADD = libcudakernels.a libcudaturns.a $(TEST_LIBS)

# The same cases, but threads take turns in what nvcc made of the kernels, written down as C.
if PTX
check_PROGRAMS += tests/train/check_ptx
tests_train_check_ptx_SOURCES = $(tests_train_check_kernels_SOURCES)
nodist_tests_train_check_ptx_SOURCES = tests/train/kernels/ptx.c
tests_train_check_ptx_LDADD = libcudakernels.a $(TEST_LIBS)
endif
tests/train/kernels/kernels.ptx: $(CUDA_KERNELS) src/train/plan/plan.h src/data/batch.h
	$(V_NVCC)$(MKDIR_P) $(@D) && $(NVCC) -std=c++17 -O3 -arch=compute_90 $(CUDA_CPPFLAGS) -I$(srcdir)/src -ptx -o $@ $(srcdir)/src/train/cuda/kernels.cu
tests/train/kernels/ptx.c: tests/train/kernels/kernels.ptx tests/train/kernels/ptx.py
	$(AM_V_GEN)$(PYTHON3) $(srcdir)/tests/train/kernels/ptx.py $(srcdir)/src/train/cuda/kernels.cu <tests/train/kernels/kernels.ptx >$@.part && mv $@.part $@
CLEANFILES += tests/train/kernels/kernels.ptx tests/train/kernels/ptx.c tests/train/kernels/ptx.c.part
EXTRA_DIST += tests/train/kernels/ptx.py

check_PROGRAMS += tests/train/check_cuda
tests_train_check_cuda_SOURCES  = tests/train/check_cuda.c tests/train/nets.c tests/train/nets.h \
  tests/train/trial.c tests/train/trial.h
tests_train_check_cuda_CPPFLAGS = $(FAKE_CPPFLAGS)
tests_train_check_cuda_LDADD    = tests/train/libfake.a libcudakernels.a $(TEST_LIBS)
