/* Reads messages from files and says what mail/ makes of them.
 *
 *     mail_corpus FOLDER             compares each x.eml with x.json
 *     mail_corpus --print FILE       prints what the x.json of a file should hold
 *     mail_corpus --damage FOLDER    reads every .eml and .raw in and under the folder whole, cut
 *                                    off and with octets changed; it is enough that nothing breaks
 *
 * In the JSON, members that are empty are left out and long text is cut; sha256 stands for it. */

#include "core/clock.h"
#include "core/mem.h"
#include "core/utf8.h"
#include "mail/mail.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- files ---- */

static struct buf read_file(const char *path)
{
    struct buf bytes = { 0 };
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(1);
    }
    size_t got;
    while ((got = fread(buf_reserve(&bytes, 4096), 1, 4096, f)) > 0)
        bytes.len += got;
    fclose(f);
    return bytes;
}

static bool has_ending(const char *name, const char *ending)
{
    size_t len = strlen(name);
    return len > strlen(ending) && strcmp(name + len - strlen(ending), ending) == 0;
}

typedef void visitor(const char *path);

static void visit_folder(const char *folder, visitor *visit)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *path = arena_printf(&arena, "%s/%s", folder, names[i]->d_name);
        struct stat info;
        if (names[i]->d_name[0] != '.' && stat(path, &info) == 0) {
            if (S_ISDIR(info.st_mode))
                visit_folder(path, visit);
            else
                visit(path);
        }
        free(names[i]);
    }
    free(names);
}

/* ---- what was read, as JSON ---- */

static void set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) {
        fprintf(stderr, "not UTF-8: %s\n", key);
        exit(1);
    }
}

/* The front of a long text will do. */
static json_t *text_json(const char *text)
{
    struct span front = utf8_front(span_of(text), 500);
    return json_stringn(front.ptr, front.len);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        set(object, key, text_json(text));
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
    if (number)
        set(object, key, json_integer((json_int_t)number));
}

static void set_addresses(json_t *object, const char *key, const struct mail_addresses *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) {
        json_t *item = json_object();
        set_text(item, "name", list->items[i].name);
        set_text(item, "address", list->items[i].address);
        json_array_append_new(array, item);
    }
    if (list->count)
        set(object, key, array);
    else
        json_decref(array);
}

static struct buf decode(const struct source *raw, const struct mail_part *part, bool as_text)
{
    struct buf bytes = { 0 };
    struct mail_decoder *d = mail_decoder_new(raw, part, as_text);
    int64_t got;
    while ((got = mail_decoder_read(d, buf_reserve(&bytes, 4096), 4096)) > 0)
        bytes.len += (size_t)got;
    mail_decoder_free(d);
    return bytes;
}

static json_t *part_json(const struct source *raw, const struct mail_part *part)
{
    static const char *const encodings[] = { "",       "8bit",    "binary", "quoted-printable",
                                             "base64", "uuencode" };
    json_t *json = json_object();
    set_text(json, "number", part->number);
    set_text(json, "type", part->content_type);
    set_text(json, "charset", part->charset);
    set_text(json, "encoding", encodings[part->encoding]);
    set_text(json, "filename", part->filename);
    set_text(json, "content_id", part->content_id);
    set_text(json, "disposition", part->disposition);
    set_number(json, "depth", part->depth);
    set_number(json, "start", part->start);
    set_number(json, "end", part->end);
    set_number(json, "size", part->size);
    set_text(json, "sha256", part->sha256);
    if (part->is_attachment)
        set(json, "is_attachment", json_true());
    if (strncmp(part->content_type, "text/", 5) == 0) {
        struct buf text AUTO(buf_done) = decode(raw, part, true);
        set_text(json, "text", buf_text(&text));
    }
    return json;
}

static json_t *headers_json(const struct source *raw)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail_header *headers;
    size_t count = mail_headers(raw, &arena, &headers);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *item = json_pack("[s, o]", headers[i].name, text_json(headers[i].value));
        if (strcmp(headers[i].value, headers[i].raw) != 0)
            json_array_append_new(item, text_json(headers[i].raw));
        json_array_append_new(array, item);
    }
    return array;
}

static const char *part_number(const struct mail *m, int index)
{
    return index < 0 ? NULL : m->parts[index].number;
}

