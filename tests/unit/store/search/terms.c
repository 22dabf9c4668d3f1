#include "../../test.h"

#include "store/search/terms.h"

/* Lines with "|" for each NUL. */
static const struct {
    const char *kept, *terms;
} cases[] = {
    { "", "" },
    { "s your order |", "s:your s:order " },
    { "s a b a a b |", "s:a s:b " },
    { "s a |x a b |s b a |", "s:a x:a x:b s:b " },
    { "s ab |s a b |s abc |", "s:ab s:a s:b s:abc " },
    { "h:x-tenant 42 |h:x-empty |h:x-tenant 42 43 |",
      "h:x-tenant: h:x-tenant:42 h:x-empty: h:x-tenant:43 " },
    { "f ann@b.test @b.test |", "f:ann@b.test f:@b.test " },
    { "s cut", "" },
};

static void terms_are_written_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf kept AUTO(buf_done) = { 0 };
        struct buf terms AUTO(buf_done) = { 0 };
        buf_append(&kept, span_of(cases[i].kept));
        for (size_t k = 0; k < kept.len; k++)
            if (kept.ptr[k] == '|')
                kept.ptr[k] = '\0';
        buf_append(&terms, SPAN("before "));
        terms_write(buf_span(&kept), &terms);
        assert_span(span_slice(buf_span(&terms), 7, terms.len), cases[i].terms);
    }
}

/* As many different words as fit. */
static void many_terms_are_written(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    struct buf kept AUTO(buf_done) = { 0 };
    struct buf terms AUTO(buf_done) = { 0 };
    struct buf expected AUTO(buf_done) = { 0 };
    buf_append(&kept, SPAN("x "));
    for (int i = 0; i < MANY; i++) {
        buf_printf(&kept, "%x %x ", i, i / 2);
        buf_printf(&expected, "x:%x ", i);
    }
    buf_putc(&kept, '\0');
    terms_write(buf_span(&kept), &terms);
    assert_int_equal(terms.len, expected.len);
    assert_memory_equal(terms.ptr, expected.ptr, expected.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_are_written_once),
        cmocka_unit_test(many_terms_are_written),
    };
    return RUN_TESTS(tests);
}
