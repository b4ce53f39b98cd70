/* Shares the devices of a machine out to the trainings that run on it at the same time: each takes
 * the one with the fewest at work, the first of equals, and gives it back when it ends.
 *
 * Which one it gets rests on what else runs. So no result may: a backend says the same of itself on
 * equal devices, and the table of a training is named without their number. */
#ifndef ORACLE_DEVICES_H
#define ORACLE_DEVICES_H

#include <pthread.h>

enum { DEVICES_MAX = 1024 };

struct devices {
    pthread_mutex_t lock;
    int at_work[DEVICES_MAX]; /* trainings, by the device's number */
};

#define DEVICES_IDLE                                                                               \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER                                                          \
    }

/* A number from first to first + count - 1; count is at least 1. Safe to call from several threads
 * at once, as is the next. */
int devices_take(struct devices *devices, int first, int count);
void devices_give_back(struct devices *devices, int number);

#endif
