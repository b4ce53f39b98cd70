/* A signal's wish that the program stop: SIGINT and SIGTERM set a flag, which long work looks at,
 * ends with ERR_STOPPED, and can be resumed. A second SIGINT or SIGTERM kills at once. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>

void stop_install(void); /* once, before threads are started */
bool stop_requested(void);

#endif
