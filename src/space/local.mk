libseki_a_SOURCES += \
  src/space/arch.h \
  src/space/archmap.c src/space/archmap.h \
  src/space/cell.c src/space/cell.h \
  src/space/darts.c src/space/darts.h \
  src/space/metric.c src/space/metric.h \
  src/space/nb201.c \
  src/space/space.c src/space/space.h \
  src/space/tnb101.c

TASKS = src/space/darts-task.txt src/space/nb201-task.txt src/space/tnb101-task.txt
BUILT_SOURCES += $(TASKS:.txt=.inc)
src/space/darts.$(OBJEXT): src/space/darts-task.inc
src/space/nb201.$(OBJEXT): src/space/nb201-task.inc
src/space/tnb101.$(OBJEXT): src/space/tnb101-task.inc
CLEANFILES    += $(TASKS:.txt=.inc)
EXTRA_DIST    += $(TASKS)
