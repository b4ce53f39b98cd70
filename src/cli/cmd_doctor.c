/* seki doctor: what this installation has to work with, a line each. */
#include "config.h"

#include "cli/command.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "llm/chat.h"
#include "table/table.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct command command_doctor;

#define LOCAL_URL "http://127.0.0.1:8091/v1"

static const double probe_timeout_s = 10;

static void say(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("%-12s ", what);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void say_table(const char *path)
{
    struct err err = {0};
    struct table *table = table_open(path, &err);
    if (table)
        say("table", "%s: %s, %zu architectures, seal %.12s holds", path, table->benchmark,
            table->rows, table->seal);
    else
        say("table", "%s", err.text);
    table_close(table);
}

static void say_tables(void)
{
    struct err err = {0};
    struct dirent **entries;
    char *folder = file_find_data("benchdata", &err);
    int count = folder ? scandir(folder, &entries, is_visible, alphasort) : 0, tables = 0;
    for (int i = 0; i < count; i++) {
        char *path = file_join(folder, entries[i]->d_name);
        if (file_ends_in(path, ".h5")) {
            say_table(path);
            tables++;
        }
        free(path);
        free(entries[i]);
    }
    if (count > 0)
        free(entries);
    if (!tables)
        say("table", "none: %s", folder ? "no .h5 file in benchdata" : err.text);
    free(folder);
}

static void say_transcripts(void)
{
    struct err err = {0};
    struct dirent **entries;
    char *folder = file_find_data("benchdata/transcripts", &err);
    int count = folder ? scandir(folder, &entries, is_visible, alphasort) : 0;
    if (folder)
        say("transcripts", "%s, of %d experiments", folder, count > 0 ? count : 0);
    else
        say("transcripts", "none: %s", err.text);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    if (count > 0)
        free(entries);
    free(folder);
}

/* Of a program that draws: the first line of what the command prints, which asks its version. */
static void say_tool(const char *what, const char *path, const char *command)
{
    char line[100] = "";
    FILE *version = popen(command, "r");
    if (version && !fgets(line, sizeof(line), version))
        line[0] = '\0';
    if (version)
        pclose(version);
    line[strcspn(line, "\n")] = '\0';
    say(what, "%s (%s)", line[0] ? line : "does not run: its figures cannot be drawn", path);
}

/* Settings for one short question to the server. The caller owns them. */
static json_t *probe_settings(const struct llm_type *http, const char *url, const char *model)
{
    struct faults none = {0};
    json_t *shared =
        json_pack("{s:s, s:i, s:f}", "model", model, "attempts", 1, "timeout_s", probe_timeout_s);
    json_t *own = json_pack("{s:s}", "url", url);
    json_t *settings = option_resolve(chat_options, shared, "", &none);
    json_t *rest = option_resolve(http->options, own, "", &none);
    json_object_update(settings, rest);
    json_decref(rest);
    json_decref(own);
    json_decref(shared);
    fault_free(&none);
    return settings;
}

/* What the one attempt showed. */
struct probe {
    char *problem, *model;
    double elapsed_ms;
};

static void watch(void *context, const struct chat_attempt *attempt)
{
    struct probe *probe = context;
    probe->problem = attempt->problem ? mem_strdup(attempt->problem) : NULL;
    probe->model = attempt->model ? mem_strdup(attempt->model) : NULL;
    probe->elapsed_ms = attempt->elapsed_ms;
}

static void ask(const json_t *settings, struct llm *llm, struct probe *probe, struct err *err)
{
    static const struct chat_message hello = {"user", "Say ok."};
    const struct chat_request request = {
        .messages = &hello, .message_count = 1, .role = "doctor", .max_tokens = 1};
    struct chat_reply reply = {0};
    struct chat *chat = chat_open(llm, settings, watch, probe, err);
    if (chat && chat_ask(chat, &request, &reply, err))
        chat_reply_free(&reply);
    chat_close(chat);
}

static void say_llm(const char *url, const char *model)
{
    const struct llm_type *http = llm_find("http");
    json_t *settings = probe_settings(http, url, model);
    struct err err = {0};
    struct probe probe = {0};
    struct llm *llm = http->open(settings, &err);
    if (llm)
        ask(settings, llm, &probe, &err);
    if (err.code != ERR_NONE)
        say("llm", "%s: %s", url, probe.problem ? probe.problem : err.text);
    else
        say("llm", "%s answers as %s in %.0f ms", url, probe.model ? probe.model : "no named model",
            probe.elapsed_ms);
    free(probe.problem);
    free(probe.model);
    json_decref(settings);
}

static int run(const struct arguments *arguments)
{
    const char *url = arguments_value(arguments, "--url");
    const char *model = arguments_value(arguments, "--model");
    say("seki", "%s", PACKAGE_VERSION);
    say("libraries", "%s", SEKI_LIBRARIES);
    say_tables();
    say_transcripts();
    say_tool("gnuplot", GNUPLOT, "'" GNUPLOT "' --version 2>/dev/null");
    say_tool("graphviz", GRAPHVIZ_DOT,
             "command -v '" GRAPHVIZ_DOT "' >/dev/null && '" GRAPHVIZ_DOT "' -V 2>&1");
    say_llm(url ? url : LOCAL_URL, model ? model : "default");
    return EXIT_DONE;
}

static const struct flag flags[] = {
    {"--url", "URL", "server to look for (" LOCAL_URL ")"},
    {"--model", "NAME", "model to ask it for (default)"},
    {0},
};

const struct command command_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "say what is there: libraries, tables, gnuplot, graphviz, transcripts, a local LLM",
    .text = "Asks the server for one token. What is missing is said, and no failure.",
    .flags = flags,
    .run = run,
};
