/* seki doctor: what this installation has to work with, a line each. */
#include "config.h"

#include "cli/command.h"
#include "cli/probe.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/dataset.h"
#include "llm/chat.h"
#include "table/table.h"
#include "train/backend.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOCAL_URL "http://127.0.0.1:8091/v1"

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void say_table(const char *path)
{
    struct err err = {0};
    struct table *table = table_open(path, &err);
    if (table)
        probe_say("table", "%s: %s, %zu architectures, seal %.12s holds", path, table->benchmark,
                  table->rows, table->seal);
    else
        probe_say("table", "%s", err.text);
    table_close(table);
}

/* How many entries a folder (NULL: none) has; they and the list are the caller's. */
static int list_folder(const char *folder, struct dirent ***entries)
{
    *entries = NULL;
    int count = folder ? scandir(folder, entries, is_visible, alphasort) : 0;
    return count > 0 ? count : 0;
}

static void say_tables(void)
{
    struct err err = {0};
    struct dirent **entries;
    char *folder = file_find_data("benchdata", &err);
    int count = list_folder(folder, &entries), tables = 0;
    for (int i = 0; i < count; i++) {
        char *path = file_join(folder, entries[i]->d_name);
        if (file_ends_in(path, ".h5")) {
            say_table(path);
            tables++;
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (!tables)
        probe_say("table", "none: %s", folder ? "no .h5 file in benchdata" : err.text);
    free(folder);
}

static void say_transcripts(void)
{
    struct err err = {0};
    struct dirent **entries;
    char *folder = file_find_data("benchdata/transcripts", &err);
    int count = list_folder(folder, &entries);
    if (folder)
        probe_say("transcripts", "%s, of %d experiments", folder, count);
    else
        probe_say("transcripts", "none: %s", err.text);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(folder);
}

/* Where the images are that are trained on; they are not read. */
static void say_images(void)
{
    for (size_t i = 0; dataset_at(i); i++) {
        const struct dataset_type *type = dataset_at(i);
        struct err err = {0};
        char *folder = type->files ? dataset_locate(type, NULL, &err) : NULL;
        if (folder)
            probe_say("images", "%s: %s", type->name, folder);
        else if (type->files)
            probe_say("images", "%s", err.text);
        free(folder);
    }
}

/* What a backend can train on, a line each, or why it cannot; its module is loaded for that. */
static void say_device(const char *name)
{
    struct err err = {0};
    struct str found = {0};
    char *prefix = mem_printf("device %s: ", name);
    const struct backend_type *type = backend_require(name, &err);
    if (type && !type->survey)
        str_add(&found, type->summary);
    else if (!type || !type->survey(&found, &err)) {
        str_free(&found);
        str_add(&found,
                err.text + (strncmp(err.text, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0));
    }
    for (const char *line = found.text; *line; line += strspn(line, "\n")) {
        size_t length = strcspn(line, "\n");
        probe_say("device", "%s: %.*s", name, (int)length, line);
        line += length;
    }
    str_free(&found);
    free(prefix);
}

static void say_devices(void)
{
    for (size_t i = 0; backend_name_at(i); i++)
        say_device(backend_name_at(i));
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
    probe_say(what, "%s (%s)", line[0] ? line : "does not run: its figures cannot be drawn", path);
}

/* What the last attempt showed: there is a second where the server refuses a parameter. */
struct hello {
    char *problem, *model;
    double elapsed_ms;
};

static void watch(void *context, const struct chat_attempt *attempt)
{
    struct hello *hello = context;
    free(hello->problem);
    free(hello->model);
    hello->problem = attempt->problem ? mem_strdup(attempt->problem) : NULL;
    hello->model = attempt->model ? mem_strdup(attempt->model) : NULL;
    hello->elapsed_ms = attempt->elapsed_ms;
}

static void ask(const json_t *settings, struct llm *llm, struct hello *hello, struct err *err)
{
    static const struct chat_message greeting = {"user", "Say ok."};
    const struct chat_request request = {
        .messages = &greeting, .message_count = 1, .role = "doctor", .max_tokens = 1};
    struct chat_reply reply = {0};
    struct chat *chat = chat_open(llm, settings, watch, hello, err);
    if (chat && chat_ask(chat, &request, &reply, err))
        chat_reply_free(&reply);
    chat_close(chat);
}

static void say_llm(const char *url, const char *model)
{
    struct err err = {0};
    struct hello hello = {0};
    json_t *settings = probe_settings(url, model, &err);
    struct llm *llm = settings ? llm_find("http")->open(settings, &err) : NULL;
    if (llm)
        ask(settings, llm, &hello, &err);
    if (err.code != ERR_NONE)
        probe_say("llm", "%s: %s", url, hello.problem ? hello.problem : err.text);
    else
        probe_say("llm", "%s answers as %s in %.0f ms", url,
                  hello.model ? hello.model : "no named model", hello.elapsed_ms);
    free(hello.problem);
    free(hello.model);
    json_decref(settings);
}

static int run(const struct arguments *arguments)
{
    const char *url = arguments_value(arguments, "--url");
    const char *model = arguments_value(arguments, "--model");
    const char *server = arguments_value(arguments, "--llm");
    if ((server != NULL) != (arguments->operand_count == 1)) {
        log_error("usage: seki doctor, or seki doctor --llm URL MODEL");
        return EXIT_BAD_INPUT;
    }
    if (server)
        return probe_server(server, arguments->operands[0]);
    probe_say("seki", "%s", PACKAGE_VERSION);
    probe_say("libraries", "%s", SEKI_LIBRARIES);
    say_tables();
    say_transcripts();
    say_images();
    say_devices();
    say_tool("gnuplot", GNUPLOT, "'" GNUPLOT "' --version 2>/dev/null");
    say_tool("graphviz", GRAPHVIZ_DOT,
             "command -v '" GRAPHVIZ_DOT "' >/dev/null && '" GRAPHVIZ_DOT "' -V 2>&1");
    say_llm(url ? url : LOCAL_URL, model ? model : "default");
    return EXIT_DONE;
}

static const struct flag flags[] = {
    {"--llm", "URL", "ask this server what it supports, with MODEL, and nothing else"},
    {"--url", "URL", "server to look for (" LOCAL_URL ")"},
    {"--model", "NAME", "model to ask it for (\"default\")"},
    {0},
};

const struct command command_doctor = {
    .name = "doctor",
    .operands = "[MODEL]",
    .operands_max = 1,
    .summary =
        "say what is there: libraries, tables, transcripts, images, devices, gnuplot, graphviz, a "
        "local LLM",
    .text = "Asks the server for one token. What is missing is said, and no failure.\n"
            "With --llm a dozen short requests find out what a server does: which limit of tokens\n"
            "and which constraints it obeys, whether a seed repeats a reply, what it counts. Exit\n"
            "status 1 where it gives no answer.",
    .flags = flags,
    .run = run,
};
