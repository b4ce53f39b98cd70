libseki_a_SOURCES +=
