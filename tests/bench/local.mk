# make bench: how long whole processes take, beside the least that could do their work.
BENCHES = tests/bench/bare_evolution tests/bench/bare_linked tests/bench/timeit tests/bench/llm_client tests/bench/train_step
EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES    += $(BENCHES)
EXTRA_DIST    += tests/bench/dict_evolution.py tests/bench/evolution.json tests/bench/run.sh \
  tests/bench/load.py tests/bench/overlap.json tests/bench/overlap.sh \
  tests/bench/gpu.sh tests/bench/nets.sh tests/bench/train.sh tests/bench/train_torch.py

tests_bench_bare_evolution_LDADD   = $(HDF5_LIBS)
tests_bench_bare_linked_SOURCES    = tests/bench/bare_evolution.c
tests_bench_bare_linked_LDADD      = $(HDF5_LINKED) $(ZLIB_LIBS) -lm
tests_bench_timeit_LDADD           =
tests_bench_train_step_LDADD       = libseki.a $(SEKI_LIBS)
tests_bench_llm_client_CFLAGS      = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS)
tests_bench_llm_client_LDADD       = libseki.a $(SEKI_LIBS) $(MICROHTTPD_LIBS)

bench: all-am $(BENCHES) tests/run/server$(EXEEXT)
	@SEKI='$(abs_builddir)/seki$(EXEEXT)' SEKI_DATA='$(abs_srcdir)' \
	  BENCH_BUILD='$(abs_builddir)/tests/bench' $(srcdir)/tests/bench/run.sh $(BENCH_ROUNDS)
.PHONY: bench

dist_check_SCRIPTS += tests/bench/check_gpu.sh
