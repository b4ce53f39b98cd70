#include "report/say.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void say(struct str *says, const char *format, ...)
{
    char *sentence = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&sentence, format, args);
    va_end(args);
    str_add(says, length < 0 ? "" : sentence);
    str_add_char(says, '\n');
    free(sentence);
}
