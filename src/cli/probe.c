#include "cli/probe.h"

#include "cli/command.h"

#include "base/mem.h"
#include "base/str.h"
#include "llm/answer.h"
#include "llm/http.h"
#include "llm/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_TOKENS = 40, MODELS_SHOWN = 5, SEED = 11 };

static const double timeout_s = 120, get_timeout_s = 20;

struct probe {
    struct llm *llm;
    json_t *settings; /* settled; each question changes what it is about */
    const struct dialect *dialect;
    const char *path; /* of the API, within the URL: "/v1" */
    int status;       /* HTTP's, of the last answer; 0: none came */
    struct err err;   /* why asking ended: a signal */
};

void probe_say(const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mem_vprintf(format, args);
    va_end(args);
    str_disarm(text, "");
    printf("%-12s %s\n", what, text);
    fflush(stdout); /* servers are slow */
    free(text);
}

static bool add_text(json_t *object, const char *key, const char *text, struct err *err)
{
    return json_object_set_new(object, key, json_string(text)) == 0 ||
           err_set(err, ERR_INPUT, "doctor: %s: found \"%s\", expected UTF-8", key, text);
}

json_t *probe_settings(const char *url, const char *model, struct err *err)
{
    struct faults faults = {0};
    json_t *shared = json_pack("{s:i, s:f}", "attempts", 1, "timeout_s", timeout_s);
    json_t *own = json_object(), *settings = NULL;
    if (add_text(shared, "model", model, err) && add_text(own, "url", url, err)) {
        settings = option_resolve(chat_options, shared, "", &faults);
        json_t *rest = option_resolve(llm_find("http")->options, own, "", &faults);
        json_object_update(settings, rest);
        json_decref(rest);
    }
    if (settings && !fault_report(&faults, "doctor", err)) {
        json_decref(settings);
        settings = NULL;
    }
    json_decref(own);
    json_decref(shared);
    fault_free(&faults);
    return settings;
}

/* Asks once. schema NULL: free text. The caller frees the answer. */
static struct answer ask(struct probe *probe, const char *text, const json_t *schema,
                         int max_tokens, int64_t seed)
{
    const struct chat_message message = {"user", text};
    const struct chat_request question = {.messages = &message,
                                          .message_count = 1,
                                          .role = "doctor",
                                          .schema = schema,
                                          .max_tokens = max_tokens,
                                          .seed = seed};
    json_t *body = request_body(probe->settings, &question);
    const struct llm_request request = {
        .body = body, .role = "doctor", .timeout_s = timeout_s, .dialect = probe->dialect};
    struct llm_exchange exchange = {0};
    if (!probe->llm->type->exchange(probe->llm, &request, &exchange, &probe->err))
        exchange.failure = mem_strdup(probe->err.text);
    struct answer answer = answer_read(&exchange, probe->dialect);
    probe->status = exchange.status;
    json_decref(body);
    llm_exchange_free(&exchange);
    return answer;
}

/* What a GET gives as JSON, the caller's; NULL where there is none. */
static json_t *get(struct probe *probe, const char *path)
{
    struct llm_exchange exchange;
    bool ok = http_get(probe->llm, path, get_timeout_s, &exchange, &probe->err);
    json_t *value = ok && exchange.status == 200 && exchange.body
                        ? json_loadb(exchange.body, exchange.body_size, 0, NULL)
                        : NULL;
    llm_exchange_free(&exchange);
    return value;
}

static void say_models(struct probe *probe)
{
    char *path = mem_printf("%s/models", probe->path);
    json_t *told = get(probe, path);
    const json_t *list = json_object_get(told, "data");
    const char *asked = option_text(probe->settings, "model");
    struct str names = {0};
    bool there = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = option_text(json_array_get(list, i), "id");
        there = there || (name && strcmp(name, asked) == 0);
        if (name && i < MODELS_SHOWN)
            str_addf(&names, "%s%s", names.length ? ", " : "", name);
    }
    if (json_array_size(list))
        probe_say("models", "%zu: %s%s; \"%s\" is %samong them", json_array_size(list),
                  names.length ? names.text : "without names",
                  json_array_size(list) > MODELS_SHOWN ? ", ..." : "", asked, there ? "" : "not ");
    else
        probe_say("models", "not told");
    str_free(&names);
    json_decref(told);
    free(path);
}

