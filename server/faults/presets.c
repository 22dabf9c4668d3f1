#include "core/buf.h"
#include "faults/private.h"

#include <string.h>

/* What servers out there are known for. web/openapi.yaml says what each imitates. */
/* clang-format off */
static const struct preset {
    const char *name;
    const char *early; /* rules that act before an inbox can be known */
    const char *rules;
} presets[] = {
    { "greylisting", NULL,
      "{'stage': 'rcpt', 'greylist': {'seconds': 300}}" },
    { "rate-limit", NULL,
      "{'stage': 'mail', 'rate_limit': {'count': 10, 'window_seconds': 60},"
      " 'reply': {'code': 450, 'enhanced': '4.7.1', 'text': 'Too many messages; try again later'}}" },
    { "flaky", "{'stage': 'connect', 'probability': 0.05, 'reply': {'code': 421}}",
      "{'stage': 'rcpt', 'probability': 0.1, 'reply': {'code': 451}},"
      "{'stage': 'data_end', 'probability': 0.05, 'drop': true},"
      "{'stage': 'data_end', 'probability': 0.1, 'reply': {'code': 451}}" },
    { "slow", "{'stage': 'connect', 'delay_ms': 1000}",
      "{'stage': 'session', 'throttle_bytes_per_second': 20000},"
      "{'stage': 'mail', 'delay_ms': 500},"
      "{'stage': 'data_end', 'delay_ms': 3000}" },
    { "outage", "{'stage': 'connect', 'reply': {'code': 421}}",
      "{'stage': 'mail', 'reply': {'code': 421}}" },
    { "mailbox-full", NULL,
      "{'stage': 'rcpt', 'full': 452}" },
};
/* clang-format on */

static json_t *load(const struct preset *preset, bool is_of_inbox)
{
    struct buf text AUTO(buf_done) = { 0 };
    bool is_early = preset->early && !is_of_inbox;
    buf_printf(&text, "[%s%s%s]", is_early ? preset->early : "", is_early ? "," : "",
               preset->rules);
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
