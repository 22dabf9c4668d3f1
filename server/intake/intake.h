#pragma once
/* What every message goes through on its way into the store, by whatever door it came in: it is
 * read, looked through for what a stricter server would mind, and given away. */

#include "mail/mail.h"
#include "smtp/proto/engine.h"
#include "store/store.h"

/* What was noticed at the door. */
struct intake_facts {
    unsigned notes;               /* enum smtp_note, of the transaction */
    struct smtp_note_lines lines; /* where the message has what they say of it */
    uint64_t declared_size;       /* SIZE= of MAIL; 0: none */
};

struct intake {
    struct store_delivery *delivery;
    struct arena scratch; /* of the content */
    struct mail_content content;
};

/* Reads what the delivery's `raw` holds: its message.mail and size are known from then on. */
void intake_read(struct intake *in, struct store_delivery *d);

/* Its envelope is known by now. The delivery comes back by its `reply_to`. Without facts the octets
 * are looked at for what can be noticed in them. */
void intake_give(struct intake *in, struct store *store, const struct intake_facts *facts);

/* In the place of intake_give(), if it goes no further; the delivery is still the caller's. */
void intake_drop(struct intake *in);