static void say_slots(struct probe *probe)
{
    json_t *told = get(probe, "/props"); /* llama.cpp */
    const json_t *slots = json_object_get(told, "total_slots");
    if (json_is_integer(slots))
        probe_say("slots", "%lld requests at once", (long long)json_integer_value(slots));
    else
        probe_say("slots", "not told");
    json_decref(told);
}

/* Says of a question without an answer whether the server refuses it. */
static void say_problem(const struct probe *probe, const char *what, const struct answer *answer)
{
    probe_say(what, "%s: %s", probe->status >= 400 ? "refused" : "no answer", answer->problem);
}

/* Whether a limit of one token is kept. True where the field is taken at all. */
static bool say_limit(struct probe *probe, const char *field)
{
    json_object_set_new(probe->settings, "token_limit_field", json_string(field));
    json_object_set_new(probe->settings, "reasoning_tokens", json_integer(0));
    struct answer answer = ask(probe, "Count from one to twenty in words.", NULL, 1, SEED);
    bool taken = !answer.problem;
    if (!taken)
        say_problem(probe, field, &answer);
    else if (answer.cut || (answer.usage.out >= 0 && answer.usage.out <= 1))
        probe_say(field, "obeyed");
    else
        probe_say(field, "taken and not obeyed: more than one token came");
    answer_free(&answer);
    return taken;
}

/* Asks for free text until the first spelling of the limit that is taken. */
static bool say_answer(struct probe *probe)
{
    static const char *const fields[] = {"max_tokens", "max_completion_tokens"};
    const char *taken = NULL;
    for (size_t i = 0; i < 2 && (i == 0 || probe->status); i++)
        if (say_limit(probe, fields[i]) && !taken)
            taken = fields[i];
    if (!taken)
        return false;
    json_object_set_new(probe->settings, "token_limit_field", json_string(taken));
    json_object_set_new(probe->settings, "reasoning_tokens",
                        json_integer(probe->dialect->reasoning_tokens));
    struct answer answer = ask(probe, "Say ok.", NULL, FEW_TOKENS, SEED);
    bool ok = !answer.problem;
    if (ok)
        probe_say("answer", "as %s%s%s", answer.model ? answer.model : "no named model",
                  answer.empty ? ", empty: " : "", answer.empty ? answer.empty : "");
    else
        probe_say("answer", "none: %s", answer.problem);
    answer_free(&answer);
    return ok;
}

/* -- constraints -- */

/* Neither word comes by itself. */
static json_t *odd_schema(void)
{
    return json_pack("{s:s, s:{s:{s:s, s:[s, s]}}, s:[s], s:b}", "type", "object", "properties",
                     "colour", "type", "string", "enum", "zyxwv", "qponm", "required", "colour",
                     "additionalProperties", false);
}

static bool obeys(const char *constraint, const char *content)
{
    json_t *value = json_loads(content, 0, NULL);
    const char *colour = option_text(value, "colour");
    bool odd = colour && (strcmp(colour, "zyxwv") == 0 || strcmp(colour, "qponm") == 0);
    bool ok = strcmp(constraint, "json_mode") == 0 ? json_is_object(value) : odd;
    json_decref(value);
    return ok;
}

static void say_constraint(struct probe *probe, const char *constraint, const json_t *schema)
{
    json_object_set_new(probe->settings, "constraint", json_string(constraint));
    struct answer answer =
        ask(probe, "Which colour does the sky have? Reply with JSON.", schema, FEW_TOKENS, SEED);
    if (answer.problem)
        say_problem(probe, constraint, &answer);
    else
        probe_say(constraint, "%s", obeys(constraint, answer.content) ? "obeyed" : "not obeyed");
    answer_free(&answer);
}

static void say_constraints(struct probe *probe)
{
    json_t *schema = odd_schema();
    const char *at = DIALECT_CONSTRAINTS;
    for (; probe->err.code == ERR_NONE && *at; at = option_after(at)) {
        char *constraint = mem_strndup(at, strcspn(at, "|"));
        if (strcmp(constraint, "none") != 0)
            say_constraint(probe, constraint, schema);
        free(constraint);
    }
    json_object_set_new(probe->settings, "constraint", json_string("none"));
    json_decref(schema);
}

