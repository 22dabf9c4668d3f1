/* Property: where the stream is cut changes neither replies nor events, and nothing crashes. */

#include "playback.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first four octets pick configuration and answers, the rest is what the client sends. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    unsigned choice;
    if (size < sizeof(choice))
        return 0;
    memcpy(&choice, data, sizeof(choice));
    playback_check_cuts((struct span){ (const char *)data + sizeof(choice), size - sizeof(choice) },
                        choice);
    return 0;
}
