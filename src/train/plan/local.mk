# Part of each module whose backend works by a plan.
PLAN_SOURCES = \
  src/train/plan/order.c src/train/plan/order.h \
  src/train/plan/place.c \
  src/train/plan/plan.c src/train/plan/plan.h \
  src/train/plan/planbackward.c \
  src/train/plan/planforward.c \
  src/train/plan/planner.c src/train/plan/planner.h
EXTRA_DIST += $(PLAN_SOURCES)
