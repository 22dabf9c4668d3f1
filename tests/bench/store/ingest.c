/* How many messages a second the store takes, durably: ingest [MESSAGES [IN_FLIGHT [DATABASE]]].
 *
 * Four threads give messages of 4 KB in two parts, as the workers of the server do; so many are on
 * their way at any time as there would be clients. Each comes by a session of its own, which ends
 * when it is stored. Nothing is received, parsed or read. */

#include "core/clock.h"
#include "store/entries.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, MESSAGE_SIZE = 4096, SAMPLES = 256 };

struct bench {
    struct store *store;
    struct spools spools;
    struct mailbox settled;
    long total;
    long commits; /* of the writer's thread */
    struct buf samples[SAMPLES];

    pthread_mutex_t lock;
    pthread_cond_t may_send;
    long sent, in_flight, in_flight_max;
};

/* ---- a message as applications send it ---- */

static const char head[] = "From: Shop <app@shop.test>\r\n"
                           "To: Ada Lovelace <ada@example.test>\r\n"
                           "Subject: Your order %ld is on its way\r\n"
                           "Message-ID: <%ld.%ld@shop.test>\r\n"
                           "Date: Mon, 23 Nov 2026 12:04:31 +0000\r\n"
                           "MIME-Version: 1.0\r\n"
                           "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
                           "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                           "Thank you for order %ld.\r\n";

/* Words in no order, which compress about as prose does. */
static void put_words(struct buf *b, size_t until, uint32_t seed)
{
    while (b->len < until) {
        seed = seed * 1664525 + 1013904223;
        buf_printf(b, "%s%x ", seed & 1 ? "<td style=\"padding:4px\">" : "", (seed >> 16) & 0xFFF);
        if (seed % 11 == 0)
            buf_append(b, SPAN("\r\n"));
    }
    b->len = until;
}

/* Made beforehand: making them costs more than storing them. */
static void make_sample(struct buf *raw, long number)
{
    buf_printf(raw, head, number, number, number * 7919, number);
    put_words(raw, MESSAGE_SIZE / 2, (uint32_t)number);
    buf_append(raw, SPAN("\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"));
    put_words(raw, MESSAGE_SIZE, (uint32_t)number + 1);
}

static struct mail_part part(const char *number, const char *type, size_t depth, uint64_t start)
{
    struct mail_part p = {
        .number = number,
        .content_type = type,
        .charset = depth ? "utf-8" : NULL,
        .depth = depth,
        .start = start,
        .end = start + 1700,
        .size = 1700,
    };
    if (depth)
        memset(p.sha256, 'a', sizeof(p.sha256) - 1);
    return p;
}

static void put_mail(struct store_delivery *d, long number)
{
    static struct store_recipient recipient = { .address = "ada@example.test" };
    static struct mail_address from = { "Shop", "app@shop.test" };
    static struct mail_address ada = { "Ada Lovelace", "ada@example.test" };
    struct mail_part *parts = arena_alloc(&d->arena, 3 * sizeof(*parts));
    parts[0] = part("0", "multipart/alternative", 0, 300);
    parts[1] = part("1", "text/plain", 1, 400);
    parts[2] = part("2", "text/html", 1, 2100);
    d->message = (struct store_message){
        .inbox_id = STORE_DEFAULT_INBOX,
        .received_at_ms = clock_now_ms(),
        .envelope = { .from = "app@shop.test", .recipients = &recipient, .recipient_count = 1, .body = "8BITMIME" },
        .client = { .ip = "127.0.0.1", .helo = "app" },
        .mail = {
            .from = { &from, 1 },
            .to = { &ada, 1 },
            .subject = arena_printf(&d->arena, "Your order %ld is on its way", number),
            .message_id = arena_printf(&d->arena, "%ld.%ld@shop.test", number, number * 7919),
            .has_date = true,
            .date_ms = clock_now_ms(),
            .preview = "Thank you for your order. It left our house today and will be with you "
                       "before the end of the week, unless it rains.",
            .parts = parts,
            .part_count = 3,
            .text_part = 1,
            .html_part = 2,
        },
    };
}

/* ---- a session as applications hold it ---- */

enum session_part { DIALOGUE, CLOSING };

static const struct line {
    enum session_part part;
    enum store_entry_kind kind;
    const char *text;
} lines[] = {
    { DIALOGUE, STORE_ENTRY_SERVER, "220 mailstop.test ESMTP Mailstop" },
    { DIALOGUE, STORE_ENTRY_CLIENT, "EHLO app" },
    { DIALOGUE, STORE_ENTRY_SERVER, "250-mailstop.test greets app" },
    { DIALOGUE, STORE_ENTRY_SERVER, "250-PIPELINING" },
    { DIALOGUE, STORE_ENTRY_SERVER, "250-SIZE 52428800" },
    { DIALOGUE, STORE_ENTRY_SERVER, "250-8BITMIME" },
    { DIALOGUE, STORE_ENTRY_SERVER, "250-ENHANCEDSTATUSCODES" },
    { DIALOGUE, STORE_ENTRY_SERVER, "250 SMTPUTF8" },
    { DIALOGUE, STORE_ENTRY_CLIENT, "MAIL FROM:<app@shop.test>" },
    { DIALOGUE, STORE_ENTRY_SERVER, "250 2.1.0 Ok" },
    { DIALOGUE, STORE_ENTRY_CLIENT, "RCPT TO:<ada@example.test>" },
    { DIALOGUE, STORE_ENTRY_SERVER, "250 2.1.5 Ok" },
    { DIALOGUE, STORE_ENTRY_CLIENT, "DATA" },
    { DIALOGUE, STORE_ENTRY_SERVER, "354 End data with <CR><LF>.<CR><LF>" },
    { DIALOGUE, STORE_ENTRY_DATA, "" },
    { CLOSING, STORE_ENTRY_SERVER, "250 2.0.0 Ok: stored as 1234567" },
    { CLOSING, STORE_ENTRY_CLIENT, "QUIT" },
    { CLOSING, STORE_ENTRY_SERVER, "221 2.0.0 Bye" },
};

