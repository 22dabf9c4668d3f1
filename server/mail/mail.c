#include "mail/mail.h"

#include <gmime/gmime.h>

void mail_init(void)
{
    g_mime_init();
}

void mail_done(void)
{
    g_mime_shutdown();
}
