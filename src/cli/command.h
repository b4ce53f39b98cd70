/* The commands of the program, each a row in a table with its flags; help is printed from it.
 *
 * To add a command: (1) write cli/cmd_<name>.c with one const struct command, (2) name it in
 * commands[] in main.c, (3) add it to local.mk, (4) give it a case in tests/cli/. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/err.h"

#include <stddef.h>

enum exit_status {
    EXIT_DONE = 0,
    EXIT_RUN_FAILED = 1,
    EXIT_BAD_INPUT = 2,
    EXIT_UNRECORDED = 3, /* all was done but what no transcript or training is there for */
    EXIT_STOPPED = 75    /* by a signal; "seki run" again goes on */
};

struct flag {
    const char *name;  /* "--jobs"; NULL ends a table */
    const char *value; /* "N", as help writes it; NULL where the flag takes none */
    const char *help;
};

enum { FLAGS_MAX = 16 };

struct arguments {
    const struct command *command;
    const char *values[FLAGS_MAX]; /* by place in the flag table; "" for a flag without a value */
    char **operands;
    size_t operand_count;
};

struct command {
    const char *name;
    const char *operands; /* "FILE", "NAME CELL"; "" where there are none */
    const char *summary;  /* one line */
    const char *text;     /* paragraphs under it in its own help, or NULL */
    const struct flag *flags;
    size_t operands_min, operands_max;
    int (*run)(const struct arguments *arguments); /* an exit_status */
    /* The values that a flag may have, NULL past the last; NULL where no flag has such a list. */
    const char *(*value_at)(const char *flag, size_t index);
    /* Prints what comes from other tables (options of strategies); or NULL. */
    void (*more_help)(void);
};

const struct command *command_at(size_t index); /* all of them in order; NULL past the last */

/* NULL when the flag was not given; name must be in the command's table. */
const char *arguments_value(const struct arguments *arguments, const char *name);
bool arguments_has(const struct arguments *arguments, const char *name);

/* Reads the flag's value into *number, which stays where it was not given. False and *err when that
 * is no number from least to most. */
bool arguments_number(const struct arguments *arguments, const char *name, int least, int most,
                      int *number, struct err *err) MUST_CHECK;

int command_status(const struct err *err); /* the exit status that belongs to its code */
int command_fail(const struct err *err);   /* prints it as "seki: ..." and returns that */

#endif
