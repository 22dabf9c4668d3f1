#include "mail/value.h"

#include "core/utf8.h"
#include "mail/charset.h"
#include "mail/lines.h"

#include <string.h>

/* A colon may open a group, and GMime's parser calls itself for a group in a group, which RFC 5322
 * does not know: enough of them would overrun the stack. */
enum { MAX_COLONS = 1000 };

/* GMime makes objects of addresses and parameters, two hundred octets for each octet at worst. */
enum { MAX_VALUE = 128 * 1024 };

static GMimeParserOptions *options;

GMimeParserOptions *value_options(void)
{
    return options;
}

void value_init(void)
{
    static const char *charsets[] = { "utf-8", "windows-1252", NULL };
    options = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(options, charsets);
}

void value_done(void)
{
    g_mime_parser_options_free(options);
    options = NULL;
}

/* ---- clean text ---- */

static bool is_control(char c)
{
    return (c >= 0 && c < ' ') || c == 0x7F;
}

static void blank_controls(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (is_control(text[i]))
            text[i] = ' ';
}

/* Octets that are not UTF-8 are read as windows-1252, which is what they mostly are. */
static char *to_utf8(struct arena *arena, struct span s)
{
    struct buf guessed AUTO(buf_done) = { 0 };
    if (utf8_is_valid(s))
        return arena_copy(arena, s);
    struct charset unknown;
    charset_init(&unknown, NULL);
    charset_push(&unknown, s, true, &guessed);
    charset_done(&unknown);
    return arena_copy(arena, buf_span(&guessed));
}

const char *value_clean(struct arena *arena, const char *text)
{
    if (!text)
        return NULL;
    char *clean = to_utf8(arena, span_of(text));
    blank_controls(clean, strlen(clean));
    return clean;
}

/* RFC 5322 section 2.2.3: unfolding removes the line end, the blanks behind it stay. */
static char *unfold(struct span raw)
{
    raw = span_slice(raw, 0, MAX_VALUE);
    char *flat = xmalloc(raw.len + 1);
    size_t len = 0;
    while (raw.len) {
        size_t line = span_find(raw, '\n') + 1;
        struct span text = span_slice(raw, 0, line);
        text.len -= line_end_size(text);
        memcpy(flat + len, text.ptr, text.len);
        len += text.len;
        raw = span_slice(raw, line, raw.len);
    }
    flat[len] = '\0';
    blank_controls(flat, len);
    return flat;
}

/* ---- names of charsets ---- */

/* GMime keeps each name of a charset that it was ever asked for, whether there is such a charset
 * or not. It is asked for canonical names only, and for one that is none. */
static void put_charset(struct buf *out, struct span name)
{
    const char *canonical = charset_canonical(name);
    buf_append(out, canonical ? span_of(canonical) : SPAN("x"));
}

/* The name of the charset if an encoded word (RFC 2047 section 2) is at the front. */
static bool word_charset(struct span text, struct span *out)
{
    if (!span_starts_with(text, SPAN("=?")))
        return false;
    struct span name = span_slice(text, 2, text.len);
    struct span rest = name;
    name = span_cut(&rest, '?');
    if (rest.len < 2 || !strchr("bBqQ", rest.ptr[0]) || rest.ptr[1] != '?')
        return false;
    *out = name;
    return true;
}

static char *with_known_charsets(struct span text)
{
    struct buf out = { 0 };
    while (text.len) {
        struct span name;
        if (word_charset(text, &name)) {
            buf_append(&out, SPAN("=?"));
            put_charset(&out, span_slice(name, 0, span_find(name, '*'))); /* RFC 2231 section 5 */
            text = span_slice(text, 2 + name.len, text.len);
        } else {
            size_t plain = 1 + span_find(span_slice(text, 1, text.len), '=');
            buf_append(&out, span_slice(text, 0, plain));
            text = span_slice(text, plain, text.len);
        }
    }
    return buf_take(&out);
}

char *value_flat(struct span raw)
{
    char *flat = unfold(raw);
    if (!strstr(flat, "=?"))
        return flat;
    char *known = with_known_charsets(span_of(flat));
    free(flat);
    return known;
}

/* How long the name of the charset is with which an extended value (RFC 2231 section 4) begins. */
static size_t extended_charset_size(struct span name, const char *value)
{
    name = span_trim(name);
    if (name.len == 0 || name.ptr[name.len - 1] != '*')
        return 0;
    size_t size = strcspn(value, value[-1] == '"' ? "'\"" : "';");
    return value[size] == '\'' ? size : 0;
}

