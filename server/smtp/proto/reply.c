#include "smtp/proto/private.h"

#include <stdarg.h>
#include <stdio.h>

static void put_line(struct smtp_engine *e, int code, const char *enhanced, const char *format,
                     va_list args) __attribute__((format(printf, 4, 0)));

static void put_line(struct smtp_engine *e, int code, const char *enhanced, const char *format,
                     va_list args)
{
    e->last_line = e->out.len;
    buf_put_u64(&e->out, (uint64_t)code);
    buf_putc(&e->out, '-');
    if (enhanced && engine_offers(e, SMTP_CAP_ENHANCEDSTATUSCODES)) {
        buf_append(&e->out, span_of(enhanced));
        buf_putc(&e->out, ' ');
    }
    buf_vprintf(&e->out, format, args);
    buf_append(&e->out, SPAN("\r\n"));
}

void engine_put_line(struct smtp_engine *e, int code, const char *enhanced, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(e, code, enhanced, format, args);
    va_end(args);
}

void engine_end_reply(struct smtp_engine *e)
{
    e->out.ptr[e->last_line + 3] = ' ';
}

enum smtp_event engine_reply(struct smtp_engine *e, int code, const char *enhanced,
                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(e, code, enhanced, format, args);
    va_end(args);
    engine_end_reply(e);
    return SMTP_NEED_INPUT;
}

void engine_say(struct smtp_engine *e, const struct smtp_reply *reply)
{
    struct span text = span_of(reply->text);
    do {
        struct span line = span_cut(&text, '\n');
        engine_put_line(e, reply->code, reply->enhanced, "%.*s", SPAN_ARG(line));
    } while (text.len);
    engine_end_reply(e);
}

/* The one refused too many gets 421 in place of its own reply, decided here and now: a decision
 * made before the next read would depend on where TCP cut the stream. */
enum smtp_event engine_refuse(struct smtp_engine *e, const struct smtp_reply *refusal)
{
    if (refusal->code >= 500 && ++e->errors > e->config->limits.errors) {
        engine_reply(e, 421, "4.7.0", "%s Too many errors", e->config->hostname);
        return engine_close(e);
    }
    return engine_reply(e, refusal->code, refusal->enhanced, "%s", refusal->text);
}

const struct smtp_reply *engine_refusal(struct smtp_engine *e, int code, const char *enhanced,
                                        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(e->refusal_text, sizeof(e->refusal_text), format, args);
    va_end(args);
    e->refusal = (struct smtp_reply){ code, enhanced, e->refusal_text };
    return &e->refusal;
}
