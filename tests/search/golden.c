#include "golden.h"

#include "base/file.h"
#include "base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* All of request i, legibly. The caller frees. */
static char *legible(const struct fake_llm *model, size_t i)
{
    const json_t *asked = json_array_get(model->asked, i);
    json_t *rest = json_copy(json_object_get(asked, "body"));
    json_t *messages = json_incref(json_object_get(rest, "messages")), *message;
    struct str out = {0};
    size_t m;
    json_array_foreach(messages, m, message)
        str_addf(&out, "== %s\n%s\n", json_string_value(json_object_get(message, "role")),
                 json_string_value(json_object_get(message, "content")));
    json_object_del(rest, "messages");
    char *settings = json_dumps(rest, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    char *schema = json_dumps(json_object_get(asked, "schema"), 0);
    str_addf(&out,
             "== the rest of the request\n%s\n== the schema that the grammar is made of\n%s\n",
             settings, schema);
    free(settings);
    free(schema);
    json_decref(messages);
    json_decref(rest);
    return str_steal(&out);
}

void golden_check(const struct fake_llm *model, size_t i, const char *name)
{
    char *path = mem_printf("%s/tests/search/golden/%s.txt", getenv("srcdir"), name);
    char *found = legible(model, i), *expected = file_read(path, 1 << 20, NULL, NULL);
    if (getenv("GOLDEN_WRITE"))
        ck_assert(file_write(path, found, strlen(found), NULL));
    else
        ck_assert_msg(expected && strcmp(found, expected) == 0,
                      "%s is another request now, so recordings are void:\n%s", path, found);
    free(expected);
    free(found);
    free(path);
}
