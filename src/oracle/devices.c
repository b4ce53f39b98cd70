#include "oracle/devices.h"

#include <assert.h>

int devices_take(struct devices *devices, int first, int count)
{
    int best = first;
    assert(first >= 0 && count >= 1 && first + count <= DEVICES_MAX);
    pthread_mutex_lock(&devices->lock);
    for (int i = first; i < first + count; i++)
        if (devices->at_work[i] < devices->at_work[best])
            best = i;
    devices->at_work[best]++;
    pthread_mutex_unlock(&devices->lock);
    return best;
}

void devices_give_back(struct devices *devices, int number)
{
    pthread_mutex_lock(&devices->lock);
    devices->at_work[number]--;
    pthread_mutex_unlock(&devices->lock);
}
