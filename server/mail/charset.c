#include "mail/charset.h"

#include "core/utf8.h"

#include <errno.h>
#include <string.h>

enum {
    REPLACEMENT = 0xFFFD,
    LONGEST_UTF8 = 4,
    LONGEST_CHARACTER = 64, /* more than any charset has, shift sequences included */
    LONGEST_NAME = 32,
};

/* ---- names ---- */

/* Small letters and digits of the name to what iconv calls it. What ISO 8859-1 and its like leave
 * to control characters is used as in the Windows charset that extends it, so that is taken. */
static const struct {
    const char *name;
    const char *iconv;
} known[] = {
    /* clang-format off */
    { "utf8", "UTF-8" }, { "utf7", "UTF-7" }, { "unicode11utf7", "UTF-7" }, { "utf16", "UTF-16" },
    { "utf16be", "UTF-16BE" }, { "utf16le", "UTF-16LE" }, { "ucs2", "UTF-16" },
    { "utf32", "UTF-32" }, { "utf32be", "UTF-32BE" }, { "utf32le", "UTF-32LE" },
    { "iso88591", "WINDOWS-1252" }, { "latin1", "WINDOWS-1252" }, { "l1", "WINDOWS-1252" },
    { "iso88592", "ISO-8859-2" }, { "latin2", "ISO-8859-2" }, { "iso88593", "ISO-8859-3" },
    { "iso88594", "ISO-8859-4" }, { "iso88595", "ISO-8859-5" }, { "iso88596", "ISO-8859-6" },
    { "iso88597", "ISO-8859-7" }, { "iso88598", "ISO-8859-8" }, { "iso88598i", "ISO-8859-8" },
    { "iso88598e", "ISO-8859-8" }, { "iso88599", "ISO-8859-9" }, { "latin5", "ISO-8859-9" },
    { "iso885910", "ISO-8859-10" }, { "iso885911", "CP874" }, { "iso885913", "ISO-8859-13" },
    { "iso885914", "ISO-8859-14" }, { "iso885915", "ISO-8859-15" }, { "latin9", "ISO-8859-15" },
    { "iso885916", "ISO-8859-16" }, { "tis620", "CP874" }, { "windows874", "CP874" },
    { "cp874", "CP874" }, { "windows1250", "WINDOWS-1250" }, { "cp1250", "WINDOWS-1250" },
    { "windows1251", "WINDOWS-1251" }, { "cp1251", "WINDOWS-1251" },
    { "windows1252", "WINDOWS-1252" }, { "cp1252", "WINDOWS-1252" },
    { "windows1253", "WINDOWS-1253" }, { "cp1253", "WINDOWS-1253" },
    { "windows1254", "WINDOWS-1254" }, { "cp1254", "WINDOWS-1254" },
    { "windows1255", "WINDOWS-1255" }, { "cp1255", "WINDOWS-1255" },
    { "windows1256", "WINDOWS-1256" }, { "cp1256", "WINDOWS-1256" },
    { "windows1257", "WINDOWS-1257" }, { "cp1257", "WINDOWS-1257" },
    { "windows1258", "WINDOWS-1258" }, { "cp1258", "WINDOWS-1258" }, { "koi8r", "KOI8-R" },
    { "koi8u", "KOI8-U" }, { "gb2312", "GBK" }, { "gb231280", "GBK" }, { "gbk", "GBK" },
    { "cp936", "GBK" }, { "euccn", "GBK" }, { "gb18030", "GB18030" }, { "big5", "BIG5" },
    { "cnbig5", "BIG5" }, { "big5hkscs", "BIG5-HKSCS" }, { "shiftjis", "CP932" },
    { "sjis", "CP932" }, { "mskanji", "CP932" }, { "cp932", "CP932" }, { "windows31j", "CP932" },
    { "eucjp", "EUC-JP" }, { "iso2022jp", "ISO-2022-JP" }, { "iso2022jp2", "ISO-2022-JP-2" },
    { "iso2022kr", "ISO-2022-KR" }, { "iso2022cn", "ISO-2022-CN" }, { "euckr", "CP949" },
    { "ksc5601", "CP949" }, { "ksc56011987", "CP949" }, { "ksc56011989", "CP949" },
    { "cp949", "CP949" }, { "windows949", "CP949" }, { "uhc", "CP949" },
    { "macintosh", "MACINTOSH" }, { "macroman", "MACINTOSH" }, { "mac", "MACINTOSH" },
    { "maccyrillic", "MAC-CYRILLIC" }, { "cp437", "IBM437" }, { "ibm437", "IBM437" },
    { "cp850", "IBM850" }, { "ibm850", "IBM850" }, { "cp852", "IBM852" }, { "ibm852", "IBM852" },
    { "cp866", "IBM866" }, { "ibm866", "IBM866" }, { "viscii", "VISCII" },
    /* clang-format on */
};

