/* Functions that do not compile here, each with what to use instead. The build includes it before
 * every file; the headers that declare them come first, since the macros would garble them. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BANNED(name, instead) _Static_assert(0, #name " is banned: use " instead)

#undef strcpy
#define strcpy(a, b) BANNED(strcpy, "struct str or snprintf")
#undef strcat
#define strcat(a, b) BANNED(strcat, "struct str")
#undef sprintf
#define sprintf(...) BANNED(sprintf, "snprintf or str_addf")
#undef atoi
#define atoi(a) BANNED(atoi, "strtol with a check")
#undef atof
#define atof(a) BANNED(atof, "strtod with a check")
#undef strtok
#define strtok(a, b) BANNED(strtok, "strcspn")
#undef rand
#define rand() BANNED(rand, "a struct rng that is handed down")

#endif
