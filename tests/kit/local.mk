# make kit [KIT=FOLDER] [KIT_CUDA=yes] [KIT_DATA=FOLDER]: tests/kit/pack.sh says what goes into it.
KIT        = kit
KIT_TESTS  = $(check_PROGRAMS)
KIT_BENCH  = tests/bench/train_step$(EXEEXT)
KIT_LISTED = { for file in $(KIT_TESTS); do echo test $$file; done; \
  for file in $(KIT_BENCH); do echo bench $$file; done; \
  echo 'load libcurl.so.4|libcurl-gnutls.so.4'; \
  for file in $(EXTRA_DIST); do case $$file in \
    *.[ch]|*.cu|*.cuh|*.sh|*.mk|tests/bench/*) ;; tests/*|src/search/prompts/*) echo data $$file;; esac; done; }
EXTRA_DIST += tests/kit/README.txt tests/kit/bench.sh tests/kit/kit.sh tests/kit/pack.sh \
  tests/kit/run.sh tests/kit/test.sh

kit: all-am $(KIT_TESTS) $(KIT_BENCH)
	@$(KIT_LISTED) >'$(KIT).list'
	@MAKE='$(MAKE)' KIT_PREFIX='$(prefix)' KIT_CUDA='$(KIT_CUDA)' KIT_DATA='$(KIT_DATA)' \
	  $(SHELL) $(srcdir)/tests/kit/pack.sh '$(KIT)' . $(srcdir) '$(KIT).list' && rm -f '$(KIT).list'
.PHONY: kit
dist_check_SCRIPTS += tests/kit/check_kit.sh
