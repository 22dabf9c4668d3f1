#include "app.h"
#include "check.h"
#include "core/log.h"

#include <stdio.h>
#include <string.h>

extern char **environ;

enum { EXIT_USAGE = 2 };

static enum log_level level_of(const char *name)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return (enum log_level)i;
    return LOG_INFO;
}

static int (*const commands[])(const struct config *config) = {
    [CONFIG_SERVE] = app_run,
    [CONFIG_CHECK] = check_run,
};

int main(int argc, char *argv[])
{
    (void)argc;
    struct config config AUTO(config_done) = { 0 };
    struct buf text AUTO(buf_done) = { 0 };
    switch (config_load(argv, environ, &config, &text)) {
    case CONFIG_DONE: return fputs(buf_text(&text), stdout) < 0;
    case CONFIG_BAD: fprintf(stderr, "mailstop: %s\n", buf_text(&text)); return EXIT_USAGE;
    case CONFIG_RUN: break;
    }
    log_setup(level_of(config.log_level), strcmp(config.log_format, "json") == 0);
    return commands[config.command](&config);
}
