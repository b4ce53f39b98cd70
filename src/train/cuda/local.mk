# Backend "cuda": a module like "cpu", for machines with CUDA. Its host logic is C, its kernels are
# compiled by nvcc, which writes their dependencies itself. The tests compile the same sources against
# a stand-in (tests/train/fake/), on machines without CUDA too.
CUDA_SOURCES = \
  src/train/cuda/convolution.c src/train/cuda/convolution.h \
  src/train/cuda/convolving.c \
  src/train/cuda/cuda.c \
  src/train/cuda/device.c src/train/cuda/device.h \
  src/train/cuda/engine.c src/train/cuda/engine.h \
  src/train/cuda/kernels.h \
  src/train/cuda/norms.c src/train/cuda/norms.h \
  src/train/cuda/parameters.c src/train/cuda/parameters.h \
  src/train/cuda/steps.c
CUDA_OBJECTS = src/train/cuda/kernels.$(OBJEXT)
CUDA_CFLAGS  = $(AM_CFLAGS) -fPIC -fvisibility=hidden

if CUDA
module_PROGRAMS += seki-cuda.so
seki_cuda_so_SOURCES  = $(CUDA_SOURCES) $(PLAN_SOURCES) src/base/err.c src/base/mem.c src/base/str.c
seki_cuda_so_CPPFLAGS = $(AM_CPPFLAGS) $(CUDA_CPPFLAGS)
seki_cuda_so_CFLAGS   = $(CUDA_CFLAGS)
seki_cuda_so_LDFLAGS  = $(AM_LDFLAGS) -shared
seki_cuda_so_LDADD    = $(CUDA_OBJECTS) $(CUDA_LIBS) -lm
endif
EXTRA_DIST += $(CUDA_SOURCES)

# So that the module needs no libstdc++. What would have to be safe from threads is a launch by <<<>>>.
NVCC_HOST_FLAGS = -fPIC,-fvisibility=hidden,-fno-exceptions,-fno-rtti,-fno-threadsafe-statics
V_NVCC   = $(V_NVCC_@AM_V@)
V_NVCC_  = $(V_NVCC_@AM_DEFAULT_V@)
V_NVCC_0 = @echo "  NVCC    " $@;
V_NVCC_1 =
src/train/cuda/kernels.$(OBJEXT): src/train/cuda/kernels.cu
	@$(MKDIR_P) $(@D)
	$(V_NVCC)$(NVCC) -std=c++17 $(NVCCFLAGS) $(CUDA_CPPFLAGS) -I$(srcdir)/src -Xcompiler $(NVCC_HOST_FLAGS) \
	  -MMD -MF src/train/cuda/kernels.d -c -o $@ `test -f src/train/cuda/kernels.cu || echo $(srcdir)/`src/train/cuda/kernels.cu
-include src/train/cuda/kernels.d
CLEANFILES += src/train/cuda/kernels.d

# The kernels of backend "cuda" as plain C++ for the CPU: so they are tested without a GPU.
CUDA_KERNELS = \
  src/train/cuda/combine.cuh \
  src/train/cuda/depthwise.cuh \
  src/train/cuda/head.cuh \
  src/train/cuda/images.cuh \
  src/train/cuda/kernels.cu src/train/cuda/kernels.h \
  src/train/cuda/lines.cuh \
  src/train/cuda/norms.cuh \
  src/train/cuda/parameters.cuh \
  src/train/cuda/portable.h \
  src/train/cuda/vector.cuh \
  src/train/cuda/windows.cuh
EXTRA_DIST += $(CUDA_KERNELS)

check_LIBRARIES += libcudakernels.a libcudaturns.a
libcudakernels_a_SOURCES =
libcudakernels_a_LIBADD = src/train/cuda/kernels-host.$(OBJEXT)
libcudaturns_a_SOURCES =
libcudaturns_a_LIBADD = src/train/cuda/kernels-turns.$(OBJEXT)
KERNELS_CXX = $(CXX) -x c++ -std=c++17 -fno-exceptions -fno-rtti -Wall -Wextra \
  -fPIC -fvisibility=hidden $(AM_CPPFLAGS) $(CPPFLAGS) $(SAN_FLAGS) $(CXXFLAGS)
src/train/cuda/kernels-host.$(OBJEXT): $(CUDA_KERNELS) src/train/plan/plan.h src/data/batch.h
	$(AM_V_CXX)$(MKDIR_P) $(@D) && $(KERNELS_CXX) -c -o $@ $(srcdir)/src/train/cuda/kernels.cu
src/train/cuda/kernels-turns.$(OBJEXT): $(CUDA_KERNELS) src/train/plan/plan.h src/data/batch.h
	$(AM_V_CXX)$(MKDIR_P) $(@D) && $(KERNELS_CXX) -DKERNELS_IN_TURNS -Dkernels=kernels_in_turns -c -o $@ $(srcdir)/src/train/cuda/kernels.cu
CLEANFILES += src/train/cuda/kernels-host.$(OBJEXT) src/train/cuda/kernels-turns.$(OBJEXT)
