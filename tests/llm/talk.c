#include "talk.h"

#include "base/file.h"
#include "base/mem.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *talk_settings(const char *type, const char *given)
{
    struct faults faults = {0};
    struct err err = {0};
    json_t *all = json_loads(given, 0, NULL), *shared = json_object(), *own = json_object(), *value;
    const char *key;
    json_object_foreach(all, key, value)
    {
        bool is_shared = false;
        for (const struct option *row = chat_options; row->key; row++)
            is_shared = is_shared || strcmp(row->key, key) == 0;
        json_object_set(is_shared ? shared : own, key, value);
    }
    if (!json_object_get(shared, "model"))
        json_object_set_new(shared, "model", json_string("tiny"));
    json_t *settings = option_resolve(chat_options, shared, "/llm", &faults);
    json_t *rest = option_resolve(llm_find(type)->options, own, "/llm", &faults);
    json_object_update(settings, rest);
    ck_assert_msg(fault_report(&faults, "settings", &err), "%s", err.text);
    json_decref(rest);
    json_decref(own);
    json_decref(shared);
    json_decref(all);
    return settings;
}

struct chat_request talk_request(const struct chat_message *question, const json_t *schema)
{
    return (struct chat_request){.messages = question,
                                 .message_count = 1,
                                 .role = "C",
                                 .schema = schema,
                                 .iteration = 3,
                                 .max_tokens = 100,
                                 .seed = 7};
}

char *talk_temporary(const char *name)
{
    char *folder = mem_printf("%s/seki-llm-XXXXXX", P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *path = file_join(folder, name);
    free(folder);
    return path;
}

void talk_remove_temporary(const char *path)
{
    char *folder = mem_strndup(path, (size_t)(strrchr(path, '/') - path));
    DIR *names = opendir(folder);
    ck_assert_ptr_nonnull(names);
    for (struct dirent *entry; (entry = readdir(names));) {
        char *file = file_join(folder, entry->d_name);
        unlink(file); /* fails for "." and "..", which is as well */
        free(file);
    }
    closedir(names);
    rmdir(folder);
    free(folder);
}

/* Ends the text at the first blank line and gives what comes after it. */
static char *split_at_blank(char *text)
{
    char *blank = strstr(text, "\n\n");
    ck_assert_msg(blank != NULL, "a case without a blank line: %s", text);
    blank[1] = '\0';
    return blank + 2;
}

void talk_each_case(const char *file, talk_case *check)
{
    struct err err = {0};
    char *path = mem_printf("%s/tests/llm/%s", getenv("srcdir"), file);
    char *text = file_read(path, FILE_CEILING, NULL, &err);
    ck_assert_msg(text != NULL, "%s", err.text);
    char *at = strstr(text, "\n== ");
    ck_assert_ptr_nonnull(at);
    while (at) {
        char *name = at + strlen("\n== ");
        char *input = strchr(name, '\n') + 1;
        input[-1] = '\0';
        char *expected = split_at_blank(input);
        char *next = strstr(expected, "\n\n== ");
        if (next)
            next[1] = '\0'; /* where the next heading's line begins */
        check(name, input, expected);
        at = next ? next + 1 : NULL;
    }
    free(text);
    free(path);
}
