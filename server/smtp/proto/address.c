#include "smtp/proto/address.h"

#include "core/utf8.h"
#include "smtp/proto/engine.h"

#include <string.h>

/* Each take_ function moves the front of *in past what it names, or returns false. */

/* What lies between `start` and what is left of it. */
static struct span taken(struct span start, struct span rest)
{
    return span_slice(start, 0, start.len - rest.len);
}

/* ---- characters ---- */

typedef bool char_class(unsigned char c);

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(unsigned char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_hex_digit(unsigned char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool smtp_is_atext(unsigned char c)
{
    return is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_printable(unsigned char c)
{
    return c >= ' ' && c <= '~';
}

static bool is_qtext(unsigned char c)
{
    return is_printable(c) && c != '"' && c != '\\';
}

/* With the underscore, which no host name may have and many container names do. */
static bool is_label_char(unsigned char c)
{
    return is_alnum(c) || c == '-' || c == '_';
}

/* RFC 5321 4.1.3 */
static bool is_dcontent(unsigned char c)
{
    return c > ' ' && c <= '~' && !(c >= '[' && c <= ']');
}

/* One ASCII character of the class, or any non-ASCII one that is no control (U+0080 to U+009F). */
static bool take_char(struct span *in, char_class *allowed)
{
    size_t len = utf8_sequence(*in);
    if (len == UTF8_NOT || (len == 1 && !allowed(span_front(*in))))
        return false;
    if (len == 2 && span_front(*in) == 0xC2 && (unsigned char)in->ptr[1] < 0xA0)
        return false;
    *in = span_slice(*in, len, in->len);
    return true;
}

static bool take_chars(struct span *in, char_class *allowed)
{
    size_t before = in->len;
    while (take_char(in, allowed))
        ;
    return in->len < before;
}

/* ---- address literals: RFC 5321 4.1.3 ---- */

static bool take_snum(struct span *in)
{
    uint64_t value;
    struct span start = *in;
    while (is_digit(span_front(*in)))
        *in = span_slice(*in, 1, in->len);
    struct span digits = taken(start, *in);
    return digits.len <= 3 && parse_u64(digits, &value) && value <= 255;
}

bool smtp_is_ipv4(struct span s)
{
    for (int i = 0; i < 4; i++)
        if ((i && !span_take(&s, '.')) || !take_snum(&s))
            return false;
    return s.len == 0;
}

static bool take_hex_group(struct span *in)
{
    size_t len = 0;
    while (len < 4 && len < in->len && is_hex_digit((unsigned char)in->ptr[len]))
        len++;
    *in = span_slice(*in, len, in->len);
    return len > 0;
}

/* Eight groups, or fewer around one "::"; the last two may be written as an IPv4 address. */
bool smtp_is_ipv6(struct span s)
{
    unsigned groups = 0;
    bool has_gap = span_starts_with(s, SPAN("::"));
    if (has_gap)
        s = span_slice(s, 2, s.len);
    while (s.len) {
        if (span_find(s, ':') == s.len && smtp_is_ipv4(s)) {
            groups += 2;
            break;
        }
        if (!take_hex_group(&s))
            return false;
        groups++;
        if (s.len == 0)
            break;
        if (!span_take(&s, ':') || s.len == 0)
            return false;
        if (span_take(&s, ':')) {
            if (has_gap)
                return false;
            has_gap = true;
        }
    }
    return has_gap ? groups < 8 : groups == 8;
}

/* A tag that some RFC might define one day, a colon, and anything. */
static bool is_general_literal(struct span s)
{
    struct span tag = span_cut(&s, ':');
    if (tag.len == 0 || !is_alnum((unsigned char)tag.ptr[tag.len - 1]))
        return false;
    for (size_t i = 0; i < tag.len; i++)
        if (!is_alnum((unsigned char)tag.ptr[i]) && tag.ptr[i] != '-')
            return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_dcontent((unsigned char)s.ptr[i]))
            return false;
    return s.len > 0;
}

static const char *take_literal(struct span *in)
{
    size_t end = span_find(*in, ']');
    if (end == in->len)
        return "The address literal has no ]";
    struct span s = span_slice(*in, 1, end);
    *in = span_slice(*in, end + 1, in->len);
    struct span ipv6 = SPAN("IPv6:");
    if (span_istarts_with(s, ipv6))
        return smtp_is_ipv6(span_slice(s, ipv6.len, s.len)) ? NULL : "Bad IPv6 address literal";
    if (span_find(s, ':') < s.len)
        return is_general_literal(s) ? NULL : "Bad address literal";
    return smtp_is_ipv4(s) ? NULL : "Bad IPv4 address literal";
}

/* ---- the parts of a mailbox ---- */

static const char bad_local_part[] = "Bad character in the local part";
static const char bad_domain[] = "Bad character in the domain";

static const char *take_domain(struct span *in)
{
    do {
        struct span start = *in;
        if (in->len == 0 || span_front(*in) == '.')
            return "The domain has an empty label";
        if (!take_chars(in, is_label_char))
            return bad_domain;
        struct span label = taken(start, *in);
        if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
            return "A label of the domain begins or ends with a hyphen";
    } while (span_take(in, '.'));
    return NULL;
}

static const char *take_quoted_string(struct span *in)
{
    if (!span_take(in, '"'))
        return "The local part is no quoted string";
    for (;;) {
        if (span_take(in, '"'))
            return NULL;
        bool ok = span_take(in, '\\') ? is_printable(span_front(*in)) && take_char(in, is_printable)
                                      : take_char(in, is_qtext);
        if (!ok)
            return in->len ? "Bad character in the quoted local part"
                           : "The quoted local part has no end";
    }
}

static const char *take_dot_string(struct span *in)
{
    if (span_front(*in) == '@')
        return "The local part is empty";
    do {
        if (in->len == 0 || span_front(*in) == '.' || span_front(*in) == '@')
            return "A dot in the local part needs text on both sides";
        if (!take_chars(in, smtp_is_atext))
            return bad_local_part;
    } while (span_take(in, '.'));
    return NULL;
}

static const char *take_local_part(struct span *in)
{
    return span_front(*in) == '"' ? take_quoted_string(in) : take_dot_string(in);
}

/* "@one.test,@two.test:" */
static bool take_source_route(struct span *in)
{
    do {
        if (!span_take(in, '@') || take_domain(in))
            return false;
    } while (span_take(in, ','));
    return span_take(in, ':');
}

bool smtp_is_ascii(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

static const char *take_mailbox(struct span *in, struct span *local_part, struct span *domain)
{
    struct span start = *in;
    const char *fault = take_local_part(in);
    if (fault)
        return fault;
    *local_part = taken(start, *in);
    if (in->len && span_front(*in) != '@')
        return bad_local_part;
    if (!span_take(in, '@') || in->len == 0)
        return "The domain is missing";
    start = *in;
    fault = span_front(*in) == '[' ? take_literal(in) : take_domain(in);
    *domain = taken(start, *in);
    return fault;
}

bool smtp_path_take(struct span *in, struct span *path)
{
    bool is_quoted = false;
    if (span_front(*in) != '<')
        return false;
    for (size_t i = 1; i < in->len; i++) {
        char c = in->ptr[i];
        if (c == '\\')
            i++;
        else if (c == '"')
            is_quoted = !is_quoted;
        else if (c == '>' && !is_quoted) {
            *path = span_slice(*in, 1, i);
            *in = span_slice(*in, i + 1, in->len);
            return true;
        }
    }
    return false;
}

/* One label is a name that only its own network knows. */
unsigned smtp_helo_notes(struct span name)
{
    struct span rest = name;
    if (smtp_is_ipv4(name) || smtp_is_ipv6(name))
        return SMTP_NOTE_HELO_BARE_IP;
    bool is_literal = span_front(name) == '[';
    const char *fault = is_literal ? take_literal(&rest) : take_domain(&rest);
    if (fault || rest.len || !smtp_is_ascii(name))
        return SMTP_NOTE_HELO_NO_NAME;
    return is_literal || span_find(name, '.') < name.len ? 0 : SMTP_NOTE_HELO_UNQUALIFIED;
}

const char *smtp_mailbox_parse(struct span path, struct smtp_mailbox *out)
{
    if (path.len == 0)
        return "The address is empty";
    bool has_route = span_front(path) == '@';
    if (has_route && !take_source_route(&path))
        return "Bad source route";
    struct span rest = path;
    struct span local_part, domain;
    const char *fault = take_mailbox(&rest, &local_part, &domain);
    if (fault)
        return fault;
    if (rest.len)
        return bad_domain;
    if (local_part.len > SMTP_MAX_LOCAL_PART)
        return "The local part is longer than 255 octets";
    if (domain.len > SMTP_MAX_DOMAIN)
        return "The domain is longer than 255 octets";
    *out = (struct smtp_mailbox){ path, local_part, smtp_is_ascii(path), has_route };
    return NULL;
}
