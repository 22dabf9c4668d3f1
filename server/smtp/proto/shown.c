#include "smtp/proto/shown.h"

#include <inttypes.h>

/* Behind these, secrets follow. The longer of two with the same beginning comes first. */
static const char *const telltales[] = {
    "AUTHENTICATE",        /* IMAP */
    "AUTHINFO",            /* NNTP */
    "AUTHORIZATION",       /* HTTP */
    "AUTH",                /* SMTP, POP3 */
    "PROXY-AUTHORIZATION", /* HTTP */
    "COOKIE",              /* HTTP */
    "LOGIN",               /* IMAP */
    "PASSWORD",            /* what people try */
    "PASS",                /* POP3, FTP */
};

/* The names that may be shown behind AUTH. A word that is none of them may be a response whose
 * mechanism was forgotten. */
static const char *const mechanisms[] = {
    "ANONYMOUS",     "CRAM-MD5",
    "DIGEST-MD5",    "EXTERNAL",
    "GS2-KRB5",      "GSS-SPNEGO",
    "GSSAPI",        "KERBEROS_V4",
    "LOGIN",         "MSN",
    "NTLM",          "OAUTHBEARER",
    "OTP",           "PLAIN",
    "SCRAM-SHA-1",   "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS",
    "XOAUTH",        "XOAUTH2",
};

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ' || c == ':' || c == '=' || c == 0x7F;
}

static size_t skip_blanks(struct span s, size_t at)
{
    while (at < s.len && is_blank(s.ptr[at]))
        at++;
    return at;
}

static size_t skip_word(struct span s, size_t at)
{
    while (at < s.len && !is_blank(s.ptr[at]))
        at++;
    return at;
}

/* Behind the telltale at `at`, or `at` if there is none. */
static size_t skip_telltale(struct span s, size_t at)
{
    struct span rest = span_slice(s, at, s.len);
    for (size_t i = 0; i < ARRAY_LEN(telltales); i++)
        if (span_istarts_with(rest, span_of(telltales[i])))
            return at + span_of(telltales[i]).len;
    return at;
}

/* Behind the name of a mechanism at `at`, or `at` if there is none. */
static size_t skip_mechanism(struct span s, size_t at)
{
    size_t end = skip_word(s, at);
    for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
        if (span_ieq(span_slice(s, at, end), span_of(mechanisms[i])))
            return end;
    return at;
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_word_start(struct span s, size_t at)
{
    return at == 0 || !is_alphanumeric(s.ptr[at - 1]);
}

static bool has_controls(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F)
            return true;
    return false;
}

/* Up to where a telltale may begin. In a command that is one, only the first word tells; anything
 * may come before it in the verbs of other protocols, or of clients that end lines in CR alone. */
static size_t telling_end(enum smtp_shown kind, struct span s)
{
    bool is_command = kind == SMTP_SHOWN_COMMAND && !has_controls(s);
    return is_command ? skip_blanks(s, 0) + 1 : s.len;
}

/* Where the part begins that is not shown; s.len if all of it is. */
static size_t find_secret(enum smtp_shown kind, struct span s)
{
    if (kind == SMTP_SHOWN_RESPONSE)
        return 0;
    size_t end = telling_end(kind, s);
    for (size_t at = skip_blanks(s, 0); at < end; at++) {
        size_t behind = skip_telltale(s, at);
        if (behind > at && is_word_start(s, at))
            return skip_blanks(s, skip_mechanism(s, skip_blanks(s, behind)));
    }
    return s.len;
}

static bool is_cancel(struct span line)
{
    return span_eq(span_trim(line), SPAN("*"));
}

bool smtp_shown_is_plain(enum smtp_shown kind, struct span line, uint64_t line_bytes)
{
    return is_cancel(line) || (line_bytes <= SMTP_MAX_SHOWN && find_secret(kind, line) == line.len);
}

void smtp_shown_append(struct buf *out, enum smtp_shown kind, struct span line, uint64_t line_bytes)
{
    if (smtp_shown_is_plain(kind, line, line_bytes)) {
        buf_append(out, line);
        return;
    }
    size_t secret = find_secret(kind, line);
    buf_append(out, span_slice(line, 0, secret < SMTP_MAX_SHOWN ? secret : SMTP_MAX_SHOWN));
    if (secret < line.len)
        buf_append(out, SPAN("********"));
    else
        buf_printf(out, "... (%" PRIu64 " octets)", line_bytes);
}
