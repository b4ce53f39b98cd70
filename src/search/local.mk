libseki_a_SOURCES += \
  src/search/ask.c src/search/ask.h \
  src/search/edit.c \
  src/search/evolution.c \
  src/search/knowledge.c src/search/knowledge.h \
  src/search/list.c \
  src/search/local.c \
  src/search/operators.h \
  src/search/policy.c src/search/policy.h \
  src/search/prompt.c src/search/prompt.h \
  src/search/random.c \
  src/search/reinforce.c \
  src/search/reply.c src/search/reply.h \
  src/search/rules.c \
  src/search/seki.c \
  src/search/strategy.c src/search/strategy.h \
  src/search/telling.c src/search/telling.h \
  src/search/vocabulary.c src/search/vocabulary.h \
  src/search/whole.c \
  src/search/words.c src/search/words.h

PROMPTS = \
  src/search/prompts/benchmark.txt \
  src/search/prompts/duplicate.txt \
  src/search/prompts/edit-C.txt \
  src/search/prompts/edit-CD.txt \
  src/search/prompts/edit-D.txt \
  src/search/prompts/edit-E.txt \
  src/search/prompts/edit-E-change.txt \
  src/search/prompts/repair.txt \
  src/search/prompts/system.txt \
  src/search/prompts/whole-C.txt \
  src/search/prompts/whole-CD.txt \
  src/search/prompts/whole-D.txt \
  src/search/prompts/whole-E.txt
BUILT_SOURCES += $(PROMPTS:.txt=.inc)
src/search/prompt.$(OBJEXT): $(PROMPTS:.txt=.inc)
CLEANFILES    += $(PROMPTS:.txt=.inc)
EXTRA_DIST    += $(PROMPTS)
