#include "core/log.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/json_text.h"

#include <unistd.h>

enum { LOG_VALUE_MAX = 1024 };

static enum log_level threshold = LOG_INFO;
static bool json_lines;

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

static void put_field(struct buf *line, const struct log_field *f)
{
    struct span text = span_slice(f->text, 0, LOG_VALUE_MAX);
    if (line->len > 1)
        buf_putc(line, json_lines ? ',' : ' ');
    buf_printf(line, json_lines ? "\"%s\":" : "%s=", f->key);
    if (f->is_number)
        buf_printf(line, "%lld", (long long)f->number);
    else if (!json_lines && is_plain(text))
        buf_append(line, text);
    else
        json_text_put(line, text); /* which is also how logfmt quotes */
}

void log_write(enum log_level level, const char *at, const char *msg,
               const struct log_field *fields)
{
    if (level > threshold)
        return;
    char now[RFC3339_SIZE];
    struct buf line AUTO(buf_done) = { 0 };
    const struct log_field *head =
        LOG_FIELDS(log_str("time", clock_rfc3339(clock_now_ms(), now)),
                   log_str("level", level_names[level]), log_str("at", at), log_str("msg", msg));
    if (json_lines)
        buf_putc(&line, '{');
    for (const struct log_field *f = head; f->key; f++)
        put_field(&line, f);
    for (const struct log_field *f = fields; f->key; f++)
        put_field(&line, f);
    buf_append(&line, json_lines ? SPAN("}\n") : SPAN("\n"));
    /* A line that cannot be written has nowhere to be reported. */
    if (write(STDERR_FILENO, line.ptr, line.len) < 0)
        return;
}
