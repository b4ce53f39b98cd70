# Fuzzing. "make check" runs each target over its corpus; "make fuzz" builds the targets with
# libFuzzer, and runs each for FUZZ_SECONDS where that is given.
FUZZ_CC      = clang
FUZZ_SECONDS =
FUZZ_COMMON  = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
FUZZ_REPLAY  = tests/fuzz/replay.c $(FUZZ_COMMON)
EXTRA_DIST  += tests/fuzz/corpus tests/fuzz/json.dict tests/fuzz/run.sh

FUZZ_FLAGS   = $(WARN_CFLAGS) -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
FUZZ_COMPILE = $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined
FUZZ_LINK    = $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined
FUZZ_AGAINST = tests/fuzz/libfuzzed.a $(SEKI_LIBS)

# All of seki once more, with the coverage that libFuzzer is guided by.
EXTRA_LIBRARIES = tests/fuzz/libfuzzed.a
tests_fuzz_libfuzzed_a_SOURCES = $(libseki_a_SOURCES)
tests_fuzz_libfuzzed_a_CFLAGS  = $(FUZZ_COMPILE)

FUZZERS = tests/fuzz/fuzz_reply tests/fuzz/fuzz_experiment tests/fuzz/fuzz_transcript \
  tests/fuzz/fuzz_table tests/fuzz/fuzz_runlog tests/fuzz/fuzz_images tests/fuzz/fuzz_answer \
  tests/fuzz/fuzz_trainings
EXTRA_PROGRAMS += $(FUZZERS)
CLEANFILES     += $(FUZZERS) tests/fuzz/libfuzzed.a

check_PROGRAMS += tests/fuzz/check_reply
tests_fuzz_check_reply_SOURCES = tests/fuzz/fuzz_reply.c $(FUZZ_REPLAY)
tests_fuzz_check_reply_CFLAGS  = $(AM_CFLAGS) -DFUZZ_CORPUS='"reply"'
tests_fuzz_check_reply_LDADD   = libseki.a $(SEKI_LIBS)
tests_fuzz_fuzz_reply_SOURCES  = tests/fuzz/fuzz_reply.c $(FUZZ_COMMON)
tests_fuzz_fuzz_reply_CFLAGS   = $(FUZZ_COMPILE)
tests_fuzz_fuzz_reply_LDFLAGS  = $(FUZZ_LINK)
tests_fuzz_fuzz_reply_LDADD    = $(FUZZ_AGAINST)

check_PROGRAMS += tests/fuzz/check_experiment
tests_fuzz_check_experiment_SOURCES = tests/fuzz/fuzz_experiment.c $(FUZZ_REPLAY)
tests_fuzz_check_experiment_CFLAGS  = $(AM_CFLAGS) -DFUZZ_CORPUS='"experiment"'
tests_fuzz_check_experiment_LDADD   = libseki.a $(SEKI_LIBS)
tests_fuzz_fuzz_experiment_SOURCES  = tests/fuzz/fuzz_experiment.c $(FUZZ_COMMON)
tests_fuzz_fuzz_experiment_CFLAGS   = $(FUZZ_COMPILE)
tests_fuzz_fuzz_experiment_LDFLAGS  = $(FUZZ_LINK)
tests_fuzz_fuzz_experiment_LDADD    = $(FUZZ_AGAINST)

check_PROGRAMS += tests/fuzz/check_transcript
tests_fuzz_check_transcript_SOURCES = tests/fuzz/fuzz_transcript.c $(FUZZ_REPLAY)
tests_fuzz_check_transcript_CFLAGS  = $(AM_CFLAGS) -DFUZZ_CORPUS='"transcript"'
tests_fuzz_check_transcript_LDADD   = libseki.a $(SEKI_LIBS)
tests_fuzz_fuzz_transcript_SOURCES  = tests/fuzz/fuzz_transcript.c $(FUZZ_COMMON)
tests_fuzz_fuzz_transcript_CFLAGS   = $(FUZZ_COMPILE)
tests_fuzz_fuzz_transcript_LDFLAGS  = $(FUZZ_LINK)
tests_fuzz_fuzz_transcript_LDADD    = $(FUZZ_AGAINST)