static json_t *mail_json(const struct source *raw)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct mail m;
    char date[RFC3339_SIZE];
    mail_read(raw, &arena, &m);
    json_t *json = json_object();
    set_addresses(json, "from", &m.from);
    set_addresses(json, "sender", &m.sender);
    set_addresses(json, "reply_to", &m.reply_to);
    set_addresses(json, "to", &m.to);
    set_addresses(json, "cc", &m.cc);
    set_addresses(json, "bcc", &m.bcc);
    set_text(json, "subject", m.subject);
    set_text(json, "message_id", m.message_id);
    set_text(json, "date", m.has_date ? clock_rfc3339(m.date_ms, date) : NULL);
    set_text(json, "preview", m.preview);
    set_text(json, "text_part", part_number(&m, m.text_part));
    set_text(json, "html_part", part_number(&m, m.html_part));
    json_t *parts = json_array();
    for (size_t i = 0; i < m.part_count; i++)
        json_array_append_new(parts, part_json(raw, &m.parts[i]));
    set(json, "parts", parts);
    set(json, "headers", headers_json(raw));
    return json;
}

static json_t *file_json(const char *path)
{
    struct buf bytes AUTO(buf_done) = read_file(path);
    struct span span = buf_span(&bytes);
    struct source raw = source_of_span(&span);
    return mail_json(&raw);
}

static void print(const char *path)
{
    json_t *json = file_json(path);
    json_dumpf(json, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(json);
}

/* ---- compare ---- */

static size_t compared, failed;

/* Prints the member in which they differ first. */
static void print_difference(const char *path, json_t *expected, json_t *actual)
{
    const char *key;
    json_t *value;
    json_object_foreach(actual, key, value)
    {
        json_t *wanted = json_object_get(expected, key);
        if (wanted && json_equal(wanted, value))
            continue;
        printf("%s: %s is ", path, key);
        json_dumpf(value, stdout, JSON_ENCODE_ANY);
        printf("\n");
    }
    json_object_foreach(expected, key, value)
    {
        if (!json_equal(json_object_get(actual, key), value)) {
            printf("%s: %s should be ", path, key);
            json_dumpf(value, stdout, JSON_ENCODE_ANY);
            printf("\n");
        }
    }
}

static void compare(const char *path)
{
    struct arena arena AUTO(arena_done) = { 0 };
    if (!has_ending(path, ".eml"))
        return;
    const char *base = arena_copy(&arena, span_slice(span_of(path), 0, strlen(path) - 4));
    json_error_t error;
    json_t *expected = json_load_file(arena_printf(&arena, "%s.json", base), 0, &error);
    if (!expected) {
        printf("%s.json:%d: %s\n", base, error.line, error.text);
        failed++;
        return;
    }
    json_t *actual = file_json(path);
    compared++;
    if (!json_equal(expected, actual)) {
        print_difference(path, expected, actual);
        failed++;
    }
    json_decref(expected);
    json_decref(actual);
}

/* ---- damage ---- */

/* The same numbers in each run (xorshift). */
static uint64_t next_random(void)
{
    static uint64_t x = 0x9E3779B97F4A7C15;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

static void check_bytes(struct span bytes)
{
    /* In memory of its own, so that reading beyond the end is noticed. */
    struct buf copy AUTO(buf_done) = { 0 };
    buf_append(&copy, bytes);
    struct span span = buf_span(&copy);
    struct source raw = source_of_span(&span);
    json_decref(mail_json(&raw));
}

static void check_cut_off(struct span bytes)
{
    for (size_t end = 0; end < bytes.len; end += 97)
        check_bytes(span_slice(bytes, 0, end));
}

static void check_changed(struct span bytes)
{
    static const char spice[] = "\0\r\n-=:;\"<>()?\xFF\x80 ";
    for (int round = 0; round < 50 && bytes.len; round++) {
        struct buf changed AUTO(buf_done) = { 0 };
        buf_append(&changed, bytes);
        for (int i = 0; i < 1 + round / 4; i++) {
            char *at = changed.ptr + next_random() % changed.len;
            *at = round % 2 ? (char)next_random() : spice[next_random() % (sizeof(spice) - 1)];
        }
        check_bytes(buf_span(&changed));
    }
}

static void damage(const char *path)
{
    if (!has_ending(path, ".eml") && !has_ending(path, ".raw"))
        return;
    struct buf bytes AUTO(buf_done) = read_file(path);
    check_bytes(buf_span(&bytes));
    check_cut_off(buf_span(&bytes));
    check_changed(buf_span(&bytes));
    compared++;
}

int main(int argc, char **argv)
{
    const char *mode = argc == 3 ? argv[1] : "";
    mail_init();
    if (argc == 2)
        visit_folder(argv[1], compare);
    else if (strcmp(mode, "--print") == 0)
        print(argv[2]);
    else if (strcmp(mode, "--damage") == 0)
        visit_folder(argv[2], damage);
    else
        return 2;
    mail_done();
    if (strcmp(mode, "--print") != 0)
        printf("%zu messages, %zu failed\n", compared, failed);
    return failed ? 1 : 0;
}