char *value_parameters(struct span raw)
{
    struct buf out = { 0 };
    char *flat AUTO(free_ptr) = value_flat(raw);
    const char *at = flat;
    while (*at) {
        struct span name = { at, strcspn(at, "=") };
        at += name.len;
        at += strspn(at, "= \t\"");
        buf_append(&out, (struct span){ name.ptr, (size_t)(at - name.ptr) });
        size_t charset = extended_charset_size(name, at);
        if (charset)
            put_charset(&out, (struct span){ at, charset });
        at += charset;
    }
    return buf_take(&out);
}

const char *value_raw(struct arena *arena, struct span raw)
{
    return to_utf8(arena, raw);
}

/* ---- unstructured ---- */

static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c < 0 || (c[0] == '=' && c[1] == '?'))
            return false;
    return true;
}

const char *value_text(struct arena *arena, struct span raw)
{
    char *flat AUTO(free_ptr) = value_flat(raw);
    if (is_plain(flat))
        return arena_strdup(arena, flat);
    char *decoded = g_mime_utils_header_decode_text(options, flat);
    const char *text = value_clean(arena, decoded ? decoded : flat);
    g_free(decoded);
    return text;
}

const char *value_id(struct arena *arena, struct span raw)
{
    char *flat AUTO(free_ptr) = unfold(raw);
    struct span id = span_of(flat);
    size_t open = span_find(id, '<');
    if (open < id.len) {
        id = span_slice(id, open + 1, id.len);
        id = span_slice(id, 0, span_find(id, '>'));
    }
    return to_utf8(arena, span_trim(id));
}

static GDateTime *parse_date(const char *text)
{
    GDateTime *date = g_mime_utils_header_decode_date(text);
    if (date)
        return date;
    GTimeZone *utc = g_time_zone_new_utc();
    date = g_date_time_new_from_iso8601(text, utc); /* not allowed, and sent all the same */
    g_time_zone_unref(utc);
    return date;
}

bool value_date(struct span raw, int64_t *out_ms)
{
    char *flat AUTO(free_ptr) = value_flat(raw);
    GDateTime *date = parse_date(flat);
    if (!date)
        return false;
    *out_ms = g_date_time_to_unix(date) * 1000;
    g_date_time_unref(date);
    return true;
}

/* ---- addresses ---- */

/* The items have room for the next power of two, so that a list is not copied for each address. */
static struct mail_address *next_item(struct arena *arena, struct mail_addresses *list)
{
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count ? 2 * list->count : 1;
        struct mail_address *items = arena_alloc(arena, room * sizeof(*items));
        if (list->count)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
    }
    return &list->items[list->count++];
}

/* GMime turns an IDNA domain into UTF-8; a test wants to see what was sent. */
static const char *address_as_sent(InternetAddressMailbox *from, const char *text)
{
    const char *address = internet_address_mailbox_get_addr(from);
    if (!address || is_plain(address))
        return address;
    const char *idna = internet_address_mailbox_get_idn_addr(from);
    return idna && strstr(text, idna) ? idna : address;
}

static void add_mailbox(struct arena *arena, InternetAddress *from, const char *text,
                        struct mail_addresses *list)
{
    const char *address = address_as_sent(INTERNET_ADDRESS_MAILBOX(from), text);
    const char *name = internet_address_get_name(from);
    *next_item(arena, list) = (struct mail_address){
        .name = name ? value_clean(arena, name) : "",
        .address = address ? value_clean(arena, address) : "",
    };
}

static void add_all(struct arena *arena, InternetAddressList *from, const char *text,
                    struct mail_addresses *list)
{
    for (int i = 0; i < internet_address_list_length(from); i++) {
        InternetAddress *a = internet_address_list_get_address(from, i);
        if (INTERNET_ADDRESS_IS_GROUP(a))
            add_all(arena, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(a)), text,
                    list);
        else
            add_mailbox(arena, a, text, list);
    }
}

/* Ends the text where the colons become too many. */
static void stop_nesting(char *text)
{
    size_t colons = 0;
    char *c = text;
    while (*c && (*c != ':' || ++colons <= MAX_COLONS))
        c++;
    *c = '\0';
}

void value_addresses(struct arena *arena, struct span raw, struct mail_addresses *list)
{
    char *flat AUTO(free_ptr) = value_flat(raw);
    stop_nesting(flat);
    InternetAddressList *parsed = internet_address_list_parse(options, flat);
    if (!parsed)
        return;
    add_all(arena, parsed, flat, list);
    g_object_unref(parsed);
}
