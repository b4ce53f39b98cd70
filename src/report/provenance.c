#include "report/provenance.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "report/kinds.h"
#include "report/say.h"

#include <stdlib.h>
#include <string.h>

static struct sheet begin(const struct report *report, const char *what, const char *caption)
{
    return (struct sheet){.name = mem_printf("%s-%s", report->request->experiment, what),
                          .caption = mem_strdup(caption)};
}

/* -- runs -- */

enum { CELL, STRATEGY, SEARCHED, BUDGET, RUNS, PLANNED, SOURCE, MODEL, PROGRAM, RUN_COLUMNS };

static const struct sheet_column run_columns[RUN_COLUMNS] = {
    [CELL] = {.head = "cell", .text = true},
    [STRATEGY] = {.head = "strategy", .text = true},
    [SEARCHED] = {.head = "searched on", .text = true},
    [BUDGET] = {.head = "budget", .text = true},
    [RUNS] = {.head = "finished runs"},
    [PLANNED] = {.head = "asked for"},
    [SOURCE] = {.head = "source", .text = true},
    [MODEL] = {.head = "LLM", .text = true},
    [PROGRAM] = {.head = "seki (commit)", .text = true},
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

static void add_runs_row(struct sheet *sheet, const struct cell_runs *cell)
{
    const struct sheet_origin none = {0};
    struct sheet_row *row = sheet_row(sheet, cell->id, cell->space);
    sheet_text(row, CELL, cell->id);
    if (!cell->run_count) {
        report_not_run(row, cell);
        return;
    }
    char *program = program_of(cell);
    sheet_text(row, STRATEGY, cell->strategy);
    sheet_text(row, SEARCHED, cells_title(cell->dataset));
    sheet_text(row, BUDGET, cell->budget);
    sheet_value(row, RUNS, (double)cell->run_count, 0, &none);
    sheet_value(row, PLANNED, (double)cell->planned, 0, &none);
    sheet_text(row, SOURCE, cell->source);
    sheet_text(row, MODEL,
               cell->scripted && cell->asks_llm ? "none: a set of rules" : cells_model(cell));
    sheet_text(row, PROGRAM, program);
    free(program);
}

static void add_runs(const struct report *report, struct document *document)
{
    struct sheet sheet = begin(report, "runs", "The runs of each cell, and what made them");
    sheet_columns(&sheet, run_columns, RUN_COLUMNS);
    for (size_t i = 0; i < report->cell_count; i++)
        add_runs_row(&sheet, &report->cells[i]);
    document_table(document, &sheet);
    sheet_free(&sheet);
}

/* -- hashes -- */

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
    char *text = file_read(path, FILE_CEILING, &size, &err);
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
