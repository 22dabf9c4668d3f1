/* Property: where the stream is cut changes neither replies nor events, and nothing crashes. */

#include "playback.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first octet picks configuration and answers, the rest is what the client sends. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size > 0)
        playback_check_cuts((struct span){ (const char *)data + 1, size - 1 }, data[0]);
    return 0;
}
