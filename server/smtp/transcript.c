#include "smtp/transcript.h"

#include <stdio.h>
#include <string.h>

enum { TENTH_OF_MS = 100 };

void transcript_start(struct transcript *t, size_t *held, uint64_t now_us)
{
    *t = (struct transcript){ .held = held, .begun_us = now_us };
}

static void drop(struct transcript *t, struct transcript_part *p)
{
    *t->held -= p->entries.len;
    buf_done(&p->entries);
    *p = (struct transcript_part){ .gap_at = 0 };
}

void transcript_done(struct transcript *t)
{
    drop(t, &t->opening);
    drop(t, &t->rest);
}

void transcript_restart(struct transcript *t)
{
    transcript_done(t);
    transcript_start(t, t->held, t->begun_us);
}

/* ---- room ---- */

static size_t max_len(const struct transcript *t)
{
    if (*t->held >= TRANSCRIPTS_ENOUGH)
        return TRANSCRIPT_SMALL_MAX;
    return t->is_begun ? TRANSCRIPT_REST_MAX : TRANSCRIPT_OPENING_MAX;
}

/* Where the first entry ends that reaches to `at` or beyond it; *count is one more for each. */
static size_t find_end(const struct transcript_part *p, size_t start, size_t at, uint64_t *count)
{
    struct span rest = span_slice(buf_span(&p->entries), start, p->entries.len);
    struct store_entry e;
    while (p->entries.len - rest.len < at && entries_next(&rest, &e))
        ++*count;
    return p->entries.len - rest.len;
}

/* Leaves out what is between the front, three quarters of what there may be, and an end that is
 * half of what is left. */
static void make_gap(struct transcript *t, struct transcript_part *p, size_t max)
{
    uint64_t none = 0;
    if (p->left_out == 0)
        p->gap_at = find_end(p, 0, max / 4 * 3, &none);
    size_t end = find_end(p, p->gap_at, p->entries.len - max / 8, &p->left_out);
    memmove(p->entries.ptr + p->gap_at, p->entries.ptr + end, p->entries.len - end);
    p->entries.len -= end - p->gap_at;
    *t->held -= end - p->gap_at;
    t->is_truncated = true;
}

/* ---- entries ---- */

static struct transcript_part *part(struct transcript *t)
{
    return t->is_begun ? &t->rest : &t->opening;
}

static void put(struct transcript *t, const struct store_entry *e)
{
    struct transcript_part *p = part(t);
    size_t before = p->entries.len;
    entries_put(&p->entries, e);
    *t->held += p->entries.len - before;
    if (p->entries.len > max_len(t))
        make_gap(t, p, max_len(t));
}

static uint64_t tenths(const struct transcript *t, uint64_t now_us)
{
    return (now_us - t->begun_us) / TENTH_OF_MS;
}

void transcript_data(struct transcript *t, uint64_t octets)
{
    t->data += octets;
    t->is_data_told = false;
}

void transcript_data_end(struct transcript *t, uint64_t now_us)
{
    const struct store_entry e = { .kind = STORE_ENTRY_DATA,
                                   .at = tenths(t, now_us),
                                   .octets = t->data };
    t->data = 0;
    t->is_data_told = true;
    put(t, &e);
}

static void put_text(struct transcript *t, enum store_entry_kind kind, uint64_t now_us,
                     struct span text)
{
    const struct store_entry e = { .kind = kind, .at = tenths(t, now_us), .text = text };
    if (t->data)
        transcript_data_end(t, now_us);
    put(t, &e);
}

void transcript_client(struct transcript *t, uint64_t now_us, struct span line)
{
    t->is_begun |= span_istarts_with(line, SPAN("MAIL"));
    t->is_data_told = false;
    put_text(t, STORE_ENTRY_CLIENT, now_us, line);
}

static int code_of(struct span line)
{
    uint64_t code;
    return parse_u64(span_slice(line, 0, 3), &code) ? (int)code : 0;
}

void transcript_server(struct transcript *t, uint64_t now_us, struct span lines)
{
    while (lines.len) {
        struct span line = span_cut(&lines, '\n');
        if (line.len && line.ptr[line.len - 1] == '\r')
            line.len--;
        t->last_code = code_of(line);
        put_text(t, STORE_ENTRY_SERVER, now_us, line);
    }
}

void transcript_note(struct transcript *t, uint64_t now_us, const char *text)
{
    put_text(t, STORE_ENTRY_NOTE, now_us, span_of(text));
}

void transcript_fault(struct transcript *t, uint64_t now_us, const char *text)
{
    put_text(t, STORE_ENTRY_FAULT, now_us, span_of(text));
}

size_t transcript_len(const struct transcript *t)
{
    return t->opening.entries.len + t->rest.entries.len;
}

/* ---- copies ---- */

/* At the time of what follows it. */
static void put_gap_note(struct buf *out, struct span rest, uint64_t left_out)
{
    char text[64];
    struct store_entry next = { .at = 0 };
    (void)entries_next(&rest, &next);
    int len =
        snprintf(text, sizeof(text), "%llu lines are left out here", (unsigned long long)left_out);
    const struct store_entry note = { .kind = STORE_ENTRY_NOTE,
                                      .at = next.at,
                                      .text = { text, (size_t)len } };
    entries_put(out, &note);
}

static void copy(const struct transcript_part *p, struct buf *out)
{
    struct span all = buf_span(&p->entries);
    if (p->left_out) {
        buf_append(out, span_slice(all, 0, p->gap_at));
        all = span_slice(all, p->gap_at, all.len);
        put_gap_note(out, all, p->left_out);
    }
    buf_append(out, all);
}

void transcript_copy_opening(const struct transcript *t, struct buf *out)
{
    copy(&t->opening, out);
}

void transcript_copy_rest(const struct transcript *t, struct buf *out)
{
    copy(&t->rest, out);
}

void transcript_drop_rest(struct transcript *t)
{
    drop(t, &t->rest);
}
