#include "mail/mail.h"

#include "mail/value.h"

void mail_init(void)
{
    g_mime_init();
    value_init();
}

void mail_done(void)
{
    value_done();
    g_mime_shutdown();
}