check_PROGRAMS += tests/fuzz/check_table
tests_fuzz_check_table_SOURCES = tests/fuzz/fuzz_table.c $(FUZZ_REPLAY)
tests_fuzz_check_table_CFLAGS  = $(AM_CFLAGS) -DFUZZ_CORPUS='"table"'
tests_fuzz_check_table_LDADD   = libseki.a $(SEKI_LIBS)
tests_fuzz_fuzz_table_SOURCES  = tests/fuzz/fuzz_table.c $(FUZZ_COMMON)
tests_fuzz_fuzz_table_CFLAGS   = $(FUZZ_COMPILE)
tests_fuzz_fuzz_table_LDFLAGS  = $(FUZZ_LINK)
tests_fuzz_fuzz_table_LDADD    = $(FUZZ_AGAINST)

check_PROGRAMS += tests/fuzz/check_runlog
tests_fuzz_check_runlog_SOURCES = tests/fuzz/fuzz_runlog.c $(FUZZ_REPLAY)
tests_fuzz_check_runlog_CFLAGS  = $(AM_CFLAGS) -DFUZZ_CORPUS='"runlog"'
tests_fuzz_check_runlog_LDADD   = libseki.a $(SEKI_LIBS)
tests_fuzz_fuzz_runlog_SOURCES  = tests/fuzz/fuzz_runlog.c $(FUZZ_COMMON)
tests_fuzz_fuzz_runlog_CFLAGS   = $(FUZZ_COMPILE)
tests_fuzz_fuzz_runlog_LDFLAGS  = $(FUZZ_LINK)
tests_fuzz_fuzz_runlog_LDADD    = $(FUZZ_AGAINST)

check_PROGRAMS += tests/fuzz/check_images
tests_fuzz_check_images_SOURCES = tests/fuzz/fuzz_images.c $(FUZZ_REPLAY)
tests_fuzz_check_images_CFLAGS  = $(AM_CFLAGS) -DFUZZ_CORPUS='"images"'
tests_fuzz_check_images_LDADD   = libseki.a $(SEKI_LIBS)
tests_fuzz_fuzz_images_SOURCES  = tests/fuzz/fuzz_images.c $(FUZZ_COMMON)
tests_fuzz_fuzz_images_CFLAGS   = $(FUZZ_COMPILE)
tests_fuzz_fuzz_images_LDFLAGS  = $(FUZZ_LINK)
tests_fuzz_fuzz_images_LDADD    = $(FUZZ_AGAINST)

check_PROGRAMS += tests/fuzz/check_answers
tests_fuzz_check_answers_SOURCES = tests/fuzz/fuzz_answer.c $(FUZZ_REPLAY)
tests_fuzz_check_answers_CFLAGS  = $(AM_CFLAGS) -DFUZZ_CORPUS='"answer"'
tests_fuzz_check_answers_LDADD   = libseki.a $(SEKI_LIBS)
tests_fuzz_fuzz_answer_SOURCES   = tests/fuzz/fuzz_answer.c $(FUZZ_COMMON)
tests_fuzz_fuzz_answer_CFLAGS    = $(FUZZ_COMPILE)
tests_fuzz_fuzz_answer_LDFLAGS   = $(FUZZ_LINK)
tests_fuzz_fuzz_answer_LDADD     = $(FUZZ_AGAINST)

# Objects of clang's and of $(CC)'s differ by name, so that both can stand in one folder.
fuzz: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) CC='$(FUZZ_CC)' CFLAGS= $(FUZZERS)
	@test -z '$(FUZZ_SECONDS)' || $(srcdir)/tests/fuzz/run.sh '$(FUZZ_SECONDS)' $(FUZZERS)
.PHONY: fuzz

check_PROGRAMS += tests/fuzz/check_trainings
tests_fuzz_check_trainings_SOURCES = tests/fuzz/fuzz_trainings.c $(FUZZ_REPLAY)
tests_fuzz_check_trainings_CFLAGS  = $(AM_CFLAGS) -DFUZZ_CORPUS='"trainings"'
tests_fuzz_check_trainings_LDADD   = libseki.a $(SEKI_LIBS)
tests_fuzz_fuzz_trainings_SOURCES  = tests/fuzz/fuzz_trainings.c $(FUZZ_COMMON)
tests_fuzz_fuzz_trainings_CFLAGS   = $(FUZZ_COMPILE)
tests_fuzz_fuzz_trainings_LDFLAGS  = $(FUZZ_LINK)
tests_fuzz_fuzz_trainings_LDADD    = $(FUZZ_AGAINST)
