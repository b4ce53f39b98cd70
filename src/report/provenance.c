#include "report/provenance.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "report/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct sheet begin(const struct report *report, const char *what, const char *caption)
{
    char *name = mem_printf("%s-%s", report->request->experiment, what);
    json_t *settings = json_pack("{s:s, s:s}", "name", name, "caption", caption);
    struct sheet sheet = sheet_begin(settings);
    json_decref(settings);
    free(name);
    return sheet;
}

/* -- runs -- */

struct run_columns {
    size_t cell, strategy, searched, budget, runs, planned, source, model, program;
};

/* "0.1.0 (ee5038d)": the programs that made the runs of the cell. The caller frees. */
static char *program_of(const struct cell_runs *cell)
{
    struct names programs = {0};
    for (size_t i = 0; i < cell->log_count; i++) {
        const json_t *start = cell->logs[i].start;
        const char *version = option_text(start, "seki"), *commit = option_text(start, "commit");
        names_add(&programs, "%s (%s)", version ? version : "?", commit ? commit : "?");
    }
    return names_join(&programs);
}

static void add_count(struct sheet_row *row, size_t column, size_t count)
{
    sheet_measure(row, column, &(struct summary){.mean = (double)count, .std = NAN},
                  &(struct sheet_origin){0});
}

static void add_runs_row(struct sheet *sheet, const struct run_columns *columns,
                         const struct cell_runs *cell)
{
    struct sheet_row *row = sheet_row(sheet, cell->id, cell->space);
    sheet_text(row, columns->cell, cell->id);
    if (!cell->run_count) {
        char *reason = cells_reason(cell);
        sheet_remark(row, "not run: %s", reason);
        free(reason);
        return;
    }
    char *program = program_of(cell);
    sheet_text(row, columns->strategy, cell->strategy);
    sheet_text(row, columns->searched, cells_title(cell->dataset));
    sheet_text(row, columns->budget, cell->budget);
    add_count(row, columns->runs, cell->run_count);
    add_count(row, columns->planned, cell->planned);
    sheet_text(row, columns->source, cell->source);
    sheet_text(row, columns->model,
               cell->scripted && cell->asks_llm ? "none: a set of rules" : cells_model(cell));
    sheet_text(row, columns->program, program);
    free(program);
}

static void add_runs(const struct report *report, struct document *document)
{
    struct sheet sheet = begin(report, "runs", "The runs of each cell, and what made them");
    struct run_columns columns = {
        .cell = sheet_text_column(&sheet, "cell"),
        .strategy = sheet_text_column(&sheet, "strategy"),
        .searched = sheet_text_column(&sheet, "searched on"),
        .budget = sheet_text_column(&sheet, "budget"),
        .runs = sheet_column(&sheet, &(struct sheet_column){.head = "finished runs"}),
        .planned = sheet_column(&sheet, &(struct sheet_column){.head = "asked for"}),
        .source = sheet_text_column(&sheet, "source"),
        .model = sheet_text_column(&sheet, "LLM"),
        .program = sheet_text_column(&sheet, "seki (commit)"),
    };
    for (size_t i = 0; i < report->cell_count; i++)
        add_runs_row(&sheet, &columns, &report->cells[i]);
    document_table(document, &sheet);
    sheet_free(&sheet);
}

/* -- hashes -- */

enum { TRANSCRIPT_CEILING = FILE_CEILING };

static void add_hash(struct sheet *sheet, const char *kind, const char *name, const char *recorded,
                     const char *hash)
{
    for (size_t i = 0; i < sheet->row_count; i++) {
        const struct sheet_entry *entries = sheet->rows[i].entries;
        if (strcmp(entries[0].text, kind) == 0 && strcmp(entries[1].text, name) == 0 &&
            entries[3].filled && hash && strcmp(entries[3].text, hash) == 0)
            return;
    }
    struct sheet_row *row = sheet_row(sheet, name, NULL);
    sheet_text(row, 0, kind);
    sheet_text(row, 1, name);
    sheet_text(row, 2, recorded);
    sheet_text(row, 3, hash);
}

/* When a transcript was recorded, as its first line says; the caller frees. NULL where it does not
 * say. */
static char *date_of(const char *transcript, size_t size)
{
    json_t *head = json_loadb(transcript, size, JSON_DISABLE_EOF_CHECK, NULL);
    const char *date = option_text(head, "recorded_at");
    char *copy = date ? mem_strdup(date) : NULL;
    json_decref(head);
    return copy;
}

/* Where the transcript of a log is: beside it, or among the recorded ones. The caller frees. */
static char *transcript_path(const struct report *report, const struct runlog *log)
{
    char *folder = mem_strndup(log->path, (size_t)(strrchr(log->path, '/') - log->path)), *path;
    if (!log->transcript) {
        path = mem_printf("%s/%s/%s.jsonl.zst", report->request->transcripts,
                          report->request->experiment, strrchr(folder, '/') + 1);
    } else {
        path = mem_printf("%s/transcript.jsonl", folder);
        if (!file_exists(path)) {
            free(path);
            path = mem_printf("%s/transcript.jsonl.zst", folder);
        }
    }
    free(folder);
    return path;
}

static void add_transcript(const struct report *report, struct sheet *sheet,
                           const struct runlog *log)
{
    struct err err = {0};
    size_t size;
    char *path = transcript_path(report, log);
    char *text = file_read(path, TRANSCRIPT_CEILING, &size, &err);
    const char *run = option_text(log->start, "run");
    if (text) {
        char *date = date_of(text, size);
        add_hash(sheet, "transcript", run ? run : log->path, date, hash_bytes(text, size).hex);
        free(date);
    } else {
        add_hash(sheet, "transcript", run ? run : log->path, NULL, err.text);
    }
    free(text);
    free(path);
}

static void add_hashes_of(const struct report *report, struct sheet *sheet,
                          const struct cell_runs *cell)
{
    const char *name;
    json_t *hash;
    for (size_t i = 0; i < cell->log_count; i++) {
        const struct runlog *log = &cell->logs[i];
        const char *table = option_text(log->start, "table");
        if (table)
            add_hash(sheet, "table", cell->space, NULL, table);
        json_object_foreach(json_object_get(log->start, "prompts"), name, hash)
            add_hash(sheet, "prompt", name, NULL, json_string_value(hash));
        if (cell->asks_llm && !cell->scripted)
            add_transcript(report, sheet, log);
    }
}

static void add_hashes(const struct report *report, struct document *document)
{
    struct sheet sheet = begin(report, "hashes", "SHA-256 of what the runs were made from");
    sheet_text_column(&sheet, "what");
    sheet_text_column(&sheet, "name");
    sheet_text_column(&sheet, "recorded");
    sheet_text_column(&sheet, "SHA-256");
    for (size_t i = 0; i < report->cell_count; i++)
        add_hashes_of(report, &sheet, &report->cells[i]);
    sheet_note(&sheet,
               "table: the seal of the measurements. transcript: of the recorded exchanges, "
               "expanded (zstdcat FILE | sha256sum).");
    document_table(document, &sheet);
    sheet_free(&sheet);
}

void provenance_add(const struct report *report, struct document *document)
{
    document_heading(document, "Where the numbers come from");
    add_runs(report, document);
    add_hashes(report, document);
}
