#include "mail/message.h"

#include "mail/header.h"
#include "mail/value.h"

#include <stddef.h>

static void read_addresses(struct span value, struct arena *arena, void *to)
{
    value_addresses(arena, value, to);
}

/* Of a field that may stand once only, the first counts. */
static void read_text(struct span value, struct arena *arena, void *to)
{
    const char **text = to;
    if (!**text)
        *text = value_text(arena, value);
}

static void read_id(struct span value, struct arena *arena, void *to)
{
    const char **id = to;
    if (!**id)
        *id = value_id(arena, value);
}

static void read_date(struct span value, struct arena *arena, void *to)
{
    (void)arena;
    struct mail *mail = to;
    if (!mail->has_date)
        mail->has_date = value_date(value, &mail->date_ms);
}

/* clang-format off */
static const struct {
    const char *name;
    void (*read)(struct span value, struct arena *arena, void *to);
    size_t to; /* what it fills in */
} readers[] = {
    { "From",       read_addresses, offsetof(struct mail, from) },
    { "Sender",     read_addresses, offsetof(struct mail, sender) },
    { "Reply-To",   read_addresses, offsetof(struct mail, reply_to) },
    { "To",         read_addresses, offsetof(struct mail, to) },
    { "Cc",         read_addresses, offsetof(struct mail, cc) },
    { "Bcc",        read_addresses, offsetof(struct mail, bcc) },
    { "Subject",    read_text,      offsetof(struct mail, subject) },
    { "Message-ID", read_id,        offsetof(struct mail, message_id) },
    { "Date",       read_date,      0 },
};
/* clang-format on */

static void read_field(const struct field *field, struct arena *arena, struct mail *out)
{
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        if (span_ieq(field->name, span_of(readers[i].name))) {
            readers[i].read(field->value, arena, (char *)out + readers[i].to);
            return;
        }
}

void message_read(struct span fields, struct arena *arena, struct mail *out)
{
    struct field field;
    while (header_next(&fields, &field))
        read_field(&field, arena, out);
}
