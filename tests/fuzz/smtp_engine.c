/* Property: where the stream is cut changes neither replies nor events, and nothing crashes. */

#include "playback.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first two octets pick configuration and answers, the rest is what the client sends. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size >= 2)
        playback_check_cuts((struct span){ (const char *)data + 2, size - 2 },
                            data[0] | (unsigned)data[1] << 8);
    return 0;
}
