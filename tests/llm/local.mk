check_PROGRAMS += tests/llm/check_answer tests/llm/check_grammar tests/llm/check_http
EXTRA_DIST += tests/llm/answers.cases tests/llm/grammar.cases

LLM_TALK = tests/llm/talk.c tests/llm/talk.h

tests_llm_check_answer_SOURCES = tests/llm/check_answer.c $(LLM_TALK)

tests_llm_check_grammar_SOURCES = tests/llm/check_grammar.c $(LLM_TALK)

tests_llm_check_http_SOURCES = tests/llm/check_http.c tests/llm/loopback.c tests/llm/loopback.h \
  $(LLM_TALK)

check_PROGRAMS += tests/llm/check_transcript
tests_llm_check_transcript_SOURCES = tests/llm/check_transcript.c tests/llm/loopback.c \
  tests/llm/loopback.h $(LLM_TALK)
EXTRA_DIST += tests/llm/bad

check_PROGRAMS += tests/llm/check_scripted
tests_llm_check_scripted_SOURCES = tests/llm/check_scripted.c $(LLM_TALK)

check_PROGRAMS += tests/llm/check_dialect tests/llm/check_usage
tests_llm_check_dialect_SOURCES = tests/llm/check_dialect.c tests/llm/loopback.c \
  tests/llm/loopback.h $(LLM_TALK)
EXTRA_DIST += tests/llm/dialects.cases tests/llm/dialect_faults.cases
