/* seki completion: prints what makes a shell complete the words of this program. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static const unsigned char tail[] = {
#include "cli/completion.inc"
};

/* The words that stand for a flag's value: those that it may be, else the one of the help. */
static void print_values(const struct command *command, const struct flag *flag)
{
    bool listed = command->value_at && command->value_at(flag->name, 0);
    printf("    '%s %s') echo '%s", command->name, flag->name, listed ? "=" : flag->value);
    for (size_t i = 0; listed && command->value_at(flag->name, i); i++)
        printf("%s%s", i ? " " : "", command->value_at(flag->name, i));
    puts("' ;;");
}

/* Operands of small letters are written as they are. */
static void print_operands(const struct command *command)
{
    const char *mark = command->operands[0] >= 'a' ? "=" : "";
    printf("    '%s operands') echo '%s%s' ;;\n", command->name, mark, command->operands);
}

static void print_command(const struct command *command)
{
    printf("    '%s flags') echo '=--help --quiet", command->name);
    for (const struct flag *flag = command->flags; flag && flag->name; flag++)
        printf(" %s", flag->name);
    puts("' ;;");
    for (const struct flag *flag = command->flags; flag && flag->name; flag++)
        if (flag->value)
            print_values(command, flag);
    if (command->operands[0])
        print_operands(command);
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    if (strcmp(arguments->operands[0], "bash") != 0) {
        err_set(&err, ERR_INPUT, "completion: found \"%s\", expected bash", arguments->operands[0]);
        return command_fail(&err);
    }
    puts("# Completion for bash, printed by \"seki completion bash\".\n"
         "_seki_words() {\n    case $1 in");
    printf("    commands) echo '=");
    for (size_t i = 0; command_at(i); i++)
        printf("%s%s", i ? " " : "", command_at(i)->name);
    puts("' ;;");
    for (size_t i = 0; command_at(i); i++)
        print_command(command_at(i));
    puts("    esac\n}");
    fwrite(tail, 1, sizeof(tail), stdout);
    return EXIT_DONE;
}

const struct command command_completion = {
    .name = "completion",
    .operands = "bash",
    .summary = "print what makes a shell complete seki's words",
    .text = "For this shell alone: source <(seki completion bash). \"make install\" puts it where "
            "bash\n"
            "looks for it.",
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
