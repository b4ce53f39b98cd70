/* Finds the command, reads its flags by its table, and runs it. */
#include "config.h"

#include "cli/command.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/option.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct command command_check, command_completion, command_doctor, command_import,
    command_network, command_query, command_replay, command_report, command_run;

static const struct command *const commands[] = {
    &command_run,     &command_check,  &command_replay, &command_report,     &command_query,
    &command_network, &command_import, &command_doctor, &command_completion, NULL,
};

const struct command *command_at(size_t index)
{
    return index < sizeof(commands) / sizeof(*commands) ? commands[index] : NULL;
}

static const char common_flags[] = "  --help             print this help\n"
                                   "  --quiet            say only warnings and errors\n";

int command_status(const struct err *err)
{
    switch (err->code) {
    case ERR_STOPPED:
        return EXIT_STOPPED;
    case ERR_INPUT:
    case ERR_IO:
        return EXIT_BAD_INPUT;
    default:
        return EXIT_RUN_FAILED;
    }
}

int command_fail(const struct err *err)
{
    log_error("%s", err->text);
    return command_status(err);
}

static size_t flag_place(const struct command *command, const char *name, size_t length)
{
    size_t place = 0;
    for (const struct flag *flag = command->flags; flag && flag->name; flag++, place++)
        if (strlen(flag->name) == length && strncmp(flag->name, name, length) == 0)
            return place;
    return FLAGS_MAX;
}

const char *arguments_value(const struct arguments *arguments, const char *name)
{
    size_t place = flag_place(arguments->command, name, strlen(name));
    return place < FLAGS_MAX ? arguments->values[place] : NULL;
}

bool arguments_has(const struct arguments *arguments, const char *name)
{
    return arguments_value(arguments, name) != NULL;
}

bool arguments_number(const struct arguments *arguments, const char *name, int least, int most,
                      int *number, struct err *err)
{
    const char *text = arguments_value(arguments, name);
    if (!text)
        return true;
    char *end;
    long value = strtol(text, &end, 10);
    if (!*text || *end || value < least || value > most)
        return err_set(err, ERR_INPUT, "%s: %s: found \"%s\", expected a number from %d to %d",
                       arguments->command->name, name, text, least, most);
    *number = (int)value;
    return true;
}

static void print_command_help(const struct command *command)
{
    printf("seki %s%s%s: %s\n", command->name, command->operands[0] ? " " : "", command->operands,
           command->summary);
    if (command->text)
        printf("\n%s\n", command->text);
    puts("\nFlags:");
    for (const struct flag *flag = command->flags; flag && flag->name; flag++) {
        char left[64];
        snprintf(left, sizeof(left), "%s%s%s", flag->name, flag->value ? " " : "",
                 flag->value ? flag->value : "");
        printf("  %-18s %s\n", left, flag->help);
    }
    fputs(common_flags, stdout);
    if (command->more_help)
        command->more_help();
}

static void print_help(void)
{
    puts("seki: neural architecture search by large language models, reproducibly\n\n"
         "Usage: seki COMMAND [FLAGS] [OPERANDS]\n\nCommands:");
    for (size_t i = 0; commands[i]; i++)
        printf("  %-10s %-16s %s\n", commands[i]->name, commands[i]->operands,
               commands[i]->summary);
    puts(
        "\n\"seki COMMAND --help\" tells more. Exit status: 0 done, 1 a run failed (a server, a\n"
        "replay), 2 usage or bad input (a damaged file, a log among them), 3 done but for what no\n"
        "transcript or training is there for, 75 stopped by a signal (run it again to go on).");
}

static bool unknown_flag(const struct command *command, const char *word)
{
    struct str names = {0};
    for (const struct flag *flag = command->flags; flag && flag->name; flag++)
        str_addf(&names, "%s%s", names.length ? "|" : "", flag->name);
    char *hint = option_hint(word, names.length ? names.text : "");
    log_error("%s: unknown flag %s%s (seki %s --help)", command->name, word, hint, command->name);
    free(hint);
    str_free(&names);
    return false;
}

/* An empty name of a folder, as of a variable that is not set, would be the root of all. */
static bool is_usable(const struct command *command, const struct flag *flag, const char *value)
{
    bool usable = !flag->value || strcmp(flag->value, "DIR") != 0 || value[0];
    if (!usable)
        log_error("%s: %s: found \"\", expected a folder", command->name, flag->name);
    return usable;
}

/* Reads the flag at words[*at] and moves *at to its last word. */
static bool read_flag(struct arguments *arguments, char **words, int count, int *at)
{
    const struct command *command = arguments->command;
    const char *word = words[*at], *equals = strchr(word, '=');
    size_t place = flag_place(command, word, equals ? (size_t)(equals - word) : strlen(word));
    if (place == FLAGS_MAX)
        return unknown_flag(command, word);
    const struct flag *flag = &command->flags[place];
    if (!flag->value && equals) {
        log_error("%s: %s takes no value", command->name, flag->name);
        return false;
    }
    if (flag->value && arguments->values[place]) {
        log_error("%s: found %s twice, expected it at most once", command->name, flag->name);
        return false;
    }
    if (!flag->value)
        arguments->values[place] = "";
    else if (equals)
        arguments->values[place] = equals + 1;
    else if (*at + 1 < count)
        arguments->values[place] = words[++*at];
    else {
        log_error("%s: %s needs a value: %s %s", command->name, flag->name, flag->name,
                  flag->value);
        return false;
    }
    return is_usable(command, flag, arguments->values[place]);
}

/* Sorts words into flags and operands. False when they do not fit the table. */
static bool read_words(struct arguments *arguments, char **words, int count)
{
    bool flags_over = false;
    for (int i = 0; i < count; i++) {
        char *word = words[i];
        if (!flags_over && strcmp(word, "--") == 0)
            flags_over = true;
        else if (!flags_over && strcmp(word, "--quiet") == 0)
            log_set_level(LOG_WARN);
        else if (!flags_over && word[0] == '-' && word[1]) {
            if (!read_flag(arguments, words, count, &i))
                return false;
        } else
            arguments->operands[arguments->operand_count++] = word;
    }
    const struct command *command = arguments->command;
    if (arguments->operand_count >= command->operands_min &&
        arguments->operand_count <= command->operands_max)
        return true;
    log_error("usage: seki %s [FLAGS]%s%s (seki %s --help)", command->name,
              command->operands[0] ? " " : "", command->operands, command->name);
    return false;
}

static const struct command *find_command(const char *name)
{
    struct str names = {0};
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    for (size_t i = 0; commands[i]; i++)
        str_addf(&names, "%s%s", i ? "|" : "", commands[i]->name);
    char *hint = option_hint(name, names.text);
    log_error("unknown command \"%s\"%s (seki --help)", name, hint);
    free(hint);
    str_free(&names);
    return NULL;
}

static int run_program(int argc, char **argv)
{
    mem_prepare();
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return argc < 2 ? EXIT_BAD_INPUT : EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts(PACKAGE_STRING);
        return EXIT_DONE;
    }
    const struct command *command = find_command(argv[1]);
    if (!command)
        return EXIT_BAD_INPUT;
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0) {
            print_command_help(command);
            return EXIT_DONE;
        }
    struct arguments arguments = {.command = command};
    arguments.operands = argv + 2; /* operands move down over words already read */
    if (!read_words(&arguments, argv + 2, argc - 2))
        return EXIT_BAD_INPUT;
    return command->run(&arguments);
}

int main(int argc, char **argv)
{
    int status = run_program(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    log_error("cannot write to stdout");
    return status == EXIT_DONE ? EXIT_BAD_INPUT : status;
}
