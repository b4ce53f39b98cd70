libseki_a_SOURCES += \
  src/llm/answer.c src/llm/answer.h \
  src/llm/base64.c src/llm/base64.h \
  src/llm/chat.c src/llm/chat.h \
  src/llm/dialect.c src/llm/dialect.h \
  src/llm/grammar.c src/llm/grammar.h \
  src/llm/http.c src/llm/http.h \
  src/llm/llm.c src/llm/llm.h \
  src/llm/miss.c \
  src/llm/recorder.c \
  src/llm/replay.c \
  src/llm/request.c src/llm/request.h \
  src/llm/scripted.c \
  src/llm/transcript.c src/llm/transcript.h \
  src/llm/usage.c src/llm/usage.h