/* -- repeating -- */

static void say_cache(const struct usage *usage)
{
    if (usage->cached < 0)
        probe_say("prompt cache", "not told");
    else
        probe_say("prompt cache", "%lld of %lld tokens of a repeated prompt",
                  (long long)usage->cached, (long long)usage->in);
}

static void say_usage(const struct usage *usage)
{
    const struct {
        const char *name;
        int64_t count;
    } counts[] = {{"in", usage->in},
                  {"out", usage->out},
                  {"cached", usage->cached},
                  {"cache write", usage->cache_write},
                  {"reasoning", usage->reasoning}};
    struct str told = {0}, missing = {0};
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        struct str *list = counts[i].count >= 0 ? &told : &missing;
        str_addf(list, "%s%s", list->length ? ", " : "", counts[i].name);
    }
    probe_say("usage", "%s%s%s", told.length ? told.text : "nothing",
              missing.length ? "; not told: " : "", missing.length ? missing.text : "");
    str_free(&told);
    str_free(&missing);
}

/* The same question twice, and with another seed. */
static void say_repeated(struct probe *probe)
{
    static const char text[] = "Write down ten random words.";
    struct answer first = ask(probe, text, NULL, FEW_TOKENS, SEED);
    struct answer again = ask(probe, text, NULL, FEW_TOKENS, SEED);
    struct answer other = ask(probe, text, NULL, FEW_TOKENS, SEED + 1);
    bool same = strcmp(first.content, again.content) == 0;
    if (first.problem || again.problem || other.problem)
        probe_say("seed", "no answer: %s",
                  first.problem   ? first.problem
                  : again.problem ? again.problem
                                  : other.problem);
    else if (!option_boolean(probe->settings, "send_seed"))
        probe_say("seed", "not sent: %s heeds none", probe->dialect->name);
    else if (same && strcmp(first.content, other.content) == 0)
        probe_say("seed", "not known: another seed gives the same reply as well");
    else
        probe_say("seed",
                  same ? "repeats its reply" : "not repeatable: the same seed gave another reply");
    say_cache(&again.usage);
    say_usage(&again.usage);
    answer_free(&first);
    answer_free(&again);
    answer_free(&other);
}

/* Where the API lies at the server: "/v1" of "http://127.0.0.1:8091/v1/". The caller frees. */
static char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + strlen("://"), '/') : NULL;
    size_t length = path ? strlen(path) : 0;
    return mem_strndup(path ? path : "", length - (length && path[length - 1] == '/'));
}

static int probe_all(struct probe *probe, const char *url)
{
    probe_say("llm", "%s, model %s", url, option_text(probe->settings, "model"));
    probe_say("dialect", "%s, by URL and model", probe->dialect->name);
    say_models(probe);
    say_slots(probe);
    bool ok = probe->err.code == ERR_NONE && say_answer(probe);
    if (ok)
        say_constraints(probe);
    if (ok && probe->err.code == ERR_NONE)
        say_repeated(probe);
    if (probe->err.code != ERR_NONE)
        return command_fail(&probe->err);
    return ok ? EXIT_DONE : EXIT_RUN_FAILED;
}

int probe_server(const char *url, const char *model)
{
    struct faults faults = {0};
    struct probe probe = {0};
    probe.settings = probe_settings(url, model, &probe.err);
    if (!probe.settings)
        return command_fail(&probe.err);
    chat_settle(probe.settings, "/llm", &faults);
    if (faults.count) /* of the URL: all else is a default */
        err_set(&probe.err, ERR_INPUT, "%s", faults.list[0]);
    else
        probe.llm = llm_find("http")->open(probe.settings, &probe.err);
    fault_free(&faults);
    probe.dialect = dialect_find(option_text(probe.settings, "dialect"));
    char *path = path_of(url);
    probe.path = path;
    int status = probe.llm ? probe_all(&probe, url) : command_fail(&probe.err);
    if (probe.llm)
        probe.llm->type->close(probe.llm);
    json_decref(probe.settings);
    free(path);
    return status;
}
