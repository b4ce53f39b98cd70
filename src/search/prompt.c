#include "search/prompt.h"

#include "base/hash.h"
#include "base/str.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name, *text;
} prompts[] = {
    {"system",
     (const char[]){
#include "search/prompts/system.inc"
         0}},
    {"edit-C",
     (const char[]){
#include "search/prompts/edit-C.inc"
         0}},
    {"edit-D",
     (const char[]){
#include "search/prompts/edit-D.inc"
         0}},
    {"edit-CD",
     (const char[]){
#include "search/prompts/edit-CD.inc"
         0}},
    {"edit-E",
     (const char[]){
#include "search/prompts/edit-E.inc"
         0}},
    {"edit-E-change",
     (const char[]){
#include "search/prompts/edit-E-change.inc"
         0}},
    {"whole-C",
     (const char[]){
#include "search/prompts/whole-C.inc"
         0}},
    {"whole-D",
     (const char[]){
#include "search/prompts/whole-D.inc"
         0}},
    {"whole-CD",
     (const char[]){
#include "search/prompts/whole-CD.inc"
         0}},
    {"whole-E",
     (const char[]){
#include "search/prompts/whole-E.inc"
         0}},
    {"repair",
     (const char[]){
#include "search/prompts/repair.inc"
         0}},
    {"duplicate",
     (const char[]){
#include "search/prompts/duplicate.inc"
         0}},
    {"benchmark",
     (const char[]){
#include "search/prompts/benchmark.inc"
         0}},
};

enum { PROMPTS = sizeof(prompts) / sizeof(prompts[0]) };

const char *prompt_text(const char *prompt)
{
    size_t i = 0;
    while (i < PROMPTS && strcmp(prompts[i].name, prompt) != 0)
        i++;
    assert(i < PROMPTS);
    return prompts[i].text;
}

char *prompt_render(const char *prompt, const struct str_value *values)
{
    struct str out = {0};
    str_add_filled(&out, prompt_text(prompt), values);
    return str_steal(&out);
}

json_t *prompt_hashes(void)
{
    json_t *hashes = json_object();
    for (size_t i = 0; i < PROMPTS; i++) {
        struct digest digest = hash_bytes(prompts[i].text, strlen(prompts[i].text));
        json_object_set_new(hashes, prompts[i].name, json_string(digest.hex));
    }
    return hashes;
}