static struct buf parts_of_session[CLOSING + 1];

static void make_session(void)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const struct store_entry e = {
            .kind = lines[i].kind, .at = i, .text = span_of(lines[i].text), .octets = MESSAGE_SIZE
        };
        entries_put(&parts_of_session[lines[i].part], &e);
    }
}

static void put_session(struct store_delivery *d, int64_t session_id)
{
    d->message.session_id = session_id;
    d->message.client.port = 50000;
    d->dialogue = buf_span(&parts_of_session[DIALOGUE]);
}

static void end_session(struct store *s, const struct store_delivery *d)
{
    struct store_report *r = store_report_new();
    r->session = (struct store_session){
        .id = d->message.session_id,
        .inbox_id = STORE_DEFAULT_INBOX,
        .started_at_ms = d->message.received_at_ms,
        .ended_at_ms = clock_now_ms(),
        .client = { .ip = "127.0.0.1", .port = 50000, .helo = "app" },
        .outcome = STORE_QUIT,
        .message_count = 1,
    };
    r->closing = buf_span(&parts_of_session[CLOSING]);
    store_session_report(s, r);
}

/* ---- the load ---- */

/* The number of the next message, or -1 if all are sent. */
static long next_number(struct bench *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->sent < b->total && b->in_flight == b->in_flight_max)
        pthread_cond_wait(&b->may_send, &b->lock);
    long number = b->sent < b->total ? b->sent++ : -1;
    b->in_flight += number >= 0;
    pthread_mutex_unlock(&b->lock);
    return number;
}

static void *send_all(void *arg)
{
    struct bench *b = arg;
    long number;
    while ((number = next_number(b)) >= 0) {
        struct store_delivery *d = store_delivery_new(&b->spools);
        if (spool_append(&d->raw, buf_span(&b->samples[number % SAMPLES])))
            abort();
        struct source raw = spool_source(&d->raw);
        struct mail_content content;
        put_mail(d, number);
        mail_read_content(&raw, &d->message.mail, &d->arena, &content);
        d->content = &content;
        put_session(d, store_session_id(b->store));
        d->reply_to = &b->settled;
        store_deliver(b->store, d);
    }
    return NULL;
}

static void land(struct bench *b, long count)
{
    pthread_mutex_lock(&b->lock);
    b->in_flight -= count;
    pthread_cond_broadcast(&b->may_send);
    pthread_mutex_unlock(&b->lock);
}

static void receive_all(struct bench *b)
{
    for (long received = 0; received < b->total;) {
        long count = 0;
        for (struct letter *l = mailbox_wait(&b->settled); l; count++) {
            struct store_delivery *d = container_of(l, struct store_delivery, letter);
            l = l->next;
            if (d->result)
                abort();
            end_session(b->store, d);
            store_delivery_free(d);
        }
        received += count;
        land(b, count);
    }
}

/* News is told once a commit. */
static void count_commit(void *arg)
{
    struct bench *b = arg;
    b->commits++;
}

static void run(struct bench *b)
{
    pthread_t threads[THREADS];
    store_news_listen(b->store, count_commit, b);
    uint64_t start = clock_steady_us();
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, send_all, b);
    receive_all(b);
    double seconds = (double)(clock_steady_us() - start) / 1e6;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    store_news_listen(b->store, NULL, NULL);
    printf("messages=%ld in_flight=%ld seconds=%.2f per_second=%.0f per_commit=%.1f\n", b->total,
           b->in_flight_max, seconds, (double)b->total / seconds,
           (double)b->total / (double)b->commits);
}

static long argument(int argc, char **argv, int index, long otherwise)
{
    uint64_t value;
    return argc > index && parse_u64(span_of(argv[index]), &value) ? (long)value : otherwise;
}

int main(int argc, char **argv)
{
    struct bench b = {
        .spools = { .dir = "/tmp", .max_bytes = UINT64_MAX },
        .total = argument(argc, argv, 1, 50000),
        .in_flight_max = argument(argc, argv, 2, 50),
    };
    struct store_config config = { .path = argc > 3 ? argv[3] : "/tmp/mailstop-bench.db" };
    struct buf why AUTO(buf_done) = { 0 };
    mail_init();
    if (store_open(&config, &b.store, &why)) {
        fprintf(stderr, "%s\n", buf_text(&why));
        return 1;
    }
    for (long i = 0; i < SAMPLES; i++)
        make_sample(&b.samples[i], i);
    make_session();
    pthread_mutex_init(&b.lock, NULL);
    pthread_cond_init(&b.may_send, NULL);
    mailbox_init(&b.settled, NULL, NULL);
    run(&b);
    mailbox_done(&b.settled);
    store_close(b.store);
    mail_done();
    for (long i = 0; i < SAMPLES; i++)
        buf_done(&b.samples[i]);
    return 0;
}
