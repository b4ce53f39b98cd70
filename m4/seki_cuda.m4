# SEKI_CUDA: --with-cuda=auto|yes|no. Sets the conditional CUDA, NVCC, NVCCFLAGS, CUDA_CPPFLAGS and
# CUDA_LIBS, and seki_cuda to what was chosen. With it the backend "cuda" is built, a module of its own.
# nvcc is looked for in $CUDA_HOME/bin, /usr/local/cuda/bin and the PATH, all else beside it.
AC_DEFUN([SEKI_CUDA], [
  AC_ARG_WITH([cuda],
    [AS_HELP_STRING([--with-cuda=auto|yes|no], [train on NVIDIA's GPUs by CUDA and cuDNN (auto)])],
    [], [with_cuda=auto])
  AC_ARG_VAR([CUDA_HOME], [folder of CUDA (/usr/local/cuda)])
  AC_ARG_VAR([NVCC], [CUDA compiler])
  AC_ARG_VAR([NVCCFLAGS], [flags for the CUDA compiler (-O3, for GPUs from Turing to Hopper and later)])
  AS_CASE([$with_cuda], [auto|yes|no], [],
    [AC_MSG_ERROR([--with-cuda: found "$with_cuda", expected auto, yes or no])])
  : ${NVCCFLAGS='-O3 -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_75,code=compute_75'}
  seki_cuda_why='not asked for'
  AS_IF([test "$with_cuda" != no], [
    AC_PATH_PROG([NVCC], [nvcc], [], [${CUDA_HOME:+$CUDA_HOME/bin:}/usr/local/cuda/bin:$PATH])
    AS_IF([test -z "$NVCC"], [seki_cuda_why='no nvcc'], [SEKI_CUDA_TRY])
    AS_IF([test "$with_cuda" = yes && test -n "$seki_cuda_why"], [AC_MSG_ERROR([--with-cuda: $seki_cuda_why])])])
  AC_SUBST([CUDA_CPPFLAGS])
  AC_SUBST([CUDA_LIBS])
  AM_CONDITIONAL([CUDA], [test -z "$seki_cuda_why"])
  dnl A test reads what nvcc made of the kernels by a program in Python.
  AC_PATH_PROG([PYTHON3], [python3])
  AM_CONDITIONAL([PTX], [test -z "$seki_cuda_why" && test -n "$PYTHON3"])
  AS_IF([test -z "$seki_cuda_why"], [seki_cuda=$NVCC], [seki_cuda="no ($seki_cuda_why), so no training on a GPU"])
])

# Empties seki_cuda_why where the libraries link and the compiler compiles. libcuda is never linked: it
# comes with the driver, and the program must start without one.
AC_DEFUN([SEKI_CUDA_TRY], [
  seki_cuda_home=`cd "\`dirname "$NVCC"\`/.." && pwd`
  CUDA_CPPFLAGS="-isystem $seki_cuda_home/include"
  CUDA_LIBS='-lcudnn -lcudart'
  for seki_folder in lib lib64; do
    AS_IF([test -e "$seki_cuda_home/$seki_folder/libcudart.so"],
      [CUDA_LIBS="-L$seki_cuda_home/$seki_folder -Wl,-rpath,$seki_cuda_home/$seki_folder -lcudnn -lcudart"])
  done
  seki_saved_libs=$LIBS seki_saved_cppflags=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $CUDA_CPPFLAGS" LIBS="$CUDA_LIBS $LIBS"
  AC_MSG_CHECKING([for CUDA 12 or later and cuDNN 9])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[
      #include <cuda_runtime_api.h>
      #include <cudnn.h>
      #if CUDART_VERSION < 12000 || CUDNN_MAJOR < 9
      #error an older version
      #endif
    ]], [[int version; return cudaRuntimeGetVersion(&version) == cudaSuccess && cudnnGetVersion() > 0;]])],
    [AC_MSG_RESULT([yes]); seki_cuda_why=], [AC_MSG_RESULT([no]); seki_cuda_why='libcudart 12 or libcudnn 9 does not link'])
  LIBS=$seki_saved_libs CPPFLAGS=$seki_saved_cppflags
  AS_IF([test -z "$seki_cuda_why"], [
    AC_MSG_CHECKING([whether $NVCC compiles a kernel])
    echo '__global__ void f(float *x) { *x = 1; }' >conftest.cu
    AS_IF([$NVCC $NVCCFLAGS -c conftest.cu -o conftest-cuda.o >&AS_MESSAGE_LOG_FD 2>&1], [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no]); seki_cuda_why='nvcc compiles nothing, see config.log'])
    rm -f conftest.cu conftest-cuda.o])
])
