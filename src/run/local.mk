libseki_a_SOURCES += \
  src/run/batch.c src/run/batch.h \
  src/run/commit.h \
  src/run/progress.c src/run/progress.h \
  src/run/record.c src/run/record.h \
  src/run/run.c src/run/run.h
nodist_libseki_a_SOURCES = src/run/commit.c

# Written anew only when the commit is another, so that nothing is built for nothing. An unpacked
# tarball is no checkout, even where it lies within one.
src/run/commit.c: FORCE
	@$(MKDIR_P) $(@D)
	@commit=`test -e $(srcdir)/.git && git -C $(srcdir) describe --always --dirty 2>/dev/null || echo unknown`; \
	  { echo '#include "run/commit.h"'; echo "const char build_commit[] = \"$$commit\";"; } >$@.new
	@if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi
FORCE:
CLEANFILES += src/run/commit.c
