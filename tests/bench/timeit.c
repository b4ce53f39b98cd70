/* Times whole processes beside each other. The commands run in turn, so that what else the machine
 * does meets them all alike; the first is the yardstick of the others.
 *
 * timeit ROUNDS NAME COMMAND... [-- NAME COMMAND...]...
 *
 * "{}" in a command's argument is the number of the round. What commands print goes to /dev/null.
 * A row: name, median and least milliseconds by the clock, median milliseconds of processor time
 * (of all threads), peak resident MB, and the first median over the yardstick's. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS_MAX = 16, ARGUMENTS_MAX = 64, ARGUMENT_BYTES = 4096 };

struct command {
    const char *name;
    char **words;             /* NULL-terminated */
    double *wall_ms, *cpu_ms; /* (rounds) */
    double peak_mb;
};

static void fail(const char *what)
{
    fprintf(stderr, "timeit: %s\n", what);
    exit(EXIT_FAILURE);
}

static double ms_of(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* In the child: becomes the command. */
static void become(char **words, int round)
{
    static char texts[ARGUMENTS_MAX][ARGUMENT_BYTES];
    char *arguments[ARGUMENTS_MAX + 1] = {NULL};
    for (int i = 0; words[i] && i < ARGUMENTS_MAX; i++) {
        const char *at = strstr(words[i], "{}");
        if (at)
            snprintf(texts[i], ARGUMENT_BYTES, "%.*s%d%s", (int)(at - words[i]), words[i], round,
                     at + 2);
        arguments[i] = at ? texts[i] : words[i];
    }
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execvp(arguments[0], arguments);
    _exit(127);
}

static void run_once(struct command *command, int round)
{
    struct rusage usage;
    int status;
    double begin_ms = now_ms();
    pid_t child = fork();
    if (child < 0)
        fail("cannot fork");
    if (child == 0)
        become(command->words, round);
    if (wait4(child, &status, 0, &usage) != child)
        fail("lost a child");
    command->wall_ms[round] = now_ms() - begin_ms;
    command->cpu_ms[round] = ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail(command->name);
    double peak_mb = (double)usage.ru_maxrss / 1024; /* KiB on Linux */
    command->peak_mb = peak_mb > command->peak_mb ? peak_mb : command->peak_mb;
}

static int ascending(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x > y) - (x < y);
}

/* Splits argv at "--"; returns how many commands there are. */
static int read_commands(char **argv, int rounds, struct command *commands)
{
    int count = 0;
    while (*argv && count < COMMANDS_MAX) {
        commands[count].name = *argv++;
        commands[count].words = argv;
        commands[count].wall_ms = calloc(2 * (size_t)rounds, sizeof(double));
        if (!commands[count].wall_ms)
            fail("out of memory");
        commands[count].cpu_ms = commands[count].wall_ms + rounds;
        while (*argv && strcmp(*argv, "--") != 0)
            argv++;
        if (argv == commands[count++].words)
            fail("a name without a command");
        if (*argv)
            *argv++ = NULL;
    }
    return count;
}

static void print_row(struct command *command, int rounds, double *yardstick_ms)
{
    qsort(command->wall_ms, (size_t)rounds, sizeof(double), ascending);
    qsort(command->cpu_ms, (size_t)rounds, sizeof(double), ascending);
    double median_ms = command->wall_ms[rounds / 2];
    if (*yardstick_ms < 0)
        *yardstick_ms = median_ms;
    printf("%-24s %9.2f %9.2f %9.2f %9.1f %9.2f\n", command->name, median_ms, command->wall_ms[0],
           command->cpu_ms[rounds / 2], command->peak_mb, median_ms / *yardstick_ms);
    free(command->wall_ms);
}

int main(int argc, char **argv)
{
    struct command commands[COMMANDS_MAX] = {0};
    int rounds = argc > 3 ? (int)strtol(argv[1], NULL, 10) : 0;
    if (rounds < 1)
        fail("usage: timeit ROUNDS NAME COMMAND... [-- NAME COMMAND...]...");
    int count = read_commands(argv + 2, rounds, commands);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++)
            run_once(&commands[i], round);
    double yardstick_ms = -1;
    printf("%-24s %9s %9s %9s %9s %9s\n", "", "median ms", "least ms", "CPU ms", "peak MB",
           "ratio");
    for (int i = 0; i < count; i++)
        print_row(&commands[i], rounds, &yardstick_ms);
    return EXIT_SUCCESS;
}
