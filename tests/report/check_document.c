/* The document of a study that holds every kind of table and figure. */
#include "drawing.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Draws study with its document, which lies in the folder then; the caller frees its text. */
static char *document_text(const char *file)
{
    struct err err = {0};
    struct document *document = document_begin();
    ck_assert_msg(draw_into(document, &err), "%s", err.text);
    ck_assert(document_write(document, folder, &err));
    document_free(document);
    char *path = mem_printf("%s/%s", folder, file),
         *text = file_read(path, FILE_CEILING, NULL, NULL);
    ck_assert_ptr_nonnull(text);
    free(path);
    return text;
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (; (text = strstr(text, what)); text += strlen(what))
        count++;
    return count;
}

START_TEST(the_html_document_holds_every_table_and_figure_as_text)
{
    char *html = document_text("report.html");
    static const char *const parts[] = {"<h2>100 % &lt;of&gt; &quot;R&amp;D&quot;, λ {_}</h2>",
                                        "id=\"table-rows\"",
                                        "id=\"table-tests-unpaired\"",
                                        "id=\"figure-best\"",
                                        "id=\"figure-panel-seki\"",
                                        "By rows &amp; more: 100 %</figcaption>",
                                        "<th scope=\"row\">seki</th>",
                                        "<summary>absent</summary>",
                                        "<td class=\"text\" colspan=\"8\">not run: no run log"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        ck_assert_msg(strstr(html, parts[i]) != NULL, "%s", parts[i]);
    ck_assert_uint_eq(count_of(html, "<svg"), 7);
    ck_assert_uint_eq(count_of(html, "role=\"img\""), 7);
    ck_assert_uint_eq(count_of(html, "<g>") + count_of(html, "<g "), count_of(html, "</g>"));
    free(html);
}
END_TEST

START_TEST(the_html_document_needs_no_other_file)
{
    char *html = document_text("report.html");
    static const char *const outside[] = {" src=",       "@import", "<link", "<script",
                                          "href=\"http", "url(h",   "url(/"};
    for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++)
        ck_assert_msg(strstr(html, outside[i]) == NULL, "%s", outside[i]);
    free(html);
}
END_TEST

/* The value at text, which ends at a quote. The caller frees. */
static char *quoted(const char *text)
{
    return mem_strndup(text, strcspn(text, "\"'"));
}

START_TEST(ids_of_the_html_document_are_of_one_place_and_its_links_lead_to_them)
{
    char *html = document_text("report.html");
    json_t *ids = json_object();
    for (const char *at = html; (at = strpbrk(at, "\"'")); at++) {
        if (at - html < 4 || strncmp(at - 4, " id=", 4) != 0)
            continue;
        char *id = quoted(at + 1);
        ck_assert_msg(!json_object_get(ids, id), "twice: %s", id);
        json_object_set_new(ids, id, json_true());
        free(id);
    }
    ck_assert_uint_gt(json_object_size(ids), 20);
    for (const char *at = html; (at = strstr(at, "href=\"#")); at++) {
        char *id = quoted(at + strlen("href=\"#"));
        ck_assert_msg(json_object_get(ids, id) != NULL, "nowhere: %s", id);
        free(id);
    }
    json_decref(ids);
    free(html);
}
END_TEST

START_TEST(documents_come_out_the_same_again)
{
    static const char *const files[] = {"report.html", "report.tex"};
    for (size_t i = 0; i < 2; i++) {
        char *first = document_text(files[i]), *second = document_text(files[i]);
        ck_assert_str_eq(first, second);
        free(first);
        free(second);
    }
}
END_TEST

START_TEST(the_latex_document_escapes_what_it_shows)
{
    char *tex = document_text("report.tex");
    ck_assert_ptr_nonnull(strstr(tex, "\\section{100 \\% $<$of$>$ \\textquotedbl{}R\\&D"
                                      "\\textquotedbl{}, $\\lambda$ \\{\\_\\}}"));
    ck_assert_ptr_nonnull(strstr(tex, "\\includegraphics{figures/best.pdf}"));
    free(tex);
}
END_TEST

/* A log may say anything for a prompt's hash. */
START_TEST(a_prompt_without_a_hash_is_listed)
{
    static const char *const logs[] = {"seki.s1", "rules.s1"};
    static const char *const prompts[] = {"\"prompts\":{\"a\":\"0123\"},\"labels\":",
                                          "\"prompts\":{\"a\":5},\"labels\":"};
    for (size_t i = 0; i < 2; i++) {
        char *name = mem_printf("logs/%s.jsonl", logs[i]);
        char *place = mem_printf("study/%s/run.jsonl", logs[i]);
        char *text = exchange(read_source(name), "\"labels\":", prompts[i]);
        place_text(text, place);
        free(name);
        free(place);
        free(text);
    }
    char *html = document_text("report.html");
    ck_assert_ptr_nonnull(strstr(html, "<th scope=\"row\">prompt</th>"));
    free(html);
}
END_TEST

START_TEST(the_document_says_what_could_not_be_drawn_and_holds_the_rest)
{
    struct err err = {0};
    struct document *document = document_begin();
    json_array_append_new(
        json_object_get(study, "tables"),
        json_pack("{s:s, s:s, s:s}", "type", "cost", "name", "none", "cells", "x"));
    ck_assert(!draw_into(document, &err));
    ck_assert(document_write(document, folder, NULL));
    document_free(document);
    char *path = mem_printf("%s/report.html", folder),
         *html = file_read(path, FILE_CEILING, NULL, NULL);
    ck_assert_ptr_nonnull(strstr(html,
                                 "role=\"alert\">none: cells: found &quot;x&quot;, which fits "
                                 "no cell"));
    ck_assert_ptr_nonnull(strstr(html, "id=\"figure-best\""));
    free(path);
    free(html);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("document");
    TCase *drawing = drawing_case("drawing");
    tcase_add_test(drawing, the_html_document_holds_every_table_and_figure_as_text);
    tcase_add_test(drawing, the_html_document_needs_no_other_file);
    tcase_add_test(drawing, ids_of_the_html_document_are_of_one_place_and_its_links_lead_to_them);
    tcase_add_test(drawing, documents_come_out_the_same_again);
    tcase_add_test(drawing, the_latex_document_escapes_what_it_shows);
    tcase_add_test(drawing, a_prompt_without_a_hash_is_listed);
    tcase_add_test(drawing, the_document_says_what_could_not_be_drawn_and_holds_the_rest);
    suite_add_tcase(suite, drawing);
    return drawing_run(suite);
}
