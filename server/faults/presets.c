#include "core/buf.h"
#include "faults/private.h"

#include <string.h>

/* What servers out there are known for. web/openapi.yaml says what each imitates. The plan of an
 * inbox acts before RCPT only where somebody logged in. */
/* clang-format off */
static const struct preset {
    const char *name;
    const char *rules;              /* of all sessions and of an inbox alike */
    const char *of_all, *of_inbox;  /* more, before those; NULL: none */
} presets[] = {
    { "greylisting", "{'stage': 'rcpt', 'greylist': {'seconds': 300}}", NULL, NULL },
    { "rate-limit", NULL,
      "{'stage': 'mail', 'rate_limit': {'count': 10, 'window_seconds': 60},"
      " 'reply': {'code': 450, 'enhanced': '4.7.1', 'text': 'Too many messages; try again later'}}",
      "{'stage': 'rcpt', 'rate_limit': {'count': 10, 'window_seconds': 60},"
      " 'reply': {'code': 450, 'enhanced': '4.7.1', 'text': 'Too many recipients; try again later'}}" },
    { "flaky",
      "{'stage': 'rcpt', 'probability': 0.1, 'reply': {'code': 451}},"
      "{'stage': 'data_end', 'probability': 0.05, 'drop': true},"
      "{'stage': 'data_end', 'probability': 0.1, 'reply': {'code': 451}}",
      "{'stage': 'connect', 'probability': 0.05, 'reply': {'code': 421}}", NULL },
    { "slow",
      "{'stage': 'session', 'throttle_bytes_per_second': 20000},"
      "{'stage': 'data_end', 'delay_ms': 3000}",
      "{'stage': 'connect', 'delay_ms': 1000}, {'stage': 'mail', 'delay_ms': 500}",
      "{'stage': 'rcpt', 'delay_ms': 500}" },
    { "outage", "{'stage': 'mail', 'reply': {'code': 421}}",
      "{'stage': 'connect', 'reply': {'code': 421}}",
      "{'stage': 'rcpt', 'reply': {'code': 421}}" },
    { "mailbox-full", "{'stage': 'rcpt', 'full': 452}", NULL, NULL },
    { "bounce",
      "{'stage': 'rcpt', 'reply': {'code': 550, 'enhanced': '5.1.1', 'text': 'No such user here'}}",
      NULL, NULL },
    { "cut-off", "{'stage': 'data', 'bytes': 100, 'drop': true}", NULL, NULL },
};
/* clang-format on */

static json_t *load(const struct preset *preset, bool is_of_inbox)
{
    struct buf text AUTO(buf_done) = { 0 };
    const char *more = is_of_inbox ? preset->of_inbox : preset->of_all;
    buf_printf(&text, "[%s%s%s]", more ? more : "", more && preset->rules ? "," : "",
               preset->rules ? preset->rules : "");
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\'')
            text.ptr[i] = '"';
    return json_loads(buf_text(&text), 0, NULL);
}

json_t *fault_preset(const char *name, bool is_of_inbox)
{
    for (size_t i = 0; i < ARRAY_LEN(presets); i++)
        if (strcmp(presets[i].name, name) == 0)
            return load(&presets[i], is_of_inbox);
    return NULL;
}

void fault_preset_names(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(presets); i++)
        buf_printf(out, "%s%s", i ? ", " : "", presets[i].name);
}