static size_t fold_name(struct span name, char out[LONGEST_NAME])
{
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < LONGEST_NAME; i++) {
        char c = name.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[len++] = c;
    }
    return len;
}

static const char *find_name(struct span folded)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (span_eq(folded, span_of(known[i].name)))
            return known[i].iconv;
    return NULL;
}

const char *charset_canonical(struct span name)
{
    char letters[LONGEST_NAME];
    struct span folded = { letters, fold_name(name, letters) };
    const char *found = folded.len ? find_name(folded) : NULL;
    if (!found && span_starts_with(folded, SPAN("x"))) /* as in x-sjis */
        found = find_name(span_slice(folded, 1, folded.len));
    return found;
}

/* Some put a comment or another parameter behind it. */
static struct span first_word(const char *name)
{
    return (struct span){ name, name ? strcspn(name, " \t;,(") : 0 };
}

void charset_init(struct charset *c, const char *name)
{
    const char *canonical = charset_canonical(first_word(name));
    *c = (struct charset){ .kind = CHARSET_GUESSED };
    if (!canonical)
        return;
    if (strcmp(canonical, "UTF-8") == 0) {
        c->kind = CHARSET_UTF8;
        return;
    }
    c->iconv = iconv_open("UTF-8", canonical);
    if (c->iconv != (iconv_t)-1)
        c->kind = CHARSET_ICONV;
}

void charset_done(struct charset *c)
{
    if (c->kind == CHARSET_ICONV)
        iconv_close(c->iconv);
    buf_done(&c->held);
}

/* ---- characters ---- */

unsigned charset_windows_1252(unsigned char octet)
{
    static const unsigned short characters[32] = {
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
    };
    return octet >= 0x80 && octet <= 0x9F ? characters[octet - 0x80] : octet;
}

void charset_put(struct buf *out, unsigned c)
{
    char octets[4];
    size_t len = c ? utf8_encode(c, octets) : UTF8_NOT;
    if (len == UTF8_NOT)
        len = utf8_encode(REPLACEMENT, octets);
    buf_append(out, (struct span){ octets, len });
}

static void put_stray_octet(struct buf *out, enum charset_kind kind, char octet)
{
    unsigned char c = (unsigned char)octet;
    charset_put(out, kind == CHARSET_GUESSED ? charset_windows_1252(c) : REPLACEMENT);
}

/* ---- UTF-8 and what may be ---- */

/* Whether more octets could make a character of it. */
static bool may_go_on(struct span s)
{
    return s.len > 0 && s.len < LONGEST_UTF8 && (unsigned char)*s.ptr >= 0xC2;
}

/* Returns what has to be held. */
static struct span push_utf8(enum charset_kind kind, struct span in, bool is_last, struct buf *out)
{
    for (;;) {
        size_t sound = utf8_sound_size(in);
        buf_append(out, span_slice(in, 0, sound));
        in = span_slice(in, sound, in.len);
        if (in.len == 0 || (!is_last && may_go_on(in)))
            return in;
        put_stray_octet(out, kind, *in.ptr);
        in = span_slice(in, 1, in.len);
    }
}

/* ---- the others ---- */

/* Returns what has to be held. */
static struct span push_iconv(iconv_t iconv_, struct span in, bool is_last, struct buf *out)
{
    char *from = (char *)in.ptr;
    size_t left = in.len;
    while (left) {
        size_t room = left + LONGEST_CHARACTER;
        char *to = buf_reserve(out, room);
        size_t before = room;
        size_t failed = iconv(iconv_, &from, &left, &to, &room);
        int cause = errno;
        out->len += before - room;
        if (failed != (size_t)-1 || cause == E2BIG)
            continue;
        if (cause == EINVAL && !is_last)
            break;
        charset_put(out, REPLACEMENT);
        from++;
        left--;
    }
    return (struct span){ from, left };
}

static struct span push_foreign(const struct charset *c, struct span in, bool is_last,
                                struct buf *out)
{
    struct buf utf8 AUTO(buf_done) = { 0 };
    struct span held = push_iconv(c->iconv, in, is_last, &utf8);
    push_utf8(CHARSET_UTF8, buf_span(&utf8), true, out); /* for the sake of NUL */
    return held;
}

static struct span push(const struct charset *c, struct span in, bool is_last, struct buf *out)
{
    if (c->kind == CHARSET_ICONV)
        return push_foreign(c, in, is_last, out);
    return push_utf8(c->kind, in, is_last, out);
}

void charset_push(struct charset *c, struct span in, bool is_last, struct buf *out)
{
    if (c->held.len) {
        buf_append(&c->held, in);
        struct span held = push(c, buf_span(&c->held), is_last, out);
        buf_consume(&c->held, c->held.len - held.len);
    } else {
        buf_append(&c->held, push(c, in, is_last, out));
    }
}
