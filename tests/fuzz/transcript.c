/* Property: whatever a database holds for the pieces of a transcript, they are put together or
 * called damaged, and every entry lies within the pieces. */

#include "store/transcript.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int add(struct transcript *t, unsigned how, struct span piece)
{
    switch (how % 5) {
    case 0: return transcript_add(t, piece, 1);
    case 1: return transcript_add_later(t, piece);
    case 2: return transcript_add_transaction(t, piece, 2);
    case 3: return transcript_add_reply(t, piece);
    default: return transcript_add_later_reply(t, piece);
    }
}

/* Pieces: how, length, octets. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct arena arena AUTO(arena_done) = { 0 };
    struct transcript t = { .arena = &arena };
    struct store_transcript told;
    struct buf text AUTO(buf_done) = { 0 };
    while (size >= 2) {
        size_t len = data[1] < size - 2 ? data[1] : size - 2;
        int err = add(&t, data[0], (struct span){ (const char *)data + 2, len });
        if (err && err != -EBADMSG)
            abort();
        data += 2 + len;
        size -= 2 + len;
    }
    transcript_end(&t, &told);
    for (size_t i = 0; i < told.count; i++)
        buf_append(&text, told.items[i].text);
    return 0;
}
