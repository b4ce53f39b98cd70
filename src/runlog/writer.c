#include "runlog/writer.h"

#include "base/file.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "runlog/event.h"

#include <stdlib.h>

struct runlog_writer {
    char *path;
    struct str whole;         /* not flushed: the log so far */
    struct jsonl_writer *out; /* flushed: the file, open at its end */
    struct jsonl before;      /* flushed: what a stopped run left */
    size_t matched;           /* lines of it that were said again */
};

static bool take_up(struct runlog_writer *writer, struct err *err)
{
    writer->out = jsonl_open(writer->path, err);
    return writer->out && jsonl_read(writer->path, &writer->before, err) &&
           jsonl_cut(writer->out, writer->before.whole_bytes, err);
}

struct runlog_writer *runlog_create(const char *path, bool flushed, struct err *err)
{
    struct runlog_writer *writer = mem_alloc(1, sizeof(*writer));
    writer->path = mem_strdup(path);
    if (!flushed || take_up(writer, err))
        return writer;
    (void)!runlog_finish(writer, false, NULL);
    return NULL;
}

static bool match(struct runlog_writer *writer, const char *line, struct err *err)
{
    bool same = event_says(line, writer->before.lines[writer->matched++]);
    return same || err_set(err, ERR_INPUT,
                           "%s:%zu: the stopped run wrote another line here than going on gives "
                           "(\"%.300s\"); remove the folder to begin anew",
                           writer->path, writer->matched, line);
}

bool runlog_add(struct runlog_writer *writer, const char *line, struct err *err)
{
    if (writer->matched < writer->before.count)
        return match(writer, line, err);
    if (writer->out)
        return jsonl_write_text(writer->out, line, err);
    str_add(&writer->whole, line);
    str_add_char(&writer->whole, '\n');
    return true;
}

bool runlog_finish(struct runlog_writer *writer, bool keep, struct err *err)
{
    if (!writer)
        return true;
    bool ok = jsonl_close(writer->out, err);
    if (ok && keep && writer->whole.length)
        ok = file_write_parts(writer->path, &writer->whole, 1, err);
    jsonl_free(&writer->before);
    str_free(&writer->whole);
    free(writer->path);
    free(writer);
    return ok;
}

struct str runlog_take(struct runlog_writer *writer)
{
    struct str whole = writer->whole;
    writer->whole = (struct str){0};
    (void)!runlog_finish(writer, false, NULL);
    return whole;
}
