# Backend "cpu": a module of its own, which the program opens when it is asked for. A shared object is
# made as a program is, with -shared.
CPU_SOURCES = \
  src/train/cpu/convolution.c src/train/cpu/convolution.h \
  src/train/cpu/cpu.c src/train/cpu/cpu.h \
  src/train/cpu/directconv.c \
  src/train/cpu/execution.c src/train/cpu/execution.h \
  src/train/cpu/head.c src/train/cpu/head.h \
  src/train/cpu/norms.c src/train/cpu/norms.h \
  src/train/cpu/parameters.c src/train/cpu/parameters.h \
  src/train/cpu/onednn.c src/train/cpu/onednn.h \
  src/train/cpu/profile.c src/train/cpu/profile.h \
  src/train/cpu/steps.c src/train/cpu/steps.h \
  src/train/cpu/winoconv.c
CPU_KERNELS = \
  src/train/cpu/direct.c src/train/cpu/direct.h \
  src/train/cpu/kernels.c src/train/cpu/kernels.h \
  src/train/cpu/bfloat16.h src/train/cpu/float32.h src/train/cpu/vector.h \
  src/train/cpu/winograd.c src/train/cpu/winograd.h
FLOAT32     = -DVALUES='"train/cpu/float32.h"'
CPU_CFLAGS  = $(AM_CFLAGS) $(OPENMP_CFLAGS) -fPIC -fvisibility=hidden

if ONEDNN
module_PROGRAMS += seki-cpu.so
seki_cpu_so_SOURCES = $(CPU_SOURCES) $(PLAN_SOURCES) src/base/err.c src/base/mem.c src/base/str.c
seki_cpu_so_CFLAGS  = $(CPU_CFLAGS)
seki_cpu_so_LDFLAGS = $(AM_LDFLAGS) $(OPENMP_CFLAGS) -shared
seki_cpu_so_LDADD   = libkernels-avx2.a libkernels-avx512.a libkernels-avx512-bf16.a $(ONEDNN_LIBS) -lm

# The same kernels for each instruction set, and for tensors of floats and of bfloat16.
noinst_LIBRARIES += libkernels-avx2.a libkernels-avx512.a libkernels-avx512-bf16.a
libkernels_avx2_a_SOURCES    = $(CPU_KERNELS)
libkernels_avx2_a_CFLAGS     = $(CPU_CFLAGS) -ffp-contract=fast -mavx2 -mfma
libkernels_avx2_a_CPPFLAGS   = $(AM_CPPFLAGS) -DLANES=8 -DKERNELS=kernels_avx2 -DWINOGRAD=winograd_avx2 \
  -DKERNELS_NAME='"AVX2"' $(FLOAT32)
libkernels_avx512_a_SOURCES  = $(CPU_KERNELS)
libkernels_avx512_a_CFLAGS   = $(CPU_CFLAGS) -ffp-contract=fast -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma
libkernels_avx512_a_CPPFLAGS = $(AM_CPPFLAGS) -DLANES=16 -DKERNELS=kernels_avx512 \
  -DWINOGRAD=winograd_avx512 -DKERNELS_NAME='"AVX-512"' $(FLOAT32)
libkernels_avx512_bf16_a_SOURCES  = $(CPU_KERNELS)
libkernels_avx512_bf16_a_CFLAGS   = $(libkernels_avx512_a_CFLAGS) -mavx512bf16
libkernels_avx512_bf16_a_CPPFLAGS = $(AM_CPPFLAGS) -DLANES=16 -DKERNELS=kernels_avx512_bf16 \
  -DWINOGRAD=winograd_avx512_bf16 -DKERNELS_NAME='"AVX-512 BF16"' -DVALUES='"train/cpu/bfloat16.h"'
endif
EXTRA_DIST += $(CPU_SOURCES) $(CPU_KERNELS)
