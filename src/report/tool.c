#include "report/tool.h"

#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What it says, up to what fits a sentence, with its line ends made spaces. */
static void read_complaint(int pipe_end, char *text, size_t room)
{
    size_t length = 0;
    char rest[512];
    for (ssize_t got; length + 1 < room; length += (size_t)got)
        if ((got = read(pipe_end, text + length, room - 1 - length)) <= 0)
            break;
    while (read(pipe_end, rest, sizeof(rest)) > 0)
        continue; /* so that it never waits for us */
    text[length] = '\0';
    for (char *c = text; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
}

bool tool_run(const char *const argv[], const char *package, const char *input, struct err *err)
{
    posix_spawn_file_actions_t actions;
    char complaint[400];
    int ends[2], status;
    pid_t child;
    if (pipe(ends) != 0)
        return err_set(err, ERR_IO, "%s: no pipe to it: %s", package, strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    int failure =
        posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (!failure)
        read_complaint(ends[0], complaint, sizeof(complaint));
    close(ends[0]);
    if (failure)
        return err_set(err, ERR_TOOL, "%s cannot be run (%s): figures are not drawn; install %s",
                       argv[0], strerror(failure), package);
    if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(err, ERR_TOOL, "%s: %s failed: %s", input, package, complaint);
    return true;
}
