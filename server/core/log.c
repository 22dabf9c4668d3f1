#include "core/log.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/json_text.h"

#include <unistd.h>

enum { LOG_VALUE_MAX = 1024, GATHERED_MAX = 3 * 1024 };

static enum log_level threshold = LOG_INFO;
static bool json_lines;

/* Of this thread, not written yet. Few enough that a pipe takes them in one piece. */
static _Thread_local struct buf lines;
static _Thread_local bool is_gathering;

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

void log_setup(enum log_level level, bool as_json)
{
    threshold = level;
    json_lines = as_json;
}

static bool is_plain(struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] <= ' ' || value.ptr[i] == '"' || value.ptr[i] == '=' ||
            value.ptr[i] == '\\' || value.ptr[i] == 0x7F)
            return false;
    return value.len > 0;
}

static void put_number(struct buf *line, int64_t number)
{
    if (number < 0)
        buf_putc(line, '-');
    buf_put_u64(line, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

static void put_value(struct buf *line, const struct log_field *f)
{
    struct span text = span_slice(f->text, 0, LOG_VALUE_MAX);
    if (f->is_number)
        put_number(line, f->number);
    else if (!json_lines && is_plain(text))
        buf_append(line, text);
    else
        json_text_put(line, text); /* which is also how logfmt quotes */
}

static void put_json_field(struct buf *line, const struct log_field *f)
{
    json_text_key(line, f->key);
    put_value(line, f);
}

/* With a blank behind it, which the line end takes the place of. */
static void put_plain_field(struct buf *line, const struct log_field *f)
{
    buf_append(line, span_of(f->key));
    buf_putc(line, '=');
    put_value(line, f);
    buf_putc(line, ' ');
}

static void put_line(struct buf *out, const struct log_field *head, const struct log_field *fields)
{
    void (*put_field)(struct buf * line, const struct log_field *f) =
        json_lines ? put_json_field : put_plain_field;
    if (json_lines)
        buf_putc(out, '{');
    for (const struct log_field *f = head; f->key; f++)
        put_field(out, f);
    for (const struct log_field *f = fields; f->key; f++)
        put_field(out, f);
    if (json_lines)
        buf_append(out, SPAN("}\n"));
    else
        out->ptr[out->len - 1] = '\n';
}

void log_write(enum log_level level, const char *at, const char *msg,
               const struct log_field *fields)
{
    if (level > threshold)
        return;
    char now[RFC3339_SIZE];
    const struct log_field *head =
        LOG_FIELDS(log_str("time", clock_rfc3339(clock_now_ms(), now)),
                   log_str("level", level_names[level]), log_str("at", at), log_str("msg", msg));
    put_line(&lines, head, fields);
    if (!is_gathering || level <= LOG_WARN || lines.len >= GATHERED_MAX)
        log_flush();
}

void log_flush(void)
{
    /* A line that cannot be written has nowhere to be reported. */
    if (lines.len && write(STDERR_FILENO, lines.ptr, lines.len) < 0)
        buf_clear(&lines);
    if (is_gathering)
        buf_clear(&lines);
    else
        buf_done(&lines);
}

void log_gather(bool on)
{
    is_gathering = on;
    log_flush();
}
